#pragma once

#include <tusk/backend/memory.hpp>
#include <tusk/compression/none.hpp>
#include <tusk/format/binary.hpp>
#include <tusk/fsync/always.hpp>
#include <tusk/fsync/never.hpp>
#include <tusk/log/basic_wal.hpp>

#include <boost/test/unit_test.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

/// What the tests of the log share: a log in memory, verbs for what one does with it, and its files to look at and to
/// damage behind its back.
namespace log_test {

using namespace tusk;
using texts = std::vector<std::string>;

/// The value, or the end of the test case.
template<class T>
T must(result<T> r) {
    if (!r)
        BOOST_FAIL(r.error().message());
    return std::move(r).value();
}
inline void must(const result<void>& r) {
    if (!r)
        BOOST_FAIL(r.error().message());
}

/// True if it failed for this very reason.
template<class T>
boost::test_tools::assertion_result fails_with(const result<T>& r, std::error_code why) {
    boost::test_tools::assertion_result outcome(!r && r.error() == why);
    if (!outcome)
        outcome.message() << "wanted: " << why.message() << "; got: " << (r ? "success" : r.error().message());
    return outcome;
}

/// Small segments, and no thread but the test's own: each roll is done when the append that made it returns.
inline options small_options() {
    options o;
    o.segment_size = min_segment_size;
    o.background = background::inline_();
    return o;
}

/// What the tests append as the entry `i`: some forty of them fill a segment of 4 KiB.
inline std::string sample(index_t i, std::size_t size = 64) {
    std::string text = "entry " + std::to_string(i) + " ";
    text.resize(std::max(size, text.size()), '.');
    return text;
}

inline texts samples(index_t first, index_t last) {
    texts out;
    for (index_t i = first; i <= last; ++i)
        out.push_back(sample(i));
    return out;
}

/// The records of a batch; the texts must live on.
inline std::vector<record_view> records(std::initializer_list<std::string_view> of) { return {of.begin(), of.end()}; }

/// The files of a log in memory.
class memory_disk {
public:
    [[nodiscard]] memory_backend backend() const { return memory_backend(files_); }

    /// From now on the files are what they were at `moment`; those who have them open keep theirs.
    [[nodiscard]] memory_backend::directory now() const { return files_->copy(); }
    void go_back_to(memory_backend::directory moment) { files_ = std::move(moment); }

    /// Every file and what it holds.
    [[nodiscard]] std::map<std::string, std::string> contents() const {
        std::map<std::string, std::string> out;
        for (const std::string& name : names())
            out[name] = read(name);
        return out;
    }
    [[nodiscard]] texts names() const {
        texts out;
        const std::scoped_lock lock(files_->mutex); // a log that is open makes segments meanwhile
        for (const auto& [name, file] : files_->entries)
            out.push_back(name);
        return out;
    }
    [[nodiscard]] texts segments() const {
        texts out;
        for (const std::string& name : names())
            if (segment_number(name) != 0)
                out.push_back(name);
        return out;
    }
    [[nodiscard]] bool has(const std::string& name) const {
        const std::scoped_lock lock(files_->mutex);
        return files_->entries.count(name) != 0;
    }
    [[nodiscard]] std::uint64_t bytes() const {
        std::uint64_t sum = 0;
        const std::scoped_lock lock(files_->mutex); // a log that is open makes segments meanwhile
        for (const auto& [name, file] : files_->entries)
            sum += file->contents.size();
        return sum;
    }

