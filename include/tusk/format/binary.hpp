#pragma once

#include <tusk/concept/format.hpp>
#include <tusk/core/registry.hpp>
#include <tusk/format/binary_decoder.hpp>
#include <tusk/format/binary_encoder.hpp>

namespace tusk::inline v0 {

/// The compact Format, and the default. Every frame begins with 32 bytes of header at a multiple of 8; format/README.md
/// is the specification. What the functions mean stands in concept/README.md; none of them blocks, allocates or keeps
/// anything, so any number of threads may call them.
struct binary_format {
    static constexpr std::uint8_t id = format_id::binary;
    static constexpr const char* name = "binary_format";
    static constexpr std::uint32_t version = binary_layout::version;
    static constexpr std::byte fill{0};
    static constexpr std::size_t alignment = binary_layout::alignment;
    static constexpr std::size_t probe_size = binary_layout::header_size + binary_layout::magic.size();
    static constexpr std::size_t min_pad = binary_layout::header_size;
    static constexpr std::uint32_t max_entries = binary_layout::max_entries;

    static_assert(probe_size >= binary_layout::directory_at, "probe sees the size of the directory");
    static_assert(min_pad % alignment == 0);

    /// The bytes that `frame` takes. Its keys and data may come to 3 GiB.
    [[nodiscard]] static std::size_t size(const frame_view& frame) noexcept {
        return binary_layout::frame_size(binary_encoder::size(frame));
    }

    /// Writes `frame` to `out`, which has size(frame) bytes; stamp() does the rest.
    static void encode(const frame_view& frame, byte_span out) noexcept {
        using namespace binary_layout;
        std::byte* const header = out.data();
        store_le(header + out.size() - alignment, std::uint64_t{0}); // the padding, before what may take its place
        const binary_encoder::written body = binary_encoder::put(frame, header + header_size);
        const auto size = static_cast<std::size_t>(body.end - header);
        assert(frame_size(size - header_size) == out.size() && size - header_size <= UINT32_MAX);
        store_le(header + mark_at, mark | static_cast<std::uint32_t>(frame.type) | (body.count << 8));
        store_le(header + body_size_at, static_cast<std::uint32_t>(size - header_size));
        store_le(header + first_index_at, std::uint64_t{0});
        store_le(header + witness_at, std::uint64_t{0});
        store_le(header + lead_checksum_at, body.lead_checksum);
        store_le(header + checksum_at, std::uint32_t{0});
    }

    /// Finishes the encoded frame at the start of `out` for its place.
    static void stamp(byte_span out, const frame_place& place) noexcept {
        using namespace binary_layout;
        store_le(out.data() + first_index_at, place.first_index);
        store_le(out.data() + witness_at, place.witness);
        store_le(out.data() + checksum_at, header_checksum(out.data(), place));
    }

    /// What begins at the start of `in`. Magic comes before version, and version before the checksum.
    [[nodiscard]] static verdict probe(byte_view in, const frame_place& place, frame_info& info) noexcept {
        using namespace binary_layout;
        if (in.empty() || (in.front() == fill && in.size() < alignment))
            return verdict::need_more;
        if (in.front() == fill)
            return all_zero(in.first(alignment)) ? verdict::fill : verdict::damaged;
        if (!begins_frame(in.front()))
            return verdict::damaged;
        const auto type = static_cast<frame_type>(std::to_integer<std::uint8_t>(in.front()) & ~mark);
        if (in.size() < (type == frame_type::header ? probe_size : header_size))
            return verdict::need_more;
        const std::byte* const header = in.data();
        if (type == frame_type::header) {
            if (place.offset != 0 || std::memcmp(header + header_size, magic.data(), magic.size()) != 0)
                return verdict::damaged;
            if (load_count(header) > version)
                return verdict::unsupported;
        }
        if (load_le<std::uint32_t>(header + checksum_at) != header_checksum(header, place))
            return verdict::damaged;
        info.type = type;
        info.count = binary_decoder::holds_entries(type) ? load_count(header) : 0;
        info.size = frame_size(load_body_size(header));
        info.lead = type == frame_type::pad ? header_size : info.size;
        info.first_index = load_le<std::uint64_t>(header + first_index_at);
        info.witness = load_le<std::uint64_t>(header + witness_at);
        info.checksum = load_le<std::uint32_t>(header + checksum_at);
        return probe_lengths(in, info);
    }

