#include <tusk/prove/shrink.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <numeric>

namespace prove_shrink {

using calls = std::vector<int>;

bool has(const calls& c, int what) { return std::find(c.begin(), c.end(), what) != c.end(); }

} // namespace prove_shrink

BOOST_AUTO_TEST_SUITE(prove_shrink)

BOOST_AUTO_TEST_CASE(only_what_is_needed_to_fail_is_left_in_its_order) {
    calls all(100);
    std::iota(all.begin(), all.end(), 0);
    const calls few = tusk::shrink(all, [](const calls& c) { return has(c, 17) && has(c, 3) && has(c, 88); });
    BOOST_TEST((few == calls{3, 17, 88}));
}

BOOST_AUTO_TEST_CASE(what_fails_without_any_call_needs_none) {
    BOOST_TEST(tusk::shrink(calls{1, 2, 3}, [](const calls&) { return true; }).empty());
    BOOST_TEST(tusk::shrink(calls{}, [](const calls&) { return true; }).empty());
}

BOOST_AUTO_TEST_CASE(no_single_call_can_be_left_out_of_what_is_left) {
    const auto fails = [](const calls& c) { return std::accumulate(c.begin(), c.end(), 0) >= 10; };
    const calls few = tusk::shrink(calls{4, 1, 7, 2, 5, 9}, fails);
    BOOST_TEST(fails(few));
    for (std::size_t i = 0; i < few.size(); ++i) {
        calls fewer = few;
        fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
        BOOST_TEST(!fails(fewer));
    }
}

BOOST_AUTO_TEST_SUITE_END()
