#include <tusk/log/copy.hpp>

#include <allocations.hpp>
#include <log/steered_log.hpp>

#include <tusk/backend/posix.hpp>
#include <tusk/compression/lz4.hpp>
#include <tusk/fsync/interval.hpp>

#include <cstdlib>
#include <thread>

#include <unistd.h>

using namespace log_test;

namespace log_copy {

// A directory of its own under TMPDIR, gone at the end.
class scratch_directory {
public:
    scratch_directory() {
        const char* const base = std::getenv("TMPDIR");
        path_ = std::string(base != nullptr ? base : "/tmp") + "/tusk_copy_XXXXXX";
        BOOST_REQUIRE(::mkdtemp(path_.data()) != nullptr);
    }
    scratch_directory(const scratch_directory&) = delete;
    template<class Log>
    void clear() const {
        must(Log::destroy(path_));
        ::rmdir(path_.c_str());
    }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

template<class From, class To>
void check_same(From& from, To& to) {
    BOOST_REQUIRE_EQUAL(must(to.first_index()), must(from.first_index()));
    BOOST_REQUIRE_EQUAL(must(to.next_index()), must(from.next_index()));
    const index_t first = must(from.first_index());
    if (first != 0)
        BOOST_TEST(must(to.term_at(first - 1)) == must(from.term_at(first - 1)));
    for (index_t i = first; i != 0 && i < must(from.next_index()); ++i) {
        const entry a = must(from.get(i));
        const entry b = must(to.get(i));
        BOOST_TEST(b.index() == a.index());
        BOOST_TEST(b.term() == a.term());
        BOOST_TEST((b.kind() == a.kind()));
        BOOST_TEST(b.time() == a.time());
        BOOST_TEST(to_text(b.key()) == to_text(a.key()));
        BOOST_REQUIRE_EQUAL(b.text(), a.text());
    }
}

// Appends something of everything: keys, kinds, terms, times, empty and large data, batches.
template<class Log>
void fill(Log& log, term_t term = 1) {
    for (std::uint8_t i = 0; i < 60; ++i) {
        record_view r(sample(i, i * 20U));
        const std::string data = sample(i, i * 20U);
        const std::string key = i % 3 == 0 ? "" : "key " + std::to_string(i);
        r.data = to_bytes(data);
        r.key = to_bytes(key);
        r.term = term + i / 10;
        r.kind = i % 7 == 0 ? entry_kind::tombstone : static_cast<entry_kind>(i % 5 == 0 ? 128 + i : 0);
        r.time = i % 2 == 0 ? 0 : 1000U + i;
        must(log.append(r));
    }
    must(log.append_batch(records({"", "two", "three"})));
    must(log.append(std::string(20000, 'x')));
}

// A log to copy from, and one to copy to whose disk does what the test wants.
struct fixture {
    memory_log<fsync_never> from;
    steered_log<> to;
    copy_options opts;
    copy_report report;

    fixture() {
        from.open();
        to.open();
    }
    auto copied() { return copy(*from.log, *to.log, opts, &report); }
    void copy_all() {
        const auto done = copied();
        if (!done)
            BOOST_FAIL(done.error().message());
        BOOST_TEST(report.failed_at == 0U);
    }
    void same() { check_same(*from.log, *to.log); }

