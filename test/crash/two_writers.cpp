#include "expect.hpp"

namespace crash_two_writers {

using namespace crash;

// All pairs of calls, the second one at each place of the first.
template<class Policy>
void survive_pairs(exploration& explore, const setting& where) {
    std::size_t done = 0;
    std::size_t waited = 0;
    for (const call& first : alphabet())
        for (const call& second : alphabet()) {
            if (first.what == call::verb::reopen || second.what == call::verb::reopen)
                continue;
            for (call_beside_call calls{two_segments(), first, second};; ++calls.place) {
                two_writers<Policy> subject(calls, where);
                if (const auto found = explore.find(subject))
                    BOOST_FAIL(*found);
                if (!subject.reached())
                    break;
                ++(subject.done_in_the_middle() ? done : waited);
            }
        }
    BOOST_TEST(done > 300U);
    BOOST_TEST(waited > 300U);
}

} // namespace crash_two_writers

BOOST_AUTO_TEST_SUITE(crash_two_writers)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_call_in_the_middle_of_another_leaves_what_one_of_their_orders_makes, Policy, policies) {
    exploration explore(thoroughly(4, 7, 4));
    survive_pairs<Policy>(explore, plain);
    expect_at_least(30'000, explore.counts());
}

BOOST_AUTO_TEST_SUITE_END()
