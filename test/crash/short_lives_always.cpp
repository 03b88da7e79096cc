#include "short_lives.hpp"
#include "steered_disk.hpp"

BOOST_AUTO_TEST_SUITE(crash_short_lives_always)

BOOST_AUTO_TEST_CASE(short_lives_survive_all_crashes) {
    crash::survive_short_lives<crash::log_on<tusk::fsync_always>>(crash::thoroughly(1, 10, 6), crash::plain, 800,
                                                                  358'000);
}

BOOST_AUTO_TEST_CASE(short_lives_survive_all_crashes_where_a_write_and_its_sync_are_two_calls) {
    using log_type =
        tusk::basic_wal<tusk::binary_format, tusk::fsync_always, crash::steered_backend, tusk::no_compression>;
    crash::survive_short_lives<log_type>(crash::thoroughly(6, 6, 2), crash::plain, 200, 34'000);
}

BOOST_AUTO_TEST_SUITE_END()
