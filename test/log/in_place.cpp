#include <tusk/backend/mmap.hpp>
#include <tusk/fsync/interval.hpp>

#include <backend/real_disk.hpp>
#include <crash/other_thread.hpp>
#include <log/refined_backend.hpp>
#include <log/steered_log.hpp>

#include <filesystem>
#include <map>
#include <thread>

using namespace log_test;
using real_disk::place_on_disk;

namespace log_in_place {

// Where a test may hold up those who fill their frames, and see whether the file that they fill is still there.
struct filling {
    gate held;
    std::shared_ptr<std::atomic<unsigned>> files = std::make_shared<std::atomic<unsigned>>(0);
    std::atomic<unsigned> files_then{0};
    std::atomic<unsigned> begun{0}; // frames of entries, which have their places then
};
filling* watched_filling = nullptr;

// Frames with the data "held" wait at the gate before they are encoded.
struct gated_format : binary_format {
    static void encode(const frame_view& f, byte_span out) noexcept {
        watched_filling->begun += f.type == frame_type::batch ? 1U : 0U;
        if (f.type == frame_type::batch && f.records.size() == 1 && is_held(f.records[0])) {
            watched_filling->held.pass();
            watched_filling->files_then = watched_filling->files->load();
        }
        binary_format::encode(f, out);
    }

private:
    static bool is_held(const stored_record& r) noexcept { return r.data.size() == 4; }
};

bool is_segment(const std::string& name) { return segment_number(name) != 0; }

// A log of files that are written in place, each call of which a test can count, refuse and hold up.
template<class FsyncPolicy, class Format = binary_format>
struct in_place_log {
    using backend_type = refined_backend<mmap_backend>;
    using log_type = basic_wal<Format, FsyncPolicy, backend_type, no_compression>;

    place_on_disk<mmap_backend> place;
    disk_calls calls;
    filling fill;
    options opts = small_options();
    recovery_report report;
    std::optional<log_type> log;

    in_place_log() { watched_filling = &fill; }
    ~in_place_log() {
        log.reset();
        watched_filling = nullptr;
    }
    in_place_log(const in_place_log&) = delete;
    in_place_log& operator=(const in_place_log&) = delete;

    void open() {
        log.reset();
        auto opened = log_type::open(backend_type(place.backend(), calls, fill.files), opts, {}, {}, &report);
        if (!opened)
            BOOST_FAIL(opened.error().message() + ": " + report.message);
        log.emplace(std::move(opened).value());
    }
    /// Appends "held", which has its place when this returns, and is not filled before the gate opens.
    [[nodiscard]] std::jthread append_slowly() {
        fill.held.close();
        std::jthread slow([this] { (void)log->append("held"); }); // the log's entries say what became of it
        fill.held.await(1);
        return slow;
    }
    /// Calls of this kind for a segment wait at the gate, and fail then.
    void hold_and_refuse(disk_call kind, gate& at, std::error_code error = io_error) {
        at.close();
        calls.refuse([&at, kind, error](disk_call call, const std::string& name) {
            if (call != kind || !is_segment(name))
                return std::error_code();
            at.pass();
            return error;
        });
    }
    /// True if the call does not return before the gate opens, which it does then.
    [[nodiscard]] bool waits_for_the_slow_one(std::function<void()> make) {
        const crash::other_thread other(std::move(make));
        const bool early = other.done_or_asleep();
        fill.held.open();
        return !early;
    }
    [[nodiscard]] std::size_t segments_on_disk() const {
        std::size_t count = 0;
        for (const auto& file : std::filesystem::directory_iterator(place.log()))
            count += is_segment(file.path().filename().string()) ? 1U : 0U;
        return count;
    }
    [[nodiscard]] texts all() {
        texts out;
        for (const entry& e : must(log->get_range(0, UINT64_MAX)))
            out.emplace_back(e.text());
        return out;
    }
    /// Appends entries of these sizes.
    [[nodiscard]] texts append_sizes(std::initializer_list<std::size_t> sizes) {
        texts out;
        for (const std::size_t size : sizes) {
            out.emplace_back(size, static_cast<char>('a' + out.size()));
            must(log->append(out.back()));
        }
        return out;
    }
    /// True if these are the entries, now and when it is opened again.
    [[nodiscard]] bool holds(const texts& wanted) {
        const bool now = all() == wanted;
        open();
        return now && all() == wanted;
    }
};

constexpr append_options durably{.wait = durability::durable};
using policies = std::tuple<fsync_never, fsync_interval, fsync_always>; // the last writes by calls

} // namespace log_in_place

