#include <tusk/log/reader.hpp>

#include <log/steered_log.hpp>

#include <thread>

using namespace log_test;

namespace log_reading {

struct fixture : memory_log<> {
    fixture() { open(); }

    using reader_type = log_type::reader_type;
    using follower_type = log_type::follower_type;

    // What the reader still has, up to the first error, which has to be that there is no more.
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
    static std::string next_of(reader_type& r) { return std::string(must(r.next()).text()); }
    static std::optional<steady_time> in_an_hour() { return steady_clock::now() + std::chrono::hours(1); }
};

// A log whose bytes are written when somebody asks for them.
struct buffered : memory_log<fsync_never> {
    buffered() {
        opts.write_buffer = mebibyte;
        open();
    }
};

} // namespace log_reading

BOOST_FIXTURE_TEST_SUITE(log_reading, fixture)

// ---- one entry, or a range of them ----

BOOST_AUTO_TEST_CASE(what_lies_outside_of_the_log_is_told_apart) {
    append_samples(10);
    must(log->drop_before(4));
    BOOST_TEST(fails_with(log->get(0), errc::dropped));
    BOOST_TEST(fails_with(log->get(3), errc::dropped));
    BOOST_TEST(text(4) == sample(4));
    BOOST_TEST(text(10) == sample(10));
    BOOST_TEST(fails_with(log->get(11), errc::beyond_end));
    BOOST_TEST(fails_with(log->get(UINT64_MAX), errc::beyond_end));
    BOOST_TEST(fails_with(log->term_at(UINT64_MAX), errc::beyond_end));
}

// Entries of one size lie at equal distances, and are looked for there first.
BOOST_AUTO_TEST_CASE(each_entry_is_found_whatever_the_sizes_of_those_beside_it) {
    std::size_t kind = 0;
    texts expected;
    const auto text = [&](std::size_t size) {
        return std::to_string(expected.size() + 1) + std::string(size, static_cast<char>('a' + expected.size() % 26));
    };
    const auto append = [&](std::size_t size) {
        expected.push_back(text(size));
        must(log->append(expected.back()));
    };
    for (int i = 0; i < 100; ++i)
        append(30);
    for (int i = 0; i < 100; ++i)
        append(i % 2 == 0 ? 20 : 60); // so that each eighth is where equal ones would be
    for (int i = 0; i < 50; ++i)
        append(kind++ * 7 % 90);
    must(log->truncate(203)); // what is behind lies at another distance
    expected.resize(203);
    for (int i = 0; i < 40; ++i)
        append(30);
    for (int b = 0; b < 10; ++b) {
        texts batch;
        for (int i = 0; i < 12; ++i)
            batch.push_back(text(40)), expected.push_back(batch.back());
        must(log->append_batch(std::vector<record_view>(batch.begin(), batch.end())));
    }
    must(log->replace_from(300, records({"replaced", "and more"})));
    expected.resize(299);
    expected.insert(expected.end(), {"replaced", "and more"});
    for (int i = 0; i < 30; ++i)
        append(30);
    for (index_t i = 0; i < 7 * expected.size(); ++i) {
        const index_t at = 1 + i * 101 % expected.size();
        BOOST_TEST(must(log->get(at)).text() == expected[at - 1]);
    }
}

BOOST_AUTO_TEST_CASE(a_range_is_clamped_to_what_is_there) {
    append_samples(100);
    must(log->drop_before(10));
    const auto size = [this](index_t first, index_t last) { return must(log->get_range(first, last)).size(); };
    BOOST_TEST(size(10, 100) == 91U);
    BOOST_TEST(size(0, UINT64_MAX) == 91U);
    BOOST_TEST(size(1, 10) == 1U);
    BOOST_TEST(size(100, 500) == 1U);
    BOOST_TEST(size(50, 50) == 1U);
    BOOST_TEST(size(1, 9) == 0U);
    BOOST_TEST(size(101, 200) == 0U);
    BOOST_TEST(size(UINT64_MAX, UINT64_MAX) == 0U);
    const entries found = must(log->get_range(5, 12));
    BOOST_TEST(found.front().index() == 10U);
    BOOST_TEST(found.back().index() == 12U);
    BOOST_TEST(found[1].text() == sample(11));
}

