// The three Formats on arbitrary bytes, and on frames that are made of them; and the codecs.

#include <fuzz/finding.hpp>
#include <fuzz/heap.hpp>
#include <fuzz/input.hpp>
#include <fuzz/mend.hpp>

#include <tusk/compression/compressions.hpp>
#include <tusk/compression/lz4.hpp>
#include <tusk/compression/zstd.hpp>

#include <conformance/format_samples.hpp>

namespace {

using namespace tusk;
using format_suite::exactly;
using format_suite::frame_sample;
using fuzz::require;
using codecs = compressions<zstd_compression, lz4_compression>;

constexpr std::size_t max_record_size = 64 * kibibyte;

// What was compressed comes back; what only claims to be is refused, or fills what it claims to.
void unpack(std::uint8_t codec, byte_view in, std::size_t raw_size) {
    if (raw_size > max_record_size) // refused before anything is allocated
        return;
    std::vector<std::byte> out(raw_size);
    (void)codecs().decompress(codec, in, out);
}

void pack(std::uint8_t codec, byte_view in) {
    if (in.size() < 2 || in.size() > max_record_size)
        return;
    std::vector<std::byte> packed(in.size() - 1);
    const std::size_t size = codecs().compress(codec, in, packed);
    if (size == 0)
        return;
    require(size <= packed.size(), "a codec writes more than there is room");
    std::vector<std::byte> out(in.size());
    fuzz::must(codecs().decompress(codec, exactly(byte_view(packed).first(size)), out),
               "what was compressed comes back");
    require(same_bytes(in, out), "what was compressed comes back as it was");
}

// A frame whose checksums are right: all that it says is read, and written again it is the same.
template<format Format>
void read_whole(byte_view in, const frame_info& info, const frame_place& place) {
    require(Format::check_lead(in, info), "what is right as a whole has a right lead");
    frame_sample found;
    if (!format_suite::read_frame<Format>(in, info, found))
        return; // right checksums, and no sense
    for (const auto& e : found.entries)
        if (e.codec != 0)
            unpack(e.codec, exactly(to_bytes(e.data)), e.raw_size);
    if (info.type == frame_type::pad)
        found.pad_size = info.size;
    frame_place same = place;
    same.first_index = info.first_index;
    same.witness = info.witness;
    const bool numbers_are_known = info.type != frame_type::header || found.numbers.size() >= header_fields;
    if (numbers_are_known && (info.type != frame_type::replace || found.numbers.size() == 1)) {
        const auto again = format_suite::written<Format>(found, same);
        require(same_bytes(again, in), "a frame has one encoding");
    }
}

// Any bytes: every function comes back, having looked at nothing beyond them.
template<format Format>
void decode(byte_view bytes, const frame_place& place) {
    for (std::size_t at = 0; at <= bytes.size();) {
        const auto copy = exactly(bytes.subspan(at));
        const byte_view in(copy);
        frame_info info;
        const verdict found = Format::probe(in, place, info);
        require(found != verdict::need_more || in.size() < Format::probe_size, "from so many bytes there is a verdict");
        if (found == verdict::frame) {
            require(info.size > 0 && info.size % Format::alignment == 0, "a frame has a size");
            require(info.lead <= info.size, "a lead is part of its frame");
            require(Format::resync(in, 0) == 0, "a search finds what there is");
            frame_sample sample;
            (void)format_suite::read_frame<Format>(in, info, sample);
            const auto lead = exactly(in.first(std::min(info.lead, in.size())));
            (void)Format::check_lead(lead, info);
            (void)format_suite::read_frame<Format>(lead, info, sample);
            if (info.size <= in.size()) {
                const auto whole = exactly(in.first(info.size));
                if (Format::check(whole, info))
                    read_whole<Format>(whole, info, place);
            }
        }
        if (at == bytes.size())
            break;
        const std::size_t next = Format::resync(in, 1);
        require(next >= 1 && next <= in.size(), "a search goes forward, and ends");
        at += next;
    }
}

// A frame that is made of the input.
template<format Format>
frame_sample make_sample(fuzz::input& in) {
    frame_sample f;
    f.type = static_cast<frame_type>(1 + in.below(8));
    const bool entries = f.type == frame_type::batch || f.type == frame_type::replace;
    const auto number = [&] { return in.number(1 + in.below(8)); };
    switch (f.type) {
    case frame_type::pad: f.pad_size = Format::min_pad + in.number(2) * Format::alignment; break;
    case frame_type::header:
        for (std::size_t i = 0; i < header_fields; ++i)
            f.numbers.push_back(number());
        break;
    case frame_type::reset: f.numbers = {number(), number()}; break;
    case frame_type::index:
        for (unsigned i = in.byte(); i > 0; --i)
            f.numbers.push_back(number());
        break;
    case frame_type::batch: break;
    case frame_type::cut:
    case frame_type::lost:
    case frame_type::replace: f.numbers = {number()}; break;
    }
    term_t term = 0;
    for (unsigned i = entries ? 1 + in.below(8) : 0; i > 0; --i) {
        format_suite::entry_sample e;
        const unsigned what = in.byte();
        e.key = to_text(in.bytes((what & 1) != 0 ? in.byte() : 0));
        e.data = to_text(in.bytes(in.number(1 + (what >> 1 & 1))));
        const term_t more = (what & 4) != 0 ? number() : 0;
        e.term = term += std::min(more, UINT64_MAX - term);
        e.time = number();
        e.kind = static_cast<entry_kind>((what & 8) != 0 ? in.byte() : 0);
        e.codec = (what & 16) != 0 ? in.byte() : 0;
        e.raw_size = static_cast<std::uint32_t>(e.codec != 0 ? in.number(4) : e.data.size());
        if ((what & 32) != 0)
            for (std::size_t left = e.data.size(), piece = 0; left > 0 && e.pieces.size() < 8; left -= piece)
                e.pieces.push_back(piece = std::min<std::size_t>(left, in.byte()));
        if ((what & 64) != 0)
            pack((what & 128) != 0 ? codec::lz4 : codec::zstd, to_bytes(e.data));
        f.entries.push_back(std::move(e));
    }
    return f;
}

// What is encoded decodes, and a bit that has changed is seen.
template<format Format>
void encode(fuzz::input& in) {
    frame_place place{.log = in.number(8),
                      .segment = static_cast<segment_t>(in.number(4)),
                      .offset = in.number(4),
                      .first_index = in.number(8),
                      .witness = in.number(8)};
    const frame_sample sample = make_sample<Format>(in);
    if (sample.type == frame_type::header)
        place.offset = 0;
    std::vector<std::byte> out = format_suite::written<Format>(sample, place);
    frame_info info;
    require(out.size() % Format::alignment == 0, "frames are aligned");
    require(Format::probe(out, place, info) == verdict::frame, "what was written has a header");
    require(info.size == out.size() && info.type == sample.type && info.first_index == place.first_index &&
                info.witness == place.witness && info.count == sample.entries.size(),
            "a header says what was written");
    require(Format::check(out, info), "what was written is right");
    frame_sample found;
    require(format_suite::read_frame<Format>(out, info, found), "what was written makes sense");
    require(found == sample, "what was written is read");

    const std::size_t bit = in.number(3) % (out.size() * 8);
    out[bit / 8] ^= std::byte{1} << (bit % 8);
    frame_info other;
    const bool accepted =
        Format::probe(out, place, other) == verdict::frame && other.size <= out.size() && Format::check(out, other);
    require(!accepted, "one bit that has changed is seen");
}

template<format Format>
void run(fuzz::input& in, unsigned what) {
    if ((what & 1) != 0)
        return encode<Format>(in);
    const frame_place place{.log = 0x1122334455667788, .segment = 1, .offset = (what & 2) != 0 ? 0U : 4096U};
    const byte_view rest = in.rest();
    std::vector<std::byte> bytes(rest.begin(), rest.end());
    if ((what & 4) != 0) {
        for (std::size_t at = 0; at < bytes.size();) { // all at the same place, as decode() looks at them
            const byte_span here = byte_span(bytes).subspan(at);
            const std::size_t size = fuzz::mending::frame<Format>(here, place);
            at += size != 0 ? size : Format::resync(here, std::min<std::size_t>(1, here.size()));
        }
    }
    decode<Format>(bytes, place);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::input in(std::as_bytes(std::span(data, size)));
    const std::size_t before = fuzz::heap_in_use();
    (void)fuzz::heap_peak();
    const unsigned what = in.byte();
    switch (what % 3) {
    case 0: run<binary_format>(in, what / 3); break;
    case 1: run<json_format>(in, what / 3); break;
    default: run<protobuf_format>(in, what / 3);
    }
    // This program's own copies of the input, in all shapes that they are compared in, count as input.
    require(fuzz::heap_peak() - before <= 64 * size + 2 * max_record_size + mebibyte, "memory is bounded");
    return 0;
}
