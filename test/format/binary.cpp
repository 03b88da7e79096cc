#include <tusk/format/binary.hpp>

#include <conformance/format.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <ostream>

using namespace tusk;

namespace format_binary {

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

/// A varint, or several, as the bytes of a body.
std::string varint(std::uint64_t value) {
    std::string out(varint_size(value), ' ');
    put_varint(reinterpret_cast<std::byte*>(out.data()), value);
    return out;
}

std::string fixed(std::uint64_t value, std::size_t size) {
    std::string out;
    for (std::size_t i = 0; i < size; ++i)
        out.push_back(i < 8 ? static_cast<char>(value >> (8 * i)) : '\0');
    return out;
}

/// A frame with any body, whose checksums are right all the same: what an enemy would write.
std::vector<std::byte> crafted(frame_type type, std::uint32_t count, const std::string& body,
                               std::size_t lead_size = std::string::npos) {
    std::vector<std::byte> out(binary_layout::frame_size(body.size()));
    store_le(out.data(), (0xF0U | static_cast<std::uint32_t>(type)) | count << 8);
    store_le(&out[4], static_cast<std::uint32_t>(body.size()));
    store_le(&out[24], crc32c(to_bytes(body).first(std::min(lead_size, body.size()))));
    put(byte_span(out).subspan(32), to_bytes(body));
    binary_format::stamp(out, here);
    return out;
}

/// A batch of several with any directory and any keys and data.
std::vector<std::byte> crafted_several(std::uint32_t count, const std::string& directory, const std::string& rest,
                                       frame_type type = frame_type::batch) {
    return crafted(type, count, fixed(directory.size(), 4) + directory + rest, 4 + directory.size());
}

/// An entry of a directory whose key and data are `bytes`, as they should be.
std::string listed(const std::string& bytes) {
    return fixed(0, 1) + varint(0) + varint(0) + varint(bytes.size()) + fixed(crc32c(to_bytes(bytes)), 4);
}

verdict probed(byte_view in, const frame_place& place = here) {
    frame_info info;
    return binary_format::probe(in, place, info);
}

/// True if its header passes and its checksums are right, but what it holds makes no sense.
bool makes_no_sense(const std::vector<std::byte>& in) {
    frame_info info;
    format_suite::frame_sample out;
    return binary_format::probe(in, here, info) == verdict::frame && binary_format::check_lead(in, info) &&
           !format_suite::read_frame<binary_format>(in, info, out);
}

/// True if it is a frame like any other.
bool makes_sense(const std::vector<std::byte>& in) {
    frame_info info;
    format_suite::frame_sample out;
    return format_suite::is_frame<binary_format>(in, here, info) &&
           format_suite::read_frame<binary_format>(in, info, out);
}

struct golden_frame {
    format_suite::frame_sample sample;
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
         "f1 01 00 00 50 00 00 00  2a 00 00 00 00 00 00 00  "
         "00 00 01 00 00 00 00 00  ed 6d ea dc 0e 65 cd 4f  "
         "54 55 53 4b 57 41 4c 0a  88 77 66 55 44 33 22 11  "
         "07 00 00 00 00 00 00 00  00 00 01 00 00 00 00 00  "
         "2a 00 00 00 00 00 00 00  03 00 00 00 00 00 00 00  "
         "06 00 00 00 00 00 00 00  00 10 00 00 00 00 00 00  "
         "ef be ad de 00 00 00 00  00 00 00 00 00 00 00 00"},
        {{.name = "batch", .entries = {first}},
         "f2 01 00 00 11 00 00 00  2a 00 00 00 00 00 00 00  "
         "00 00 01 00 00 00 00 00  65 f4 4f cd 0c de 96 0d  "
         "01 03 00 00 2a 36 fe 9c  97 17 01 6b 68 65 6c 6c  "
         "6f 00 00 00 00 00 00 00"},
        {{.name = "compressed", .entries = {second}},
         "f2 01 00 00 15 00 00 00  2a 00 00 00 00 00 00 00  "
         "00 00 01 00 00 00 00 00  f7 19 b2 0f 24 24 0a e3  "
         "06 80 ac 02 f4 01 2a 36  fe 9c 97 17 01 e8 07 77  "
         "6f 72 6c 64 21 00 00 00"},
        {{.name = "several", .entries = {first, second, third}},
         "f2 03 00 00 3b 00 00 00  2a 00 00 00 00 00 00 00  "
         "00 00 01 00 00 00 00 00  e0 59 cb 83 df 20 21 cb  "
         "2a 00 00 00 01 03 80 80  d0 e2 c6 bf ce 97 2f 01  "
         "05 50 2f 63 57 06 80 a9  02 e8 07 06 01 e8 07 96  "
         "56 99 6d 05 01 00 e9 07  01 00 08 6b 32 aa 6b 68  "
         "65 6c 6c 6f 77 6f 72 6c  64 21 6b 00 00 00 00 00"},
        {{.name = "replace", .type = frame_type::replace, .entries = {first}, .numbers = {300}},
         "f3 01 00 00 13 00 00 00  2a 00 00 00 00 00 00 00  "
         "00 00 01 00 00 00 00 00  be 21 38 6d ff 7f f4 3a  "
         "ac 02 01 03 00 00 2a 36  fe 9c 97 17 01 6b 68 65  "
         "6c 6c 6f 00 00 00 00 00"},
        {{.name = "replace several", .type = frame_type::replace, .entries = {first, third}, .numbers = {41}},
         "f3 02 00 00 28 00 00 00  2a 00 00 00 00 00 00 00  "
         "00 00 01 00 00 00 00 00  ed a1 92 76 1c ac b0 44  "
         "1d 00 00 00 29 01 03 80  80 d0 e2 c6 bf ce 97 2f  "
         "01 05 50 2f 63 57 05 01  a9 02 01 01 00 08 6b 32  "
         "aa 6b 68 65 6c 6c 6f 6b"},
        {{.name = "cut", .type = frame_type::cut, .numbers = {41}},
         "f4 00 00 00 08 00 00 00  2a 00 00 00 00 00 00 00  "
         "00 00 01 00 00 00 00 00  ee ae 2f 8a 9d 7c 34 7d  "
         "29 00 00 00 00 00 00 00"},
        {{.name = "reset", .type = frame_type::reset, .numbers = {100, 3}},
         "f5 00 00 00 10 00 00 00  2a 00 00 00 00 00 00 00  "
         "00 00 01 00 00 00 00 00  ea 42 e4 2b 4c 8c 05 17  "
         "64 00 00 00 00 00 00 00  03 00 00 00 00 00 00 00"},
        {{.name = "lost", .type = frame_type::lost, .numbers = {5}},
         "f6 00 00 00 08 00 00 00  2a 00 00 00 00 00 00 00  "
         "00 00 01 00 00 00 00 00  c0 4d 09 e4 93 2b 05 45  "
         "05 00 00 00 00 00 00 00"},
        {{.name = "index", .type = frame_type::index, .numbers = {1, 0, 300, 0xFFFFFFFFFFFFFFFF}},
         "f7 00 00 00 0e 00 00 00  2a 00 00 00 00 00 00 00  "
         "00 00 01 00 00 00 00 00  aa 27 a4 5c 70 a1 83 6c  "
         "01 00 ac 02 ff ff ff ff  ff ff ff ff ff 01 00 00"},
        {{.name = "pad", .type = frame_type::pad, .pad_size = 40},
         "f8 00 00 00 08 00 00 00  2a 00 00 00 00 00 00 00  "
         "00 00 01 00 00 00 00 00  00 00 00 00 c7 04 0c 12  "
         "00 00 00 00 00 00 00 00"},
    };
}

} // namespace format_binary

