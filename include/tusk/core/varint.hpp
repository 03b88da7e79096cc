#pragma once

#include <tusk/core/bytes.hpp>

#include <bit>
#include <cstdint>

namespace tusk::inline v0 {

/// The most bytes of a varint.
inline constexpr std::size_t max_varint_size = 10;

/// How many bytes put_varint() writes, 1 to 10.
[[nodiscard]] constexpr std::size_t varint_size(std::uint64_t value) noexcept {
    return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
}

/// Writes `value` in LEB128, seven bits a byte, lowest first, and gives where it ends. `to` must have room.
constexpr std::byte* put_varint(std::byte* to, std::uint64_t value) noexcept {
    for (; value >= 0x80; value >>= 7)
        *to++ = static_cast<std::byte>(value | 0x80);
    *to++ = static_cast<std::byte>(value);
    return to;
}

/// Reads what put_varint() wrote from `in[at]` on, and moves `at` behind it. False, with `at` and `value` as they were,
/// if it is cut short, holds more than 64 bits, or is longer than it need be: each number has one encoding.
[[nodiscard]] constexpr bool get_varint(byte_view in, std::size_t& at, std::uint64_t& value) noexcept {
    std::uint64_t sum = 0;
    unsigned shift = 0;
    for (std::size_t i = at; i < in.size() && shift < 64; ++i, shift += 7) {
        const auto byte = std::to_integer<std::uint64_t>(in[i]);
        sum |= (byte & 0x7F) << shift;
        if (byte >= 0x80)
            continue;
        if ((byte == 0 && shift != 0) || (shift == 63 && byte > 1))
            return false;
        at = i + 1;
        value = sum;
        return true;
    }
    return false;
}

/// Folds a difference, negative ones modulo 2^64, into a number that is small where the difference is near 0.
[[nodiscard]] constexpr std::uint64_t zigzag(std::uint64_t difference) noexcept {
    return (difference << 1) ^ (0 - (difference >> 63));
}

/// The difference that zigzag() folded.
[[nodiscard]] constexpr std::uint64_t unzigzag(std::uint64_t folded) noexcept {
    return (folded >> 1) ^ (0 - (folded & 1));
}

} // namespace tusk::inline v0
