#include <tusk/log/commit_queue.hpp>

#include <log/steered_log.hpp>

#include <thread>

using namespace log_test;

namespace log_holding_back {

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

} // namespace log_holding_back

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
            BOOST_TEST(fresh.append("new") == 8U);
            fresh.sync();
            BOOST_TEST(fresh.all() == with(samples(1, 7), "new"), boost::test_tools::per_element());
            fresh.kill_and_open();
            BOOST_TEST(fresh.all() == with(samples(1, 7), "new"), boost::test_tools::per_element());
            BOOST_TEST(must(fresh.log->verify()).sound());
            BOOST_TEST(fresh.append("more") == 9U);
            fresh.close();
            fresh.open();
            BOOST_TEST(fresh.all() == with(with(samples(1, 7), "new"), "more"), boost::test_tools::per_element());
        }
    }
}

BOOST_AUTO_TEST_CASE(nothing_more_is_taken_while_what_was_acknowledged_cannot_be_written) {
    append("a");
    sync();
    append("b");
    refuse(disk_call::write, errc::no_space);
    BOOST_TEST(fails_with(log->sync(), errc::no_space));
    BOOST_TEST(fails_with(log->append("c"), errc::no_space));
    BOOST_TEST(fails_with(log->submit(records({"c"})), errc::no_space));
    BOOST_TEST(fails_with(log->truncate(1), errc::no_space));
    BOOST_TEST(fails_with(log->roll(), errc::no_space));
    BOOST_TEST(all() == texts{"a"}, boost::test_tools::per_element()); // what is written can be read
    calls.refuse_nothing();
    BOOST_TEST(append("c") == 3U);
    sync();
    BOOST_TEST(after_a_kill() == (texts{"a", "b", "c"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_could_not_be_written_is_written_by_whoever_asks_next) {
    gather(1, 3);
    refuse(disk_call::write, errc::no_space);
    BOOST_TEST(fails_with(log->sync(), errc::no_space));
    BOOST_TEST(must(log->last_index()) == 0U);
    calls.refuse_nothing();
    BOOST_TEST(all() == samples(1, 3), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_buffer_over_several_segments_that_cannot_be_written_is_written_later) {
    opts.segment_size = 2 * min_segment_size;
    opts.max_segments = 0;
    open();
    append("before");
    sync();
    refuse(disk_call::write, errc::no_space, 5000);
    texts appended{"before"};
    for (result<index_t> last = index_t{0}; last;) {
        const std::string text = sample(appended.size(), 1000);
        if (last = log->append(text); last)
            appended.push_back(text);
    }
    BOOST_TEST(appended.size() > 8U);
    BOOST_TEST(fails_with(log->sync(), errc::no_space));
    BOOST_TEST(is_prefix(after_a_kill(), appended));
    calls.refuse_nothing();
    sync();
    BOOST_TEST(after_a_kill() == appended, boost::test_tools::per_element());
    BOOST_TEST(must(log->verify()).sound());
    BOOST_TEST(append("there is room") == appended.size() + 1);
}

BOOST_AUTO_TEST_CASE(nothing_is_dropped_before_a_reset_that_could_not_be_written) {
    append_samples(9);
    sync();
    refuse(disk_call::write, errc::no_space);
    must(log->reset(100));
    BOOST_TEST(fails_with(log->drop_before(5), errc::no_space));
    calls.refuse_nothing();
    BOOST_TEST(append("there is room") == 100U);
    sync();
    BOOST_TEST(fails_with(log->truncate(50), errc::dropped));
    BOOST_TEST(must(log->first_index()) == 100U);
    must(log->drop_before(101));
    BOOST_TEST(must(log->empty()));
}

BOOST_AUTO_TEST_CASE(a_close_tells_of_entries_that_could_not_be_written) {
    append("a");
    refuse(disk_call::write, errc::no_space);
    BOOST_TEST(fails_with(log->close(), errc::no_space));
    calls.refuse_nothing();
    open();
    BOOST_TEST(must(log->empty()));
}

BOOST_AUTO_TEST_CASE(an_append_that_is_refused_for_a_full_buffer_is_not_in_it) {
    append("before");
    sync();
    refuse(disk_call::write, errc::no_space, 1000);
    texts appended{"before"};
    result<index_t> last = index_t{0};
    while (last && appended.size() < 100) {
        last = log->append(sample(appended.size(), 1000));
        if (last)
            appended.push_back(sample(appended.size(), 1000));
    }
    BOOST_TEST(fails_with(last, errc::no_space));
    BOOST_TEST(bytes_in(appended) <= opts.write_buffer + 1000);
    calls.refuse_nothing();
    BOOST_TEST(append("there is room") == appended.size() + 1);
    BOOST_TEST(all() == with(appended, "there is room"), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_thread_that_waits_beside_what_is_held_back_is_told_and_what_is_held_back_stays) {
    append("held back");
    refuse(disk_call::write, errc::no_space);
    BOOST_TEST(fails_with(log->append("awaited", {.wait = durability::written}), errc::no_space));
    calls.refuse_nothing();
    sync();
    BOOST_TEST(is_prefix(texts{"held back"}, after_a_kill()));
}

BOOST_AUTO_TEST_CASE(what_is_submitted_stays_when_it_cannot_be_written) {
    const ticket t = must(log->submit(records({"a", "b"})));
    refuse(disk_call::write, errc::no_space);
    BOOST_TEST(fails_with(log->wait_durable(t), errc::no_space));
    calls.refuse_nothing();
    must(log->wait_durable(t));
    BOOST_TEST(after_a_kill() == (texts{"a", "b"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(room_is_made_by_dropping_while_the_buffer_cannot_be_written) {
    append_samples(10);
    sync();
    append("held back");
    refuse(disk_call::write, errc::no_space);
    BOOST_TEST(fails_with(log->sync(), errc::no_space));
    must(log->drop_before(8));
    BOOST_TEST(fails_with(log->drop_before(12), errc::no_space)); // reaches into what is not written
    calls.refuse_nothing();
    BOOST_TEST(append("next") == 12U);
    sync();
    BOOST_TEST(after_a_kill() == with(with(samples(8, 10), "held back"), "next"), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_gathered_while_a_failed_write_is_given_up_is_not_given_up_with_it) {
    opts.segment_size = min_segment_size;
    open();
    for (int i = 0; i < 3; ++i)
        must(log->append(sample(1, 1000), {.wait = durability::durable}));
    std::atomic<int> writes{0};
    std::atomic<int> removals{0};
    calls.refuse([&](disk_call call, const std::string& name) -> std::error_code {
        if (call == disk_call::write && name != "state" && writes++ == 0)
            return errc::no_space;
        if (call == disk_call::remove && removals++ == 0)
            std::jthread([&] { append("gathered"); }).join();
        return {};
    });
    BOOST_TEST(fails_with(log->append(sample(1, 1000), {.wait = durability::durable}), errc::no_space));
    BOOST_TEST(removals == 1);
    calls.refuse_nothing();
    sync();
    BOOST_TEST(all().back() == "gathered");
    BOOST_TEST(after_a_kill().back() == "gathered");
}

BOOST_AUTO_TEST_CASE(what_a_cut_takes_away_that_is_held_back_does_not_count_as_durable) {
    memory_log<fsync_never> l;
    l.opts.write_buffer = 64 * kibibyte;
    l.open();
    l.append_samples(5);
    must(l.log->sync());
    must(l.log->truncate(2));
    l.append_samples(2);
    BOOST_TEST(must(l.log->durable_index()) == 2U);
    must(l.log->replace_from(2, records({"x"})));
    BOOST_TEST(must(l.log->durable_index()) == 1U);
    must(l.log->sync());
    BOOST_TEST(must(l.log->durable_index()) == 2U);
    l.append_samples(1);
    BOOST_TEST(must(l.log->durable_index()) == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
