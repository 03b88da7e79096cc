#include "any_seed.hpp"
#include "expect.hpp"

BOOST_AUTO_TEST_SUITE(crash_seeds)

// All formats and codecs, all settings, one and two threads: what a seed makes of them.
BOOST_AUTO_TEST_CASE(whatever_a_seed_decides_is_survived) {
    crash::any_seed any(crash::is_slow ? 4 : 12, crash::is_slow ? 1 : 3, 200);
    for (std::uint64_t seed = 1; seed <= (crash::is_slow ? 30U : 340U); ++seed)
        if (const auto found = any.find(seed))
            BOOST_FAIL("seed " << seed << ": " << *found);
    crash::expect_at_least(114'700, any.counts());
}

BOOST_AUTO_TEST_SUITE_END()
