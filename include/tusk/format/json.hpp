#pragma once

#include <tusk/concept/format.hpp>
#include <tusk/core/registry.hpp>
#include <tusk/format/json_decoder.hpp>
#include <tusk/format/json_encoder.hpp>

namespace tusk::inline v0 {

/// The Format that people read: each frame is a line of JSON, and unused space is empty lines, so that jq and grep read a
/// segment from its first byte to its last, also while it is written. Needs RapidJSON: link tusk::json. format/README.md
/// is the specification. What the functions mean stands in concept/README.md; none of them blocks, allocates or keeps
/// anything, so any number of threads may call them. Each frame has one encoding: what encode() would not write is refused.
struct json_format {
    static constexpr std::uint8_t id = format_id::json;
    static constexpr const char* name = "json_format";
    static constexpr std::uint32_t version = json_layout::version;
    static constexpr std::byte fill{'\n'};
    static constexpr std::size_t alignment = 1;
    static constexpr std::size_t probe_size = json_layout::header_size;
    static constexpr std::size_t min_pad = json_layout::header_size + json_layout::end.size();
    static constexpr std::uint32_t max_entries = json_layout::max_entries;

    /// The bytes that `frame` takes. Looks at every byte of keys and data, for what they become depends on them.
    [[nodiscard]] static std::size_t size(const frame_view& frame) noexcept {
        return json_layout::header_size + json_encoder::size(frame);
    }

    /// Writes `frame` to `out`, which has size(frame) bytes; stamp() does the rest.
    static void encode(const frame_view& frame, byte_span out) noexcept {
        using namespace json_layout;
        char* const begin = reinterpret_cast<char*>(out.data());
        std::memcpy(begin, header.data(), header_size);
        const std::string_view type = types[static_cast<std::size_t>(frame.type)];
        std::memcpy(begin + type_field.at, type.data(), type.size());
        const json_encoder::written body = json_encoder::put(frame, begin + header_size);
        assert(body.end == begin + out.size());
        const auto put = [&](const field& f, std::size_t value) {
            json_number::put_right(begin + f.at, f.size, value);
        };
        put(count_field, holds_entries(frame.type) ? frame.records.size() : 0);
        put(size_field, out.size());
        put(lead_field, static_cast<std::size_t>(body.lead_end - begin));
        json_number::put_hex(begin + lead_checksum_field.at, lead_checksum_field.size,
                             crc32c(to_bytes({begin + header_size, body.lead_end})));
    }

    /// Finishes the encoded frame at the start of `out` for its place.
    static void stamp(byte_span out, const frame_place& place) noexcept {
        using namespace json_layout;
        char* const begin = reinterpret_cast<char*>(out.data());
        json_number::put_right(begin + index_field.at, index_field.size, place.first_index);
        json_number::put_right(begin + witness_field.at, witness_field.size, place.witness);
        json_number::put_hex(begin + checksum_field.at, checksum_field.size,
                             header_checksum({begin, out.size()}, place));
    }

    /// What begins at the start of `in`. Magic comes before version, and version before the checksum.
    [[nodiscard]] static verdict probe(byte_view in, const frame_place& place, frame_info& info) noexcept {
        using namespace json_layout;
        if (!in.empty() && in.front() == fill)
            return verdict::fill;
        const std::string_view frame = to_text(in);
        if (!frame.starts_with(beginning.substr(0, std::min(frame.size(), beginning.size()))))
            return verdict::damaged;
        if (frame.size() < probe_size)
            return verdict::need_more;
        if (!is_header(frame.data()))
            return place.offset == 0 && is_newer(frame) ? verdict::unsupported : verdict::damaged;
        std::uint32_t checksum = 0;
        if (!json_number::get_checksum(checksum_field.in(frame), checksum) || checksum != header_checksum(frame, place))
            return verdict::damaged;
        std::uint64_t count = 0, size = 0, lead = 0;
        if (!get_type(type_field.in(frame), info.type) ||
            !json_number::get_right(index_field.in(frame), info.first_index) ||
            !json_number::get_right(witness_field.in(frame), info.witness) ||
            !json_number::get_right(count_field.in(frame), count) ||
            !json_number::get_right(size_field.in(frame), size) || !json_number::get_right(lead_field.in(frame), lead))
            return verdict::damaged;
        info.count = static_cast<std::uint32_t>(count);
        info.size = static_cast<std::size_t>(size);
        info.lead = static_cast<std::size_t>(lead);
        info.checksum = checksum;
        const bool in_place = info.type != frame_type::header || place.offset == 0;
        return in_place && lengths_are_right(info) ? verdict::frame : verdict::damaged;
    }

