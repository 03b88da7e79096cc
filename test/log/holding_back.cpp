#include <tusk/log/commit_queue.hpp>

#include <log/steered_log.hpp>

#include <thread>

using namespace log_test;

namespace {

// Appends do not wait, and gather; nothing is written before the buffer is full or somebody asks.
struct gathering : steered_log<fsync_never> {
    gathering() {
        opts.segment_size = mebibyte;
        opts.write_buffer = 16 * kibibyte;
        open();
    }
    // Asks the log nothing, for who asks has it written.
    void gather(index_t from, index_t to) {
        for (; from <= to; ++from)
            append(sample(from));
    }
    void sync() { must(log->sync()); }
    // The sync that is now due finds no room for more than so many bytes.
    void sync_in_vain(std::size_t written = 0) {
        refuse(disk_call::write, errc::no_space, written);
        BOOST_TEST(fails_with(log->sync(), errc::no_space));
        calls.refuse_nothing();
    }
};

// True if `some` is how `whole` begins.
bool is_prefix(const texts& some, const texts& whole) {
    return some.size() <= whole.size() && std::equal(some.begin(), some.end(), whole.begin());
}

texts with(texts some, std::string_view last) {
    some.emplace_back(last);
    return some;
}

std::uint64_t bytes_in(const texts& some) {
    std::uint64_t sum = 0;
    for (const std::string& t : some)
        sum += t.size();
    return sum;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(log_holding_back, gathering)

// ---- what is gathered ----

BOOST_AUTO_TEST_CASE(no_more_is_held_back_than_the_buffer_holds) {
    append("before");
    sync();
    texts appended{"before"};
    for (index_t i = 2; i <= 100; ++i) {
        append(sample(i, 1000));
        appended.push_back(sample(i, 1000));
        const texts left = after_a_kill();
        BOOST_REQUIRE(is_prefix(left, appended));
        BOOST_REQUIRE_LT(bytes_in(appended) - bytes_in(left), opts.write_buffer);
    }
    BOOST_TEST(after_a_kill().size() > 80U);
    BOOST_TEST(calls[disk_call::write] < 15U);
}

BOOST_AUTO_TEST_CASE(a_kill_loses_the_end_of_what_is_gathered_and_never_a_middle) {
    opts.segment_size = 3 * min_segment_size; // the buffer reaches over segments
    open();
    texts appended;
    for (index_t i = 1; i <= 300; ++i) {
        const std::string text = sample(i, i % 7 * 100);
        append(text);
        appended.push_back(text);
        if (i % 50 == 0)
            sync();
        const texts left = after_a_kill();
        BOOST_REQUIRE(is_prefix(left, appended));
        BOOST_REQUIRE_GE(left.size(), i / 50 * 50);
    }
    kill_and_open();
    BOOST_TEST(is_prefix(all(), appended));
    const index_t end = all().size();
    BOOST_TEST(append("next") == end + 1);
}

BOOST_AUTO_TEST_CASE(a_batch_that_is_gathered_is_there_after_a_kill_or_not_at_all) {
    const texts batch(20, std::string(100, 'b'));
    const std::vector<record_view> of(batch.begin(), batch.end());
    for (int i = 0; i < 30; ++i) {
        must(log->append_batch(of));
        BOOST_REQUIRE_EQUAL(after_a_kill().size() % batch.size(), 0U);
    }
}

BOOST_AUTO_TEST_CASE(a_cut_is_gathered_like_an_append_and_undone_with_it) {
    append_samples(10);
    sync();
    must(log->truncate(5));
    append("new 6");
    BOOST_TEST(after_a_kill() == samples(1, 10), boost::test_tools::per_element());
    sync();
    BOOST_TEST(after_a_kill() == with(samples(1, 5), "new 6"), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(appends_gather_while_what_came_before_is_being_written) {
    append("before");
    sync();
    append("a");
    hold_up(disk_call::write);
    std::jthread writer([this] { sync(); });
    held.await(1);
    append("b"); // would never return if it waited
    append("c");
    held.open();
    writer.join();
    BOOST_TEST(durable() >= 2U);
    BOOST_TEST(all() == (texts{"before", "a", "b", "c"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(entries_of_several_threads_are_gathered_without_a_gap) {
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([this] {
                for (int i = 0; i < 300; ++i)
                    must(log->append(std::string(100, 'x')));
            });
    }
    sync();
    BOOST_TEST(after_a_kill().size() == 1200U);
}

// ---- a write of the buffer that fails ----

BOOST_AUTO_TEST_CASE(a_buffer_that_was_written_in_part_is_not_written_twice) {
    for (std::size_t written = 0; written <= 400; written += 8) {
        BOOST_TEST_CONTEXT(written << " bytes of the buffer were written") {
            gathering fresh;
            fresh.gather(1, 3);
            fresh.sync();
            fresh.gather(4, 7);
            fresh.sync_in_vain(written);
            BOOST_TEST(is_prefix(samples(1, 3), fresh.after_a_kill()));
            BOOST_TEST(is_prefix(fresh.after_a_kill(), samples(1, 7)));
            BOOST_TEST(fresh.append("new") == 4U);
            fresh.sync();
            BOOST_TEST(fresh.all() == with(samples(1, 3), "new"), boost::test_tools::per_element());
            fresh.kill_and_open();
            BOOST_TEST(fresh.all() == with(samples(1, 3), "new"), boost::test_tools::per_element());
            BOOST_TEST(must(fresh.log->verify()).sound());
            BOOST_TEST(fresh.append("more") == 5U);
            fresh.close();
            fresh.open();
            BOOST_TEST(fresh.all() == with(with(samples(1, 3), "new"), "more"), boost::test_tools::per_element());
        }
    }
}

BOOST_AUTO_TEST_CASE(nothing_is_written_in_place_of_lost_entries_before_a_sync_has_told_of_them) {
    append("a");
    sync();
    append("b");
    refuse(disk_call::write, errc::no_space);
    BOOST_TEST(fails_with(log->last_index(), errc::no_space)); // whoever reads has it written
    calls.refuse_nothing();
    // "b" had been acknowledged, with its index: whoever appends must not get that again and believe that all is well.
    BOOST_TEST(fails_with(log->append("c"), errc::no_space));
    BOOST_TEST(fails_with(log->submit(records({"c"})), errc::no_space));
    BOOST_TEST(fails_with(log->truncate(1), errc::no_space));
    BOOST_TEST(fails_with(log->roll(), errc::no_space));
    BOOST_TEST(all() == texts{"a"}, boost::test_tools::per_element());
    BOOST_TEST(fails_with(log->sync(), errc::no_space));
    sync();
    BOOST_TEST(append("c") == 2U);
    sync();
    BOOST_TEST(after_a_kill() == (texts{"a", "c"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_close_tells_of_entries_that_were_lost) {
    append("a");
    refuse(disk_call::write, errc::no_space);
    BOOST_TEST(!log->get(1));
    calls.refuse_nothing();
    BOOST_TEST(fails_with(log->close(), errc::no_space));
    open();
    BOOST_TEST(must(log->empty()));
}

BOOST_AUTO_TEST_CASE(an_append_that_fills_the_buffer_hears_that_it_could_not_be_written) {
    append("before");
    sync();
    refuse(disk_call::write, errc::no_space, 1000);
    result<index_t> last = index_t{0};
    std::uint64_t gathered = 0;
    while (last && gathered < 2 * opts.write_buffer) {
        last = log->append(sample(1, 1000));
        gathered += 1000;
    }
    BOOST_TEST(fails_with(last, errc::no_space));
    BOOST_TEST(gathered <= opts.write_buffer + 1000);
    BOOST_TEST(fails_with(log->sync(), errc::no_space));
    BOOST_TEST(all() == texts{"before"}, boost::test_tools::per_element());
    calls.refuse_nothing();
    BOOST_TEST(append("there is room") == 2U);
}

BOOST_AUTO_TEST_CASE(room_is_made_by_dropping_while_the_buffer_cannot_be_written) {
    append_samples(10);
    sync();
    append("lost");
    refuse(disk_call::write, errc::no_space);
    BOOST_TEST(fails_with(log->last_index(), errc::no_space));
    must(log->drop_before(8));
    BOOST_TEST(fails_with(log->sync(), errc::no_space)); // told all the same
    calls.refuse_nothing();
    BOOST_TEST(append("next") == 11U);
    sync();
    BOOST_TEST(after_a_kill() == with(samples(8, 10), "next"), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
