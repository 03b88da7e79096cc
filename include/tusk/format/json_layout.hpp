#pragma once

#include <tusk/core/crc32c.hpp>
#include <tusk/core/endian.hpp>
#include <tusk/core/frame.hpp>
#include <tusk/format/json_number.hpp>

#include <utility>

namespace tusk::inline v0 {

/// Where things are in a frame of json_format: the constants of format/README.md.
namespace json_layout {

inline constexpr std::uint32_t version = 1;

/// How every line begins, up to its version. No string can hold it, for its quotes are escaped there.
inline constexpr std::string_view beginning = R"({"tusk":)";
/// The header of a frame. What is blank or zero here is a field.
inline constexpr std::string_view header =
    R"({"tusk":1,"type":         ,"index":                    ,"count":        ,"size":            ,)"
    R"("lead":            ,"witness":                    ,"lead_crc":"00000000","crc":"00000000")";
inline constexpr std::size_t header_size = header.size();

/// A part of the header that differs from frame to frame.
struct field {
    std::size_t at;
    std::size_t size;

    [[nodiscard]] constexpr std::size_t end() const noexcept { return at + size; }
    [[nodiscard]] constexpr std::string_view in(std::string_view frame) const noexcept {
        return frame.substr(at, size);
    }
};

// Behind this text, up to the comma or quote.
[[nodiscard]] constexpr field field_behind(std::string_view text) noexcept {
    const std::size_t at = header.find(text) + text.size();
    return {at, header.find_first_not_of(" 0", at) - at};
}
inline constexpr field type_field = field_behind(R"("type":)");
inline constexpr field index_field = field_behind(R"("index":)");
inline constexpr field count_field = field_behind(R"("count":)");
inline constexpr field size_field = field_behind(R"("size":)");
inline constexpr field lead_field = field_behind(R"("lead":)");
inline constexpr field witness_field = field_behind(R"("witness":)");
inline constexpr field lead_checksum_field = field_behind(R"("lead_crc":")");
inline constexpr field checksum_field = field_behind(R"("crc":")");
inline constexpr std::array<field, 8> fields{type_field, index_field,   count_field,         size_field,
                                             lead_field, witness_field, lead_checksum_field, checksum_field};

/// The value of the type field, by frame_type.
inline constexpr std::array<std::string_view, 9> types{"",
                                                       R"("header" )",
                                                       R"("batch"  )",
                                                       R"("replace")",
                                                       R"("cut"    )",
                                                       R"("reset"  )",
                                                       R"("lost"   )",
                                                       R"("index"  )",
                                                       R"("pad"    )"};
/// What follows the version in the first line of a segment, in all versions.
inline constexpr std::string_view header_mark = R"(,"type":"header")";

/// How a line ends; what is before it in a batch, and behind a directory.
inline constexpr std::string_view end = "}\n";
inline constexpr std::string_view keep_name = R"(,"keep":)";
inline constexpr std::string_view entries_begin = R"(,"entries":[)";
inline constexpr std::string_view records_begin = R"(],"records":[)";
inline constexpr std::string_view records_end = "]}\n";

inline constexpr std::uint32_t max_entries = 1U << 20;
/// The most bytes of a key, and of data: as a string they fit what RapidJSON counts with.
inline constexpr std::uint64_t max_bytes = INT32_MAX;

// The place as the header's checksum takes it: log u64, segment u32, offset u64.
inline constexpr std::size_t place_size = 20;

static_assert(type_field.size == types[1].size() && types[8].size() == types[1].size());
static_assert(index_field.size == json_number::max_digits && witness_field.size == json_number::max_digits);
static_assert(max_entries < 100'000'000 && count_field.size == 8);
static_assert(size_field.size == 12 && lead_field.size == 12);
static_assert(lead_checksum_field.size == json_number::checksum_digits &&
              checksum_field.size == json_number::checksum_digits);
static_assert(checksum_field.end() + 1 == header_size, "the checksum covers all that is before it");
static_assert(beginning.size() == sizeof(std::uint64_t), "looked for as one word");

/// A header's checksum. A place goes in as 20 bytes, before what of the header is checked.
[[nodiscard]] inline std::uint32_t header_checksum(std::string_view frame, const frame_place& place) noexcept {
    const byte_view checked = to_bytes(frame.substr(0, checksum_field.at));
    if (type_field.in(frame) == types[static_cast<std::size_t>(frame_type::header)])
        return crc32c(checked);
    std::array<std::byte, place_size> bytes;
    store_le(bytes.data(), place.log);
    store_le(bytes.data() + 8, place.segment);
    store_le(bytes.data() + 12, place.offset);
    return crc32c(checked, crc32c(bytes));
}

[[nodiscard]] constexpr bool holds_entries(frame_type type) noexcept {
    return type == frame_type::batch || type == frame_type::replace;
}

/// True if the header, which is all there, says nothing but its fields.
[[nodiscard]] inline bool is_header(const char* frame) noexcept {
    // From field to field, each a comparison of so many bytes as the compiler knows.
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        constexpr auto from = [](std::size_t i) { return i == 0 ? 0 : fields[i - 1].end(); };
        constexpr auto to = [](std::size_t i) { return i == fields.size() ? header_size : fields[i].at; };
        return ((std::memcmp(frame + from(I), header.data() + from(I), to(I) - from(I)) == 0) && ...);
    }(std::make_index_sequence<fields.size() + 1>());
}

/// The type by what stands in its field.
[[nodiscard]] inline bool get_type(std::string_view text, frame_type& type) noexcept {
    for (std::size_t i = 1; i < types.size(); ++i)
        if (std::memcmp(text.data(), types[i].data(), type_field.size) == 0) {
            type = static_cast<frame_type>(i);
            return true;
        }
    return false;
}

} // namespace json_layout

} // namespace tusk::inline v0
