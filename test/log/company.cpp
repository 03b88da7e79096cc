#include <tusk/log/company.hpp>

#include <boost/test/unit_test.hpp>

using namespace tusk;
using namespace std::chrono_literals;

namespace log_company {

void stays_alone(company& c, int syncs) {
    for (int i = 0; i < syncs; ++i) {
        c.synced(1, 0, 100us);
        BOOST_TEST(c.expected() <= 1U);
    }
}

} // namespace log_company

BOOST_AUTO_TEST_SUITE(log_company)

BOOST_AUTO_TEST_CASE(who_is_alone_waits_for_nobody) {
    company c;
    BOOST_TEST(c.expected() <= 1U);
    stays_alone(c, 10);
}

BOOST_AUTO_TEST_CASE(two_who_take_turns_are_seen_and_stay_together) {
    company c;
    c.synced(1, 1, 100us); // one was told, while the other was waiting
    BOOST_TEST(c.expected() == 2U);
    for (int i = 0; i < 10; ++i) {
        c.waited(true);
        c.synced(2, 0, 100us);
        BOOST_TEST(c.expected() == 2U);
    }
}

BOOST_AUTO_TEST_CASE(who_goes_for_good_is_waited_for_once) {
    company c;
    c.synced(2, 0, 100us);
    BOOST_TEST(c.expected() == 2U);
    c.waited(false);
    BOOST_TEST(c.expected() <= 1U);
    stays_alone(c, 1000);
}

BOOST_AUTO_TEST_CASE(who_comes_too_late_each_time_is_waited_for_ever_more_seldom) {
    company c;
    unsigned in_vain = 0;
    for (int i = 0; i < 10'000; ++i) {
        c.synced(1, 1, 100us);
        if (c.expected() > 1) {
            c.waited(false);
            ++in_vain;
        }
    }
    BOOST_TEST(in_vain > 5U);   // it may be quicker one day
    BOOST_TEST(in_vain < 100U); // else each would cost half a sync
    while (c.expected() <= 1)
        c.synced(1, 1, 100us);
    c.waited(true);
    c.synced(1, 1, 100us);
    BOOST_TEST(c.expected() == 2U); // it was
}

BOOST_AUTO_TEST_CASE(of_many_some_are_enough) {
    company c;
    c.synced(1000, 1000, 100us);
    BOOST_TEST(c.expected() > 1U);
    BOOST_TEST(c.expected() < 100U);
}

BOOST_AUTO_TEST_CASE(a_wait_is_short_beside_a_sync_and_in_any_case) {
    company c;
    BOOST_TEST((c.patience() == 0ns));
    c.synced(2, 0, 100us);
    BOOST_TEST((c.patience() == 50us));
    c.synced(2, 0, 10s);
    BOOST_TEST((c.patience() == 1ms));
}

BOOST_AUTO_TEST_SUITE_END()
