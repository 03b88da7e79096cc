#include <tusk/fsync/never.hpp>

#include <conformance/fsync_policy.hpp>

BOOST_AUTO_TEST_SUITE(fsync_never)

BOOST_AUTO_TEST_CASE(is_an_fsync_policy) { fsync_policy_conformance(tusk::fsync_never{}); }

BOOST_AUTO_TEST_CASE(an_append_does_not_wait) { static_assert(!tusk::fsync_never::append_waits); }

BOOST_AUTO_TEST_CASE(no_sync_is_ever_due) {
    for (const tusk::nanoseconds age : fsync_policy_suite::ages())
        for (const tusk::sync_state& state : fsync_policy_suite::states(age))
            BOOST_TEST((tusk::fsync_never().due_in(state) == tusk::never_due));
}

BOOST_AUTO_TEST_SUITE_END()
