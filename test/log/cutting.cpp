#include <tusk/log/basic_wal.hpp>

#include <log/fixture.hpp>

using namespace log_test;

namespace log_cutting {

struct fixture : memory_log<> {
    fixture() { open(); }

    // The same is true now, after a kill and after a clean close.
    template<class Check>
    void always(Check check) {
        BOOST_TEST_CONTEXT("at once") { check(); }
        kill_and_open();
        BOOST_TEST_CONTEXT("after a kill") { check(); }
        reopen();
        BOOST_TEST_CONTEXT("after a close") { check(); }
    }
    void holds_samples(index_t from, index_t to) {
        BOOST_TEST(next() == to + 1);
        BOOST_TEST(all() == samples(from, to), boost::test_tools::per_element());
        if (from <= to)
            BOOST_TEST(first() == from);
        for (index_t i = from; i <= to; i += 7)
            BOOST_TEST(text(i) == sample(i));
        BOOST_TEST(must(log->verify()).sound());
    }
    index_range replace(index_t from, std::initializer_list<std::string_view> with) {
        return must(log->replace_from(from, records(with)));
    }
    // The first index of the second segment.
    index_t edge() {
        fill_segments(2);
        return last();
    }
};

} // namespace log_cutting

BOOST_FIXTURE_TEST_SUITE(log_cutting, fixture)

// ---- truncate ----

BOOST_AUTO_TEST_CASE(truncating_keeps_the_index_that_is_named) {
    append_samples(10);
    must(log->truncate(7));
    always([this] { holds_samples(1, 7); });
    BOOST_TEST(fails_with(log->get(8), errc::beyond_end));
}

BOOST_AUTO_TEST_CASE(what_comes_after_a_cut_takes_the_place_of_what_was_cut) {
    append_samples(10);
    must(log->truncate(7));
    BOOST_TEST(append("new 8") == 8U);
    BOOST_TEST(append("new 9") == 9U);
    always([this] {
        BOOST_TEST(last() == 9U);
        BOOST_TEST(text(7) == sample(7));
        BOOST_TEST(text(8) == "new 8");
        BOOST_TEST(text(9) == "new 9");
    });
}

BOOST_AUTO_TEST_CASE(truncating_in_the_middle_of_a_batch_keeps_its_beginning) {
    append_batch({"a", "b", "c", "d"});
    must(log->truncate(2));
    append("new c");
    always([this] { BOOST_TEST(all() == (texts{"a", "b", "new c"}), boost::test_tools::per_element()); });
}

BOOST_AUTO_TEST_CASE(truncating_at_the_last_index_keeps_all) {
    append_samples(5);
    must(log->truncate(5));
    always([this] { holds_samples(1, 5); });
}

BOOST_AUTO_TEST_CASE(truncating_everything_leaves_an_empty_log_that_begins_anew) {
    append_samples(100);
    must(log->truncate(0));
    always([this] {
        BOOST_TEST(must(log->empty()));
        BOOST_TEST(next() == 1U);
        BOOST_TEST(all().empty());
    });
    BOOST_TEST(append(sample(1)) == 1U);
    always([this] { holds_samples(1, 1); });
}

BOOST_AUTO_TEST_CASE(truncating_at_the_edge_of_a_sealed_segment) {
    const index_t begins = edge();
    append_samples(5);
    must(log->truncate(begins - 1));
    always([&] { holds_samples(1, begins - 1); });
    append_samples(3);
    always([&] { holds_samples(1, begins + 2); });
}

BOOST_AUTO_TEST_CASE(truncating_on_either_side_of_an_edge) {
    const index_t begins = edge();
    append_samples(5);
    must(log->truncate(begins));
    always([&] { holds_samples(1, begins); });
    must(log->truncate(begins - 2));
    always([&] { holds_samples(1, begins - 2); });
    append_samples(60);
    always([&] { holds_samples(1, begins + 58); });
}

BOOST_AUTO_TEST_CASE(truncating_over_many_segments) {
    fill_segments(6);
    must(log->truncate(10));
    always([this] { holds_samples(1, 10); });
    append_samples(200);
    always([this] { holds_samples(1, 210); });
}

BOOST_AUTO_TEST_CASE(truncating_outside_of_the_log_is_refused) {
    append_samples(10);
    must(log->drop_before(5));
    const auto before = disk.contents();
    BOOST_TEST(fails_with(log->truncate(11), errc::beyond_end));
    BOOST_TEST(fails_with(log->truncate(3), errc::dropped));
    BOOST_TEST((disk.contents() == before));
    must(log->truncate(4)); // the last one before the first: everything
    BOOST_TEST(must(log->empty()));
    BOOST_TEST(next() == 5U);
}

