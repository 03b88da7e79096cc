#pragma once

#include <tusk/concept/format.hpp>
#include <tusk/core/registry.hpp>
#include <tusk/format/protobuf_decoder.hpp>
#include <tusk/format/protobuf_encoder.hpp>
#include <tusk/format/protobuf_header.hpp>

namespace tusk::inline v0 {

/// A Format that any protobuf library reads: a segment is a sequence of length-delimited messages `Frame` of tusk.proto,
/// and unused space is empty messages. format/README.md is the specification. What the functions mean stands in
/// concept/README.md; none of them blocks, allocates or keeps anything, so any number of threads may call them. Needs
/// protozero.
struct protobuf_format {
    static constexpr std::uint8_t id = format_id::protobuf;
    static constexpr const char* name = "protobuf_format";
    static constexpr std::uint32_t version = protobuf_layout::version;
    static constexpr std::byte fill{0};
    static constexpr std::size_t alignment = protobuf_layout::alignment;
    static constexpr std::size_t probe_size = protobuf_layout::header_numbers_at;
    static constexpr std::size_t min_pad = protobuf_layout::min_pad;
    static constexpr std::uint32_t max_entries = protobuf_layout::max_entries;

    /// The bytes that `frame` takes: less than 2 GiB, as every protobuf message.
    [[nodiscard]] static std::size_t size(const frame_view& frame) noexcept { return protobuf_encoder::size(frame); }

    /// Writes `frame` to `out`, which has size(frame) bytes; stamp() does the rest.
    static void encode(const frame_view& frame, byte_span out) noexcept {
        const protobuf_encoder::written body = protobuf_encoder::put(frame, out);
        protobuf_header(frame.type, out.size(), body.count, body.lead, body.lead_checksum).put(out.data());
        store_le(out.data() + protobuf_layout::checksum_at, std::uint32_t{0});
    }

    /// Finishes the encoded frame at the start of `out` for its place.
    static void stamp(byte_span out, const frame_place& place) noexcept {
        protobuf_header header(out.data());
        header.place(place.first_index, place.witness);
        header.put(out.data());
        store_le(out.data() + protobuf_layout::checksum_at, header.checksum(place));
    }

    /// What begins at the start of `in`. Magic comes before version, and version before the checksum.
    [[nodiscard]] static verdict probe(byte_view in, const frame_place& place, frame_info& info) noexcept {
        using namespace protobuf_layout;
        if (in.empty() || (in.front() == fill && in.size() < alignment))
            return verdict::need_more;
        if (in.front() == fill)
            return all_zero(in.first(alignment)) ? verdict::fill : verdict::damaged;
        if (!may_begin(in))
            return verdict::damaged;
        if (in.size() < header_size)
            return verdict::need_more;
        const protobuf_header header(in.data());
        if (header.type() == frame_type::header) {
            if (in.size() < probe_size)
                return verdict::need_more;
            const std::uint32_t found = load_le<std::uint32_t>(in.data() + version_at);
            if (place.offset != 0 || !has_magic(in.data()) || found == 0)
                return verdict::damaged;
            if (found > version)
                return verdict::unsupported;
        }
        const std::uint32_t checksum = load_le<std::uint32_t>(in.data() + checksum_at);
        if (!header.has_tags(in.data()) || checksum != header.checksum(place))
            return verdict::damaged;
        info.type = header.type();
        info.count = header.count();
        info.size = header.size();
        info.lead = header.lead();
        info.first_index = header.first_index();
        info.witness = header.witness();
        info.checksum = checksum;
        return lengths_make_sense(info) ? verdict::frame : verdict::damaged;
    }

