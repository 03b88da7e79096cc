#pragma once

#include <tusk/format/protobuf_layout.hpp>

#include <cassert>

namespace tusk::inline v0 {

/// The first bytes of a frame of protobuf_format, in registers: five words, which the checksum covers, and the checksum.
/// They are loaded and stored in whole words, for a load that spans earlier stores would wait for those to finish.
class protobuf_header {
public:
    /// A header whose place is not known yet.
    protobuf_header(frame_type type, std::size_t size, std::size_t count, std::size_t lead,
                    std::uint32_t lead_checksum) noexcept
        : words_{tags[0] | protobuf_layout::spread(size - protobuf_layout::length_size) |
                     static_cast<std::uint64_t>(type) << 48,
                 tags[1] | count, tags[2], tags[3] | std::uint64_t{lead} << 56,
                 tags[4] | lead >> 8 | std::uint64_t{lead_checksum} << 32} {
        assert(size - protobuf_layout::length_size <= protobuf_layout::max_message);
    }

    /// Of a frame that has at least header_size bytes.
    explicit protobuf_header(const std::byte* from) noexcept {
        for (std::size_t i = 0; i < words_.size(); ++i)
            words_[i] = load_le<std::uint64_t>(from + 8 * i);
    }

    void put(std::byte* to) const noexcept {
        for (std::size_t i = 0; i < words_.size(); ++i)
            store_le(to + 8 * i, words_[i]);
        to[protobuf_layout::checked_size] = std::byte{protobuf_layout::tag::checksum};
    }

    /// True if the bytes may begin a frame: its length, its type, and the tag behind it.
    [[nodiscard]] static bool begins_frame(std::uint64_t word) noexcept {
        return (word & masks[0]) == tags[0] && type_of(word) >= protobuf_layout::first_type &&
               type_of(word) <= protobuf_layout::last_type;
    }
    /// Likewise, as far as can be told from the first byte: the size of a frame is a multiple of 8.
    [[nodiscard]] static bool begins_frame(std::byte first) noexcept {
        return (first & std::byte{0x87}) == std::byte{0x80 | (0 - protobuf_layout::length_size) % 8};
    }

    /// True if every field has its tag.
    [[nodiscard]] bool has_tags(const std::byte* from) const noexcept {
        for (std::size_t i = 0; i < words_.size(); ++i)
            if ((words_[i] & masks[i]) != tags[i])
                return false;
        return from[protobuf_layout::checked_size] == std::byte{protobuf_layout::tag::checksum};
    }

    void place(index_t first_index, lsn_t witness) noexcept {
        words_[1] = (words_[1] & 0xFF'FFFF'FFFF) | first_index << 40;
        words_[2] = tags[2] | first_index >> 24 | witness << 48;
        words_[3] = (words_[3] & (std::uint64_t{0xFF} << 56)) | tags[3] | witness >> 16;
    }

    [[nodiscard]] std::uint8_t raw_type() const noexcept { return type_of(words_[0]); }
    [[nodiscard]] frame_type type() const noexcept { return static_cast<frame_type>(raw_type()); }
    /// Bytes of the whole frame.
    [[nodiscard]] std::size_t size() const noexcept {
        return protobuf_layout::length_size + protobuf_layout::gather(words_[0]);
    }
    [[nodiscard]] std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(words_[1]); }
    [[nodiscard]] index_t first_index() const noexcept { return words_[1] >> 40 | words_[2] << 24; }
    [[nodiscard]] lsn_t witness() const noexcept { return words_[2] >> 48 | words_[3] << 16; }
    [[nodiscard]] std::size_t lead() const noexcept { return words_[3] >> 56 | (words_[4] & 0xFF'FFFF) << 8; }

    /// The header's checksum at `place`, of which log, segment and offset count. A header frame names its place itself.
    [[nodiscard]] std::uint32_t checksum(const frame_place& place) const noexcept {
        using namespace protobuf_layout;
        std::array<std::byte, place_size + checked_size> checked;
        store_le(checked.data(), place.log);
        store_le(checked.data() + 8, std::uint64_t{place.segment});
        store_le(checked.data() + 16, place.offset);
        for (std::size_t i = 0; i < words_.size(); ++i)
            store_le(checked.data() + place_size + 8 * i, words_[i]);
        return crc32c(byte_view(checked).subspan(type() == frame_type::header ? place_size : 0));
    }

private:
    using words = std::array<std::uint64_t, protobuf_layout::checked_size / 8>;

    // The tags as they stand between the fields, and the bits in which they stand. In the first word the length too:
    // four bytes that go on and one that ends it, with what belongs to no length below 2^31 being zero.
    static constexpr words tags{
        0x80808080 | std::uint64_t{protobuf_layout::tag::type} << 40 | std::uint64_t{protobuf_layout::tag::count} << 56,
        std::uint64_t{protobuf_layout::tag::first_index} << 32,
        std::uint64_t{protobuf_layout::tag::witness} << 40,
        std::uint64_t{protobuf_layout::tag::lead} << 48,
        std::uint64_t{protobuf_layout::tag::lead_checksum} << 24,
    };
    static constexpr words masks{0xFF00'FFF8'8080'8080, 0xFF'0000'0000, 0xFF00'0000'0000, 0xFF'0000'0000'0000,
                                 0xFF00'0000};

    [[nodiscard]] static std::uint8_t type_of(std::uint64_t word) noexcept {
        return static_cast<std::uint8_t>(word >> 48);
    }

    words words_;
};

} // namespace tusk::inline v0