BOOST_AUTO_TEST_SUITE(format_binary)

BOOST_DATA_TEST_CASE(conforms, boost::unit_test::data::make(format_suite::format_behaviours<binary_format>()),
                     behaviour) {
    behaviour.test();
}

// These bytes are out there on disks: if one of them has to change, so has the version.
BOOST_DATA_TEST_CASE(the_bytes_stay_as_they_are, boost::unit_test::data::make(golden_frames()), golden) {
    frame_place place = here;
    if (golden.sample.type == frame_type::header)
        place.offset = 0;
    BOOST_TEST(hex(format_suite::written<binary_format>(golden.sample, place)) == golden.bytes);
}

BOOST_AUTO_TEST_CASE(nothing_is_right_of_what_is_no_frame_or_not_all_there) {
    format_suite::nothing_is_right_of_a_frame_that_is_not_all_there<binary_format>();
    format_suite::nothing_is_right_of_what_cannot_be_a_frame<binary_format>();
}

BOOST_AUTO_TEST_CASE(a_frame_that_became_another_since_it_was_found_is_not_right) {
    std::vector<std::byte> in =
        format_suite::written<binary_format>({.name = "", .entries = {{.data = "hello"}}}, here);
    frame_info info;
    BOOST_REQUIRE(format_suite::is_frame<binary_format>(in, here, info));
    store_le(&in[4], load_le<std::uint32_t>(&in[4]) + 100);
    BOOST_TEST(!binary_format::check(in, info));
    BOOST_TEST(!binary_format::check_lead(in, info));
    BOOST_TEST((binary_format::numbers(in, info, {}).error() == errc::corrupt));
}

