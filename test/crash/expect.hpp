#pragma once

#include "exploring.hpp"

#include <boost/test/unit_test.hpp>

#include <iostream>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TUSK_TEST_IS_SLOW
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TUSK_TEST_IS_SLOW
#endif

namespace crash {

/// True under a sanitizer, where less is looked at.
#ifdef TUSK_TEST_IS_SLOW
inline constexpr bool is_slow = true;
#else
inline constexpr bool is_slow = false;
#endif
#undef TUSK_TEST_IS_SLOW

/// How thoroughly the tests look.
inline tusk::crash_search thoroughly(std::uint64_t seed, unsigned exhaustive, unsigned samples) {
    return {.seed = seed, .exhaustive = is_slow ? 3 : exhaustive, .samples = is_slow ? 1 : samples, .nested_in = 200};
}

template<class Log>
void expect_to_survive(exploration& explore, const workload& calls, const setting& where) {
    if (const auto found = explore.find<Log>(calls, where))
        BOOST_FAIL(*found);
}

/// So that a search cannot grow smaller unseen: prints what was looked at, and fails if it was less than so many different
/// images, and a tenth of that of crashed recoveries.
inline void expect_at_least(std::uint64_t images, const tusk::crash_counts& counts) {
    std::cout << boost::unit_test::framework::current_test_case().full_name() << ": " << counts << std::endl;
    if (is_slow)
        return;
    BOOST_TEST(counts.distinct >= images);
    BOOST_TEST(counts.nested >= images / 10);
}

} // namespace crash
