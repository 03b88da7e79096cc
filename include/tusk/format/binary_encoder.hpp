#pragma once

#include <tusk/format/binary_entry.hpp>
#include <tusk/format/binary_writer.hpp>

namespace tusk::inline v0 {

/// The half of binary_format that writes the body of a frame: what lies between its header and its padding.
struct binary_encoder {
    /// What put() has to tell the header.
    struct written {
        std::byte* end;
        std::uint32_t count;
        std::uint32_t lead_checksum;
    };

    [[nodiscard]] static std::size_t size(const frame_view& frame) noexcept {
        std::size_t sum = 0;
        switch (frame.type) {
        case frame_type::header: return binary_layout::magic.size() + frame.numbers.size_bytes();
        case frame_type::cut:
        case frame_type::reset:
        case frame_type::lost: return frame.numbers.size_bytes();
        case frame_type::index:
            for (const std::uint64_t number : frame.numbers)
                sum += varint_size(number);
            return sum;
        case frame_type::pad:
            assert(frame.pad_size >= binary_layout::header_size && frame.pad_size % binary_layout::alignment == 0);
            return frame.pad_size - binary_layout::header_size;
        case frame_type::batch:
        case frame_type::replace: break;
        }
        assert(!frame.records.empty() && frame.records.size() <= binary_layout::max_entries);
        for (const stored_record& record : frame.records)
            sum += record.key.size() + record.data.size();
        if (frame.records.size() == 1)
            return keep_size(frame) + binary_entry(frame.records.front()).size_alone() + sum;
        return binary_layout::directory_size_size + directory_size(frame) + sum;
    }

    /// Writes size(frame) bytes.
    [[nodiscard]] static written put(const frame_view& frame, std::byte* to) noexcept {
        binary_writer body(to);
        std::uint32_t count = 0;
        switch (frame.type) {
        case frame_type::header:
            count = binary_layout::version;
            body.put(std::as_bytes(std::span(binary_layout::magic)));
            [[fallthrough]];
        case frame_type::cut:
        case frame_type::reset:
        case frame_type::lost:
            for (const std::uint64_t number : frame.numbers) {
                store_le(body.at(), number);
                body.written_to(body.at() + sizeof number);
            }
            break;
        case frame_type::index:
            for (const std::uint64_t number : frame.numbers)
                body.written_to(put_varint(body.at(), number));
            break;
        case frame_type::pad: {
            const std::size_t zeros = frame.pad_size - binary_layout::header_size;
            std::memset(to, 0, zeros);
            return {to + zeros, count, crc32c({})};
        }
        case frame_type::batch:
        case frame_type::replace:
            if (frame.records.size() > 1)
                return put_several(frame, to);
            count = 1;
            body.written_to(binary_entry(frame.records.front()).put_alone(put_keep(frame, to)));
            body.put(frame.records.front());
            break;
        }
        return {body.at(), count, body.take_checksum()};
    }

private:
    [[nodiscard]] static written put_several(const frame_view& frame, std::byte* to) noexcept {
        const std::size_t size = directory_size(frame);
        store_le(to, static_cast<std::uint32_t>(size));
        std::byte* directory = put_keep(frame, to + binary_layout::directory_size_size);
        binary_writer body(to + binary_layout::directory_size_size + size);
        term_t term = 0;
        timestamp_t time = 0;
        for (const stored_record& record : frame.records) {
            binary_entry entry(record);
            body.put(record);
            entry.checksum = body.take_checksum();
            directory = entry.put_after(directory, term, time);
            term = record.term;
            time = record.time;
        }
        return {body.at(), static_cast<std::uint32_t>(frame.records.size()), crc32c({to, directory})};
    }

    [[nodiscard]] static std::size_t directory_size(const frame_view& frame) noexcept {
        std::size_t sum = keep_size(frame);
        term_t term = 0;
        timestamp_t time = 0;
        for (const stored_record& record : frame.records) {
            assert(record.term >= term && "terms never decrease");
            sum += binary_entry(record).size_after(term, time);
            term = record.term;
            time = record.time;
        }
        return sum;
    }

    [[nodiscard]] static std::size_t keep_size(const frame_view& frame) noexcept {
        assert(frame.type == frame_type::batch || !frame.numbers.empty());
        return frame.type == frame_type::replace ? varint_size(frame.numbers.front()) : 0;
    }

    [[nodiscard]] static std::byte* put_keep(const frame_view& frame, std::byte* to) noexcept {
        return frame.type == frame_type::replace ? put_varint(to, frame.numbers.front()) : to;
    }
};

} // namespace tusk::inline v0
