#pragma once

#include <log/fixture.hpp>

#include <tusk/backend/posix.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <unistd.h>

/// What a log has to do in every Format, in memory and in files. Make a test case of each behaviour in
/// format_log_behaviours<F>().
namespace format_log_suite {

using namespace log_test;

namespace fs = std::filesystem;
using file_contents = std::map<std::string, std::string>;

/// The directory of a log in memory.
class in_memory : public memory_disk {
public:
    using backend_type = memory_backend;

    /// Lets go of the log by `f`; what that does to the files is forgotten.
    template<class F>
    void forget(F&& f) {
        auto before = now();
        f();
        go_back_to(std::move(before));
    }
};

/// The directory of a log in the file system, gone at the end.
class in_files {
public:
    using backend_type = posix_backend;

    in_files() {
        std::string name = (fs::temp_directory_path() / "tusk-format-XXXXXX").string();
        BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
        scratch_ = name;
    }
    in_files(const in_files&) = delete;
    ~in_files() { fs::remove_all(scratch_); }

    [[nodiscard]] fs::path path() const { return scratch_ / "log"; }
    [[nodiscard]] posix_backend backend() const { return posix_backend(path().string()); }

    template<class F>
    void forget(F&& f) {
        const fs::path copy = scratch_ / "copy";
        fs::copy(path(), copy);
        f();
        fs::remove_all(path());
        fs::rename(copy, path());
    }
    [[nodiscard]] log_test::texts segments() const {
        log_test::texts out;
        for (const auto& [name, bytes] : contents())
            if (segment_number(name) != 0)
                out.push_back(name);
        return out;
    }
    [[nodiscard]] file_contents contents() const {
        file_contents out;
        for (const auto& file : fs::directory_iterator(path()))
            out[file.path().filename().string()] = read(file.path().filename().string());
        return out;
    }
    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream in(path() / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void write(const std::string& name, std::uint64_t at, std::string_view bytes) {
        std::fstream out(path() / name, std::ios::binary | std::ios::in | std::ios::out);
        out.seekp(static_cast<std::streamoff>(at));
        out << bytes;
    }

private:
    fs::path scratch_;
};

/// A log of the Format.
template<format Format, class Directory>
struct format_log {
    using log_type = basic_wal<Format, fsync_always, typename Directory::backend_type, no_compression>;

    Directory disk;
    options opts = small_options();
    recovery_report report;
    std::optional<log_type> log;

    format_log() { open(); }

