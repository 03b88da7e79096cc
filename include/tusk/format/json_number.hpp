#pragma once

#include <tusk/core/bytes.hpp>
#include <tusk/core/types.hpp>

#include <array>
#include <cassert>
#include <charconv>
#include <limits>

namespace tusk::inline v0 {

/// Numbers as json_format writes them, each in one way: no sign, no leading zero, no fraction, no exponent.
namespace json_number {

inline constexpr std::size_t max_digits = 20; // of 2^64 - 1

[[nodiscard]] constexpr std::size_t size(std::uint64_t value) noexcept {
    std::size_t digits = 1;
    for (; value >= 10'000; value /= 10'000)
        digits += 4;
    return digits + (value >= 10 ? 1 : 0) + (value >= 100 ? 1 : 0) + (value >= 1000 ? 1 : 0);
}

/// Writes size(value) digits and gives the end of them.
inline char* put(char* to, std::uint64_t value) noexcept { return std::to_chars(to, to + max_digits, value).ptr; }

inline constexpr std::array<std::array<char, 2>, 100> pairs = [] {
    std::array<std::array<char, 2>, 100> out{};
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = {static_cast<char>('0' + i / 10), static_cast<char>('0' + i % 10)};
    return out;
}();

/// Writes the number to the right of a field, and spaces before it.
inline void put_right(char* to, std::size_t width, std::uint64_t value) noexcept {
    assert(size(value) <= width);
    std::memset(to, ' ', width);
    char* at = to + width;
    for (; value >= 100; value /= 100)
        std::memcpy(at -= 2, pairs[value % 100].data(), 2);
    *--at = pairs[value][1];
    if (value >= 10)
        *--at = pairs[value][0];
}

/// Reads what put() wrote at the start of `text`, as many digits as follow each other there. How many there are; 0 if
/// that is no number, or none that fits.
[[nodiscard]] inline std::size_t get(std::string_view text, std::uint64_t& value) noexcept {
    constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
    std::size_t digits = 0;
    value = 0;
    for (; digits < text.size(); ++digits) {
        const auto digit = static_cast<std::uint64_t>(static_cast<unsigned char>(text[digits])) - '0';
        if (digit > 9)
            break;
        if (digits >= max_digits - 1 && (digits == max_digits || value > (largest - digit) / 10))
            return 0;
        value = value * 10 + digit;
    }
    return digits > 1 && text.front() == '0' ? 0 : digits;
}

/// Reads what put_right() wrote, all of `field`.
[[nodiscard]] inline bool get_right(std::string_view field, std::uint64_t& value) noexcept {
    std::size_t at = 0;
    while (field.size() - at >= 8 && std::memcmp(field.data() + at, "        ", 8) == 0)
        at += 8;
    while (at < field.size() && field[at] == ' ')
        ++at;
    field.remove_prefix(at);
    return !field.empty() && get(field, value) == field.size();
}

/// Writes so many hexadecimal digits, in lower case.
inline char* put_hex(char* to, std::size_t digits, std::uint64_t value) noexcept {
    for (std::size_t i = digits; i > 0; --i, value >>= 4)
        to[i - 1] = "0123456789abcdef"[value & 15];
    return to + digits;
}

/// Reads what put_hex() wrote: at most 16 digits.
[[nodiscard]] inline bool get_hex(std::string_view text, std::uint64_t& value) noexcept {
    assert(text.size() <= 16);
    value = 0;
    for (const char c : text) {
        const bool letter = c >= 'a' && c <= 'f';
        if (!letter && (c < '0' || c > '9'))
            return false;
        value = value << 4 | static_cast<std::uint64_t>(letter ? c - 'a' + 10 : c - '0');
    }
    return !text.empty();
}

inline constexpr std::size_t checksum_digits = 8;

[[nodiscard]] inline bool get_checksum(std::string_view text, std::uint32_t& value) noexcept {
    std::uint64_t wide = 0;
    const bool there = text.size() == checksum_digits && get_hex(text, wide);
    value = static_cast<std::uint32_t>(wide);
    return there;
}

} // namespace json_number

} // namespace tusk::inline v0