    /// Every checksum of the frame, and that its padding is zero.
    [[nodiscard]] static bool check(byte_view in, const frame_info& info) noexcept {
        const binary_decoder frame(in, info);
        if (!frame.has_lead() || in.size() < info.size || !frame.lead_is_right() || !frame.rest_is_zero())
            return false;
        if (!binary_decoder::has_directory(info))
            return true;
        frame_cursor cursor;
        stored_entry entry;
        while (cursor.done < info.count)
            if (!frame.next(cursor, entry) || !check_entry(in.subspan(entry.at, entry.size), entry))
                return false;
        return true;
    }

    /// The checksum of the lead and, where that is all of the frame, that its padding is zero.
    [[nodiscard]] static bool check_lead(byte_view in, const frame_info& info) noexcept {
        const binary_decoder frame(in, info);
        return frame.has_lead() && frame.lead_is_right() && (info.lead < info.size || frame.rest_is_zero());
    }

    /// The numbers of the frame: how many there are, and as many of them in `out` as it has room for.
    [[nodiscard]] static result<std::size_t> numbers(byte_view in, const frame_info& info,
                                                     std::span<std::uint64_t> out) noexcept {
        const binary_decoder frame(in, info);
        if (!frame.has_lead())
            return errc::corrupt;
        return frame.numbers(out);
    }

    /// The next entry of a batch or replace; false after the last.
    [[nodiscard]] static result<bool> next(byte_view in, const frame_info& info, frame_cursor& cursor,
                                           stored_entry& entry) noexcept {
        if (cursor.done >= info.count)
            return false;
        const binary_decoder frame(in, info);
        if (!frame.has_lead() || !frame.next(cursor, entry))
            return errc::corrupt;
        return true;
    }

    /// The checksum of one entry, if it has one of its own. `bytes` are its key and data.
    [[nodiscard]] static bool check_entry(byte_view bytes, const stored_entry& entry) noexcept {
        return !entry.has_checksum || crc32c(bytes) == entry.checksum;
    }

    /// Key and data stand as they are, one behind the other.
    [[nodiscard]] static result<void> show(byte_view bytes, stored_entry& entry, byte_span /*room*/) noexcept {
        entry.key = bytes.first(entry.key_size);
        entry.data = bytes.subspan(entry.key_size, entry.data_size);
        return success();
    }

    /// Where a frame may begin, from `at` on.
    [[nodiscard]] static std::size_t resync(byte_view in, std::size_t at) noexcept {
        if (at > in.size())
            return in.size();
        for (at = (at + alignment - 1) / alignment * alignment; at < in.size(); at += alignment)
            if (binary_layout::begins_frame(in[at]))
                return at;
        return in.size();
    }

private:
    // The header is right, so only a hostile file has lengths here that make no sense. But its checksum does not cover
    // the size of the directory, which may be anything.
    [[nodiscard]] static verdict probe_lengths(byte_view in, frame_info& info) noexcept {
        using namespace binary_layout;
        const std::uint32_t count = load_count(in.data());
        const std::size_t body_size = load_body_size(in.data());
        if (info.type == frame_type::header)
            return count == version && body_size >= magic.size() ? verdict::frame : verdict::damaged;
        if (binary_decoder::holds_entries(info.type) != (count > 0))
            return verdict::damaged;
        if (!binary_decoder::has_directory(info))
            return verdict::frame;
        if (body_size < directory_size_size)
            return verdict::damaged;
        if (in.size() < directory_at)
            return verdict::need_more;
        const std::size_t directory_size = load_le<std::uint32_t>(in.data() + directory_size_at);
        if (directory_size > body_size - directory_size_size || directory_size / min_directory_entry < count)
            return verdict::damaged;
        info.lead = directory_at + directory_size;
        return verdict::frame;
    }
};

static_assert(format<binary_format>);

} // namespace tusk::inline v0
