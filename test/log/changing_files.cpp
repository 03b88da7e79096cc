#include <tusk/log/recovery.hpp>

#include <log/steered_log.hpp>

// Who reads a log does not trust its files to stay as they are: somebody may cut or change one at any moment.

using namespace log_test;

namespace log_changing_files {

constexpr index_t count = 10;
constexpr std::string_view file = "0000000001.wal";

/// What a kill leaves: all of it proven but the last entry, or nothing; perhaps with damage in the middle.
template<class FsyncPolicy>
memory_disk left_behind(bool damaged) {
    memory_log<FsyncPolicy> l;
    l.open();
    l.append_samples(count);
    l.kill();
    if (damaged)
        l.disk.damage(sample(4));
    return l.disk;
}

/// What becomes of the file.
struct change {
    const char* name;
    std::function<void(memory_disk&)> make;
};

const std::vector<change>& changes() {
    static const std::vector<change> all{
        {"cut in its header", [](memory_disk& d) { d.cut(std::string(file), 50); }},
        {"cut in an entry", [](memory_disk& d) { d.cut(std::string(file), d.find(sample(8)).offset + 10); }},
        {"cut in the last entry", [](memory_disk& d) { d.cut(std::string(file), d.find(sample(count)).offset + 10); }},
        {"another entry", [](memory_disk& d) { d.damage(sample(8)); }},
        {"another last entry", [](memory_disk& d) { d.damage(sample(count)); }},
        {"no frame any more", // which had a header of 32 bytes, and 10 for the entry
         [](memory_disk& d) { d.write(std::string(file), d.find(sample(count)).offset - 42, "\xFF"); }},
    };
    return all;
}

// Reads everything that there is; nothing is ever another entry than the one that was appended.
template<class Log>
void gives_nothing_else(Log& l) {
    const index_t last = must(l.last_index());
    BOOST_TEST(last <= count);
    for (index_t i = must(l.first_index()); i <= last; ++i)
        if (const result<entry> e = l.get(i))
            BOOST_TEST(e.value().text() == sample(i));
}

// The change comes before the n-th read of a segment while the log is opened, for every n. Gives how many opens went well.
template<class FsyncPolicy>
unsigned opened_beside(const change& c, open_mode mode, bool damaged) {
    unsigned opened = 0;
    const memory_disk before = left_behind<FsyncPolicy>(damaged);
    for (unsigned nth = 1;; ++nth)
        BOOST_TEST_CONTEXT("before read " << nth) {
            steered_log<FsyncPolicy> l;
            l.disk.go_back_to(before.now());
            l.opts.mode = mode;
            unsigned left = nth;
            l.calls.refuse([&](disk_call call, const std::string& name) {
                if (call == disk_call::read && name == file && left > 0 && --left == 0)
                    c.make(l.disk);
                return std::error_code();
            });
            auto made = steered_log<FsyncPolicy>::log_type::open(counting_backend(l.disk.backend(), l.calls), l.opts,
                                                                 {}, {}, &l.report);
            if (left > 0)
                return opened;
            if (made) {
                ++opened;
                gives_nothing_else(made.value());
                must(made.value().close());
            } else {
                BOOST_TEST((made.error() == errc::corrupt || made.error() == errc::unproven_tail), made.error());
                BOOST_TEST(!l.report.message.empty());
            }
            // Whatever it did, it has left a log that can be saved.
            memory_log<FsyncPolicy> after;
            after.disk.go_back_to(l.disk.now());
            after.opts.mode = open_mode::salvage;
            after.open();
            gives_nothing_else(*after.log);
            must(after.log->append("more"));
        }
}

} // namespace log_changing_files

BOOST_AUTO_TEST_SUITE(log_changing_files)

BOOST_AUTO_TEST_CASE(a_file_that_changes_while_it_is_opened_is_refused_or_taken_for_what_is_left) {
    unsigned opened = 0;
    for (const open_mode mode : {open_mode::strict, open_mode::salvage, open_mode::read_only})
        for (const change& c : changes())
            for (const bool damaged : {false, true})
                BOOST_TEST_CONTEXT(c.name << ", mode " << static_cast<int>(mode) << (damaged ? ", damaged" : "")) {
                    opened += opened_beside<fsync_always>(c, mode, damaged);
                    opened += opened_beside<fsync_never>(c, mode, damaged);
                }
    BOOST_TEST(opened > 20U);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_cut_while_the_log_is_open_gives_corrupt_and_the_rest) {
    memory_log<> l;
    l.open();
    l.append_samples(count);
    l.disk.cut(std::string(file), l.disk.find(sample(8)).offset + 10);
    for (index_t i = 1; i <= count; ++i)
        if (const result<entry> e = l.log->get(i))
            BOOST_TEST((i < 8 && e.value().text() == sample(i)));
        else
            BOOST_TEST((i >= 8 && e.error() == errc::corrupt));
    BOOST_TEST(!must(l.log->verify()).sound());
}

BOOST_AUTO_TEST_SUITE_END()
