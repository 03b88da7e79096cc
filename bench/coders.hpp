#pragma once

#include "bare_codecs.hpp"
#include "bare_messages.hpp"
#include "samples.hpp"

#include <tusk/compression/lz4.hpp>
#include <tusk/compression/none.hpp>
#include <tusk/compression/zstd.hpp>
#include <tusk/core/crc32c.hpp>
#include <tusk/format/binary.hpp>
#include <tusk/format/json.hpp>
#include <tusk/format/protobuf.hpp>

namespace bench {

/// Where every frame is said to stand, and what its entry says.
inline constexpr tusk::frame_place some_place{
    .log = 0x1122334455667788, .segment = 7, .offset = 123'456'789, .first_index = 1'234'567, .witness = 123'400'000};
inline constexpr std::uint64_t some_term = 3;
inline constexpr std::uint64_t some_time = 1'700'000'000'123'456'789;

/// Makes frames as a log does when it appends one record, and reads them as it does for `get`.
template<tusk::format Format, tusk::compression Compression>
class format_coder {
public:
    explicit format_coder(const samples& records) : packed_(records.size()) {}

    std::size_t encode(tusk::byte_view data, tusk::byte_span out) {
        tusk::stored_record stored;
        stored.data = data;
        stored.term = some_term;
        stored.time = some_time;
        stored.raw_size = static_cast<std::uint32_t>(data.size());
        if constexpr (Compression::id != tusk::codec::none)
            if (const std::size_t size = codec_.compress(data, tusk::byte_span(packed_).first(data.size() - 1))) {
                stored.data = tusk::byte_view(packed_).first(size);
                stored.codec = Compression::id;
            }
        const tusk::frame_view frame{.records = {&stored, 1}};
        const std::size_t size = Format::size(frame);
        Format::encode(frame, out.first(size));
        Format::stamp(out.first(size), some_place);
        return size;
    }

    /// The data, in `in` or in `room`, which has a second half for what is decoded on the way. Empty if anything is wrong.
    tusk::byte_view decode(tusk::byte_view in, tusk::byte_span room) {
        tusk::frame_info info;
        tusk::frame_cursor cursor;
        tusk::stored_entry e;
        if (Format::probe(in, some_place, info) != tusk::verdict::frame || !Format::check_lead(in, info))
            return {};
        const tusk::result<bool> found = Format::next(in, info, cursor, e);
        if (!found || !found.assume_value())
            return {};
        const tusk::byte_view record = in.subspan(e.at, e.size);
        if (!Format::check_entry(record, e) || !Format::show(record, e, room.last(room.size() / 2)))
            return {};
        if (e.codec == tusk::codec::none)
            return e.data;
        const tusk::byte_span plain = room.first(e.raw_size);
        return codec_.decompress(e.codec, e.data, plain) ? tusk::byte_view(plain) : tusk::byte_view();
    }

private:
    Compression codec_;
    std::vector<std::byte> packed_;
};

/// Whether the bare libraries' message gets checksums, as a Format's frame has: one of its head and one of the rest.
enum class checksums : bool { none, two };

/// Does the same with the libraries alone.
template<class Message, class Codec, checksums Sums>
class bare_coder {
public:
    explicit bare_coder(const samples& records) : is_text_(records.what() != content::noise), packed_(records.size()) {}

    std::size_t encode(tusk::byte_view data, tusk::byte_span out) {
        message m;
        m.index = some_place.first_index;
        m.witness = some_place.witness;
        m.term = some_term;
        m.time = some_time;
        m.raw_size = static_cast<std::uint32_t>(data.size());
        m.is_text = is_text_;
        m.data = data;
        if constexpr (Codec::id != tusk::codec::none)
            if (const std::size_t size = codec_.compress(data, tusk::byte_span(packed_).first(data.size() - 1))) {
                m.data = tusk::byte_view(packed_).first(size);
                m.codec = Codec::id;
                m.is_text = false;
            }
        const std::size_t size = as_.encode(m, out);
        if constexpr (Sums == checksums::none)
            return size;
        tusk::store_le(out.data() + size, sums_of(out.first(size)));
        return size + sizeof(std::uint64_t);
    }

    tusk::byte_view decode(tusk::byte_view in, tusk::byte_span room) {
        if constexpr (Sums == checksums::two) {
            const std::size_t size = in.size() - sizeof(std::uint64_t);
            if (tusk::load_le<std::uint64_t>(in.data() + size) != sums_of(in.first(size)))
                return {};
            in = in.first(size);
        }
        const message m = as_.decode(in, room.last(room.size() / 2));
        if (m.index != some_place.first_index || m.term != some_term || m.time != some_time)
            return {};
        if (m.codec == tusk::codec::none)
            return m.data;
        const tusk::byte_span plain = room.first(m.raw_size);
        return codec_.decompress(m.data, plain) ? tusk::byte_view(plain) : tusk::byte_view();
    }

private:
    // The first goes on from the place, as a Format's does, so that a frame is not taken for one in another place.
    static std::uint64_t sums_of(tusk::byte_view bytes) noexcept {
        constexpr std::size_t head = 40;
        std::array<std::byte, 20> place;
        tusk::store_le(place.data(), some_place.log);
        tusk::store_le(place.data() + 8, some_place.offset);
        tusk::store_le(place.data() + 16, some_place.segment);
        return std::uint64_t{tusk::crc32c(bytes.first(head), tusk::crc32c(place))} << 32 |
               tusk::crc32c(bytes.subspan(head));
    }

    bool is_text_;
    Message as_;
    Codec codec_;
    std::vector<std::byte> packed_;
};

} // namespace bench
