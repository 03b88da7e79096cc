#include <tusk/log/syncer.hpp>

#include <log/counting_backend.hpp>
#include <log/fixture.hpp>

#include <tusk/fsync/interval.hpp>

#include <thread>

using namespace log_test;

namespace log_durability {

// A log on a disk that refuses what the test wants.
template<class FsyncPolicy = fsync_always>
struct faulty_log {
    using log_type = basic_wal<binary_format, FsyncPolicy, counting_backend, no_compression>;

    memory_disk disk;
    disk_calls calls;
    options opts = small_options();
    std::optional<log_type> log;

    faulty_log() { open(); }
    void open() {
        log.reset();
        log.emplace(must(log_type::open(counting_backend(disk.backend(), calls), opts)));
    }
    // The next call of this kind to a segment fails, and so do those after it.
    void refuse(disk_call which, std::error_code why) {
        calls.refuse([=](disk_call call, const std::string& name) {
            return call == which && name != "state" ? why : std::error_code();
        });
    }
    void refuse_once(disk_call which, std::error_code why) {
        calls.refuse([=, done = false](disk_call call, const std::string& name) mutable {
            const bool now =
                call == which && name != "state" && !std::exchange(done, done || (call == which && name != "state"));
            return now ? why : std::error_code();
        });
    }
    // What a power cut right now would leave, were nothing lost that was written.
    texts after_a_kill() {
        memory_log<FsyncPolicy> after;
        after.disk.go_back_to(disk.now());
        after.open();
        return after.all();
    }
    texts all() {
        texts out;
        for (const entry& e : must(log->get_range(0, UINT64_MAX)))
            out.emplace_back(e.text());
        return out;
    }
};

const std::error_code io_error(EIO, std::system_category());

struct lazy : memory_log<fsync_never> {
    lazy() { open(); }
};

struct buffered : memory_log<fsync_never> {
    buffered() {
        opts.write_buffer = 64 * kibibyte;
        open();
    }
};

std::optional<steady_time> in_an_hour() { return steady_clock::now() + std::chrono::hours(1); }

} // namespace log_durability

BOOST_AUTO_TEST_SUITE(log_durability)

// ---- what is durable when ----

BOOST_AUTO_TEST_CASE(with_fsync_always_what_was_appended_is_durable) {
    memory_log<> log;
    log.open();
    for (index_t i = 1; i <= 5; ++i) {
        log.append("a");
        BOOST_TEST(log.durable() == i);
    }
}

BOOST_FIXTURE_TEST_CASE(with_fsync_never_what_was_appended_is_durable_after_a_sync, lazy) {
    append("a");
    append("b");
    BOOST_TEST(durable() == 0U);
    must(log->sync());
    BOOST_TEST(durable() == 2U);
    must(log->sync()); // nothing to do
    append("c");
    BOOST_TEST(durable() == 2U);
}

BOOST_FIXTURE_TEST_CASE(an_append_can_ask_to_be_durable_under_any_policy, lazy) {
    append("a");
    must(log->append("b", {.wait = durability::durable}));
    BOOST_TEST(durable() == 2U); // and so is what came before it
    must(log->truncate(1, durability::durable));
    BOOST_TEST(durable() == 1U);
    const std::vector<record_view> two = records({"c", "d"});
    must(log->append_batch(two, {.wait = durability::durable}));
    BOOST_TEST(durable() == 3U);
}

BOOST_AUTO_TEST_CASE(an_append_can_do_without_being_durable_under_any_policy) {
    faulty_log<> f;
    must(f.log->append("a", {.wait = durability::written}));
    must(f.log->append("b", {.wait = durability::written}));
    BOOST_TEST(must(f.log->durable_index()) == 0U);
    BOOST_TEST(f.after_a_kill() == (texts{"a", "b"}), boost::test_tools::per_element());
    must(f.log->append("c"));
    BOOST_TEST(must(f.log->durable_index()) == 3U);
}

BOOST_FIXTURE_TEST_CASE(a_cut_lowers_what_is_durable_at_once, lazy) {
    append_samples(10);
    must(log->sync());
    must(log->truncate(5));
    append_samples(3);
    BOOST_TEST(durable() == 5U); // the three that replace them are not
    must(log->sync());
    BOOST_TEST(durable() == 8U);
}

