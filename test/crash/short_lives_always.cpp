#include "short_lives.hpp"

BOOST_AUTO_TEST_SUITE(crash_short_lives_always)

BOOST_AUTO_TEST_CASE(short_lives_survive_all_crashes) {
    crash::survive_short_lives<crash::log_on<tusk::fsync_always>>(crash::thoroughly(1, 10, 6), crash::plain, 800,
                                                                  358'000);
}

BOOST_AUTO_TEST_SUITE_END()
