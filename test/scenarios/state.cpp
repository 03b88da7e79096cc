#include <tusk/log/state_file.hpp>

#include <log/forgery.hpp>

#include "scene.hpp"

#include <tusk/format/json.hpp>

#include <future>

using namespace scenario;

namespace scenarios_state {

struct durable_in_memory : memory_log<> {
    durable_in_memory() { open(); }
};
using on_disk = simulated_log<>;

const std::vector<disk_loss>& losses() {
    static const std::vector<disk_loss> all = [] {
        std::vector<disk_loss> some{disk_loss::drop_unsynced(), disk_loss::keep_all()};
        for (std::uint64_t seed = 0; seed < 8; ++seed)
            for (const auto model : {&disk_loss::torn, &disk_loss::ordered, &disk_loss::size_first})
                some.push_back(model(seed));
        return some;
    }();
    return all;
}

} // namespace scenarios_state

BOOST_AUTO_TEST_SUITE(scenarios_state)

// etcd 4903
BOOST_AUTO_TEST_CASE(an_append_after_a_recovery_goes_behind_what_is_there) {
    for (const bool torn : {false, true}) {
        durable_in_memory l;
        l.append_samples(6);
        l.kill();
        if (torn)
            l.disk.damage(sample(6));
        const index_t kept = torn ? 5 : 6;
        const std::string before = l.disk.read("0000000001.wal");
        l.open();
        for (index_t i = kept + 1; i <= kept + 5; ++i)
            BOOST_TEST(l.append(sample(i)) == i);
        const std::size_t proven = before.find(sample(5)) + sample(5).size();
        BOOST_TEST((l.disk.read("0000000001.wal").substr(0, proven) == before.substr(0, proven)));
        l.kill_and_open();
        BOOST_TEST(l.all() == samples(1, kept + 5), boost::test_tools::per_element());
    }
}

