#include <tusk/log/syncer.hpp>

#include <log/steered_log.hpp>

#include "scene.hpp"

#include <tusk/backend/posix.hpp>

#include <backend/real_disk.hpp>

#include <thread>

using namespace scenario;

namespace scenarios_sync {

using on_disk = simulated_log<>;
using lazy_on_disk = simulated_log<fsync_never>;

// A disk that takes a write and its sync as one request of two parts; the second is cancelled if the first was short.
struct linked_file : simulated_file {
    linked_file(simulated_file f, std::shared_ptr<bool> short_write)
        : simulated_file(std::move(f)), short_(std::move(short_write)) {}
    [[nodiscard]] result<void> write_synced(std::uint64_t at, std::span<const byte_view> pieces,
                                            result<void>& synced) noexcept {
        TUSK_TRY(write(at, pieces)); // what was missing is written by another request
        synced = *short_ ? result<void>(system_code(ECANCELED)) : sync();
        return success();
    }

private:
    std::shared_ptr<bool> short_;
};
struct linked_backend : simulated_backend {
    using file = linked_file;

    linked_backend(const simulated_disk& disk, std::shared_ptr<bool> short_write)
        : simulated_backend(disk), short_(std::move(short_write)) {}
    [[nodiscard]] result<file> create(const char* name, std::uint64_t size) noexcept {
        TUSK_TRY(auto made, simulated_backend::create(name, size));
        return file(std::move(made), short_);
    }
    [[nodiscard]] result<file> open(const char* name, open_for purpose) noexcept {
        TUSK_TRY(auto opened, simulated_backend::open(name, purpose));
        return file(std::move(opened), short_);
    }

private:
    std::shared_ptr<bool> short_;
};
static_assert(writes_synced<linked_file>);

} // namespace scenarios_sync

BOOST_AUTO_TEST_SUITE(scenarios_sync)

// etcd 14370, YugabyteDB 32875
BOOST_AUTO_TEST_CASE(what_is_acknowledged_has_been_persisted_before) {
    on_disk l;
    l.open();
    const auto there = [&](const texts& wanted) {
        on_disk after = l.twin();
        after.lose_power_and_open();
        after.holds(wanted);
    };
    l.append("a");
    there({"a"});
    must(l.log->append_batch(records({"b", "c"})));
    there({"a", "b", "c"});
    auto t = l.log->begin();
    must(t.add("d"));
    must(t.commit());
    there({"a", "b", "c", "d"});
    must(l.log->truncate(2));
    there({"a", "b"});
    must(l.log->replace_from(2, records({"B", "C"})));
    there({"a", "B", "C"});
    must(l.log->wait_durable(must(l.log->submit(records({"e"})))));
    there({"a", "B", "C", "e"});
    must(l.log->drop_before(3));
    there({"C", "e"});
    must(l.log->reset(9));
    there({});
}
BOOST_AUTO_TEST_CASE(nothing_is_acknowledged_or_shown_as_durable_while_its_sync_is_under_way) {
    steered_log<> l;
    l.open();
    l.append("a");
    l.hold_up(log_test::disk_call::sync);
    std::atomic<bool> acknowledged{false};
    std::jthread appending([&] {
        l.append("b");
        acknowledged = true;
    });
    l.held.await(1);
    BOOST_TEST(!acknowledged);
    BOOST_TEST(l.durable() == 1U);
    auto reading = must(l.log->read_from(2, visible::durable));
    BOOST_TEST(fails_with(reading.next(), errc::beyond_end));
    l.held.open();
    appending.join();
    BOOST_TEST(must(reading.next()).text() == "b");
}

// raft-wal
BOOST_AUTO_TEST_CASE(a_directory_whose_first_sync_failed_is_synced_before_anything_in_it_is_acknowledged) {
    std::size_t failures = 0;
    for (std::uint64_t nth = 1; nth < 8; ++nth) {
        on_disk l;
        l.opts.spare_segments = 0;
        l.disk.fail({.on = call_of_disk::sync_directory, .nth = nth, .error = EIO});
        texts acknowledged;
        for (int attempt = 0; attempt < 4; ++attempt) {
            if (!l.log && !l.try_open()) {
                ++failures;
                continue;
            }
            for (int i = 0; i < 3; ++i) { // each in a segment of its own
                const std::string text = std::to_string(attempt) + std::to_string(i);
                if (l.log->append(text) && l.log->roll())
                    acknowledged.push_back(text);
                else
                    ++failures;
            }
        }
        l.lose_power_and_open();
        for (const std::string& text : acknowledged) {
            const texts left = l.all();
            BOOST_TEST((std::find(left.begin(), left.end(), text) != left.end()), text << " is lost, with " << nth);
        }
    }
    BOOST_TEST(failures >= 3U);
}

