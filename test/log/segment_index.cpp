#include <tusk/log/segment_index.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

using namespace tusk;

namespace log_segment_index {

using numbers = std::vector<std::uint64_t>;

/// A frame that holds a bit of everything: entries 5 to 24, a gap of lost ones, 30 to 32; three terms; a cut.
index_frame sample() {
    index_frame f;
    f.lowest_cut = 4;
    f.last_checksum = 0xDEADBEEF;
    f.next_index = 33;
    f.last_term = 9;
    f.terms = {{5, 2}, {7, 3}, {30, 9}};
    f.places.add(5, 10, 100);
    f.places.add(15, 10, 900);
    f.places.add_lost(25, 5, 1000);
    f.places.add(30, 3, 1040);
    return f;
}

/// The same numbers, but for one.
numbers with(std::size_t at, std::uint64_t value) {
    numbers out = sample().numbers();
    out.at(at) = value;
    return out;
}

bool makes_sense(const numbers& n) { return index_frame::parse(n).has_value(); }

} // namespace log_segment_index

BOOST_AUTO_TEST_SUITE(log_segment_index)

BOOST_AUTO_TEST_CASE(an_index_frame_reads_as_it_was_written) {
    const auto read = index_frame::parse(sample().numbers());
    BOOST_REQUIRE(read.has_value());
    BOOST_TEST((read->numbers() == sample().numbers()));
    BOOST_TEST(!read->has_reset);
    BOOST_TEST((read->lowest_cut == std::optional<index_t>(4)));
    BOOST_TEST(read->next_index == 33U);
    BOOST_TEST((read->terms == sample().terms));
    for (index_t i = 0; i < 40; ++i) {
        const auto place = read->places.find(i);
        BOOST_REQUIRE(place.has_value() == (i >= 5 && i <= 32));
        if (!place)
            continue;
        BOOST_TEST(place->offset <= (i < 15 ? 100U : i < 25 ? 900U : i < 30 ? 1000U : 1040U));
        BOOST_TEST(place->run_begin == (i < 25 ? 100U : i < 30 ? 1000U : 1040U));
        BOOST_TEST(place->run_last == (i < 25 ? 24U : i < 30 ? 29U : 32U));
    }
}

BOOST_AUTO_TEST_CASE(an_index_frame_of_nothing_reads_as_it_was_written) {
    index_frame empty;
    empty.has_reset = true;
    empty.next_index = empty.reset_next = 7;
    const auto read = index_frame::parse(empty.numbers());
    BOOST_REQUIRE(read.has_value());
    BOOST_TEST(read->has_reset);
    BOOST_TEST(read->places.empty());
    BOOST_TEST(!read->places.find(6).has_value());
}

BOOST_AUTO_TEST_CASE(an_index_frame_that_ends_too_early_or_goes_on_is_refused) {
    const numbers whole = sample().numbers();
    for (std::size_t size = 0; size < whole.size(); ++size)
        BOOST_TEST(!makes_sense(numbers(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))),
                   size << " of " << whole.size() << " numbers");
    numbers more = whole;
    more.push_back(0);
    BOOST_TEST(!makes_sense(more));
}

BOOST_AUTO_TEST_CASE(numbers_that_contradict_each_other_are_refused) {
    // version, flags, cut, checksum, next, last term, three of the reset; 3 terms, two numbers each; 3 runs
    const numbers right = sample().numbers();
    BOOST_REQUIRE(right[9] == 3U);
    BOOST_REQUIRE(right[16] == 3U);
    BOOST_TEST(makes_sense(right));
    BOOST_TEST(!makes_sense(with(0, 0)));            // another version
    BOOST_TEST(!makes_sense(with(0, 2)));            //
    BOOST_TEST(!makes_sense(with(1, 4)));            // flags that nobody knows
    BOOST_TEST(!makes_sense(with(4, 34)));           // the next entry is not the one behind the last
    BOOST_TEST(!makes_sense(with(9, UINT64_MAX)));   // terms without number
    BOOST_TEST(!makes_sense(with(9, right.size()))); //
    BOOST_TEST(!makes_sense(with(12, 0)));           // two terms from the same entry on
    BOOST_TEST(!makes_sense(with(12, UINT64_MAX)));  // entries that go back
    BOOST_TEST(!makes_sense(with(13, UINT64_MAX)));  // terms that go back
    BOOST_TEST(!makes_sense(with(16, UINT64_MAX)));  // runs without number
    BOOST_TEST(!makes_sense(with(16, right.size())));
    BOOST_TEST(!makes_sense(with(18, 0)));               // a run of nothing
    BOOST_TEST(!makes_sense(with(18, UINT64_MAX)));      // of more than is there
    BOOST_TEST(!makes_sense(with(20, UINT64_MAX)));      // at no offset
    BOOST_TEST(!makes_sense(with(right.size() - 4, 1))); // behind a gap
    BOOST_TEST(!makes_sense(with(right.size() - 2, 2))); // lost ones take no marks
}

BOOST_AUTO_TEST_CASE(lost_entries_are_at_a_place_and_do_not_reach_around) {
    // One run, all of it lost: its first entry, how many, and 1 + where.
    const auto lost = [](std::uint64_t first, std::uint64_t count, std::uint64_t at) {
        return makes_sense({1, 2, 0, 0, first + count, 0, 0, 0, 0, 0, 1, first, count, at});
    };
    BOOST_TEST(lost(5, 10, 101));
    BOOST_TEST(lost(5, 10, UINT32_MAX));
    BOOST_TEST(!lost(5, 10, std::uint64_t{UINT32_MAX} + 1));
    BOOST_TEST(!lost(5, UINT64_MAX, 101));
    BOOST_TEST(!lost(UINT64_MAX, 2, 101));
}

BOOST_AUTO_TEST_CASE(a_cut_ends_a_run_and_what_follows_begins_another) {
    segment_index places;
    places.add(1, 20, 100);
    places.add_lost(21, 5, 500);
    places.cut(22);
    BOOST_TEST(places.last() == 22U);
    places.cut(10);
    BOOST_TEST(places.last() == 10U);
    places.add(11, 4, 700);
    BOOST_TEST(places.find(10)->run_last == 10U);
    BOOST_TEST(places.find(11)->run_begin == 700U);
    places.add(20, 2, 800); // behind a gap
    BOOST_TEST(places.find(14)->run_last == 14U);
    BOOST_TEST(!places.find(17).has_value());
    BOOST_TEST(places.find(20)->run_begin == 800U);
    places.cut(0);
    BOOST_TEST(places.empty());
    BOOST_TEST(!places.find(1).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