    /// Every checksum of the frame, and that it is as encode() writes it.
    [[nodiscard]] static bool check(byte_view in, const frame_info& info) noexcept {
        const protobuf_decoder frame(in, info);
        if (in.size() < info.size || !check_lead(in, info))
            return false;
        if (info.type == frame_type::pad)
            return frame.is_zero();
        frame_cursor cursor;
        stored_entry entry;
        while (cursor.done < info.count) {
            if (!frame.next(cursor, entry))
                return false;
            const byte_view record = in.subspan(entry.at, entry.size);
            if (!check_entry(record, entry) || !show(record, entry, {}))
                return false;
        }
        return !frame.has_several() || frame.only_padding(cursor.body);
    }

    /// The checksum of the lead, and that a frame without entries is as encode() writes it.
    [[nodiscard]] static bool check_lead(byte_view in, const frame_info& info) noexcept {
        const protobuf_decoder frame(in, info);
        return frame.has_lead() && frame.lead_is_right() &&
               (protobuf_layout::holds_entries(info.type) || frame.numbers({}).has_value());
    }

    /// The numbers of the frame: how many there are, and as many of them in `out` as it has room for.
    [[nodiscard]] static result<std::size_t> numbers(byte_view in, const frame_info& info,
                                                     std::span<std::uint64_t> out) noexcept {
        const protobuf_decoder frame(in, info);
        if (!frame.has_lead())
            return errc::corrupt;
        return frame.numbers(out);
    }

    /// The next entry of a batch or replace; false after the last.
    [[nodiscard]] static result<bool> next(byte_view in, const frame_info& info, frame_cursor& cursor,
                                           stored_entry& entry) noexcept {
        if (cursor.done >= info.count)
            return false;
        const protobuf_decoder frame(in, info);
        if (!frame.has_lead() || !frame.next(cursor, entry))
            return errc::corrupt;
        return true;
    }

    /// The checksum of one entry, if it has one of its own. `bytes` are its record.
    [[nodiscard]] static bool check_entry(byte_view bytes, const stored_entry& entry) noexcept {
        return !entry.has_checksum || crc32c(bytes) == entry.checksum;
    }

    /// Key and data stand in the record as they are.
    [[nodiscard]] static result<void> show(byte_view bytes, stored_entry& entry, byte_span /*room*/) noexcept {
        if (!protobuf_record{entry.key_size, entry.data_size}.show(bytes, entry.key, entry.data))
            return errc::corrupt;
        return success();
    }

    /// Where a frame may begin, from `at` on.
    [[nodiscard]] static std::size_t resync(byte_view in, std::size_t at) noexcept {
        if (at > in.size())
            return in.size();
        for (at = (at + alignment - 1) / alignment * alignment; at < in.size(); at += alignment)
            if (may_begin(in.subspan(at)))
                return at;
        return in.size();
    }

private:
    [[nodiscard]] static bool may_begin(byte_view in) noexcept {
        return protobuf_header::begins_frame(in.front()) &&
               (in.size() < 8 || protobuf_header::begins_frame(load_le<std::uint64_t>(in.data())));
    }

    [[nodiscard]] static bool has_magic(const std::byte* in) noexcept {
        using namespace protobuf_layout;
        return in[magic_at - 2] == std::byte{tag::magic} && in[magic_at - 1] == std::byte{magic.size()} &&
               std::memcmp(in + magic_at, magic.data(), magic.size()) == 0 &&
               in[version_at - 1] == std::byte{tag::version};
    }

    // The header is right, so only a hostile file has lengths here that make no sense.
    [[nodiscard]] static bool lengths_make_sense(const frame_info& info) noexcept {
        using namespace protobuf_layout;
        if (info.lead < header_size || info.lead > info.size) // what may begin a frame has a size of whole words
            return false;
        if (info.type == frame_type::pad)
            return info.count == 0 && info.lead == pad_lead;
        if (holds_entries(info.type) != (info.count > 0) || info.count > max_entries)
            return false;
        if (info.count <= 1)
            return info.lead == info.size;
        return (info.lead - header_size) / min_entry >= info.count;
    }
};

static_assert(format<protobuf_format>);

} // namespace tusk::inline v0
