#include <tusk/log/reader.hpp>

#include <log/fixture.hpp>

#include <random>
#include <thread>

using namespace log_test;

namespace log_seeking {

struct fixture : memory_log<> {
    fixture() { open(); }
};

template<class Reader>
std::string next_of(Reader& r) {
    return std::string(must(r.next()).text());
}

} // namespace log_seeking

BOOST_FIXTURE_TEST_SUITE(log_seeking, fixture)

BOOST_AUTO_TEST_CASE(a_reader_sent_anywhere_in_any_order_reads_what_is_there) {
    opts.max_open_segments = 1;
    open();
    texts wanted;
    for (int batch = 0; batch < 40; ++batch) {
        const texts some{"alone " + std::to_string(batch), std::string(90, 'a'), "", std::string(9000, 'b')};
        append(some[0]);
        const std::vector<record_view> rest(some.begin() + 1, some.end());
        must(log->append_batch(rest));
        wanted.insert(wanted.end(), some.begin(), some.end());
    }
    auto r = must(log->read_from(1));
    std::minstd_rand random(7);
    for (int i = 0; i < 2000; ++i) {
        const index_t at = 1 + random() % wanted.size();
        r.seek(at);
        BOOST_REQUIRE_EQUAL(r.next_index(), at);
        for (index_t j = at; j < at + random() % 4 && j <= wanted.size(); ++j)
            BOOST_REQUIRE((next_of(r) == wanted[j - 1]));
    }
}

BOOST_AUTO_TEST_CASE(a_reader_sent_beyond_the_end_waits_there_for_the_log_to_come) {
    append_samples(3);
    auto r = must(log->read_from(1));
    r.seek(5);
    BOOST_TEST(fails_with(r.next(), errc::beyond_end));
    append_samples(1);
    BOOST_TEST(fails_with(r.next(), errc::beyond_end));
    BOOST_TEST(r.next_index() == 5U);
    append_samples(1);
    BOOST_TEST(next_of(r) == sample(5));
    r.seek(UINT64_MAX);
    BOOST_TEST(fails_with(r.next(), errc::beyond_end));
    r.seek(1);
    BOOST_TEST(next_of(r) == sample(1));
}

BOOST_AUTO_TEST_CASE(a_reader_sent_below_the_first_entry_is_told_that_it_was_dropped) {
    append_samples(100);
    must(log->drop_before(60));
    auto r = must(log->read_from(60));
    for (const index_t gone : {index_t{59}, index_t{1}, index_t{0}}) {
        r.seek(gone);
        BOOST_TEST(fails_with(r.next(), errc::dropped));
        BOOST_TEST(fails_with(r.next(), errc::dropped)); // until it is sent elsewhere
    }
    r.seek(first());
    BOOST_TEST(next_of(r) == sample(60));
}

BOOST_AUTO_TEST_CASE(a_reader_is_not_told_of_a_cut_from_before_it_was_sent_elsewhere) {
    append_samples(50);
    auto r = must(log->read_from(40));
    must(log->truncate(20));
    append("new 21");
    r.seek(21);
    BOOST_TEST(next_of(r) == "new 21");
    BOOST_TEST(fails_with(r.next(), errc::beyond_end));
}

BOOST_AUTO_TEST_CASE(a_reader_is_told_of_a_cut_that_comes_after_it_was_sent_elsewhere) {
    append_samples(50);
    auto r = must(log->read_from(1));
    r.seek(40);
    must(log->truncate(20));
    append("new 21");
    BOOST_TEST(fails_with(r.next(), errc::truncated));
    BOOST_TEST(r.next_index() == 21U);
    BOOST_TEST(next_of(r) == "new 21");
}

BOOST_AUTO_TEST_CASE(a_reader_sent_beyond_the_end_is_told_if_the_log_is_cut_before_it_came) {
    append_samples(10);
    auto r = must(log->read_from(1));
    r.seek(20);
    must(log->truncate(5));
    BOOST_TEST(fails_with(r.next(), errc::truncated));
    BOOST_TEST(r.next_index() == 6U);
}

BOOST_AUTO_TEST_CASE(a_reader_sent_back_sees_what_took_the_place_of_what_it_had_read) {
    append_samples(200);
    auto r = must(log->read_from(1));
    for (index_t i = 1; i <= 150; ++i)
        BOOST_REQUIRE_EQUAL(next_of(r), sample(i));
    must(log->replace_from(100, records({"new 100", "new 101"})));
    r.seek(99);
    BOOST_TEST(next_of(r) == sample(99));
    BOOST_TEST(next_of(r) == "new 100");
    BOOST_TEST(next_of(r) == "new 101");
    BOOST_TEST(fails_with(r.next(), errc::beyond_end));
}

BOOST_AUTO_TEST_CASE(a_reader_sent_back_to_a_damaged_entry_finds_it_damaged_again) {
    append_samples(10);
    close();
    disk.damage(sample(4));
    open();
    auto r = must(log->read_from(4));
    for (int round = 0; round < 2; ++round) {
        BOOST_TEST(fails_with(r.next(), errc::corrupt));
        BOOST_TEST(next_of(r) == sample(5));
        r.seek(4);
    }
    r.seek(3);
    BOOST_TEST(next_of(r) == sample(3));
}

BOOST_AUTO_TEST_CASE(a_follower_sent_ahead_waits_for_that_entry) {
    append_samples(2);
    auto f = must(log->follow(1));
    f.seek(5);
    std::string seen;
    std::jthread following([&] { seen = must(f.next({}, steady_clock::now() + std::chrono::hours(1))).text(); });
    append_samples(4);
    following.join();
    BOOST_TEST(seen == sample(5));
    BOOST_TEST(next_of(f) == sample(6));
}

BOOST_AUTO_TEST_CASE(a_reader_in_another_handle_can_be_sent_elsewhere_too) {
    append_samples(100);
    memory_log<> reading;
    reading.disk = disk;
    reading.opts.mode = open_mode::read_only;
    reading.open();
    auto r = must(reading.log->read_from(1));
    r.seek(101);
    BOOST_TEST(fails_with(r.next(), errc::beyond_end));
    append_samples(50);
    BOOST_TEST(next_of(r) == sample(101));
    r.seek(2);
    BOOST_TEST(next_of(r) == sample(2));
    r.seek(150);
    BOOST_TEST(next_of(r) == sample(150));
}

BOOST_AUTO_TEST_SUITE_END()
