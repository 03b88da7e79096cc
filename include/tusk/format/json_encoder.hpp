#pragma once

#include <tusk/format/json_entry.hpp>
#include <tusk/format/json_numbers.hpp>
#include <tusk/format/json_record.hpp>

namespace tusk::inline v0 {

/// The half of json_format that writes what follows the header of a frame.
struct json_encoder {
    /// What put() has to tell the header.
    struct written {
        char* end;
        char* lead_end;
    };

    [[nodiscard]] static std::size_t size(const frame_view& frame) noexcept {
        if (frame.type == frame_type::pad) {
            assert(frame.pad_size >= json_layout::header_size + json_layout::end.size());
            return frame.pad_size - json_layout::header_size;
        }
        if (!json_layout::holds_entries(frame.type))
            return json_numbers::size(frame) + json_layout::end.size();
        assert(!frame.records.empty() && frame.records.size() <= json_layout::max_entries);
        std::uint64_t sum = keep_size(frame) + json_layout::entries_begin.size() + json_layout::records_begin.size() +
                            json_layout::records_end.size() + 2 * (frame.records.size() - 1);
        for (const stored_record& record : frame.records) {
            const std::uint64_t bytes = json_record(record).size();
            sum += json_entry(record, bytes).size() + bytes;
        }
        return static_cast<std::size_t>(sum);
    }

    /// Writes size(frame) bytes.
    [[nodiscard]] static written put(const frame_view& frame, char* to) noexcept {
        if (json_layout::holds_entries(frame.type))
            return put_entries(frame, to);
        char* const begin = to;
        if (frame.type == frame_type::pad) {
            const std::size_t spaces = size(frame) - json_layout::end.size();
            std::memset(to, ' ', spaces);
            to += spaces;
        } else {
            to = json_numbers::put(frame, to);
        }
        to = put_text(to, json_layout::end);
        return {to, frame.type == frame_type::pad ? begin : to};
    }

private:
    [[nodiscard]] static std::size_t keep_size(const frame_view& frame) noexcept {
        return frame.type == frame_type::replace ? json_numbers::size(frame) : 0;
    }

    static char* put_text(char* to, std::string_view text) noexcept {
        std::memcpy(to, text.data(), text.size());
        return to + text.size();
    }

    // First the directory, with checksums of 0, then the records and with each its checksum.
    [[nodiscard]] static written put_entries(const frame_view& frame, char* to) noexcept {
        if (frame.type == frame_type::replace)
            to = json_numbers::put(frame, to);
        char* entry = to = put_text(to, json_layout::entries_begin);
        if (frame.records.size() == 1) {
            const json_record record(frame.records.front());
            char* const lead_end =
                put_text(json_entry(frame.records.front(), record.size()).put(to), json_layout::records_begin);
            to = put_record(frame.records.front(), record, lead_end, entry);
            return {put_text(to, json_layout::records_end), lead_end};
        }
        for (const stored_record& r : frame.records) {
            to = json_entry(r, json_record(r).size()).put(to);
            *to++ = ',';
        }
        char* const lead_end = to = put_text(to - 1, json_layout::records_begin);
        for (const stored_record& r : frame.records) {
            to = put_record(r, json_record(r), to, entry);
            *to++ = ',';
        }
        return {put_text(to - 1, json_layout::records_end), lead_end};
    }

    // `entry` is where the directory speaks of it, and afterwards of the next.
    static char* put_record(const stored_record& r, const json_record& record, char* to, char*& entry) noexcept {
        char* const end = record.put(to);
        const json_entry told(r, record.size());
        json_entry::put_checksum(entry, told.size(), crc32c(to_bytes({to, end})));
        assert(static_cast<std::uint64_t>(end - to) == record.size());
        entry += told.size() + 1;
        return end;
    }
};

} // namespace tusk::inline v0
