#pragma once

#include <tusk/core/result.hpp>
#include <tusk/format/protobuf_entry.hpp>

#include <algorithm>

namespace tusk::inline v0 {

/// The half of protobuf_format that reads what is behind a header that probe() found right. Believes no length: an enemy
/// may have made the file, its checksums included. What is not byte for byte as protobuf_encoder writes it makes no sense.
class protobuf_decoder {
public:
    protobuf_decoder(byte_view in, const frame_info& info) noexcept : in_(in), info_(info) {}

    /// True if there are several entries, each with a checksum of its own.
    [[nodiscard]] bool has_several() const noexcept {
        return protobuf_layout::holds_entries(info_.type) && info_.count > 1;
    }

    /// True if the lead is all there. Nothing else may be asked before this.
    [[nodiscard]] bool has_lead() const noexcept {
        return info_.lead >= protobuf_layout::header_size && info_.lead <= info_.size && in_.size() >= info_.lead;
    }

    [[nodiscard]] bool lead_is_right() const noexcept {
        return load_le<std::uint32_t>(in_.data() + protobuf_layout::lead_checksum_at) ==
               crc32c(in_.subspan(protobuf_layout::header_size, info_.lead - protobuf_layout::header_size));
    }

    /// True if a pad, whose lead is right, is empty. The frame must be all there.
    [[nodiscard]] bool is_zero() const noexcept {
        return protobuf_layout::all_zero(in_.subspan(info_.lead, info_.size - info_.lead));
    }

    /// True if nothing but padding is there from `at` to the frame's end. The frame must be all there.
    [[nodiscard]] bool only_padding(std::size_t at) const noexcept {
        using namespace protobuf_layout;
        if (!leaves_padding(at))
            return false;
        const std::size_t zeros = info_.size - at - min_padding;
        const auto last =
            load_le<std::uint64_t>(in_.data() + info_.size - 8); // of which the zeros are the highest bytes
        return in_[at] == std::byte{tag::padding} && in_[at + 1] == static_cast<std::byte>(zeros) &&
               (zeros == 0 || last >> (64 - 8 * zeros) == 0);
    }

    [[nodiscard]] result<std::size_t> numbers(std::span<std::uint64_t> out) const noexcept {
        using namespace protobuf_layout;
        switch (info_.type) {
        case frame_type::header: return header_numbers(out);
        case frame_type::cut: return numbers_of(tag::cut, out);
        case frame_type::reset: return numbers_of(tag::reset, out);
        case frame_type::lost: return numbers_of(tag::lost, out);
        case frame_type::index: return index_numbers(out);
        case frame_type::replace: return keep(out);
        case frame_type::pad: return is_pad() ? result<std::size_t>(std::size_t{0}) : errc::corrupt;
        case frame_type::batch: break;
        }
        return std::size_t{0};
    }

    /// The next entry; there must be one.
    [[nodiscard]] bool next(frame_cursor& cursor, stored_entry& entry) const noexcept {
        const bool several = has_several();
        protobuf_entry found;
        if ((cursor.at == 0 && !begin(cursor)) || !found.get(lead(), cursor.at, several) || found.term < cursor.term)
            return false;
        if (!several)
            cursor.body = cursor.at;
        const std::uint64_t size = found.record().size();
        assert(cursor.body <= info_.size);
        if (size > info_.size - cursor.body)
            return false;
        entry.index = info_.first_index + cursor.done;
        entry.term = cursor.term = found.term;
        entry.time = cursor.time = found.time;
        entry.kind = found.kind;
        entry.codec = found.codec;
        entry.raw_size = found.codec != 0 ? found.raw_size : found.data_size;
        entry.has_checksum = several;
        entry.checksum = found.checksum;
        entry.at = cursor.body;
        entry.size = static_cast<std::size_t>(size);
        entry.room = 0;
        entry.key_size = found.key_size;
        entry.data_size = found.data_size;
        cursor.body += entry.size;
        ++cursor.done;
        if (!several)
            return only_padding(cursor.body);
        return cursor.done < info_.count || (cursor.at == info_.lead && leaves_padding(cursor.body));
    }

private:
    [[nodiscard]] byte_view lead() const noexcept { return in_.first(info_.lead); }

    [[nodiscard]] bool leaves_padding(std::size_t at) const noexcept {
        assert(at <= info_.size);
        return info_.size - at >= protobuf_layout::min_padding && info_.size - at <= protobuf_layout::max_padding;
    }