// LevelDB PR 577
BOOST_AUTO_TEST_CASE(an_append_that_found_no_room_takes_no_later_one_with_it) {
    for (std::size_t written = 0; written <= 1600; written += 50) {
        on_disk l;
        l.open();
        l.append("before");
        l.disk.fail({.on = call_of_disk::write, .nth = 1, .error = ENOSPC, .written = written});
        BOOST_TEST(fails_with(l.log->append(std::string(1500, 'x')), errc::no_space));
        l.append("after");
        for (const disk_loss& loss : {disk_loss::drop_unsynced(), disk_loss::keep_all(), disk_loss::torn(written)}) {
            on_disk later = l.twin();
            later.lose_power_and_open(loss);
            later.holds({"before", "after"});
        }
    }
}

// LevelDB 1081
BOOST_AUTO_TEST_CASE(an_error_of_closing_a_file_is_told) {
    std::size_t told = 0;
    for (std::uint64_t nth = 1;; ++nth) {
        on_disk l;
        l.open();
        l.append_samples(5);
        l.disk.fail({.on = call_of_disk::close, .nth = nth, .error = EIO});
        const std::uint64_t before = l.disk.count(call_of_disk::close);
        const auto closed = l.log->close();
        if (l.disk.count(call_of_disk::close) - before < nth) { // there were no more
            BOOST_TEST(!!closed);
            break;
        }
        BOOST_TEST(!closed);
        ++told;
    }
    BOOST_TEST(told >= 2U); // a segment and the state file
}

// RocksDB 3096
BOOST_AUTO_TEST_CASE(nobody_who_waited_for_a_write_of_another_that_failed_is_told_that_it_went_well) {
    for (const log_test::disk_call failing : {log_test::disk_call::write, log_test::disk_call::sync}) {
        steered_log<> l;
        l.open();
        l.append("before");
        l.held.close();
        l.calls.refuse([&](log_test::disk_call call, const std::string& name) {
            if (call != failing || name == "state")
                return std::error_code();
            l.held.pass();
            return io_error;
        });
        std::atomic<int> fine{0};
        std::vector<std::jthread> threads;
        for (int t = 0; t < 6; ++t)
            threads.emplace_back([&] { fine += l.log->append("x") ? 1 : 0; });
        l.held.await(1); // one leads, the others gather behind it
        l.held.open();
        threads.clear();
        BOOST_TEST(fine == 0);
        l.kill_and_open();
        const texts left = l.all();
        BOOST_TEST(left.front() == "before");
        BOOST_TEST((failing == log_test::disk_call::sync || left.size() == 1U));
    }
}

// RocksDB 10560
BOOST_AUTO_TEST_CASE(what_is_appended_while_a_sync_runs_is_not_covered_by_it) {
    steered_log<fsync_never> l;
    l.open();
    l.append("a");
    l.hold_up(log_test::disk_call::sync);
    std::jthread syncing([&] { must(l.log->sync()); });
    l.held.await(1);
    l.append("b");
    l.held.open();
    syncing.join();
    BOOST_TEST(l.durable() == 1U);
    must(l.log->sync());
    BOOST_TEST(l.durable() == 2U);
}

// RocksDB 12873
BOOST_AUTO_TEST_CASE(an_append_that_is_tried_again_after_a_failed_write_is_there_once) {
    for (std::size_t written = 0; written <= 400; written += 8) { // the frame whole and more, too
        on_disk l;
        l.open();
        l.append("before");
        l.disk.fail({.on = call_of_disk::write, .nth = 1, .error = ENOSPC, .written = written});
        BOOST_TEST(!l.log->append(sample(2, 200)));
        BOOST_TEST(l.append(sample(2, 200)) == 2U);
        for (const bool power : {false, true}) {
            on_disk later = l.twin();
            power ? later.lose_power_and_open(disk_loss::keep_all()) : later.kill_and_open();
            later.holds({"before", sample(2, 200)});
        }
    }
}

