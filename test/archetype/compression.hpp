#pragma once

#include <tusk/concept/usable.hpp>
#include <tusk/core/registry.hpp>

#include <algorithm>

namespace archetype {

/// A compression that has what the concept asks for and nothing else: bytes that are all alike become one of them.
class bare_compression {
public:
    static constexpr std::uint8_t id = tusk::codec::user;

    explicit bare_compression(bool) noexcept {}
    bare_compression(const bare_compression&) = default;
    bare_compression& operator=(const bare_compression&) = delete;
    ~bare_compression() = default;

    static constexpr bool reads(std::uint8_t codec) noexcept { return codec == id; }

    std::size_t compress(tusk::byte_view in, tusk::byte_span out) const noexcept {
        if (in.empty() || out.empty() || std::count(in.begin(), in.end(), in[0]) != std::ssize(in))
            return 0;
        out[0] = in[0];
        return 1;
    }

    tusk::result<void> decompress(std::uint8_t, tusk::byte_view in, tusk::byte_span out) const noexcept {
        if (in.size() != 1)
            return tusk::errc::corrupt;
        std::fill(out.begin(), out.end(), in[0]);
        return tusk::success();
    }
};

static_assert(tusk::reads_what_it_writes<bare_compression>);
static_assert(!std::default_initializable<bare_compression>);
static_assert(!std::assignable_from<bare_compression&, const bare_compression&>);

} // namespace archetype
