#pragma once

#include <tusk/core/crc32c_hardware.hpp>

namespace tusk::inline v0 {

/// The CRC-32C (Castagnoli) of `bytes`: 0 for none, 0xE3069283 for "123456789". Given the checksum of what lies before
/// as `seed`, it goes on: `crc32c(b, crc32c(a))` is that of both. Any change within 32 bits in a row changes it for
/// certain. Never blocks or allocates. Uses the instructions of the processor where it has them, which x86-64 is asked at
/// run time.
[[nodiscard]] inline std::uint32_t crc32c(byte_view bytes, std::uint32_t seed = 0) noexcept {
    return crc32c_has_hardware() ? crc32c_hardware(bytes, seed) : crc32c_software(bytes, seed);
}

/// The CRC-32C of these words, as store_le() would write them one behind the other. Headers are so short that it matters
/// that nothing has to be put together in memory.
template<std::same_as<std::uint64_t>... Words>
[[nodiscard]] std::uint32_t crc32c_words(Words... words) noexcept {
#if defined(__x86_64__)
    if (crc32c_has_hardware())
        return crc32c_hardware_words(words...);
#endif
    std::array<std::byte, sizeof...(Words) * sizeof(std::uint64_t)> bytes;
    std::byte* to = bytes.data();
    ((store_le(to, words), to += sizeof words), ...);
    return crc32c(bytes);
}

} // namespace tusk::inline v0
