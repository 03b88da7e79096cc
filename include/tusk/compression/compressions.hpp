#pragma once

#include <tusk/concept/usable.hpp>
#include <tusk/core/registry.hpp>

#include <tuple>

namespace tusk::inline v0 {

/// Several codecs in one log. Records are compressed with the first, unless they or their append choose another:
/// `log.append(record_view(text).compress(codec::lz4))`. With no_compression as the first, only those are compressed that
/// ask for it. Reads what any of them reads. What each codec allocates and needs is said with it.
template<reads_what_it_writes First, reads_what_it_writes... More>
class compressions {
public:
    static constexpr std::uint8_t id = First::id;

    compressions() = default;
    /// With numbers of their own: compressions(zstd_compression{.level = 9}, lz4_compression()).
    explicit compressions(First first, More... more) noexcept : codecs_(std::move(first), std::move(more)...) {}

    [[nodiscard]] static constexpr bool reads(std::uint8_t codec) noexcept {
        return First::reads(codec) || (More::reads(codec) || ...);
    }
    [[nodiscard]] static constexpr bool writes(std::uint8_t codec) noexcept {
        return may_write<First>(codec) || (may_write<More>(codec) || ...);
    }

    [[nodiscard]] std::size_t compress(byte_view in, byte_span out) const noexcept {
        return std::get<0>(codecs_).compress(in, out);
    }
    /// With the codec of that id; 0 if there is none, or it does not fit.
    [[nodiscard]] std::size_t compress(std::uint8_t codec, byte_view in, byte_span out) const noexcept {
        return std::apply(
            [&](const auto&... one) {
                std::size_t size = 0;
                (void)((one.id == codec && (size = one.compress(in, out), true)) || ...);
                return size;
            },
            codecs_);
    }

    /// errc::wrong_compression if none of them reads the codec.
    [[nodiscard]] result<void> decompress(std::uint8_t codec, byte_view in, byte_span out) const noexcept {
        return std::apply(
            [&](const auto&... one) {
                result<void> done = errc::wrong_compression;
                (void)((one.reads(codec) && (done = one.decompress(codec, in, out), true)) || ...);
                return done;
            },
            codecs_);
    }

private:
    template<class C>
    static constexpr bool is_single = !compression_choice<C>;
    static_assert(is_single<First> && (is_single<More> && ...), "name the codecs side by side, in one list");
    static_assert(
        written_codecs<First>() + (written_codecs<More>() + ... + 0) ==
            []() consteval {
                std::size_t count = 0;
                for (unsigned codec = 1; codec < 256; ++codec)
                    count += writes(static_cast<std::uint8_t>(codec)) ? 1U : 0U;
                return count;
            }(),
        "two codecs have the same id");

    std::tuple<First, More...> codecs_;
};

} // namespace tusk::inline v0