// What takes the place of what was durable is shown to readers before it is synced, and must not pass for durable.
BOOST_AUTO_TEST_CASE(a_reader_of_what_is_durable_is_never_shown_what_replaced_it_before_that_is_synced) {
    faulty_log<> f;
    std::atomic<int> written{0};
    std::atomic<int> synced{0};
    f.opts.segment_size = 64 * mebibyte;
    f.open();
    for (int i = 0; i < 4; ++i)
        must(f.log->append("0"));
    f.calls.refuse([&](disk_call call, const std::string& file) -> std::error_code {
        if (call == disk_call::sync && tusk::segment_number(file) != 0)
            synced = written.load();
        return {};
    });
    std::atomic<int> shown{0};
    int early = 0;
    std::thread reading([&] {
        auto reader = must(f.log->read_from(1, visible::durable));
        while (shown < 50000) {
            const result<entry> e = reader.next();
            if (e && std::stoi(std::string(e.value().text())) > synced)
                ++early;
            if (e)
                ++shown;
            else if (e.error() != errc::truncated)
                reader.seek(1);
        }
    });
    for (int round = 1; shown < 50000; ++round) {
        written = round;
        const std::string text = std::to_string(round);
        must(f.log->replace_from(1, records({text, text, text, text})));
    }
    reading.join();
    BOOST_TEST(early == 0);
}

BOOST_FIXTURE_TEST_CASE(what_rolls_is_synced_by_any_policy, lazy) {
    fill_segments(5);
    BOOST_TEST(durable() + 3 * 45 >= last()); // at most two segments behind the one that is written to
}

BOOST_AUTO_TEST_CASE(with_fsync_interval_the_last_burst_is_synced_without_another_append) {
    using interval_log = basic_wal<binary_format, fsync_interval, memory_backend, no_compression>;
    options opts = small_options();
    opts.background = background::own(2);
    auto log = must(interval_log::open(memory_backend(), opts));
    auto f = must(log.follow(1, visible::durable));
    must(log.append("the last one for now"));
    BOOST_TEST(must(f.next({}, in_an_hour())).text() == "the last one for now");
    BOOST_TEST(must(log.durable_index()) == 1U);
}

// ---- tickets ----