BOOST_AUTO_TEST_SUITE(log_in_place)

BOOST_AUTO_TEST_CASE(an_append_in_place_makes_no_call) {
    in_place_log<fsync_never> log;
    log.opts.segment_size = mebibyte;
    log.open();
    must(log.log->append("the segment is made"));
    log.calls.forget();
    for (index_t i = 2; i <= 100; ++i)
        BOOST_TEST(must(log.log->append(sample(i))) == i);
    BOOST_TEST(log.calls.all() == 0U);
    for (index_t i = 2; i <= 100; ++i)
        BOOST_TEST(must(log.log->get(i)).text() == sample(i));
    BOOST_TEST(log.calls.all() == 0U); // nor does reading it
}

// It has the next place, and would be lost with the one before, were the process to die now.
BOOST_AUTO_TEST_CASE(an_append_in_place_returns_when_what_has_its_place_before_is_there) {
    in_place_log<fsync_never, gated_format> log;
    log.opts.segment_size = mebibyte;
    log.open();
    must(log.log->append("the segment is made"));
    std::jthread slow = log.append_slowly();
    BOOST_TEST(log.waits_for_the_slow_one([&] { must(log.log->append("quick")); }));
    slow.join();
    BOOST_TEST(log.all() == (texts{"the segment is made", "held", "quick"}), boost::test_tools::per_element());
}

// Likewise where what comes cannot go into the same group.
BOOST_AUTO_TEST_CASE(an_append_in_another_group_returns_when_what_has_its_place_before_is_there) {
    in_place_log<fsync_never, gated_format> log;
    log.opts.segment_size = mebibyte;
    log.open();
    must(log.log->append("the segment is made"));
    must(log.log->append("places are shared"));
    std::jthread slow = log.append_slowly();
    BOOST_TEST(log.waits_for_the_slow_one([&] { must(log.log->append(record_view("of a higher term", "", 7))); }));
    slow.join();
    BOOST_TEST(log.all() == (texts{"the segment is made", "places are shared", "held", "of a higher term"}),
               boost::test_tools::per_element());
}

