#include <tusk/format/protobuf.hpp>

#include <log/fixture.hpp>
#include <protobuf/segments.hpp>

#include <tusk/backend/posix.hpp>

#include <cstdio>
#include <filesystem>
#include <sstream>

#include <unistd.h>

using namespace log_test;

namespace {

namespace fs = std::filesystem;

std::string hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        out += digits[static_cast<unsigned char>(c) / 16];
        out += digits[static_cast<unsigned char>(c) % 16];
    }
    return out.empty() ? "-" : out;
}

std::string line(index_t index, term_t term, timestamp_t time, unsigned kind, std::string_view key,
                 std::string_view data) {
    std::ostringstream out;
    out << index << ' ' << term << ' ' << time << ' ' << kind << ' ' << hex(key) << ' ' << hex(data);
    return out.str();
}

/// A log of protobuf messages in a directory of its own, and what different readers find in it.
struct fixture {
    using log_type = basic_wal<protobuf_format, fsync_always, posix_backend, no_compression>;

    fs::path path;
    options opts = small_options();
    std::optional<log_type> log;

    fixture() {
        std::string name = (fs::temp_directory_path() / "tusk-protobuf-XXXXXX").string();
        BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
        path = name;
    }
    fixture(const fixture&) = delete;
    ~fixture() {
        log.reset();
        fs::remove_all(path);
    }
    void open() { log.emplace(must(log_type::open(path.string(), opts))); }
    void close() {
        must(log->close());
        log.reset();
    }
    void append_samples(std::size_t count) {
        for (; count > 0; --count)
            must(log->append(sample(must(log->next_index()))));
    }

    [[nodiscard]] texts seen_by_tusk() const {
        options reading = opts;
        reading.mode = open_mode::read_only;
        auto beside = must(log_type::open(path.string(), reading));
        texts out;
        for (const entry& e : must(beside.get_range(0, UINT64_MAX)))
            out.push_back(
                line(e.index(), e.term(), e.time(), static_cast<unsigned>(e.kind()), to_text(e.key()), e.text()));
        return out;
    }
    [[nodiscard]] texts seen_by_protobuf() const {
        texts out;
        for (const protobuf_test::logged_entry& e : protobuf_test::read_log(path))
            out.push_back(line(e.index, e.term, e.time, e.kind, e.key, e.data));
        return out;
    }
    [[nodiscard]] texts seen_by_python() const {
        const std::string command = std::string(READ_LOG) + " '" + path.string() + "'";
        std::FILE* const out = ::popen(command.c_str(), "r");
        BOOST_REQUIRE(out != nullptr);
        std::string all;
        std::array<char, 65536> some{};
        while (const std::size_t size = std::fread(some.data(), 1, some.size(), out))
            all.append(some.data(), size);
        BOOST_TEST(::pclose(out) == 0);
        texts lines;
        std::istringstream in(all);
        for (std::string line; std::getline(in, line);)
            lines.push_back(line);
        return lines;
    }
    /// The log is open, and has so many entries: all of them are seen by everybody.
    void is_seen_by_all(std::size_t entries) const {
        const texts expected = seen_by_tusk();
        BOOST_TEST(expected.size() == entries);
        BOOST_TEST(seen_by_protobuf() == expected, boost::test_tools::per_element());
        BOOST_TEST(seen_by_python() == expected, boost::test_tools::per_element());
    }
};

} // namespace

BOOST_AUTO_TEST_SUITE(protobuf_reading)

BOOST_FIXTURE_TEST_CASE(entries_of_the_live_segment, fixture) {
    open();
    is_seen_by_all(0);
    append_samples(3);
    is_seen_by_all(3);
    must(log->append(record_view(std::string_view("\0\xFF\n", 3), "key", 7, entry_kind::tombstone, 1)));
    must(log->append_batch(std::vector<record_view>{{"", "", 7},
                                                    {"b", "k\xC3", 8, static_cast<entry_kind>(255), UINT64_MAX},
                                                    {"c", "", UINT64_MAX, entry_kind::user, 2}}));
    is_seen_by_all(7);
}

BOOST_FIXTURE_TEST_CASE(entries_of_all_segments, fixture) {
    opts.spare_segments = 2;
    open();
    append_samples(150);
    BOOST_TEST(must(log->segment_count()) > 3U);
    is_seen_by_all(150);
    must(log->roll());
    append_samples(1);
    is_seen_by_all(151);
    close();
    is_seen_by_all(151);
}

BOOST_FIXTURE_TEST_CASE(entries_that_were_not_cut, fixture) {
    open();
    append_samples(10);
    must(log->truncate(8));
    is_seen_by_all(8);
    must(log->replace_from(5, records({"five", "six"})));
    must(log->replace_from(7, records({"seven"})));
    is_seen_by_all(7);
    must(log->truncate(0));
    is_seen_by_all(0);
    append_samples(5);
    must(log->reset(100, 3));
    append_samples(2);
    is_seen_by_all(2);
    close();
    is_seen_by_all(2);
}

BOOST_FIXTURE_TEST_CASE(entries_of_large_batches, fixture) {
    opts.segment_size = mebibyte;
    open();
    texts all;
    for (index_t i = 1; i <= 1000; ++i)
        all.push_back(sample(i, static_cast<std::size_t>(i)));
    const std::vector<record_view> batch(all.begin(), all.end());
    must(log->append_batch(batch));
    is_seen_by_all(1000);
}

BOOST_FIXTURE_TEST_CASE(entries_among_padding, fixture) {
    opts.segment_size = mebibyte;
    opts.sync_alignment = 4096;
    open();
    append_samples(20);
    is_seen_by_all(20);
}

BOOST_AUTO_TEST_SUITE_END()