BOOST_AUTO_TEST_CASE(a_cut_lets_the_term_go_back_to_that_of_what_was_kept) {
    append("a", 1);
    append("b", 5);
    append("c", 9);
    must(log->truncate(2));
    BOOST_TEST(term(2) == 5U);
    BOOST_TEST(fails_with(log->append(record_view("x", "", 4)), errc::term_regressed));
    append("new c", 6);
    must(log->truncate(1));
    append("new b", 2);
    always([this] {
        BOOST_TEST(term(1) == 1U);
        BOOST_TEST(term(2) == 2U);
        BOOST_TEST(text(2) == "new b");
    });
}

BOOST_AUTO_TEST_CASE(cuts_one_after_the_other_keep_the_lowest) {
    append_samples(50);
    must(log->truncate(40));
    must(log->truncate(30));
    append_samples(15);
    must(log->truncate(35));
    must(log->truncate(20));
    append_samples(100);
    must(log->truncate(60));
    always([this] { holds_samples(1, 60); });
}

BOOST_AUTO_TEST_CASE(a_thousand_cuts_leave_no_more_on_disk_than_was_written) {
    append_samples(10);
    const std::uint64_t frames = must(log->size_bytes());
    append(sample(11));
    const std::uint64_t entry = must(log->size_bytes()) - frames;
    must(log->truncate(10));
    const std::uint64_t cut = must(log->size_bytes()) - frames - entry;
    for (int i = 0; i < 1000; ++i) {
        append(sample(11));
        must(log->truncate(10));
    }
    BOOST_TEST(cut <= entry);
    const std::uint64_t written = frames + 1001 * (entry + cut);
    const std::uint64_t segments = must(log->segment_count());
    BOOST_TEST(must(log->size_bytes()) <= written + segments * 256);
    close();
    BOOST_TEST(disk.bytes() <= written + segments * 1024 + state_layout::file_size);
    open();
    holds_samples(1, 10);
}

// ---- replace_from ----

BOOST_AUTO_TEST_CASE(replacing_in_every_position) {
    for (index_t from = 1; from <= 6; ++from) {
        memory_log<> log_;
        log_.open();
        log_.append_samples(5);
        BOOST_TEST((must(log_.log->replace_from(from, records({"x", "y"}))) == index_range{from, from + 1}));
        texts wanted = samples(1, from - 1);
        wanted.insert(wanted.end(), {"x", "y"});
        BOOST_TEST(log_.all() == wanted, boost::test_tools::per_element());
        log_.kill_and_open();
        BOOST_TEST(log_.all() == wanted, boost::test_tools::per_element());
        log_.reopen();
        BOOST_TEST(log_.all() == wanted, boost::test_tools::per_element());
        BOOST_TEST(log_.append("z") == from + 2);
    }
}

BOOST_AUTO_TEST_CASE(replacing_outside_of_the_log_is_refused) {
    append_samples(10);
    must(log->drop_before(5));
    const auto before = disk.contents();
    BOOST_TEST(fails_with(log->replace_from(12, records({"x"})), errc::beyond_end));
    BOOST_TEST(fails_with(log->replace_from(4, records({"x"})), errc::dropped));
    BOOST_TEST(fails_with(log->replace_from(0, records({"x"})), errc::dropped));
    BOOST_TEST(fails_with(log->replace_from(5, {}), errc::invalid_argument));
    BOOST_TEST((disk.contents() == before));
    BOOST_TEST((replace(5, {"x"}) == index_range{5, 5}));
}

BOOST_AUTO_TEST_CASE(replacing_in_a_sealed_segment) {
    fill_segments(4);
    replace(10, {"x", "y", "z"});
    always([this] {
        BOOST_TEST(last() == 12U);
        BOOST_TEST(text(9) == sample(9));
        BOOST_TEST(text(10) == "x");
        BOOST_TEST(text(12) == "z");
    });
}

BOOST_AUTO_TEST_CASE(a_replacement_that_was_torn_leaves_what_it_would_have_replaced) {
    append_samples(5);
    auto moment = disk.now();
    replace(3, {"replacement x", "replacement y"});
    const auto [file, begin] = disk.find("replacement x");
    const std::string full = disk.read(file);
    disk.go_back_to(std::move(moment));
    disk.write(file, 0, std::string_view(full).substr(0, static_cast<std::size_t>(begin + 5)));
    open();
    holds_samples(1, 5);
}

BOOST_AUTO_TEST_CASE(a_replacement_may_bring_a_lower_term_than_what_it_replaces) {
    append("a", 1);
    append("b", 9);
    const std::array<record_view, 1> lower{record_view("new b", "", 3)};
    must(log->replace_from(2, lower));
    BOOST_TEST(term(2) == 3U);
    const std::array<record_view, 1> regressed{record_view("x", "", 2)};
    BOOST_TEST(fails_with(log->replace_from(3, regressed), errc::term_regressed));
}

