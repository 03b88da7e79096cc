#include <tusk/log/basic_wal.hpp>

#include <allocations.hpp>
#include <log/steered_log.hpp>

using namespace log_test;

namespace log_limits {

struct fixture : memory_log<> {
    fixture() { open(); }
};

// Takes no more than three entries in a frame.
struct format_of_three : binary_format {
    static constexpr std::uint8_t id = format_id::user;
    static constexpr std::uint32_t max_entries = 3;
};

} // namespace log_limits

BOOST_FIXTURE_TEST_SUITE(log_limits, fixture)

BOOST_AUTO_TEST_CASE(a_record_of_64_mib_is_taken_and_one_byte_more_is_refused_before_anything_happens) {
    steered_log<> large;
    large.opts = options{.background = background::inline_()};
    large.open();
    const std::string most(64 * mebibyte, 'm');
    large.append("before");
    large.calls.forget();
    const std::string more = most + "m";
    BOOST_TEST(fails_with(large.log->append(more), errc::too_large));
    BOOST_TEST(fails_with(large.log->append(record_view(most, "k")), errc::too_large)); // the key counts
    BOOST_TEST(fails_with(large.log->append_batch(records({"a", more})), errc::too_large));
    BOOST_TEST(fails_with(large.log->replace_from(1, records({more})), errc::too_large));
    BOOST_TEST(fails_with(large.log->submit(records({more})), errc::too_large));
    BOOST_TEST(large.calls.all() == 0U);
    BOOST_TEST(large.append(most) == 2U);
    BOOST_TEST(must(large.log->append(record_view(std::string_view(most).substr(1), "k"))) == 3U);
    BOOST_TEST(large.append("after") == 4U);
    large.kill_and_open();
    BOOST_TEST((must(large.log->get(2)).text() == most));
    BOOST_TEST((must(large.log->get(3)).text() == std::string_view(most).substr(1)));
    BOOST_TEST(must(large.log->get(4)).text() == "after");
}

BOOST_AUTO_TEST_CASE(a_size_beyond_all_memory_is_refused_before_anything_is_allocated) {
    append("before");
    (void)largest_allocation();
    BOOST_TEST(
        fails_with(log->append_with(SIZE_MAX, [](byte_span) { BOOST_ERROR("nothing to fill"); }), errc::too_large));
    const byte_view claimed(to_bytes("x").data(), SIZE_MAX); // nobody looks at what it claims to hold
    BOOST_TEST(fails_with(log->append(record_view(claimed)), errc::too_large));
    BOOST_TEST(largest_allocation() < 64 * kibibyte);
}

BOOST_AUTO_TEST_CASE(a_batch_of_as_many_entries_as_its_format_takes_is_taken_and_one_more_is_not) {
    memory_log<fsync_always, format_of_three> three;
    three.open();
    BOOST_TEST(three.log->max_batch_entries == 3U);
    BOOST_TEST((three.append_batch({"a", "b", "c"}) == index_range{1, 3}));
    const auto before = three.disk.contents();
    const std::vector<record_view> four = records({"a", "b", "c", "d"});
    BOOST_TEST(fails_with(three.log->append_batch(four), errc::too_large));
    BOOST_TEST(fails_with(three.log->replace_from(1, four), errc::too_large));
    BOOST_TEST(fails_with(three.log->submit(four), errc::too_large));
    auto t = three.log->begin();
    bool refused = false;
    for (int i = 0; i < 4; ++i)
        refused = !t.add("x") || refused;
    BOOST_TEST((refused || !t.commit()));
    BOOST_TEST((three.disk.contents() == before));
    BOOST_TEST(three.last() == 3U);
}

BOOST_AUTO_TEST_CASE(keys_count_towards_the_bytes_of_a_batch) {
    close();
    opts.max_record_size = 1000;
    opts.max_batch_bytes = 3000;
    open();
    const std::string half(500, 'h');
    std::vector<record_view> full(3, record_view(half, half));
    BOOST_TEST((must(log->append_batch(full)) == index_range{1, 3}));
    full.emplace_back("", "k");
    const auto before = disk.contents();
    BOOST_TEST(fails_with(log->append_batch(full), errc::too_large));
    BOOST_TEST((disk.contents() == before));
    full.back() = record_view("", ""); // weighs nothing
    BOOST_TEST((must(log->append_batch(full)) == index_range{4, 7}));
}

