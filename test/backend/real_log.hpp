#pragma once

#include <tusk/fsync/interval.hpp>

#include <allocations.hpp>
#include <backend/real_disk.hpp>
#include <log/fixture.hpp>

#include <algorithm>
#include <csignal>
#include <ostream>
#include <thread>

#include <sys/mman.h>
#include <sys/resource.h>

/// What a log does on files of a real disk, whatever its Backend: real_log_behaviours<Backend>() are test cases.
namespace real_log {

using namespace log_test;
using real_disk::in_child;
namespace fs = std::filesystem;

/// A log in a directory of its own. Closed, killed and opened again as often as the test likes.
template<class Backend, class FsyncPolicy = fsync_always>
struct log_on_disk {
    using log_type = basic_wal<binary_format, FsyncPolicy, Backend, no_compression>;

    real_disk::place_on_disk<Backend> place;
    options opts = small_options();
    recovery_report report;
    std::optional<log_type> log;

    [[nodiscard]] result<void> try_open(const options& with) {
        log.reset();
        TUSK_TRY(auto opened, log_type::open(place.backend(), with, FsyncPolicy(), no_compression(), &report));
        log.emplace(std::move(opened));
        return success();
    }
    void open() {
        const result<void> opened = try_open(opts);
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
    /// Another opener, which only reads.
    [[nodiscard]] log_type follower(recovery_report* found = nullptr) {
        options only_read = opts;
        only_read.mode = open_mode::read_only;
        return must(log_type::open(place.backend(), only_read, found));
    }
    /// What would be found, were the process killed now.
    [[nodiscard]] texts after_a_kill() {
        log_on_disk after;
        after.opts = opts;
        fs::copy(place.log(), after.place.log());
        after.open();
        return after.all();
    }

    void append_samples(std::size_t count, std::size_t size = 64) {
        for (; count > 0; --count)
            must(log->append(sample(must(log->next_index()), size)));
    }
    [[nodiscard]] texts segments() const {
        texts out;
        for (const auto& file : fs::directory_iterator(place.log()))
            if (segment_number(file.path().filename().string()) != 0)
                out.push_back(file.path().filename().string());
        std::sort(out.begin(), out.end());
        return out;
    }
    [[nodiscard]] texts all() { return all_of(*log); }
    [[nodiscard]] static texts all_of(log_type& of) {
        texts out;
        for (const entry& e : must(of.get_range(0, UINT64_MAX)))
            out.emplace_back(e.text());
        return out;
    }
};

template<class Backend, class FsyncPolicy>
void what_was_appended_is_there_after_a_close_and_after_a_kill() {
    log_on_disk<Backend, FsyncPolicy> log;
    log.open();
    log.append_samples(100);
    BOOST_TEST(log.after_a_kill() == samples(1, 100), boost::test_tools::per_element());
    log.reopen();
    BOOST_TEST(log.report.unproven_entries == 0U);
    BOOST_TEST(log.all() == samples(1, 100), boost::test_tools::per_element());
    log.append_samples(100);
    for (index_t i = 1; i <= 200; ++i)
        BOOST_TEST(must(log.log->get(i)).text() == sample(i));
    BOOST_TEST(must(log.log->verify()).sound());
    log.reopen();
    BOOST_TEST(log.all() == samples(1, 200), boost::test_tools::per_element());
}

template<class Backend>
void under_every_policy_what_was_appended_is_there() {
    what_was_appended_is_there_after_a_close_and_after_a_kill<Backend, fsync_always>();
    what_was_appended_is_there_after_a_close_and_after_a_kill<Backend, fsync_interval>();
    what_was_appended_is_there_after_a_close_and_after_a_kill<Backend, fsync_never>();
}

template<class Backend>
void padded_frames_are_there() {
    for (const std::uint32_t alignment : {512U, 4096U}) {
        log_on_disk<Backend> log;
        log.opts.segment_size = 64 * kibibyte;
        log.opts.sync_alignment = alignment;
        log.open();
        log.append_samples(50);
        must(log.log->roll());
        log.append_samples(50);
        BOOST_TEST(log.after_a_kill() == samples(1, 100), boost::test_tools::per_element());
        log.reopen();
        BOOST_TEST(log.all() == samples(1, 100), boost::test_tools::per_element());
    }
}

template<class Backend>
void large_records_and_batches_go_to_segments_of_their_own() {
    log_on_disk<Backend> log;
    log.open();
    const std::string large(3 * mebibyte, 'x');
    must(log.log->append("before"));
    must(log.log->append(large));
    must(log.log->append_batch(records({"a", std::string_view(large).substr(0, mebibyte), "b"})));
    must(log.log->append("behind"));
    for (int round = 0; round < 2; ++round) {
        BOOST_TEST((must(log.log->get(2)).text() == large));
        BOOST_TEST((must(log.log->get(4)).text() == std::string_view(large).substr(0, mebibyte)));
        BOOST_TEST(must(log.log->get(5)).text() == "b");
        BOOST_TEST(must(log.log->get(6)).text() == "behind");
        log.reopen();
    }
}

template<class Backend>
void entries_stay_what_they_are_whatever_becomes_of_their_log() {
    std::vector<entry> held;
    entries range;
    const auto check = [&] {
        for (std::size_t i = 0; i < held.size(); ++i)
            BOOST_TEST(held[i].text() == sample(i + 1));
        for (std::size_t i = 0; i < range.size(); ++i)
            BOOST_TEST(range[i].text() == sample(i + 1));
    };
    {
        log_on_disk<Backend> log;
        log.opts.max_open_segments = 1;
        log.open();
        log.append_samples(150); // several segments
        for (index_t i = 1; i <= 150; ++i)
            held.push_back(must(log.log->get(i)));
        range = must(log.log->get_range(1, 150));
        BOOST_TEST(range.size() == 150U);
        must(log.log->truncate(120));
        for (index_t i = 121; i <= 200; ++i)
            must(log.log->append("in their place"));
        check();
        must(log.log->roll());
        must(log.log->append("sealed, and trimmed"));
        check();
        must(log.log->drop_before(130));
        BOOST_TEST(fails_with(log.log->get(1), errc::dropped));
        check();
        must(log.log->reset(1000));
        check();
        log.reopen();
        check();
        log.close();
    }
    check(); // the directory is gone
}

// Entries go wherever their users take them: the last of them may be given back by a thread that never saw the log.
template<class Backend>
void entries_are_kept_and_given_back_by_other_threads() {
    std::vector<std::jthread> keepers;
    std::atomic<bool> gone{false};
    std::atomic<bool> wrong{false};
    {
        log_on_disk<Backend> log;
        log.open();
        log.append_samples(150); // several segments
        for (int t = 0; t < 3; ++t) {
            std::vector<entry> kept;
            for (index_t i = 1; i <= 150; ++i)
                kept.push_back(must(log.log->get(i)));
            keepers.emplace_back([&, kept = std::move(kept)]() mutable {
                gone.wait(false);
                for (index_t i = 150; i >= 1; --i) {
                    wrong = wrong || kept.back().text() != sample(i);
                    kept.pop_back();
                }
            });
        }
        must(log.log->truncate(100));
        must(log.log->drop_before(100));
        log.append_samples(150);
        for (int round = 0; round < 3; ++round) // in the same buffers, were they given back
            BOOST_TEST(log.all() == samples(100, 250), boost::test_tools::per_element());
        log.close();
    }
    gone = true;
    gone.notify_all();
    keepers.clear();
    BOOST_TEST(!wrong);
}

template<class Backend>
void in_the_long_run_appends_and_reads_allocate_nothing() {
    log_on_disk<Backend> log;
    log.opts.segment_size = mebibyte;
    log.opts.background = background::inline_();
    log.open();
    const std::string text = sample(1);
    const auto go_on = [&](auto& reader) {
        const bool appended = log.log->append(text).has_value();
        const bool got = log.log->get(300).has_value();
        return reader.next().has_value() && got && appended;
    };
    auto reader = must(log.log->read_from(1));
    log.append_samples(1);
    for (int i = 0; i < 600; ++i) // buffers are there then, and the index, which grows by doubling
        BOOST_REQUIRE((go_on(reader) || i < 300));
    unsigned allocating = 0;
    for (int i = 0; i < 300; ++i) {
        const std::size_t before = allocations();
        allocating += !go_on(reader) || allocations() != before ? 1U : 0U;
    }
    BOOST_TEST(allocating <= 2U);
}

template<class Backend>
void a_child_that_ends_leaves_the_log_to_its_parent() {
    log_on_disk<Backend> log;
    log.opts.segment_size = 64 * kibibyte;
    log.opts.background = background::own(1);
    log.open();
    log.append_samples(100);
    auto reader = must(log.log->read_from(50));
    BOOST_TEST(in_child([&] {
                   log.log.reset(); // as a log with static storage is when its program ends
                   return 0;
               }) == 0);
    BOOST_TEST(in_child([&] {
                   if (!log.log->close() || !fails_with(log.log->append("x"), errc::closed))
                       return 1;
                   if (!fails_with(reader.next(), errc::closed))
                       return 2;
                   log.log.reset();
                   return 0;
               }) == 0);
    log.append_samples(100);
    BOOST_TEST(must(reader.next()).text() == sample(50));
    BOOST_TEST(log.after_a_kill() == samples(1, 200), boost::test_tools::per_element());
    log.append_samples(200, 1000); // over several segments
    log.reopen();
    BOOST_TEST(log.report.scanned_bytes == 0U);
    BOOST_TEST(must(log.log->last_index()) == 400U);
    BOOST_TEST(must(log.log->verify()).sound());
}

template<class Backend>
void opening_and_closing_takes_no_room_and_reads_nothing_again() {
    log_on_disk<Backend> log;
    log.opts.segment_size = 16 * mebibyte;
    log.open();
    log.append_samples(10);
    log.close();
    const auto size_now = [&] { return fs::file_size(log.place.path(log.segments().back().c_str())); };
    const std::uintmax_t size = size_now();
    BOOST_TEST(size < mebibyte);
    for (int round = 0; round < 3; ++round) {
        log.open();
        BOOST_TEST(log.report.scanned_bytes == 0U);
        log.close();
        BOOST_TEST(size_now() == size);
    }
    log.open();
    const entry held = must(log.log->get(10));
    log.close();
    BOOST_TEST(held.text() == sample(10));
    log.open();
    BOOST_TEST(log.all() == samples(1, 10), boost::test_tools::per_element());
    log.append_samples(10);
    BOOST_TEST(log.after_a_kill() == samples(1, 20), boost::test_tools::per_element());
}

template<class Backend>
void what_a_writer_has_reserved_is_not_read_by_others() {
    if (!real_disk::tells_reserved_room<Backend>())
        return;
    log_on_disk<Backend> log;
    log.opts.segment_size = 16 * mebibyte;
    log.open();
    log.append_samples(10);
    log.reopen();
    for (int round = 0; round < 3; ++round) {
        recovery_report report;
        auto other = log.follower(&report);
        BOOST_TEST(report.scanned_bytes < 128 * kibibyte);
        BOOST_TEST(log.all_of(other) == samples(1, 10), boost::test_tools::per_element());
    }
}

template<class Backend>
void a_follower_reads_beside_the_writer() {
    log_on_disk<Backend, fsync_never> log;
    log.open();
    log.append_samples(1);
    auto follower = log.follower();
    auto reader = must(follower.follow(1));
    std::jthread writer([&] { log.append_samples(300); });
    for (index_t i = 1; i <= 301; ++i) {
        const auto next = must(reader.next(std::stop_token()));
        BOOST_REQUIRE(next.index() == i);
        BOOST_TEST(next.text() == sample(i));
    }
    writer.join();
    must(log.log->drop_before(200));
    log.close();
}

template<class Backend>
void threads_append_and_read_at_once() {
    log_on_disk<Backend> log;
    log.opts.segment_size = 32 * kibibyte;
    log.opts.background = background::own(1);
    log.open();
    constexpr index_t most = 400;
    std::atomic<bool> wrong{false};
    std::atomic<bool> done{false};
    {
        std::vector<std::jthread> readers;
        for (int t = 0; t < 2; ++t)
            readers.emplace_back([&] {
                std::deque<entry> kept;
                while (!done) {
                    const index_t last = log.log->last_index().value();
                    for (index_t i = last > 20 ? last - 20 : 1; i <= last; ++i) {
                        auto e = log.log->get(i);
                        wrong = wrong || !e || e.value().text().size() < 64;
                        if (e)
                            kept.push_back(std::move(e).value());
                    }
                    for (const entry& e : kept)
                        wrong = wrong || !e.text().starts_with("thread ");
                    while (kept.size() > 100)
                        kept.pop_front();
                }
            });
        std::vector<std::jthread> writers;
        for (int t = 0; t < 3; ++t)
            writers.emplace_back([&, t] {
                std::string text = "thread " + std::to_string(t);
                text.resize(200, '.');
                for (index_t i = 0; i < most / 4; ++i)
                    wrong = wrong ||
                            !log.log->append(text, {.wait = i % 10 == 0 ? durability::policy : durability::written});
            });
        writers.clear();
        done = true;
    }
    BOOST_TEST(!wrong);
    BOOST_TEST(must(log.log->last_index()) == 3 * (most / 4));
    log.reopen();
    BOOST_TEST(must(log.log->last_index()) == 3 * (most / 4));
    BOOST_TEST(must(log.log->verify()).sound());
}

/// What a child has been told by its log, seen by its parent.
struct shared_facts {
    std::atomic<std::uint64_t> acknowledged{0};
    std::atomic<std::uint64_t> started{0};
};

template<class Backend, class FsyncPolicy>
void kills_lose_nothing_under(shared_facts& facts) {
    log_on_disk<Backend, FsyncPolicy> log;
    log.opts.segment_size = 16 * kibibyte;
    const auto data_of = [](index_t i) { return sample(i, 10 + i * 7919 % 700); };
    const auto append_until_killed = [&] {
        log.opts.background = background::own(2);
        if (!log.try_open(log.opts))
            return 2;
        for (;;) {
            const index_t next = log.log->next_index().value();
            texts data;
            for (index_t i = next; i < next + 1 + next % 3; ++i)
                data.push_back(data_of(i));
            facts.started = next + data.size() - 1;
            const std::vector<record_view> batch(data.begin(), data.end());
            const auto at = log.log->append_batch(batch);
            if (!at || at.value().first != next)
                return 3;
            facts.acknowledged = at.value().last;
        }
    };
    facts.acknowledged = facts.started = 0;
    index_t checked = 0;
    std::minstd_rand random(1);
    for (int round = 0; round < 40; ++round) {
        const ::pid_t child = ::fork();
        BOOST_REQUIRE(child >= 0);
        if (child == 0)
            ::_exit(append_until_killed());
        const std::uint64_t goal = facts.acknowledged + random() % 60; // 0: perhaps while it still opens
        while (facts.acknowledged < goal && ::waitpid(child, nullptr, WNOHANG) == 0)
            ::usleep(50);
        ::usleep(static_cast<::useconds_t>(random() % 300));
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        BOOST_REQUIRE_MESSAGE(!WIFEXITED(status), "the child ended by itself, with " << WEXITSTATUS(status));
        log.open();
        const index_t last = must(log.log->last_index());
        BOOST_REQUIRE_GE(last, facts.acknowledged.load());
        BOOST_REQUIRE_LE(last, std::max(facts.started.load(), facts.acknowledged.load()));
        for (index_t i = checked + 1; i <= last; ++i)
            BOOST_REQUIRE_EQUAL(must(log.log->get(i)).text(), data_of(i));
        BOOST_REQUIRE(must(log.log->verify()).sound());
        facts.acknowledged = checked = last;
        log.close();
    }
    BOOST_TEST(checked > 40U);
}

template<class Backend>
void kills_lose_nothing() {
    void* const memory =
        ::mmap(nullptr, sizeof(shared_facts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    BOOST_REQUIRE(memory != MAP_FAILED);
    auto& facts = *new (memory) shared_facts;
    kills_lose_nothing_under<Backend, fsync_always>(facts);
    kills_lose_nothing_under<Backend, fsync_never>(facts);
    ::munmap(memory, sizeof(shared_facts));
}

/// Runs in a child. Appends until there is no more room, drops, and goes on. 0, or where it went wrong.
template<class Backend, class MakeRoom>
int fill_drop_and_go_on(log_on_disk<Backend>& log, MakeRoom&& make_room) {
    if (!log.try_open(log.opts))
        return 1;
    index_t last = 0;
    result<index_t> at = index_t{0};
    while ((at = log.log->append(sample(last + 1, 1000))) && last < 10000)
        last = at.value();
    if (at || at.error() != errc::no_space)
        return 2;
    for (index_t i = 1; i <= last; ++i)
        if (const auto e = log.log->get(i); !e || e.value().text() != sample(i, 1000))
            return 3;
    if (log.log->append("x").has_value() && log.log->append(sample(1, 60000)).has_value())
        return 4; // a little may still fit
    const index_t first = make_room(last);
    for (index_t i = must(log.log->last_index()) + 1, end = i + 20; i < end; ++i)
        if (!log.log->append(sample(i, 1000)))
            return 5;
    const index_t end = must(log.log->last_index());
    if (!log.log->close() || !log.try_open(log.opts))
        return 6;
    if (must(log.log->first_index()) != first || must(log.log->last_index()) != end)
        return 7;
    for (index_t i = end - 19; i <= end; ++i)
        if (const auto e = log.log->get(i); !e || e.value().text() != sample(i, 1000))
            return 8;
    return log.log->verify().value().sound() && log.log->close() ? 0 : 9;
}

template<class Backend>
void a_full_disk_is_an_error_and_dropping_makes_room() {
    log_on_disk<Backend> log;
    log.opts.segment_size = 64 * kibibyte;
    const int outcome = in_child([&] {
        if (!real_disk::mount_small_disk(log.place.top()))
            return 77;
        return fill_drop_and_go_on(log, [&](index_t last) {
            must(log.log->drop_before(last / 2));
            return last / 2;
        });
    });
    if (outcome == 77)
        BOOST_TEST_MESSAGE("skipped: mounting a file system is not allowed");
    else
        BOOST_TEST(outcome == 0);
}

template<class Backend>
void a_limit_of_the_file_size_is_an_error_until_it_is_raised() {
    log_on_disk<Backend> log;
    log.opts.segment_size = 64 * kibibyte;
    const int outcome = in_child([&] {
        std::signal(SIGXFSZ, SIG_IGN);
        const ::rlimit low{80 * kibibyte, RLIM_INFINITY};
        const ::rlimit none{RLIM_INFINITY, RLIM_INFINITY};
        if (::setrlimit(RLIMIT_FSIZE, &low) != 0 || !log.try_open(log.opts))
            return 1;
        log.append_samples(200, 1000);
        if (!fails_with(log.log->append(std::string(100 * kibibyte, 'x')), errc::no_space))
            return 2;
        log.append_samples(50, 1000);
        if (::setrlimit(RLIMIT_FSIZE, &none) != 0 || !log.log->append(std::string(100 * kibibyte, 'x')))
            return 3;
        log.append_samples(50, 1000);
        log.reopen();
        return must(log.log->last_index()) == 301U && must(log.log->verify()).sound() ? 0 : 4;
    });
    BOOST_TEST(outcome == 0);
}

template<class Backend>
void a_segment_that_was_cut_is_refused_or_salvaged_and_no_signal() {
    for (const std::uint64_t left : {0U, 1U, 100U, 3000U, 4096U}) {
        log_on_disk<Backend> log;
        log.opts.segment_size = 16 * kibibyte;
        log.open();
        log.append_samples(300);
        log.close();
        const texts files = log.segments();
        BOOST_REQUIRE(files.size() > 2U);
        fs::resize_file(log.place.path(files[1].c_str()), left);
        BOOST_TEST(log.try_open(log.opts).has_error());
        options salvage = log.opts;
        salvage.mode = open_mode::salvage;
        must(log.try_open(salvage));
        std::size_t there = 0;
        for (index_t i = 1; i <= must(log.log->last_index()); ++i)
            if (const auto e = log.log->get(i)) {
                BOOST_TEST(e.value().text() == sample(i));
                ++there;
            }
        BOOST_TEST(there > 100U);
        BOOST_TEST(there < 300U);
        log.append_samples(1);
    }
}

template<class Backend>
void a_sync_that_fails_poisons_the_log() {
    log_on_disk<Backend, fsync_never> log;
    log.open();
    log.append_samples(10);
    must(log.log->sync());
    log.append_samples(5);
    {
        real_disk::watched calls;
        calls->sync_errors = {EIO};
        BOOST_TEST(fails_with(log.log->sync(), errc::indeterminate));
    }
    BOOST_TEST(fails_with(log.log->append("x"), errc::poisoned));
    BOOST_TEST(must(log.log->get(10)).text() == sample(10));
    BOOST_TEST(fails_with(log.log->close(), errc::poisoned));
    log.open();
    BOOST_TEST(log.all() == samples(1, 15), boost::test_tools::per_element());
}

struct behaviour {
    const char* name;
    void (*test)();
    friend std::ostream& operator<<(std::ostream& out, const behaviour& b) { return out << b.name; }
};

template<class Backend>
std::vector<behaviour> real_log_behaviours() {
    return {
        {"under_every_policy_what_was_appended_is_there", under_every_policy_what_was_appended_is_there<Backend>},
        {"opening_and_closing_takes_no_room_and_reads_nothing_again",
         opening_and_closing_takes_no_room_and_reads_nothing_again<Backend>},
        {"what_a_writer_has_reserved_is_not_read_by_others", what_a_writer_has_reserved_is_not_read_by_others<Backend>},
        {"padded_frames_are_there", padded_frames_are_there<Backend>},
        {"large_records_and_batches_go_to_segments_of_their_own",
         large_records_and_batches_go_to_segments_of_their_own<Backend>},
        {"entries_stay_what_they_are_whatever_becomes_of_their_log",
         entries_stay_what_they_are_whatever_becomes_of_their_log<Backend>},
        {"entries_are_kept_and_given_back_by_other_threads", entries_are_kept_and_given_back_by_other_threads<Backend>},
        {"in_the_long_run_appends_and_reads_allocate_nothing",
         in_the_long_run_appends_and_reads_allocate_nothing<Backend>},
        {"a_child_that_ends_leaves_the_log_to_its_parent", a_child_that_ends_leaves_the_log_to_its_parent<Backend>},
        {"a_follower_reads_beside_the_writer", a_follower_reads_beside_the_writer<Backend>},
        {"threads_append_and_read_at_once", threads_append_and_read_at_once<Backend>},
        {"kills_lose_nothing", kills_lose_nothing<Backend>},
        {"a_full_disk_is_an_error_and_dropping_makes_room", a_full_disk_is_an_error_and_dropping_makes_room<Backend>},
        {"a_limit_of_the_file_size_is_an_error_until_it_is_raised",
         a_limit_of_the_file_size_is_an_error_until_it_is_raised<Backend>},
        {"a_segment_that_was_cut_is_refused_or_salvaged_and_no_signal",
         a_segment_that_was_cut_is_refused_or_salvaged_and_no_signal<Backend>},
        {"a_sync_that_fails_poisons_the_log", a_sync_that_fails_poisons_the_log<Backend>},
    };
}

} // namespace real_log
