#include "expect.hpp"
#include "story_list.hpp"

namespace crash_long_lives {

using namespace crash;

} // namespace crash_long_lives

BOOST_AUTO_TEST_SUITE(crash_long_lives)

BOOST_AUTO_TEST_CASE_TEMPLATE(stories_survive_all_crashes_under_every_setting, Policy, policies) {
    exploration explore(thoroughly(5, 7, 2));
    for (const setting* where : settings_for<Policy>())
        for (const named_story& s : stories())
            BOOST_TEST_CONTEXT(s.name)
    expect_to_survive<log_on<Policy>>(explore, s.calls, *where);
    expect_at_least(36'500, explore.counts());
}

BOOST_AUTO_TEST_SUITE_END()