BOOST_AUTO_TEST_CASE(a_header_without_the_magic_is_damaged) {
    std::vector<std::byte> in = format_suite::written<binary_format>(golden_frames().front().sample, {});
    BOOST_TEST((probed(in, {}) == verdict::frame));
    for (std::size_t i = 0; i < 8; ++i) {
        std::vector<std::byte> other = in;
        other[32 + i] ^= std::byte{0x20};
        BOOST_TEST((probed(other, {}) == verdict::damaged));
        other[1] = std::byte{2}; // nor is it believed to be of a newer version
        BOOST_TEST((probed(other, {}) == verdict::damaged));
    }
}

BOOST_AUTO_TEST_CASE(the_magic_of_a_header_lies_within_its_body) {
    std::vector<std::byte> in = format_suite::written<binary_format>(golden_frames().front().sample, {});
    for (std::uint32_t size = 0; size < 8; ++size) {
        store_le(&in[4], size);
        binary_format::stamp(in, {});
        BOOST_TEST((probed(in, {}) == verdict::damaged));
    }
}

BOOST_AUTO_TEST_CASE(a_header_of_a_newer_version_is_unsupported_whatever_its_checksum) {
    std::vector<std::byte> in = format_suite::written<binary_format>(golden_frames().front().sample, {});
    for (std::size_t byte = 1; byte <= 3; ++byte) {
        std::vector<std::byte> newer = in;
        newer[byte] = std::byte{2};
        BOOST_TEST((probed(newer, {}) == verdict::unsupported));
        BOOST_TEST((probed(newer, {.offset = 4096}) == verdict::damaged));
        binary_format::stamp(newer, {});
        BOOST_TEST((probed(newer, {}) == verdict::unsupported));
    }
    in[1] = std::byte{0};
    binary_format::stamp(in, {});
    BOOST_TEST((probed(in, {}) == verdict::damaged));
}

BOOST_AUTO_TEST_CASE(eight_types_of_frames_are_known) {
    std::vector<std::byte> in =
        format_suite::written<binary_format>({.name = "", .type = frame_type::cut, .numbers = {1}}, here);
    for (unsigned value = 1; value < 256; ++value) {
        in[0] = static_cast<std::byte>(value);
        binary_format::stamp(in, here);
        const bool control = value >= 0xF4 && value <= 0xF8; // without entries, and without the magic
        if (probed(in) != (control ? verdict::frame : verdict::damaged))
            BOOST_ERROR("a wrong verdict on " << value);
    }
}

BOOST_AUTO_TEST_CASE(says_what_it_can_of_a_few_bytes) {
    const std::vector<std::byte> cut =
        format_suite::written<binary_format>({.name = "", .type = frame_type::cut, .numbers = {1}}, here);
    for (std::size_t size = 0; size <= 40; ++size) {
        const std::vector<std::byte> zeros(size);
        BOOST_TEST((probed(zeros) == (size < 8 ? verdict::need_more : verdict::fill)));
        BOOST_TEST((probed(format_suite::exactly(byte_view(cut).first(size))) ==
                    (size < 32 ? verdict::need_more : verdict::frame)));
        if (size > 0)
            BOOST_TEST((probed(std::vector<std::byte>(size, std::byte{0xF9})) == verdict::damaged));
    }
    std::vector<std::byte> nearly(40);
    nearly[7] = std::byte{1};
    BOOST_TEST((probed(nearly) == verdict::damaged));
}

