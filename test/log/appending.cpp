#include <tusk/log/basic_wal.hpp>

#include <log/fixture.hpp>

#include <thread>

using namespace log_test;

namespace log_appending {

struct fixture : memory_log<> {
    fixture() { open(); }
};

} // namespace log_appending

BOOST_FIXTURE_TEST_SUITE(log_appending, fixture)

BOOST_AUTO_TEST_CASE(indexes_are_contiguous_from_one) {
    BOOST_TEST(append("a") == 1U);
    BOOST_TEST(append("b") == 2U);
    BOOST_TEST(append("c") == 3U);
    BOOST_TEST(first() == 1U);
    BOOST_TEST(last() == 3U);
    BOOST_TEST(next() == 4U);
}

BOOST_AUTO_TEST_CASE(an_entry_comes_back_as_it_was_given) {
    const record_view record("data", "key", 7, entry_kind::tombstone, 1234567);
    const index_t index = must(log->append(record));
    for (int round = 0; round < 2; ++round) {
        const entry e = must(log->get(index));
        BOOST_TEST(e.index() == 1U);
        BOOST_TEST(e.term() == 7U);
        BOOST_TEST((e.kind() == entry_kind::tombstone));
        BOOST_TEST(e.time() == 1234567U);
        BOOST_TEST(to_text(e.key()) == "key");
        BOOST_TEST(e.text() == "data");
        reopen();
    }
}

BOOST_AUTO_TEST_CASE(an_entry_without_a_time_gets_the_present_one) {
    const timestamp_t before = wall_clock();
    append("a");
    BOOST_TEST(must(log->get(1)).time() >= before);
}

BOOST_AUTO_TEST_CASE(entries_of_a_batch_without_a_time_get_the_same_one) {
    const timestamp_t before = wall_clock();
    append_batch({"a", "b", "c"});
    const timestamp_t time = must(log->get(1)).time();
    BOOST_TEST(time >= before);
    BOOST_TEST(time <= wall_clock());
    BOOST_TEST(must(log->get(2)).time() == time);
    BOOST_TEST(must(log->get(3)).time() == time);
}

BOOST_AUTO_TEST_CASE(a_coarse_time_is_that_of_the_coarse_clock) {
    opts.coarse_time = true;
    reopen();
    const std::array<record_view, 1> own{record_view("its own", "", 0, entry_kind::data, 7)};
    for (;;) { // until the clock takes no step in between
        const timestamp_t before = coarse_wall_clock();
        const index_t first = must(log->append("a"));
        append_batch({"b", "c"});
        must(log->append_batch(own));
        if (coarse_wall_clock() != before)
            continue;
        for (index_t i = first; i < first + 3; ++i)
            BOOST_TEST(must(log->get(i)).time() == before);
        BOOST_TEST(must(log->get(first + 3)).time() == 7U);
        return;
    }
}

BOOST_AUTO_TEST_CASE(every_kind_of_the_callers_own_is_kept) {
    for (unsigned kind = 128; kind < 256; ++kind) {
        const record_view record("x", "", 0, static_cast<entry_kind>(kind));
        const index_t index = must(log->append(record));
        BOOST_TEST((must(log->get(index)).kind() == static_cast<entry_kind>(kind)));
    }
}

