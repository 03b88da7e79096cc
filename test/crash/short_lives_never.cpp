#include "short_lives.hpp"

BOOST_AUTO_TEST_SUITE(crash_short_lives_never)

BOOST_AUTO_TEST_CASE(short_lives_survive_all_crashes) {
    crash::survive_short_lives<crash::log_on<tusk::fsync_never>>(crash::thoroughly(3, 8, 6), crash::plain, 800,
                                                                 252'000);
}

BOOST_AUTO_TEST_SUITE_END()
