#pragma once

#include <tusk/format/binary.hpp>
#include <tusk/format/json.hpp>
#include <tusk/format/protobuf.hpp>
#include <tusk/log/state_file.hpp>

#include <algorithm>
#include <array>

namespace fuzz {

/// Makes the checksums of what the fuzzer has changed right again, so that it gets behind them.
namespace mending {

using namespace tusk;

/// Puts the lead's checksum, and then the header's, into a frame at the start of `frame`; its lead is `lead` bytes, at
/// most all of it.
template<format Format>
void seal(byte_span frame, std::size_t lead, const frame_place& place) {
    if constexpr (std::same_as<Format, binary_format>) {
        using namespace binary_layout;
        const std::size_t end = std::min(lead, header_size + load_body_size(frame.data()));
        if (end >= header_size && end <= frame.size())
            store_le(frame.data() + lead_checksum_at, crc32c(byte_view(frame).subspan(header_size, end - header_size)));
        store_le(frame.data() + checksum_at, header_checksum(frame.data(), place));
    } else if constexpr (std::same_as<Format, protobuf_format>) {
        using namespace protobuf_layout;
        if (lead >= header_size && lead <= frame.size())
            store_le(frame.data() + lead_checksum_at,
                     crc32c(byte_view(frame).subspan(header_size, lead - header_size)));
        store_le(frame.data() + checksum_at, protobuf_header(frame.data()).checksum(place));
    } else {
        using namespace json_layout;
        char* const text = reinterpret_cast<char*>(frame.data());
        if (lead >= header_size && lead <= frame.size())
            json_number::put_hex(text + lead_checksum_field.at, lead_checksum_field.size,
                                 crc32c(byte_view(frame).subspan(header_size, lead - header_size)));
        json_number::put_hex(text + checksum_field.at, checksum_field.size,
                             header_checksum(to_text(byte_view(frame)), place));
    }
}

/// True if the bytes, of which there are enough, look like the header of a frame.
template<format Format>
bool looks_like_a_frame(byte_view bytes) {
    if constexpr (std::same_as<Format, binary_format>)
        return binary_layout::begins_frame(bytes.front());
    else if constexpr (std::same_as<Format, protobuf_format>)
        return protobuf_header::begins_frame(load_le<std::uint64_t>(bytes.data()));
    else
        return json_layout::is_header(to_text(bytes).data());
}

/// Puts the checksum of the entry that next() has just read to where it stands in the frame's lead.
template<format Format>
void put_entry_checksum(byte_span lead, const frame_cursor& cursor, bool is_last, std::uint32_t checksum) {
    if constexpr (std::same_as<Format, json_format>) {
        constexpr std::string_view name = "\"crc\":\"";
        const std::string_view text = to_text(lead);
        const std::size_t at = text.rfind(name, is_last ? text.size() : cursor.at);
        if (at != text.npos && at >= json_layout::header_size &&
            text.size() - at >= name.size() + json_number::checksum_digits)
            json_number::put_hex(reinterpret_cast<char*>(lead.data()) + at + name.size(), json_number::checksum_digits,
                                 checksum);
    } else if (cursor.at >= 4 && cursor.at <= lead.size()) { // it is what the entry ends with
        store_le(lead.data() + cursor.at - 4, checksum);
    }
}

/// Mends the frame at the start of `bytes`, and gives its size; 0 if there is none.
template<format Format>
std::size_t frame(byte_span bytes, const frame_place& place) {
    if (bytes.size() < Format::probe_size)
        return 0;
    if (!looks_like_a_frame<Format>(bytes))
        return 0;
    std::array<std::byte, Format::probe_size> before;
    std::copy_n(bytes.begin(), before.size(), before.begin());
    frame_info info;
    seal<Format>(bytes, /*lead=*/0, place);
    if (Format::probe(bytes, place, info) != verdict::frame || info.size > bytes.size() || info.lead > info.size) {
        std::copy(before.begin(), before.end(), bytes.begin());
        return 0;
    }
    const byte_span all = bytes.first(info.size);
    frame_cursor cursor;
    stored_entry e;
    while (cursor.done < info.count) {
        const result<bool> more = Format::next(all, info, cursor, e);
        if (!more || !more.value() || e.at > info.size || e.size > info.size - e.at)
            break;
        if (e.has_checksum)
            put_entry_checksum<Format>(all.first(info.lead), cursor, cursor.done == info.count,
                                       crc32c(byte_view(all).subspan(e.at, e.size)));
    }
    seal<Format>(all, info.lead, place);
    return info.size;
}

/// Mends the frames of a segment from its first on, as far as they follow each other, and those behind gaps of unused space.
template<format Format>
void segment(byte_span bytes, std::uint64_t log, segment_t number) {
    std::size_t at = 0;
    while (at < bytes.size()) {
        const std::size_t size = frame<Format>(bytes.subspan(at), {.log = log, .segment = number, .offset = at});
        at += size != 0
                  ? size
                  : Format::resync(bytes.subspan(at), std::min<std::size_t>(Format::alignment, bytes.size() - at));
    }
}

/// Mends a slot of the state file.
inline void slot(byte_span bytes) {
    if (bytes.size() >= state_layout::slot_size)
        store_le(bytes.data() + state_layout::slot_size - 4,
                 crc32c(byte_view(bytes).first(state_layout::slot_size - 4)));
}
/// Mends the witness page.
inline void witness(byte_span bytes) {
    if (bytes.size() >= state_layout::witness_size)
        store_le(bytes.data() + state_layout::witness_size - 4,
                 crc32c(byte_view(bytes).first(state_layout::witness_size - 4)));
}

} // namespace mending
} // namespace fuzz
