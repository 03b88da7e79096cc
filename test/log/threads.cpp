#include <tusk/log/log_engine.hpp>

#include <log/steered_log.hpp>

#include <thread>

using namespace log_test;

namespace {

template<class FsyncPolicy>
struct beside : steered_log<FsyncPolicy> {
    // From now on such a call on this file waits until `held` is opened. Set while nobody calls.
    void hold_up_on(const std::string& file, disk_call which) {
        this->held.close();
        this->calls.refuse([this, file, which](disk_call call, const std::string& name) {
            if (call == which && name == file)
                this->held.pass();
            return std::error_code();
        });
    }
    void go_on() { this->held.open(); }
};
using lazy = beside<fsync_never>;

// Compresses nothing, and has something else happen while an append is under way.
struct interrupted : no_compression {
    static constexpr std::uint8_t id = codec::user;
    static inline std::function<void()> meanwhile;

    [[nodiscard]] static constexpr bool reads(std::uint8_t codec) noexcept { return codec == id; }
    [[nodiscard]] std::size_t compress(byte_view, byte_span) const noexcept {
        if (const auto f = std::exchange(meanwhile, nullptr))
            f();
        return 0;
    }
};
template<class FsyncPolicy = fsync_never>
struct interruptible : steered_log<FsyncPolicy, interrupted> {};

} // namespace

BOOST_AUTO_TEST_SUITE(log_threads)

// ---- one call in the middle of another ----

BOOST_FIXTURE_TEST_CASE(entries_that_are_being_dropped_cannot_be_held_any_more, lazy) {
    open();
    append_samples(10);
    hold_up(disk_call::sync);
    std::jthread dropper([this] { must(log->drop_before(6)); });
    held.await(1);
    BOOST_TEST(fails_with(log->hold(5), errc::dropped));
    auto kept = must(log->hold(6));
    held.open();
    dropper.join();
    BOOST_TEST(must(log->get(6)).text() == sample(6));
    BOOST_TEST(fails_with(log->drop_before(7), errc::held));
}

BOOST_FIXTURE_TEST_CASE(nothing_can_be_held_while_a_log_is_reset, lazy) {
    open();
    append_samples(10);
    hold_up(disk_call::write);
    std::jthread resetter([this] { must(log->reset(100)); });
    held.await(1);
    BOOST_TEST(fails_with(log->hold(5), errc::dropped));
    held.open();
    resetter.join();
    BOOST_TEST(must(log->first_index()) == 100U);
    (void)must(log->hold(100));
}

BOOST_FIXTURE_TEST_CASE(a_cut_and_a_roll_in_the_middle_of_a_drop_leave_the_segments_that_the_state_names, lazy) {
    open();
    append_samples(100); // three segments
    hold_up_on("state", disk_call::sync);
    std::jthread dropper([this] { must(log->drop_before(95)); });
    held.await(1);
    must(log->truncate(94));
    held.open(); // the roll changes the state too
    must(log->roll());
    append("new 95");
    dropper.join();
    calls.refuse_nothing();
    append("new 96");
    const auto left = all();
    kill_and_open();
    BOOST_TEST(all() == left, boost::test_tools::per_element());
    BOOST_TEST(must(log->first_index()) == 95U);
}

BOOST_FIXTURE_TEST_CASE(threads_that_find_no_room_for_a_segment_drop_one_together, lazy) {
    opts.max_segments = 3;
    opts.at_limit = limit_policy::drop_oldest;
    open();
    while (must(log->segment_count()) < 3)
        append_samples(1);
    const std::string large(3000, 'x');
    append(large); // the next one needs another segment
    hold_up_on("state", disk_call::sync);
    std::atomic<int> asked{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            ++asked;
            append(std::string(800, 'y'));
        });
    held.await(1);
    while (asked < 4)
        std::this_thread::yield();
    for (int i = 0; i < 1000; ++i)
        std::this_thread::yield(); // most likely all of them stand where they wait by now
    held.open();
    threads.clear();
    BOOST_TEST(must(log->segment_count()) == 3U);
}

BOOST_FIXTURE_TEST_CASE(more_threads_than_groups_submit_and_nobody_is_left_waiting, lazy) {
    open();
    const std::string large(200 * kibibyte, 'x'); // a group of its own
    const std::vector<record_view> one{large};
    append("before");
    for (int i = 0; i < 8; ++i)
        must(log->submit(one));
    hold_up(disk_call::write);
    const auto submit_small = [&] { must(log->submit(records({"small"}))); }; // quicker than the others in what follows
    std::jthread first(submit_small);                                         // writes the oldest group
    held.await(1);
    std::jthread second(submit_small); // will write the one after it
    for (int i = 0; i < 1000; ++i)
        std::this_thread::yield();
    std::atomic<int> asked{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 12; ++i)
        threads.emplace_back([&] {
            ++asked;
            must(log->submit(one));
        });
    while (asked < 12)
        std::this_thread::yield();
    for (int i = 0; i < 1000; ++i)
        std::this_thread::yield();
    held.open();
    threads.clear(); // would never end
    first.join();
    second.join();
    BOOST_TEST(must(log->last_index()) == 23U);
}

// ---- a close beside other calls ----

BOOST_FIXTURE_TEST_CASE(an_append_that_is_under_way_when_a_log_closes_is_refused, interruptible<>) {
    open();
    append("a");
    interrupted::meanwhile = [this] { must(log->close()); };
    BOOST_TEST(fails_with(log->append("late"), errc::closed));
    open();
    BOOST_TEST(all() == texts{"a"}, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(an_append_that_is_under_way_when_a_log_closes_on_a_full_disk_is_refused, interruptible<>) {
    opts.write_buffer = 16 * kibibyte;
    open();
    append("a");
    must(log->sync());
    append("b");
    refuse(disk_call::write, errc::no_space);
    BOOST_TEST(fails_with(log->sync(), errc::no_space));
    interrupted::meanwhile = [this] {
        BOOST_TEST(fails_with(log->close(), errc::no_space));
        calls.refuse_nothing();
    };
    BOOST_TEST(fails_with(log->append("late"), errc::closed));
    open();
    BOOST_TEST(all() == texts{"a"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
