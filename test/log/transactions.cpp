#include <tusk/log/transaction.hpp>

#include <log/fixture.hpp>

#include <thread>

using namespace log_test;

namespace log_transactions {

struct fixture : memory_log<> {
    fixture() { open(); }
};

} // namespace log_transactions

BOOST_FIXTURE_TEST_SUITE(log_transactions, fixture)

BOOST_AUTO_TEST_CASE(what_is_committed_is_appended_as_one) {
    append("before");
    auto t = log->begin();
    {
        std::string text = "first"; // copied: what was added need not live on
        must(t.add(text));
        must(t.add(record_view("second", "key", 4, entry_kind::tombstone)));
        text = "-----";
    }
    BOOST_TEST(t.size() == 2U);
    BOOST_TEST(t.bytes() == 14U);
    BOOST_TEST(last() == 1U);
    BOOST_TEST((must(t.commit()) == index_range{2, 3}));
    BOOST_TEST(all() == (texts{"before", "first", "second"}), boost::test_tools::per_element());
    const entry e = must(log->get(3));
    BOOST_TEST(to_text(e.key()) == "key");
    BOOST_TEST(e.term() == 4U);
    BOOST_TEST((e.kind() == entry_kind::tombstone));
}

BOOST_AUTO_TEST_CASE(an_empty_transaction_commits_to_nothing) {
    auto t = log->begin();
    BOOST_TEST(must(t.commit()).size() == 0U);
    BOOST_TEST(next() == 1U);
}

BOOST_AUTO_TEST_CASE(what_is_rolled_back_leaves_no_trace) {
    const auto before = disk.contents();
    auto t = log->begin();
    must(t.add("a"));
    t.rollback();
    BOOST_TEST(t.size() == 0U);
    BOOST_TEST(fails_with(t.add("b"), errc::closed));
    BOOST_TEST(fails_with(t.commit(), errc::closed));
    BOOST_TEST((disk.contents() == before));
    BOOST_TEST(append("a") == 1U);
}

BOOST_AUTO_TEST_CASE(a_transaction_is_over_after_its_commit) {
    auto t = log->begin();
    must(t.add("a"));
    must(t.commit());
    BOOST_TEST(fails_with(t.add("b"), errc::closed));
    BOOST_TEST(fails_with(t.commit(), errc::closed));
    BOOST_TEST(last() == 1U);
}

BOOST_AUTO_TEST_CASE(after_its_time_a_transaction_expires_and_nothing_is_appended) {
    auto t = log->begin(nanoseconds(-1));
    must(t.add("a"));
    BOOST_TEST(fails_with(t.commit(), errc::expired));
    BOOST_TEST(fails_with(t.commit(), errc::closed));
    BOOST_TEST(next() == 1U);
}

BOOST_AUTO_TEST_CASE(a_transaction_without_a_limit_of_time_does_not_expire) {
    auto t = log->begin(nanoseconds::max());
    must(t.add("a"));
    BOOST_TEST(must(t.commit()).first == 1U);
}

BOOST_AUTO_TEST_CASE(a_transaction_that_is_forgotten_leaves_no_trace) {
    {
        auto t = log->begin();
        must(t.add("a"));
    }
    reopen();
    BOOST_TEST(next() == 1U);
}

BOOST_AUTO_TEST_CASE(a_transaction_that_was_not_committed_is_gone_after_a_kill) {
    append("a");
    auto t = log->begin();
    must(t.add("b"));
    auto left = disk.now();
    t.rollback();
    log.reset();
    disk.go_back_to(left);
    open();
    BOOST_TEST(all() == texts{"a"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_transaction_takes_no_more_than_a_batch_may_hold) {
    close();
    opts.max_record_size = 10;
    opts.max_batch_bytes = 25;
    open();
    auto t = log->begin();
    const std::string ten(10, 'x');
    BOOST_TEST(fails_with(t.add(std::string(11, 'x')), errc::too_large));
    BOOST_TEST(fails_with(t.add(record_view(ten, "k")), errc::too_large));
    must(t.add(ten));
    must(t.add(ten));
    BOOST_TEST(fails_with(t.add("123456"), errc::too_large));
    must(t.add("12345"));
    BOOST_TEST(t.bytes() == 25U);
    BOOST_TEST(must(t.commit()).size() == 3U); // what was refused did not spoil it
}

BOOST_AUTO_TEST_CASE(a_commit_can_expect_its_index) {
    auto wrong = log->begin();
    must(wrong.add("a"));
    BOOST_TEST(fails_with(wrong.commit({.expect_index = 2}), errc::index_mismatch));
    auto right = log->begin();
    must(right.add("a"));
    BOOST_TEST(must(right.commit({.expect_index = 1})).first == 1U);
}

BOOST_AUTO_TEST_CASE(ten_transactions_at_the_same_time_do_not_mix) {
    {
        std::vector<std::jthread> threads;
        for (char c = '0'; c <= '9'; ++c)
            threads.emplace_back([this, c] {
                auto t = log->begin();
                for (int i = 0; i < 20; ++i)
                    if (!t.add(std::string(10, c)))
                        std::terminate();
                if (!t.commit())
                    std::terminate();
            });
    }
    reopen();
    const texts found = all();
    BOOST_REQUIRE_EQUAL(found.size(), 200U);
    for (std::size_t i = 0; i < 200; ++i)
        BOOST_TEST(found[i] == found[i - i % 20]);
}

BOOST_AUTO_TEST_SUITE_END()
