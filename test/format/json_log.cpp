#include <tusk/format/json.hpp>

#include <conformance/format_log.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <cstdio>

using namespace format_log_suite;

namespace format_json_log {

using files_log = format_log<json_format, in_files>;

/// Every entry that stands in a segment, one a line, whatever became of it later.
constexpr const char* every_entry = R"jq(
select(.records) | range(.count) as $i | [.index + $i, .entries[$i].term, (.records[$i] | .text // .base64)] | @tsv
)jq";

/// What a log holds, from all of its segments: a frame counts up to where the next segment says that its own one ended.
constexpr const char* what_it_holds = R"jq(
[foreach inputs as $f ({}; if $f.type == "header" then {segment: $f.segment, at: 0} else . end
                       | .begin = .at | .at += $f.size; {segment, begin, frame: $f})] as $all
| ([$all[].frame | select(.type == "header") | {key: "\(.previous)", value: .previous_end}] | from_entries) as $ends
| reduce ($all[] | select(.begin < ($ends["\(.segment)"] // infinite)) | .frame) as $f ([];
    if $f.keep != null then map(select(.index <= $f.keep)) elif $f.type == "reset" then [] else . end
    + [$f | select(.records) | range(.count) as $i | {index: (.index + $i)} + .entries[$i] + .records[$i]])
)jq";

/// As texts that are the same for the same bytes.
constexpr const char* as_lines = R"jq(
| .[] | [.index, .term, .time, .kind // 0, .key_base64 // (.key // "" | @base64), .base64 // (.text | @base64)] | @tsv
)jq";

std::string base64(byte_view bytes) {
    std::string out(static_cast<std::size_t>(json_base64::size(bytes.size())), ' ');
    json_base64::put(out.data(), pieces_view(bytes));
    return out;
}

std::string time_text(timestamp_t time) {
    std::string out(json_time::size, ' ');
    json_time::put(out.data(), time);
    return out;
}

/// The lines that jq prints, given these options, of all of the log's segments.
texts jq(const in_files& disk, const std::string& options, const std::string& filter) {
    const fs::path program = disk.path().parent_path() / "filter.jq";
    std::ofstream(program) << filter;
    std::string command = "jq " + options + " -f '" + program.string() + "'";
    for (const std::string& name : disk.segments())
        command += " '" + (disk.path() / name).string() + "'";
    std::FILE* const out = ::popen(command.c_str(), "r");
    BOOST_REQUIRE(out != nullptr);
    std::string all;
    for (int c = std::fgetc(out); c != EOF; c = std::fgetc(out))
        all.push_back(static_cast<char>(c));
    BOOST_REQUIRE_EQUAL(::pclose(out), 0);
    texts lines;
    for (std::size_t at = 0; at < all.size();) {
        const std::size_t end = all.find('\n', at);
        lines.push_back(all.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

/// What the log itself says that it holds, in the same way.
texts told(files_log& f) {
    texts out;
    for (const entry& e : must(f.log->get_range(0, UINT64_MAX)))
        out.push_back(std::to_string(e.index()) + "\t" + std::to_string(e.term()) + "\t" + time_text(e.time()) + "\t" +
                      std::to_string(static_cast<unsigned>(e.kind())) + "\t" + base64(e.key()) + "\t" +
                      base64(e.data()));
    return out;
}

void jq_agrees(files_log& f) {
    BOOST_TEST(jq(f.disk, "-n -r", std::string(what_it_holds) + as_lines) == told(f), boost::test_tools::per_element());
}

// Every kind of entry and of change.
void fill(files_log& f) {
    const std::string bytes("\0\xFF\n\x80", 4);
    must(f.log->append(record_view("plain", "", 1, entry_kind::data, 1'700'000'000'123'456'789)));
    must(f.log->append(record_view("with \"escapes\"\n\\ and \xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", "a key\t", 1)));
    must(f.log->append(record_view(bytes, bytes, 2, entry_kind::tombstone)));
    must(f.log->append(record_view("", "", 2, static_cast<entry_kind>(255), UINT64_MAX)));
    must(f.log->append_batch(records({"a", "", bytes, "d\x7F", std::string_view("\0\0\0\0", 4)})));
    must(f.log->truncate(8));
    must(f.log->replace_from(7, records({"another seventh"})));
    must(f.log->replace_from(8, records({"another eighth", "ninth", bytes})));
    f.append_samples(100); // in several segments
    must(f.log->roll());
    must(f.log->truncate(50)); // in a segment before
    f.append_samples(3);
}

} // namespace format_json_log

BOOST_AUTO_TEST_SUITE(format_json_log)

BOOST_DATA_TEST_CASE(behaves, boost::unit_test::data::make(format_log_behaviours<json_format>()), behaviour) {
    behaviour.test();
}

BOOST_AUTO_TEST_CASE(jq_reads_all_that_a_live_log_holds) {
    files_log f;
    f.opts.segment_size = 16 * kibibyte;
    f.close();
    f.open();
    fill(f);
    BOOST_TEST(must(f.log->segment_count()) > 2U);
    jq_agrees(f);
    f.close();
    f.open();
    jq_agrees(f);
    f.append_samples(2);
    jq_agrees(f);
}

BOOST_AUTO_TEST_CASE(jq_reads_what_a_killed_log_holds) {
    files_log f;
    fill(f);
    for (int i = 0; i < 3; ++i) {
        f.kill();
        f.open();
        jq_agrees(f);
        f.append_samples(1);
    }
    must(f.log->reset(1000, 9));
    jq_agrees(f);
    must(f.log->append(record_view("a new beginning", "", 9)));
    f.kill();
    f.open();
    jq_agrees(f);
    BOOST_TEST(told(f).size() == 1U);
}

BOOST_AUTO_TEST_CASE(jq_reads_a_log_that_is_padded) {
    files_log f;
    f.close();
    f.opts.sync_alignment = 512;
    f.open();
    f.append_samples(20);
    jq_agrees(f);
    const texts types = jq(f.disk, "-r", ".type");
    BOOST_TEST(std::count(types.begin(), types.end(), "pad") > 0);
}

BOOST_AUTO_TEST_CASE(jq_lists_every_entry_of_every_line) {
    files_log f;
    f.append_samples(1);
    must(f.log->append_batch(records({"two", "th\nree", "\xFF"})));
    must(f.log->truncate(2));
    must(f.log->replace_from(2, std::vector<record_view>{{"another two", "", 7}}));
    const texts expected{"1\t0\t" + sample(1), "2\t0\ttwo", "3\t0\tth\\nree", "4\t0\t/w==", "2\t7\tanother two"};
    BOOST_TEST(jq(f.disk, "-r", every_entry) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(jq_sees_each_type_of_frame) {
    files_log f;
    f.opts.segment_size = 64 * kibibyte;
    f.close();
    f.open();
    fill(f);
    f.close();
    texts types = jq(f.disk, "-r", ".type");
    BOOST_TEST(types.front() == "header");
    std::sort(types.begin(), types.end());
    types.erase(std::unique(types.begin(), types.end()), types.end());
    BOOST_TEST(types == (texts{"batch", "cut", "header", "index", "replace"}), boost::test_tools::per_element());
    const texts sizes = jq(f.disk, "-n", "[inputs.size] | add");
    std::size_t bytes = 0;
    for (const std::string& name : f.disk.segments()) {
        const std::string all = f.disk.read(name);
        bytes += all.find_last_not_of('\n') + 2;
    }
    BOOST_TEST(sizes.front() == std::to_string(bytes));
}

BOOST_AUTO_TEST_CASE(jq_reads_around_damage) {
    files_log f;
    f.append_samples(10);
    f.kill();
    f.disk.write(f.disk.segments().front(), f.find("entry 5 ").second - 20, "\"\"\"\n{{");
    const texts found = jq(f.disk, "-R -r", std::string("fromjson? | ") + every_entry);
    BOOST_TEST(found.size() == 9U);
    BOOST_TEST(found.front().ends_with(sample(1)));
    BOOST_TEST(found.back().ends_with(sample(10)));
}

BOOST_AUTO_TEST_CASE(a_live_segment_is_lines_up_to_its_last_byte) {
    files_log f;
    f.append_samples(3);
    const std::string all = f.disk.read(f.disk.segments().front());
    BOOST_TEST(all.size() >= f.opts.segment_size);
    BOOST_TEST(all.find('\0') == std::string::npos);
    BOOST_TEST(all.back() == '\n');
    std::size_t lines = 0;
    for (std::size_t at = 0; at < all.size(); at = all.find('\n', at) + 1)
        lines += all[at] == '{' ? 1U : 0U;
    BOOST_TEST(lines == 4U);
}

BOOST_AUTO_TEST_CASE(a_text_is_found_as_it_was_appended) {
    files_log f;
    must(f.log->append("the quick brown fox; gr\xC3\xBC\xC3\x9F"
                       "e"));
    BOOST_TEST(f.disk.read(f.disk.segments().front())
                   .find("the quick brown fox; gr\xC3\xBC\xC3\x9F"
                         "e") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_entry_of_a_large_batch_is_decoded_alone) {
    format_log<json_format, in_memory> f;
    std::vector<std::string> all;
    for (index_t i = 1; i <= 12; ++i) {
        all.push_back(sample(i, 20'000) + (i % 3 == 0 ? "\n\"" : i % 3 == 1 ? "\xFF" : ""));
        all.back() += all.back();
    }
    std::vector<record_view> batch;
    for (const std::string& text : all)
        batch.emplace_back(text, "a \"key\"");
    must(f.log->append_batch(batch));
    f.kill();
    f.open();
    for (index_t i = 12; i > 0; --i) {
        const entry e = must(f.log->get(i));
        BOOST_TEST((e.text() == all[i - 1]));
        BOOST_TEST(to_text(e.key()) == "a \"key\"");
    }
    const entries range = must(f.log->get_range(1, 12));
    for (index_t i = 1; i <= 12; ++i)
        BOOST_TEST((range[i - 1].text() == all[i - 1]));
}

BOOST_AUTO_TEST_CASE(a_newer_version_is_refused_as_such) {
    files_log f;
    f.append_samples(3);
    f.close();
    f.disk.write(f.disk.segments().front(), 8, "2");
    const file_contents before = f.disk.contents();
    for (const open_mode mode : {open_mode::strict, open_mode::read_only, open_mode::salvage}) {
        f.opts.mode = mode;
        BOOST_TEST(fails_with(f.try_open(), errc::unsupported_version));
        BOOST_TEST(f.report.message.find("a newer version of json_format") != std::string::npos);
        BOOST_TEST((f.disk.contents() == before));
    }
}

BOOST_AUTO_TEST_SUITE_END()
