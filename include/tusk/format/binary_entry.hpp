#pragma once

#include <tusk/core/varint.hpp>
#include <tusk/format/binary_layout.hpp>

#include <cassert>

namespace tusk::inline v0 {

/// What binary_format says of an entry beside its key and data: in front of them where the entry is alone in its frame,
/// else in the frame's directory, where term and time are told as differences to the entry before.
struct binary_entry {
    term_t term = 0;
    timestamp_t time = 0;
    entry_kind kind = entry_kind::data;
    std::uint8_t codec = 0;
    std::uint32_t key_size = 0;
    std::uint32_t data_size = 0; ///< alone: not stored, the data is what is left of the body
    std::uint32_t raw_size = 0;  ///< stored if compressed
    std::uint32_t checksum = 0;  ///< alone: not stored, the frame's checksum covers key and data

    binary_entry() = default;
    explicit binary_entry(const stored_record& record) noexcept
        : term(record.term),
          time(record.time),
          kind(record.kind),
          codec(record.codec),
          key_size(static_cast<std::uint32_t>(record.key.size())),
          data_size(static_cast<std::uint32_t>(record.data.size())),
          raw_size(record.raw_size) {
        assert(record.key.size() <= UINT32_MAX && record.data.size() <= UINT32_MAX);
    }

    [[nodiscard]] std::size_t size_alone() const noexcept {
        return 1 + kind_size() + varint_size(term) + 8 + key_size_size() + codec_size();
    }

    std::byte* put_alone(std::byte* to) const noexcept {
        to = put_flags(to);
        to = put_varint(to, term);
        store_le(to, time);
        to = put_key_size(to + 8);
        return put_codec(to);
    }

    /// Reads what put_alone() wrote. False if it makes no sense.
    [[nodiscard]] bool get_alone(byte_view in, std::size_t& at) noexcept {
        if (in.size() - at >= 2 + 8 && (load_le<std::uint16_t>(in.data() + at) & 0x80FF) == 0) {
            // Most have no flags and a term of one byte.
            term = std::to_integer<term_t>(in[at + 1]);
            time = load_le<std::uint64_t>(in.data() + at + 2);
            at += 2 + 8;
            return true;
        }
        std::uint8_t flags = 0;
        if (!get_flags(in, at, flags) || !get_varint(in, at, term) || in.size() - at < 8)
            return false;
        time = load_le<std::uint64_t>(in.data() + at);
        at += 8;
        return get_key_size(in, at, flags) && get_codec(in, at, flags);
    }

    [[nodiscard]] std::size_t size_after(term_t term_before, timestamp_t time_before) const noexcept {
        return 1 + kind_size() + varint_size(term - term_before) + varint_size(zigzag(time - time_before)) +
               key_size_size() + varint_size(data_size) + codec_size() + 4;
    }

    std::byte* put_after(std::byte* to, term_t term_before, timestamp_t time_before) const noexcept {
        to = put_flags(to);
        to = put_varint(to, term - term_before);
        to = put_varint(to, zigzag(time - time_before));
        to = put_key_size(to);
        to = put_varint(to, data_size);
        to = put_codec(to);
        store_le(to, checksum);
        return to + 4;
    }

    /// Reads what put_after() wrote. False if it makes no sense.
    [[nodiscard]] bool get_after(byte_view in, std::size_t& at, term_t term_before, timestamp_t time_before) noexcept {
        std::uint8_t flags = 0;
        std::uint64_t more_term = 0;
        std::uint64_t time_difference = 0;
        if (!get_flags(in, at, flags) || !get_varint(in, at, more_term) || !get_varint(in, at, time_difference))
            return false;
        term = term_before + more_term;
        time = time_before + unzigzag(time_difference);
        if (term < term_before || !get_key_size(in, at, flags) || !get_u32(in, at, data_size) ||
            !get_codec(in, at, flags) || in.size() - at < 4)
            return false;
        checksum = load_le<std::uint32_t>(in.data() + at);
        at += 4;
        return true;
    }

private:
    [[nodiscard]] std::size_t kind_size() const noexcept { return kind != entry_kind::data ? 1 : 0; }
    [[nodiscard]] std::size_t key_size_size() const noexcept { return key_size != 0 ? varint_size(key_size) : 0; }
    [[nodiscard]] std::size_t codec_size() const noexcept { return codec != 0 ? 1 + varint_size(raw_size) : 0; }

    std::byte* put_flags(std::byte* to) const noexcept {
        *to++ = static_cast<std::byte>((key_size != 0 ? binary_layout::has_key : 0) |
                                       (codec != 0 ? binary_layout::is_compressed : 0) |
                                       (kind != entry_kind::data ? binary_layout::has_kind : 0));
        if (kind != entry_kind::data)
            *to++ = static_cast<std::byte>(kind);
        return to;
    }

    std::byte* put_key_size(std::byte* to) const noexcept { return key_size != 0 ? put_varint(to, key_size) : to; }

    std::byte* put_codec(std::byte* to) const noexcept {
        if (codec == 0)
            return to;
        *to++ = static_cast<std::byte>(codec);
        return put_varint(to, raw_size);
    }

    [[nodiscard]] static bool get_byte(byte_view in, std::size_t& at, std::uint8_t& value) noexcept {
        if (at >= in.size())
            return false;
        value = std::to_integer<std::uint8_t>(in[at++]);
        return true;
    }

    [[nodiscard]] static bool get_u32(byte_view in, std::size_t& at, std::uint32_t& value) noexcept {
        std::uint64_t wide = 0;
        if (!get_varint(in, at, wide) || wide > UINT32_MAX)
            return false;
        value = static_cast<std::uint32_t>(wide);
        return true;
    }

    // A flag that announces the value that its absence means is refused: each entry has one encoding.
    [[nodiscard]] bool get_flags(byte_view in, std::size_t& at, std::uint8_t& flags) noexcept {
        if (!get_byte(in, at, flags) || (flags & ~binary_layout::known_flags) != 0)
            return false;
        if ((flags & binary_layout::has_kind) == 0)
            return true;
        std::uint8_t value = 0;
        const bool there = get_byte(in, at, value);
        kind = static_cast<entry_kind>(value);
        return there && kind != entry_kind::data;
    }

    [[nodiscard]] bool get_key_size(byte_view in, std::size_t& at, std::uint8_t flags) noexcept {
        return (flags & binary_layout::has_key) == 0 || (get_u32(in, at, key_size) && key_size != 0);
    }

    [[nodiscard]] bool get_codec(byte_view in, std::size_t& at, std::uint8_t flags) noexcept {
        return (flags & binary_layout::is_compressed) == 0 ||
               (get_byte(in, at, codec) && codec != 0 && get_u32(in, at, raw_size));
    }
};

} // namespace tusk::inline v0
