#pragma once

#include <tusk/format/binary_writer.hpp>
#include <tusk/format/protobuf_entry.hpp>

namespace tusk::inline v0 {

/// The half of protobuf_format that writes what is behind the header of a frame.
struct protobuf_encoder {
    /// What put() has to tell the header.
    struct written {
        std::size_t count;
        std::size_t lead;
        std::uint32_t lead_checksum;
    };

    /// Bytes of the whole frame.
    [[nodiscard]] static std::size_t size(const frame_view& frame) noexcept {
        using namespace protobuf_layout;
        return (header_size + body_size(frame) + min_padding + alignment - 1) / alignment * alignment;
    }

    /// Writes all of `out`, which has size(frame) bytes, but the header.
    [[nodiscard]] static written put(const frame_view& frame, byte_span out) noexcept {
        using namespace protobuf_layout;
        std::byte* const begin = out.data() + header_size;
        if (frame.type == frame_type::pad)
            return put_pad(out);
        store_le(out.data() + out.size() - 8, std::uint64_t{0}); // the padding, before what may take its place
        if (holds_entries(frame.type))
            return frame.records.size() > 1 ? put_several(frame, out) : put_one(frame, out);
        protobuf_writer body(begin);
        if (frame.type == frame_type::index)
            put_index(frame.numbers, body);
        else
            put_numbers(frame.type, frame.numbers, body);
        put_padding(body.at(), out);
        return {0, out.size(), crc32c({begin, out.data() + out.size()})};
    }

private:
    // Without the padding.
    [[nodiscard]] static std::size_t body_size(const frame_view& frame) noexcept {
        using namespace protobuf_layout;
        switch (frame.type) {
        case frame_type::header: return header_numbers_at - header_size + frame.numbers.size() * number_size;
        case frame_type::cut:
        case frame_type::reset:
        case frame_type::lost: return 2 + frame.numbers.size() * number_size;
        case frame_type::index: {
            const std::size_t content = index_size(frame.numbers);
            return content != 0 ? 1 + varint_size(content) + content : 0;
        }
        case frame_type::pad:
            assert(frame.pad_size >= min_pad && frame.pad_size % alignment == 0);
            return frame.pad_size - header_size - min_padding;
        case frame_type::batch:
        case frame_type::replace: break;
        }
        assert(!frame.records.empty() && frame.records.size() <= max_entries);
        std::size_t sum = lead_size(frame);
        for (const stored_record& record : frame.records)
            sum += static_cast<std::size_t>(protobuf_entry(record).record().size());
        return sum;
    }

    // The cut and the entries.
    [[nodiscard]] static std::size_t lead_size(const frame_view& frame) noexcept {
        std::size_t sum = frame.type == frame_type::replace ? protobuf_layout::cut_size : 0;
        for (const stored_record& record : frame.records)
            sum += protobuf_entry(record).size(/*several=*/frame.records.size() > 1);
        return sum;
    }

    [[nodiscard]] static std::size_t index_size(std::span<const std::uint64_t> numbers) noexcept {
        std::size_t sum = 0;
        for (const std::uint64_t number : numbers)
            sum += varint_size(number);
        return sum;
    }

    [[nodiscard]] static written put_one(const frame_view& frame, byte_span out) noexcept {
        const stored_record& record = frame.records.front();
        const protobuf_entry entry(record);
        std::byte* const begin = out.data() + protobuf_layout::header_size;
        protobuf_writer lead(begin);
        put_cut(frame, lead);
        entry.put(lead, /*several=*/false);
        binary_writer body(begin);
        body.written_to(lead.at());
        put_record(record, entry.record(), body);
        put_padding(body.at(), out);
        body.written_to(out.data() + out.size());
        return {1, out.size(), body.take_checksum()};
    }

    [[nodiscard]] static written put_several(const frame_view& frame, byte_span out) noexcept {
        std::byte* const begin = out.data() + protobuf_layout::header_size;
        std::byte* const records = begin + lead_size(frame);
        protobuf_writer lead(begin);
        put_cut(frame, lead);
        binary_writer body(records);
        for (const stored_record& record : frame.records) {
            protobuf_entry entry(record);
            put_record(record, entry.record(), body);
            entry.checksum = body.take_checksum();
            entry.put(lead, /*several=*/true);
        }
        assert(lead.at() == records);
        put_padding(body.at(), out);
        return {frame.records.size(), static_cast<std::size_t>(records - out.data()), crc32c({begin, records})};
    }

    static void put_record(const stored_record& record, const protobuf_record& as, binary_writer& body) noexcept {
        protobuf_writer head(body.at());
        as.put_head(head);
        body.written_to(head.at());
        body.put(record.key);
        protobuf_writer between(body.at());
        as.put_between(between);
        body.written_to(between.at());
        record.data.for_each([&](byte_view piece) { body.put(piece); });
    }

    static void put_cut(const frame_view& frame, protobuf_writer& body) noexcept {
        assert(frame.type == frame_type::batch || frame.numbers.size() == 1);
        if (frame.type == frame_type::replace)
            put_numbers(frame_type::cut, frame.numbers, body);
    }

    static void put_numbers(frame_type type, std::span<const std::uint64_t> numbers, protobuf_writer& body) noexcept {
        using namespace protobuf_layout;
        assert(numbers.size() <= max_numbers);
        std::size_t field = 1;
        if (type == frame_type::header) {
            body.byte(tag::header);
            body.byte(header_numbers_at - header_size - 2 + numbers.size() * number_size);
            body.byte(tag::magic);
            body.byte(magic.size());
            for (const char c : magic)
                body.byte(static_cast<std::uint8_t>(c));
            body.fixed32(tag::version, version);
            field = first_header_field;
        } else {
            body.byte(type == frame_type::cut ? tag::cut : type == frame_type::reset ? tag::reset : tag::lost);
            body.byte(numbers.size() * number_size);
        }
        for (const std::uint64_t number : numbers)
            body.fixed64(tag::number(field++), number);
    }

    static void put_index(std::span<const std::uint64_t> numbers, protobuf_writer& body) noexcept {
        if (numbers.empty())
            return;
        body.varint(protobuf_layout::tag::index, index_size(numbers));
        for (const std::uint64_t number : numbers)
            body.varint(number);
    }

    // From `at` to the frame's end. The zeros stand there already.
    static void put_padding(std::byte* at, byte_span out) noexcept {
        const auto size = static_cast<std::size_t>(out.data() + out.size() - at);
        assert(size >= protobuf_layout::min_padding && size <= protobuf_layout::max_padding);
        at[0] = std::byte{protobuf_layout::tag::padding};
        at[1] = static_cast<std::byte>(size - protobuf_layout::min_padding);
    }

    [[nodiscard]] static written put_pad(byte_span out) noexcept {
        using namespace protobuf_layout;
        std::byte* const begin = out.data() + header_size;
        std::memset(begin, 0, out.size() - header_size);
        *begin = std::byte{tag::padding};
        const std::uint64_t size = spread(out.size() - pad_lead);
        for (std::size_t i = 0; i < length_size; ++i)
            begin[1 + i] = static_cast<std::byte>(size >> (8 * i));
        return {0, pad_lead, crc32c({begin, out.data() + pad_lead})};
    }
};

} // namespace tusk::inline v0