BOOST_AUTO_TEST_CASE(a_frame_with_anything_in_its_padding_is_damaged) {
    for (const golden_frame& golden : golden_frames()) {
        const bool is_header = golden.sample.type == frame_type::header;
        const frame_place place{.log = here.log, .segment = here.segment, .offset = is_header ? 0 : here.offset};
        std::vector<std::byte> in = format_suite::written<binary_format>(golden.sample, place);
        const std::size_t body_end = golden.sample.type == frame_type::pad ? 32 : 32 + load_le<std::uint32_t>(&in[4]);
        frame_info info;
        BOOST_REQUIRE(format_suite::is_frame<binary_format>(in, place, info));
        for (std::size_t at = body_end; at < in.size(); ++at) {
            in[at] = std::byte{1};
            BOOST_TEST(!binary_format::check(in, info), golden.sample.name);
            if (info.lead == info.size)
                BOOST_TEST(!binary_format::check_lead(in, info), golden.sample.name);
            in[at] = std::byte{0};
        }
    }
}

BOOST_AUTO_TEST_CASE(only_batches_have_entries) {
    for (const frame_type type :
         {frame_type::cut, frame_type::reset, frame_type::lost, frame_type::index, frame_type::pad}) {
        BOOST_TEST((probed(crafted(type, 0, fixed(0, 16))) == verdict::frame));
        BOOST_TEST((probed(crafted(type, 1, fixed(0, 16))) == verdict::damaged));
    }
    for (const frame_type type : {frame_type::batch, frame_type::replace}) {
        BOOST_TEST((probed(crafted(type, 0, fixed(0, 16))) == verdict::damaged));
        BOOST_TEST((probed(crafted(type, 1, fixed(0, 16))) == verdict::frame));
    }
}

BOOST_AUTO_TEST_CASE(a_body_of_numbers_is_whole_numbers) {
    for (const frame_type type : {frame_type::cut, frame_type::reset, frame_type::lost})
        for (std::size_t size = 0; size < 24; ++size)
            BOOST_TEST(makes_sense(crafted(type, 0, std::string(size, 'x'))) == (size % 8 == 0));
    BOOST_TEST(makes_no_sense(crafted(frame_type::index, 0, varint(5) + "\x80")));
    BOOST_TEST(makes_no_sense(crafted(frame_type::index, 0, std::string("\x85\x00", 2))));
    BOOST_TEST(makes_no_sense(crafted(frame_type::index, 0, std::string(10, '\xFF') + "\x01")));
}

BOOST_AUTO_TEST_CASE(a_directory_lies_within_the_body_and_has_room_for_its_entries) {
    const std::string two = listed("a") + listed("b");
    BOOST_TEST(makes_sense(crafted_several(2, two, "ab")));
    for (const std::uint64_t size :
         {two.size() + 3, std::size_t{0x7FFFFFFF}, std::size_t{0xFFFFFFFF}, std::size_t{0xFFFFFFFC}})
        BOOST_TEST((probed(crafted(frame_type::batch, 2, fixed(size, 4) + two + "ab")) == verdict::damaged));
    for (std::size_t size = 0; size < 4; ++size)
        BOOST_TEST((probed(crafted(frame_type::batch, 2, std::string(size, '\0'))) == verdict::damaged));
    BOOST_TEST((probed(crafted_several(3, two, "ab")) == verdict::damaged));
    BOOST_TEST((probed(crafted_several(0xFFFFFF, two, "ab")) == verdict::damaged));
}

BOOST_AUTO_TEST_CASE(the_sizes_of_entries_add_up_to_the_body) {
    BOOST_TEST(makes_sense(crafted_several(2, listed("ab") + listed("cd"), "abcd")));
    const std::vector<std::byte> too_few = crafted_several(2, listed("ab") + listed("cd"), "abc");
    BOOST_TEST(makes_no_sense(too_few));
    frame_info info;
    BOOST_REQUIRE((binary_format::probe(too_few, here, info) == verdict::frame));
    BOOST_TEST(!binary_format::check(too_few, info));
    BOOST_TEST(makes_no_sense(crafted_several(2, listed("ab") + listed("cd"), "abcde")));
    BOOST_TEST(makes_no_sense(crafted_several(2, listed("ab") + listed("cd") + "x", "abcd")));
    BOOST_TEST(makes_no_sense(crafted_several(2, listed("ab") + listed("cd") + listed("ef"), "abcd")));
    const auto sized = [](std::uint64_t key, std::uint64_t data) {
        return fixed(1, 1) + varint(0) + varint(0) + varint(key) + varint(data) + fixed(0, 4);
    };
    for (const std::uint64_t absurd : {std::uint64_t{3}, std::uint64_t{0x7FFFFFFF}, std::uint64_t{0xFFFFFFFF},
                                       std::uint64_t{1} << 32, format_suite::largest - 1, format_suite::largest}) {
        BOOST_TEST(makes_no_sense(crafted_several(2, listed("") + sized(absurd, 1), "ab")));
        BOOST_TEST(makes_no_sense(crafted_several(2, listed("") + sized(1, absurd), "ab")));
        BOOST_TEST(makes_no_sense(crafted_several(2, sized(absurd, absurd) + listed(""), "ab")));
        BOOST_TEST(makes_no_sense(
            crafted(frame_type::batch, 1, fixed(1, 1) + varint(0) + fixed(0, 8) + varint(absurd) + "ab")));
    }
    BOOST_TEST(makes_sense(crafted(frame_type::batch, 1, fixed(1, 1) + varint(0) + fixed(0, 8) + varint(2) + "ab")));
}

