#pragma once

#include <tusk/core/bytes.hpp>
#include <tusk/core/endian.hpp>

#include <bit>
#include <cstddef>

namespace tusk::inline v0 {

/// Eight bytes at once, as load_le() loads them. A mask has the highest bit of those bytes set for which it holds.
namespace json_word {

inline constexpr std::uint64_t ones = 0x0101010101010101;
inline constexpr std::uint64_t high = ones << 7;

/// Bytes that are no ASCII.
[[nodiscard]] constexpr std::uint64_t foreign(std::uint64_t word) noexcept { return word & high; }

/// Bytes that are `c`, which is ASCII.
[[nodiscard]] constexpr std::uint64_t equal(std::uint64_t word, char c) noexcept {
    const std::uint64_t different = (word & ~high) ^ (ones * static_cast<unsigned char>(c));
    return ~((different + (ones * 0x7F)) | word) & high; // no sum reaches the next byte
}

/// Bytes below 32.
[[nodiscard]] constexpr std::uint64_t controls(std::uint64_t word) noexcept {
    return ~(((word & ~high) + (ones * 0x60)) | word) & high;
}

/// Quotes and backslashes.
[[nodiscard]] constexpr std::uint64_t quoted(std::uint64_t word) noexcept {
    return equal(word, '"') | equal(word, '\\');
}

/// True if there is nothing but ASCII that can stand in a JSON string as it is. Cheaper than asking for each mask.
[[nodiscard]] constexpr bool plain(std::uint64_t word) noexcept {
    // Of what a difference borrows from the next byte, there is none before the first byte that is not plain.
    return ((word | (word - ones * ' ') | ((word ^ (ones * '"')) - ones) | ((word ^ (ones * '\\')) - ones)) & high) ==
           0;
}

/// The bytes of words that are plain, one behind the other, at the start of `bytes`.
[[nodiscard]] inline std::size_t plain_words(byte_view bytes) noexcept {
    std::size_t at = 0;
    while (bytes.size() - at >= 8 && plain(load_le<std::uint64_t>(bytes.data() + at)))
        at += 8;
    return at;
}

/// How many bytes the mask has.
[[nodiscard]] constexpr unsigned count(std::uint64_t mask) noexcept {
    return static_cast<unsigned>(((mask >> 7) * ones) >> 56);
}

/// The first byte that the mask has; it has one.
[[nodiscard]] constexpr unsigned first(std::uint64_t mask) noexcept {
    return static_cast<unsigned>(std::countr_zero(mask)) / 8;
}

/// Up to where several plain words follow each other, or to the end.
[[nodiscard]] inline std::size_t until_plain(byte_view bytes) noexcept {
    constexpr std::size_t several = 4 * 8;
    std::size_t at = 0;
    while (bytes.size() - at >= several) {
        const std::size_t plain_here = plain_words(bytes.subspan(at, several));
        if (plain_here == several)
            return at;
        at += plain_here + 8;
    }
    return bytes.size();
}

} // namespace json_word

} // namespace tusk::inline v0
