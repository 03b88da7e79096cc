#include <tusk/log/commit_queue.hpp>

#include <tusk/backend/mmap.hpp>
#include <tusk/backend/posix.hpp>

#include <allocations.hpp>
#include <backend/real_disk.hpp>
#include <log/counting_backend.hpp>
#include <log/fixture.hpp>

#include <thread>

using namespace log_test;

namespace log_costs {

template<class FsyncPolicy = fsync_always>
struct counted_log {
    using log_type = basic_wal<binary_format, FsyncPolicy, counting_backend, no_compression>;

    memory_disk disk;
    disk_calls calls;
    options opts = small_options();
    std::optional<log_type> log;

    void open() {
        log.reset();
        log.emplace(must(log_type::open(counting_backend(disk.backend(), calls), opts)));
    }
    // Writes and syncs, and nothing else, since the last time.
    void costs(unsigned writes, unsigned syncs) {
        BOOST_TEST(calls[disk_call::write] == writes);
        BOOST_TEST(calls[disk_call::sync] == syncs);
        BOOST_TEST(calls.all() == writes + syncs);
        calls.forget();
    }
};

struct fixture : counted_log<> {
    fixture() {
        opts.segment_size = mebibyte;
        open();
        must(log->append("before")); // the segment is there
        calls.forget();
    }
};

} // namespace log_costs

BOOST_FIXTURE_TEST_SUITE(log_costs, fixture)

BOOST_AUTO_TEST_CASE(an_append_is_one_write_and_one_sync) {
    for (int i = 0; i < 10; ++i) {
        must(log->append(sample(1)));
        costs(1, 1);
    }
}

BOOST_AUTO_TEST_CASE(a_batch_is_one_write_and_one_sync) {
    const std::vector<std::string> many(1000, "x");
    const std::vector<record_view> batch(many.begin(), many.end());
    must(log->append_batch(batch));
    costs(1, 1);
}

BOOST_AUTO_TEST_CASE(a_large_record_is_one_write_and_one_sync) {
    must(log->append(std::string(500000, 'x')));
    costs(1, 1);
}

BOOST_AUTO_TEST_CASE(a_transaction_costs_nothing_before_its_commit) {
    auto t = log->begin();
    for (int i = 0; i < 10; ++i)
        must(t.add("x"));
    costs(0, 0);
    must(t.commit());
    costs(1, 1);
}

BOOST_AUTO_TEST_CASE(a_truncation_costs_what_an_append_does) {
    must(log->append("x"));
    calls.forget();
    must(log->truncate(1));
    costs(1, 1);
}

BOOST_AUTO_TEST_CASE(a_replacement_costs_what_an_append_does) {
    must(log->append("x"));
    calls.forget();
    must(log->replace_from(2, records({"y", "z"})));
    costs(1, 1);
}

BOOST_AUTO_TEST_CASE(a_cut_that_does_not_wait_shares_the_sync_of_what_replaces_it) {
    must(log->append("x"));
    calls.forget();
    must(log->truncate(1, durability::written));
    must(log->append("y"));
    costs(2, 1);
}

BOOST_AUTO_TEST_CASE(what_is_submitted_together_is_written_and_synced_together) {
    ticket last;
    for (int i = 0; i < 10; ++i)
        last = must(log->submit(records({"x"})));
    costs(0, 0);
    must(log->wait_durable(last));
    costs(1, 1);
}

BOOST_AUTO_TEST_CASE(a_sync_of_what_is_durable_costs_nothing) {
    must(log->sync());
    costs(0, 0);
}

BOOST_AUTO_TEST_CASE(with_fsync_never_an_append_is_one_write) {
    counted_log<fsync_never> lazy;
    lazy.open();
    must(lazy.log->append("before"));
    lazy.calls.forget();
    must(lazy.log->append("x"));
    lazy.costs(1, 0);
    must(lazy.log->sync());
    lazy.costs(0, 1);
}

BOOST_AUTO_TEST_CASE(with_a_write_buffer_many_appends_are_one_write) {
    counted_log<fsync_never> lazy;
    lazy.opts.segment_size = mebibyte;
    lazy.opts.write_buffer = 64 * kibibyte;
    lazy.open();
    must(lazy.log->append("before"));
    must(lazy.log->sync());
    lazy.calls.forget();
    for (int i = 0; i < 100; ++i)
        must(lazy.log->append("x"));
    lazy.costs(0, 0);
    must(lazy.log->sync());
    lazy.costs(1, 1);
}

BOOST_AUTO_TEST_CASE(knowing_terms_and_edges_reads_nothing) {
    must(log->append(record_view("x", "", 5)));
    calls.forget();
    BOOST_TEST(must(log->term_at(2)) == 5U);
    BOOST_TEST(must(log->last_index()) == 2U);
    BOOST_TEST(must(log->bytes_after(1)) > 0U);
    costs(0, 0);
}

BOOST_AUTO_TEST_CASE(an_entry_is_read_with_one_call) {
    for (int i = 0; i < 1000; ++i)
        must(log->append(sample(1)));
    calls.forget();
    must(log->get(500));
    BOOST_TEST(calls.all() == 1U);
    BOOST_TEST(calls[disk_call::read] == 1U);
}

