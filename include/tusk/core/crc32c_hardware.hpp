#pragma once

#include <tusk/core/crc32c_software.hpp>

#if defined(__x86_64__)
#include <nmmintrin.h>
#include <wmmintrin.h>
#elif defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

namespace tusk::inline v0 {

#if defined(__x86_64__)

/// Words of eight bytes that one lane takes before the lanes are put together.
inline constexpr std::size_t crc32c_lane_words = 256;

/// `crc32c_shifts[n]` moves a checksum past `n` words of zeros: x^(64n - 33), for the carry-less product of two
/// reflected numbers comes out one bit too far, and taking it through the crc32 instruction adds 32 more.
inline constexpr auto crc32c_shifts = [] {
    std::array<std::uint32_t, 2 * crc32c_lane_words + 1> shifts{};
    shifts[1] = 1; // x^31
    for (std::size_t n = 2; n < shifts.size(); ++n) {
        std::uint32_t value = shifts[n - 1];
        for (int byte = 0; byte < 8; ++byte)
            value = (value >> 8) ^ crc32c_tables[0][value & 0xFF];
        shifts[n] = value;
    }
    return shifts;
}();

/// True if this processor can run crc32c_hardware().
[[nodiscard]] inline bool crc32c_has_hardware() noexcept {
    return __builtin_cpu_supports("sse4.2") && __builtin_cpu_supports("pclmul");
}

/// What crc32c() does where crc32c_has_hardware(). The instruction takes three cycles but one can begin in each, so
/// three lanes run side by side; a carry-less product moves the first two to where the third one ends.
[[nodiscard]] __attribute__((target("sse4.2,pclmul"))) inline std::uint32_t
crc32c_hardware(byte_view bytes, std::uint32_t seed = 0) noexcept {
    constexpr std::size_t least_lane_words = 4; // below, putting the lanes together costs more than they save
    const std::byte* at = bytes.data();
    std::size_t left = bytes.size();
    std::uint64_t crc = static_cast<std::uint32_t>(~seed);
    while (left >= 3 * 8 * least_lane_words) {
        const std::size_t words = left < 3 * 8 * crc32c_lane_words ? left / 24 : crc32c_lane_words;
        const std::size_t lane = 8 * words;
        std::uint64_t second = 0;
        std::uint64_t third = 0;
        for (const std::byte* const end = at + lane; at != end; at += 8) {
            crc = _mm_crc32_u64(crc, load_le<std::uint64_t>(at));
            second = _mm_crc32_u64(second, load_le<std::uint64_t>(at + lane));
            third = _mm_crc32_u64(third, load_le<std::uint64_t>(at + 2 * lane));
        }
        const __m128i shifts = _mm_set_epi64x(crc32c_shifts[words], crc32c_shifts[2 * words]);
        const __m128i sums = _mm_set_epi64x(static_cast<long long>(second), static_cast<long long>(crc));
        const __m128i moved =
            _mm_xor_si128(_mm_clmulepi64_si128(sums, shifts, 0x00), _mm_clmulepi64_si128(sums, shifts, 0x11));
        crc = _mm_crc32_u64(0, static_cast<std::uint64_t>(_mm_cvtsi128_si64(moved))) ^ third;
        at += 2 * lane;
        left -= 3 * lane;
    }
    for (; left >= 8; at += 8, left -= 8)
        crc = _mm_crc32_u64(crc, load_le<std::uint64_t>(at));
    auto rest = static_cast<std::uint32_t>(crc);
    if ((left & 4) != 0) {
        rest = _mm_crc32_u32(rest, load_le<std::uint32_t>(at));
        at += 4;
    }
    if ((left & 2) != 0) {
        rest = _mm_crc32_u16(rest, load_le<std::uint16_t>(at));
        at += 2;
    }
    if ((left & 1) != 0)
        rest = _mm_crc32_u8(rest, std::to_integer<std::uint8_t>(*at));
    return ~rest;
}

/// What crc32c_words() does where crc32c_has_hardware().
template<std::same_as<std::uint64_t>... Words>
[[nodiscard]] __attribute__((target("sse4.2"))) std::uint32_t crc32c_hardware_words(Words... words) noexcept {
    std::uint64_t crc = UINT32_MAX;
    ((crc = _mm_crc32_u64(crc, words)), ...);
    return ~static_cast<std::uint32_t>(crc);
}

#elif defined(__ARM_FEATURE_CRC32)

/// True if this processor can run crc32c_hardware().
[[nodiscard]] constexpr bool crc32c_has_hardware() noexcept { return true; }

/// What crc32c() does where crc32c_has_hardware().
[[nodiscard]] inline std::uint32_t crc32c_hardware(byte_view bytes, std::uint32_t seed = 0) noexcept {
    const std::byte* at = bytes.data();
    std::size_t left = bytes.size();
    std::uint32_t crc = ~seed;
    for (; left >= 8; at += 8, left -= 8)
        crc = __crc32cd(crc, load_le<std::uint64_t>(at));
    for (; left > 0; ++at, --left)
        crc = __crc32cb(crc, std::to_integer<std::uint8_t>(*at));
    return ~crc;
}

#else

/// True if this processor can run crc32c_hardware().
[[nodiscard]] constexpr bool crc32c_has_hardware() noexcept { return false; }

/// What crc32c() does where crc32c_has_hardware(): nowhere here.
[[nodiscard]] inline std::uint32_t crc32c_hardware(byte_view bytes, std::uint32_t seed = 0) noexcept {
    return crc32c_software(bytes, seed);
}

#endif

} // namespace tusk::inline v0
