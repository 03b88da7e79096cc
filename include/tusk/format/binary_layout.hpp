#pragma once

#include <tusk/core/crc32c.hpp>
#include <tusk/core/endian.hpp>
#include <tusk/core/frame.hpp>

#include <array>
#include <cassert>

namespace tusk::inline v0 {

/// Where things are in a frame of binary_format: the constants of format/README.md. Numbers are little-endian.
namespace binary_layout {

inline constexpr std::uint32_t version = 1;
inline constexpr std::size_t alignment = 8;

// The header of a frame.
inline constexpr std::size_t mark_at = 0;           // one byte: mark | frame_type
inline constexpr std::size_t count_at = 1;          // u24: entries; the version in a header frame; else 0
inline constexpr std::size_t body_size_at = 4;      // u32: without the padding
inline constexpr std::size_t first_index_at = 8;    // u64
inline constexpr std::size_t witness_at = 16;       // u64
inline constexpr std::size_t lead_checksum_at = 24; // u32: CRC-32C of the body as far as the lead goes
inline constexpr std::size_t checksum_at = 28;      // u32: CRC-32C of the place and what is above
inline constexpr std::size_t header_size = 32;

inline constexpr std::uint8_t mark = 0xF0;
inline constexpr std::uint8_t first_type = 1;
inline constexpr std::uint8_t last_type = 8;
inline constexpr std::uint32_t max_entries = (1U << 24) - 1;

// The body of a header frame begins with these bytes, the body of several entries with the size of their directory.
inline constexpr std::array<char, 8> magic{'T', 'U', 'S', 'K', 'W', 'A', 'L', '\n'};
inline constexpr std::size_t directory_size_at = header_size; // u32
inline constexpr std::size_t directory_size_size = 4;
inline constexpr std::size_t directory_at = directory_size_at + directory_size_size;

// The place as the header's checksum takes it: log u64, segment u32, offset u64.
inline constexpr std::size_t place_size = 20;

// Flags of an entry.
inline constexpr std::uint8_t has_key = 1;
inline constexpr std::uint8_t is_compressed = 2;
inline constexpr std::uint8_t has_kind = 4;
inline constexpr std::uint8_t known_flags = has_key | is_compressed | has_kind;

// In a directory: flags, term, time and size of a byte each, and a checksum; and everything at its longest.
inline constexpr std::size_t min_directory_entry = 4 + 4;
inline constexpr std::size_t max_directory_entry = 2 + 10 + 10 + 5 + 5 + 1 + 5 + 4;

static_assert(mark_at + 1 == count_at && count_at + 3 == body_size_at && body_size_at + 4 == first_index_at);
static_assert(first_index_at + 8 == witness_at && witness_at + 8 == lead_checksum_at);
static_assert(lead_checksum_at + 4 == checksum_at && checksum_at + 4 == header_size);
static_assert(header_size % alignment == 0);
static_assert(alignment == sizeof(std::uint64_t), "padding is written as one word");
static_assert(static_cast<std::uint8_t>(frame_type::header) == first_type);
static_assert(static_cast<std::uint8_t>(frame_type::pad) == last_type && last_type < 16);
static_assert(std::uint64_t{max_entries} * max_directory_entry < (std::uint64_t{1} << 30),
              "a full directory leaves 3 GiB of the body for keys and data");
static_assert(sizeof(std::size_t) >= 8, "a frame may be larger than 4 GiB");

/// A header's checksum. A place goes in as 20 bytes, before what of the header is checked.
[[nodiscard]] inline std::uint32_t header_checksum(const std::byte* header, const frame_place& place) noexcept {
    if (header[mark_at] == static_cast<std::byte>(mark | static_cast<std::uint8_t>(frame_type::header)))
        return crc32c({header, checksum_at});
    static_assert(place_size + checksum_at == 6 * sizeof(std::uint64_t), "taken in whole words");
    // Fields are loaded as they are stored, for a load that spans several stores would wait for all of them to finish.
    const std::uint64_t body_size = load_le<std::uint32_t>(header + body_size_at);
    const auto first_index = load_le<std::uint64_t>(header + first_index_at);
    const auto witness = load_le<std::uint64_t>(header + witness_at);
    const std::uint64_t lead_checksum = load_le<std::uint32_t>(header + lead_checksum_at);
    return crc32c_words(place.log, place.segment | (place.offset << 32),
                        (place.offset >> 32) | (std::uint64_t{load_le<std::uint32_t>(header)} << 32),
                        body_size | (first_index << 32), (first_index >> 32) | (witness << 32),
                        (witness >> 32) | (lead_checksum << 32));
}

/// The size of a frame with such a body, its header and padding included.
[[nodiscard]] constexpr std::size_t frame_size(std::size_t body_size) noexcept {
    return (header_size + body_size + alignment - 1) / alignment * alignment;
}

[[nodiscard]] inline std::uint32_t load_count(const std::byte* header) noexcept {
    return load_le<std::uint32_t>(header) >> 8;
}

[[nodiscard]] inline std::size_t load_body_size(const std::byte* header) noexcept {
    return load_le<std::uint32_t>(header + body_size_at);
}

/// True if the byte may begin a frame.
[[nodiscard]] constexpr bool begins_frame(std::byte first) noexcept {
    const auto value = std::to_integer<unsigned>(first);
    return value >= (unsigned{mark} | first_type) && value <= (unsigned{mark} | last_type);
}

/// True if there is nothing but zeros in so many whole words.
[[nodiscard]] inline bool all_zero(byte_view words) noexcept {
    assert(words.size() % alignment == 0);
    for (std::size_t at = 0; at < words.size(); at += alignment)
        if (load_le<std::uint64_t>(words.data() + at) != 0)
            return false;
    return true;
}

} // namespace binary_layout

} // namespace tusk::inline v0
