#include <tusk/log/dropper.hpp>

#include <log/steered_log.hpp>

#include "scene.hpp"

#include <thread>

using namespace scenario;

namespace scenarios_truncation {

struct durable_in_memory : memory_log<> {
    durable_in_memory() { open(); }
};
struct lazy_in_memory : memory_log<fsync_never> {
    lazy_in_memory() { open(); }
};
using on_disk = simulated_log<>;

} // namespace scenarios_truncation

BOOST_AUTO_TEST_SUITE(scenarios_truncation)

// raft-wal 31
BOOST_AUTO_TEST_CASE(after_a_truncation_at_a_sealed_edge_the_log_opens_and_goes_on) {
    durable_in_memory begun;
    begun.append_samples(7);
    must(begun.log->roll());
    begun.append_samples(5);
    begun.kill();
    for (const index_t keep : {index_t{6}, index_t{7}, index_t{8}})
        for (const bool closed : {false, true}) {
            durable_in_memory l;
            l.kill();
            l.disk.go_back_to(begun.disk.now());
            l.open();
            must(l.log->truncate(keep));
            closed ? l.reopen() : l.kill_and_open();
            BOOST_TEST(l.all() == samples(1, keep), boost::test_tools::per_element());
            BOOST_TEST(l.append(sample(keep + 1)) == keep + 1);
            l.reopen();
            BOOST_TEST(l.all() == samples(1, keep + 1), boost::test_tools::per_element());
        }
}
// The same from the front.
BOOST_AUTO_TEST_CASE(after_a_drop_at_a_sealed_edge_the_log_opens_and_goes_on) {
    for (const index_t first : {index_t{7}, index_t{8}, index_t{9}, index_t{13}}) {
        durable_in_memory l;
        l.append_samples(7);
        must(l.log->roll());
        l.append_samples(5);
        must(l.log->roll());
        must(l.log->drop_before(first));
        for (int life = 0; life < 2; ++life) {
            l.kill_and_open();
            BOOST_TEST(l.first() == first);
            BOOST_TEST(l.all() == samples(first, 12), boost::test_tools::per_element());
        }
        BOOST_TEST(l.append(sample(13)) == 13U);
        l.reopen();
        BOOST_TEST(l.all() == samples(first, 13), boost::test_tools::per_element());
    }
}

// RocksDB 7701
BOOST_AUTO_TEST_CASE(a_segment_that_lost_its_end_is_not_followed_by_the_next_with_a_hole_between) {
    durable_in_memory begun;
    begun.append_samples(5);
    must(begun.log->roll());
    begun.append_samples(5);
    begun.close();
    const std::uint64_t until = begun.disk.find(sample(5)).offset + sample(5).size();
    for (std::uint64_t size = 0; size < until; size += 3) {
        durable_in_memory l;
        l.kill();
        l.disk.go_back_to(begun.disk.now());
        l.disk.cut("0000000001.wal", size);
        const auto opened = l.try_open();
        BOOST_TEST_CONTEXT("cut to " << size) {
            BOOST_REQUIRE(!opened);
            BOOST_TEST((opened.error() == errc::corrupt || opened.error() == errc::missing));
        }
        l.opts.mode = open_mode::salvage; // says what is lost, and gives nothing another index
        l.open();
        BOOST_TEST(l.last() == 10U);
        BOOST_TEST(fails_with(l.log->get(5), errc::lost));
        for (index_t i = 6; i <= 10; ++i)
            BOOST_TEST(l.text(i) == sample(i));
    }
}

// braft PR 119
BOOST_AUTO_TEST_CASE(a_truncation_over_many_segments_leaves_no_hole_wherever_the_power_goes) {
    on_disk begun;
    begun.opts.spare_segments = 0;
    begun.open();
    begun.append_samples(200);
    BOOST_REQUIRE(must(begun.log->segment_count()) >= 4U);
    must(begun.log->close());
    begun.log.reset();
    for (const disk_loss& loss : {disk_loss::drop_unsynced(), disk_loss::keep_all(), disk_loss::torn(3)}) {
        const std::size_t calls = at_every_call(
            begun, loss,
            [](on_disk& l) {
                if (!l.try_open())
                    return 0;
                if (!l.log->truncate(20))
                    return 1;
                return l.log->append("after the cut") ? 3 : 2;
            },
            [](on_disk& l, int said) {
                const texts left = l.all();
                BOOST_TEST((left == samples(1, 200) || left == samples(1, 20) ||
                            left == samples(1, 20) + texts{"after the cut"}));
                BOOST_TEST((said < 2 || left.size() < 200));
                BOOST_TEST((said < 3 || left.size() == 21));
            });
        BOOST_TEST(calls >= 3U);
    }
}

