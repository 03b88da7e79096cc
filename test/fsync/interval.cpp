#include <tusk/fsync/interval.hpp>

#include <conformance/fsync_policy.hpp>

using namespace tusk;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(fsync_interval)

BOOST_AUTO_TEST_CASE(is_an_fsync_policy) {
    fsync_policy_conformance(tusk::fsync_interval{});
    fsync_policy_conformance(tusk::fsync_interval{.window = 0ns});
    fsync_policy_conformance(tusk::fsync_interval{.window = 1h});
}

BOOST_AUTO_TEST_CASE(an_append_does_not_wait) { static_assert(!tusk::fsync_interval::append_waits); }

BOOST_AUTO_TEST_CASE(syncs_the_oldest_within_the_window) {
    const tusk::fsync_interval policy{.window = 20ms};
    BOOST_TEST((policy.due_in({.unsynced_bytes = 1}) == 20ms));
    BOOST_TEST((policy.due_in({.unsynced_bytes = 1, .oldest_unsynced = 5ms}) == 15ms));
    BOOST_TEST((policy.due_in({.unsynced_bytes = 1, .oldest_unsynced = 20ms}) == 0ns));
    BOOST_TEST((policy.due_in({.unsynced_bytes = 1, .oldest_unsynced = 1min}) == 0ns));
}

BOOST_AUTO_TEST_CASE(does_not_sync_an_idle_log) {
    BOOST_TEST((tusk::fsync_interval().due_in({.oldest_unsynced = 1h, .waiters = 1}) == never_due));
}

BOOST_AUTO_TEST_CASE(has_a_window_of_ten_milliseconds_unless_told) {
    BOOST_TEST((tusk::fsync_interval().due_in({.unsynced_bytes = 1}) == 10ms));
}

BOOST_AUTO_TEST_SUITE_END()