    // Has something happen at the n-th write to `to` from now.
    void at_write(unsigned n, std::function<void()> happens) {
        auto left = std::make_shared<unsigned>(n);
        to.calls.refuse([left, happens = std::move(happens)](disk_call call, const std::string&) {
            if (call == disk_call::write && *left > 0 && --*left == 0)
                happens();
            return std::error_code();
        });
    }
    void holds(const texts& wanted) { BOOST_TEST((to.all() == wanted)); }
};

} // namespace log_copy

BOOST_FIXTURE_TEST_SUITE(log_copy, fixture)

// ---- what is kept ----

BOOST_AUTO_TEST_CASE(entries_keep_everything_they_have) {
    fill(*from.log);
    copy_all();
    same();
    BOOST_TEST(report.first == 1U);
    BOOST_TEST(report.last == 64U);
    BOOST_TEST(report.entries == 64U);
    std::uint64_t bytes = 0;
    for (const entry& e : must(from.log->get_range(1, 64)))
        bytes += e.data().size() + e.key().size();
    BOOST_TEST(report.bytes == bytes);
}

BOOST_AUTO_TEST_CASE(files_go_into_memory_and_back) {
    using files = basic_wal<binary_format, fsync_interval, posix_backend, no_compression>;
    const scratch_directory there;
    const scratch_directory back;
    {
        auto a = must(files::open(there.path(), small_options()));
        fill(a, 5);
        must(copy(a, *to.log));
        check_same(a, *to.log);
        auto b = must(files::open(back.path(), small_options()));
        must(copy(*to.log, b));
        check_same(a, b);
        must(b.close());
        b = must(files::open(back.path(), small_options()));
        check_same(a, b);
        BOOST_TEST(must(b.verify()).sound());
    }
    there.clear<files>();
    back.clear<files>();
}

BOOST_AUTO_TEST_CASE(compressed_entries_go_into_a_log_without_compression_and_back) {
    memory_log<fsync_never, binary_format, lz4_compression> small;
    memory_log<fsync_never, binary_format, lz4_compression> again;
    small.open();
    again.open();
    fill(*small.log);
    must(copy(*small.log, *to.log));
    check_same(*small.log, *to.log);
    must(copy(*to.log, *again.log));
    check_same(*small.log, *again.log);
    BOOST_TEST(again.log->compression_counts().of(codec::lz4).records > 0U);
}

BOOST_AUTO_TEST_CASE(the_copy_begins_where_the_log_begins_and_knows_the_term_before) {
    fill(*from.log);
    must(from.log->drop_before(30));
    copy_all();
    same();
    BOOST_TEST(report.first == 30U);
    must(from.log->reset(1000, 77));
    must(from.log->append("behind a reset"));
    to.log.reset();
    to.disk = {};
    to.open();
    copy_all();
    same();
    BOOST_TEST(must(to.log->first_index()) == 1000U);
    BOOST_TEST(must(to.log->term_at(999)) == 77U);
}

BOOST_AUTO_TEST_CASE(of_an_empty_log_its_place_is_copied) {
    copy_all();
    BOOST_TEST(must(to.log->next_index()) == 1U);
    BOOST_TEST(report.entries == 0U);
    must(from.log->reset(50, 3));
    copy_all();
    BOOST_TEST(must(to.log->next_index()) == 50U);
    BOOST_TEST(must(to.log->term_at(49)) == 3U);
    BOOST_TEST((report.first == 0U && report.last == 0U));
}

BOOST_AUTO_TEST_CASE(an_empty_log_that_has_a_past_begins_anew) {
    to.append_samples(5);
    must(to.log->drop_before(6));
    from.append_samples(8);
    copy_all();
    same();
}

BOOST_AUTO_TEST_CASE(what_was_copied_is_durable) {
    to.log.reset();
    to.disk = {};
    to.opts.segment_size = mebibyte;
    to.open();
    fill(*from.log);
    opts.batch_bytes = 1000;
    to.calls.forget();
    copy_all();
    BOOST_TEST(must(to.log->durable_index()) == 64U);
    BOOST_TEST(to.calls[disk_call::write] > 20U);
    BOOST_TEST(to.calls[disk_call::sync] < 10U); // those of a new segment, and one at the end
    to.kill_and_open();
    same();
}

// ---- going on ----

BOOST_AUTO_TEST_CASE(a_copy_goes_on_where_it_ended) {
    from.append_samples(5);
    copy_all();
    copy_all();
    BOOST_TEST(report.entries == 0U);
    from.append_samples(5);
    copy_all();
    BOOST_TEST(report.first == 6U);
    BOOST_TEST(report.last == 10U);
    must(from.log->drop_before(8)); // what has been copied may go
    from.append_samples(1);
    copy_all();
    holds(samples(1, 11));
}

BOOST_AUTO_TEST_CASE(a_log_that_is_ahead_is_no_copy) {
    from.append_samples(5);
    copy_all();
    must(to.log->append("more"));
    BOOST_TEST(fails_with(copied(), errc::index_mismatch));
    BOOST_TEST(report.failed_at == 7U);
    holds({sample(1), sample(2), sample(3), sample(4), sample(5), "more"});
}

BOOST_AUTO_TEST_CASE(a_log_of_other_terms_is_no_copy) {
    must(from.log->append(record_view("a", "", 2)));
    must(from.log->append(record_view("b", "", 2)));
    must(to.log->append(record_view("a", "", 1)));
    BOOST_TEST(fails_with(copied(), errc::index_mismatch));
    BOOST_TEST(report.failed_at == 2U);
    holds({"a"});
}

BOOST_AUTO_TEST_CASE(what_was_dropped_before_it_was_copied_is_missed) {
    from.append_samples(5);
    copy_all();
    from.append_samples(5);
    must(from.log->drop_before(6));
    copy_all();
    from.append_samples(5);
    must(from.log->drop_before(12));
    BOOST_TEST(fails_with(copied(), errc::dropped));
    BOOST_TEST(report.failed_at == 11U);
    holds(samples(1, 10));
}

// ---- batches ----

BOOST_AUTO_TEST_CASE(no_more_is_held_in_memory_than_was_allowed) {
    from.append_samples(30);
    opts.batch_bytes = 3 * 64;
    to.calls.forget();
    copy_all();
    BOOST_TEST(to.calls[disk_call::write] >= 10U);
    same();
    from.append_samples(30);
    opts.batch_bytes = 20 * 64;
    to.calls.forget();
    copy_all();
    BOOST_TEST(to.calls[disk_call::write] < 8U);
    same();
}

BOOST_AUTO_TEST_CASE(entries_without_bytes_are_bounded_as_well) {
    const std::vector<record_view> nothing(5000);
    must(from.log->append_batch(nothing));
    to.log.reset();
    to.disk = {};
    to.opts.segment_size = mebibyte;
    to.open();
    to.calls.forget();
    copy_all();
    BOOST_TEST(to.calls[disk_call::write] >= 5U);
    same();
}

BOOST_AUTO_TEST_CASE(what_an_entry_was_read_into_is_not_held_beyond_it) {
    memory_log<fsync_never, binary_format, lz4_compression> source;
    source.opts.segment_size = 64 * mebibyte;
    source.open();
    to.log.reset();
    to.opts.segment_size = mebibyte;
    to.open();
    const std::string own_buffer(2000, '.'); // each is decompressed into one
    for (int i = 0; i < 100; ++i)
        source.append(own_buffer);
    const std::string large(300 * kibibyte, 'l'); // far from its neighbours, each is in another part of the file
    for (index_t i = 101; i <= 140; ++i) {
        must(source.log->append(large, {.compress = false}));
        must(source.log->replace_from(i, records({"small"})));
    }
    const std::size_t before = allocations();
    must(copy(*source.log, *to.log));
    BOOST_TEST(allocations() - before < 100U);
    check_same(*source.log, *to.log);
}

BOOST_AUTO_TEST_CASE(a_record_larger_than_a_batch_goes_alone) {
    for (const std::size_t size : {10U, 5000U, 10U, 5000U, 5000U})
        from.append(std::string(size, 'l'));
    opts.batch_bytes = 1;
    copy_all();
    same();
}

BOOST_AUTO_TEST_CASE(a_batch_fits_into_the_limits_of_the_copy) {
    to.log.reset();
    to.disk = {};
    to.opts.max_record_size = to.opts.max_batch_bytes = 100;
    to.open();
    from.append_samples(30);
    copy_all();
    same();
}

// ---- what fails ----

BOOST_AUTO_TEST_CASE(a_lost_entry_is_named_and_what_stands_before_it_is_copied) {
    from.append_samples(10);
    from.kill();
    from.disk.damage(sample(7));
    from.opts.mode = open_mode::salvage;
    from.open();
    for (int round = 0; round < 2; ++round) {
        BOOST_TEST(fails_with(copied(), errc::lost));
        BOOST_TEST(report.failed_at == 7U);
        BOOST_TEST(report.entries == (round == 0 ? 6U : 0U));
        holds(samples(1, 6));
        BOOST_TEST(must(to.log->durable_index()) == 6U);
    }
}

BOOST_AUTO_TEST_CASE(a_damaged_entry_is_named) {
    from.append_samples(10);
    from.close();
    from.disk.damage(sample(3));
    from.open();
    BOOST_TEST(fails_with(copied(), errc::corrupt));
    BOOST_TEST(report.failed_at == 3U);
    holds(samples(1, 2));
}

BOOST_AUTO_TEST_CASE(of_two_failures_the_one_of_the_earlier_entry_is_told) {
    from.append_samples(10);
    from.close();
    from.disk.damage(sample(7));
    from.open();
    to.refuse(disk_call::write, make_error_code(errc::no_space));
    BOOST_TEST(fails_with(copied(), errc::no_space));
    BOOST_TEST(report.failed_at == 1U);
    to.calls.refuse_nothing();
    BOOST_TEST(fails_with(copied(), errc::corrupt));
    BOOST_TEST(report.failed_at == 7U);
}

BOOST_AUTO_TEST_CASE(an_entry_that_is_too_large_is_named) {
    from.append_samples(4);
    from.append(std::string(101, 'l'));
    to.log.reset();
    to.disk = {};
    to.opts.max_record_size = 100;
    to.open();
    BOOST_TEST(fails_with(copied(), errc::too_large));
    BOOST_TEST(report.failed_at == 5U);
    BOOST_TEST(report.last == 4U);
    holds(samples(1, 4));
}

BOOST_AUTO_TEST_CASE(a_full_disk_ends_it_and_it_goes_on_when_there_is_room) {
    from.append_samples(30);
    opts.batch_bytes = 3 * 64;
    unsigned writes = 0;
    to.calls.refuse([&](disk_call call, const std::string& name) {
        return call == disk_call::write && name != "state" && ++writes > 4 ? make_error_code(errc::no_space)
                                                                           : std::error_code();
    });
    BOOST_TEST(fails_with(copied(), errc::no_space));
    BOOST_TEST(report.last > 0U);
    BOOST_TEST(report.failed_at == report.last + 1);
    BOOST_TEST((to.all() == samples(1, report.last)));
    to.calls.refuse_nothing();
    copy_all();
    holds(samples(1, 30));
}

BOOST_AUTO_TEST_CASE(a_failed_sync_is_told) {
    from.append_samples(3);
    copy_all();
    from.append_samples(3);
    to.refuse(disk_call::sync, io_error);
    BOOST_TEST(fails_with(copied(), errc::indeterminate));
}

BOOST_AUTO_TEST_CASE(somebody_elses_entry_in_the_copy_is_noticed_by_its_term) {
    from.append_samples(30);
    opts.batch_bytes = 64;
    copy_all();
    must(to.log->truncate(10));
    must(to.log->append("another's"));
    copy_all(); // its index and its term are right: nobody can tell
    must(to.log->truncate(10));
    must(to.log->append(record_view("another's", "", 9)));
    BOOST_TEST(fails_with(copied(), errc::index_mismatch));
}

BOOST_AUTO_TEST_CASE(somebody_else_who_appends_meanwhile_is_noticed) {
    steered_log<fsync_never> source;
    source.open();
    source.append_samples(10);
    bool once = false;
    source.calls.refuse([&](disk_call call, const std::string&) {
        if (call == disk_call::read && !std::exchange(once, true))
            must(to.log->append("another's"));
        return std::error_code();
    });
    BOOST_TEST(fails_with(copy(*source.log, *to.log, opts, &report), errc::index_mismatch));
    BOOST_TEST(report.failed_at == 1U);
    BOOST_TEST(once);
    holds({"another's"});
}

BOOST_AUTO_TEST_CASE(a_closed_log_says_so) {
    from.append_samples(3);
    must(to.log->close());
    BOOST_TEST(fails_with(copied(), errc::closed));
    to.open();
    must(from.log->close());
    BOOST_TEST(fails_with(copied(), errc::closed));
}

BOOST_AUTO_TEST_CASE(nothing_is_written_to_a_log_that_is_read_only) {
    from.append_samples(3);
    to.log.reset();
    to.opts.mode = open_mode::read_only;
    to.open();
    BOOST_TEST(fails_with(copied(), errc::read_only));
}

// ---- beside a writer ----

BOOST_AUTO_TEST_CASE(what_is_appended_meanwhile_is_for_the_next_time) {
    from.append_samples(10);
    opts.batch_bytes = 64;
    at_write(4, [this] { from.append_samples(10); });
    copy_all();
    holds(samples(1, 10));
    copy_all();
    holds(samples(1, 20));
}

// A log that another thread cuts and appends to, just before it is read.
template<class Log>
struct changed_before_it_is_read {
    Log& log;
    bool changed = false;

