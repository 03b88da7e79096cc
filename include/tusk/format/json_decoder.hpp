#pragma once

#include <tusk/core/result.hpp>
#include <tusk/format/json_numbers.hpp>
#include <tusk/format/json_record.hpp>

namespace tusk::inline v0 {

/// The half of json_format that reads what follows the header of a frame that probe() found right. Believes no length:
/// an enemy may have made the file, its checksums included.
class json_decoder {
public:
    json_decoder(byte_view in, const frame_info& info) noexcept : in_(in), info_(info) {}

    /// True if the lead is all there. Nothing else may be asked before this.
    [[nodiscard]] bool has_lead() const noexcept {
        return info_.lead >= json_layout::header_size && info_.lead <= info_.size && in_.size() >= info_.lead;
    }

    [[nodiscard]] bool lead_is_right() const noexcept {
        const byte_view lead = in_.subspan(json_layout::header_size, info_.lead - json_layout::header_size);
        std::uint32_t told = 0;
        return json_number::get_checksum(json_layout::lead_checksum_field.in(to_text(in_)), told) &&
               told == crc32c(lead);
    }

    /// True if the frame ends as one of its type does, and a pad has nothing else in it. The frame must be all there.
    [[nodiscard]] bool end_is_right() const noexcept {
        const std::string_view rest = to_text(in_.subspan(info_.lead, info_.size - info_.lead));
        if (json_layout::holds_entries(info_.type))
            return rest.ends_with(json_layout::records_end);
        if (info_.type != frame_type::pad)
            return to_text(in_.first(info_.size)).ends_with(json_layout::end);
        return rest.ends_with(json_layout::end) && rest.find_first_not_of(' ') == rest.size() - json_layout::end.size();
    }

    /// True if this is where one record ends and the next begins.
    [[nodiscard]] bool is_between(std::size_t at) const noexcept { return in_[at] == std::byte{','}; }

    [[nodiscard]] result<std::size_t> numbers(std::span<std::uint64_t> out) const noexcept {
        if (info_.type == frame_type::batch || info_.type == frame_type::pad)
            return std::size_t{0};
        json_text_reader in(in_.first(info_.lead), json_layout::header_size);
        std::size_t count = 0;
        if (!json_numbers::get(in, info_.type, out, count))
            return errc::corrupt;
        if (info_.type != frame_type::replace && (!in.skip(json_layout::end) || in.at() != info_.lead))
            return errc::corrupt;
        return count;
    }

    /// The next entry; there must be one.
    [[nodiscard]] bool next(frame_cursor& cursor, stored_entry& entry) const noexcept {
        json_text_reader in(in_.first(info_.lead), cursor.at == 0 ? json_layout::header_size : cursor.at);
        json_entry found;
        if ((cursor.at == 0 && !begin(in, cursor)) || !found.get(in) || found.term < cursor.term)
            return false;
        const std::size_t end = info_.size - json_layout::records_end.size();
        const std::size_t left = end - std::min(cursor.body, end);
        if (found.bytes > left || json_record::plain_size(found.key_size, found.data_size) > found.bytes)
            return false;
        entry.index = info_.first_index + cursor.done;
        entry.term = cursor.term = found.term;
        entry.time = found.time;
        entry.kind = static_cast<entry_kind>(found.kind);
        entry.codec = static_cast<std::uint8_t>(found.codec);
        entry.raw_size = static_cast<std::uint32_t>(found.codec != 0 ? found.raw_size : found.data_size);
        entry.has_checksum = true;
        entry.checksum = found.checksum;
        entry.at = cursor.body;
        entry.size = static_cast<std::size_t>(found.bytes);
        entry.room = static_cast<std::size_t>(json_record::room(found.bytes, found.key_size, found.data_size));
        entry.key_size = static_cast<std::uint32_t>(found.key_size);
        entry.data_size = static_cast<std::uint32_t>(found.data_size);
        cursor.body += entry.size;
        if (++cursor.done == info_.count)
            return in.skip(json_layout::records_begin) && in.at() == info_.lead && entry.size == left;
        cursor.body += 1;
        const bool more = in.skip(",") && entry.size < left;
        cursor.at = in.at();
        return more;
    }

private:
    [[nodiscard]] bool begin(json_text_reader& in, frame_cursor& cursor) const noexcept {
        std::uint64_t keep = 0;
        cursor.body = info_.lead;
        return (info_.type == frame_type::batch || in.get(json_layout::keep_name, keep)) &&
               in.skip(json_layout::entries_begin);
    }

    byte_view in_;
    const frame_info& info_;
};

} // namespace tusk::inline v0