// ---- drop_before ----

BOOST_AUTO_TEST_CASE(dropping_makes_the_first_index_exactly_what_was_asked_for) {
    append_samples(100);
    for (const index_t i : {2U, 3U, 40U, 41U, 77U, 100U}) {
        must(log->drop_before(i));
        always([&] { holds_samples(i, 100); });
        BOOST_TEST(fails_with(log->get(i - 1), errc::dropped));
    }
}

BOOST_AUTO_TEST_CASE(dropping_everything_leaves_an_empty_log_that_remembers) {
    append("a", 3);
    append("b", 4);
    must(log->drop_before(3));
    always([this] {
        BOOST_TEST(must(log->empty()));
        BOOST_TEST(first() == 3U);
        BOOST_TEST(last() == 2U);
        BOOST_TEST(term(2) == 4U);
    });
    BOOST_TEST(fails_with(log->append(record_view("x", "", 3)), errc::term_regressed));
    BOOST_TEST(append("c") == 3U);
    always([this] {
        BOOST_TEST(all() == texts{"c"}, boost::test_tools::per_element());
        BOOST_TEST(term(3) == 4U);
    });
}

BOOST_AUTO_TEST_CASE(dropping_removes_the_files_that_nothing_needs) {
    fill_segments(5);
    const index_t end = last();
    must(log->drop_before(end));
    BOOST_TEST(disk.segments() == texts{"0000000005.wal"}, boost::test_tools::per_element());
    BOOST_TEST(must(log->segment_count()) == 1U);
    always([&] { holds_samples(end, end); });
}

BOOST_AUTO_TEST_CASE(dropping_at_a_sealed_edge_keeps_the_segment_that_begins_there) {
    const index_t begins = edge();
    must(log->drop_before(begins - 1));
    BOOST_TEST(disk.segments().size() == 2U);
    must(log->drop_before(begins));
    BOOST_TEST(disk.segments() == texts{"0000000002.wal"}, boost::test_tools::per_element());
    always([&] { holds_samples(begins, begins); });
}

BOOST_AUTO_TEST_CASE(dropping_never_touches_the_segment_that_is_written_to) {
    append_samples(3);
    must(log->drop_before(4));
    BOOST_TEST(disk.segments().size() == 1U);
    BOOST_TEST(append(sample(4)) == 4U);
    always([this] { holds_samples(4, 4); });
}

BOOST_AUTO_TEST_CASE(dropping_below_the_first_index_has_nothing_to_do) {
    append_samples(10);
    must(log->drop_before(5));
    const auto before = disk.contents();
    must(log->drop_before(5));
    must(log->drop_before(2));
    must(log->drop_before(0));
    BOOST_TEST((disk.contents() == before));
    BOOST_TEST(first() == 5U);
}

BOOST_AUTO_TEST_CASE(dropping_beyond_the_end_is_refused) {
    append_samples(10);
    BOOST_TEST(fails_with(log->drop_before(12), errc::beyond_end));
    holds_samples(1, 10);
}

BOOST_AUTO_TEST_CASE(the_term_before_the_first_index_is_known) {
    append("a", 2);
    append("b", 5);
    append("c", 7);
    must(log->drop_before(3));
    always([this] {
        BOOST_TEST(term(2) == 5U);
        BOOST_TEST(term(3) == 7U);
        BOOST_TEST(fails_with(log->term_at(1), errc::dropped));
        BOOST_TEST(fails_with(log->term_at(4), errc::beyond_end));
    });
}

BOOST_AUTO_TEST_CASE(an_empty_log_remembers_its_next_index_and_last_term) {
    append_samples(200);
    append("last", 12);
    must(log->drop_before(202));
    for (int round = 0; round < 3; ++round) {
        reopen();
        BOOST_TEST(next() == 202U);
        BOOST_TEST(term(201) == 12U);
    }
    must(log->truncate(201));
    kill_and_open();
    BOOST_TEST(next() == 202U);
    BOOST_TEST(append("x") == 202U);
    BOOST_TEST(term(202) == 12U);
}

BOOST_AUTO_TEST_CASE(a_cut_after_a_drop_and_a_drop_after_a_cut) {
    append_samples(100);
    must(log->drop_before(50));
    must(log->truncate(60));
    append_samples(20);
    must(log->drop_before(70));
    must(log->truncate(75));
    always([this] { holds_samples(70, 75); });
}

// ---- holds ----

BOOST_AUTO_TEST_CASE(what_is_held_is_not_dropped) {
    append_samples(100);
    hold h = must(log->hold(50));
    BOOST_TEST(h.from() == 50U);
    must(log->drop_before(50));
    BOOST_TEST(fails_with(log->drop_before(51), errc::held));
    BOOST_TEST(fails_with(log->reset(7), errc::held));
    holds_samples(50, 100);
    h.release();
    must(log->drop_before(51));
    holds_samples(51, 100);
}

