#include <tusk/format/json.hpp>

#include <allocations.hpp>
#include <conformance/format.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <ostream>

using namespace tusk;

namespace format_json {

constexpr frame_place here{
    .log = 0x1122334455667788, .segment = 7, .offset = 4096, .first_index = 42, .witness = 0x10000};

std::string written_text(const format_suite::frame_sample& sample, const frame_place& place = here) {
    const std::vector<std::byte> bytes = format_suite::written<json_format>(sample, place);
    return std::string(to_text(bytes));
}

/// The line as it would be if it had been written here: what an enemy would see to.
std::string stamped(std::string line, const frame_place& place = here) {
    json_format::stamp(std::as_writable_bytes(std::span(line)), place);
    return line;
}

void put_number(std::string& line, const json_layout::field& f, std::uint64_t value) {
    json_number::put_right(&line[f.at], f.size, value);
}

std::string checksum_of(std::string_view text) {
    std::string out(8, ' ');
    json_number::put_hex(out.data(), 8, crc32c(to_bytes(text)));
    return out;
}

/// A frame with any body, whose checksums and sizes are right all the same.
std::string crafted(frame_type type, std::uint64_t count, const std::string& lead, const std::string& rest = "") {
    using namespace json_layout;
    std::string line = std::string(header) + lead + rest;
    line.replace(type_field.at, type_field.size, types[static_cast<std::size_t>(type)]);
    put_number(line, count_field, count);
    put_number(line, size_field, line.size());
    put_number(line, lead_field, header_size + lead.size());
    line.replace(lead_checksum_field.at, lead_checksum_field.size, checksum_of(lead));
    return stamped(line);
}

/// What the directory says of a record.
std::string told(const std::string& record, std::size_t size, std::size_t key_size = 0) {
    return R"({"term":0,"time":"1970-01-01T00:00:00.000000000Z")" +
           (key_size != 0 ? ",\"key_size\":" + std::to_string(key_size) : "") + ",\"size\":" + std::to_string(size) +
           ",\"bytes\":" + std::to_string(record.size()) + ",\"crc\":\"" + checksum_of(record) + "\"}";
}

std::string crafted_batch(std::uint64_t count, const std::string& directory, const std::string& records) {
    return crafted(frame_type::batch, count, ",\"entries\":[" + directory + "],\"records\":[", records + "]}\n");
}

/// A batch of this record alone.
std::string crafted_record(const std::string& record, std::size_t size, std::size_t key_size = 0) {
    return crafted_batch(1, told(record, size, key_size), record);
}

verdict probed(std::string_view in, const frame_place& place = here) {
    frame_info info;
    return json_format::probe(to_bytes(in), place, info);
}

/// True if it is a frame like any other.
bool makes_sense(const std::string& line) {
    frame_info info;
    format_suite::frame_sample out;
    return format_suite::is_frame<json_format>(to_bytes(line), here, info) &&
           format_suite::read_frame<json_format>(to_bytes(line), info, out);
}

/// True if its header passes and the checksum of its lead is right, but what it holds is refused.
bool makes_no_sense(const std::string& line) {
    frame_info info;
    format_suite::frame_sample out;
    return probed(line) == verdict::frame && json_format::probe(to_bytes(line), here, info) == verdict::frame &&
           json_format::check_lead(to_bytes(line), info) &&
           !format_suite::read_frame<json_format>(to_bytes(line), info, out);
}

/// How data, or a key, is written.
std::string as_record(const std::string& data, const std::string& key = "") {
    const std::string line = written_text({.name = "", .entries = {{.data = data, .key = key}}});
    const std::size_t begin = line.find("\"records\":[") + 11;
    return line.substr(begin, line.size() - 3 - begin);
}

struct golden_frame {
    format_suite::frame_sample sample;
    const char* line;

    friend std::ostream& operator<<(std::ostream& out, const golden_frame& g) { return out << g.sample.name; }
};

std::vector<golden_frame> golden_frames() {
    const format_suite::entry_sample first{.data = "hello", .key = "k", .term = 3, .time = 1'700'000'000'000'000'000};
    const format_suite::entry_sample second{.data = "\xFF\xFEworld",
                                            .term = 300,
                                            .time = 1'700'000'000'000'000'500,
                                            .kind = entry_kind::user,
                                            .codec = 1,
                                            .raw_size = 1000};
    const format_suite::entry_sample third{
        .data = "", .key = "\x80", .term = 300, .time = 1'699'999'999'999'999'999, .kind = entry_kind::tombstone};
    const format_suite::entry_sample fourth{.data = "a \"b\"\n\x01\xC3\xA4", .term = 300};
    return {
        {{.name = "header",
          .type = frame_type::header,
          .numbers = {here.log, 7, 0x10000, 42, 3, 6, 4096, 0xDEADBEEF, 0}},
         R"({"tusk":1,"type":"header" ,"index":                  42,"count":       0,"size":         466,"lead":         466,"witness":               65536,"lead_crc":"35113e4b","crc":"6d875c28")"
         R"(,"log":"1122334455667788","segment":                   7,"base":               65536,"next_index":                  42,"last_term":                   3)"
         R"(,"previous":                   6,"previous_end":                4096,"previous_crc":        "deadbeef","flags":                   0})"},
        {{.name = "batch", .entries = {first}},
         R"({"tusk":1,"type":"batch"  ,"index":                  42,"count":       1,"size":         336,"lead":         307,"witness":               65536,"lead_crc":"f57d77c2","crc":"0f417d52")"
         R"(,"entries":[{"term":3,"time":"2023-11-14T22:13:20.000000000Z","key_size":1,"size":5,"bytes":26,"crc":"6f019738"})"
         R"(],"records":[{"key":"k","text":"hello"}]})"},
        {{.name = "several", .entries = {first, second, third, fourth}},
         R"({"tusk":1,"type":"batch"  ,"index":                  42,"count":       4,"size":         752,"lead":         636,"witness":               65536,"lead_crc":"01e9c8ab","crc":"1e1a55ac")"
         R"(,"entries":[{"term":3,"time":"2023-11-14T22:13:20.000000000Z","key_size":1,"size":5,"bytes":26,"crc":"6f019738"})"
         R"(,{"term":300,"time":"2023-11-14T22:13:20.000000500Z","kind":128,"codec":1,"raw_size":1000,"size":7,"bytes":25,"crc":"04cb27fd"})"
         R"(,{"term":300,"time":"2023-11-14T22:13:19.999999999Z","kind":1,"key_size":1,"size":0,"bytes":31,"crc":"0aaccd32"})"
         R"(,{"term":300,"time":"1970-01-01T00:00:00.000000000Z","size":9,"bytes":28,"crc":"b9a621ff"})"
         R"(],"records":[{"key":"k","text":"hello"})"
         R"(,{"base64":"//53b3JsZA=="})"
         R"(,{"key_base64":"gA==","text":""})"
         R"(,{"text":"a \"b\"\n\u0001ä"}]})"},
        {{.name = "replace", .type = frame_type::replace, .entries = {first}, .numbers = {300}},
         R"({"tusk":1,"type":"replace","index":                  42,"count":       1,"size":         347,"lead":         318,"witness":               65536,"lead_crc":"09e4a731","crc":"8695baa3")"
         R"(,"keep":300,"entries":[{"term":3,"time":"2023-11-14T22:13:20.000000000Z","key_size":1,"size":5,"bytes":26,"crc":"6f019738"})"
         R"(],"records":[{"key":"k","text":"hello"}]})"},
        {{.name = "cut", .type = frame_type::cut, .numbers = {41}},
         R"({"tusk":1,"type":"cut"    ,"index":                  42,"count":       0,"size":         194,"lead":         194,"witness":               65536,"lead_crc":"50bacae2","crc":"5f0f8482")"
         R"(,"keep":41})"},
        {{.name = "reset", .type = frame_type::reset, .numbers = {100, 3}},
         R"({"tusk":1,"type":"reset"  ,"index":                  42,"count":       0,"size":         215,"lead":         215,"witness":               65536,"lead_crc":"ff330b6f","crc":"c2ad43f6")"
         R"(,"next_index":100,"last_term":3})"},
        {{.name = "lost", .type = frame_type::lost, .numbers = {5}},
         R"({"tusk":1,"type":"lost"   ,"index":                  42,"count":       0,"size":         193,"lead":         193,"witness":               65536,"lead_crc":"acb0f90e","crc":"8c749a09")"
         R"(,"lost":5})"},
        {{.name = "index", .type = frame_type::index, .numbers = {1, 0, 300, 0xFFFFFFFFFFFFFFFF}},
         R"({"tusk":1,"type":"index"  ,"index":                  42,"count":       0,"size":         225,"lead":         225,"witness":               65536,"lead_crc":"20874844","crc":"31b293df")"
         R"(,"numbers":[1,0,300,18446744073709551615]})"},
        {{.name = "pad", .type = frame_type::pad, .pad_size = json_format::min_pad + 6},
         R"({"tusk":1,"type":"pad"    ,"index":                  42,"count":       0,"size":         190,"lead":         182,"witness":               65536,"lead_crc":"00000000","crc":"999d6bc9"      })"},
    };
}

