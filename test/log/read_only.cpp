#include <tusk/log/live_tail.hpp>

#include <log/steered_log.hpp>

#include <thread>

using namespace log_test;

namespace log_read_only {

// A writer, and a second handle on its directory that only reads.
template<class FsyncPolicy>
struct pair_of_logs : memory_log<FsyncPolicy> {
    memory_log<FsyncPolicy> reading;

    pair_of_logs() { this->open(); }
    void open_reading() {
        reading.disk = this->disk;
        reading.opts.mode = open_mode::read_only;
        reading.open();
    }
    auto reader(index_t from, visible what = visible::written) { return must(reading.log->read_from(from, what)); }

    template<class Reader>
    static texts rest_of(Reader& r) {
        texts out;
        for (;;) {
            const result<entry> e = r.next();
            if (!e) {
                BOOST_TEST(fails_with(e, errc::beyond_end));
                return out;
            }
            out.emplace_back(e.value().text());
        }
    }
};

using fixture = pair_of_logs<fsync_always>;
using lazy = pair_of_logs<fsync_never>;

std::optional<steady_time> in_an_hour() { return steady_clock::now() + std::chrono::hours(1); }

} // namespace log_read_only

BOOST_FIXTURE_TEST_SUITE(log_read_only, fixture)

BOOST_AUTO_TEST_CASE(reading_only_takes_no_lock_and_changes_no_byte) {
    fill_segments(3);
    const auto before = disk.contents();
    open_reading();
    BOOST_TEST(reading.all() == samples(1, last()), boost::test_tools::per_element());
    BOOST_TEST(must(reading.log->verify()).sound());
    reading.close();
    BOOST_TEST((disk.contents() == before));
    append("the writer goes on");
}

BOOST_AUTO_TEST_CASE(an_open_beside_a_writer_that_drops_meanwhile_sees_what_is_left) {
    fill_segments(4);
    steered_log<> late;
    late.disk = disk;
    late.opts.mode = open_mode::read_only;
    late.calls.refuse([&, dropped = false](disk_call call, const std::string& name) mutable {
        if (call == disk_call::open && name != "state" && !std::exchange(dropped, true))
            must(log->drop_before(last()));
        return std::error_code();
    });
    late.open();
    BOOST_TEST(late.all() == samples(last(), last()), boost::test_tools::per_element());
    BOOST_TEST(late.report.damages.empty());
}

BOOST_AUTO_TEST_CASE(a_log_that_is_read_only_refuses_every_writing_call) {
    append("a");
    open_reading();
    auto& log_ = *reading.log;
    const std::vector<record_view> one = records({"x"});
    const std::array<byte_view, 1> piece{to_bytes("x")};
    auto begun = log_.begin();
    must(begun.add("x"));
    BOOST_TEST(fails_with(log_.append("x"), errc::read_only));
    BOOST_TEST(fails_with(log_.append(piece), errc::read_only));
    BOOST_TEST(fails_with(log_.append_with(1, [](byte_span) {}), errc::read_only));
    BOOST_TEST(fails_with(log_.append_batch(one), errc::read_only));
    BOOST_TEST(fails_with(log_.replace_from(1, one), errc::read_only));
    BOOST_TEST(fails_with(log_.submit(one), errc::read_only));
    BOOST_TEST(fails_with(log_.wait_durable({}), errc::read_only));
    BOOST_TEST(fails_with(begun.commit(), errc::read_only));
    BOOST_TEST(fails_with(log_.sync(), errc::read_only));
    BOOST_TEST(fails_with(log_.roll(), errc::read_only));
    BOOST_TEST(fails_with(log_.truncate(0), errc::read_only));
    BOOST_TEST(fails_with(log_.drop_before(1), errc::read_only));
    BOOST_TEST(fails_with(log_.reset(5), errc::read_only));
    BOOST_TEST(fails_with(log_.hold(1), errc::read_only));
    must(log_.close());
    BOOST_TEST(fails_with(log_.append("x"), errc::closed));
    BOOST_TEST(fails_with(log_.get(1), errc::closed));
}

BOOST_AUTO_TEST_CASE(a_reader_sees_what_a_writer_appends_later) {
    append("a");
    open_reading();
    auto r = reader(1);
    BOOST_TEST(rest_of(r) == texts{"a"}, boost::test_tools::per_element());
    append("b");
    append_batch({"c", "d"});
    BOOST_TEST(rest_of(r) == (texts{"b", "c", "d"}), boost::test_tools::per_element());
    BOOST_TEST(reading.text(3) == "c");
}

