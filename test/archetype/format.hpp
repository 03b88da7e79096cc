#pragma once

#include <tusk/concept/usable.hpp>
#include <tusk/format/binary.hpp>

namespace archetype {

/// A format that has what the concept asks for and nothing else. Writes the frames of `binary_format`, under a user's id.
class bare_format {
    using inner = tusk::binary_format;

public:
    bare_format() = delete;

    static constexpr std::uint8_t id = tusk::format_id::user;
    static constexpr const char* name = "bare_format";
    static constexpr std::uint32_t version = inner::version;
    static constexpr std::byte fill = inner::fill;
    static constexpr std::size_t alignment = inner::alignment;
    static constexpr std::size_t probe_size = inner::probe_size;
    static constexpr std::size_t min_pad = inner::min_pad;
    static constexpr std::uint32_t max_entries = inner::max_entries;

    static std::size_t size(const tusk::frame_view& frame) noexcept { return inner::size(frame); }
    static void encode(const tusk::frame_view& frame, tusk::byte_span out) noexcept { inner::encode(frame, out); }
    static void stamp(tusk::byte_span out, const tusk::frame_place& place) noexcept { inner::stamp(out, place); }
    static tusk::verdict probe(tusk::byte_view in, const tusk::frame_place& place, tusk::frame_info& info) noexcept {
        return inner::probe(in, place, info);
    }
    static bool check(tusk::byte_view in, const tusk::frame_info& info) noexcept { return inner::check(in, info); }
    static bool check_lead(tusk::byte_view in, const tusk::frame_info& info) noexcept {
        return inner::check_lead(in, info);
    }
    static tusk::result<std::size_t> numbers(tusk::byte_view in, const tusk::frame_info& info,
                                             std::span<std::uint64_t> out) noexcept {
        return inner::numbers(in, info, out);
    }
    static tusk::result<bool> next(tusk::byte_view in, const tusk::frame_info& info, tusk::frame_cursor& cursor,
                                   tusk::stored_entry& entry) noexcept {
        return inner::next(in, info, cursor, entry);
    }
    static bool check_entry(tusk::byte_view bytes, const tusk::stored_entry& entry) noexcept {
        return inner::check_entry(bytes, entry);
    }
    static tusk::result<void> show(tusk::byte_view bytes, tusk::stored_entry& entry, tusk::byte_span room) noexcept {
        return inner::show(bytes, entry, room);
    }
    static std::size_t resync(tusk::byte_view in, std::size_t at) noexcept { return inner::resync(in, at); }
};

static_assert(tusk::aligned_format<bare_format>);

} // namespace archetype
