#include <tusk/fsync/interval.hpp>

#include <log/steered_log.hpp>

#include <thread>

using namespace log_test;

namespace log_windows {

// Says what the test tells it to, so that no test has to wait for time to go by.
struct told_policy {
    static constexpr bool append_waits = false;
    std::shared_ptr<std::atomic<bool>> due = std::make_shared<std::atomic<bool>>(false);

    [[nodiscard]] nanoseconds due_in(const sync_state& s) const noexcept {
        return s.unsynced_bytes != 0 && due->load() ? nanoseconds(0) : never_due;
    }
};

// Waits until three appends have come together.
struct three_at_a_time {
    static constexpr bool append_waits = true;

    [[nodiscard]] nanoseconds due_in(const sync_state& s) const noexcept {
        return s.waiters >= 3 ? nanoseconds(0) : std::chrono::microseconds(50);
    }
};

} // namespace log_windows

BOOST_AUTO_TEST_SUITE(log_windows)

// ---- the window of an interval ----

BOOST_AUTO_TEST_CASE(an_append_waits_for_a_slow_sync_rather_than_break_the_window) {
    steered_log<told_policy> log;
    log.open();
    log.append("a");
    BOOST_TEST(log.durable() == 0U);
    log.hold_up(disk_call::sync);
    log.policy.due->store(true);
    std::array<std::atomic<bool>, 2> returned{};
    std::array<index_t, 2> durable_then{};
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < 2; ++t) {
        threads.emplace_back([&, t] {
            must(log.log->append("b"));
            durable_then[t] = log.durable();
            returned[t] = true;
        });
        if (t == 0)
            log.held.await(1);
    }
    while (must(log.log->last_index()) < 3) // both are written
        std::this_thread::yield();
    BOOST_TEST(!returned[0]);
    BOOST_TEST(!returned[1]);
    log.held.open();
    threads.clear();
    BOOST_TEST(durable_then[0] >= 2U); // its own entry
    BOOST_TEST(durable_then[1] == 3U); // the sync under way when it came did not cover it
    BOOST_TEST(log.durable() == 3U);
}

BOOST_AUTO_TEST_CASE(within_the_window_an_append_does_not_wait_for_a_sync_under_way) {
    steered_log<told_policy> log;
    log.open();
    log.append("a");
    log.hold_up(disk_call::sync);
    std::jthread syncing([&] { must(log.log->sync()); });
    log.held.await(1);
    log.append("b"); // would never return
    BOOST_TEST(log.durable() == 0U);
    log.held.open();
    syncing.join();
    BOOST_TEST(log.durable() == 1U); // what was written meanwhile is not covered
}

BOOST_AUTO_TEST_CASE(a_window_of_nothing_leaves_nothing_at_risk) {
    steered_log<fsync_interval> log;
    log.policy.window = nanoseconds(0);
    log.open();
    for (index_t i = 1; i <= 10; ++i) {
        log.append("a");
        BOOST_TEST(log.durable() == i);
    }
}

BOOST_AUTO_TEST_CASE(what_is_gathered_is_synced_when_its_window_is_over_without_another_call) {
    std::atomic<index_t> told{0};
    steered_log<fsync_interval> log;
    log.opts.write_buffer = mebibyte;
    log.opts.background = background::own(2);
    log.opts.on_durable = [&](index_t i) {
        told = i;
        told.notify_all();
    };
    log.open();
    for (index_t burst = 1; burst <= 3; ++burst) {
        log.append("the last of a burst");
        for (index_t now = told; now < burst; now = told)
            told.wait(now);
        BOOST_TEST(log.durable() >= burst);
    }
    log.close();
}

BOOST_AUTO_TEST_CASE(a_failure_in_the_background_is_told_to_who_appends_next) {
    gate failing; // open: it only tells that somebody has come
    steered_log<fsync_interval> log;
    log.opts.write_buffer = mebibyte;
    log.opts.background = background::own(1);
    log.opts.spare_segments = 0;
    log.policy.window = std::chrono::milliseconds(1);
    log.open();
    log.calls.refuse([&](disk_call call, const std::string& name) {
        if (call != disk_call::write || name == "state")
            return std::error_code();
        failing.pass();
        return make_error_code(errc::no_space);
    });
    log.append("a");
    failing.await(1); // the window was over, and nobody had called
    result<index_t> next = index_t{0};
    while (next) // what failed is about to be known
        next = log.log->append("b");
    BOOST_TEST(fails_with(next, errc::no_space));
    BOOST_TEST(fails_with(log.log->sync(), errc::no_space));
    (void)log.log->close();
}

// ---- gathering for a sync ----

BOOST_AUTO_TEST_CASE(a_sync_gathers_appends_for_as_long_as_its_policy_says) {
    steered_log<three_at_a_time> log;
    log.opts.segment_size = mebibyte;
    log.open();
    for (int round = 1; round <= 3; ++round) {
        log.calls.forget();
        std::vector<std::jthread> threads;
        for (int t = 0; t < 3; ++t)
            threads.emplace_back([&] { must(log.log->append("a")); });
        threads.clear();
        BOOST_TEST(log.durable() == 3U * static_cast<unsigned>(round));
        if (round > 1) { // the first one makes the segment
            BOOST_TEST(log.calls[disk_call::write] == 1U);
            BOOST_TEST(log.calls[disk_call::sync] == 1U);
        }
    }
}

BOOST_AUTO_TEST_CASE(who_appends_alone_is_synced_when_the_time_to_gather_is_over) {
    steered_log<> log;
    log.policy.gather = std::chrono::milliseconds(1);
    log.open();
    BOOST_TEST(log.append("a") == 1U);
    BOOST_TEST(log.durable() == 1U);
}

// ---- the witness ----

BOOST_AUTO_TEST_CASE(the_state_file_learns_of_syncs_no_more_often_than_it_was_asked_to) {
    std::atomic<index_t> told{0};
    std::atomic<unsigned> written{0};
    steered_log<> log;
    log.opts.segment_size = mebibyte;
    log.opts.spare_segments = 0;
    log.opts.background = background::own(1); // in which it would be written before anybody is told
    log.opts.witness_interval = std::chrono::hours(1);
    log.opts.on_durable = [&](index_t i) {
        told = i;
        told.notify_all();
    };
    log.open();
    log.append("the segment is made");
    log.calls.refuse([&](disk_call call, const std::string& name) {
        written += call == disk_call::write && name == "state" ? 1U : 0U;
        return std::error_code();
    });
    log.append_samples(99);
    for (index_t now = told; now < 100; now = told)
        told.wait(now);
    BOOST_TEST(written == 0U);
    log.close();
    BOOST_TEST(written > 0U);
}

BOOST_AUTO_TEST_CASE(what_the_state_file_has_learned_need_not_be_copied_after_a_kill) {
    for (const bool learns : {true, false}) {
        steered_log<fsync_never> log;
        log.opts.segment_size = mebibyte;
        log.opts.spare_segments = 0;
        log.opts.background = background::own(1);
        log.opts.witness_interval = learns ? nanoseconds(0) : nanoseconds(std::chrono::hours(1));
        log.open();
        log.append_samples(100);
        const std::string before = log.disk.read("state");
        must(log.log->sync());
        while (learns && log.disk.read("state") == before)
            std::this_thread::yield();
        log.kill_and_open();
        BOOST_TEST(log.report.unproven_entries == (learns ? 0U : 100U));
        BOOST_TEST(log.all() == samples(1, 100), boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_SUITE_END()