/// True if the bytes are UTF-8: by making each character anew from its number.
bool is_utf8(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto first = static_cast<unsigned char>(bytes.front());
        const std::size_t size = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        if (bytes.size() < size)
            return false;
        std::uint32_t code = size == 1 ? first : first & (0x7FU >> size);
        for (std::size_t i = 1; i < size; ++i)
            code = code << 6 | (static_cast<unsigned char>(bytes[i]) & 0x3F);
        std::string again;
        if (code < 0x80)
            again = {static_cast<char>(code)};
        else if (code < 0x800)
            again = {static_cast<char>(0xC0 | code >> 6), static_cast<char>(0x80 | (code & 0x3F))};
        else if (code < 0x10000)
            again = {static_cast<char>(0xE0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 0x3F)),
                     static_cast<char>(0x80 | (code & 0x3F))};
        else
            again = {static_cast<char>(0xF0 | code >> 18), static_cast<char>(0x80 | (code >> 12 & 0x3F)),
                     static_cast<char>(0x80 | (code >> 6 & 0x3F)), static_cast<char>(0x80 | (code & 0x3F))};
        if ((code >= 0xD800 && code < 0xE000) || code > 0x10FFFF || bytes.substr(0, size) != again)
            return false;
        bytes.remove_prefix(size);
    }
    return true;
}

} // namespace format_json

BOOST_AUTO_TEST_SUITE(format_json)

BOOST_DATA_TEST_CASE(conforms, boost::unit_test::data::make(format_suite::format_behaviours<json_format>()),
                     behaviour) {
    behaviour.test();
}

// These lines are out there on disks: if a byte of them has to change, so has the version.
BOOST_DATA_TEST_CASE(the_lines_stay_as_they_are, boost::unit_test::data::make(golden_frames()), golden) {
    frame_place place = here;
    if (golden.sample.type == frame_type::header)
        place.offset = 0;
    BOOST_TEST(written_text(golden.sample, place) == std::string(golden.line) + "\n");
}

BOOST_AUTO_TEST_CASE(a_frame_is_one_line_of_printable_text) {
    for (const auto& sample : format_suite::all_samples<json_format>()) {
        const std::string line = written_text(sample, format_suite::place_for(sample));
        BOOST_TEST(line.find('\n') == line.size() - 1, sample.name);
        BOOST_TEST(std::none_of(line.begin(), line.end() - 1, [](char c) { return c >= 0 && c < ' '; }), sample.name);
        BOOST_TEST(is_utf8(line), sample.name);
    }
}

BOOST_AUTO_TEST_CASE(data_is_text_where_it_is_utf8_else_base64) {
    BOOST_TEST(as_record("hello") == R"({"text":"hello"})");
    BOOST_TEST(as_record("") == R"({"text":""})");
    BOOST_TEST(as_record("a\"b\\c/d") == R"({"text":"a\"b\\c/d"})");
    BOOST_TEST(as_record("\b\f\n\r\t") == R"({"text":"\b\f\n\r\t"})");
    BOOST_TEST(as_record(std::string("text\0\x1F\x7F", 7)) == "{\"base64\":\"dGV4dAAffw==\"}");
    BOOST_TEST(as_record(std::string("longer text\0\x1F\x7F", 14)) == "{\"text\":\"longer text\\u0000\\u001F\x7F\"}");
    BOOST_TEST(as_record("\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80") ==
               "{\"text\":\"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80\"}");
    BOOST_TEST(as_record("\xFF") == R"({"base64":"/w=="})");
    BOOST_TEST(as_record("a\xED\xA0\x80") == R"({"base64":"Ye2ggA=="})"); // half of a surrogate pair
    BOOST_TEST(as_record("a\xC3") == R"({"base64":"YcM="})");             // half a character
    BOOST_TEST(as_record("v", "k") == R"({"key":"k","text":"v"})");
    BOOST_TEST(as_record("\xFE", "\"") == R"({"key":"\"","base64":"/g=="})");
    BOOST_TEST(as_record("v", "\xFF") == R"({"key_base64":"/w==","text":"v"})");
}

