#pragma once

#include <tusk/core/bytes.hpp>
#include <tusk/core/endian.hpp>

#include <array>
#include <cstdint>

namespace tusk::inline v0 {

/// The Castagnoli polynomial with its bits reversed: bit 31 is x^0, as everywhere in a reflected CRC.
inline constexpr std::uint32_t crc32c_polynomial = 0x82F63B78;

/// `crc32c_tables[k][b]`: what the byte `b` adds to the checksum once `k` more bytes have followed it.
inline constexpr auto crc32c_tables = [] {
    std::array<std::array<std::uint32_t, 256>, 8> tables{};
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
        std::uint32_t crc = byte;
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ ((crc & 1) != 0 ? crc32c_polynomial : 0);
        tables[0][byte] = crc;
    }
    for (std::size_t k = 1; k < 8; ++k)
        for (std::size_t byte = 0; byte < 256; ++byte)
            tables[k][byte] = (tables[k - 1][byte] >> 8) ^ tables[0][tables[k - 1][byte] & 0xFF];
    return tables;
}();

/// What crc32c() does where the processor has no instruction for it: eight table look-ups for eight bytes.
[[nodiscard]] inline std::uint32_t crc32c_software(byte_view bytes, std::uint32_t seed = 0) noexcept {
    const std::byte* at = bytes.data();
    std::size_t left = bytes.size();
    std::uint32_t crc = ~seed;
    for (; left >= 8; at += 8, left -= 8) {
        const std::uint64_t word = load_le<std::uint64_t>(at) ^ crc;
        const auto look_up = [word](std::size_t i) { return crc32c_tables[7 - i][(word >> (8 * i)) & 0xFF]; };
        crc = look_up(0) ^ look_up(1) ^ look_up(2) ^ look_up(3) ^ look_up(4) ^ look_up(5) ^ look_up(6) ^ look_up(7);
    }
    for (; left > 0; ++at, --left)
        crc = (crc >> 8) ^ crc32c_tables[0][(crc ^ std::to_integer<std::uint32_t>(*at)) & 0xFF];
    return ~crc;
}

} // namespace tusk::inline v0
