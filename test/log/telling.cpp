#include <tusk/log/past_cuts.hpp>

#include <log/steered_log.hpp>

#include <condition_variable>

using namespace log_test;

namespace log_telling {

// What on_durable was told, for a test that waits for it.
class told {
public:
    void add(index_t i) {
        const std::scoped_lock lock(mutex_);
        last_ = i;
        changed_.notify_all();
    }
    void await(index_t i) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return last_ == i; });
    }
    void forget() {
        const std::scoped_lock lock(mutex_);
        last_ = UINT64_MAX;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    index_t last_ = UINT64_MAX;
};

} // namespace log_telling

BOOST_FIXTURE_TEST_SUITE(log_telling, steered_log<>)

// ---- on_durable ----

BOOST_AUTO_TEST_CASE(what_is_durable_is_told_again_after_a_cut) {
    told seen;
    opts.background = background::own(1);
    opts.on_durable = [&](index_t i) { seen.add(i); };
    open();
    append_samples(20);
    seen.await(20);
    must(log->truncate(5));
    seen.await(5);
    append_samples(10);
    seen.await(15);
    seen.forget();
    must(log->replace_from(15, records({"another"}))); // the same index, and another entry
    seen.await(15);
    log.reset();
}

// ---- tickets ----

BOOST_AUTO_TEST_CASE(a_ticket_that_was_cut_is_never_durable_even_when_its_index_was_given_anew_and_dropped) {
    open();
    append("a");
    const ticket cut = must(log->submit(records({"b"})));
    const ticket kept = must(log->submit(records({"c"})));
    must(log->truncate(1));
    BOOST_TEST(append("b again") == 2U);
    const ticket later = must(log->submit(records({"c again"})));
    must(log->drop_before(4));
    BOOST_TEST(fails_with(log->wait_durable(cut), errc::truncated));
    BOOST_TEST(fails_with(log->wait_durable(kept), errc::truncated));
    must(log->wait_durable(later)); // dropped only after it was durable
}

BOOST_AUTO_TEST_CASE(of_many_cuts_those_that_matter_are_remembered) {
    past_cuts cuts;
    for (lsn_t at = 1; at <= 100'000; ++at)
        cuts.add(at, 1000 + at % 7);
    BOOST_TEST(!cuts.have_cut(100'000, 1002)); // nothing came after it
    BOOST_TEST(cuts.have_cut(99'990, 1001));
    BOOST_TEST(!cuts.have_cut(99'990, 1000)); // all of them kept it
}

BOOST_AUTO_TEST_CASE(what_is_forgotten_of_cuts_counts_as_cut) {
    past_cuts cuts;
    for (lsn_t at = 1; at <= 5000; ++at)
        cuts.add(at, at);
    BOOST_TEST(cuts.have_cut(0, 1));
    BOOST_TEST(!cuts.have_cut(5000, 5000));
    BOOST_TEST(cuts.have_cut(4999, 5001));
}

BOOST_AUTO_TEST_SUITE_END()