BOOST_AUTO_TEST_CASE(the_lowest_of_several_holds_counts_until_it_ends) {
    append_samples(10);
    auto low = std::make_optional(must(log->hold(3)));
    const hold high = must(log->hold(6));
    const hold twin = must(log->hold(3));
    low.reset();
    BOOST_TEST(fails_with(log->drop_before(4), errc::held)); // the twin still holds
    hold moved = must(log->hold(2));
    moved = must(log->hold(9));
    must(log->drop_before(3));
    BOOST_TEST(fails_with(log->drop_before(4), errc::held));
    BOOST_TEST(first() == 3U);
}

BOOST_AUTO_TEST_CASE(what_is_gone_cannot_be_held) {
    append_samples(10);
    must(log->drop_before(5));
    BOOST_TEST(fails_with(log->hold(4), errc::dropped));
    must(log->drop_before(6)); // the hold that failed holds nothing
}

BOOST_AUTO_TEST_CASE(a_hold_lets_entries_be_cut_off_the_end) {
    append_samples(10);
    const hold h = must(log->hold(3));
    must(log->truncate(1));
    holds_samples(1, 1);
}

BOOST_AUTO_TEST_CASE(a_hold_may_outlive_the_log) {
    append("a");
    const hold h = must(log->hold(1));
    close();
    open();
    append("b");
    must(log->drop_before(2)); // it was of the log that was closed
}

// ---- reset ----

BOOST_AUTO_TEST_CASE(a_reset_goes_on_at_a_higher_index) {
    append_samples(100);
    must(log->reset(1000, 7));
    always([this] {
        BOOST_TEST(must(log->empty()));
        BOOST_TEST(first() == 1000U);
        BOOST_TEST(next() == 1000U);
        BOOST_TEST(term(999) == 7U);
    });
    BOOST_TEST(append(sample(1000)) == 1000U);
    always([this] { holds_samples(1000, 1000); });
    BOOST_TEST(fails_with(log->get(100), errc::dropped));
}

BOOST_AUTO_TEST_CASE(a_reset_goes_on_at_a_lower_index) {
    append_samples(100);
    append("high", 50);
    must(log->reset(10, 2));
    always([this] {
        BOOST_TEST(must(log->empty()));
        BOOST_TEST(first() == 10U);
        BOOST_TEST(term(9) == 2U);
    });
    append_samples(5);
    always([this] { holds_samples(10, 14); });
    BOOST_TEST(fails_with(log->get(15), errc::beyond_end));
}

BOOST_AUTO_TEST_CASE(a_reset_overrides_an_earlier_drop) {
    append_samples(100);
    must(log->drop_before(90));
    must(log->reset(5));
    append_samples(3);
    always([this] { holds_samples(5, 7); });
    must(log->drop_before(6));
    always([this] { holds_samples(6, 7); });
}

BOOST_AUTO_TEST_CASE(a_reset_removes_the_segments_before_it) {
    fill_segments(5);
    must(log->reset(1));
    append_samples(2);
    reopen();
    BOOST_TEST(disk.segments().size() == 1U);
    holds_samples(1, 2);
}

BOOST_AUTO_TEST_CASE(a_reset_to_one_is_like_a_new_log) {
    append_samples(10);
    must(log->reset(1));
    always([this] {
        BOOST_TEST(must(log->empty()));
        BOOST_TEST(next() == 1U);
    });
    append_samples(10);
    always([this] { holds_samples(1, 10); });
}

BOOST_AUTO_TEST_CASE(several_resets_and_the_last_one_counts) {
    append_samples(5);
    must(log->reset(100));
    append_samples(5);
    must(log->reset(50));
    append_samples(5);
    must(log->reset(70));
    append_samples(5);
    always([this] { holds_samples(70, 74); });
}

BOOST_AUTO_TEST_CASE(a_reset_to_where_no_index_can_be_is_refused) {
    append_samples(5);
    const auto before = disk.contents();
    BOOST_TEST(fails_with(log->reset(0), errc::invalid_argument));
    BOOST_TEST(fails_with(log->reset(UINT64_MAX), errc::invalid_argument));
    BOOST_TEST((disk.contents() == before));
    holds_samples(1, 5);
}

BOOST_AUTO_TEST_CASE(a_log_that_is_new_can_be_reset) {
    must(log->reset(42, 3));
    always([this] {
        BOOST_TEST(next() == 42U);
        BOOST_TEST(term(41) == 3U);
    });
    BOOST_TEST(append("a") == 42U);
}

BOOST_AUTO_TEST_SUITE_END()
