#pragma once

#include <tusk/core/crc32c.hpp>
#include <tusk/core/endian.hpp>
#include <tusk/core/frame.hpp>

#include <protozero/types.hpp>

#include <array>

namespace tusk::inline v0 {

/// Where things are in a frame of protobuf_format: the constants of format/README.md, and the fields of tusk.proto.
namespace protobuf_layout {

inline constexpr std::uint32_t version = 1;
inline constexpr std::size_t alignment = 8;

// The header of a frame: the message's length, then the fields that every frame has, each with its tag before it.
inline constexpr std::size_t length_size = 5; // a varint of 5 bytes, whatever the length
inline constexpr std::size_t type_at = 6;
inline constexpr std::size_t count_at = 8;
inline constexpr std::size_t first_index_at = 13;
inline constexpr std::size_t witness_at = 22;
inline constexpr std::size_t lead_at = 31;          // fixed32: bytes from the frame's start to the end of its lead
inline constexpr std::size_t lead_checksum_at = 36; // fixed32: CRC-32C from the header's end to the end of the lead
inline constexpr std::size_t checksum_at = 41;      // fixed32: CRC-32C of the place and the first 40 bytes
inline constexpr std::size_t header_size = 45;
inline constexpr std::size_t checked_size = 40;
inline constexpr std::size_t place_size = 24; // as the checksum takes it: log, segment, offset, 8 bytes each

inline constexpr std::uint8_t first_type = 1;
inline constexpr std::uint8_t last_type = 8;
inline constexpr std::uint32_t max_entries = (1U << 23) - 1;
inline constexpr std::uint64_t max_message = 0x7FFF'FFFF; // what the libraries take

/// Tags of one byte each. Their order is the order of the fields on disk.
namespace tag {
using protozero::pbf_wire_type;
[[nodiscard]] constexpr std::uint8_t of(std::uint32_t field, pbf_wire_type type) noexcept {
    return static_cast<std::uint8_t>(protozero::tag_and_type(field, type));
}
// Frame
inline constexpr std::uint8_t type = of(1, pbf_wire_type::varint);
inline constexpr std::uint8_t count = of(2, pbf_wire_type::fixed32);
inline constexpr std::uint8_t first_index = of(3, pbf_wire_type::fixed64);
inline constexpr std::uint8_t witness = of(4, pbf_wire_type::fixed64);
inline constexpr std::uint8_t lead = of(5, pbf_wire_type::fixed32);
inline constexpr std::uint8_t lead_checksum = of(6, pbf_wire_type::fixed32);
inline constexpr std::uint8_t checksum = of(7, pbf_wire_type::fixed32);
inline constexpr std::uint8_t header = of(8, pbf_wire_type::length_delimited);
inline constexpr std::uint8_t cut = of(9, pbf_wire_type::length_delimited);
inline constexpr std::uint8_t reset = of(10, pbf_wire_type::length_delimited);
inline constexpr std::uint8_t lost = of(11, pbf_wire_type::length_delimited);
inline constexpr std::uint8_t index = of(12, pbf_wire_type::length_delimited);
inline constexpr std::uint8_t entry = of(13, pbf_wire_type::length_delimited);
inline constexpr std::uint8_t record = of(14, pbf_wire_type::length_delimited);
inline constexpr std::uint8_t padding = of(15, pbf_wire_type::length_delimited);
// Header, Cut, Reset, Lost: numbers are fixed64, field after field
inline constexpr std::uint8_t magic = of(1, pbf_wire_type::length_delimited);
inline constexpr std::uint8_t version = of(2, pbf_wire_type::fixed32);
[[nodiscard]] constexpr std::uint8_t number(std::size_t field) noexcept {
    return of(static_cast<std::uint32_t>(field), pbf_wire_type::fixed64);
}
// Entry
inline constexpr std::uint8_t term = of(1, pbf_wire_type::varint);
inline constexpr std::uint8_t time = of(2, pbf_wire_type::fixed64);
inline constexpr std::uint8_t kind = of(3, pbf_wire_type::varint);
inline constexpr std::uint8_t codec = of(4, pbf_wire_type::varint);
inline constexpr std::uint8_t raw_size = of(5, pbf_wire_type::varint);
inline constexpr std::uint8_t key_size = of(6, pbf_wire_type::varint);
inline constexpr std::uint8_t data_size = of(7, pbf_wire_type::varint);
inline constexpr std::uint8_t entry_checksum = of(8, pbf_wire_type::fixed32);
// Record
inline constexpr std::uint8_t key = of(1, pbf_wire_type::length_delimited);
inline constexpr std::uint8_t data = of(2, pbf_wire_type::length_delimited);
} // namespace tag

// What a header frame begins with, behind its header: the message's tag and size, then magic and version.
inline constexpr std::array<char, 8> magic{'T', 'U', 'S', 'K', 'W', 'A', 'L', '\n'};
inline constexpr std::size_t magic_at = header_size + 2 + 2;
inline constexpr std::size_t version_at = magic_at + magic.size() + 1; // fixed32
inline constexpr std::size_t header_numbers_at = version_at + 4;
inline constexpr std::size_t first_header_field = 3; // of the first number

// The smaller messages have sizes of one byte.
inline constexpr std::size_t number_size = 1 + 8;
inline constexpr std::size_t max_numbers = 12;
inline constexpr std::size_t cut_size = 2 + number_size;

// Padding is a tag, its size in one byte, and up to 7 zeros. In a pad its size has five bytes, for there it may be any.
inline constexpr std::size_t min_padding = 2;
inline constexpr std::size_t max_padding = min_padding + alignment - 1;
inline constexpr std::size_t pad_lead = header_size + 1 + length_size;
inline constexpr std::size_t min_pad = (pad_lead + alignment - 1) / alignment * alignment;

// An entry among several, with its tag and size: the checksum alone, and everything at its longest. And what stands around
// key and data.
inline constexpr std::size_t min_entry = 2 + 5;
inline constexpr std::size_t max_entry = 2 + 11 + 9 + 3 + 3 + 6 + 6 + 6 + 5;
inline constexpr std::size_t max_record_head = 3 * (1 + 5);

static_assert(length_size + 1 == type_at && type_at + 2 == count_at && count_at + 4 + 1 == first_index_at);
static_assert(first_index_at + 8 + 1 == witness_at && witness_at + 8 + 1 == lead_at);
static_assert(lead_at + 4 + 1 == lead_checksum_at && lead_checksum_at + 4 == checked_size);
static_assert(checked_size + 1 == checksum_at && checksum_at + 4 == header_size);
static_assert((place_size + checked_size) % 8 == 0, "the header's checksum is taken in whole words");
static_assert(header_numbers_at - header_size + max_numbers * number_size < 128 &&
                  first_header_field + max_numbers < 16,
              "the message of a header frame has a size of one byte, and so have the tags in it");
static_assert(max_entry < 128);
static_assert(static_cast<std::uint8_t>(frame_type::header) == first_type);
static_assert(static_cast<std::uint8_t>(frame_type::pad) == last_type);
static_assert(std::uint64_t{max_entries} * (max_entry + max_record_head) + (std::uint64_t{5} << 28) + 4096 <
                  max_message,
              "a frame with the most entries leaves 1.25 GiB for keys and data");
static_assert(sizeof(std::size_t) >= 8, "a frame may be larger than 2 GiB");

[[nodiscard]] constexpr bool holds_entries(frame_type type) noexcept {
    return type == frame_type::batch || type == frame_type::replace;
}

/// A number as a varint of five bytes, lowest first, which parsers take for what it is worth. Below 2^31.
[[nodiscard]] constexpr std::uint64_t spread(std::uint64_t value) noexcept {
    return (value & 0x7F) | (value << 1 & 0x7F00) | (value << 2 & 0x7F'0000) | (value << 3 & 0x7F00'0000) |
           (value << 4 & 0x7'0000'0000) | 0x8080'8080;
}
/// The number that spread() made into `bytes`, whatever lies above them.
[[nodiscard]] constexpr std::uint64_t gather(std::uint64_t bytes) noexcept {
    return (bytes & 0x7F) | (bytes >> 1 & 0x3F80) | (bytes >> 2 & 0x1F'C000) | (bytes >> 3 & 0xFE0'0000) |
           (bytes >> 4 & 0x7000'0000);
}
static_assert(gather(spread(max_message)) == max_message && gather(spread(0x1234'5678)) == 0x1234'5678);

/// True if there is nothing but zeros.
[[nodiscard]] inline bool all_zero(byte_view bytes) noexcept {
    std::size_t at = 0;
    for (; bytes.size() - at >= 8; at += 8)
        if (load_le<std::uint64_t>(bytes.data() + at) != 0)
            return false;
    for (; at < bytes.size(); ++at)
        if (bytes[at] != std::byte{0})
            return false;
    return true;
}

} // namespace protobuf_layout

} // namespace tusk::inline v0
