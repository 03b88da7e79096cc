#include <archetype/fsync_policy.hpp>

#include <conformance/fsync_policy.hpp>

BOOST_AUTO_TEST_SUITE(archetype_fsync_policy)

BOOST_AUTO_TEST_CASE(does_what_the_concept_says) {
    fsync_policy_conformance(archetype::bare_fsync_policy(tusk::nanoseconds(0)));
}

BOOST_AUTO_TEST_SUITE_END()
