#include <tusk/format/protobuf.hpp>

#include <allocations.hpp>
#include <conformance/format.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <protozero/pbf_reader.hpp>

#include <ostream>

using namespace tusk;

namespace format_protobuf {

using format_suite::frame_sample;

constexpr frame_place here{
    .log = 0x1122334455667788, .segment = 7, .offset = 4096, .first_index = 42, .witness = 0x10000};

std::string hex(byte_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i != 0)
            out += i % 8 == 0 ? "  " : " ";
        const auto value = std::to_integer<unsigned>(bytes[i]);
        out += digits[value / 16];
        out += digits[value % 16];
    }
    return out;
}

// ---- the wire format, by hand ----

std::string varint(std::uint64_t value) {
    std::string out(varint_size(value), ' ');
    put_varint(reinterpret_cast<std::byte*>(out.data()), value);
    return out;
}
/// A varint that has more bytes than it needs.
std::string overlong(std::uint64_t value, std::size_t size) {
    std::string out;
    for (; size > 1; --size, value >>= 7)
        out.push_back(static_cast<char>(value | 0x80));
    out.push_back(static_cast<char>(value));
    return out;
}
std::string fixed(std::uint64_t value, std::size_t size) {
    std::string out;
    for (std::size_t i = 0; i < size; ++i)
        out.push_back(static_cast<char>(value >> (8 * i)));
    return out;
}
std::string tag(unsigned field, unsigned wire_type) { return varint(field << 3 | wire_type); }
std::string number(unsigned field, std::uint64_t value) { return tag(field, 0) + varint(value); }
std::string fixed64(unsigned field, std::uint64_t value) { return tag(field, 1) + fixed(value, 8); }
std::string fixed32(unsigned field, std::uint32_t value) { return tag(field, 5) + fixed(value, 4); }
std::string message(unsigned field, const std::string& content) {
    return tag(field, 2) + varint(content.size()) + content;
}

/// The same, with padding as it should be.
std::string padded(const std::string& body) {
    return body + message(15, std::string((8 - (45 + body.size() + 2) % 8) % 8, '\0'));
}

/// A frame with anything behind its header, whose checksums are right all the same: what an enemy would write. The
/// lead is all of it, or so much of the body.
std::vector<std::byte> crafted(frame_type type, std::uint32_t count, const std::string& body,
                               std::size_t lead = std::string::npos) {
    lead = std::min(lead, body.size());
    const std::string text = overlong(45 + body.size() - 5, 5) + number(1, static_cast<std::uint8_t>(type)) +
                             fixed32(2, count) + fixed64(3, 0) + fixed64(4, 0) +
                             fixed32(5, static_cast<std::uint32_t>(45 + lead)) +
                             fixed32(6, crc32c(to_bytes(body).first(lead))) + fixed32(7, 0) + body;
    std::vector<std::byte> out = format_suite::exactly(to_bytes(text));
    protobuf_format::stamp(out, here);
    return out;
}

std::vector<std::byte> crafted_one(const std::string& entry, const std::string& record,
                                   frame_type type = frame_type::batch) {
    return crafted(type, 1, padded(entry + record));
}
std::vector<std::byte> crafted_several(std::uint32_t count, const std::string& lead, const std::string& records,
                                       frame_type type = frame_type::batch) {
    return crafted(type, count, padded(lead + records), lead.size());
}

std::string entry(const std::string& content) { return message(13, content); }
std::string record(const std::string& content) { return message(14, content); }
std::string data(const std::string& bytes) { return record(message(2, bytes)); }
/// One of several entries, with the checksum that its record should have.
std::string entry_of(const std::string& record, const std::string& content) {
    return entry(content + fixed32(8, crc32c(to_bytes(record))));
}

verdict probed(byte_view in, const frame_place& place = here) {
    frame_info info;
    return protobuf_format::probe(in, place, info);
}

/// True if it is a frame like any other, of which every function makes sense.
bool makes_sense(const std::vector<std::byte>& in) {
    frame_info info;
    frame_sample out;
    return format_suite::is_frame<protobuf_format>(in, here, info) &&
           format_suite::read_frame<protobuf_format>(in, info, out);
}

/// True if its header passes and its checksums are right, and what it holds is refused all the same, by the check and by
/// those who read it.
bool makes_no_sense(const std::vector<std::byte>& in) {
    frame_info info;
    frame_sample out;
    return protobuf_format::probe(in, here, info) == verdict::frame && info.size == in.size() &&
           !protobuf_format::check(in, info) && !format_suite::read_frame<protobuf_format>(in, info, out);
}

struct golden_frame {
    frame_sample sample;
    const char* bytes;

    friend std::ostream& operator<<(std::ostream& out, const golden_frame& g) { return out << g.sample.name; }
};

