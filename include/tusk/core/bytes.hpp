#pragma once

#include <tusk/version.hpp>

#include <concepts>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

namespace tusk::inline v0 {

using byte_view = std::span<const std::byte>;
using byte_span = std::span<std::byte>;

/// What a processor fetches from memory at once, on all that are common.
inline constexpr std::size_t cache_line = 64;

/// The bytes of a text, without its terminator. The view points into `text`.
inline byte_view to_bytes(std::string_view text) noexcept {
    return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

/// The bytes as text, whatever they are. The result points into `bytes`.
inline std::string_view to_text(byte_view bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// What can be looked at as bytes: texts, and spans and arrays of std::byte.
template<class T>
concept bytes_like = std::convertible_to<const T&, std::string_view> || std::convertible_to<const T&, byte_view>;

/// The bytes of it. The view points into `from`.
template<bytes_like T>
[[nodiscard]] byte_view view_bytes(const T& from) noexcept {
    if constexpr (std::convertible_to<const T&, std::string_view>)
        return to_bytes(from);
    else
        return from;
}

/// Copies all of `from` to the start of `to`, which must have room, and gives what is left of `to`.
inline byte_span put(byte_span to, byte_view from) noexcept {
    if (!from.empty())
        std::memcpy(to.data(), from.data(), from.size());
    return to.subspan(from.size());
}

/// True if both hold the same bytes.
inline bool same_bytes(byte_view a, byte_view b) noexcept {
    return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

} // namespace tusk::inline v0
