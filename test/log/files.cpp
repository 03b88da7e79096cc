#include <tusk/log/log_store.hpp>

#include <log/fixture.hpp>

#include <tusk/backend/posix.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace log_test;

namespace log_files {

namespace fs = std::filesystem;

// A directory of the file system that goes with the test.
class scratch_directory {
public:
    scratch_directory() {
        std::string name = (fs::temp_directory_path() / "tusk-log-XXXXXX").string();
        BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    scratch_directory(const scratch_directory&) = delete;
    ~scratch_directory() { fs::remove_all(path_); }

    [[nodiscard]] fs::path operator/(const char* name) const { return path_ / name; }

private:
    fs::path path_;
};

using file_log = basic_wal<binary_format, fsync_always, posix_backend, no_compression>;

struct fixture {
    scratch_directory scratch;
    const std::string path = (scratch / "log").string();
    options opts = small_options();
    recovery_report report;

    file_log open() { return must(file_log::open(path, opts, &report)); }
    texts all(file_log& log) {
        texts out;
        for (const entry& e : must(log.get_range(0, UINT64_MAX)))
            out.emplace_back(e.text());
        return out;
    }
    void append_samples(file_log& log, int count) {
        for (; count > 0; --count)
            must(log.append(sample(must(log.next_index()))));
    }
};

} // namespace log_files

BOOST_FIXTURE_TEST_SUITE(log_files, fixture)

BOOST_AUTO_TEST_CASE(a_log_in_files_comes_back) {
    {
        file_log log = open();
        BOOST_TEST(report.created);
        append_samples(log, 200);
        must(log.truncate(150));
        must(log.drop_before(30));
        must(log.close());
    }
    file_log log = open();
    BOOST_TEST(all(log) == samples(30, 150), boost::test_tools::per_element());
    BOOST_TEST(report.scanned_bytes == 0U);
}

BOOST_AUTO_TEST_CASE(what_a_killed_process_leaves_in_files_comes_back) {
    file_log log = open();
    append_samples(log, 100);
    fs::copy(path, scratch / "left");
    const file_log after = must(file_log::open((scratch / "left").string(), opts, &report));
    BOOST_TEST(report.last_index == 100U);
    BOOST_TEST(after.is_open());
}

BOOST_AUTO_TEST_CASE(a_torn_file_keeps_what_came_before) {
    file_log log = open();
    append_samples(log, 10);
    fs::copy(path, scratch / "left");
    const fs::path segment = scratch / "left" / "0000000001.wal";
    fs::resize_file(segment, must(log.size_bytes()) - 3);
    file_log after = must(file_log::open((scratch / "left").string(), opts, &report));
    BOOST_TEST(all(after) == samples(1, 9), boost::test_tools::per_element());
    BOOST_TEST(must(after.append("more")) == 10U);
}

BOOST_AUTO_TEST_CASE(missing_directories_are_made) {
    const std::string deep = (scratch / "a/b/c/log").string();
    file_log log = must(file_log::open(deep, opts));
    must(log.append("a"));
    BOOST_TEST(fs::exists(deep + "/state"));
}

BOOST_AUTO_TEST_CASE(where_there_is_no_directory_there_is_no_log) {
    opts.create = false;
    BOOST_TEST(fails_with(file_log::open(path, opts), errc::no_log));
    BOOST_TEST(fails_with(file_log::destroy(path), errc::no_log));
    BOOST_TEST(!fs::exists(path));
}

BOOST_AUTO_TEST_CASE(a_second_opener_in_the_same_process_finds_the_files_busy) {
    file_log log = open();
    BOOST_TEST(fails_with(file_log::open(path, opts), errc::busy));
    must(log.append("a"));
    must(log.close());
    file_log second = open();
    BOOST_TEST(all(second) == texts{"a"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_open_that_is_refused_changes_no_file) {
    {
        file_log log = open();
        append_samples(log, 10);
    }
    const fs::path segment = fs::path(path) / "0000000001.wal";
    {
        std::fstream file(segment, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(500);
        file.put('!');
    }
    const auto read = [](const fs::path& name) {
        std::ifstream file(name, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    const std::string before = read(segment);
    const std::string state_before = read(fs::path(path) / "state");
    opts.verify_all = true;
    BOOST_TEST(fails_with(file_log::open(path, opts, &report), errc::corrupt));
    BOOST_TEST((read(segment) == before));
    BOOST_TEST((read(fs::path(path) / "state") == state_before));
}

BOOST_AUTO_TEST_CASE(destroy_leaves_the_directory_and_what_is_not_the_logs) {
    {
        file_log log = open();
        append_samples(log, 100);
    }
    std::ofstream(path + "/notes.txt") << "mine";
    must(file_log::destroy(path));
    BOOST_TEST(fs::exists(path + "/notes.txt"));
    BOOST_TEST(std::distance(fs::directory_iterator(path), fs::directory_iterator()) == 1);
}

BOOST_AUTO_TEST_CASE(entries_outlive_the_files_they_came_from) {
    entry kept;
    {
        file_log log = open();
        append_samples(log, 200);
        kept = must(log.get(7));
        must(log.drop_before(200));
        must(log.close());
        must(file_log::destroy(path));
    }
    BOOST_TEST(kept.text() == sample(7));
}

BOOST_AUTO_TEST_CASE(a_reader_follows_files_that_another_handle_writes) {
    file_log log = open();
    append_samples(log, 1);
    opts.mode = open_mode::read_only;
    file_log reading = open();
    auto r = must(reading.read_from(1));
    append_samples(log, 199);
    for (index_t i = 1; i <= 200; ++i)
        BOOST_TEST(must(r.next()).text() == sample(i));
    BOOST_TEST(fails_with(r.next(), errc::beyond_end));
    must(log.drop_before(150));
    append_samples(log, 1);
    BOOST_TEST(must(r.next()).text() == sample(201));
    BOOST_TEST(fails_with(reading.get(1), errc::dropped));
}

BOOST_AUTO_TEST_SUITE_END()