BOOST_AUTO_TEST_CASE(entries_that_stand_between_cuts_are_read_together) {
    for (index_t i = 2; i <= 100; ++i) {
        must(log->append("another's"));
        must(log->replace_from(i, records({"ours"})));
    }
    calls.forget();
    auto reader = must(log->read_from(1));
    for (index_t i = 1; i <= 100; ++i)
        BOOST_TEST(must(reader.next()).text() == (i == 1 ? "before" : "ours"));
    BOOST_TEST(calls.all() == 1U);
    calls.forget();
    BOOST_TEST(must(log->get_range(1, 100)).size() == 100U);
    BOOST_TEST(calls.all() == 1U);
}

BOOST_AUTO_TEST_CASE(appends_at_the_same_time_share_syncs) {
    // While the first one's sync waits, the others gather; then one sync is enough for all of them.
    std::mutex gate;
    std::atomic<unsigned> syncing{0};
    calls.refuse([&](disk_call call, const std::string&) {
        if (call == disk_call::sync) {
            ++syncing;
            const std::scoped_lock wait(gate);
        }
        return std::error_code();
    });
    std::vector<std::jthread> threads;
    std::atomic<unsigned> asked{0};
    {
        const std::scoped_lock closed(gate);
        threads.emplace_back([this] { must(log->append("first")); });
        while (syncing == 0)
            std::this_thread::yield();
        for (int t = 0; t < 8; ++t)
            threads.emplace_back([&] {
                ++asked;
                must(log->append("other"));
            });
        while (asked < 8)
            std::this_thread::yield();
    }
    threads.clear();
    calls.refuse_nothing();
    BOOST_TEST(must(log->durable_index()) == 10U);
    BOOST_TEST(calls[disk_call::sync] < 10U);
}

BOOST_AUTO_TEST_CASE(with_a_spare_at_hand_a_roll_adds_nothing_to_an_append) {
    counted_log<> l;
    l.opts.background = background::own(2);
    l.opts.spare_segments = 1;
    l.open();
    while (l.disk.segments().empty()) // the first spare is made in the background
        std::this_thread::yield();
    // What this thread asks of the disk, whatever goes on beside it.
    const std::thread::id me = std::this_thread::get_id();
    std::atomic<unsigned> mine{0};
    std::atomic<unsigned> others{0};
    l.calls.refuse([&](disk_call call, const std::string&) {
        if (std::this_thread::get_id() == me)
            ++mine;
        else if (call == disk_call::create)
            ++others;
        return std::error_code();
    });
    std::uint64_t segments = 0;
    for (int rolls = 0; rolls < 3;) {
        const std::size_t made = l.disk.segments().size();
        mine = 0;
        must(l.log->append(sample(1)));
        const std::uint64_t now = must(l.log->segment_count());
        if (now == segments) {
            BOOST_TEST(mine == 2U); // a write and a sync
            continue;
        }
        segments = now;
        ++rolls;
        BOOST_TEST(mine <= 3U);                  // and the sync of the segment that is left, whoever is first
        while (l.disk.segments().size() <= made) // the next spare
            std::this_thread::yield();
    }
    BOOST_TEST(others >= 3U);
    must(l.log->close());
    l.calls.refuse_nothing();
}

BOOST_AUTO_TEST_CASE(an_open_after_a_clean_close_costs_no_more_for_a_longer_log) {
    const auto cost_of_open = [](int entries) {
        counted_log<> l;
        l.opts.segment_size = mebibyte;
        l.open();
        for (int i = 0; i < entries; ++i)
            must(l.log->append(sample(1)));
        must(l.log->close());
        l.log.reset();
        l.calls.forget();
        l.calls.refuse([](disk_call call, const std::string& name) {
            BOOST_TEST((name == "state" || (call != disk_call::write && call != disk_call::sync)));
            return std::error_code();
        });
        l.open();
        l.calls.refuse_nothing();
        return l.calls.all();
    };
    BOOST_TEST(cost_of_open(10) == cost_of_open(5000));
}

BOOST_AUTO_TEST_CASE(an_append_in_steady_state_does_not_allocate) {
    counted_log<fsync_never> lazy;
    lazy.opts.segment_size = opts.segment_size;
    lazy.open();
    const std::string text = sample(1);
    const auto allocating = [&](auto& of) {
        for (int i = 0; i < 600; ++i) // the disk takes its memory in blocks of 64 KiB, and the index grows by doubling
            must(of.append(text));
        unsigned count = 0;
        for (int i = 0; i < 300; ++i) {
            const std::size_t before = allocations();
            const bool given = static_cast<bool>(of.append(text));
            count += allocations() != before || !given ? 1U : 0U;
        }
        return count;
    };
    BOOST_TEST(allocating(*log) <= 2U);
    BOOST_TEST(allocating(*lazy.log) <= 2U);
}

using backends_on_disk = std::tuple<posix_backend, mmap_backend>;

BOOST_AUTO_TEST_CASE_TEMPLATE(a_get_in_steady_state_does_not_allocate, Backend, backends_on_disk) {
    const real_disk::place_on_disk<Backend> place;
    options some = small_options();
    some.segment_size = 64 * kibibyte;
    auto on_disk = must(basic_wal<binary_format, fsync_never, Backend, no_compression>::open(place.backend(), some));
    constexpr index_t last = 500; // in several segments, of which all but one are sealed
    for (index_t i = 1; i <= last; ++i)
        must(on_disk.append(std::string(1000, 'x')));
    const auto allocating = [&] {
        unsigned count = 0;
        for (index_t i = 1; i <= last; ++i) {
            const std::size_t before = allocations();
            const auto found = on_disk.get(1 + (i * 7919) % last);
            count += allocations() != before || !found ? 1U : 0U;
        }
        return count;
    };
    (void)allocating(); // what is kept for later is made
    BOOST_TEST(allocating() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