// etcd ccf477d12, raft-wal
BOOST_AUTO_TEST_CASE(what_could_be_written_can_be_read_whatever_the_limit_is_then) {
    durable_in_memory l;
    l.close();
    l.opts.max_record_size = mebibyte;
    l.open();
    const std::string large(300'000, 'L');
    l.append("small");
    l.append(large);
    l.append("behind it");
    l.opts.max_record_size = 100;
    for (const bool closed : {false, true, false}) {
        l.opts.verify_all = closed;
        closed ? l.reopen() : l.kill_and_open();
        BOOST_TEST(l.last() == 3U);
        BOOST_TEST((l.text(2) == large));
        auto reading = must(l.log->read_from(1));
        BOOST_TEST(must(reading.next()).text() == "small");
        BOOST_TEST((must(reading.next()).text() == large));
        BOOST_TEST(must(reading.next()).text() == "behind it");
        BOOST_TEST(fails_with(l.log->append(large), errc::too_large));
    }
}

// raft-wal 599b485
BOOST_AUTO_TEST_CASE(a_crash_between_the_state_file_and_the_segment_that_it_announces_leaves_a_log_that_opens) {
    on_disk begun;
    begun.opts.spare_segments = 0;
    begun.open();
    begun.append_samples(3);
    begun.disk.kill();
    begun.log.reset();
    for (const disk_loss& loss : losses())
        at_every_call(
            begun, loss,
            [](on_disk& l) {
                if (!l.try_open() || !l.log->roll())
                    return index_t{3};
                return l.log->append(sample(4)) ? index_t{4} : index_t{3};
            },
            [](on_disk& l, index_t acknowledged) {
                const index_t last = must(l.log->last_index());
                BOOST_TEST(last >= acknowledged);
                l.holds(samples(1, last));
                must(l.log->roll());
                BOOST_TEST(l.append(sample(last + 1)) == last + 1);
                l.reopen();
                l.holds(samples(1, last + 1));
            });
}

// raft-wal 1cab18f
BOOST_AUTO_TEST_CASE(an_entry_that_was_returned_shares_its_buffer_with_no_later_read) {
    durable_in_memory l;
    l.append_samples(100);
    std::vector<entry> kept;
    auto reading = must(l.log->read_from(1));
    for (index_t i = 1; i <= 100; ++i) {
        kept.push_back(must(l.log->get(i)));
        kept.push_back(must(reading.next()));
        kept.push_back(must(l.log->get_range(i, i)).front());
    }
    for (index_t i = 1; i <= 100; ++i)
        (void)must(l.log->get(101 - i));
    must(l.log->truncate(50));
    l.append_samples(100);
    must(l.log->drop_before(120));
    l.close();
    for (std::size_t i = 0; i < kept.size(); ++i)
        BOOST_TEST(kept[i].text() == sample(i / 3 + 1));
}

// KAFKA-16541
BOOST_AUTO_TEST_CASE(a_change_of_the_state_file_is_wholly_there_or_not_wherever_the_power_goes) {
    on_disk begun;
    begun.open();
    begun.append_samples(10);
    must(begun.log->roll());
    begun.append_samples(10);
    begun.disk.kill();
    begun.log.reset();
    for (const disk_loss& loss : losses())
        at_every_call(
            begun, loss,
            [](on_disk& l) {
                if (!l.try_open() || !l.log->drop_before(5))
                    return 1;
                return l.log->drop_before(15) ? 15 : 5;
            },
            [](on_disk& l, int acknowledged) {
                const index_t first = must(l.log->first_index());
                BOOST_TEST((first == 1U || first == 5U || first == 15U));
                BOOST_TEST(first >= static_cast<index_t>(acknowledged));
                l.holds(samples(first, 20));
            });
}

// Scylla f7197dabf8
BOOST_AUTO_TEST_CASE(segments_made_ahead_by_a_living_log_are_left_alone) {
    durable_in_memory l;
    l.close();
    l.opts.background = background::own(1);
    l.opts.spare_segments = 2;
    l.open();
    const auto rest = [&] {
        for (int round = 0; round < 3; ++round) {
            std::promise<void> done;
            background_task last(l.opts.background, [&] { done.set_value(); });
            (void)last.schedule(nanoseconds(0));
            done.get_future().wait();
        }
    };
    l.append_samples(5);
    rest();
    const auto before = l.disk.contents();
    BOOST_TEST(l.disk.segments().size() == 3U);
    options other = small_options();
    BOOST_TEST(fails_with(durable_in_memory::log_type::open(l.disk.backend(), other), errc::busy));
    other.mode = open_mode::salvage;
    BOOST_TEST(fails_with(durable_in_memory::log_type::open(l.disk.backend(), other), errc::busy));
    other.mode = open_mode::read_only;
    BOOST_TEST(must(must(durable_in_memory::log_type::open(l.disk.backend(), other)).last_index()) == 5U);
    BOOST_TEST((l.disk.contents() == before));
    for (int segment = 0; segment < 5; ++segment) { // into those that were there, and beyond
        must(l.log->roll());
        l.append_samples(5);
        rest();
    }
    const texts ahead = l.disk.segments();
    l.kill_and_open(); // those that nothing was written to may go now, but their numbers are never given again
    BOOST_TEST(l.all() == samples(1, 30), boost::test_tools::per_element());
    must(l.log->roll());
    l.append_samples(1);
    rest();
    BOOST_TEST(l.disk.segments().back() > ahead.back());
    l.reopen();
    BOOST_TEST(l.all() == samples(1, 31), boost::test_tools::per_element());
    l.close();
}

// Scylla PR 31740
BOOST_AUTO_TEST_CASE(unused_space_of_a_new_segment_holds_nothing_that_was_in_memory) {
    const auto is_blank = [](auto log, char fill) {
        log.open();
        for (int i = 0; i < 3; ++i) {
            log.append(std::string(500, 's'));
            must(log.log->roll());
            log.append("x");
        }
        const std::string last = log.disk.read(log.disk.segments().back());
        const std::size_t used = last.find_last_not_of(fill) + 2;
        BOOST_TEST(used < 1000U);
        BOOST_TEST(last.size() == min_segment_size);
        BOOST_TEST(last.find_first_not_of(fill, used) == std::string::npos);
    };
    is_blank(memory_log<>(), '\0');
    is_blank(memory_log<fsync_always, json_format>(), '\n');
}

// InfluxDB 4cc9c676dd
BOOST_AUTO_TEST_CASE(an_empty_or_cut_file_is_opened_or_refused_and_never_worse) {
    durable_in_memory begun;
    for (int segment = 0; segment < 3; ++segment) {
        begun.append_samples(3);
        must(begun.log->roll());
    }
    begun.append_samples(3);
    begun.kill();
    std::size_t opened = 0;
    for (const std::string& name : begun.disk.names())
        for (std::size_t size = 0; size < begun.disk.read(name).size(); size += size < 300 ? 1 : 131) {
            durable_in_memory l;
            l.kill();
            l.disk.go_back_to(begun.disk.now());
            l.disk.cut(name, size);
            if (const auto done = l.try_open()) {
                ++opened;
                const index_t last = l.last();
                BOOST_TEST(last >= 9U); // what only the lost bytes prove may go with them
                BOOST_TEST(l.all() == samples(1, last), boost::test_tools::per_element());
            } else {
                BOOST_TEST((done.error() == errc::corrupt || done.error() == errc::missing));
            }
        }
    BOOST_TEST(opened > 10U);
    // An empty file of a number that was never written to is no part of the log.
    durable_in_memory l;
    l.kill();
    l.disk.go_back_to(begun.disk.now());
    l.disk.write("0000000009.wal", 0, "");
    l.open();
    BOOST_TEST(l.all() == samples(1, 12), boost::test_tools::per_element());
    must(l.log->roll());
    l.append_samples(1);
    BOOST_TEST(l.disk.segments().back() > "0000000009.wal");
}

// NuRaft d5e66a0
BOOST_AUTO_TEST_CASE(no_number_loses_its_upper_bits) {
    durable_in_memory l;
    l.close();
    memory_log<> far;
    far.opts.first_index = (index_t{1} << 61) + 5;
    far.opts.previous_term = (term_t{1} << 60) + 1;
    far.open();
    std::vector<record_view> all_kinds;
    for (unsigned kind = 0; kind < 256; ++kind)
        if (kind < 2 || kind >= 128)
            all_kinds.push_back({sample(1), "key", (term_t{1} << 62) + kind, static_cast<entry_kind>(kind),
                                 (timestamp_t{1} << 63) + kind});
    const auto kept = all_kinds;
    for (std::size_t i = 0; i < kept.size() / 2; ++i) // one by one, then the rest as a batch
        must(far.log->append(kept[i]));
    must(far.log->append_batch(std::span(kept).subspan(kept.size() / 2)));
    for (const bool closed : {false, true}) {
        closed ? far.reopen() : far.kill_and_open();
        BOOST_TEST(far.first() == (index_t{1} << 61) + 5);
        BOOST_TEST(far.term(far.first() - 1) == (term_t{1} << 60) + 1);
        for (std::size_t i = 0; i < kept.size(); ++i) {
            const entry e = must(far.log->get(far.first() + i));
            BOOST_TEST(e.term() == kept[i].term);
            BOOST_TEST(static_cast<unsigned>(e.kind()) == static_cast<unsigned>(kept[i].kind));
            BOOST_TEST(e.time() == kept[i].time);
        }
    }
    memory_log<fsync_never> many; // more segments, and entries in a frame, than a byte counts
    many.open();
    for (index_t i = 1; i <= 300; ++i) {
        many.append(sample(i));
        must(many.log->roll());
    }
    const std::string text = sample(1);
    must(many.log->append_batch(std::vector<record_view>(70'000, record_view(text))));
    many.kill_and_open();
    BOOST_TEST(many.last() == 70'300U);
    for (const index_t i : {1U, 255U, 256U, 257U, 300U})
        BOOST_TEST(many.text(i) == sample(i));
    BOOST_TEST(many.text(70'300) == text);
}

// RocksDB 10478b98a5
BOOST_AUTO_TEST_CASE(a_clock_that_goes_back_removes_and_reorders_nothing) {
    durable_in_memory l;
    timestamp_t now = 2'000'000'000'000'000'000;
    for (index_t i = 1; i <= 30; ++i) {
        const std::string text = sample(i);
        must(l.log->append(record_view(text, "", 0, entry_kind::data, now)));
        now -= 100'000'000'000'000; // more than a day
        if (i % 5 == 0)
            must(l.log->roll());
        if (i % 7 == 0)
            i % 2 == 0 ? l.kill_and_open() : l.reopen();
    }
    l.kill_and_open();
    BOOST_TEST(l.all() == samples(1, 30), boost::test_tools::per_element());
    must(l.log->drop_before(11)); // by index, not by age
    l.kill_and_open();
    BOOST_TEST(l.all() == samples(11, 30), boost::test_tools::per_element());
    BOOST_TEST(must(l.log->get(30)).time() < must(l.log->get(11)).time());
}

BOOST_AUTO_TEST_SUITE_END()