BOOST_FIXTURE_TEST_CASE(what_is_submitted_has_its_index_at_once_and_is_durable_when_waited_for, lazy) {
    const ticket one = must(log->submit(records({"a", "b"})));
    const ticket two = must(log->submit(records({"c"})));
    BOOST_TEST((one.entries == index_range{1, 2}));
    BOOST_TEST((two.entries == index_range{3, 3}));
    BOOST_TEST(durable() == 0U);
    must(log->wait_durable(one));
    BOOST_TEST(durable() >= 2U);
    must(log->wait_durable(two));
    BOOST_TEST(durable() == 3U);
    BOOST_TEST(all() == (texts{"a", "b", "c"}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(what_is_submitted_is_seen_by_who_reads_and_comes_before_what_is_appended, lazy) {
    must(log->submit(records({"a"})));
    BOOST_TEST(append("b") == 2U);
    must(log->submit(records({"c"})));
    BOOST_TEST(last() == 3U);
    BOOST_TEST(text(3) == "c");
    must(log->submit(records({"d"})));
    reopen();
    BOOST_TEST(all() == (texts{"a", "b", "c", "d"}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_ticket_for_what_was_cut_says_truncated_and_never_ok_for_its_successor, lazy) {
    append("a");
    const ticket cut = must(log->submit(records({"b", "c"})));
    must(log->truncate(1));
    append("new b");
    append("new c");
    BOOST_TEST(fails_with(log->wait_durable(cut), errc::truncated));
    const ticket kept = must(log->submit(records({"d"})));
    must(log->wait_durable(kept));
}

BOOST_FIXTURE_TEST_CASE(a_ticket_whose_last_entry_was_cut_says_truncated, lazy) {
    const ticket t = must(log->submit(records({"a", "b", "c"})));
    must(log->truncate(2));
    BOOST_TEST(fails_with(log->wait_durable(t), errc::truncated));
}

BOOST_FIXTURE_TEST_CASE(a_ticket_for_what_was_replaced_at_the_same_index_says_truncated, lazy) {
    append("a");
    const ticket t = must(log->submit(records({"b"})));
    must(log->replace_from(2, records({"new b"})));
    BOOST_TEST(fails_with(log->wait_durable(t), errc::truncated));
}

BOOST_FIXTURE_TEST_CASE(a_ticket_for_what_was_reset_away_says_truncated, lazy) {
    const ticket t = must(log->submit(records({"a", "b"})));
    must(log->reset(2));
    append("new b");
    BOOST_TEST(fails_with(log->wait_durable(t), errc::truncated));
}

BOOST_FIXTURE_TEST_CASE(a_ticket_for_what_was_dropped_was_durable, lazy) {
    const ticket t = must(log->submit(records({"a", "b"})));
    append("c");
    must(log->drop_before(3));
    must(log->wait_durable(t));
}

BOOST_FIXTURE_TEST_CASE(a_ticket_may_be_waited_for_long_after_and_many_times, lazy) {
    const ticket t = must(log->submit(records({"a"})));
    append_samples(200);
    for (int round = 0; round < 3; ++round)
        must(log->wait_durable(t));
}

BOOST_AUTO_TEST_CASE(waiting_ends_when_it_is_cancelled_or_out_of_time) {
    // A disk that syncs only when it is let.
    faulty_log<fsync_never> f;
    f.opts.background = background::own(2);
    f.opts.spare_segments = 0;
    f.log.reset();
    f.open();
    must(f.log->append("before")); // the segment is made
    std::mutex gate;
    const ticket t = must(f.log->submit(records({"a"})));
    must(f.log->last_index());
    f.calls.refuse([&](disk_call call, const std::string&) {
        if (call == disk_call::sync)
            const std::scoped_lock wait(gate);
        return std::error_code();
    });
    {
        const std::scoped_lock closed(gate);
        BOOST_TEST(fails_with(f.log->wait_durable(t, {}, steady_clock::now()), errc::timed_out));
        std::stop_source stop;
        stop.request_stop();
        BOOST_TEST(fails_with(f.log->wait_durable(t, stop.get_token(), in_an_hour()), errc::cancelled));
    }
    must(f.log->wait_durable(t, {}, in_an_hour()));
    f.log.reset();
}

BOOST_AUTO_TEST_CASE(waiting_with_a_deadline_far_away_sees_to_it_that_a_sync_comes) {
    memory_log<fsync_never> log;
    log.opts.background = background::own(2);
    log.open();
    const ticket t = must(log.log->submit(records({"a"})));
    std::stop_source stop;
    must(log.log->wait_durable(t, stop.get_token(), in_an_hour()));
    BOOST_TEST(log.durable() == 1U);
}

// ---- being told ----

BOOST_AUTO_TEST_CASE(on_durable_tells_in_order_and_never_on_the_callers_stack) {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<index_t> told;
    const std::thread::id me = std::this_thread::get_id();
    std::atomic<int> wrong{0};
    memory_log<> log;
    log.opts.background = background::own(2);
    log.opts.on_durable = [&](index_t i) {
        const std::scoped_lock lock(mutex);
        if (std::this_thread::get_id() == me)
            ++wrong;
        told.push_back(i);
        changed.notify_all();
    };
    log.open();
    log.append_samples(50);
    {
        std::unique_lock lock(mutex);
        changed.wait(lock, [&] { return !told.empty() && told.back() == 50; });
    }
    log.append_samples(50);
    log.close();
    BOOST_TEST(told.back() == 100U); // a close tells what is left
    BOOST_TEST(std::is_sorted(told.begin(), told.end()));
    BOOST_TEST((std::adjacent_find(told.begin(), told.end()) == told.end()));
}

BOOST_AUTO_TEST_CASE(on_durable_may_call_the_log) {
    memory_log<> log;
    log.opts.background = background::own(2);
    std::mutex mutex;
    std::condition_variable changed;
    std::string seen;
    log.opts.on_durable = [&](index_t i) {
        const std::scoped_lock lock(mutex);
        seen = std::string(log.log->get(i).value().text());
        changed.notify_all();
    };
    log.open();
    log.append("a");
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return seen == "a"; });
    log.log->sync().value();
}

// ---- a write buffer ----

BOOST_FIXTURE_TEST_CASE(a_kill_loses_what_is_gathered_in_memory_and_no_more, buffered) {
    append("a");
    append("b");
    must(log->sync());
    append("c");
    kill_and_open();
    BOOST_TEST(all() == (texts{"a", "b"}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_sync_keeps_what_was_gathered, buffered) {
    append_samples(10);
    must(log->sync());
    BOOST_TEST(durable() == 10U);
    kill_and_open();
    BOOST_TEST(all() == samples(1, 10), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_close_keeps_what_was_gathered, buffered) {
    append_samples(10);
    reopen();
    BOOST_TEST(all() == samples(1, 10), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(one_append_can_be_written_at_once_beside_a_buffer, buffered) {
    append("a");
    must(log->append("b", {.wait = durability::written}));
    append("c");
    kill_and_open();
    BOOST_TEST(all() == (texts{"a", "b"}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_buffer_that_is_full_is_written_once, buffered) {
    std::vector<std::string> wanted;
    for (std::size_t i = 0; i < 600; ++i)
        wanted.push_back(sample(i, 1000));
    for (const std::string& t : wanted)
        append(t);
    BOOST_TEST((all() == wanted));
    reopen();
    BOOST_TEST((all() == wanted));
}

BOOST_FIXTURE_TEST_CASE(entries_larger_than_the_buffer_come_back_whole, buffered) {
    const std::string large(300 * 1024, 'x');
    append("a");
    append(large);
    append("b");
    reopen();
    BOOST_TEST((all() == texts{"a", large, "b"}));
}

// ---- a disk that fails ----

BOOST_AUTO_TEST_CASE(a_failed_sync_poisons_and_who_waited_hears_that_the_outcome_is_open) {
    faulty_log<> f;
    must(f.log->append("a"));
    f.refuse(disk_call::sync, io_error);
    BOOST_TEST(fails_with(f.log->append("b"), errc::indeterminate));
    f.calls.refuse_nothing();
    const auto before = f.disk.contents();
    const std::vector<record_view> one = records({"x"});
    BOOST_TEST(fails_with(f.log->append("c"), errc::poisoned));
    BOOST_TEST(fails_with(f.log->append_batch(one), errc::poisoned));
    BOOST_TEST(fails_with(f.log->replace_from(1, one), errc::poisoned));
    BOOST_TEST(fails_with(f.log->submit(one), errc::poisoned));
    BOOST_TEST(fails_with(f.log->truncate(0), errc::poisoned));
    BOOST_TEST(fails_with(f.log->reset(7), errc::poisoned));
    BOOST_TEST(fails_with(f.log->drop_before(2), errc::poisoned));
    BOOST_TEST(fails_with(f.log->roll(), errc::poisoned));
    BOOST_TEST(fails_with(f.log->sync(), errc::poisoned));
    BOOST_TEST((f.disk.contents() == before));
    // What is durable is still served; what is not, is not.
    BOOST_TEST(must(f.log->get(1)).text() == "a");
    BOOST_TEST(must(f.log->last_index()) == 1U);
    BOOST_TEST(must(f.log->durable_index()) == 1U);
    BOOST_TEST(fails_with(f.log->get(2), errc::poisoned));
    BOOST_TEST(f.all() == texts{"a"}, boost::test_tools::per_element());
    BOOST_TEST(fails_with(f.log->close(), errc::poisoned));
    f.open();
    must(f.log->append("c"));
    BOOST_TEST(f.all().front() == "a");
}

BOOST_AUTO_TEST_CASE(no_sync_is_tried_again_after_one_has_failed) {
    faulty_log<> f;
    must(f.log->append("a"));
    f.refuse(disk_call::sync, io_error);
    BOOST_TEST(!f.log->append("b"));
    f.calls.refuse_nothing();
    f.calls.forget();
    BOOST_TEST(!f.log->sync());
    BOOST_TEST(!f.log->append("c"));
    BOOST_TEST(!f.log->close());
    BOOST_TEST(f.calls[disk_call::sync] == 0U);
    BOOST_TEST(f.calls[disk_call::write] == 0U);
}

BOOST_AUTO_TEST_CASE(a_failed_sync_under_a_lazy_policy_is_told_to_who_syncs) {
    faulty_log<fsync_never> f;
    must(f.log->append("a"));
    must(f.log->sync());
    must(f.log->append("b"));
    f.refuse(disk_call::sync, io_error);
    BOOST_TEST(fails_with(f.log->sync(), errc::indeterminate));
    BOOST_TEST(fails_with(f.log->append("c"), errc::poisoned));
    BOOST_TEST(f.all() == texts{"a"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(everyone_who_shared_a_sync_that_failed_hears_of_it) {
    faulty_log<> f;
    must(f.log->append("before"));
    f.refuse(disk_call::sync, io_error);
    std::atomic<int> fine{0};
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 8; ++t)
            threads.emplace_back([&] {
                if (f.log->append("x"))
                    ++fine;
            });
    }
    BOOST_TEST(fine == 0);
    BOOST_TEST(must(f.log->durable_index()) == 1U);
}

BOOST_AUTO_TEST_CASE(a_write_without_room_says_so_and_the_log_goes_on_when_there_is_room) {
    faulty_log<> f;
    must(f.log->append("a"));
    f.refuse_once(disk_call::write, errc::no_space);
    BOOST_TEST(fails_with(f.log->append("b"), errc::no_space));
    BOOST_TEST(must(f.log->last_index()) == 1U);
    BOOST_TEST(must(f.log->append("c")) == 2U);
    BOOST_TEST(must(f.log->append("d")) == 3U);
    BOOST_TEST(f.all() == (texts{"a", "c", "d"}), boost::test_tools::per_element());
    BOOST_TEST(f.after_a_kill() == (texts{"a", "c", "d"}), boost::test_tools::per_element());
    must(f.log->close());
    f.open();
    BOOST_TEST(f.all() == (texts{"a", "c", "d"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_index_whose_write_failed_is_given_again_and_counted_once) {
    faulty_log<> f;
    f.refuse_once(disk_call::write, io_error);
    BOOST_TEST(fails_with(f.log->append("a"), io_error));
    BOOST_TEST(must(f.log->empty()));
    BOOST_TEST(must(f.log->append("a again")) == 1U);
    BOOST_TEST(f.after_a_kill() == texts{"a again"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(without_room_for_a_new_segment_nothing_is_written) {
    faulty_log<> f;
    while (must(f.log->segment_count()) < 2)
        must(f.log->append(sample(1)));
    f.refuse(disk_call::create, errc::no_space);
    result<index_t> last = errc::no_space;
    for (;;) {
        last = f.log->append(sample(1));
        if (!last)
            break;
    }
    BOOST_TEST(fails_with(last, errc::no_space));
    const index_t end = must(f.log->last_index());
    BOOST_TEST(fails_with(f.log->append(sample(1)), errc::no_space));
    must(f.log->drop_before(end)); // needs no room
    BOOST_TEST(must(f.log->first_index()) == end);
    f.calls.refuse_nothing();
    BOOST_TEST(must(f.log->append("there is room")) == end + 1);
}

BOOST_AUTO_TEST_CASE(everyone_who_waits_for_writes_that_fail_hears_of_it) {
    faulty_log<> f;
    must(f.log->append("before"));
    f.refuse(disk_call::write, errc::no_space);
    std::atomic<int> fine{0};
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 8; ++t)
            threads.emplace_back([&] {
                for (int i = 0; i < 10; ++i)
                    if (f.log->append("x"))
                        ++fine;
            });
    }
    BOOST_TEST(fine == 0);
    f.calls.refuse_nothing();
    BOOST_TEST(must(f.log->append("after")) == 2U);
    BOOST_TEST(f.after_a_kill() == (texts{"before", "after"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(submitted_entries_keep_their_indexes_when_they_cannot_be_written_at_once) {
    faulty_log<fsync_never> f;
    must(f.log->append("a"));
    must(f.log->submit(records({"b"})));
    const ticket c = must(f.log->submit(records({"c"})));
    f.refuse_once(disk_call::write, errc::no_space);
    BOOST_TEST(fails_with(f.log->sync(), errc::no_space));
    BOOST_TEST(must(f.log->append("d")) == 4U);
    must(f.log->wait_durable(c));
    BOOST_TEST(f.after_a_kill() == (texts{"a", "b", "c", "d"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_state_file_that_cannot_be_written_drops_nothing) {
    faulty_log<> f;
    for (int i = 0; i < 100; ++i)
        must(f.log->append(sample(1)));
    f.calls.refuse([](disk_call call, const std::string& name) {
        return call == disk_call::write && name == "state" ? io_error : std::error_code();
    });
    BOOST_TEST(fails_with(f.log->drop_before(60), io_error));
    BOOST_TEST(must(f.log->first_index()) == 1U);
    BOOST_TEST(must(f.log->get(1)).text() == sample(1));
    f.calls.refuse_nothing();
    must(f.log->drop_before(60));
    BOOST_TEST(must(f.log->first_index()) == 60U);
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_removed_does_not_matter) {
    faulty_log<> f;
    while (must(f.log->segment_count()) < 4)
        must(f.log->append(sample(1)));
    f.refuse(disk_call::remove, io_error);
    const index_t end = must(f.log->last_index());
    must(f.log->drop_before(end));
    BOOST_TEST(must(f.log->first_index()) == end);
    f.calls.refuse_nothing();
    must(f.log->close());
    f.open();
    BOOST_TEST(must(f.log->first_index()) == end);
    BOOST_TEST(f.disk.segments().size() == 1U); // the next open has seen to it
}

BOOST_AUTO_TEST_CASE(an_open_on_a_disk_that_cannot_be_read_passes_the_error_on) {
    faulty_log<> f;
    must(f.log->append("a"));
    must(f.log->close());
    f.log.reset();
    const auto before = f.disk.contents();
    f.refuse(disk_call::read, io_error);
    BOOST_TEST(fails_with(faulty_log<>::log_type::open(counting_backend(f.disk.backend(), f.calls), f.opts), io_error));
    BOOST_TEST((f.disk.contents() == before));
    f.calls.refuse_nothing();
    f.open();
    BOOST_TEST(f.all() == texts{"a"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