BOOST_AUTO_TEST_CASE(a_reader_follows_a_writer_from_segment_to_segment) {
    append_samples(1);
    open_reading();
    auto r = reader(1);
    texts seen;
    for (int round = 0; round < 20; ++round) {
        append_samples(31);
        const texts more = rest_of(r);
        seen.insert(seen.end(), more.begin(), more.end());
    }
    BOOST_TEST(seen == samples(1, last()), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_reader_of_a_log_without_entries_sees_the_first) {
    open_reading();
    BOOST_TEST(must(reading.log->empty()));
    auto r = reader(1);
    BOOST_TEST(fails_with(r.next(), errc::beyond_end));
    append_samples(100);
    BOOST_TEST(rest_of(r) == samples(1, 100), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_reader_is_told_of_a_cut_by_the_writer) {
    append_samples(10);
    open_reading();
    auto r = reader(1);
    BOOST_TEST(rest_of(r).size() == 10U);
    must(log->truncate(6));
    append("new 7");
    BOOST_TEST(fails_with(r.next(), errc::truncated));
    BOOST_TEST(r.next_index() == 7U);
    BOOST_TEST(rest_of(r) == texts{"new 7"}, boost::test_tools::per_element());
    must(log->replace_from(5, records({"x", "y"})));
    BOOST_TEST(fails_with(r.next(), errc::truncated));
    BOOST_TEST(rest_of(r) == (texts{"x", "y"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_reader_learns_that_what_it_wants_was_dropped) {
    append_samples(200);
    open_reading();
    auto r = reader(1);
    rest_of(r);
    auto behind = reader(10);
    must(log->drop_before(150));
    append("next");
    BOOST_TEST(rest_of(r) == texts{"next"}, boost::test_tools::per_element());
    BOOST_TEST(reading.first() == 150U);
    BOOST_TEST(fails_with(behind.next(), errc::dropped));
    BOOST_TEST(fails_with(reading.log->get(10), errc::dropped));
    behind.seek(reading.first());
    BOOST_TEST(rest_of(behind).size() == 52U);
}

BOOST_AUTO_TEST_CASE(a_reader_that_did_not_look_before_its_segment_was_removed_is_told_so) {
    append_samples(200);
    open_reading();
    must(log->drop_before(190));
    auto behind = must(reading.log->read_from(1));
    BOOST_TEST(fails_with(behind.next(), errc::dropped));
    BOOST_TEST(fails_with(reading.log->get(1), errc::dropped));
    BOOST_TEST(reading.first() == 190U); // to go on from there
}

BOOST_AUTO_TEST_CASE(a_reader_sees_a_reset) {
    append_samples(10);
    open_reading();
    auto r = reader(1);
    BOOST_TEST(rest_of(r).size() == 10U);
    must(log->reset(4));
    append("new 4");
    BOOST_TEST(fails_with(r.next(), errc::truncated));
    BOOST_TEST(fails_with(r.next(), errc::dropped));
    r.seek(reading.first());
    BOOST_TEST(rest_of(r) == texts{"new 4"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_reader_goes_on_after_the_writer_was_closed_and_opened_again) {
    append_samples(10);
    open_reading();
    auto r = reader(1);
    BOOST_TEST(rest_of(r).size() == 10U);
    for (int round = 0; round < 3; ++round) {
        reopen();
        append_samples(20);
        BOOST_TEST(rest_of(r).size() == 20U);
    }
    BOOST_TEST(reading.all() == samples(1, 70), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_frame_that_is_only_half_written_is_not_there_yet) {
    append_samples(3);
    auto moment = disk.now();
    append("still being written");
    const auto [file, offset] = disk.find("still being written");
    const std::string whole = disk.read(file);
    log.reset();
    disk.go_back_to(std::move(moment));
    disk.write(file, 0, std::string_view(whole).substr(0, static_cast<std::size_t>(offset + 5)));
    open_reading();
    BOOST_TEST(reading.all() == samples(1, 3), boost::test_tools::per_element());
    auto r = reader(4);
    BOOST_TEST(fails_with(r.next(), errc::beyond_end));
    disk.write(file, 0, whole);
    BOOST_TEST(must(r.next()).text() == "still being written");
}

BOOST_AUTO_TEST_CASE(damage_in_what_was_durable_is_refused_to_readers_too) {
    append_samples(10);
    close();
    disk.damage(sample(3));
    reading.disk = disk;
    reading.opts.mode = open_mode::read_only;
    reading.opts.verify_all = true;
    const auto before = disk.contents();
    BOOST_TEST(fails_with(reading.try_open(), errc::corrupt));
    BOOST_TEST((disk.contents() == before));
}

BOOST_AUTO_TEST_CASE(a_reader_of_what_is_durable_does_not_see_what_is_only_written) {
    lazy l;
    l.append("a");
    must(l.log->sync());
    l.append("b"); // bears witness to the first
    l.append("c");
    l.open_reading();
    auto durable = l.reader(1, visible::durable);
    auto written = l.reader(1, visible::written);
    BOOST_TEST(l.rest_of(written) == (texts{"a", "b", "c"}), boost::test_tools::per_element());
    BOOST_TEST(l.rest_of(durable) == texts{"a"}, boost::test_tools::per_element());
    must(l.log->sync());
    l.append("d");
    BOOST_TEST(l.rest_of(durable) == (texts{"b", "c"}), boost::test_tools::per_element());
    BOOST_TEST(l.reading.durable() == 3U);
}

BOOST_AUTO_TEST_CASE(a_follower_waits_for_a_writer_that_knows_nothing_of_it) {
    open_reading();
    auto f = must(reading.log->follow(1));
    std::jthread writer([this] { append_samples(200); });
    for (index_t i = 1; i <= 200; ++i)
        BOOST_TEST(must(f.next({}, in_an_hour())).text() == sample(i));
    writer.join();
    BOOST_TEST(fails_with(f.next({}, steady_clock::now()), errc::timed_out));
    std::stop_source stop;
    stop.request_stop();
    BOOST_TEST(fails_with(f.next(stop.get_token(), in_an_hour()), errc::cancelled));
}

BOOST_AUTO_TEST_CASE(a_reader_beside_a_writer_that_cuts_and_drops_never_sees_a_gap) {
    append_samples(1);
    open_reading();
    auto f = must(reading.log->follow(1));
    std::atomic<bool> done{false};
    std::jthread writer([this, &done] {
        for (int round = 0; round < 60; ++round) {
            append_samples(20);
            if (round % 3 == 1)
                must(log->truncate(next() - 6));
            if (round % 10 == 9)
                must(log->drop_before(next() - 15));
        }
        append("the end");
        done = true;
    });
    index_t expected = 1;
    for (;;) {
        const result<entry> e = f.next({}, in_an_hour());
        if (e) {
            BOOST_REQUIRE_EQUAL(e.value().index(), expected);
            if (e.value().text() == "the end")
                break;
            BOOST_REQUIRE_EQUAL(e.value().text(), sample(expected));
            ++expected;
        } else if (e.error() == errc::truncated) {
            BOOST_REQUIRE(f.next_index() < expected);
            expected = f.next_index();
        } else {
            BOOST_REQUIRE(fails_with(e, errc::dropped));
            const index_t first_ = reading.first();
            BOOST_REQUIRE(first_ > expected);
            f.seek(first_);
            expected = first_;
        }
    }
}

BOOST_FIXTURE_TEST_CASE(what_takes_the_place_of_durable_entries_is_not_durable_with_them, lazy) {
    append_samples(20);
    must(log->sync());
    append("with the witness");
    must(log->truncate(5));
    for (int i = 0; i < 7; ++i)
        append("never synced");
    open_reading();
    BOOST_TEST(reading.durable() == 5U);
    auto r = reader(1, visible::durable);
    BOOST_TEST(rest_of(r) == samples(1, 5), boost::test_tools::per_element());
    must(log->truncate(3)); // and beside a reader that is there already
    append("never synced");
    BOOST_TEST(fails_with(r.next(), errc::truncated));
    BOOST_TEST(reading.last() == 4U);
    BOOST_TEST(reading.durable() == 3U);
    BOOST_TEST(fails_with(r.next(), errc::beyond_end));
    must(log->sync());
    append("with another witness");
    BOOST_TEST(must(r.next()).text() == "never synced"); // which it is by now
}

BOOST_AUTO_TEST_CASE(a_second_drop_is_seen_though_nothing_was_written_in_between) {
    append_samples(10);
    open_reading();
    auto r = reader(11);
    must(log->drop_before(5));
    (void)rest_of(r);
    BOOST_TEST(reading.first() == 5U);
    must(log->drop_before(8));
    (void)rest_of(r);
    BOOST_TEST(reading.first() == 8U);
    BOOST_TEST(fails_with(reading.log->get(6), errc::dropped));
}

BOOST_FIXTURE_TEST_CASE(a_reader_that_cannot_open_a_file_for_once_sees_a_repair_later, lazy) {
    append_samples(3);
    must(log->sync());
    append_samples(2);
    steered_log<fsync_never> late;
    late.opts.mode = open_mode::read_only;
    const auto left = disk.now(); // the writer dies, and another one comes
    late.disk.go_back_to(left);
    late.open();
    log.reset();
    disk.go_back_to(left);
    open(); // repairs: what nothing proves moves to another segment
    append_samples(5);
    late.calls.refuse([once = std::make_shared<std::atomic<bool>>(false)](disk_call call, const std::string& name) {
        const bool now = call == disk_call::open && name != "state" && !once->exchange(true);
        return now ? std::make_error_code(std::errc::too_many_files_open) : std::error_code();
    });
    auto r = must(late.log->read_from(6));
    texts found;
    for (int looks = 0; looks < 20; ++looks)
        if (const result<entry> e = r.next())
            found.emplace_back(e.value().text());
    BOOST_TEST(found == samples(6, 10), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