// What is too large to be waited for is put together elsewhere, and brought there by a call.
BOOST_AUTO_TEST_CASE(large_frames_are_put_together_in_the_file_up_to_a_limit) {
    in_place_log<fsync_never> log;
    log.opts.segment_size = 32 * mebibyte;
    log.open();
    texts wanted{"the segment is made"};
    must(log.log->append(wanted[0]));
    for (const std::size_t size : {large_frame - 100, large_frame, 3 * large_frame, std::size_t{mebibyte},
                                   large_frame_in_file - 1000, large_frame_in_file, large_frame_in_file + mebibyte}) {
        log.calls.forget();
        wanted.emplace_back(size, static_cast<char>('a' + wanted.size()));
        must(log.log->append(wanted.back()));
        BOOST_TEST(log.log->durable_index().value() == 0U);
        BOOST_TEST(must(log.log->last_index()) == wanted.size());
        BOOST_TEST((log.calls[disk_call::write] == 0) == (size < large_frame_in_file), size);
    }
    must(log.log->append_batch(records({wanted[1], wanted[2], wanted[3]})));
    wanted.insert(wanted.end(), {wanted[1], wanted[2], wanted[3]});
    BOOST_TEST(log.holds(wanted));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(large_frames_for_which_the_file_ends_go_to_another, Policy, policies) {
    in_place_log<Policy> log;
    log.opts.segment_size = mebibyte;
    log.open();
    BOOST_TEST(log.holds(
        log.append_sizes({400'000, 400'000, 400'000, 10, 3'000'000, 10, 1'000'000, 70'000, 1'500'000, 5'000'000, 10})));
}

BOOST_AUTO_TEST_CASE(frames_of_all_sizes_are_written_by_calls_where_files_have_no_window) {
    in_place_log<fsync_never> log;
    log.calls.refuse_windows();
    log.opts.segment_size = 8 * mebibyte;
    log.open();
    BOOST_TEST(log.holds(log.append_sizes({10, 100'000, 300'000, 10, 300'000, 5'000'000, 100'000, 4'000'000})));
}

// A pad takes room as well.
BOOST_AUTO_TEST_CASE(a_large_frame_near_the_end_of_the_file_comes_back_whole_whatever_is_padded) {
    for (const std::uint32_t alignment : {512U, 4096U})
        for (std::size_t less = 0; less < 3 * alignment; less += alignment / 16) {
            in_place_log<fsync_never> log;
            log.opts.segment_size = mebibyte;
            log.opts.sync_alignment = alignment;
            log.open();
            const texts wanted{"the segment is made", "waits", std::string(mebibyte - less, 'x'), "behind it"};
            for (const std::string& text : wanted)
                must(log.log->append(text));
            BOOST_TEST(log.holds(wanted));
        }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(large_and_small_frames_of_several_threads_stand_in_the_file_whole, Policy, policies) {
    in_place_log<Policy> log;
    log.opts.segment_size = 4 * mebibyte;
    log.open();
    constexpr std::array<std::size_t, 4> sizes{10, 100'000, 1000, 700'000};
    constexpr std::size_t rounds = 24;
    {
        std::vector<std::jthread> threads;
        for (char t = 'a'; t < 'e'; ++t)
            threads.emplace_back([&, t] {
                for (std::size_t i = 0; i < rounds; ++i)
                    must(log.log->append(std::string(sizes[i % 4], t)));
            });
    }
    for (int life = 0; life < 2; ++life) {
        std::map<std::string, std::size_t> counts;
        for (const std::string& text : log.all())
            ++counts[text];
        BOOST_TEST(counts.size() == 4 * sizes.size());
        for (char t = 'a'; t < 'e'; ++t)
            for (const std::size_t size : sizes)
                BOOST_TEST(counts[std::string(size, t)] == rounds / sizes.size());
        log.open();
    }
}

// What takes no lock beside what does: each entry has the index that its appender was told, none is missing or there twice.
BOOST_AUTO_TEST_CASE(appends_of_all_kinds_by_several_threads_each_have_their_index) {
    in_place_log<fsync_never> log;
    log.opts.segment_size = mebibyte;
    log.open();
    constexpr unsigned threads = 4;
    constexpr unsigned rounds = 3000;
    std::array<std::vector<std::pair<index_t, std::string>>, threads> told;
    std::atomic<bool> done{false};
    const auto expect = [](bool as_it_should) { // assertions are for one thread at a time
        if (!as_it_should)
            BOOST_FAIL("another answer than expected");
    };
    std::jthread following([&] {
        auto reading = must(log.log->follow(1));
        for (index_t i = 1; !done; ++i) {
            const auto e = reading.next({}, steady_clock::now() + std::chrono::milliseconds(20));
            if (!e && e.error() == errc::timed_out)
                --i;
            else if (must(e).index() != i)
                BOOST_FAIL("another entry than the next");
            if (i % 500 == 0)
                std::this_thread::sleep_for(std::chrono::milliseconds(1)); // nobody asks for a while
        }
    });
    {
        std::vector<std::jthread> all;
        for (unsigned t = 0; t < threads; ++t)
            all.emplace_back([&, t] {
                for (unsigned i = 0; i < rounds; ++i) {
                    const std::string text =
                        std::to_string(t) + "." + std::to_string(i) + std::string(i * 7 % 900, 'x');
                    const auto tell = [&](index_t at) { told[t].emplace_back(at, text); };
                    switch (i % 50) {
                    case 10:
                        if (const auto at = log.log->append(record_view(text, "", i / 500)))
                            tell(at.value());
                        else
                            expect(at.error() == errc::term_regressed);
                        break;
                    case 20: {
                        const index_t next = must(log.log->next_index());
                        if (const auto at = log.log->append(to_bytes(text), {.expect_index = next})) {
                            expect(at.value() == next);
                            tell(next);
                        } else {
                            expect(at.error() == errc::index_mismatch);
                        }
                        break;
                    }
                    case 30: {
                        const index_range at = must(log.log->append_batch(records({text, text, text})));
                        for (index_t k = at.first; k <= at.last; ++k)
                            tell(k);
                        break;
                    }
                    case 40: tell(must(log.log->submit(records({text}))).entries.first); break;
                    case 45:
                        if (i % 200 == 45)
                            must(log.log->roll());
                        else
                            must(log.log->sync());
                        break;
                    default: tell(must(log.log->append(text)));
                    }
                }
            });
    }
    done = true;
    following.join();
    const auto check = [&] {
        std::vector<bool> seen(static_cast<std::size_t>(must(log.log->last_index())));
        for (const auto& of_one : told) {
            index_t before = 0;
            for (const auto& [at, text] : of_one) {
                BOOST_REQUIRE(at > before);
                before = at;
                BOOST_REQUIRE(!seen[static_cast<std::size_t>(at - 1)]);
                seen[static_cast<std::size_t>(at - 1)] = true;
                BOOST_REQUIRE((must(log.log->get(at)).text() == text));
            }
        }
        BOOST_TEST((std::find(seen.begin(), seen.end(), false) == seen.end()));
    };
    check();
    log.open();
    check();
    BOOST_TEST(must(log.log->verify()).sound());
}

BOOST_AUTO_TEST_CASE(terms_that_go_back_within_a_batch_are_refused_where_places_are_shared) {
    in_place_log<fsync_never> log;
    log.opts.segment_size = mebibyte;
    log.open();
    for (int i = 0; i < 3; ++i)
        must(log.log->append(record_view("x", "", 5)));
    const std::array back{record_view("heir"), record_view("lower", "", 3), record_view("as high", "", 5)};
    BOOST_TEST(fails_with(log.log->append_batch(back), errc::term_regressed));
    const std::array sound{record_view("heir"), record_view("the same", "", 5)};
    BOOST_TEST(must(log.log->append_batch(sound)).last == 5U);
    BOOST_TEST(must(log.log->append(record_view("higher", "", 6))) == 6U);
    BOOST_TEST(must(log.log->append("heir")) == 7U);
    BOOST_TEST(must(log.log->term_at(5)) == 5U);
    BOOST_TEST(must(log.log->term_at(6)) == 6U);
    BOOST_TEST(must(log.log->get(7)).term() == 6U);
    log.open();
    BOOST_TEST(must(log.log->term_at(5)) == 5U);
    BOOST_TEST(must(log.log->term_at(7)) == 6U);
}

BOOST_AUTO_TEST_CASE(a_log_that_is_closed_beside_appends_keeps_those_that_were_acknowledged) {
    for (int round = 0; round < 30; ++round) {
        in_place_log<fsync_never> log;
        log.opts.segment_size = mebibyte;
        log.open();
        std::array<index_t, 3> last{};
        std::atomic<unsigned> begun{0};
        std::atomic<bool> wrong{false};
        {
            std::vector<std::jthread> all;
            for (index_t& of_one : last)
                all.emplace_back([&] {
                    for (;; ++begun) {
                        const auto at = log.log->append("x");
                        if (!at) {
                            wrong = wrong || at.error() != errc::closed;
                            break;
                        }
                        of_one = at.value();
                    }
                });
            while (begun < 100U * static_cast<unsigned>(round) && !wrong)
                std::this_thread::yield();
            must(log.log->close());
        }
        BOOST_TEST(!wrong);
        log.open();
        BOOST_TEST(must(log.log->last_index()) == *std::max_element(last.begin(), last.end()));
    }
}

// The file is not taken away under who fills it.
BOOST_AUTO_TEST_CASE(a_poisoned_log_is_closed_when_nobody_fills_a_place_any_more) {
    in_place_log<fsync_never, gated_format> log;
    log.opts.segment_size = mebibyte;
    log.open();
    must(log.log->append("the segment is made"));
    must(log.log->append("places are shared"));
    gate syncing;
    log.hold_and_refuse(disk_call::sync, syncing);
    std::jthread failing([&] { BOOST_TEST(fails_with(log.log->sync(), errc::indeterminate)); });
    syncing.await(1);
    must(log.log->append("places are shared again"));
    std::jthread slow = log.append_slowly();
    syncing.open();
    failing.join();
    const unsigned files = log.fill.files->load();
    BOOST_TEST(log.waits_for_the_slow_one([&] { (void)log.log->close(); }));
    slow.join();
    BOOST_TEST(log.fill.files_then == files);
    log.calls.refuse_nothing();
    log.open();
    BOOST_TEST(log.all() == (texts{"the segment is made", "places are shared", "places are shared again", "held"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_poisoned_log_is_closed_when_nobody_fills_what_was_to_be_synced) {
    in_place_log<fsync_interval, gated_format> log;
    log.opts.segment_size = mebibyte;
    log.open();
    must(log.log->append("the segment is made", durably));
    gate syncing;
    log.hold_and_refuse(disk_call::sync, syncing);
    std::jthread failing([&] { BOOST_TEST(fails_with(log.log->append("unsynced", durably), errc::indeterminate)); });
    syncing.await(1);
    std::jthread slow = log.append_slowly();
    syncing.open();
    failing.join();
    BOOST_TEST(log.waits_for_the_slow_one([&] { (void)log.log->close(); }));
    slow.join();
    log.calls.refuse_nothing();
    log.open();
    BOOST_TEST(log.all().front() == "the segment is made");
}

// What is behind a write that fails has failed as well, and its file is done with: not before it is left alone.
BOOST_AUTO_TEST_CASE(a_segment_is_left_behind_when_nobody_fills_a_place_in_it_any_more) {
    in_place_log<fsync_never, gated_format> log;
    log.opts.segment_size = 16 * mebibyte;
    log.open();
    must(log.log->append("the segment is made"));
    must(log.log->sync());
    gate writing;
    log.hold_and_refuse(disk_call::write, writing);
    const std::string large(large_frame_in_file + 1, 'x');
    result<index_t> outcome = index_t{0};
    std::jthread failing([&] { outcome = log.log->append(large); });
    writing.await(1);
    std::jthread slow = log.append_slowly();
    log.calls.refuse_nothing();
    writing.open();
    BOOST_TEST(log.waits_for_the_slow_one([&] {
        while (!log.log->append("in another segment")) // who comes before the failure is known has failed, too
            std::this_thread::yield();
        must(log.log->roll());
    }));
    slow.join();
    failing.join();
    BOOST_TEST(fails_with(outcome, io_error));
    log.open();
    BOOST_TEST(log.all() == (texts{"the segment is made", "in another segment"}), boost::test_tools::per_element());
}

// Nor does the next open take it for something that was lost.
BOOST_AUTO_TEST_CASE(what_was_begun_behind_a_write_that_fails_leaves_nothing) {
    in_place_log<fsync_never, gated_format> log;
    log.opts.segment_size = 8 * mebibyte;
    log.opts.spare_segments = 0;
    log.opts.unproven_tail = tail_policy::refuse;
    log.open();
    must(log.log->append("the segment is made"));
    must(log.log->sync());
    gate writing;
    log.hold_and_refuse(disk_call::write, writing);
    const std::string large(large_frame_in_file + 1, 'x');
    std::array<result<index_t>, 3> outcomes{index_t{0}, index_t{0}, index_t{0}};
    {
        const crash::other_thread failing([&] { outcomes[0] = log.log->append(large); });
        writing.await(1);
        const crash::other_thread behind([&] { outcomes[1] = log.log->append("in the same segment"); });
        (void)behind.done_or_asleep();
        const crash::other_thread beginning([&] { outcomes[2] = log.log->append(large); });
        (void)beginning.done_or_asleep();
        writing.open();
    }
    for (const auto& outcome : outcomes)
        BOOST_TEST(fails_with(outcome, io_error));
    BOOST_TEST(log.segments_on_disk() == 1U);
    log.calls.refuse_nothing();
    log.open();
    BOOST_TEST(log.all() == texts{"the segment is made"}, boost::test_tools::per_element());
}

// With a write buffer too: it is in the file, and who waits need not wait for more.
BOOST_AUTO_TEST_CASE(who_waits_is_told_of_a_shared_place_whatever_else_is_gathered) {
    in_place_log<fsync_never> log;
    log.opts.segment_size = mebibyte;
    log.opts.write_buffer = 64 * kibibyte;
    log.open();
    must(log.log->append("the segment is made"));
    must(log.log->sync());
    auto reading = must(log.log->follow(2));
    for (index_t i = 2; i < 50; ++i) {
        result<entry> found = errc::timed_out;
        {
            const crash::other_thread waiting(
                [&] { found = reading.next({}, steady_clock::now() + std::chrono::minutes(1)); });
            (void)waiting.done_or_asleep();
            must(log.log->append("x"));
        }
        BOOST_TEST(must(std::move(found)).index() == i);
    }
}

// Nobody makes it known unless somebody asks: who waits for it has asked.
BOOST_AUTO_TEST_CASE(who_waits_for_an_append_in_place_is_told_of_it) {
    in_place_log<fsync_never> log;
    log.open();
    constexpr index_t count = 20'000;
    std::jthread following([&] {
        auto reading = must(log.log->follow(1));
        for (index_t i = 1; i <= count; ++i)
            if (must(reading.next({})).index() != i)
                BOOST_FAIL("another entry than the next");
    });
    for (index_t i = 1; i <= count; ++i) {
        must(log.log->append("x"));
        if (i % 16 == 0)
            std::this_thread::yield(); // so that it waits now and then
    }
}

BOOST_AUTO_TEST_CASE(what_was_appended_in_place_is_covered_by_a_sync_a_drop_and_a_roll) {
    in_place_log<fsync_never> log;
    log.opts.segment_size = mebibyte;
    log.open();
    const auto append = [&] { return must(log.log->append("x")); };
    append();
    append();
    must(log.log->sync());
    BOOST_TEST(must(log.log->durable_index()) == 2U);
    append();
    BOOST_TEST(must(log.log->roll()) == 4U);
    append();
    append();
    must(log.log->drop_before(5));
    BOOST_TEST(must(log.log->durable_index()) == 5U);
    append();
    must(log.log->truncate(5));
    BOOST_TEST(must(log.log->last_index()) == 5U);
    must(log.log->wait_durable(must(log.log->submit(records({"submitted"})))));
    BOOST_TEST(must(log.log->durable_index()) == 6U);
}

// The system had them before: a sync that fails makes them no less than written.
BOOST_AUTO_TEST_CASE(what_was_acknowledged_in_place_outlives_a_failed_sync_and_a_kill) {
    in_place_log<fsync_never> log;
    log.open();
    for (index_t i = 1; i <= 5; ++i)
        must(log.log->append(sample(i)));
    log.calls.refuse([](disk_call call, const std::string& name) {
        return call == disk_call::sync && is_segment(name) ? io_error : std::error_code();
    });
    BOOST_TEST(fails_with(log.log->sync(), errc::indeterminate));
    BOOST_TEST(fails_with(log.log->append("refused"), errc::poisoned));
    const place_on_disk<mmap_backend> after;
    std::filesystem::copy(log.place.log(), after.log());
    auto found =
        must(basic_wal<binary_format, fsync_never, mmap_backend, no_compression>::open(after.backend(), log.opts));
    for (index_t i = 1; i <= 5; ++i)
        BOOST_TEST(must(found.get(i)).text() == sample(i));
    BOOST_TEST(must(found.last_index()) == 5U);
}

BOOST_AUTO_TEST_CASE(what_was_appended_in_place_is_read_by_calls_at_the_next_open) {
    in_place_log<fsync_interval> log;
    log.open();
    for (index_t i = 1; i <= 100; ++i)
        must(log.log->append(sample(i)));
    must(log.log->close());
    log.open();
    BOOST_TEST(log.calls[disk_call::read] > 0U);
    BOOST_TEST(log.all() == samples(1, 100), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_segment_that_cannot_be_begun_goes_when_nobody_fills_a_frame_in_it_any_more) {
    in_place_log<fsync_never, gated_format> log;
    log.opts.segment_size = mebibyte;
    log.open();
    gate writing;
    log.hold_and_refuse(disk_call::write, writing, errc::no_space); // of the new segment's header
    log.fill.held.close();
    result<index_t> first = index_t{0};
    result<index_t> second = index_t{0};
    unsigned files = 0;
    std::jthread other;
    {
        const crash::other_thread leader([&] { first = log.log->append("its first frame"); });
        writing.await(1);
        files = log.fill.files->load();
        other = std::jthread([&] { second = log.log->append("held"); });
        log.fill.held.await(1); // it has its place in the file, and fills it now
        writing.open();
        BOOST_TEST(!leader.done_or_asleep());
        log.fill.held.open();
    }
    other.join();
    BOOST_TEST(fails_with(first, errc::no_space));
    BOOST_TEST(fails_with(second, errc::no_space));
    BOOST_TEST(log.fill.files_then == files);
    BOOST_TEST(*log.fill.files == files - 1); // and now it is gone
    log.calls.refuse_nothing();
    BOOST_TEST(must(log.log->append("there is room")) == 1U);
    log.open();
    BOOST_TEST(log.all() == texts{"there is room"}, boost::test_tools::per_element());
}

// Frames lie in the file as soon as they are filled, whatever becomes of the log meanwhile.
BOOST_AUTO_TEST_CASE(what_a_poisoned_log_refuses_does_not_come_back_however_late_it_is_filled) {
    in_place_log<fsync_interval, gated_format> log;
    log.opts.segment_size = mebibyte;
    log.open();
    must(log.log->append("proven", durably));
    gate syncing;
    syncing.close();
    std::atomic<bool> cleared{false};
    log.calls.refuse([&](disk_call call, const std::string& name) {
        if (!is_segment(name) || call != disk_call::sync) {
            cleared = cleared || (is_segment(name) && call == disk_call::trim);
            return std::error_code();
        }
        syncing.pass();
        return std::error_code(EIO, std::system_category());
    });
    log.fill.held.close();
    std::array<result<index_t>, 3> outcomes{index_t{0}, index_t{0}, index_t{0}};
    std::jthread first([&] { outcomes[0] = log.log->append("its sync fails", durably); });
    syncing.await(1);
    std::jthread second([&] { outcomes[1] = log.log->append("held"); });
    log.fill.held.await(1);
    std::jthread third([&] { outcomes[2] = log.log->append("which leads"); });
    while (log.fill.begun < 4)
        std::this_thread::yield();
    syncing.open();
    first.join();
    for (int i = 0; i < 20000 && !cleared; ++i) // who leads now had better wait
        std::this_thread::yield();
    log.fill.held.open();
    second.join();
    third.join();
    BOOST_TEST(fails_with(outcomes[0], errc::indeterminate));
    BOOST_TEST(fails_with(outcomes[1], errc::poisoned));
    BOOST_TEST(fails_with(outcomes[2], errc::poisoned));
    (void)log.log->close();
    log.calls.refuse_nothing();
    log.open();
    BOOST_TEST(log.all() == (texts{"proven", "its sync fails"}), boost::test_tools::per_element());
}

// One call that writes and syncs would leave out what is in windows.
BOOST_AUTO_TEST_CASE(a_large_durable_append_makes_what_is_in_place_before_it_durable_too) {
    in_place_log<fsync_interval> log;
    log.opts.segment_size = 4 * mebibyte;
    log.opts.spare_segments = 0;
    log.open();
    must(log.log->append("the segment is made", durably));
    must(log.log->append("in place"));
    BOOST_TEST(must(log.log->durable_index()) == 1U);
    log.calls.forget();
    must(log.log->append(std::string(large_frame + 1, 'x'), durably));
    BOOST_TEST(must(log.log->durable_index()) == 3U);
    BOOST_TEST(log.calls[disk_call::sync] == 1U);
    BOOST_TEST(log.calls[disk_call::write_synced] == 0U);
}

// A store into a page that the last sync has made clean costs more than a call, and so does its sync.
BOOST_AUTO_TEST_CASE(an_append_that_waits_for_its_sync_is_written_and_synced_by_one_call) {
    in_place_log<fsync_always> log;
    log.opts.segment_size = mebibyte;
    log.opts.spare_segments = 0;
    log.open();
    must(log.log->append("the segment is made"));
    log.calls.forget();
    for (int i = 0; i < 10; ++i)
        must(log.log->append(std::string(1000, 'x')));
    BOOST_TEST(log.calls[disk_call::write_synced] == 10U);
    BOOST_TEST(log.calls[disk_call::write] == 0U);
    BOOST_TEST(log.calls[disk_call::sync] == 0U);
    BOOST_TEST(must(log.log->get(11)).text() == std::string(1000, 'x'));
}

template<class FsyncPolicy>
std::uint64_t made_ready_of_a_new_segment() {
    in_place_log<FsyncPolicy> log;
    log.opts.segment_size = 4 * mebibyte;
    log.opts.window_ahead = 4 * mebibyte;
    log.open();
    (void)must(log.log->append("the first segment is made for it"));
    return log.calls.touched();
}

BOOST_AUTO_TEST_CASE(little_is_made_ready_where_a_sync_would_write_all_of_it) {
    BOOST_TEST(made_ready_of_a_new_segment<fsync_never>() == 4 * mebibyte);
    BOOST_TEST(made_ready_of_a_new_segment<fsync_interval>() == mebibyte);
    BOOST_TEST(made_ready_of_a_new_segment<fsync_always>() == 0U);
}

BOOST_AUTO_TEST_CASE(a_repair_makes_nothing_ready_but_the_first_append_behind_it_does) {
    in_place_log<fsync_never> log;
    log.open();
    (void)must(log.log->append("unproven"));
    in_place_log<fsync_never> repaired;
    std::filesystem::copy(log.place.log(), repaired.place.log());
    repaired.opts.background = background::own(1);
    repaired.opts.spare_segments = 0;
    repaired.open();
    BOOST_TEST(repaired.report.repaired);
    BOOST_TEST(repaired.calls.touched() == 0U); // the repair's sync would write it
    (void)must(repaired.log->append("behind it"));
    while (repaired.calls.touched() == 0)
        std::this_thread::yield();
    BOOST_TEST(repaired.all() == (texts{"unproven", "behind it"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