// RocksDB 10460
BOOST_AUTO_TEST_CASE(a_sync_of_what_is_closed_is_an_error) {
    const auto refuses = [](auto backend) {
        must(backend.attach(/*create=*/true));
        auto file = must(backend.create("0000000001.wal", 4096));
        must(file.sync());
        must(file.close());
        BOOST_TEST(!file.sync());
        BOOST_TEST(!file.close());
    };
    const real_disk::place_on_disk<posix_backend> place;
    refuses(memory_backend());
    refuses(simulated_backend(simulated_disk()));
    refuses(place.backend());
    auto never_attached = place.backend();
    BOOST_TEST(!never_attached.sync_directory());
    on_disk l;
    l.open();
    must(l.log->close());
    BOOST_TEST(fails_with(l.log->sync(), errc::closed));
}

// RocksDB 6963, LevelDB
BOOST_AUTO_TEST_CASE(an_error_of_reading_is_not_the_end_of_the_log) {
    on_disk begun;
    begun.open();
    begun.append_samples(20);
    must(begun.log->roll());
    begun.append_samples(20);
    begun.disk.kill();
    begun.log.reset();
    std::size_t failures = 0;
    for (const bool sticky : {false, true})
        for (std::uint64_t nth = 1;; ++nth) {
            on_disk l = begun.twin();
            l.disk.fail({.on = call_of_disk::read, .nth = nth, .error = EIO, .sticky = sticky});
            const std::uint64_t before = l.disk.count(call_of_disk::read);
            const auto opened = l.try_open();
            if (l.disk.count(call_of_disk::read) - before < nth)
                break;
            ++failures;
            BOOST_TEST_CONTEXT("read " << nth) {
                BOOST_TEST(fails_with(opened, std::error_code(EIO, std::system_category())));
                for (const char* const name : {"0000000001.wal", "0000000002.wal"})
                    BOOST_TEST((l.disk.contents(name) == begun.disk.contents(name)));
                l.disk.heal();
                l.open();
                l.holds(samples(1, 40));
            }
        }
    BOOST_TEST(failures >= 8U);
    on_disk l = begun.twin();
    l.open();
    l.disk.fail({.on = call_of_disk::read, .nth = 1, .error = EIO});
    BOOST_TEST(fails_with(l.log->get(3), std::error_code(EIO, std::system_category())));
    BOOST_TEST(must(l.log->get(3)).text() == sample(3));
}

// pebble d40d24140
BOOST_AUTO_TEST_CASE(how_far_the_log_is_durable_is_known_whether_or_not_anybody_wants_to_be_told) {
    for (const bool told : {false, true}) {
        lazy_on_disk l;
        l.opts.background = told ? background::own(1) : background::inline_();
        l.opts.witness_interval = std::chrono::hours(1);
        if (told)
            l.opts.on_durable = [](index_t) {};
        l.open();
        for (index_t i = 1; i <= 10; ++i) {
            l.append(sample(i));
            BOOST_TEST(must(l.log->durable_index()) == i - 1);
            must(l.log->sync());
            BOOST_TEST(must(l.log->durable_index()) == i);
        }
        l.append(sample(11)); // its frame says so too
        l.kill_and_open();
        BOOST_TEST(l.report.unproven_entries == 1U);
        must(l.log->close());
    }
}

// sled 935
BOOST_AUTO_TEST_CASE(a_write_whose_sync_was_cancelled_or_comes_apart_from_it_is_not_acknowledged) {
    using log_type = basic_wal<binary_format, fsync_always, linked_backend, no_compression>;
    const simulated_disk disk;
    const auto short_write = std::make_shared<bool>(false);
    auto log = must(log_type::open(linked_backend(disk, short_write), small_options()));
    must(log.append("a"));
    must(log.append("b"));
    *short_write = true;
    BOOST_TEST(fails_with(log.append("c"), errc::indeterminate));
    *short_write = false;
    BOOST_TEST(must(log.durable_index()) == 2U);
    BOOST_TEST(fails_with(log.append("d"), errc::poisoned)); // a sync is not tried again
    on_disk after;
    after.disk = disk.copy();
    after.lose_power_and_open();
    after.holds({"a", "b"});
}

BOOST_AUTO_TEST_SUITE_END()