BOOST_AUTO_TEST_CASE(a_range_upside_down_is_an_error) {
    append_samples(10);
    BOOST_TEST(fails_with(log->get_range(5, 4), errc::invalid_argument));
    BOOST_TEST(fails_with(log->get_range(100, 99), errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(a_range_of_an_empty_log_is_empty) {
    BOOST_TEST(must(log->get_range(1, 10)).empty());
    BOOST_TEST(fails_with(log->get(1), errc::beyond_end));
}

BOOST_AUTO_TEST_CASE(a_range_ends_where_the_bytes_do) {
    append_samples(10); // 64 bytes each
    const auto size = [this](std::uint64_t bytes) { return must(log->get_range(1, 10, bytes)).size(); };
    BOOST_TEST(size(0) == 1U); // one there always is
    BOOST_TEST(size(63) == 1U);
    BOOST_TEST(size(127) == 1U);
    BOOST_TEST(size(128) == 2U);
    BOOST_TEST(size(640) == 10U);
}

BOOST_AUTO_TEST_CASE(keys_count_towards_the_bytes_of_a_range) {
    for (int i = 0; i < 3; ++i)
        must(log->append(record_view("12345", "12345")));
    BOOST_TEST(must(log->get_range(1, 3, 20)).size() == 2U);
    BOOST_TEST(must(log->get_range(1, 3, 19)).size() == 1U);
}

BOOST_AUTO_TEST_CASE(an_oversized_first_entry_is_given_alone) {
    append(std::string(10000, 'x'));
    append("y");
    BOOST_TEST(must(log->get_range(1, 2, 100)).size() == 1U);
}

BOOST_AUTO_TEST_CASE(one_entry_of_a_large_batch_is_read_alone) {
    std::vector<std::string> texts_;
    for (char c = 'a'; c <= 'z'; ++c)
        texts_.emplace_back(20000, c);
    const std::vector<record_view> batch(texts_.begin(), texts_.end());
    must(log->append_batch(batch));
    append("after");
    for (const index_t i : {26U, 1U, 13U, 14U, 2U})
        BOOST_TEST(text(i) == texts_[i - 1]);
    BOOST_TEST(text(27) == "after");
}

BOOST_AUTO_TEST_CASE(every_entry_is_found_alone_in_any_order) {
    append_samples(300);
    for (index_t i = 1; i <= 300; ++i) {
        const index_t at = i * 101 % 300 + 1;
        BOOST_TEST(text(at) == sample(at));
    }
}

BOOST_AUTO_TEST_CASE(with_one_open_file_all_segments_can_be_read) {
    close();
    opts.max_open_segments = 1;
    open();
    fill_segments(6);
    const index_t end = last();
    for (int round = 0; round < 2; ++round) {
        for (index_t i = 1; i <= end; i += 20)
            BOOST_TEST(text(i) == sample(i));
        BOOST_TEST(all() == samples(1, end), boost::test_tools::per_element());
    }
}

// ---- pins ----

BOOST_AUTO_TEST_CASE(an_entry_stays_valid_after_truncation_rotation_dropping_and_close) {
    append("first");
    append_batch({"second", "third"});
    const entry one = must(log->get(1));
    const entries range = must(log->get_range(2, 3));
    auto reader = must(log->read_from(1));
    const entry read = must(reader.next());
    must(log->truncate(0));
    append_samples(100);
    must(log->roll());
    append_samples(100);
    must(log->drop_before(150));
    BOOST_TEST(one.text() == "first");
    close();
    disk.go_back_to(memory_backend().share());
    BOOST_TEST(one.text() == "first");
    BOOST_TEST(range[0].text() == "second");
    BOOST_TEST(range[1].text() == "third");
    BOOST_TEST(read.text() == "first");
    const entry copied = one;
    BOOST_TEST(copied.data().data() == one.data().data()); // copied without a byte
    BOOST_TEST(to_text(one.copy()) == "first");
}

BOOST_AUTO_TEST_CASE(entries_that_are_kept_are_not_touched_by_later_reads) {
    append_samples(500);
    std::vector<entry> kept;
    auto reader = must(log->read_from(1));
    for (index_t i = 1; i <= 500; ++i) {
        kept.push_back(must(log->get(i)));
        kept.push_back(must(reader.next()));
    }
    for (std::size_t i = 0; i < kept.size(); ++i)
        BOOST_TEST(kept[i].text() == sample(i / 2 + 1));
}

// ---- readers ----

BOOST_AUTO_TEST_CASE(a_reader_goes_over_all_segments_to_the_end) {
    fill_segments(5);
    auto r = must(log->read_from(1));
    BOOST_TEST(rest_of(r) == samples(1, last()), boost::test_tools::per_element());
    BOOST_TEST(r.next_index() == next());
    append(sample(next()));
    BOOST_TEST(next_of(r) == sample(last())); // it goes on when there is more
    BOOST_TEST(fails_with(r.next(), errc::beyond_end));
}

BOOST_AUTO_TEST_CASE(a_reader_starts_anywhere_in_the_log_and_nowhere_else) {
    append_samples(100);
    must(log->drop_before(10));
    for (const index_t from : {10U, 11U, 55U, 100U}) {
        auto r = must(log->read_from(from));
        BOOST_TEST(r.next_index() == from);
        BOOST_TEST(next_of(r) == sample(from));
    }
    auto at_end = must(log->read_from(101));
    BOOST_TEST(fails_with(at_end.next(), errc::beyond_end));
    BOOST_TEST(fails_with(log->read_from(9), errc::dropped));
    BOOST_TEST(fails_with(log->read_from(0), errc::dropped));
    BOOST_TEST(fails_with(log->read_from(102), errc::beyond_end));
    BOOST_TEST(fails_with(log->follow(9), errc::dropped));
    BOOST_TEST(fails_with(log->follow(102), errc::beyond_end));
}

BOOST_AUTO_TEST_CASE(a_reader_can_be_sent_elsewhere) {
    append_samples(100);
    auto r = must(log->read_from(1));
    BOOST_TEST(next_of(r) == sample(1));
    r.seek(50);
    BOOST_TEST(next_of(r) == sample(50));
    r.seek(3);
    BOOST_TEST(next_of(r) == sample(3));
    BOOST_TEST(next_of(r) == sample(4));
}

BOOST_AUTO_TEST_CASE(a_reader_is_told_once_that_what_it_read_was_cut) {
    append_samples(10);
    auto r = must(log->read_from(1));
    for (int i = 0; i < 8; ++i)
        must(r.next());
    must(log->truncate(5));
    append("new 6");
    append("new 7");
    BOOST_TEST(fails_with(r.next(), errc::truncated));
    BOOST_TEST(r.next_index() == 6U);
    BOOST_TEST(rest_of(r) == (texts{"new 6", "new 7"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(several_cuts_between_two_reads_send_a_reader_to_the_lowest) {
    append_samples(10);
    auto r = must(log->read_from(1));
    for (int i = 0; i < 8; ++i)
        must(r.next());
    must(log->truncate(3));
    append_samples(5);
    must(log->truncate(6));
    append("new 7");
    BOOST_TEST(fails_with(r.next(), errc::truncated));
    BOOST_TEST(r.next_index() == 4U);
    BOOST_TEST(rest_of(r) == (texts{sample(4), sample(5), sample(6), "new 7"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_reader_does_not_notice_cuts_above_where_it_is) {
    append_samples(10);
    auto r = must(log->read_from(1));
    BOOST_TEST(next_of(r) == sample(1));
    must(log->truncate(5));
    append("new 6");
    BOOST_TEST(rest_of(r) == (texts{sample(2), sample(3), sample(4), sample(5), "new 6"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_replacement_is_a_cut_to_a_reader) {
    append_samples(10);
    auto r = must(log->read_from(8));
    BOOST_TEST(rest_of(r).size() == 3U);
    must(log->replace_from(9, records({"x", "y", "z"})));
    BOOST_TEST(fails_with(r.next(), errc::truncated));
    BOOST_TEST(rest_of(r) == (texts{"x", "y", "z"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_cut_before_the_reader_began_is_none_of_its_business) {
    append_samples(10);
    must(log->truncate(5));
    auto r = must(log->read_from(1));
    BOOST_TEST(rest_of(r) == samples(1, 5), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_reader_of_what_was_dropped_can_go_on_at_the_first) {
    append_samples(200);
    auto r = must(log->read_from(1));
    must(r.next());
    must(log->drop_before(150));
    BOOST_TEST(fails_with(r.next(), errc::dropped));
    BOOST_TEST(fails_with(r.next(), errc::dropped));
    r.seek(first());
    BOOST_TEST(rest_of(r) == samples(150, 200), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_reader_is_told_of_a_cut_before_it_is_told_of_a_drop) {
    append_samples(10);
    auto r = must(log->read_from(1));
    BOOST_TEST(rest_of(r).size() == 10U);
    must(log->truncate(5));
    append_samples(20);
    must(log->drop_before(15));
    BOOST_TEST(fails_with(r.next(), errc::truncated));
    BOOST_TEST(r.next_index() == 6U); // what it read up to there was kept
    BOOST_TEST(fails_with(r.next(), errc::dropped));
    r.seek(first());
    BOOST_TEST(rest_of(r) == samples(15, 25), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_reset_is_a_cut_to_a_reader) {
    append_samples(10);
    auto r = must(log->read_from(1));
    for (int i = 0; i < 5; ++i)
        must(r.next());
    must(log->reset(3));
    append("new 3");
    BOOST_TEST(fails_with(r.next(), errc::truncated));
    BOOST_TEST(r.next_index() == 1U); // nothing was kept
    BOOST_TEST(fails_with(r.next(), errc::dropped));
    r.seek(first());
    BOOST_TEST(rest_of(r) == texts{"new 3"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(readers_can_be_moved_and_assigned) {
    append_samples(10);
    auto one = must(log->read_from(1));
    auto two = must(log->read_from(7));
    auto moved = std::move(one);
    BOOST_TEST(next_of(moved) == sample(1));
    moved = std::move(two);
    BOOST_TEST(next_of(moved) == sample(7));
    must(log->truncate(2));
    BOOST_TEST(fails_with(moved.next(), errc::truncated));
}

BOOST_AUTO_TEST_CASE(a_reader_may_outlive_the_log) {
    append_samples(10);
    auto r = must(log->read_from(1));
    must(r.next());
    close();
    BOOST_TEST(fails_with(r.next(), errc::closed));
}

BOOST_AUTO_TEST_CASE(destroying_a_log_closes_it_even_while_a_reader_lives) {
    append_samples(3);
    auto r = must(log->read_from(1));
    must(r.next());
    log.reset();
    BOOST_TEST(fails_with(r.next(), errc::closed));
    open();
    BOOST_TEST(must(log->last_index()) == 3U);
}

BOOST_AUTO_TEST_CASE(a_reader_is_shown_only_what_is_durable_if_that_is_what_it_asked_for) {
    memory_log<fsync_never> lazy;
    lazy.open();
    lazy.append("a");
    must(lazy.log->sync());
    lazy.append("b");
    auto written = must(lazy.log->read_from(1, visible::written));
    auto durable = must(lazy.log->read_from(1, visible::durable));
    BOOST_TEST(rest_of(written) == (texts{"a", "b"}), boost::test_tools::per_element());
    BOOST_TEST(rest_of(durable) == texts{"a"}, boost::test_tools::per_element());
    must(lazy.log->sync());
    BOOST_TEST(rest_of(durable) == texts{"b"}, boost::test_tools::per_element());
    // What was durable at an index is not what replaces it there.
    must(lazy.log->truncate(0));
    lazy.append("new a");
    BOOST_TEST(fails_with(durable.next(), errc::truncated));
    BOOST_TEST(fails_with(durable.next(), errc::beyond_end));
    must(lazy.log->sync());
    BOOST_TEST(rest_of(durable) == texts{"new a"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_damaged_entry_does_not_stop_a_reader) {
    append_samples(10);
    disk.damage(sample(5));
    auto r = must(log->read_from(4));
    BOOST_TEST(next_of(r) == sample(4));
    BOOST_TEST(fails_with(r.next(), errc::corrupt));
    BOOST_TEST(next_of(r) == sample(6));
    BOOST_TEST(fails_with(log->get(5), errc::corrupt));
    BOOST_TEST(fails_with(log->get_range(1, 10), errc::corrupt)); // never a gap in silence
    BOOST_TEST(text(6) == sample(6));
}

// Where entries are of one size: else those up to the next mark of the index cannot be found.
BOOST_AUTO_TEST_CASE(a_damaged_header_does_not_stop_a_reader) {
    for (int i = 0; i < 10; ++i)
        must(log->append("entry " + std::to_string(i)));
    const memory_disk::place data = disk.find("entry 4");
    disk.flip(data.file, data.offset - 20); // what it bears witness to
    auto r = must(log->read_from(4));
    BOOST_TEST(next_of(r) == "entry 3");
    BOOST_TEST(fails_with(r.next(), errc::corrupt));
    BOOST_TEST(rest_of(r) == (texts{"entry 5", "entry 6", "entry 7", "entry 8", "entry 9"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_for_once_is_read_by_the_next_call) {
    steered_log<> failing;
    failing.opts.segment_size = 2 * mebibyte;
    failing.open();
    texts all;
    for (index_t i = 1; i <= 20; ++i) {
        all.push_back(sample(i, 64 * kibibyte));
        failing.append(all.back());
    }
    for (const unsigned which : {1U, 2U, 4U}) { // nothing is in memory before the first
        auto r = must(failing.log->read_from(1));
        failing.calls.refuse([which, reads = 0U](disk_call call, const std::string&) mutable {
            return call == disk_call::read && ++reads == which ? io_error : std::error_code();
        });
        texts read;
        auto e = r.next();
        for (; e; e = r.next())
            read.emplace_back(e.value().text());
        BOOST_TEST(fails_with(e, io_error));
        for (const std::string& rest : rest_of(r))
            read.push_back(rest);
        BOOST_TEST((read == all));
    }
}

BOOST_AUTO_TEST_CASE(who_does_not_want_checksums_is_shown_what_is_there) {
    opts.check_reads = false;
    open();
    append_samples(10);
    must(log->append_batch(records({"first of a batch", "second of a batch"})));
    disk.damage(sample(5));
    disk.damage("second of a batch");
    auto r = must(log->read_from(4));
    for (index_t i = 4; i <= 12; ++i) {
        const entry e = must(r.next());
        BOOST_TEST(e.index() == i);
        BOOST_TEST((e.text() == sample(i)) == (i != 5 && i < 11));
    }
    BOOST_TEST(must(log->get(5)).text().size() == sample(5).size());
    BOOST_TEST(must(log->get(11)).text() == "first of a batch");
    BOOST_TEST(must(log->get_range(1, 12)).size() == 12U);
    BOOST_TEST(!must(log->verify()).sound()); // that is its purpose
}

// Else it might be bytes of another entry.
BOOST_AUTO_TEST_CASE(what_says_where_entries_are_is_checked_in_any_case) {
    opts.check_reads = false;
    open();
    must(log->append_batch(records({"one", "two", "three"})));
    const memory_disk::place data = disk.find("one");
    disk.flip(data.file, data.offset - 1);
    for (index_t i = 1; i <= 3; ++i)
        BOOST_TEST(fails_with(log->get(i), errc::corrupt));
}

BOOST_AUTO_TEST_CASE(readers_see_what_is_gathered_in_memory) {
    buffered b;
    b.append("a");
    auto r = must(b.log->read_from(1));
    BOOST_TEST(must(r.next()).text() == "a");
    b.append("b");
    BOOST_TEST(b.last() == 2U);
    BOOST_TEST(b.text(2) == "b");
    b.append("c");
    BOOST_TEST(rest_of(r) == (texts{"b", "c"}), boost::test_tools::per_element());
}

// ---- followers ----

BOOST_AUTO_TEST_CASE(a_follower_gives_what_is_there_without_waiting) {
    append_samples(100);
    auto f = must(log->follow(1));
    for (index_t i = 1; i <= 100; ++i)
        BOOST_TEST(must(f.next({}, in_an_hour())).text() == sample(i));
}

BOOST_AUTO_TEST_CASE(a_follower_is_woken_by_what_is_appended) {
    auto f = must(log->follow(1));
    std::jthread writer([this] { append_samples(300); });
    for (index_t i = 1; i <= 300; ++i)
        BOOST_TEST(must(f.next({}, in_an_hour())).text() == sample(i));
}

BOOST_AUTO_TEST_CASE(a_follower_stops_when_it_is_told_to) {
    auto f = must(log->follow(1));
    std::stop_source stop;
    std::jthread stopper([&] { stop.request_stop(); });
    BOOST_TEST(fails_with(f.next(stop.get_token(), in_an_hour()), errc::cancelled));
    BOOST_TEST(fails_with(f.next(stop.get_token()), errc::cancelled));
    append("a");
    BOOST_TEST(must(f.next(stop.get_token())).text() == "a"); // what is there comes first
}

BOOST_AUTO_TEST_CASE(a_follower_gives_up_at_its_deadline) {
    auto f = must(log->follow(1));
    BOOST_TEST(fails_with(f.next({}, steady_clock::now() - std::chrono::seconds(1)), errc::timed_out));
    BOOST_TEST(fails_with(f.next({}, steady_clock::now() + std::chrono::milliseconds(1)), errc::timed_out));
}

BOOST_AUTO_TEST_CASE(a_follower_that_waits_ends_when_the_log_is_closed) {
    auto f = must(log->follow(1));
    std::jthread closer([this] { must(log->close()); });
    BOOST_TEST(fails_with(f.next({}, in_an_hour()), errc::closed));
}

BOOST_AUTO_TEST_CASE(a_follower_that_waits_is_told_of_a_cut) {
    append_samples(10);
    auto f = must(log->follow(11));
    std::jthread cutter([this] { must(log->truncate(5)); });
    BOOST_TEST(fails_with(f.next({}, in_an_hour()), errc::truncated));
    BOOST_TEST(f.next_index() == 6U);
}

BOOST_AUTO_TEST_CASE(a_follower_of_what_is_durable_is_woken_by_a_sync) {
    memory_log<fsync_never> lazy;
    lazy.open();
    lazy.append("a");
    auto f = must(lazy.log->follow(1, visible::durable));
    BOOST_TEST(fails_with(f.next({}, steady_clock::now()), errc::timed_out));
    std::jthread syncer([&] { must(lazy.log->sync()); });
    BOOST_TEST(must(f.next({}, in_an_hour())).text() == "a");
}

BOOST_AUTO_TEST_CASE(followers_see_appends_and_cuts_in_the_order_in_which_they_happen) {
    auto f = must(log->follow(1));
    std::jthread writer([this] {
        for (index_t round = 1; round <= 100; ++round) {
            for (int i = 0; i < 3; ++i)
                append("round " + std::to_string(round));
            if (round < 100)
                must(log->truncate(next() - 3));
        }
    });
    // What a follower holds after each cut is what the log held: one entry of each round, and the last in full.
    texts held;
    while (held.size() < 102) {
        const result<entry> e = f.next({}, in_an_hour());
        if (e) {
            BOOST_REQUIRE_EQUAL(e.value().index(), held.size() + 1);
            held.emplace_back(e.value().text());
        } else {
            BOOST_REQUIRE(fails_with(e, errc::truncated));
            BOOST_REQUIRE(f.next_index() - 1 < held.size());
            held.resize(f.next_index() - 1);
        }
    }
    writer.join();
    BOOST_TEST(held == all(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(five_readers_beside_four_writers_see_every_entry_once_and_in_order) {
    std::vector<std::jthread> threads;
    std::atomic<int> wrong{0};
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([this, &wrong] {
            for (int i = 0; i < 100; ++i)
                if (!log->append("x"))
                    ++wrong;
        });
    for (int t = 0; t < 5; ++t)
        threads.emplace_back([&wrong, f = must(log->follow(1))]() mutable {
            for (index_t i = 1; i <= 400; ++i) {
                const result<entry> e = f.next({}, in_an_hour());
                if (!e || e.value().index() != i)
                    ++wrong;
            }
        });
    threads.clear();
    BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_SUITE_END()
