#pragma once

#include <tusk/concept/compression.hpp>
#include <tusk/core/registry.hpp>

#include <lz4.h>

#include <algorithm>
#include <limits>

namespace tusk::inline v0 {

/// LZ4 blocks: a little smaller for very little time. Also opens logs whose data is stored as it is. Allocates nothing;
/// compress() takes 16 KiB of the stack. Needs liblz4, any version from 1.7.3 on.
struct lz4_compression {
    static constexpr std::uint8_t id = codec::lz4;

    /// Speed for size: each step is some percent faster and compresses less. 1 is LZ4's own default; at least 1.
    int acceleration = 1;

    [[nodiscard]] static constexpr bool reads(std::uint8_t codec) noexcept { return codec == id; }

    [[nodiscard]] std::size_t compress(byte_view in, byte_span out) const noexcept {
        if (in.size() > LZ4_MAX_INPUT_SIZE)
            return 0;
        const int room = static_cast<int>(std::min(out.size(), most));
        return static_cast<std::size_t>(
            LZ4_compress_fast(chars(in.data()), chars(out.data()), static_cast<int>(in.size()), room, acceleration));
    }

    [[nodiscard]] result<void> decompress(std::uint8_t codec, byte_view in, byte_span out) const noexcept {
        if (codec != id)
            return errc::wrong_compression;
        if (in.size() > most || out.size() > most)
            return errc::corrupt;
        const int size = static_cast<int>(out.size());
        if (LZ4_decompress_safe(chars(in.data()), chars(out.data()), static_cast<int>(in.size()), size) != size)
            return errc::corrupt;
        return success();
    }

private:
    static constexpr std::size_t most = std::numeric_limits<int>::max();

    static const char* chars(const std::byte* bytes) noexcept { return reinterpret_cast<const char*>(bytes); }
    static char* chars(std::byte* bytes) noexcept { return reinterpret_cast<char*>(bytes); }
};

} // namespace tusk::inline v0
