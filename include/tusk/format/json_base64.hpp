#pragma once

#include <tusk/core/bytes.hpp>
#include <tusk/core/frame.hpp>

#include <array>
#include <cstdint>

namespace tusk::inline v0 {

/// Base64 as RFC 4648 has it: the standard alphabet, padded, and every text that is not as put() writes it is refused.
namespace json_base64 {

inline constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

[[nodiscard]] constexpr std::uint64_t size(std::uint64_t bytes) noexcept { return (bytes + 2) / 3 * 4; }

// Two characters for each twelve bits.
inline constexpr std::array<std::array<char, 2>, 4096> pairs = [] {
    std::array<std::array<char, 2>, 4096> out{};
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = {alphabet[i / 64], alphabet[i % 64]};
    return out;
}();

// What a character stands for; 64 if for nothing.
inline constexpr std::array<std::uint8_t, 256> values = [] {
    std::array<std::uint8_t, 256> out{};
    out.fill(64);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        out[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return out;
}();

inline char* put_three(char* to, std::uint32_t bits) noexcept {
    std::memcpy(to, pairs[bits >> 12].data(), 2);
    std::memcpy(to + 2, pairs[bits & 0xFFF].data(), 2);
    return to + 4;
}

/// Writes size(bytes.size()) characters.
inline char* put(char* to, const pieces_view& bytes) noexcept {
    std::uint32_t bits = 0;
    unsigned held = 0; // bytes in them
    bytes.for_each([&](byte_view piece) {
        const auto* from = reinterpret_cast<const unsigned char*>(piece.data());
        std::size_t left = piece.size();
        for (; left > 0 && held != 0; --left) {
            bits = bits << 8 | *from++;
            if (++held == 3) {
                to = put_three(to, bits);
                bits = held = 0;
            }
        }
        for (; left >= 3; left -= 3, from += 3)
            to = put_three(to, std::uint32_t{from[0]} << 16 | std::uint32_t{from[1]} << 8 | from[2]);
        for (; left > 0; --left, ++held)
            bits = bits << 8 | *from++;
    });
    if (held == 0)
        return to;
    to = put_three(to, bits << (held == 1 ? 16 : 8));
    to[-1] = '=';
    if (held == 1)
        to[-2] = '=';
    return to;
}

/// Reads size(out.size()) characters, all of `text`, into `out`.
[[nodiscard]] inline bool get(std::string_view text, byte_span out) noexcept {
    if (text.size() != size(out.size()))
        return false;
    const auto* from = reinterpret_cast<const unsigned char*>(text.data());
    std::byte* to = out.data();
    std::size_t left = out.size();
    unsigned wrong = 0;
    const auto four = [&] {
        const std::uint32_t a = values[from[0]], b = values[from[1]], c = values[from[2]], d = values[from[3]];
        wrong |= a | b | c | d;
        from += 4;
        return a << 18 | b << 12 | c << 6 | d;
    };
    for (; left >= 3; left -= 3, to += 3) {
        const std::uint32_t bits = four();
        to[0] = static_cast<std::byte>(bits >> 16);
        to[1] = static_cast<std::byte>(bits >> 8);
        to[2] = static_cast<std::byte>(bits);
    }
    if (wrong >= 64)
        return false;
    if (left == 0)
        return true;
    // The last one or two bytes, by writing them again: padding and the bits that must be zero are checked with them.
    const std::uint32_t first = values[from[0]], second = values[from[1]], third = values[from[2]];
    to[0] = static_cast<std::byte>(first << 2 | second >> 4);
    if (left == 2)
        to[1] = static_cast<std::byte>(second << 4 | third >> 2);
    std::array<char, 4> again;
    put(again.data(), pieces_view(byte_view(to, left)));
    return std::memcmp(again.data(), from, again.size()) == 0;
}

} // namespace json_base64

} // namespace tusk::inline v0