std::vector<golden_frame> golden_frames() {
    const format_suite::entry_sample first{.data = "hello", .key = "k", .term = 3, .time = 1'700'000'000'000'000'000};
    const format_suite::entry_sample second{.data = "world!",
                                            .term = 300,
                                            .time = 1'700'000'000'000'000'500,
                                            .kind = entry_kind::user,
                                            .codec = 1,
                                            .raw_size = 1000};
    const format_suite::entry_sample third{
        .data = "", .key = "k", .term = 300, .time = 1'699'999'999'999'999'999, .kind = entry_kind::tombstone};
    return {
        {{.name = "header",
          .type = frame_type::header,
          .numbers = {here.log, 7, 0x10000, 42, 3, 6, 4096, 0xDEADBEEF, 0}},
         "93 81 80 80 00 08 01 15  00 00 00 00 19 2a 00 00  "
         "00 00 00 00 00 21 00 00  01 00 00 00 00 00 2d 98  "
         "00 00 00 35 61 7d a3 44  3d bc eb ae 24 42 60 0a  "
         "08 54 55 53 4b 57 41 4c  0a 15 01 00 00 00 19 88  "
         "77 66 55 44 33 22 11 21  07 00 00 00 00 00 00 00  "
         "29 00 00 01 00 00 00 00  00 31 2a 00 00 00 00 00  "
         "00 00 39 03 00 00 00 00  00 00 00 41 06 00 00 00  "
         "00 00 00 00 49 00 10 00  00 00 00 00 00 51 ef be  "
         "ad de 00 00 00 00 59 00  00 00 00 00 00 00 00 7a  "
         "07 00 00 00 00 00 00 00"},
        {{.name = "batch", .entries = {first}},
         "cb 80 80 80 00 08 02 15  01 00 00 00 19 2a 00 00  "
         "00 00 00 00 00 21 00 00  01 00 00 00 00 00 2d 50  "
         "00 00 00 35 84 f5 c1 8b  3d 95 90 7c 79 6a 0f 08  "
         "03 11 00 00 2a 36 fe 9c  97 17 30 01 38 05 72 0a  "
         "0a 01 6b 12 05 68 65 6c  6c 6f 7a 04 00 00 00 00"},
        {{.name = "compressed", .entries = {second}},
         "d3 80 80 80 00 08 02 15  01 00 00 00 19 2a 00 00  "
         "00 00 00 00 00 21 00 00  01 00 00 00 00 00 2d 58  "
         "00 00 00 35 75 1c e5 68  3d a2 55 2c 39 6a 16 08  "
         "ac 02 11 f4 01 2a 36 fe  9c 97 17 18 80 01 20 01  "
         "28 e8 07 38 06 72 08 12  06 77 6f 72 6c 64 21 7a  "
         "07 00 00 00 00 00 00 00"},
        {{.name = "several", .entries = {first, second, third}},
         "93 81 80 80 00 08 02 15  03 00 00 00 19 2a 00 00  "
         "00 00 00 00 00 21 00 00  01 00 00 00 00 00 2d 77  "
         "00 00 00 35 b7 bb a0 2f  3d c1 4e 2e 12 6a 14 08  "
         "03 11 00 00 2a 36 fe 9c  97 17 30 01 38 05 45 3f  "
         "4a 2f e0 6a 1b 08 ac 02  11 f4 01 2a 36 fe 9c 97  "
         "17 18 80 01 20 01 28 e8  07 38 06 45 a7 7f 88 3f  "
         "6a 15 08 ac 02 11 ff ff  29 36 fe 9c 97 17 18 01  "
         "30 01 45 98 52 7a 68 72  0a 0a 01 6b 12 05 68 65  "
         "6c 6c 6f 72 08 12 06 77  6f 72 6c 64 21 72 03 0a  "
         "01 6b 7a 04 00 00 00 00"},
        {{.name = "replace", .type = frame_type::replace, .entries = {first}, .numbers = {300}},
         "d3 80 80 80 00 08 03 15  01 00 00 00 19 2a 00 00  "
         "00 00 00 00 00 21 00 00  01 00 00 00 00 00 2d 58  "
         "00 00 00 35 23 7f 38 b9  3d a2 0c c5 d7 4a 09 09  "
         "2c 01 00 00 00 00 00 00  6a 0f 08 03 11 00 00 2a  "
         "36 fe 9c 97 17 30 01 38  05 72 0a 0a 01 6b 12 05  "
         "68 65 6c 6c 6f 7a 01 00"},
        {{.name = "replace several", .type = frame_type::replace, .entries = {first, third}, .numbers = {41}},
         "f3 80 80 80 00 08 03 15  02 00 00 00 19 2a 00 00  "
         "00 00 00 00 00 21 00 00  01 00 00 00 00 00 2d 65  "
         "00 00 00 35 b5 9e 08 0c  3d 4f 49 4e eb 4a 09 09  "
         "29 00 00 00 00 00 00 00  6a 14 08 03 11 00 00 2a  "
         "36 fe 9c 97 17 30 01 38  05 45 3f 4a 2f e0 6a 15  "
         "08 ac 02 11 ff ff 29 36  fe 9c 97 17 18 01 30 01  "
         "45 98 52 7a 68 72 0a 0a  01 6b 12 05 68 65 6c 6c  "
         "6f 72 03 0a 01 6b 7a 00"},
        {{.name = "cut", .type = frame_type::cut, .numbers = {41}},
         "bb 80 80 80 00 08 04 15  00 00 00 00 19 2a 00 00  "
         "00 00 00 00 00 21 00 00  01 00 00 00 00 00 2d 40  "
         "00 00 00 35 7a 5a 94 67  3d b2 b5 6f 7e 4a 09 09  "
         "29 00 00 00 00 00 00 00  7a 06 00 00 00 00 00 00"},
        {{.name = "reset", .type = frame_type::reset, .numbers = {100, 3}},
         "c3 80 80 80 00 08 05 15  00 00 00 00 19 2a 00 00  "
         "00 00 00 00 00 21 00 00  01 00 00 00 00 00 2d 48  "
         "00 00 00 35 10 7e 51 16  3d 16 00 d0 76 52 12 09  "
         "64 00 00 00 00 00 00 00  11 03 00 00 00 00 00 00  "
         "00 7a 05 00 00 00 00 00"},
        {{.name = "lost", .type = frame_type::lost, .numbers = {5}},
         "bb 80 80 80 00 08 06 15  00 00 00 00 19 2a 00 00  "
         "00 00 00 00 00 21 00 00  01 00 00 00 00 00 2d 40  "
         "00 00 00 35 23 6a da b6  3d 2c 35 d7 51 5a 09 09  "
         "05 00 00 00 00 00 00 00  7a 06 00 00 00 00 00 00"},
        {{.name = "index", .type = frame_type::index, .numbers = {1, 0, 300, 0xFFFFFFFFFFFFFFFF}},
         "bb 80 80 80 00 08 07 15  00 00 00 00 19 2a 00 00  "
         "00 00 00 00 00 21 00 00  01 00 00 00 00 00 2d 40  "
         "00 00 00 35 ff 52 b7 cf  3d 82 e3 1a 52 62 0e 01  "
         "00 ac 02 ff ff ff ff ff  ff ff ff ff 01 7a 01 00"},
        {{.name = "pad", .type = frame_type::pad, .pad_size = 64},
         "bb 80 80 80 00 08 08 15  00 00 00 00 19 2a 00 00  "
         "00 00 00 00 00 21 00 00  01 00 00 00 00 00 2d 33  "
         "00 00 00 35 5a f2 89 f6  3d c6 ba 9d 34 7a 8d 80  "
         "80 80 00 00 00 00 00 00  00 00 00 00 00 00 00 00"},
    };
}

