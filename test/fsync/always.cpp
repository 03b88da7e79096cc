#include <tusk/fsync/always.hpp>

#include <conformance/fsync_policy.hpp>

using namespace tusk;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(fsync_always)

BOOST_AUTO_TEST_CASE(is_an_fsync_policy) {
    fsync_policy_conformance(tusk::fsync_always{});
    fsync_policy_conformance(tusk::fsync_always{.gather = 1ms});
    fsync_policy_conformance(tusk::fsync_always{.gather = 1h});
}

BOOST_AUTO_TEST_CASE(an_append_waits) { static_assert(tusk::fsync_always::append_waits); }

BOOST_AUTO_TEST_CASE(syncs_at_once_what_is_written) {
    const tusk::fsync_always policy;
    BOOST_TEST((policy.due_in({.unsynced_bytes = 1}) == 0ns));
    BOOST_TEST((policy.due_in({.unsynced_bytes = 1, .oldest_unsynced = 1s, .waiters = 5}) == 0ns));
}

BOOST_AUTO_TEST_CASE(syncs_at_once_for_those_who_wait) {
    BOOST_TEST((tusk::fsync_always().due_in({.waiters = 1}) == 0ns));
}

BOOST_AUTO_TEST_CASE(gathers_for_as_long_as_it_is_told) {
    const tusk::fsync_always policy{.gather = 100us};
    BOOST_TEST((policy.due_in({.unsynced_bytes = 1, .waiters = 1}) == 100us));
    BOOST_TEST((policy.due_in({.unsynced_bytes = 1, .oldest_unsynced = 30us, .waiters = 1}) == 70us));
    BOOST_TEST((policy.due_in({.unsynced_bytes = 1, .oldest_unsynced = 100us, .waiters = 1}) == 0ns));
    BOOST_TEST((policy.due_in({.unsynced_bytes = 1, .oldest_unsynced = 1s, .waiters = 1}) == 0ns));
    BOOST_TEST((policy.due_in({}) == never_due));
}

BOOST_AUTO_TEST_SUITE_END()