BOOST_AUTO_TEST_CASE(empty_data_is_an_entry_like_any_other) {
    append("");
    append_batch({"", "b", ""});
    BOOST_TEST(all() == (texts{"", "", "b", ""}), boost::test_tools::per_element());
    kill_and_open();
    BOOST_TEST(all() == (texts{"", "", "b", ""}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(sizes_around_the_edges_come_back_whole) {
    std::vector<std::string> wanted;
    for (const std::size_t edge :
         {std::size_t{64}, std::size_t{1024}, std::size_t{4096}, std::size_t{65536}, std::size_t{1048576}})
        for (std::size_t size = edge - 1; size <= edge + 1; ++size)
            wanted.emplace_back(size, static_cast<char>('a' + size % 26));
    for (const std::string& text : wanted)
        append(text);
    BOOST_TEST((all() == wanted));
    kill_and_open();
    BOOST_TEST((all() == wanted));
    reopen();
    BOOST_TEST((all() == wanted));
}

BOOST_AUTO_TEST_CASE(a_record_that_is_larger_than_a_segment_gets_a_segment_of_its_own) {
    const std::string large(3 * min_segment_size, 'x');
    append("before");
    append(large);
    append("after");
    BOOST_TEST(must(log->segment_count()) == 3U);
    BOOST_TEST((all() == texts{"before", large, "after"}));
    reopen();
    BOOST_TEST((all() == texts{"before", large, "after"}));
    BOOST_TEST(append("more") == 4U);
}

BOOST_AUTO_TEST_CASE(pieces_are_put_together) {
    const std::array<byte_view, 4> pieces{to_bytes("one "), to_bytes(""), to_bytes("two "), to_bytes("three")};
    record_view like;
    like.key = to_bytes("k");
    like.term = 3;
    BOOST_TEST(must(log->append(pieces, {}, like)) == 1U);
    const entry e = must(log->get(1));
    BOOST_TEST(e.text() == "one two three");
    BOOST_TEST(to_text(e.key()) == "k");
    BOOST_TEST(e.term() == 3U);
}

BOOST_AUTO_TEST_CASE(no_pieces_make_an_empty_entry) {
    BOOST_TEST(must(log->append(std::span<const byte_view>())) == 1U);
    BOOST_TEST(text(1) == "");
}

BOOST_AUTO_TEST_CASE(the_caller_may_write_the_data_in_place) {
    const auto fill = [](byte_span out) { std::fill(out.begin(), out.end(), std::byte{'z'}); };
    BOOST_TEST(must(log->append_with(5, fill)) == 1U);
    BOOST_TEST(text(1) == "zzzzz");
}

BOOST_AUTO_TEST_CASE(who_writes_in_place_may_need_less_than_was_thought) {
    const auto fill = [](byte_span out) -> std::size_t {
        put(out, to_bytes("ab"));
        return 2;
    };
    must(log->append_with(100, fill));
    must(log->append_with(1, [](byte_span) { return std::size_t{99}; })); // more than there is
    BOOST_TEST(text(1) == "ab");
    BOOST_TEST(text(2).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_batch_gets_indexes_in_order) {
    append("a");
    BOOST_TEST((append_batch({"b", "c", "d"}) == index_range{2, 4}));
    BOOST_TEST(all() == (texts{"a", "b", "c", "d"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_batch_of_nothing_is_refused) {
    BOOST_TEST(fails_with(log->append_batch({}), errc::invalid_argument));
    BOOST_TEST(fails_with(log->submit({}), errc::invalid_argument));
    BOOST_TEST(next() == 1U);
}

BOOST_AUTO_TEST_CASE(a_batch_of_many_thousands_comes_back_in_order) {
    std::vector<std::string> wanted;
    for (index_t i = 1; i <= 20000; ++i)
        wanted.push_back(std::to_string(i));
    const std::vector<record_view> batch(wanted.begin(), wanted.end());
    BOOST_TEST((must(log->append_batch(batch)) == index_range{1, 20000}));
    BOOST_TEST((all() == wanted));
    reopen();
    BOOST_TEST((all() == wanted));
}

BOOST_AUTO_TEST_CASE(a_batch_at_its_limit_of_bytes_is_taken_and_one_above_is_not) {
    close();
    opts.max_record_size = 1000;
    opts.max_batch_bytes = 3000;
    open();
    const std::string full(1000, 'x');
    BOOST_TEST((append_batch({full, full, full}) == index_range{1, 3}));
    BOOST_TEST(fails_with(log->append_batch(records({full, full, full, "y"})), errc::too_large));
    BOOST_TEST(fails_with(log->submit(records({full, full, full, "y"})), errc::too_large));
    BOOST_TEST(fails_with(log->replace_from(1, records({full, full, full, "y"})), errc::too_large));
    BOOST_TEST(last() == 3U);
}

BOOST_AUTO_TEST_CASE(a_record_above_its_limit_is_refused_and_nothing_is_written) {
    close();
    opts.max_record_size = 100;
    open();
    append(std::string(100, 'x'));
    const auto before = disk.contents();
    const std::string large(101, 'x');
    const std::string half(51, 'x');
    const std::array<byte_view, 2> pieces{to_bytes(half), to_bytes(half)};
    BOOST_TEST(fails_with(log->append(large), errc::too_large));
    BOOST_TEST(fails_with(log->append(record_view(half, half)), errc::too_large)); // the key counts
    BOOST_TEST(fails_with(log->append(pieces), errc::too_large));
    BOOST_TEST(
        fails_with(log->append_with(101, [](byte_span) { BOOST_ERROR("nothing is to be filled"); }), errc::too_large));
    BOOST_TEST(fails_with(log->append_batch(records({"a", large})), errc::too_large));
    BOOST_TEST((disk.contents() == before));
    BOOST_TEST(append("b") == 2U);
}

BOOST_AUTO_TEST_CASE(an_expected_index_is_compared) {
    BOOST_TEST(must(log->append("a", {.expect_index = 1})) == 1U);
    const auto before = disk.contents();
    BOOST_TEST(fails_with(log->append("b", {.expect_index = 1}), errc::index_mismatch));
    BOOST_TEST(fails_with(log->append("b", {.expect_index = 3}), errc::index_mismatch));
    BOOST_TEST(fails_with(log->append_batch(records({"b"}), {.expect_index = 3}), errc::index_mismatch));
    BOOST_TEST(fails_with(log->submit(records({"b"}), {.expect_index = 3}), errc::index_mismatch));
    BOOST_TEST(fails_with(log->replace_from(1, records({"b"}), {.expect_index = 2}), errc::index_mismatch));
    BOOST_TEST((disk.contents() == before));
    BOOST_TEST(must(log->append("b", {.expect_index = 2})) == 2U);
}

BOOST_AUTO_TEST_CASE(a_term_may_stay_or_grow_and_never_goes_back) {
    append("a", 3);
    append("b", 3);
    append("c", 9);
    const auto before = disk.contents();
    BOOST_TEST(fails_with(log->append(record_view("d", "", 8)), errc::term_regressed));
    const std::array<record_view, 2> batch{record_view("d", "", 10), record_view("e", "", 8)};
    BOOST_TEST(fails_with(log->append_batch(batch), errc::term_regressed));
    const std::array<record_view, 2> inherits{record_view("d"), record_view("e", "", 8)};
    BOOST_TEST(fails_with(log->append_batch(inherits), errc::term_regressed));
    BOOST_TEST(fails_with(log->submit(inherits), errc::term_regressed));
    BOOST_TEST((disk.contents() == before));
    BOOST_TEST(next() == 4U);
    BOOST_TEST(append("d", 9) == 4U);
}

BOOST_AUTO_TEST_CASE(a_record_without_a_term_gets_that_of_the_entry_before) {
    append("a");
    append("b", 5);
    append("c");
    const std::array<record_view, 4> batch{record_view("d"), record_view("e", "", 6), record_view("f"),
                                           record_view("g", "", 7)};
    must(log->append_batch(batch));
    const std::vector<term_t> wanted{0, 5, 5, 5, 6, 6, 7};
    for (int round = 0; round < 3; ++round) {
        for (index_t i = 1; i <= 7; ++i) {
            BOOST_TEST(term(i) == wanted[i - 1]);
            BOOST_TEST(must(log->get(i)).term() == wanted[i - 1]);
        }
        round == 0 ? reopen() : kill_and_open();
    }
}

BOOST_AUTO_TEST_CASE(a_batch_that_was_cut_off_by_a_kill_is_there_as_a_whole_or_not_at_all) {
    append("before");
    auto moment = disk.now();
    append_batch({"one of the batch", "two of the batch", "three of the batch"});
    const auto [file, begin] = disk.find("one of the batch");
    const std::string all_of_it = disk.read(file);
    const std::uint64_t end = disk.find("three of the batch").offset + 18;
    for (std::uint64_t torn = begin; torn < end; torn += 5) {
        memory_log<> after;
        after.disk.go_back_to(moment->copy());
        after.disk.write(file, 0, std::string_view(all_of_it).substr(0, static_cast<std::size_t>(torn)));
        after.open();
        BOOST_TEST(after.all() == texts{"before"}, boost::test_tools::per_element());
        BOOST_TEST(after.append("after") == 2U);
    }
}

BOOST_AUTO_TEST_CASE(ten_threads_append_fifty_entries_each_without_a_gap) {
    std::vector<std::vector<index_t>> given(10);
    {
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < 10; ++t)
            threads.emplace_back([&, t] {
                for (int i = 0; i < 50; ++i)
                    given[t].push_back(
                        log->append("thread " + std::to_string(t) + " entry " + std::to_string(i)).value());
            });
    }
    reopen();
    BOOST_TEST(last() == 500U);
    std::vector<bool> seen(500);
    for (std::size_t t = 0; t < 10; ++t)
        for (std::size_t i = 0; i < 50; ++i) {
            BOOST_TEST(text(given[t][i]) == "thread " + std::to_string(t) + " entry " + std::to_string(i));
            BOOST_TEST(!seen[given[t][i] - 1]);
            seen[given[t][i] - 1] = true;
        }
}

BOOST_AUTO_TEST_CASE(batches_of_several_threads_do_not_mix) {
    {
        std::vector<std::jthread> threads;
        for (char t = 'a'; t < 'e'; ++t)
            threads.emplace_back([this, t] {
                const std::string text(20, t);
                for (int i = 0; i < 100; ++i)
                    if (!log->append_batch(records({text, text, text})))
                        std::terminate();
            });
    }
    reopen();
    const texts found = all();
    BOOST_REQUIRE_EQUAL(found.size(), 1200U);
    for (std::size_t i = 0; i < found.size(); i += 3) {
        BOOST_TEST(found[i] == found[i + 1]);
        BOOST_TEST(found[i] == found[i + 2]);
    }
}

BOOST_AUTO_TEST_CASE(large_and_small_frames_of_several_threads_come_back_whole) {
    {
        std::vector<std::jthread> threads;
        for (char t = 'a'; t < 'e'; ++t)
            threads.emplace_back([this, t] {
                for (std::size_t i = 0; i < 20; ++i)
                    if (!log->append(std::string(i % 4 == 0 ? 100000 : 10, t)))
                        std::terminate();
            });
    }
    reopen();
    std::map<std::string, int> counts;
    for (const std::string& text : all())
        ++counts[text];
    for (char t = 'a'; t < 'e'; ++t) {
        BOOST_TEST(counts[std::string(100000, t)] == 5);
        BOOST_TEST(counts[std::string(10, t)] == 15);
    }
}

BOOST_AUTO_TEST_SUITE_END()