BOOST_AUTO_TEST_CASE(no_entry_reaches_into_what_follows_its_frame) {
    const auto of_size = [](std::uint64_t data) {
        return fixed(0, 1) + varint(0) + varint(0) + varint(data) + fixed(0, 4);
    };
    for (const unsigned size : {3U, 4U, 100U, 1000U}) {
        std::vector<std::byte> in = crafted_several(2, of_size(size) + of_size(0), "ab");
        in.resize(in.size() + 4096);
        frame_info info;
        frame_cursor cursor;
        stored_entry entry;
        BOOST_REQUIRE((binary_format::probe(in, here, info) == verdict::frame));
        BOOST_TEST((binary_format::next(in, info, cursor, entry).error() == errc::corrupt));
    }
}

BOOST_AUTO_TEST_CASE(resync_beyond_the_end_stays_there) {
    const std::vector<std::byte> in = crafted(frame_type::cut, 0, fixed(0, 8));
    for (const std::size_t at : {in.size(), in.size() + 1, std::size_t{format_suite::largest}})
        BOOST_TEST(binary_format::resync(in, at) == in.size());
}

BOOST_AUTO_TEST_CASE(each_entry_has_one_encoding) {
    const auto alone = [](int flags, const std::string& kind, const std::string& key_size, const std::string& codec) {
        return crafted(frame_type::batch, 1,
                       std::string(1, static_cast<char>(flags)) + kind + varint(0) + fixed(0, 8) + key_size + codec +
                           "kk");
    };
    const auto among_two = [](int flags, const std::string& kind, const std::string& key_size,
                              const std::string& codec) {
        return crafted_several(2,
                               listed("") + std::string(1, static_cast<char>(flags)) + kind + varint(0) + varint(0) +
                                   key_size + varint(flags % 2 == 1 && key_size != varint(0) ? 1 : 2) + codec +
                                   fixed(0, 4),
                               "kk");
    };
    const std::string key = varint(1);
    const std::string kind = fixed(1, 1);
    const std::string codec = fixed(1, 1) + varint(5);
    const std::string none = fixed(0, 1);
    const auto both = [&](auto test, int flags, const std::string& k, const std::string& s, const std::string& c) {
        BOOST_TEST_CONTEXT("flags " << flags)
        BOOST_TEST((test(alone(flags, k, s, c)) && test(among_two(flags, k, s, c))));
    };
    const auto reads = [](const std::vector<std::byte>& in) { // whatever the checksums of its entries
        frame_info info;
        format_suite::frame_sample out;
        return binary_format::probe(in, here, info) == verdict::frame &&
               format_suite::read_frame<binary_format>(in, info, out);
    };
    both(reads, 0, "", "", "");
    both(reads, 7, kind, key, codec);
    both(makes_no_sense, 1, "", varint(0), "");        // has a key, but it is empty
    both(makes_no_sense, 4, none, "", "");             // has a kind, but it is data
    both(makes_no_sense, 2, "", "", none + varint(5)); // compressed, but by nothing
    both(makes_no_sense, 2, "", "", fixed(1, 1) + varint(std::uint64_t{1} << 32));
    for (int flag = 8; flag < 256; flag *= 2)
        both(makes_no_sense, flag, "", "", "");
    BOOST_TEST(makes_no_sense(
        crafted(frame_type::batch, 1, fixed(0, 1) + fixed(0x0080, 2) + fixed(0, 8)))); // an overlong term
}