/// The fields of one frame as protozero reads them.
struct seen_frame {
    std::map<unsigned, std::uint64_t> numbers;
    std::vector<std::map<unsigned, std::uint64_t>> entries;
    std::vector<std::pair<std::string, std::string>> records;
    std::vector<std::uint64_t> index;
    std::vector<std::uint64_t> fixed; // of header, cut, reset, lost
};

void take_number(protozero::pbf_reader& in, std::map<unsigned, std::uint64_t>& out) {
    std::uint64_t& number = out[in.tag()];
    switch (in.wire_type()) {
    case protozero::pbf_wire_type::varint: number = in.get_uint64(); break;
    case protozero::pbf_wire_type::fixed64: number = in.get_fixed64(); break;
    default: number = in.get_fixed32();
    }
}

seen_frame seen_by_protozero(byte_view bytes) {
    const char* at = reinterpret_cast<const char*>(bytes.data());
    const char* const end = at + bytes.size();
    const std::uint64_t size = protozero::decode_varint(&at, end);
    BOOST_REQUIRE(size == static_cast<std::uint64_t>(end - at));
    protozero::pbf_reader in(at, size);
    seen_frame out;
    while (in.next())
        switch (in.tag()) {
        case 8:
        case 9:
        case 10:
        case 11:
            for (protozero::pbf_reader m = in.get_message(); m.next();) {
                if (m.wire_type() == protozero::pbf_wire_type::fixed64)
                    out.fixed.push_back(m.get_fixed64());
                else
                    m.skip();
            }
            break;
        case 12:
            for (const std::uint64_t n : in.get_packed_uint64())
                out.index.push_back(n);
            break;
        case 13:
            out.entries.emplace_back();
            for (protozero::pbf_reader m = in.get_message(); m.next();)
                take_number(m, out.entries.back());
            break;
        case 14:
            out.records.emplace_back();
            for (protozero::pbf_reader m = in.get_message(); m.next();) {
                std::string& part = m.tag() == 1 ? out.records.back().first : out.records.back().second;
                part = m.get_string();
            }
            break;
        case 15: in.skip(); break;
        default: take_number(in, out.numbers);
        }
    return out;
}

} // namespace format_protobuf

BOOST_AUTO_TEST_SUITE(format_protobuf)

BOOST_DATA_TEST_CASE(conforms, boost::unit_test::data::make(format_suite::format_behaviours<protobuf_format>()),
                     behaviour) {
    behaviour.test();
}

// These bytes are out there on disks: if one of them has to change, so has the version.
BOOST_DATA_TEST_CASE(the_bytes_stay_as_they_are, boost::unit_test::data::make(golden_frames()), golden) {
    frame_place place = here;
    if (golden.sample.type == frame_type::header)
        place.offset = 0;
    BOOST_TEST(hex(format_suite::written<protobuf_format>(golden.sample, place)) == golden.bytes);
}

BOOST_AUTO_TEST_CASE(another_library_finds_in_each_frame_what_was_put_there) {
    for (const frame_sample& sample : format_suite::all_samples<protobuf_format>())
        BOOST_TEST_CONTEXT(sample.name) {
            const frame_place place = format_suite::place_for(sample);
            const std::vector<std::byte> in = format_suite::written<protobuf_format>(sample, place);
            seen_frame seen = seen_by_protozero(in);
            BOOST_TEST(seen.numbers[1] == static_cast<std::uint64_t>(sample.type));
            BOOST_TEST(seen.numbers[2] == sample.entries.size());
            BOOST_TEST(seen.numbers[3] == place.first_index);
            BOOST_TEST(seen.numbers[4] == place.witness);
            BOOST_TEST(((sample.type == frame_type::index ? seen.index : seen.fixed) == sample.numbers));
            BOOST_REQUIRE(seen.entries.size() == sample.entries.size());
            BOOST_REQUIRE(seen.records.size() == sample.entries.size());
            for (std::size_t i = 0; i < sample.entries.size(); ++i) {
                const format_suite::entry_sample& e = sample.entries[i];
                BOOST_TEST((seen.records[i] == std::pair(e.key, e.data)));
                BOOST_TEST(seen.entries[i][1] == e.term);
                BOOST_TEST(seen.entries[i][2] == e.time);
                BOOST_TEST(seen.entries[i][3] == static_cast<unsigned>(e.kind));
                BOOST_TEST(seen.entries[i][4] == e.codec);
                BOOST_TEST(seen.entries[i][5] == (e.codec != 0 ? e.raw_size : 0));
                BOOST_TEST(seen.entries[i][6] == e.key.size());
                BOOST_TEST(seen.entries[i][7] == e.data.size());
            }
        }
}