    /// Every checksum of the frame, and what lies between them.
    [[nodiscard]] static bool check(byte_view in, const frame_info& info) noexcept {
        const json_decoder frame(in, info);
        if (!frame.has_lead() || in.size() < info.size || !frame.lead_is_right() || !frame.end_is_right())
            return false;
        frame_cursor cursor;
        stored_entry entry;
        while (cursor.done < info.count)
            if (!frame.next(cursor, entry) || !check_entry(in.subspan(entry.at, entry.size), entry) ||
                (cursor.done > 1 && !frame.is_between(entry.at - 1)))
                return false;
        return true;
    }

    /// The checksum of the lead and, where that is all of the frame, how it ends.
    [[nodiscard]] static bool check_lead(byte_view in, const frame_info& info) noexcept {
        const json_decoder frame(in, info);
        return frame.has_lead() && frame.lead_is_right() && (info.lead < info.size || frame.end_is_right());
    }

    /// The numbers of the frame: how many there are, and as many of them in `out` as it has room for.
    [[nodiscard]] static result<std::size_t> numbers(byte_view in, const frame_info& info,
                                                     std::span<std::uint64_t> out) noexcept {
        const json_decoder frame(in, info);
        if (!frame.has_lead())
            return errc::corrupt;
        return frame.numbers(out);
    }

    /// The next entry of a batch or replace; false after the last.
    [[nodiscard]] static result<bool> next(byte_view in, const frame_info& info, frame_cursor& cursor,
                                           stored_entry& entry) noexcept {
        if (cursor.done >= info.count)
            return false;
        const json_decoder frame(in, info);
        if (!frame.has_lead() || !frame.next(cursor, entry))
            return errc::corrupt;
        return true;
    }

    /// The checksum of one entry. `bytes` are its record.
    [[nodiscard]] static bool check_entry(byte_view bytes, const stored_entry& entry) noexcept {
        return crc32c(bytes) == entry.checksum;
    }

    /// Key and data stand as they are where both are text with nothing to escape; else they are put into `room`.
    [[nodiscard]] static result<void> show(byte_view bytes, stored_entry& entry, byte_span room) noexcept {
        if (!json_record::show(bytes, entry, room))
            return errc::corrupt;
        return success();
    }

    /// Where a frame may begin, from `at` on: also where the line before it has lost its end.
    [[nodiscard]] static std::size_t resync(byte_view in, std::size_t at) noexcept {
        const std::string_view text = to_text(in);
        for (at = text.find('{', at); at < text.size(); at = text.find('{', at + 1))
            if (json_layout::beginning.starts_with(text.substr(at, json_layout::beginning.size())))
                return at;
        return in.size();
    }

private:
    // The first line of a segment of a newer version: what it looks like behind its mark is not ours to judge.
    [[nodiscard]] static bool is_newer(std::string_view frame) noexcept {
        const std::string_view rest = frame.substr(json_layout::beginning.size());
        std::uint64_t number = 0;
        const std::size_t digits = json_number::get(rest, number);
        return number > version && number <= UINT32_MAX && rest.substr(digits).starts_with(json_layout::header_mark);
    }

    // The header is right, so only a hostile file has lengths here that make no sense.
    [[nodiscard]] static bool lengths_are_right(const frame_info& info) noexcept {
        using namespace json_layout;
        if (!holds_entries(info.type))
            return info.count == 0 && info.size >= min_pad &&
                   info.lead == (info.type == frame_type::pad ? header_size : info.size);
        constexpr std::size_t least = json_record::plain_size(0, 0) + 1; // with the comma
        return info.count > 0 && info.count <= max_entries && info.lead <= info.size && info.lead >= header_size &&
               (info.lead - header_size) / json_entry::min_size >= info.count &&
               (info.size - info.lead) / least >= info.count;
    }
};

static_assert(format<json_format>);

} // namespace tusk::inline v0