// Redpanda 3709f81080
BOOST_AUTO_TEST_CASE(no_index_is_given_twice_while_the_front_is_dropped) {
    steered_log<> l;
    l.open();
    l.append_samples(50);
    must(l.log->roll());
    l.held.close();
    l.calls.refuse([&](log_test::disk_call call, const std::string& name) {
        if (call == log_test::disk_call::sync && name == "state")
            l.held.pass(); // in the middle of the drop
        return std::error_code();
    });
    std::jthread dropping([&] { must(l.log->drop_before(must(l.log->next_index()))); });
    l.held.await(1);
    BOOST_TEST(l.append("beside the drop") == 51U);
    l.held.open();
    dropping.join();
    BOOST_TEST(l.append("behind the drop") == 52U);
    BOOST_TEST(must(l.log->first_index()) == 51U);
    l.kill_and_open();
    BOOST_TEST(must(l.log->first_index()) == 51U);
    BOOST_TEST(l.all() == (texts{"beside the drop", "behind the drop"}), boost::test_tools::per_element());
    BOOST_TEST(l.append("next") == 53U);
}

// dqlite 190
BOOST_AUTO_TEST_CASE(a_segment_that_holds_fewer_entries_than_others_say_is_not_taken_for_whole) {
    durable_in_memory begun;
    begun.append_samples(20);
    must(begun.log->roll());
    begun.append_samples(3);
    begun.close();
    // The last entry's frame, gone as if it had never been there, and everything behind it moved up.
    const std::string name = "0000000001.wal";
    const std::string whole = begun.disk.read(name);
    const auto last = static_cast<std::size_t>(begun.disk.find(sample(20)).offset - 32 - 11) / 8 * 8;
    const std::size_t before = static_cast<std::size_t>(begun.disk.find(sample(19)).offset - 32 - 11) / 8 * 8;
    for (const std::string& shorter : {whole.substr(0, last), whole.substr(0, last) + whole.substr(2 * last - before)})
        for (const bool verify_all : {false, true}) {
            durable_in_memory l;
            l.kill();
            l.disk.go_back_to(begun.disk.now());
            l.disk.write(name, 0, shorter);
            l.disk.cut(name, shorter.size());
            l.opts.verify_all = verify_all;
            const auto opened = l.try_open();
            BOOST_TEST(!opened);
            BOOST_TEST((opened || opened.error() == errc::corrupt));
        }
}

// RocksDB 12591
BOOST_AUTO_TEST_CASE(what_another_segment_has_left_in_a_file_is_never_replayed) {
    lazy_in_memory begun;
    begun.append_samples(30);
    must(begun.log->roll());
    begun.append("new");
    must(begun.log->sync());
    begun.kill();
    const std::string old = begun.disk.read("0000000001.wal");
    const std::string used = begun.disk.read("0000000002.wal");
    const std::size_t end = (used.find_last_not_of('\0') + 8) / 8 * 8;
    for (std::size_t at = end; at < end + 400; at += 8) { // at their own offsets, and at all others
        lazy_in_memory l;
        l.kill();
        l.disk.go_back_to(begun.disk.now());
        l.disk.write("0000000002.wal", end, old.substr(at, 2000));
        l.open();
        BOOST_TEST(l.all() == samples(1, 30) + texts{"new"}, boost::test_tools::per_element());
        BOOST_TEST(l.append("next") == 32U);
        l.kill_and_open();
        BOOST_TEST(l.all() == samples(1, 30) + (texts{"new", "next"}), boost::test_tools::per_element());
    }
}

// RocksDB 6313
BOOST_AUTO_TEST_CASE(a_second_crash_after_a_recovery_that_stopped_in_the_middle_leaves_a_log_that_opens) {
    lazy_in_memory l;
    l.append_samples(10);
    must(l.log->roll());
    l.append_samples(10);
    must(l.log->roll());
    l.append_samples(10);
    l.kill();
    l.disk.damage(sample(25)); // nothing was synced there but by rolling
    l.open();
    BOOST_TEST(l.all() == samples(1, 24), boost::test_tools::per_element());
    for (int crash = 0; crash < 4; ++crash) {
        const index_t next = l.next();
        l.append("after crash " + std::to_string(crash));
        l.kill_and_open();
        BOOST_TEST(l.last() == next);
        l.append("torn");
        l.kill();
        l.disk.damage("torn");
        l.open();
        BOOST_TEST(l.last() == next);
        BOOST_TEST(l.text(next) == "after crash " + std::to_string(crash));
    }
}

// KAFKA-10471
BOOST_AUTO_TEST_CASE(that_a_log_was_closed_means_nothing_any_more_once_it_was_opened) {
    on_disk begun;
    begun.open();
    begun.append_samples(10);
    must(begun.log->close());
    begun.log.reset();
    const std::size_t calls = at_every_call(
        begun, disk_loss::drop_unsynced(),
        [](on_disk& l) {
            if (!l.try_open())
                return index_t{0};
            const auto done = l.log->append(sample(11));
            return done ? done.value() : 0;
        },
        [](on_disk& l, index_t acknowledged) {
            const index_t last = must(l.log->last_index());
            BOOST_TEST((last == 10U || last == 11U));
            BOOST_TEST(last >= acknowledged);
            l.holds(samples(1, last));
        });
    BOOST_TEST(calls >= 3U);
    // What was appended in a second life is read and checked, though the first one was closed.
    durable_in_memory l;
    l.append_samples(10);
    l.reopen();
    l.append_samples(10);
    l.kill();
    l.disk.damage(sample(15));
    BOOST_TEST(fails_with(l.try_open(), errc::corrupt));
}

BOOST_AUTO_TEST_SUITE_END()