BOOST_AUTO_TEST_CASE(what_is_made_by_hand_makes_sense) { // or the refusals below would prove nothing
    const std::string two = data("a") + data("b");
    BOOST_TEST(makes_sense(crafted_one(entry(number(7, 5)), data("hello"))));
    BOOST_TEST(
        makes_sense(crafted_several(2, entry_of(data("a"), number(7, 1)) + entry_of(data("b"), number(7, 1)), two)));
    BOOST_TEST(makes_sense(crafted(frame_type::cut, 0, padded(message(9, fixed64(1, 41))))));
    BOOST_TEST(makes_sense(crafted(frame_type::reset, 0, padded(message(10, fixed64(1, 41) + fixed64(2, 1))))));
    BOOST_TEST(makes_sense(crafted(frame_type::lost, 0, padded(message(11, fixed64(1, 41))))));
    BOOST_TEST(makes_sense(crafted(frame_type::index, 0, padded(message(12, varint(0) + varint(300))))));
    BOOST_TEST(makes_sense(crafted(frame_type::index, 0, padded(""))));
    BOOST_TEST(makes_sense(crafted_one(message(9, fixed64(1, 0)) + entry(""), record(""), frame_type::replace)));
    const std::string pad = tag(15, 2) + overlong(5, 5) + std::string(5, '\0');
    BOOST_TEST(makes_sense(crafted(frame_type::pad, 0, pad, 6)));
}

BOOST_AUTO_TEST_CASE(nothing_is_right_of_what_is_no_frame_or_not_all_there) {
    format_suite::nothing_is_right_of_a_frame_that_is_not_all_there<protobuf_format>();
    format_suite::nothing_is_right_of_what_cannot_be_a_frame<protobuf_format>();
}

BOOST_AUTO_TEST_CASE(a_header_without_the_magic_is_damaged) {
    const std::vector<std::byte> in = format_suite::written<protobuf_format>(golden_frames().front().sample, {});
    BOOST_TEST((probed(in, {}) == verdict::frame));
    for (std::size_t at = 47; at < 58; ++at) { // its tag and size, and the tag behind it, stand there for good too
        std::vector<std::byte> other = in;
        other[at] ^= std::byte{0x20};
        BOOST_TEST((probed(other, {}) == verdict::damaged));
        other[58] = std::byte{2}; // nor is it believed to be of a newer version
        BOOST_TEST((probed(other, {}) == verdict::damaged));
    }
}

BOOST_AUTO_TEST_CASE(a_header_of_a_newer_version_is_unsupported_whatever_its_checksum) {
    std::vector<std::byte> in = format_suite::written<protobuf_format>(golden_frames().front().sample, {});
    for (std::size_t byte = 58; byte <= 61; ++byte) {
        std::vector<std::byte> newer = in;
        newer[byte] = std::byte{2};
        BOOST_TEST((probed(newer, {}) == verdict::unsupported));
        BOOST_TEST((probed(newer, {.offset = 4096}) == verdict::damaged));
        newer[41] ^= std::byte{1};
        BOOST_TEST((probed(newer, {}) == verdict::unsupported));
    }
    in[58] = std::byte{0};
    protobuf_format::stamp(in, {});
    BOOST_TEST((probed(in, {}) == verdict::damaged));
}

BOOST_AUTO_TEST_CASE(eight_types_of_frames_are_known) {
    std::vector<std::byte> in = crafted(frame_type::cut, 0, padded(message(9, fixed64(1, 41))));
    for (unsigned value = 0; value < 256; ++value) {
        in[6] = static_cast<std::byte>(value);
        protobuf_format::stamp(in, here);
        const bool control =
            value >= 4 && value <= 7; // without entries, without the magic, and not with a lead of its own
        if (probed(in) != (control ? verdict::frame : verdict::damaged))
            BOOST_ERROR("a wrong verdict on " << value);
    }
}

BOOST_AUTO_TEST_CASE(says_what_it_can_of_a_few_bytes) {
    const std::vector<std::byte> cut = crafted(frame_type::cut, 0, padded(message(9, fixed64(1, 41))));
    for (std::size_t size = 0; size <= cut.size(); ++size) {
        const std::vector<std::byte> zeros(size);
        BOOST_TEST((probed(zeros) == (size < 8 ? verdict::need_more : verdict::fill)));
        BOOST_TEST((probed(format_suite::exactly(byte_view(cut).first(size))) ==
                    (size < 45 ? verdict::need_more : verdict::frame)));
        if (size > 0)
            BOOST_TEST((probed(std::vector<std::byte>(size, std::byte{0x84})) == verdict::damaged));
    }
    std::vector<std::byte> nearly(40);
    nearly[7] = std::byte{1};
    BOOST_TEST((probed(nearly) == verdict::damaged));
}

