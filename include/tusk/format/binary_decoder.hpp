#pragma once

#include <tusk/core/result.hpp>
#include <tusk/format/binary_entry.hpp>

#include <algorithm>

namespace tusk::inline v0 {

/// The half of binary_format that reads the body of a frame whose header probe() found right. Believes no length: an
/// enemy may have made the file, its checksums included.
class binary_decoder {
public:
    binary_decoder(byte_view in, const frame_info& info) noexcept : in_(in), info_(info) {
        if (in.size() >= binary_layout::header_size)
            end_ = binary_layout::header_size + binary_layout::load_body_size(in.data());
    }

    [[nodiscard]] static constexpr bool holds_entries(frame_type type) noexcept {
        return type == frame_type::batch || type == frame_type::replace;
    }

    /// True if the entries are told in a directory, each with a checksum of its own.
    [[nodiscard]] static bool has_directory(const frame_info& info) noexcept {
        return holds_entries(info.type) && info.count > 1;
    }

    /// True if the lead is all there. Nothing else may be asked before this.
    [[nodiscard]] bool has_lead() const noexcept {
        return info_.lead >= binary_layout::header_size && info_.lead <= info_.size && in_.size() >= info_.lead &&
               binary_layout::frame_size(end_ - binary_layout::header_size) == info_.size;
    }

    [[nodiscard]] bool lead_is_right() const noexcept {
        return load_le<std::uint32_t>(in_.data() + binary_layout::lead_checksum_at) ==
               crc32c(lead().subspan(binary_layout::header_size));
    }

    /// True if the padding, and a pad's body, are zero. The frame must be all there.
    [[nodiscard]] bool rest_is_zero() const noexcept {
        if (info_.type == frame_type::pad)
            return binary_layout::all_zero(in_.subspan(info_.lead, info_.size - info_.lead));
        // The padding is the end of the last word, and may be none of it.
        const std::size_t padding = info_.size - end_;
        const auto last = load_le<std::uint64_t>(in_.data() + info_.size - binary_layout::alignment);
        return (last >> (56 - 8 * padding)) >> 8 == 0;
    }

    [[nodiscard]] result<std::size_t> numbers(std::span<std::uint64_t> out) const noexcept {
        switch (info_.type) {
        case frame_type::header: return fixed_numbers(binary_layout::header_size + binary_layout::magic.size(), out);
        case frame_type::cut:
        case frame_type::reset:
        case frame_type::lost: return fixed_numbers(binary_layout::header_size, out);
        case frame_type::index: return varint_numbers(out);
        case frame_type::replace: return keep(out);
        case frame_type::batch:
        case frame_type::pad: break;
        }
        return std::size_t{0};
    }

    /// The next entry; there must be one.
    [[nodiscard]] bool next(frame_cursor& cursor, stored_entry& entry) const noexcept {
        return has_directory(info_) ? next_listed(cursor, entry) : only(cursor, entry);
    }

private:
    [[nodiscard]] byte_view lead() const noexcept { return in_.first(std::min(info_.lead, end_)); }

    /// Where keep and directory begin, or keep and what is said of an entry that is alone.
    [[nodiscard]] std::size_t told_at() const noexcept {
        return has_directory(info_) ? binary_layout::directory_at : binary_layout::header_size;
    }

    [[nodiscard]] bool next_listed(frame_cursor& cursor, stored_entry& entry) const noexcept {
        if (cursor.at == 0) {
            cursor.at = told_at();
            cursor.body = info_.lead;
            if (!skip_keep(cursor.at))
                return false;
        }
        binary_entry found;
        if (!found.get_after(lead(), cursor.at, cursor.term, cursor.time))
            return false;
        const std::uint64_t size = std::uint64_t{found.key_size} + found.data_size;
        if (size > end_ - cursor.body)
            return false;
        show(found, cursor, cursor.body, entry);
        cursor.term = found.term;
        cursor.time = found.time;
        cursor.body += size;
        ++cursor.done;
        return cursor.done < info_.count || (cursor.at == info_.lead && cursor.body == end_);
    }

    // The one entry of a frame without directory, which takes what is left of the body.
    [[nodiscard]] bool only(frame_cursor& cursor, stored_entry& entry) const noexcept {
        std::size_t at = told_at();
        binary_entry found;
        if (!skip_keep(at) || !found.get_alone(lead(), at) || found.key_size > end_ - at)
            return false;
        found.data_size = static_cast<std::uint32_t>(end_ - at - found.key_size);
        show(found, cursor, at, entry);
        ++cursor.done;
        return true;
    }

    [[nodiscard]] bool skip_keep(std::size_t& at) const noexcept {
        std::uint64_t keep = 0;
        return info_.type == frame_type::batch || get_varint(lead(), at, keep);
    }

    void show(const binary_entry& found, const frame_cursor& cursor, std::size_t at,
              stored_entry& entry) const noexcept {
        entry.index = info_.first_index + cursor.done;
        entry.term = found.term;
        entry.time = found.time;
        entry.kind = found.kind;
        entry.codec = found.codec;
        entry.raw_size = found.codec != 0 ? found.raw_size : found.data_size;
        entry.has_checksum = has_directory(info_);
        entry.checksum = found.checksum;
        entry.at = at;
        entry.size = std::size_t{found.key_size} + found.data_size;
        entry.room = 0;
        entry.key_size = found.key_size;
        entry.data_size = found.data_size;
    }

    [[nodiscard]] result<std::size_t> fixed_numbers(std::size_t at, std::span<std::uint64_t> out) const noexcept {
        if ((end_ - at) % sizeof(std::uint64_t) != 0)
            return errc::corrupt;
        const std::size_t count = (end_ - at) / sizeof(std::uint64_t);
        for (std::size_t i = 0; i < std::min(count, out.size()); ++i)
            out[i] = load_le<std::uint64_t>(in_.data() + at + i * sizeof(std::uint64_t));
        return count;
    }

    [[nodiscard]] result<std::size_t> varint_numbers(std::span<std::uint64_t> out) const noexcept {
        std::size_t count = 0;
        std::size_t at = binary_layout::header_size;
        for (std::uint64_t number = 0; at < end_; ++count) {
            if (!get_varint(lead(), at, number))
                return errc::corrupt;
            if (count < out.size())
                out[count] = number;
        }
        return count;
    }

    [[nodiscard]] result<std::size_t> keep(std::span<std::uint64_t> out) const noexcept {
        std::uint64_t number = 0;
        std::size_t at = told_at();
        if (!get_varint(lead(), at, number))
            return errc::corrupt;
        if (!out.empty())
            out.front() = number;
        return std::size_t{1};
    }

    byte_view in_;
    const frame_info& info_;
    std::size_t end_ = 0; // of the body, where the padding begins
};

} // namespace tusk::inline v0