BOOST_AUTO_TEST_CASE(what_is_said_of_an_entry_ends_within_the_body) {
    const std::string whole =
        fixed(7, 1) + fixed(1, 1) + varint(300) + fixed(0, 8) + varint(1) + fixed(1, 1) + varint(300);
    for (std::size_t size = 0; size < whole.size(); ++size)
        BOOST_TEST(makes_no_sense(crafted(frame_type::batch, 1, whole.substr(0, size))));
    const std::string in_directory = fixed(7, 1) + fixed(1, 1) + varint(300) + varint(300) + varint(1) + varint(300) +
                                     fixed(1, 1) + varint(300) + fixed(0, 4);
    for (std::size_t size = 0; size < in_directory.size(); ++size) {
        const std::vector<std::byte> in = crafted_several(2, listed("x") + in_directory.substr(0, size), "x");
        frame_info info;
        format_suite::frame_sample out;
        if (binary_format::probe(in, here, info) == verdict::frame) // there is room for two, by their number
            BOOST_TEST(!format_suite::read_frame<binary_format>(format_suite::exactly(byte_view(in).first(info.lead)),
                                                                info, out));
    }
}

BOOST_AUTO_TEST_CASE(a_replace_says_what_it_keeps) {
    BOOST_TEST(makes_no_sense(crafted(frame_type::replace, 1, "")));
    BOOST_TEST(makes_no_sense(crafted(frame_type::replace, 1, std::string(11, '\xFF'))));
    BOOST_TEST(
        makes_no_sense(crafted_several(2, std::string(2, '\x80') + listed("") + listed(""), "", frame_type::replace)));
    BOOST_TEST(makes_sense(crafted_several(2, varint(300) + listed("") + listed(""), "", frame_type::replace)));
    const std::vector<std::byte> endless = crafted(frame_type::replace, 1, std::string(11, '\xFF'));
    frame_info info;
    BOOST_REQUIRE(format_suite::is_frame<binary_format>(endless, here, info));
    BOOST_TEST((binary_format::numbers(endless, info, {}).error() == errc::corrupt));
}

BOOST_AUTO_TEST_CASE(terms_never_decrease_in_a_frame) {
    const auto of_term = [](std::uint64_t more) {
        return fixed(0, 1) + varint(more) + varint(0) + varint(0) + fixed(0, 4);
    };
    BOOST_TEST(makes_sense(crafted_several(2, of_term(1) + of_term(format_suite::largest - 1), "")));
    BOOST_TEST(makes_no_sense(crafted_several(2, of_term(1) + of_term(format_suite::largest), "")));
    BOOST_TEST(makes_no_sense(crafted_several(2, of_term(2) + of_term(format_suite::largest - 1), "")));
}

BOOST_AUTO_TEST_CASE(counts_more_entries_than_two_bytes_could) {
    format_suite::frame_sample sample{.name = ""};
    sample.entries.resize(70'000, {.data = "x", .term = 5, .time = 6});
    const std::vector<std::byte> in = format_suite::written<binary_format>(sample, here);
    frame_info info;
    format_suite::frame_sample found;
    BOOST_REQUIRE(format_suite::is_frame<binary_format>(in, here, info));
    BOOST_TEST(info.count == 70'000U);
    BOOST_REQUIRE(format_suite::read_frame<binary_format>(in, info, found));
    BOOST_TEST((found == sample));
}

BOOST_AUTO_TEST_CASE(an_entry_that_is_alone_is_covered_by_its_lead) {
    const format_suite::frame_sample one{.name = "", .entries = {{.data = "a"}}};
    const format_suite::frame_sample two{.name = "", .entries = {{.data = "a"}, {.data = "b"}}};
    for (const auto& [sample, whole] : {std::pair(one, true), std::pair(two, false)}) {
        const std::vector<std::byte> in = format_suite::written<binary_format>(sample, here);
        frame_info info;
        frame_cursor cursor;
        stored_entry entry;
        BOOST_REQUIRE((binary_format::probe(in, here, info) == verdict::frame));
        BOOST_TEST((info.lead == info.size) == whole);
        BOOST_REQUIRE(binary_format::next(in, info, cursor, entry).value());
        BOOST_TEST(entry.has_checksum == !whole);
        BOOST_TEST(binary_format::check_entry(to_bytes("other bytes"), entry) == whole);
    }
}

BOOST_AUTO_TEST_SUITE_END()