BOOST_AUTO_TEST_CASE(a_batch_that_is_larger_than_a_segment_gets_a_segment_of_its_own) {
    const std::string piece(1000, 'p');
    append("before");
    append_batch({piece, piece, piece, piece, piece, piece});
    append("after");
    BOOST_TEST(must(log->segment_count()) == 3U);
    for (int round = 0; round < 2; ++round) {
        BOOST_TEST(last() == 8U);
        for (index_t i = 2; i <= 7; ++i)
            BOOST_TEST((text(i) == piece));
        BOOST_TEST(text(8) == "after");
        kill_and_open();
    }
}

BOOST_AUTO_TEST_CASE(an_entry_larger_than_a_segment_takes_no_other_entry_with_it) {
    texts wanted;
    for (std::size_t i = 1; i <= 60; ++i) {
        wanted.push_back(sample(i, i % 3 == 0 ? min_segment_size * (i % 7 + 1) - i : 50 * i));
        append(wanted.back());
        if (i % 10 == 0) {
            kill_and_open();
            BOOST_REQUIRE((all() == wanted));
        }
    }
    reopen();
    BOOST_TEST((all() == wanted));
    BOOST_TEST(must(log->verify()).sound());
}

BOOST_AUTO_TEST_CASE(records_over_128_kib_are_read_back_by_every_way_of_reading) {
    texts wanted;
    for (const std::size_t edge : {std::size_t{128} * 1024, std::size_t{256} * 1024, std::size_t{3} << 20})
        for (std::size_t size = edge - 1; size <= edge + 1; ++size)
            wanted.push_back(sample(size, size));
    for (const std::string& t : wanted)
        append(t);
    memory_log<> reading;
    reading.disk = disk;
    reading.opts.mode = open_mode::read_only;
    reading.open();
    for (memory_log<>* const of : {static_cast<memory_log<>*>(this), &reading}) {
        auto r = must(of->log->read_from(1));
        auto f = must(of->log->follow(1, visible::durable));
        for (index_t i = 1; i <= wanted.size(); ++i) {
            BOOST_TEST((of->text(i) == wanted[i - 1]));
            BOOST_TEST((must(r.next()).text() == wanted[i - 1]));
            if (of == this || i < wanted.size()) // the last frame has no witness behind it yet
                BOOST_TEST((must(f.next()).text() == wanted[i - 1]));
        }
        BOOST_TEST((of->all() == wanted));
    }
}

BOOST_AUTO_TEST_CASE(entries_without_data_are_given_by_a_range_and_weigh_nothing) {
    append_batch({"", "b", "", ""});
    append("");
    append("f");
    append("");
    const auto range = [&](index_t first, std::uint64_t bytes) {
        texts out;
        for (const entry& e : must(log->get_range(first, UINT64_MAX, bytes)))
            out.emplace_back(e.text());
        return out;
    };
    BOOST_TEST(range(1, 2) == (texts{"", "b", "", "", "", "f", ""}), boost::test_tools::per_element());
    BOOST_TEST(range(1, 1) == (texts{"", "b", "", "", ""}), boost::test_tools::per_element());
    BOOST_TEST(range(3, 0) == (texts{"", "", ""}), boost::test_tools::per_element());
    kill_and_open();
    BOOST_TEST(range(1, 2) == (texts{"", "b", "", "", "", "f", ""}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_largest_limit_ever_given_is_remembered_by_either_slot_of_the_state_file) {
    close();
    const std::uint64_t larger = opts.max_record_size * 2;
    opts.max_record_size = opts.max_batch_bytes = larger;
    open();
    append("a");
    close();
    const auto whole = disk.now();
    for (const std::uint64_t slot : state_layout::slot) {
        disk.go_back_to(whole->copy());
        disk.flip("state", slot + 20);
        opts.max_record_size = 1;
        opts.max_batch_bytes = 1;
        open();
        close();
        const std::string state = disk.read("state");
        for (const std::uint64_t kept : state_layout::slot)
            BOOST_TEST(load_le<std::uint64_t>(to_bytes(state).data() + kept + 72) == larger);
    }
}

BOOST_AUTO_TEST_SUITE_END()