BOOST_AUTO_TEST_CASE(no_data_becomes_more_than_twice_as_long) {
    for (unsigned value = 0; value < 256; ++value) {
        const std::string data(3000, static_cast<char>(value));
        BOOST_TEST(as_record(data).size() <= 2 * data.size() + 20);
    }
    const std::string text(3000, '\n'); // whatever a text holds that people read, it is one
    BOOST_TEST(as_record(text).starts_with(R"({"text":"\n\n\n)"));
    BOOST_TEST(as_record(std::string(3000, '\0')).starts_with(R"({"base64":"AAAA)"));
}

BOOST_AUTO_TEST_CASE(what_is_utf8_is_told_wherever_pieces_begin) {
    const std::string around = "0123456789abcdef\"\n";
    std::size_t wrong = 0;
    const auto compare = [&](const std::string& bytes) {
        const bool expected = is_utf8(bytes);
        wrong += json_shape(to_bytes(bytes)).is_text() == expected ? 0U : 1U;
        for (const std::size_t before : {0U, 3U, 8U, 18U}) {
            const std::string all = around.substr(0, before) + bytes + around;
            wrong += json_shape(to_bytes(all)).is_text() == expected ? 0U : 1U;
            json_shape in_pieces(to_bytes(all).first(before + 1));
            in_pieces.add(to_bytes(all).subspan(before + 1));
            wrong += in_pieces.is_text() == expected ? 0U : 1U;
        }
    };
    for (unsigned first = 0x80; first < 0x100; ++first)
        for (unsigned second = 0; second < 0x100; second += second == 0 ? 0x7F : 1) {
            const std::string two{static_cast<char>(first), static_cast<char>(second)};
            compare(two);
            for (const unsigned third : {0x20U, 0x7FU, 0x80U, 0x9FU, 0xBFU, 0xC0U}) {
                compare(two + static_cast<char>(third));
                for (const unsigned fourth : {0x7FU, 0x80U, 0xBFU, 0xC0U})
                    compare(two + static_cast<char>(third) + static_cast<char>(fourth));
            }
        }
    BOOST_TEST(wrong == 0U);
}

BOOST_AUTO_TEST_CASE(texts_come_back_wherever_their_escapes_and_pieces_are) {
    std::string text = "begins plain, then \"a quote\", \\ and \t\n\x01\x1E; \xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80 ";
    while (text.size() < 300)
        text += text.substr(text.size() % 7) + "and goes on in a plain way for more than some words ";
    for (std::size_t begin = 0; begin < 20; ++begin)
        for (std::size_t cut = 0; cut < 100; ++cut) {
            const format_suite::frame_sample whole{.name = "", .entries = {{.data = text.substr(begin), .key = text}}};
            format_suite::frame_sample in_pieces = whole;
            in_pieces.entries[0].pieces = {cut, 1, 0, cut / 2};
            const std::string line = written_text(whole);
            frame_info info;
            format_suite::frame_sample found;
            if (written_text(in_pieces) != line || !format_suite::is_frame<json_format>(to_bytes(line), here, info) ||
                !format_suite::read_frame<json_format>(to_bytes(line), info, found) || !(found == whole))
                BOOST_ERROR("from " << begin << ", cut at " << cut);
        }
    BOOST_TEST(true);
}

BOOST_AUTO_TEST_CASE(text_with_nothing_to_escape_is_shown_where_it_stands) {
    const auto room_for = [](const format_suite::entry_sample& e) {
        const std::string line = written_text({.name = "", .entries = {e}});
        frame_info info;
        frame_cursor cursor;
        stored_entry entry;
        BOOST_REQUIRE((json_format::probe(to_bytes(line), here, info) == verdict::frame));
        BOOST_REQUIRE(json_format::next(to_bytes(line), info, cursor, entry).value());
        return entry.room;
    };
    BOOST_TEST(room_for({.data = "hello"}) == 0U);
    BOOST_TEST(room_for({.data = "h\xC3\xA4llo", .key = "k"}) == 0U);
    BOOST_TEST(room_for({.data = ""}) == 0U);
    BOOST_TEST(room_for({.data = "hello\n"}) > 0U);
    BOOST_TEST(room_for({.data = "hello", .key = "\""}) > 0U);
    BOOST_TEST(room_for({.data = "\xFF"}) > 0U);
}

BOOST_AUTO_TEST_CASE(nothing_is_allocated) {
    for (const auto& sample : format_suite::all_samples<json_format>())
        format_suite::with_view(sample, [&](const frame_view& view) {
            const frame_place place = format_suite::place_for(sample);
            std::vector<std::byte> out(json_format::size(view));
            std::vector<std::byte> room(out.size());
            std::array<std::uint64_t, 16> numbers{};
            frame_info info;
            frame_cursor cursor;
            stored_entry e;
            const std::size_t before = allocations();
            json_format::encode(view, out);
            json_format::stamp(out, place);
            bool good = json_format::probe(out, place, info) == verdict::frame && json_format::check(out, info) &&
                        json_format::numbers(out, info, numbers).has_value();
            while (good && json_format::next(out, info, cursor, e).value())
                good = json_format::show(byte_view(out).subspan(e.at, e.size), e, byte_span(room).first(e.room))
                           .has_value();
            const std::size_t after = allocations();
            BOOST_TEST(good, sample.name);
            BOOST_TEST(after == before, sample.name);
        });
}

BOOST_AUTO_TEST_CASE(times_are_those_of_the_calendar) {
    namespace chrono = std::chrono;
    const auto compare = [](std::uint64_t time) {
        const chrono::sys_time<chrono::nanoseconds> point{}; // 1970
        const auto days = chrono::days(time / (86'400 * json_time::second));
        const chrono::year_month_day date(chrono::floor<chrono::days>(point) + days);
        const std::uint64_t rest = time % (86'400 * json_time::second);
        std::array<char, 40> expected{};
        std::snprintf(expected.data(), expected.size(), "%04d-%02u-%02uT%02u:%02u:%02u.%09uZ",
                      static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                      static_cast<unsigned>(date.day()), static_cast<unsigned>(rest / json_time::second / 3600),
                      static_cast<unsigned>(rest / json_time::second / 60 % 60),
                      static_cast<unsigned>(rest / json_time::second % 60),
                      static_cast<unsigned>(rest % json_time::second));
        std::string text(json_time::size, ' ');
        json_time::put(text.data(), time);
        timestamp_t back = 0;
        if (text != expected.data() || !json_time::get(text, back) || back != time)
            BOOST_ERROR(time << " is not " << text << " but " << expected.data());
    };
    for (std::uint64_t day = 0; day < 213'504; ++day) // all that there are
        compare(day * 86'400 * json_time::second + day * 404'000'000'007 % (86'400 * json_time::second));
    for (const std::uint64_t time : {std::uint64_t{0}, format_suite::largest, format_suite::largest - 1})
        compare(time);
    timestamp_t time = 0;
    for (const char* wrong :
         {"1969-12-31T23:59:59.999999999Z", "2554-07-21T23:34:33.709551616Z", "2023-02-29T00:00:00.000000000Z",
          "2023-00-10T00:00:00.000000000Z", "2023-13-10T00:00:00.000000000Z", "2023-11-31T00:00:00.000000000Z",
          "2023-11-14T24:00:00.000000000Z", "2023-11-14T22:60:00.000000000Z", "2023-11-14T22:13:60.000000000Z",
          "2023-11-14t22:13:20.000000000Z", "2023-11-14T22:13:20.000000000z", "2023-11-14T22:13:20,000000000Z",
          "2023-11-14T22:13:20.00000000 Z", "2023-11-14T22:13:20.000000000", "2023-11-14T22:13:20.000000000+0",
          "2023-11-:4T22:13:20.000000000Z", "9999-12-31T23:59:59.999999999Z", "", "Z"})
        BOOST_TEST(!json_time::get(wrong, time), wrong);
}

BOOST_AUTO_TEST_CASE(base64_has_one_way_to_be_written) {
    const auto written = [](std::string_view bytes) {
        std::string out(static_cast<std::size_t>(json_base64::size(bytes.size())), ' ');
        json_base64::put(out.data(), pieces_view(to_bytes(bytes)));
        return out;
    };
    const auto reads = [](std::string_view text, std::size_t size) {
        std::vector<std::byte> out(size);
        return json_base64::get(text, out);
    };
    // The examples of RFC 4648.
    constexpr std::array<std::string_view, 7> examples{"", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"};
    for (std::size_t size = 0; size < examples.size(); ++size) {
        BOOST_TEST(written(std::string_view("foobar").substr(0, size)) == examples[size]);
        BOOST_TEST(reads(examples[size], size));
        BOOST_TEST(!reads(examples[size], size + 1));
        BOOST_TEST((size == 0 || !reads(examples[size], size - 1)));
    }
    for (const auto& [text, size] :
         {std::pair("Zh==", 1), std::pair("Zm9=", 2), std::pair("Z===", 1), std::pair("====", 1), std::pair("Zg=g", 1),
          std::pair("Zg=", 1), std::pair("Zg", 1), std::pair("Zm9v\n", 3), std::pair("Zm-_", 3), std::pair("Zm 9", 3),
          std::pair("Zm9=", 3), std::pair("Zm9v====", 4), std::pair("Z\xC3\xA4v", 3), std::pair("Zg==Zg==", 4)})
        BOOST_TEST(!reads(text, static_cast<std::size_t>(size)), text);
    std::string all(768, ' ');
    for (std::size_t i = 0; i < all.size(); ++i)
        all[i] = static_cast<char>(i * 7 + i / 256);
    std::vector<std::byte> back(all.size());
    BOOST_REQUIRE(json_base64::get(written(all), back));
    BOOST_TEST(to_text(back) == all);
}

BOOST_AUTO_TEST_CASE(nothing_is_right_of_what_is_no_frame_or_not_all_there) {
    format_suite::nothing_is_right_of_a_frame_that_is_not_all_there<json_format>();
    format_suite::nothing_is_right_of_what_cannot_be_a_frame<json_format>();
}

BOOST_AUTO_TEST_CASE(a_header_without_the_magic_is_damaged) {
    const std::string in = written_text(golden_frames().front().sample, {});
    BOOST_TEST((probed(in, {}) == verdict::frame));
    for (std::size_t at = 0; at < 8; ++at) {
        std::string other = in;
        other[at] ^= 4;
        BOOST_TEST((probed(other, {}) == verdict::damaged));
        other[8] = '2'; // nor is it believed to be of a newer version
        BOOST_TEST((probed(other, {}) == verdict::damaged));
    }
}

BOOST_AUTO_TEST_CASE(a_header_of_a_newer_version_is_unsupported_whatever_its_checksum) {
    const std::string in = written_text(golden_frames().front().sample, {});
    for (const char* newer : {"2", "9", "10", "4294967295"}) {
        std::string other = in;
        other.replace(8, 1, newer);
        BOOST_TEST((probed(other, {}) == verdict::unsupported), newer);
        BOOST_TEST((probed(stamped(other, {}), {}) == verdict::unsupported), newer);
        BOOST_TEST((probed(other) == verdict::damaged), newer); // elsewhere than at the beginning
        other.replace(other.find("header"), 6, "braces");
        BOOST_TEST((probed(other, {}) == verdict::damaged), newer);
    }
    for (const char* none : {"0", "01", "02", "", "-2", " 2", "2.0", "4294967296", "99999999999999999999"}) {
        std::string other = in;
        other.replace(8, 1, none);
        BOOST_TEST((probed(stamped(other, {}), {}) == verdict::damaged), none);
    }
    std::string batch = written_text(golden_frames()[1].sample, {});
    batch[8] = '2';
    BOOST_TEST((probed(stamped(batch, {}), {}) == verdict::damaged));
}

BOOST_AUTO_TEST_CASE(a_header_is_written_in_one_way) {
    const std::string cut = written_text({.name = "", .type = frame_type::cut, .numbers = {1}});
    BOOST_TEST((probed(cut) == verdict::frame));
    for (const json_layout::field& f : {json_layout::index_field, json_layout::witness_field, json_layout::count_field,
                                        json_layout::size_field, json_layout::lead_field})
        for (const char* wrong : {"", "x", "-1", "+1", "1.", "1e3", "0x1", "01", "1 ", "\t1", "1 1", "null"}) {
            std::string line = cut;
            line.replace(f.at, f.size, std::string(f.size - std::string_view(wrong).size(), ' ') + wrong);
            // stamp() writes index and witness itself, so their checksum is mended by hand.
            line.replace(json_layout::checksum_field.at, json_layout::checksum_field.size, std::string(8, '0'));
            json_number::put_hex(&line[json_layout::checksum_field.at], 8, json_layout::header_checksum(line, here));
            BOOST_TEST((probed(line) == verdict::damaged), f.at << ": " << wrong);
        }
    std::string line = cut;
    line.replace(json_layout::index_field.at, json_layout::index_field.size, "18446744073709551616"); // 2^64
    json_number::put_hex(&line[json_layout::checksum_field.at], 8, json_layout::header_checksum(line, here));
    BOOST_TEST((probed(line) == verdict::damaged));
}

BOOST_AUTO_TEST_CASE(eight_types_of_frames_are_known) {
    std::string cut = written_text({.name = "", .type = frame_type::cut, .numbers = {1}});
    for (const char* type : {R"("cut"   )", R"( "cut"   )", R"("Cut"    )", R"("none"   )", R"("cut")", R"(4        )",
                             R"(null     )", R"("cut" ,  )"}) {
        std::string field(type);
        field.resize(json_layout::type_field.size, ' ');
        if (field == json_layout::types[4])
            continue;
        cut.replace(json_layout::type_field.at, field.size(), field);
        BOOST_TEST((probed(stamped(cut)) == verdict::damaged), type);
    }
}

BOOST_AUTO_TEST_CASE(says_what_it_can_of_a_few_bytes) {
    const std::string cut = written_text({.name = "", .type = frame_type::cut, .numbers = {1}});
    for (std::size_t size = 0; size <= json_format::probe_size; ++size)
        BOOST_TEST(
            (probed(cut.substr(0, size)) == (size < json_format::probe_size ? verdict::need_more : verdict::frame)));
    BOOST_TEST((probed("\n") == verdict::fill));
    BOOST_TEST((probed("[") == verdict::damaged));
    BOOST_TEST((probed(" {\"tusk\":1") == verdict::damaged));
    BOOST_TEST((probed("{\"task") == verdict::damaged));
}

BOOST_AUTO_TEST_CASE(lengths_that_make_no_sense_are_damage) {
    const auto with = [](std::string line, std::uint64_t count, std::uint64_t size, std::uint64_t lead) {
        put_number(line, json_layout::count_field, count);
        put_number(line, json_layout::size_field, size);
        put_number(line, json_layout::lead_field, lead);
        return probed(stamped(line));
    };
    constexpr std::uint64_t header = json_layout::header_size;
    constexpr std::uint64_t most = 999'999'999'999;
    const std::string cut = written_text({.name = "", .type = frame_type::cut, .numbers = {1}});
    BOOST_TEST((with(cut, 0, most, most) == verdict::frame)); // who reads compares that with what there is
    BOOST_TEST((with(cut, 1, 200, 200) == verdict::damaged));
    BOOST_TEST((with(cut, 0, 200, 199) == verdict::damaged));
    BOOST_TEST((with(cut, 0, header + 1, header + 1) == verdict::damaged));
    BOOST_TEST((with(cut, 0, 0, 0) == verdict::damaged));
    const std::string pad = written_text({.name = "", .type = frame_type::pad, .pad_size = 300});
    BOOST_TEST((with(pad, 0, 300, header) == verdict::frame));
    BOOST_TEST((with(pad, 0, 300, 300) == verdict::damaged));
    BOOST_TEST((with(pad, 0, header + 1, header) == verdict::damaged));
    const std::string batch = written_text({.name = "", .entries = {{.data = "a"}, {.data = "b"}}});
    for (const std::uint64_t count : {0U, 3U, 1'000'000U, 99'999'999U})
        BOOST_TEST((with(batch, count, batch.size(), 380) == verdict::damaged));
    BOOST_TEST((with(batch, 99'999'999, most, most / 2) == verdict::damaged));
    BOOST_TEST((with(batch, 2, batch.size(), batch.size() + 1) == verdict::damaged));
    BOOST_TEST((with(batch, 2, batch.size(), batch.size() - 10) == verdict::damaged));
    BOOST_TEST((with(batch, 2, batch.size(), header - 1) == verdict::damaged));
}

BOOST_AUTO_TEST_CASE(numbers_of_control_frames_are_written_in_one_way) {
    BOOST_TEST(makes_sense(crafted(frame_type::cut, 0, ",\"keep\":7}\n")));
    BOOST_TEST(makes_sense(crafted(frame_type::cut, 0, ",\"keep\":18446744073709551615}\n")));
    for (const char* wrong : {"}\n",
                              ",\"keep\":}\n",
                              ",\"keep\":07}\n",
                              ",\"keep\": 7}\n",
                              ",\"keep\":7 }\n",
                              ",\"keep\":-7}\n",
                              ",\"keep\":7.0}\n",
                              ",\"keep\":7e0}\n",
                              ",\"keep\":\"7\"}\n",
                              ",\"keep\":null}\n",
                              ",\"keep\":[7]}\n",
                              ",\"keep\":18446744073709551616}\n",
                              ",\"keep\":99999999999999999999}\n",
                              ",\"keep\":111111111111111111111}\n",
                              ",\"keep\":7,\"keep\":7}\n",
                              ",\"keep\":7}}\n",
                              ",\"keep\":7}\n}\n",
                              ",\"Keep\":7}\n",
                              ",\"k\\u0065ep\":7}\n",
                              ", \"keep\":7}\n",
                              ",\"keep\":7,\"x\":1}\n"})
        BOOST_TEST(makes_no_sense(crafted(frame_type::cut, 0, wrong)), wrong);
    const std::string longer = crafted(frame_type::cut, 0, ",\"keep\":7}\n\n");
    frame_info info;
    BOOST_REQUIRE((json_format::probe(to_bytes(longer), here, info) == verdict::frame));
    BOOST_TEST(!json_format::check_lead(to_bytes(longer), info));
    BOOST_TEST(!json_format::check(to_bytes(longer), info));
    BOOST_TEST(makes_sense(crafted(frame_type::reset, 0, ",\"next_index\":1,\"last_term\":0}\n")));
    BOOST_TEST(makes_no_sense(crafted(frame_type::reset, 0, ",\"last_term\":0,\"next_index\":1}\n")));
    BOOST_TEST(makes_no_sense(crafted(frame_type::reset, 0, ",\"next_index\":1}\n")));
    BOOST_TEST(makes_sense(crafted(frame_type::index, 0, ",\"numbers\":[]}\n")));
    BOOST_TEST(makes_sense(crafted(frame_type::index, 0, ",\"numbers\":[0,10]}\n")));
    for (const char* wrong : {"[", "[]", "[]]", "[1,]", "[,1]", "[1 ,2]", "[1,2", "[[1]]", "[1]x", "{}", "[01]", "[-1]",
                              "[1.5]", "[\"1\"]", "[99999999999999999999]"})
        BOOST_TEST((std::string_view(wrong) == "[]" ||
                    makes_no_sense(crafted(frame_type::index, 0, ",\"numbers\":" + std::string(wrong) + "}\n"))),
                   wrong);
}

BOOST_AUTO_TEST_CASE(numbers_of_a_header_are_written_in_one_way) {
    const format_suite::frame_sample sample = golden_frames().front().sample;
    const std::string right = written_text(sample, {});
    const auto reads = [&](const char* from, const char* to) {
        std::string line = right;
        BOOST_REQUIRE(std::string_view(from).size() == std::string_view(to).size());
        line.replace(line.find(from), std::string_view(from).size(), to);
        line.replace(json_layout::lead_checksum_field.at, 8, checksum_of(line.substr(json_layout::header_size)));
        line = stamped(line, {});
        frame_info info;
        BOOST_REQUIRE(format_suite::is_frame<json_format>(to_bytes(line), {}, info));
        return json_format::numbers(to_bytes(line), info, {}).has_value();
    };
    BOOST_TEST(reads("1122334455667788", "ffeeddccbbaa9900"));
    BOOST_TEST(!reads("1122334455667788", "FFEEDDCCBBAA9900"));
    BOOST_TEST(!reads("1122334455667788", " 122334455667788"));
    BOOST_TEST(!reads("1122334455667788", "0x22334455667788"));
    BOOST_TEST(reads("        \"deadbeef\"", "       \"1deadbeef\""));
    BOOST_TEST(!reads("        \"deadbeef\"", "       \"0deadbeef\""));
    BOOST_TEST(!reads("        \"deadbeef\"", "         \"eadbeef\""));
    BOOST_TEST(!reads("        \"deadbeef\"", "\"deadbeef\"        "));
    BOOST_TEST(!reads("        \"deadbeef\"", "        'deadbeef'"));
    BOOST_TEST(!reads("        \"deadbeef\"", "                  "));
    BOOST_TEST(!reads("        \"deadbeef\"", "                 \""));
    BOOST_TEST(!reads("        \"deadbeef\"", "                \"\""));
    BOOST_TEST(!reads("\"segment\":                   7", "\"segment\":                  07"));
    BOOST_TEST(!reads("\"segment\":                   7", "\"segment\":                  7 "));
    BOOST_TEST(!reads("\"segment\"", "\"Segment\""));
    BOOST_TEST(!reads("\"base\"", "\"flag\""));
}

BOOST_AUTO_TEST_CASE(what_is_said_of_an_entry_is_written_in_one_way) {
    const std::string record = R"({"text":"x"})";
    const std::string right = told(record, 1);
    BOOST_TEST(makes_sense(crafted_batch(1, right, record)));
    const auto refused = [&](const std::string& from, const std::string& to) {
        std::string directory = right;
        BOOST_REQUIRE(directory.find(from) != std::string::npos);
        directory.replace(directory.find(from), from.size(), to);
        BOOST_TEST(makes_no_sense(crafted_batch(1, directory, record)), to);
    };
    for (const char* term : {"00", "-1", "1.0", "1e1", "\"0\"", "null", "true", "[0]", "{\"a\":0}",
                             "18446744073709551616", "0 ", " 0", "0,\"term\":0", "0,\"x\":0"})
        refused("\"term\":0", std::string("\"term\":") + term);
    refused("1970-01-01T", "1970-1-01T0");
    refused("00Z\"", "00Z\",\"kind\":0"); // what is not said is 0, so that 0 is never said
    refused("00Z\"", "00Z\",\"kind\":256");
    refused("00Z\"", "00Z\",\"codec\":0");
    refused("00Z\"", "00Z\",\"codec\":1"); // and how large it was?
    refused("00Z\"", "00Z\",\"codec\":1,\"raw_size\":4294967296");
    refused("00Z\"", "00Z\",\"raw_size\":1");
    refused("00Z\"", "00Z\",\"key_size\":0");
    refused("00Z\"", "00Z\",\"codec\":1,\"raw_size\":1,\"kind\":1"); // in another order
    refused("{\"term\"", "{ \"term\"");
    refused("\"bytes\"", "\"b\\u0079tes\"");
    refused("\"size\":1", "\"size\":1,\"size\":1");
    refused("\"}", "\" }");
    refused("\"}", "\"},");
    refused("\"}", "\"}]");
    for (const char* size :
         {"0", "2", "3", "2147483647", "2147483648", "4294967295", "4294967296", "18446744073709551615"})
        refused("\"size\":1", std::string("\"size\":") + size);
    for (const char* bytes : {"0", "11", "13", "99", "4294967296", "18446744073709551615"})
        refused("\"bytes\":12", std::string("\"bytes\":") + bytes);
    for (const char* checksum : {"0000000", "000000000", "0000000g", "0000000A", "        "})
        refused(checksum_of(record), checksum);
    std::string with_all = right;
    with_all.replace(with_all.find("Z\"") + 2, 0, ",\"kind\":255,\"codec\":255,\"raw_size\":4294967295");
    BOOST_TEST(makes_sense(crafted_batch(1, with_all, record)));
}

BOOST_AUTO_TEST_CASE(no_entry_asks_for_more_room_than_it_takes) {
    for (const std::size_t size : {0U, 1U, 2U, 3U, 4U, 100U, 0x7FFFFFFFU})
        for (const std::size_t key_size : {0U, 1U, 100U, 0x7FFFFFFFU}) {
            const std::string line = crafted_record(R"({"text":"ab\n"})", size, key_size);
            frame_info info;
            frame_cursor cursor;
            stored_entry e;
            BOOST_REQUIRE((json_format::probe(to_bytes(line), here, info) == verdict::frame));
            const result<bool> more = json_format::next(to_bytes(line), info, cursor, e);
            BOOST_TEST(more.has_value() == (key_size == 0 && size <= 4), size << " " << key_size);
            BOOST_TEST((!more || e.room <= e.size));
        }
}

BOOST_AUTO_TEST_CASE(no_entry_has_more_than_two_gibibytes) {
    for (const std::uint64_t size : {0x7FFF'FFFFULL, 0x8000'0000ULL, 0xFFFF'FFFFULL, 0x1'0000'0001ULL}) {
        const std::string directory = R"({"term":0,"time":"1970-01-01T00:00:00.000000000Z","size":)" +
                                      std::to_string(size) + ",\"bytes\":" + std::to_string(size + 11) +
                                      R"(,"crc":"00000000"})";
        std::string line = crafted_batch(1, directory, std::string(12, ' '));
        const std::size_t lead = line.size() - 12 - 3;
        put_number(line, json_layout::size_field, lead + size + 11 + 3);
        line = stamped(line);
        frame_info info;
        frame_cursor cursor;
        stored_entry e;
        BOOST_REQUIRE((json_format::probe(to_bytes(line), here, info) == verdict::frame));
        BOOST_TEST(json_format::next(to_bytes(line).first(lead), info, cursor, e).has_value() == (size < 0x8000'0000));
    }
}

BOOST_AUTO_TEST_CASE(a_directory_that_ends_too_early_is_refused) {
    const std::string record = R"({"text":"x"})";
    const std::string whole = ",\"entries\":[" + told(record, 1) + "],\"records\":[";
    std::size_t looked_at = 0;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::string line = crafted(frame_type::batch, 1, whole.substr(0, size), record + "]}\n");
        if (probed(line) != verdict::frame) // there is no room for an entry, by their number
            continue;
        ++looked_at;
        BOOST_TEST(makes_no_sense(line), whole.substr(0, size));
        BOOST_TEST(!makes_sense(line), whole.substr(0, size));
    }
    BOOST_TEST(looked_at >= 20U);
    BOOST_TEST(makes_no_sense(crafted(frame_type::batch, 1, whole + " ", record + "]}\n")));
}

BOOST_AUTO_TEST_CASE(the_numbers_of_a_header_are_all_there) {
    const format_suite::frame_sample sample = golden_frames().front().sample;
    const std::string line = written_text(sample, {});
    const std::string whole = line.substr(json_layout::header_size);
    for (std::size_t size = 2; size < whole.size(); ++size) {
        const std::string cut = stamped(crafted(frame_type::header, 0, whole.substr(0, size)), {});
        frame_info info;
        BOOST_REQUIRE((json_format::probe(to_bytes(cut), {}, info) == verdict::frame));
        BOOST_TEST((json_format::numbers(to_bytes(cut), info, {}).error() == errc::corrupt), cut);
    }
}

BOOST_AUTO_TEST_CASE(a_record_is_shown_whole_or_not_at_all) {
    for (const std::string& record :
         {std::string(R"({"key":"k","text":"vv"})"), std::string(R"({"key":"\"","text":"vv"})")}) {
        stored_entry e;
        e.size = record.size();
        e.key_size = 1;
        e.data_size = 2;
        e.room = record.find('\\') == std::string::npos ? 0 : 4;
        std::vector<std::byte> room(e.room);
        BOOST_TEST(json_format::show(to_bytes(record), e, room).has_value());
        BOOST_TEST(to_text(e.data) == "vv");
        for (std::size_t size = 0; size < record.size(); ++size)
            BOOST_TEST(!json_format::show(format_suite::exactly(to_bytes(record).first(size)), e, room));
        BOOST_TEST(!json_format::show(to_bytes(record + "x"), e, room));
        for (std::size_t size = 0; size < e.room; ++size)
            BOOST_TEST(!json_format::show(to_bytes(record), e, byte_span(room).first(size)));
    }
    const std::string record = R"({"text":"v"})";
    stored_entry e; // that is told to be larger than all of its record, and to stand there as it is
    e.size = record.size();
    e.data_size = 100;
    BOOST_TEST(!json_format::show(to_bytes(record), e, {}));
}

BOOST_AUTO_TEST_CASE(who_reads_a_string_beyond_its_end_gets_zeros) {
    json_string::input in("a", {});
    BOOST_TEST(in.Take() == 'a');
    BOOST_TEST(in.Peek() == '\0');
    BOOST_TEST(in.Take() == '\0');
    BOOST_TEST(in.Tell() == 1U);
}

BOOST_AUTO_TEST_CASE(a_batch_has_as_many_records_as_it_says) {
    const std::string a = R"({"text":"a"})", b = R"({"text":"b"})";
    BOOST_TEST(makes_sense(crafted_batch(2, told(a, 1) + "," + told(b, 1), a + "," + b)));
    BOOST_TEST(makes_no_sense(crafted_batch(1, told(a, 1) + "," + told(b, 1), a + "," + b)));
    BOOST_TEST(makes_no_sense(crafted_batch(2, told(a, 1) + " ," + told(b, 1), a + "," + b)));
    BOOST_TEST(makes_no_sense(crafted_batch(2, told(a, 1) + "," + told(b, 1), a + "," + b + "," + a)));
    BOOST_TEST(makes_no_sense(crafted_batch(2, told(a, 1) + "," + told(b, 1), a + b)));
    BOOST_TEST(!makes_sense(crafted_batch(2, told(a, 1) + "," + told(b, 1), a + " " + b)));
    BOOST_TEST(!makes_sense(crafted_batch(2, told(a, 1) + "," + told(b, 1), a + "," + a)));
    BOOST_TEST((probed(crafted_batch(2, told(a, 1), a)) == verdict::damaged)); // there is no room for two
    const std::string both = a + "," + b; // the first takes all of it, and leaves none
    BOOST_TEST(makes_no_sense(crafted_batch(2, told(both, 14) + "," + told(b, 1), both)));
    const std::string later = std::string(told(a, 1)).replace(8, 1, "5");
    BOOST_TEST(makes_sense(crafted_batch(2, told(a, 1) + "," + later, a + "," + a)));
    BOOST_TEST(makes_no_sense(crafted_batch(2, later + "," + told(a, 1), a + "," + a))); // terms never decrease
}

BOOST_AUTO_TEST_CASE(a_replace_says_what_it_keeps) {
    const std::string a = R"({"text":"a"})";
    const auto replace = [&](const std::string& keep) {
        return crafted(frame_type::replace, 1, keep + ",\"entries\":[" + told(a, 1) + "],\"records\":[", a + "]}\n");
    };
    BOOST_TEST(makes_sense(replace(",\"keep\":300")));
    for (const char* wrong : {"", ",\"keep\":", ",\"keep\":-1", ",\"keep\":03", ",\"keep\":3,\"keep\":3"})
        BOOST_TEST(makes_no_sense(replace(wrong)), wrong);
    BOOST_TEST(makes_no_sense(
        crafted(frame_type::batch, 1, ",\"keep\":1,\"entries\":[" + told(a, 1) + "],\"records\":[", a + "]}\n")));
}

// Whatever stands in a record, its checksum is right: nothing but its text can give it away.
BOOST_AUTO_TEST_CASE(a_record_is_written_in_one_way) {
    BOOST_TEST(makes_sense(crafted_record(R"({"text":"a\nb"})", 3)));
    BOOST_TEST(makes_sense(crafted_record(R"({"text":"ab\u0000cdef"})", 7)));
    BOOST_TEST(makes_sense(crafted_record(R"({"key":"k","base64":"//8="})", 2, 1)));
    struct hostile {
        const char* record;
        std::size_t size;
        std::size_t key_size = 0;
    };
    const std::vector<hostile> records{
        {R"({"text":"a"} )", 1}, // spaces
        {R"({ "text":"a"})", 1},
        {R"({"text": "a"})", 1},
        {R"({"text":"a" })", 1},
        {R"({"text":"abc"})", 2}, // other sizes than were told
        {R"({"text":"a\nb"})", 4},
        {R"({"text":"a\nb"})", 2},
        {R"({"text":"a","text":"a"})", 1}, // twice the same
        {R"({"key":"k","key":"k","text":"a"})", 1, 1},
        {R"({"text":"a","base64":"YQ=="})", 1},
        {R"({"text":"a","key":"k"})", 1, 1}, // another order
        {R"({"key":"k","text":"a"})", 1},    // a key that was not told, or the other way round
        {R"({"text":"a and more than that"})", 1, 1},
        {R"({"key":"","text":"a"})", 1, 1},
        {R"({"text":1})", 0}, // other types
        {R"({"text":12345})", 1},
        {R"({"text":null})", 0},
        {R"({"text":true})", 0},
        {R"({"text":["a"]})", 1},
        {R"({"text":{"a":1}})", 1},
        {R"(["text","a"])", 1},
        {R"("text and more")", 1},
        {R"({"text":"\u0061"})", 1}, // other ways to write a character
        {R"({"text":"a\/b"})", 3},
        {R"({"text":"a\u000ab"})", 3},
        {R"({"text":"a\u000Ab"})", 3},
        {R"({"text":"abcdef\u001f"})", 7},
        {R"({"text":"\u00e4"})", 2},
        {R"({"text":"\uD83D\uDE00"})", 4},
        {R"({"text":"\uD83D"})", 3}, // half a pair
        {R"({"text":"\uDE00"})", 3},
        {R"({"text":"\uD83D\u0041"})", 4},
        {R"({"text":"\uD83Dabcdef"})", 9},
        {R"({"text":"\u00"})", 1},
        {R"({"text":"\u"})", 1},
        {R"({"text":"\x41"})", 1},
        {R"({"text":"\a"})", 1},
        {R"({"text":"\"})", 1},
        {R"({"text":"a\"})", 2},
        {R"({"text":"ab)", 1}, // without an end
        {R"({"text":"abc")", 1},
        {"{\"text\":\"a\nb\"}", 3}, // a bare control character
        {"{\"text\":\"a\tb\"}", 3},
        {"{\"text\":\"a\x01\"}", 2},
        {"{\"text\":\"\xFF\"}", 1}, // no UTF-8
        {"{\"text\":\"a\xC0\x80\\n\"}", 4},
        {"{\"text\":\"\xED\xA0\x80\"}", 3},
        {"{\"text\":\"\xF4\x90\x80\x80\\n\"}", 5},
        {"{\"text\":\"\xC3\"}", 1},
        {R"({"text":"\u0000"})", 1}, // would be shorter as base64
        {R"({"base64":"YQ=="})", 1}, // is a text
        {R"({"base64":""})", 0},
        {R"({"key_base64":"aw==","text":"a"})", 1, 1},
        {R"({"base64":"/w"})", 1}, // other ways to write the bytes
        {R"({"base64":"/w="})", 1},
        {R"({"base64":"/x=="})", 1},
        {R"({"base64":"_w=="})", 1},
        {R"({"base64":"/w==="})", 1},
        {R"({"base64":"/w==\n"})", 1},
        {R"({"base64":"\/w=="})", 1},
        {R"({"base64":"/ w="})", 1},
        {R"({"base64":"//8"})", 2},
        {R"({"base64":"//9="})", 2},
        {R"({"base64":"////"})", 2},
        {R"({"Base64":"/w=="})", 1},
        {R"({"base64":["/w=="]})", 1},
    };
    for (const hostile& h : records)
        BOOST_TEST(makes_no_sense(crafted_record(h.record, h.size, h.key_size)), h.record);
    BOOST_TEST(makes_no_sense(crafted_record(std::string("{\"text\":\"a\0b\\n\"}", 16), 4)));
    BOOST_TEST(makes_no_sense(crafted_record(std::string("{\"text\":\"\0\"}", 12), 1)));
}

BOOST_AUTO_TEST_CASE(deep_json_is_refused_at_its_first_byte) {
    for (const std::string& deep :
         {std::string(4'000'000, '['), std::string(4'000'000, '{'), "{\"text\":" + std::string(4'000'000, '[') + "}",
          "{\"text\":\"\\n\",\"text\":" + std::string(4'000'000, '[') + "}"})
        for (const std::size_t size : {std::size_t{1}, deep.size() / 2, deep.size() - 11}) {
            const std::string line = crafted_record(deep, size);
            const std::size_t before = allocations();
            frame_info info;
            frame_cursor cursor;
            stored_entry e;
            const bool there = json_format::probe(to_bytes(line), here, info) == verdict::frame &&
                               json_format::next(to_bytes(line), info, cursor, e).value();
            BOOST_TEST(allocations() == before);
            BOOST_REQUIRE(there);
            BOOST_TEST(e.room <= e.size);
            std::vector<std::byte> room(e.room);
            BOOST_TEST(!json_format::show(to_bytes(line).subspan(e.at, e.size), e, room));
        }
}

BOOST_AUTO_TEST_CASE(damage_to_the_end_of_a_line_is_noticed) {
    for (const golden_frame& golden : golden_frames()) {
        const bool is_header = golden.sample.type == frame_type::header;
        const frame_place place{.log = here.log, .segment = here.segment, .offset = is_header ? 0 : here.offset};
        std::string line = written_text(golden.sample, place);
        frame_info info;
        BOOST_REQUIRE(format_suite::is_frame<json_format>(to_bytes(line), place, info));
        for (std::size_t behind = 1; behind <= 3; ++behind) {
            const char before = std::exchange(line[line.size() - behind], '\n');
            if (before != '\n')
                BOOST_TEST(!json_format::check(to_bytes(line), info), golden.sample.name);
            line[line.size() - behind] = ' ';
            if (before != ' ')
                BOOST_TEST(!json_format::check(to_bytes(line), info), golden.sample.name);
            line[line.size() - behind] = before;
        }
    }
}

BOOST_AUTO_TEST_CASE(resync_finds_a_frame_behind_a_line_that_lost_its_end) {
    std::string lines = "garbage {\"tus {{\"tusk \n";
    const std::size_t first = lines.size();
    lines += written_text({.name = "", .entries = {{.data = "{\"tusk\":1,\"type\":\"batch\"} {\"tusk\":"}}});
    lines.back() = '?';
    const std::size_t second = lines.size();
    lines += written_text({.name = "", .type = frame_type::cut, .numbers = {1}});
    BOOST_TEST(json_format::resync(to_bytes(lines), 0) == first);
    BOOST_TEST(json_format::resync(to_bytes(lines), first + 1) == second); // no data looks like a frame
    BOOST_TEST(json_format::resync(to_bytes(lines), second + 1) == lines.size());
    for (std::size_t part = 1; part < 8; ++part) // a frame may begin where there is more to come
        BOOST_TEST(json_format::resync(to_bytes(lines).first(second + part), first + 1) == second);
    for (const std::size_t at : {lines.size(), lines.size() + 1, std::size_t{format_suite::largest}})
        BOOST_TEST(json_format::resync(to_bytes(lines), at) == lines.size());
}

BOOST_AUTO_TEST_CASE(counts_more_entries_than_two_bytes_could) {
    format_suite::frame_sample sample{.name = ""};
    sample.entries.resize(70'000, {.data = "x\n", .term = 5, .time = 6});
    const std::string in = written_text(sample);
    frame_info info;
    format_suite::frame_sample found;
    BOOST_REQUIRE(format_suite::is_frame<json_format>(to_bytes(in), here, info));
    BOOST_TEST(info.count == 70'000U);
    BOOST_REQUIRE(format_suite::read_frame<json_format>(to_bytes(in), info, found));
    BOOST_TEST((found == sample));
}

BOOST_AUTO_TEST_SUITE_END()
