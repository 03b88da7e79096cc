#pragma once

#include <tusk/format/protobuf_fields.hpp>

#include <cassert>

namespace tusk::inline v0 {

/// The message Record of tusk.proto: key and data of an entry, each left out where it is empty.
struct protobuf_record {
    std::uint64_t key_size;
    std::uint64_t data_size;

    [[nodiscard]] constexpr std::uint64_t content_size() const noexcept {
        return part_size(key_size) + part_size(data_size);
    }
    /// Bytes of it with its tag and length.
    [[nodiscard]] constexpr std::uint64_t size() const noexcept {
        return 1 + varint_size(content_size()) + content_size();
    }

    /// Writes what stands before the key, or before the data if there is no key.
    void put_head(protobuf_writer& out) const noexcept {
        out.varint(protobuf_layout::tag::record, content_size());
        if (key_size != 0)
            out.varint(protobuf_layout::tag::key, key_size);
        else
            put_before_data(out);
    }
    /// Writes what stands between key and data.
    void put_between(protobuf_writer& out) const noexcept {
        if (key_size != 0)
            put_before_data(out);
    }

    /// Where key and data are in its bytes. False if those are not what is written around such a key and such data.
    [[nodiscard]] bool show(byte_view in, byte_view& key, byte_view& data) const noexcept {
        protobuf_scanner scan(in, 0);
        return in.size() == size() && scan.byte(protobuf_layout::tag::record) && is(scan, content_size()) &&
               part(in, scan, protobuf_layout::tag::key, key_size, key) &&
               part(in, scan, protobuf_layout::tag::data, data_size, data);
    }

private:
    [[nodiscard]] static constexpr std::uint64_t part_size(std::uint64_t size) noexcept {
        return size != 0 ? 1 + varint_size(size) + size : 0;
    }
    void put_before_data(protobuf_writer& out) const noexcept {
        if (data_size != 0)
            out.varint(protobuf_layout::tag::data, data_size);
    }
    [[nodiscard]] static bool is(protobuf_scanner& scan, std::uint64_t expected) noexcept {
        std::uint64_t found = 0;
        return scan.varint(found) && found == expected;
    }
    [[nodiscard]] static bool part(byte_view in, protobuf_scanner& scan, std::uint8_t tag, std::uint64_t size,
                                   byte_view& out) noexcept {
        out = {};
        if (size == 0)
            return true;
        if (!scan.byte(tag) || !is(scan, size))
            return false;
        assert(size <= in.size() - scan.at()); // or all of it had another size, for each number has one encoding
        out = in.subspan(scan.at(), static_cast<std::size_t>(size));
        scan = protobuf_scanner(in, scan.at() + static_cast<std::size_t>(size));
        return true;
    }
};

/// The message Entry of tusk.proto: what protobuf_format says of an entry beside its key and data.
struct protobuf_entry {
    term_t term = 0;
    timestamp_t time = 0;
    entry_kind kind = entry_kind::data;
    std::uint8_t codec = 0;
    std::uint32_t raw_size = 0; ///< 0 if it is not compressed
    std::uint32_t key_size = 0;
    std::uint32_t data_size = 0;
    std::uint32_t checksum = 0; ///< among several: of the record

    protobuf_entry() = default;
    explicit protobuf_entry(const stored_record& record) noexcept
        : term(record.term),
          time(record.time),
          kind(record.kind),
          codec(record.codec),
          raw_size(record.codec != 0 ? record.raw_size : 0),
          key_size(static_cast<std::uint32_t>(record.key.size())),
          data_size(static_cast<std::uint32_t>(record.data.size())) {
        assert(record.key.size() <= protobuf_layout::max_message && record.data.size() <= protobuf_layout::max_message);
    }

    [[nodiscard]] protobuf_record record() const noexcept { return {key_size, data_size}; }

    /// Bytes of it with its tag and length. One of several entries has a checksum.
    [[nodiscard]] std::size_t size(bool several) const noexcept { return 2 + content_size(several); }

    void put(protobuf_writer& out, bool several) const noexcept {
        using namespace protobuf_layout;
        out.byte(tag::entry);
        out.byte(content_size(several));
        if (term != 0)
            out.varint(tag::term, term);
        if (time != 0)
            out.fixed64(tag::time, time);
        if (kind != entry_kind::data)
            out.varint(tag::kind, static_cast<std::uint8_t>(kind));
        if (codec != 0)
            out.varint(tag::codec, codec);
        if (raw_size != 0)
            out.varint(tag::raw_size, raw_size);
        if (key_size != 0)
            out.varint(tag::key_size, key_size);
        if (data_size != 0)
            out.varint(tag::data_size, data_size);
        if (several)
            out.fixed32(tag::entry_checksum, checksum);
    }

    /// Reads what put() wrote at `in[at]`, and moves `at` behind it. False if it was not written by put().
    [[nodiscard]] bool get(byte_view in, std::size_t& at, bool several) noexcept {
        using namespace protobuf_layout;
        if (at >= in.size() || in.size() - at < 2 || in[at] != std::byte{tag::entry})
            return false;
        const auto size = std::to_integer<std::size_t>(in[at + 1]);
        if (size >= 128 || size > in.size() - at - 2)
            return false;
        protobuf_scanner scan(in.first(at + 2 + size), at + 2);
        if (!scan.optional(tag::term, term, UINT64_MAX) ||
            (scan.byte(tag::time) && (!scan.fixed64(time) || time == 0)) || !scan.optional(tag::kind, kind, 255) ||
            !scan.optional(tag::codec, codec, 255) || !scan.optional(tag::raw_size, raw_size, UINT32_MAX) ||
            !scan.optional(tag::key_size, key_size, max_message) ||
            !scan.optional(tag::data_size, data_size, max_message) ||
            (several && (!scan.byte(tag::entry_checksum) || !scan.fixed32(checksum))) || !scan.at_end())
            return false;
        at = scan.at();
        return codec != 0 || raw_size == 0;
    }

private:
    [[nodiscard]] std::size_t content_size(bool several) const noexcept {
        return field_size(term) + (time != 0 ? 9 : 0) + field_size(static_cast<std::uint8_t>(kind)) +
               field_size(codec) + field_size(raw_size) + field_size(key_size) + field_size(data_size) +
               (several ? 5 : 0);
    }
    [[nodiscard]] static std::size_t field_size(std::uint64_t value) noexcept {
        return value != 0 ? 1 + varint_size(value) : 0;
    }
};

} // namespace tusk::inline v0