    [[nodiscard]] std::string read(const std::string& name) const {
        const memory_contents& file = files_->entries.at(name)->contents;
        std::string out(static_cast<std::size_t>(file.size()), '\0');
        (void)file.read(0, std::as_writable_bytes(std::span(out)));
        return out;
    }
    void write(const std::string& name, std::uint64_t at, std::string_view bytes) {
        auto& file = files_->entries[name];
        if (!file)
            file = std::make_shared<memory_directory::entry>(0);
        const byte_view piece = to_bytes(bytes);
        must(file->contents.write(at, {&piece, 1}));
    }
    /// What the state file knew outside of its slots never reached the disk.
    void lose_witness() {
        write(std::string(state_file<memory_backend>::name), state_layout::witness,
              std::string(state_layout::witness_size, '\0'));
    }
    void cut(const std::string& name, std::uint64_t size) { files_->entries.at(name)->contents.trim(size); }
    void flip(const std::string& name, std::uint64_t at) {
        const char flipped = static_cast<char>(read(name).at(static_cast<std::size_t>(at)) ^ 1);
        write(name, at, {&flipped, 1});
    }
    void remove(const std::string& name) { BOOST_REQUIRE_EQUAL(files_->entries.erase(name), 1U); }
    void copy(const std::string& from, const std::string& to) {
        const std::string all = read(from);
        write(to, 0, all);
        cut(to, all.size());
    }
    void rename(const std::string& from, const std::string& to) {
        copy(from, to);
        remove(from);
    }

    /// Where a text lies in the segments.
    struct place {
        std::string file;
        std::uint64_t offset = 0;
    };
    [[nodiscard]] place find(std::string_view text) const {
        for (const std::string& name : segments())
            if (const std::size_t at = read(name).find(text); at != std::string::npos)
                return {name, at};
        BOOST_FAIL("no segment holds the text");
        return {};
    }
    /// Flips a bit in the first place where the text lies.
    void damage(std::string_view text) {
        const place at = find(text);
        flip(at.file, at.offset);
    }

private:
    memory_backend::directory files_ = memory_backend().share();
};

/// A log in memory. Closed, killed and opened again as often as the test likes.
template<class FsyncPolicy = fsync_always, class Format = binary_format, class Compression = no_compression>
struct memory_log {
    using log_type = basic_wal<Format, FsyncPolicy, memory_backend, Compression>;

    memory_disk disk;
    options opts = small_options();
    recovery_report report;
    std::optional<log_type> log;

    [[nodiscard]] result<void> try_open() {
        log.reset();
        TUSK_TRY(auto opened, log_type::open(disk.backend(), opts, {}, {}, &report));
        log.emplace(std::move(opened));
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
    void reopen() {
        close();
        open();
    }
    /// The process is gone without a word; its files are what they are.
    void kill() {
        auto left = disk.now();
        log.reset();
        disk.go_back_to(std::move(left));
    }
    void kill_and_open() {
        kill();
        open();
    }

    index_t append(std::string_view text) { return must(log->append(text)); }
    index_t append(std::string_view text, term_t term) { return must(log->append(record_view(text, "", term))); }
    index_range append_batch(std::initializer_list<std::string_view> of) {
        return must(log->append_batch(records(of)));
    }
    /// Appends so many samples of the indexes that they get.
    void append_samples(std::size_t count) {
        for (; count > 0; --count)
            append(sample(next()));
    }
    /// Appends samples until there are so many segments.
    void fill_segments(std::uint64_t count) {
        while (must(log->segment_count()) < count)
            append_samples(1);
    }

    [[nodiscard]] index_t first() { return must(log->first_index()); }
    [[nodiscard]] index_t last() { return must(log->last_index()); }
    [[nodiscard]] index_t next() { return must(log->next_index()); }
    [[nodiscard]] index_t durable() { return must(log->durable_index()); }
    [[nodiscard]] term_t term(index_t i) { return must(log->term_at(i)); }
    [[nodiscard]] std::string text(index_t i) { return std::string(must(log->get(i)).text()); }
    /// All that is in the log, entry by entry.
    [[nodiscard]] texts all() {
        texts out;
        for (const entry& e : must(log->get_range(0, UINT64_MAX)))
            out.emplace_back(e.text());
        return out;
    }
};

} // namespace log_test