    [[nodiscard]] const options& limits() const { return log.limits(); }
    [[nodiscard]] result<index_t> next_index() { return log.next_index(); }
    [[nodiscard]] result<index_t> first_index() { return log.first_index(); }
    [[nodiscard]] result<term_t> term_at(index_t i) { return log.term_at(i); }
    [[nodiscard]] auto read_from(index_t i, visible what = visible::written) {
        if (!std::exchange(changed, true)) {
            must(log.truncate(8));
            for (index_t next = 9; next <= 14; ++next)
                must(log.append(record_view("new", "", 7)));
        }
        return log.read_from(i, what);
    }
};

BOOST_AUTO_TEST_CASE(what_is_cut_off_before_it_can_be_seen_to_be_is_not_mixed_with_what_takes_its_place) {
    from.append_samples(10);
    copy_all();
    from.append_samples(2);
    changed_before_it_is_read<std::decay_t<decltype(*from.log)>> changing{*from.log};
    BOOST_TEST(fails_with(copy(changing, *to.log), errc::index_mismatch));
    holds(samples(1, 10));
}

BOOST_AUTO_TEST_CASE(what_is_cut_off_meanwhile_is_cut_off_the_copy) {
    from.append_samples(20);
    opts.batch_bytes = 2 * 64;
    at_write(8, [this] { must(from.log->truncate(5)); });
    copy_all();
    same();
    holds(samples(1, 5));
    BOOST_TEST(report.last == 5U);
}

BOOST_AUTO_TEST_CASE(what_is_replaced_meanwhile_is_replaced_in_the_copy) {
    from.append_samples(20);
    opts.batch_bytes = 2 * 64;
    at_write(8, [this] {
        must(from.log->truncate(5));
        for (index_t i = 6; i <= 25; ++i)
            must(from.log->append(record_view("new " + std::to_string(i), "", 2)));
    });
    copy_all();
    BOOST_TEST(report.last == 20U); // those that there were when it began
    copy_all();
    same();
}

BOOST_AUTO_TEST_CASE(what_was_in_the_copy_before_is_never_cut_off) {
    from.append_samples(10);
    copy_all();
    from.append_samples(10);
    opts.batch_bytes = 2 * 64;
    at_write(4, [this] { must(from.log->truncate(5)); });
    BOOST_TEST(fails_with(copied(), errc::truncated));
    BOOST_TEST(report.failed_at == 11U);
    holds(samples(1, 10));
}

BOOST_AUTO_TEST_CASE(a_reset_meanwhile_begins_the_copy_anew) {
    from.append_samples(20);
    opts.batch_bytes = 2 * 64;
    at_write(8, [this] {
        must(from.log->reset(100, 6));
        from.append("elsewhere");
    });
    copy_all();
    same();
    BOOST_TEST(report.first == 100U);
}

BOOST_AUTO_TEST_CASE(what_is_dropped_meanwhile_is_named_unless_it_was_copied) {
    from.fill_segments(6);
    const index_t end = from.next();
    opts.batch_bytes = 2 * 64;
    at_write(8, [this] { must(from.log->drop_before(5)); });
    copy_all();
    BOOST_TEST((to.all() == samples(1, end - 1)));
    to.log.reset();
    to.disk = {};
    to.open();
    at_write(8, [&] { must(from.log->drop_before(end)); });
    const auto done = copied();
    BOOST_TEST(fails_with(done, errc::dropped));
    BOOST_TEST(report.failed_at == report.last + 1);
    BOOST_TEST((to.all() == samples(5, report.last)));
}

BOOST_AUTO_TEST_CASE(a_log_whose_front_goes_before_anything_was_copied_is_copied_from_where_it_begins_then) {
    from.fill_segments(3);
    must(from.log->drop_before(2)); // so that the copy is reset, which is a write
    at_write(1, [this] { must(from.log->drop_before(60)); });
    copy_all();
    same();
    BOOST_TEST(report.first == 60U);
}

BOOST_AUTO_TEST_CASE(a_hold_keeps_what_is_being_copied) {
    from.fill_segments(3);
    const auto kept = must(from.log->hold(1));
    opts.batch_bytes = 2 * 64;
    at_write(4, [this] { BOOST_TEST(fails_with(from.log->drop_before(60), errc::held)); });
    copy_all();
    same();
}

BOOST_AUTO_TEST_CASE(only_what_is_durable_is_copied_if_that_is_wanted) {
    from.append_samples(5);
    must(from.log->sync());
    from.append_samples(5);
    opts.what = visible::durable;
    copy_all();
    holds(samples(1, 5));
    must(from.log->sync());
    copy_all();
    holds(samples(1, 10));
}

BOOST_AUTO_TEST_CASE(a_log_of_another_process_is_copied_as_far_as_it_has_come) {
    memory_log<fsync_never> reading;
    reading.disk = from.disk;
    reading.opts.mode = open_mode::read_only;
    from.append_samples(5);
    reading.open();
    must(copy(*reading.log, *to.log));
    holds(samples(1, 5));
    from.fill_segments(3);
    must(copy(*reading.log, *to.log));
    same();
    from.append_samples(3);
    must(copy(*reading.log, *to.log));
    same();
}

BOOST_AUTO_TEST_CASE(a_copy_follows_a_writer_that_appends_and_cuts) {
    std::atomic<bool> over{false};
    std::thread writer([&] {
        for (index_t i = 1; i <= 3000; ++i) {
            if (i % 50 == 0)
                BOOST_TEST(from.log->truncate(must(from.log->last_index()) - 3).has_value());
            BOOST_TEST(from.log->append(record_view(std::to_string(i), "", i / 50 + 1)).has_value());
        }
        over = true;
    });
    opts.batch_bytes = 100;
    while (!over) {
        const auto done = copied();
        if (!done && (done.error() == errc::truncated || done.error() == errc::index_mismatch))
            must(to.log->truncate(std::max<index_t>(must(to.log->last_index()), 4) - 4));
        else
            must(done);
    }
    writer.join();
    for (auto done = copied(); !done; done = copied()) {
        BOOST_TEST(fails_with(done, errc::index_mismatch));
        must(to.log->truncate(must(to.log->last_index()) - 1));
    }
    same();
}

BOOST_AUTO_TEST_SUITE_END()