    [[nodiscard]] bool begin(frame_cursor& cursor) const noexcept {
        cursor.at = protobuf_layout::header_size + (info_.type == frame_type::replace ? protobuf_layout::cut_size : 0);
        cursor.body = info_.lead;
        return info_.type == frame_type::batch || keep({}).has_value();
    }

    // A message of fixed64 fields from `field` on, up to `end`, of which `scan` has seen the beginning.
    [[nodiscard]] static result<std::size_t> fixed_numbers(protobuf_scanner& scan, std::size_t field, std::size_t end,
                                                           std::span<std::uint64_t> out) noexcept {
        std::size_t count = 0;
        for (std::uint64_t number = 0; scan.at() < end; ++count) {
            if (count == protobuf_layout::max_numbers || !scan.byte(protobuf_layout::tag::number(field + count)) ||
                !scan.fixed64(number))
                return errc::corrupt;
            if (count < out.size())
                out[count] = number;
        }
        return scan.at() == end ? result<std::size_t>(count) : errc::corrupt;
    }

    // The size that stands at `at` in one byte, and where what has it ends. 0 if that is beyond the lead. Behind the header
    // of a frame that may have such a message, probe() has left room for its tag and size.
    [[nodiscard]] std::size_t end_of_small(std::size_t at) const noexcept {
        assert(at < info_.lead);
        const auto size = std::to_integer<std::size_t>(in_[at]);
        return size < 128 && size < info_.lead - at ? at + 1 + size : 0;
    }

    [[nodiscard]] result<std::size_t> header_numbers(std::span<std::uint64_t> out) const noexcept {
        using namespace protobuf_layout;
        const std::size_t end = end_of_small(header_size + 1);
        if (end < header_numbers_at || in_[header_size] != std::byte{tag::header})
            return errc::corrupt;
        protobuf_scanner scan(lead(), header_numbers_at); // probe() has looked at what is before
        TUSK_TRY(const std::size_t count, fixed_numbers(scan, first_header_field, end, out));
        return only_padding(end) ? result<std::size_t>(count) : errc::corrupt;
    }

    [[nodiscard]] result<std::size_t> numbers_of(std::uint8_t tag, std::span<std::uint64_t> out) const noexcept {
        using namespace protobuf_layout;
        const std::size_t end = end_of_small(header_size + 1);
        if (end == 0 || in_[header_size] != std::byte{tag})
            return errc::corrupt;
        protobuf_scanner scan(lead(), header_size + 2);
        TUSK_TRY(const std::size_t count, fixed_numbers(scan, 1, end, out));
        return info_.type == frame_type::replace || only_padding(end) ? result<std::size_t>(count) : errc::corrupt;
    }

    [[nodiscard]] result<std::size_t> keep(std::span<std::uint64_t> out) const noexcept {
        TUSK_TRY(const std::size_t count, numbers_of(protobuf_layout::tag::cut, out));
        return count == 1 ? result<std::size_t>(count) : errc::corrupt;
    }

    [[nodiscard]] result<std::size_t> index_numbers(std::span<std::uint64_t> out) const noexcept {
        using namespace protobuf_layout;
        protobuf_scanner scan(lead(), header_size);
        std::size_t count = 0;
        std::uint64_t number = 0;
        if (scan.byte(tag::index)) {
            if (!scan.varint(number) || number == 0 || number > info_.lead - scan.at())
                return errc::corrupt;
            for (const std::size_t end = scan.at() + static_cast<std::size_t>(number); scan.at() < end; ++count) {
                if (!scan.varint(number) || scan.at() > end)
                    return errc::corrupt;
                if (count < out.size())
                    out[count] = number;
            }
        }
        return only_padding(scan.at()) ? result<std::size_t>(count) : errc::corrupt;
    }

    [[nodiscard]] bool is_pad() const noexcept {
        using namespace protobuf_layout;
        std::uint64_t size = 0;
        assert(info_.lead == pad_lead); // or probe() had refused it
        for (std::size_t i = 0; i < length_size; ++i)
            size |= std::to_integer<std::uint64_t>(in_[header_size + 1 + i]) << (8 * i);
        return in_[header_size] == std::byte{tag::padding} && size == spread(info_.size - pad_lead);
    }

    byte_view in_;
    const frame_info& info_;
};

} // namespace tusk::inline v0
