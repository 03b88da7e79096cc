#include "short_lives.hpp"

BOOST_AUTO_TEST_SUITE(crash_short_lives_interval)

BOOST_AUTO_TEST_CASE(short_lives_survive_all_crashes) {
    crash::survive_short_lives<crash::log_on<tusk::fsync_interval>>(
        crash::thoroughly(2, 10, 6), crash::setting_named("a sync behind each append"), 800, 508'000);
}

BOOST_AUTO_TEST_SUITE_END()