BOOST_AUTO_TEST_CASE(the_length_of_a_frame_has_five_bytes) {
    const std::string text(to_text(crafted(frame_type::cut, 0, padded(message(9, fixed64(1, 41))))));
    const auto with_length = [&](const std::string& length) {
        std::vector<std::byte> in = format_suite::exactly(to_bytes(length + text.substr(5)));
        in.resize((in.size() + 7) / 8 * 8);
        protobuf_format::stamp(in, here);
        return in;
    };
    const std::uint64_t size = text.size() - 5;
    BOOST_TEST((probed(with_length(overlong(size, 5))) == verdict::frame));
    for (const std::size_t width : {1U, 2U, 3U, 4U, 6U, 10U})
        BOOST_TEST((probed(with_length(overlong(size, width))) == verdict::damaged));
    for (const std::uint64_t other :
         {size + 1, size + 4, size - 1, std::uint64_t{0}, std::uint64_t{0x8000'0003}, std::uint64_t{0x7'FFFF'FFFB}})
        BOOST_TEST((probed(with_length(overlong(other, 5))) == verdict::damaged));
    frame_info info;
    BOOST_TEST((protobuf_format::probe(with_length(overlong(0x7FFF'FFFB, 5)), here, info) == verdict::damaged));
}

BOOST_AUTO_TEST_CASE(every_field_of_the_header_has_its_tag) {
    const std::vector<std::byte> right = crafted(frame_type::cut, 0, padded(message(9, fixed64(1, 41))));
    for (const std::size_t at : {5U, 7U, 12U, 21U, 30U, 35U, 40U})
        for (unsigned bit = 0; bit < 8; ++bit) {
            std::vector<std::byte> in = right;
            in[at] ^= static_cast<std::byte>(1U << bit);
            store_le(&in[41], protobuf_header(in.data()).checksum(here)); // an enemy would see to that
            BOOST_TEST((probed(in) == verdict::damaged));
        }
}

BOOST_AUTO_TEST_CASE(only_batches_have_entries) {
    const std::string body = padded(message(9, fixed64(1, 41)));
    for (const frame_type type : {frame_type::cut, frame_type::reset, frame_type::lost, frame_type::index}) {
        BOOST_TEST((probed(crafted(type, 0, body)) == verdict::frame));
        BOOST_TEST((probed(crafted(type, 1, body)) == verdict::damaged));
    }
    for (const frame_type type : {frame_type::batch, frame_type::replace}) {
        BOOST_TEST((probed(crafted(type, 0, body)) == verdict::damaged));
        BOOST_TEST((probed(crafted(type, 1, body)) == verdict::frame));
    }
    BOOST_TEST((probed(crafted(frame_type::pad, 0, body, 6)) == verdict::frame));
    BOOST_TEST((probed(crafted(frame_type::pad, 1, body, 6)) == verdict::damaged));
}

BOOST_AUTO_TEST_CASE(the_lead_is_where_it_has_to_be) {
    const std::string lead = entry_of(data("a"), number(7, 1)) + entry_of(data("b"), number(7, 1));
    const std::string whole = padded(lead + data("a") + data("b"));
    const auto of_two = [&](std::size_t size) { return crafted(frame_type::batch, 2, whole, size); };
    BOOST_TEST(makes_sense(of_two(lead.size())));
    for (std::size_t size = 0; size <= whole.size(); ++size)
        if (size != lead.size())
            BOOST_TEST((probed(of_two(size)) == verdict::damaged || makes_no_sense(of_two(size))));
    for (const std::uint32_t absurd : {0U, 44U, 0x7FFF'FFFFU, 0xFFFF'FFFFU}) {
        std::vector<std::byte> in = of_two(lead.size());
        store_le(&in[31], absurd);
        protobuf_format::stamp(in, here);
        BOOST_TEST((probed(in) == verdict::damaged));
    }
    const std::string one = padded(entry(number(7, 1)) + data("a"));
    for (std::size_t size = 0; size < one.size(); ++size)
        BOOST_TEST((probed(crafted(frame_type::batch, 1, one, size)) == verdict::damaged));
}

BOOST_AUTO_TEST_CASE(no_more_entries_are_announced_than_there_is_room_for) {
    const std::string lead = entry_of(data("a"), number(7, 1)) + entry_of(data("b"), number(7, 1));
    for (const std::uint32_t count : {3U, 1000U, 0x7F'FFFFU, 0x7FFF'FFFFU, 0xFFFF'FFFFU})
        BOOST_TEST((probed(crafted_several(count, lead, data("a") + data("b"))) == verdict::damaged));
    BOOST_TEST(makes_no_sense(
        crafted_several(2, lead + entry_of(data("c"), number(7, 1)), data("a") + data("b") + data("c"))));
    BOOST_TEST(makes_no_sense(crafted_several(2, lead + entry_of("", ""), data("a") + data("b"))));
    BOOST_TEST(makes_no_sense(crafted_several(2, lead, data("a") + data("b") + message(14, "12345678"))));
    const std::string longer =
        entry_of(data("a"), fixed64(2, 1) + number(7, 1)) + entry_of(data("b"), fixed64(2, 1) + number(7, 1));
    BOOST_TEST(makes_no_sense(crafted_several(3, longer, data("a") + data("b") + data("c"))));
}

BOOST_AUTO_TEST_CASE(padding_is_as_it_should_be) {
    const std::string cut = message(9, fixed64(1, 41));          // 45 + 11 bytes: 6 zeros are right
    const std::string one = entry(number(7, 5)) + data("hello"); // 45 + 13: 4
    const std::string lead = entry_of(data("a"), number(7, 1)) + entry_of(data("b"), number(7, 1));
    const std::string two = lead + data("a") + data("b"); // 45 + 28: 5
    for (const auto& [type, count, body, zeros] :
         {std::tuple(frame_type::cut, 0U, cut, 6U), std::tuple(frame_type::batch, 1U, one, 4U),
          std::tuple(frame_type::batch, 2U, two, 5U)}) {
        const auto with = [&, type = type, count = count, body = body](const std::string& padding) {
            return crafted(type, count, body + padding, count == 2 ? lead.size() : std::string::npos);
        };
        const std::string right(zeros, '\0');
        BOOST_TEST(makes_sense(with(message(15, right))));
        std::vector<std::string> wrong{
            message(15, right + std::string(8, '\0')),                   // more than need be
            tag(15, 2) + overlong(zeros - 1, 2) + right.substr(1),       // its size in two bytes
            number(15, 0) + right,                                       // another type
            message(14, right),                                          // another field
            std::string(zeros + 2, '\0'),                                // none
            tag(15, 2) + varint(zeros + 1) + right,                      // reaching beyond the end
            tag(15, 2) + varint(zeros - 1) + right,                      // ending before it
            message(15, std::string(zeros - 2, '\0')) + message(15, ""), // twice
        };
        for (std::size_t at = 0; at < right.size(); ++at) {
            wrong.push_back(message(15, right));
            wrong.back()[2 + at] = 1;
        }
        for (const std::string& padding : wrong) {
            const std::vector<std::byte> in = with(padding);
            frame_info info;
            BOOST_REQUIRE((protobuf_format::probe(in, here, info) == verdict::frame));
            BOOST_TEST(!protobuf_format::check(in, info));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_pad_is_nothing_but_zeros) {
    const auto pad = [](const std::string& body, std::size_t lead = 6) {
        const std::vector<std::byte> in = crafted(frame_type::pad, 0, body, lead);
        frame_info info;
        return protobuf_format::probe(in, here, info) == verdict::frame && protobuf_format::check(in, info);
    };
    const std::string zeros(13, '\0');
    BOOST_TEST(pad(tag(15, 2) + overlong(13, 5) + zeros));
    for (std::size_t at = 0; at < zeros.size(); ++at) {
        std::string other = zeros;
        other[at] = 1;
        BOOST_TEST(!pad(tag(15, 2) + overlong(13, 5) + other));
    }
    BOOST_TEST(!pad(tag(15, 2) + overlong(13, 5) + zeros, 5));
    BOOST_TEST(!pad(tag(15, 2) + overlong(13, 5) + zeros, 7));
    BOOST_TEST(!pad(tag(15, 2) + overlong(12, 5) + zeros));
    BOOST_TEST(!pad(tag(15, 2) + overlong(14, 5) + zeros));
    BOOST_TEST(!pad(tag(15, 2) + overlong(14, 4) + zeros + '\0'));
    BOOST_TEST(!pad(tag(14, 2) + overlong(13, 5) + zeros));
    BOOST_TEST(!pad(std::string(19, '\0')));
}

BOOST_AUTO_TEST_CASE(a_frame_of_numbers_holds_them_and_nothing_else) {
    const auto cut = [](const std::string& body) { return crafted(frame_type::cut, 0, padded(body)); };
    const std::string right = fixed64(1, 41);
    for (const std::string& wrong : {
             std::string(),                                   // nothing
             message(10, right),                              // another message
             message(9, right) + message(9, right),           // twice
             message(9, right) + number(16, 1),               // and an unknown field
             message(9, right) + entry(""),                   // and an entry
             number(9, 1),                                    // another type
             message(9, fixed64(2, 41)),                      // another field
             message(9, number(1, 41)),                       // a number of another type
             message(9, fixed32(1, 41)),                      // likewise
             message(9, fixed64(1, 41) + fixed64(1, 41)),     // twice
             message(9, fixed64(1, 41) + "\x10"),             // half a field behind it
             message(9, right.substr(0, 8)),                  // cut short
             tag(9, 2) + overlong(9, 2) + right,              // its size in two bytes
             tag(9, 2) + varint(10) + right,                  // reaching into the padding
             tag(9, 2) + varint(100) + right,                 // and beyond the end
             tag(9, 2) + overlong(format_suite::largest, 10), // absurdly far
         })
        BOOST_TEST(makes_no_sense(cut(wrong)), hex(to_bytes(wrong)));
    BOOST_TEST(makes_no_sense(crafted(frame_type::reset, 0, padded(message(10, fixed64(2, 3) + fixed64(1, 41))))));
    std::string most;
    for (unsigned field = 1; field <= 12; ++field)
        most += fixed64(field, field);
    BOOST_TEST(makes_sense(cut(message(9, most))));
    BOOST_TEST(makes_no_sense(cut(message(9, most + fixed64(13, 13))))); // more than any frame has
    const auto replace = [](const std::string& lead) {
        return crafted_one(lead + entry(number(7, 1)), data("x"), frame_type::replace);
    };
    BOOST_TEST(makes_sense(replace(message(9, right))));
    for (const std::string& wrong :
         {std::string(), message(9, ""), message(9, right + fixed64(2, 1)), message(9, right) + message(9, right),
          message(9, number(1, 41)), message(10, right)})
        BOOST_TEST(makes_no_sense(replace(wrong)), hex(to_bytes(wrong)));
}

BOOST_AUTO_TEST_CASE(the_numbers_of_a_header_are_all_there) {
    std::string fields = message(1, "TUSKWAL\n") + fixed32(2, 1);
    const auto header = [](const std::string& content) {
        std::vector<std::byte> in = crafted(frame_type::header, 0, padded(message(8, content)));
        frame_place place = here;
        place.offset = 0;
        frame_info info;
        frame_sample out;
        return protobuf_format::probe(in, place, info) == verdict::frame && protobuf_format::check(in, info) &&
               format_suite::read_frame<protobuf_format>(in, info, out);
    };
    BOOST_TEST(header(fields));
    for (unsigned field = 3; field <= 11; ++field) {
        BOOST_TEST(!header(fields + fixed64(field + 1, 1)));
        BOOST_TEST(!header(fields + number(field, 1)));
        BOOST_TEST(!header(fields + fixed64(field, 1).substr(0, 5)));
        fields += fixed64(field, field);
        BOOST_TEST(header(fields));
        BOOST_TEST(!header(fields + fixed64(field, field)));
    }
    BOOST_TEST(!header(fields + number(16, 1)));
}

BOOST_AUTO_TEST_CASE(an_index_is_a_list_of_numbers_each_as_short_as_can_be) {
    const auto index = [](const std::string& body) { return crafted(frame_type::index, 0, padded(body)); };
    BOOST_TEST(makes_sense(index(message(12, varint(5) + varint(format_suite::largest)))));
    for (const std::string& wrong : {
             message(12, ""),                                 // a list of none is left out
             message(12, "\x85" + std::string(1, '\0')),      // overlong
             message(12, varint(5) + "\x80"),                 // cut short
             message(12, overlong(1, 10)),                    // overlong, as far as can be
             message(12, std::string(9, '\xFF') + "\x02"),    // more than 64 bits
             message(12, std::string(10, '\xFF') + "\x01"),   // without end
             number(12, 5),                                   // not packed
             message(12, varint(5)) + message(12, varint(5)), // in two parts
             message(12, "\x80") + "\x7A",                    // reaching into what follows
             tag(12, 2) + overlong(1, 2) + varint(5),         // its size overlong
             tag(12, 2) + varint(2) + varint(5),              // reaching into the padding
             tag(12, 2) + varint(1000) + varint(5),           // and beyond the end
             tag(12, 2) + varint(format_suite::largest),      // absurdly far
         })
        BOOST_TEST(makes_no_sense(index(wrong)), hex(to_bytes(wrong)));
}

// What is said of an entry: each field at most once, in order, left out where it is 0, as short as can be.
BOOST_AUTO_TEST_CASE(each_entry_has_one_encoding) {
    const std::string empty = record("");
    const auto alone = [&](const std::string& content) { return crafted_one(entry(content), empty); };
    const auto among_two = [&](const std::string& content) {
        return crafted_several(2, entry_of(empty, "") + entry_of(empty, content), empty + empty);
    };
    const std::string all = number(1, 300) + fixed64(2, 7) + number(3, 255) + number(4, 255) + number(5, 0xFFFF'FFFF);
    for (const std::string& right : {std::string(), number(1, 300), fixed64(2, 7), number(3, 1), number(4, 1), all}) {
        BOOST_TEST(makes_sense(alone(right)));
        BOOST_TEST(makes_sense(among_two(right)));
    }
    for (const std::string& wrong : {
             number(1, 0),
             fixed64(2, 0),
             number(3, 0),
             number(4, 0),
             number(4, 1) + number(5, 0),
             number(6, 0),
             number(7, 0), // zeros that are said
             number(5, 9), // a raw size without a codec
             number(1, 1) + number(1, 1),
             fixed64(2, 1) + fixed64(2, 1), // twice
             number(3, 1) + number(1, 1),
             fixed64(2, 1) + number(1, 1), // out of order
             number(9, 1),
             fixed64(9, 1),
             fixed32(9, 1),
             message(9, ""),
             number(100, 1), // unknown
             fixed64(1, 1),
             fixed32(1, 1),
             message(1, "x"),
             number(2, 1),
             fixed32(2, 1),
             fixed64(3, 1),         // other types
             tag(1, 3) + tag(1, 4), // a group
             tag(1, 0) + overlong(1, 2),
             tag(1, 0) + overlong(1, 10),
             tag(3, 0) + overlong(1, 5), // overlong
             tag(1, 0) + std::string(9, '\xFF') + "\x02",
             tag(1, 0) + std::string(10, '\xFF') + "\x01",
             number(3, 256),
             number(4, 256),
             number(4, 1) + number(5, std::uint64_t{1} << 32), // too large
             tag(1, 0),
             tag(1, 0) + "\x80",
             tag(2, 1) + "1234567",
             std::string("\0", 1),            // cut short
             overlong(1 << 3, 2) + varint(1), // a tag that is overlong
         }) {
        BOOST_TEST(makes_no_sense(alone(wrong)), hex(to_bytes(wrong)));
        BOOST_TEST(makes_no_sense(among_two(wrong)), hex(to_bytes(wrong)));
    }
    BOOST_TEST(makes_no_sense(alone(fixed32(8, crc32c(to_bytes(empty)))))); // the lead covers it already
    BOOST_TEST(makes_no_sense(crafted_several(2, entry_of(empty, "") + entry("      "), empty + empty)));
    BOOST_TEST(makes_no_sense(crafted_one(tag(13, 2) + overlong(0, 2), empty)));
    BOOST_TEST(makes_no_sense(crafted_one("", empty)));
    BOOST_TEST(makes_no_sense(crafted_one(entry("") + entry(""), empty)));
    BOOST_TEST(makes_no_sense(crafted_one(number(13, 1), empty)));
    // The lead ends behind the tag of the second.
    BOOST_TEST(makes_no_sense(crafted_several(2, entry_of(empty, all) + tag(13, 2), empty + empty)));
}

BOOST_AUTO_TEST_CASE(each_record_has_one_encoding) {
    const std::string key = number(6, 1);
    const std::string value = number(7, 2);
    const auto alone = [&](const std::string& said, const std::string& bytes) {
        return crafted_one(entry(said), bytes);
    };
    const auto among_two = [&](const std::string& said, const std::string& bytes) {
        return crafted_several(2, entry_of(bytes, said) + entry_of(record(""), ""), bytes + record(""));
    };
    for (const auto& [said, bytes] :
         {std::pair(key + value, record(message(1, "k") + message(2, "vv"))), std::pair(key, record(message(1, "k"))),
          std::pair(value, record(message(2, "vv")))}) {
        BOOST_TEST(makes_sense(alone(said, bytes)));
        BOOST_TEST(makes_sense(among_two(said, bytes)));
    }
    for (const auto& [said, bytes] : {
             std::pair(key + value, record(message(2, "vv") + message(1, "k"))), // out of order
             std::pair(value, record(message(1, "") + message(2, "vv"))),        // an empty key that is said
             std::pair(key, record(message(1, "k") + message(2, ""))),           // empty data
             std::pair(value, record(message(3, "vv"))),                         // another field
             std::pair(value, record(number(2, 2) + "vv")),                      // another type
             std::pair(value, record(message(2, "vv") + number(9, 1))),          // and an unknown field
             std::pair(value, record(message(2, "v"))),                          // another size
             std::pair(value, record(message(2, "vvv"))),
             std::pair(value, record(tag(2, 2) + overlong(2, 2) + "vv")), // overlong
             std::pair(value, tag(14, 2) + overlong(4, 2) + message(2, "vv")),
             std::pair(value, message(12, message(2, "vv"))), // no record
             std::pair(value, tag(14, 2) + varint(5) + message(2, "vv")),
             std::pair(value, tag(14, 2) + varint(3) + message(2, "vv")),
             std::pair(key + value, record(message(1, "kvv"))),
             std::pair(std::string(), record(message(2, "vv"))),
         }) {
        BOOST_TEST(makes_no_sense(alone(said, bytes)), hex(to_bytes(bytes)));
        BOOST_TEST(makes_no_sense(among_two(said, bytes)), hex(to_bytes(bytes)));
    }
}

BOOST_AUTO_TEST_CASE(a_record_is_shown_whole_or_not_at_all) {
    const std::string bytes = record(message(1, "k") + message(2, "vv"));
    stored_entry e;
    e.key_size = 1;
    e.data_size = 2;
    BOOST_TEST(protobuf_format::show(to_bytes(bytes), e, {}).has_value());
    BOOST_TEST(to_text(e.key) == "k");
    BOOST_TEST(to_text(e.data) == "vv");
    for (std::size_t size = 0; size < bytes.size(); ++size)
        BOOST_TEST(!protobuf_format::show(format_suite::exactly(to_bytes(bytes).first(size)), e, {}));
    BOOST_TEST(!protobuf_format::show(to_bytes(bytes + "x"), e, {}));
}

BOOST_AUTO_TEST_CASE(absurd_sizes_are_refused_before_anything_is_read) {
    const std::string first = data("ab");
    for (const std::uint64_t absurd :
         {std::uint64_t{3}, std::uint64_t{100}, std::uint64_t{0x7FFF'FFFF}, std::uint64_t{0x8000'0000},
          std::uint64_t{0xFFFF'FFFF}, std::uint64_t{1} << 32, format_suite::largest}) {
        BOOST_TEST(makes_no_sense(crafted_one(entry(number(7, absurd)), first)));
        BOOST_TEST(makes_no_sense(crafted_one(entry(number(6, absurd)), first)));
        BOOST_TEST(makes_no_sense(crafted_one(entry(number(6, absurd) + number(7, absurd)), first)));
        BOOST_TEST(makes_no_sense(
            crafted_several(2, entry_of(first, number(7, absurd)) + entry_of(first, number(7, 2)), first + first)));
        BOOST_TEST(makes_no_sense(
            crafted_several(2, entry_of(first, number(7, 2)) + entry_of(first, number(7, absurd)), first + first)));
    }
}

BOOST_AUTO_TEST_CASE(no_entry_reaches_into_what_follows_its_frame) {
    for (const unsigned size : {10U, 100U, 1000U}) {
        std::vector<std::byte> in =
            crafted_several(2, entry_of("", number(7, size)) + entry_of("", ""), data("ab") + record(""));
        in.resize(in.size() + 4096);
        frame_info info;
        frame_cursor cursor;
        stored_entry e;
        BOOST_REQUIRE((protobuf_format::probe(in, here, info) == verdict::frame));
        BOOST_TEST((protobuf_format::next(in, info, cursor, e).error() == errc::corrupt));
    }
}

BOOST_AUTO_TEST_CASE(terms_never_decrease_in_a_frame) {
    const std::string empty = record("");
    const auto of_terms = [&](std::uint64_t a, std::uint64_t b) {
        return crafted_several(2, entry_of(empty, number(1, a)) + entry_of(empty, number(1, b)), empty + empty);
    };
    BOOST_TEST(makes_sense(of_terms(1, format_suite::largest)));
    BOOST_TEST(makes_sense(of_terms(5, 5)));
    BOOST_TEST(makes_no_sense(of_terms(2, 1)));
    BOOST_TEST(makes_no_sense(crafted_several(2, entry_of(empty, number(1, 1)) + entry_of(empty, ""), empty + empty)));
}

BOOST_AUTO_TEST_CASE(an_entry_that_is_alone_is_covered_by_its_lead) {
    const frame_sample one{.name = "", .entries = {{.data = "a"}}};
    const frame_sample two{.name = "", .entries = {{.data = "a"}, {.data = "b"}}};
    for (const auto& [sample, whole] : {std::pair(one, true), std::pair(two, false)}) {
        const std::vector<std::byte> in = format_suite::written<protobuf_format>(sample, here);
        frame_info info;
        frame_cursor cursor;
        stored_entry e;
        BOOST_REQUIRE((protobuf_format::probe(in, here, info) == verdict::frame));
        BOOST_TEST((info.lead == info.size) == whole);
        BOOST_REQUIRE(protobuf_format::next(in, info, cursor, e).value());
        BOOST_TEST(e.has_checksum == !whole);
        BOOST_TEST(e.room == 0U);
        BOOST_TEST(protobuf_format::check_entry(to_bytes("other bytes"), e) == whole);
    }
}

BOOST_AUTO_TEST_CASE(counts_more_entries_than_two_bytes_could) {
    frame_sample sample{.name = ""};
    sample.entries.resize(70'000, {.data = "x", .term = 5, .time = 6});
    const std::vector<std::byte> in = format_suite::written<protobuf_format>(sample, here);
    frame_info info;
    frame_sample found;
    BOOST_REQUIRE(format_suite::is_frame<protobuf_format>(in, here, info));
    BOOST_TEST(info.count == 70'000U);
    BOOST_REQUIRE(format_suite::read_frame<protobuf_format>(in, info, found));
    BOOST_TEST((found == sample));
}

BOOST_AUTO_TEST_CASE(resync_beyond_the_end_stays_there) {
    const std::vector<std::byte> in = crafted(frame_type::index, 0, padded(""));
    for (const std::size_t at : {in.size(), in.size() + 1, std::size_t{format_suite::largest}})
        BOOST_TEST(protobuf_format::resync(in, at) == in.size());
}

BOOST_AUTO_TEST_CASE(nothing_is_allocated_whatever_the_bytes_say) {
    std::vector<std::vector<std::byte>> frames;
    for (const frame_sample& sample : format_suite::small_samples<protobuf_format>())
        frames.push_back(format_suite::written<protobuf_format>(sample, here));
    const std::size_t before = allocations();
    for (std::vector<std::byte>& in : frames)
        for (std::size_t at = 0; at < in.size(); ++at) {
            const std::byte old = std::exchange(in[at], std::byte{0xFF});
            protobuf_format::stamp(in, here);
            frame_info info;
            frame_cursor cursor;
            stored_entry e;
            std::array<std::uint64_t, 3> numbers{};
            if (protobuf_format::probe(in, here, info) == verdict::frame && info.size == in.size()) {
                (void)protobuf_format::check(in, info);
                (void)protobuf_format::numbers(in, info, numbers);
                for (;;) {
                    const auto more = protobuf_format::next(in, info, cursor, e);
                    if (!more || !more.value())
                        break;
                    (void)protobuf_format::show(byte_view(in).subspan(e.at, e.size), e, {});
                }
            }
            in[at] = old;
        }
    BOOST_TEST(allocations() == before);
}

BOOST_AUTO_TEST_SUITE_END()