    [[nodiscard]] result<void> try_open() { return try_open_as<log_type>(log); }
    /// With other policies.
    template<class Other>
    [[nodiscard]] result<void> try_open_as(std::optional<Other>& out) {
        out.reset();
        TUSK_TRY(auto opened, Other::open(disk.backend(), opts, {}, {}, &report));
        out.emplace(std::move(opened));
        return success();
    }
    void open() {
        const result<void> opened = try_open();
        if (!opened)
            BOOST_FAIL(opened.error().message() + ": " + report.message);
    }
    void close() {
        must(log->close());
        log.reset();
    }
    void kill() {
        disk.forget([this] { log.reset(); });
    }
    void append_samples(std::size_t count) {
        for (; count > 0; --count)
            must(log->append(sample(must(log->next_index()))));
    }
    [[nodiscard]] texts all() {
        texts out;
        for (const entry& e : must(log->get_range(0, UINT64_MAX)))
            out.emplace_back(e.text());
        return out;
    }
    /// The same after a close and after a kill.
    void holds(const texts& expected) {
        BOOST_TEST(all() == expected, boost::test_tools::per_element());
        kill();
        open();
        BOOST_TEST(all() == expected, boost::test_tools::per_element());
        BOOST_TEST(must(log->verify()).sound());
        close();
        open();
        BOOST_TEST(all() == expected, boost::test_tools::per_element());
    }
    /// Where a text lies.
    [[nodiscard]] std::pair<std::string, std::size_t> find(std::string_view text) {
        for (const std::string& name : disk.segments())
            if (const std::size_t at = disk.read(name).find(text); at != std::string::npos)
                return {name, at};
        BOOST_FAIL("no segment holds the text");
        return {};
    }
    void damage(std::string_view text) {
        const auto [name, at] = find(text);
        disk.write(name, at, "#");
    }
};

template<format F, class Directory>
void what_was_appended_comes_back() {
    format_log<F, Directory> f;
    f.append_samples(3);
    must(f.log->append_batch(records({"four", "", "six"})));
    f.holds({sample(1), sample(2), sample(3), "four", "", "six"});
}

template<format F, class Directory>
void an_entry_keeps_what_was_said_of_it() {
    format_log<F, Directory> f;
    const std::string bytes("\0\xFF\n\x80", 4);
    must(f.log->append(record_view(bytes, "key", 7, entry_kind::tombstone, 1)));
    must(f.log->append_batch(std::vector<record_view>{{"b", bytes, 7, static_cast<entry_kind>(255), UINT64_MAX},
                                                      {"c", "", UINT64_MAX, entry_kind::user, 2}}));
    f.kill();
    f.open();
    const entries found = must(f.log->get_range(1, 3));
    BOOST_REQUIRE(found.size() == 3U);
    BOOST_TEST(found[0].text() == bytes);
    BOOST_TEST(to_text(found[0].key()) == "key");
    BOOST_TEST(found[0].term() == 7U);
    BOOST_TEST((found[0].kind() == entry_kind::tombstone));
    BOOST_TEST(found[0].time() == 1U);
    BOOST_TEST(to_text(found[1].key()) == bytes);
    BOOST_TEST((found[1].kind() == static_cast<entry_kind>(255)));
    BOOST_TEST(found[1].time() == UINT64_MAX);
    BOOST_TEST(found[2].term() == UINT64_MAX);
    BOOST_TEST((found[2].kind() == entry_kind::user));
}

template<format F, class Directory>
void what_was_cut_stays_away() {
    format_log<F, Directory> f;
    f.append_samples(5);
    must(f.log->truncate(3));
    f.holds(samples(1, 3));
    must(f.log->replace_from(2, records({"two"})));
    must(f.log->replace_from(3, records({"three", "four"})));
    f.holds({sample(1), "two", "three", "four"});
    must(f.log->reset(100, 0));
    f.append_samples(1);
    f.holds({sample(100)});
}

template<format F, class Directory>
void segments_follow_each_other() {
    format_log<F, Directory> f;
    f.append_samples(150);
    must(f.log->roll());
    f.append_samples(5);
    BOOST_TEST(must(f.log->segment_count()) > 3U);
    f.holds(samples(1, 155));
    must(f.log->drop_before(100));
    f.holds(samples(100, 155));
}

template<format F, class Directory>
void an_entry_of_a_large_batch_is_read_alone() {
    format_log<F, Directory> f;
    texts all;
    std::vector<record_view> batch;
    for (index_t i = 1; i <= 20; ++i)
        all.push_back(sample(i, 20'000));
    for (const std::string& text : all)
        batch.emplace_back(text, "key");
    must(f.log->append_batch(batch));
    f.kill();
    f.open();
    f.damage("entry 7 "); // the others have checksums of their own
    f.opts.verify_all = false;
    for (index_t i = 1; i <= 20; ++i) {
        const result<entry> e = f.log->get(i);
        if (i == 7)
            BOOST_TEST(fails_with(e, errc::corrupt));
        else
            BOOST_TEST((e && e.value().text() == all[i - 1] && to_text(e.value().key()) == "key"));
    }
}

template<format F, class Directory>
void padding_to_sectors_is_no_entry() {
    for (const std::uint32_t alignment : {512U, 4096U}) {
        format_log<F, Directory> f;
        f.opts.segment_size = 64 * kibibyte;
        f.opts.sync_alignment = alignment;
        f.close();
        f.open();
        f.append_samples(10);
        f.holds(samples(1, 10));
    }
}

template<format F, class Directory>
void a_torn_tail_is_dropped_and_reported() {
    format_log<F, Directory> f;
    f.append_samples(10);
    f.kill();
    f.damage("entry 10 ");
    f.open();
    BOOST_TEST(f.report.dropped_bytes > 0U);
    f.append_samples(1);
    f.holds(samples(1, 10));
}

template<format F, class Directory>
void damage_in_what_was_durable_is_refused() {
    format_log<F, Directory> f;
    f.append_samples(6);
    f.kill();
    f.damage("entry 3 ");
    const file_contents before = f.disk.contents();
    BOOST_TEST(fails_with(f.try_open(), errc::corrupt));
    BOOST_TEST((f.disk.contents() == before));
    BOOST_REQUIRE(!f.report.damages.empty());
    BOOST_TEST(f.report.damages.front().segment == 1U);
    f.opts.mode = open_mode::salvage;
    f.open();
    BOOST_TEST(f.report.lost_entries == 1U);
    BOOST_TEST(fails_with(f.log->get(3), errc::lost));
    BOOST_TEST(must(f.log->get(2)).text() == sample(2));
    BOOST_TEST(must(f.log->get(6)).text() == sample(6));
}

// Whichever byte of a segment is hit: the log refuses, or serves what it was at some time. Nothing else.
template<format F, class Directory>
void no_damage_goes_unnoticed() {
    format_log<F, Directory> f;
    f.append_samples(3);
    must(f.log->append_batch(records({"four", "five"})));
    must(f.log->truncate(4));
    must(f.log->replace_from(4, records({"another four"})));
    f.kill();
    std::vector<texts> history{{}};
    for (index_t i = 1; i <= 3; ++i)
        history.push_back(samples(1, i));
    history.insert(history.end(), 3, samples(1, 3));
    history[4].insert(history[4].end(), {"four", "five"});
    history[5].emplace_back("four");
    history[6].emplace_back("another four");
    const auto files = f.disk.now();
    const std::string name = f.disk.segments().front();
    const std::string all = f.disk.read(name);
    const std::size_t end = all.find_last_not_of(static_cast<char>(F::fill)) + 1;
    std::size_t refused = 0;
    for (std::size_t at = 0; at < end; ++at) {
        f.disk.go_back_to(files->copy());
        const char other = static_cast<char>(all[at] ^ (1 << (at % 8)));
        f.disk.write(name, at, {&other, 1});
        const file_contents before = f.disk.contents();
        if (!f.try_open()) {
            ++refused;
            BOOST_TEST((f.disk.contents() == before));
            continue;
        }
        const texts found = f.all();
        if (std::find(history.begin(), history.end(), found) == history.end())
            BOOST_ERROR("damage at " << at << " leads to what never was");
        f.log.reset();
    }
    BOOST_TEST(refused > end / 2); // only the last frame is not proven by another
    BOOST_TEST(refused < end);
}

template<format F, class Directory>
void another_format_is_refused_by_its_name() {
    using binary_log = basic_wal<binary_format, fsync_always, typename Directory::backend_type, no_compression>;
    format_log<F, Directory> f;
    f.append_samples(3);
    f.close();
    file_contents before = f.disk.contents();
    std::optional<binary_log> other;
    for (const open_mode mode : {open_mode::strict, open_mode::read_only, open_mode::salvage}) {
        f.opts.mode = mode;
        BOOST_TEST(fails_with(f.try_open_as(other), errc::wrong_format));
        BOOST_TEST(f.report.message == std::string("the log was written with ") + F::name + ", not binary_format");
        BOOST_TEST((f.disk.contents() == before));
    }
    f.opts.mode = open_mode::strict;
    must(format_log<F, Directory>::log_type::destroy(f.disk.backend()));
    must(f.try_open_as(other));
    must(other->append("of the other kind"));
    other.reset();
    before = f.disk.contents();
    for (const open_mode mode : {open_mode::strict, open_mode::read_only, open_mode::salvage}) {
        f.opts.mode = mode;
        BOOST_TEST(fails_with(f.try_open(), errc::wrong_format));
        BOOST_TEST(f.report.message == std::string("the log was written with binary_format, not ") + F::name);
        BOOST_TEST((f.disk.contents() == before));
    }
}

template<format F, class Directory>
void a_reader_beside_the_writer_sees_what_is_written() {
    format_log<F, Directory> f;
    f.append_samples(3);
    options reading = f.opts;
    reading.mode = open_mode::read_only;
    auto beside = must(format_log<F, Directory>::log_type::open(f.disk.backend(), reading));
    BOOST_TEST(must(beside.last_index()) == 3U);
    f.append_samples(100);
    auto reader = must(beside.read_from(1));
    for (index_t i = 1; i <= 103; ++i) {
        BOOST_TEST(must(reader.next()).text() == sample(i));
    }
}

/// A behaviour and its test.
struct behaviour {
    std::string name;
    void (*test)();

    friend std::ostream& operator<<(std::ostream& out, const behaviour& b) { return out << b.name; }
};

template<format F, class Directory>
void add_behaviours(const std::string& where, std::vector<behaviour>& out) {
    out.push_back({"what_was_appended_comes_back " + where, what_was_appended_comes_back<F, Directory>});
    out.push_back({"an_entry_keeps_what_was_said_of_it " + where, an_entry_keeps_what_was_said_of_it<F, Directory>});
    out.push_back({"what_was_cut_stays_away " + where, what_was_cut_stays_away<F, Directory>});
    out.push_back({"segments_follow_each_other " + where, segments_follow_each_other<F, Directory>});
    out.push_back(
        {"an_entry_of_a_large_batch_is_read_alone " + where, an_entry_of_a_large_batch_is_read_alone<F, Directory>});
    out.push_back({"padding_to_sectors_is_no_entry " + where, padding_to_sectors_is_no_entry<F, Directory>});
    out.push_back({"a_torn_tail_is_dropped_and_reported " + where, a_torn_tail_is_dropped_and_reported<F, Directory>});
    out.push_back(
        {"damage_in_what_was_durable_is_refused " + where, damage_in_what_was_durable_is_refused<F, Directory>});
    out.push_back(
        {"another_format_is_refused_by_its_name " + where, another_format_is_refused_by_its_name<F, Directory>});
    out.push_back({"a_reader_beside_the_writer_sees_what_is_written " + where,
                   a_reader_beside_the_writer_sees_what_is_written<F, Directory>});
}

template<format F>
std::vector<behaviour> format_log_behaviours() {
    std::vector<behaviour> out;
    add_behaviours<F, in_memory>("in memory", out);
    add_behaviours<F, in_files>("in files", out);
    out.push_back({"no_damage_goes_unnoticed", no_damage_goes_unnoticed<F, in_memory>});
    return out;
}

} // namespace format_log_suite
