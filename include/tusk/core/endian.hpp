#pragma once

#include <tusk/core/bytes.hpp>

#include <bit>
#include <concepts>
#include <cstdint>

namespace tusk::inline v0 {

static_assert(std::endian::native == std::endian::little || std::endian::native == std::endian::big,
              "mixed-endian machines are not supported");

/// Writes `value` at `to`, least significant byte first. `to` needs no alignment and must have room.
template<std::unsigned_integral T>
void store_le(std::byte* to, T value) noexcept {
    if constexpr (std::endian::native == std::endian::little)
        std::memcpy(to, &value, sizeof value);
    else
        for (std::size_t i = 0; i < sizeof value; ++i)
            to[i] = static_cast<std::byte>(value >> (8 * i));
}

/// Reads what `store_le` wrote.
template<std::unsigned_integral T>
[[nodiscard]] T load_le(const std::byte* from) noexcept {
    T value{};
    if constexpr (std::endian::native == std::endian::little)
        std::memcpy(&value, from, sizeof value);
    else
        for (std::size_t i = 0; i < sizeof value; ++i)
            value |= static_cast<T>(static_cast<T>(std::to_integer<std::uint8_t>(from[i])) << (8 * i));
    return value;
}

} // namespace tusk::inline v0
