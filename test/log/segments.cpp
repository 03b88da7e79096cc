#include <tusk/log/segment_files.hpp>

#include <log/fixture.hpp>

using namespace log_test;

namespace log_segments {

struct fixture : memory_log<> {
    fixture() { open(); }
    void open_with(void (*change)(options&)) {
        if (log)
            close();
        change(opts);
        open();
    }
    std::uint64_t segments() { return must(log->segment_count()); }
};

} // namespace log_segments

BOOST_FIXTURE_TEST_SUITE(log_segments, fixture)

// ---- rolling ----

BOOST_AUTO_TEST_CASE(the_log_goes_on_in_a_new_segment_when_one_is_full) {
    append_samples(200);
    BOOST_TEST(segments() > 3U);
    BOOST_TEST(disk.segments().size() == segments());
    for (const std::string& name : disk.segments())
        BOOST_TEST(disk.read(name).size() <= 2 * min_segment_size); // the index frame may lie beyond
    BOOST_TEST(all() == samples(1, 200), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_roll_seals_the_segment_that_is_written_to) {
    append(sample(1));
    BOOST_TEST(must(log->roll()) == 2U);
    BOOST_TEST(segments() == 2U);
    append(sample(2));
    kill_and_open();
    BOOST_TEST(all() == samples(1, 2), boost::test_tools::per_element());
    BOOST_TEST(disk.find(sample(1)).file != disk.find(sample(2)).file);
}

BOOST_AUTO_TEST_CASE(rolling_an_empty_segment_does_nothing) {
    BOOST_TEST(must(log->roll()) == 1U);
    BOOST_TEST(segments() == 0U);
    append("a");
    must(log->roll());
    for (int i = 0; i < 5; ++i)
        BOOST_TEST(must(log->roll()) == 2U);
    BOOST_TEST(segments() == 2U);
    reopen();
    BOOST_TEST(append("b") == 2U);
}

BOOST_AUTO_TEST_CASE(a_segment_is_filled_to_its_last_byte_before_the_log_rolls) {
    append("a");
    std::string exact(min_segment_size, 'x');
    while (append(exact) != 0 && segments() > 1) { // one byte less until it fits
        close();
        disk = memory_disk();
        open();
        append("a");
        exact.pop_back();
    }
    BOOST_TEST(must(log->size_bytes()) == min_segment_size);
    append("");
    BOOST_TEST(segments() == 2U);
    BOOST_TEST((all() == texts{"a", exact, ""}));
    reopen();
    BOOST_TEST((all() == texts{"a", exact, ""}));
}

BOOST_AUTO_TEST_CASE(numbers_of_segments_are_never_given_twice) {
    fill_segments(3);
    must(log->drop_before(next()));
    const std::string newest = disk.segments().back();
    kill_and_open();
    append_samples(200);
    must(log->reset(1));
    append_samples(3);
    reopen();
    append_samples(100);
    BOOST_TEST(disk.segments().front() > newest);
}

BOOST_AUTO_TEST_CASE(a_sealed_segment_gives_its_unused_space_back) {
    close();
    opts.segment_size = mebibyte;
    open();
    append("a");
    must(log->roll());
    BOOST_TEST(disk.read("0000000001.wal").size() < 4096U);
    append("b");
    close();
    BOOST_TEST(disk.bytes() < 32 * kibibyte);
    open();
    BOOST_TEST(all() == (texts{"a", "b"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(spare_segments_are_made_ahead_and_removed_at_close) {
    close();
    opts.background = background::own(2);
    opts.spare_segments = 2;
    open();
    for (int i = 0; i < 10; ++i)
        append_samples(50);
    const index_t end = last();
    kill_and_open();
    BOOST_TEST(all() == samples(1, end), boost::test_tools::per_element());
    append_samples(50);
    const std::uint64_t used = segments();
    close();
    BOOST_TEST(disk.segments().size() == used);
    open();
    BOOST_TEST(all() == samples(1, end + 50), boost::test_tools::per_element());
    BOOST_TEST(report.damages.empty());
}

BOOST_AUTO_TEST_CASE(thousands_of_entries_come_back_from_hundreds_of_segments) {
    append_samples(10000);
    BOOST_TEST(segments() > 200U);
    reopen();
    BOOST_TEST(report.scanned_bytes == 0U);
    BOOST_TEST((all() == samples(1, 10000)));
    must(log->truncate(777));
    must(log->drop_before(700));
    kill_and_open();
    BOOST_TEST((all() == samples(700, 777)));
}

// ---- limits ----

BOOST_AUTO_TEST_CASE(at_the_limit_of_segments_an_append_is_refused_and_nothing_is_dropped) {
    open_with([](options& o) { o.max_segments = 3; });
    result<index_t> given = 1;
    while (given)
        given = log->append(sample(next()));
    BOOST_TEST(fails_with(given, errc::too_many_segments));
    BOOST_TEST(segments() == 3U);
    const index_t end = last();
    BOOST_TEST(all() == samples(1, end), boost::test_tools::per_element());
    BOOST_TEST(fails_with(log->append_batch(records({sample(1)})), errc::too_many_segments));
    BOOST_TEST(fails_with(log->submit(records({sample(1)})), errc::too_many_segments));
    BOOST_TEST(fails_with(log->roll(), errc::too_many_segments));
    must(log->drop_before(end)); // makes room
    BOOST_TEST(append(sample(end + 1)) == end + 1);
}

BOOST_AUTO_TEST_CASE(at_the_limit_of_segments_the_oldest_entries_are_dropped_if_that_is_wanted) {
    open_with([](options& o) {
        o.max_segments = 3;
        o.at_limit = limit_policy::drop_oldest;
    });
    append_samples(1000);
    BOOST_TEST(segments() == 3U);
    BOOST_TEST(disk.segments().size() == 3U);
    BOOST_TEST(last() == 1000U);
    const index_t begin = first();
    BOOST_TEST(begin > 800U);
    BOOST_TEST(all() == samples(begin, 1000), boost::test_tools::per_element());
    kill_and_open();
    BOOST_TEST(all() == samples(begin, 1000), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_held_is_not_dropped_to_make_room) {
    open_with([](options& o) {
        o.max_segments = 2;
        o.at_limit = limit_policy::drop_oldest;
    });
    append("a");
    const hold h = must(log->hold(1));
    result<index_t> given = 1;
    while (given)
        given = log->append(sample(1));
    BOOST_TEST(fails_with(given, errc::held));
    BOOST_TEST(text(1) == "a");
}

BOOST_AUTO_TEST_CASE(records_that_inherit_their_term_keep_it_when_room_is_made) {
    open_with([](options& o) {
        o.max_segments = 2;
        o.at_limit = limit_policy::drop_oldest;
    });
    append("a", 5);
    for (int i = 0; i < 200; ++i)
        append_batch({sample(1), sample(2)});
    BOOST_TEST(term(last()) == 5U);
}

// ---- sizes ----

BOOST_AUTO_TEST_CASE(size_bytes_grows_with_each_append_and_shrinks_with_each_drop) {
    std::uint64_t before = must(log->size_bytes());
    for (int i = 0; i < 100; ++i) {
        append_samples(1);
        const std::uint64_t now = must(log->size_bytes());
        BOOST_TEST(now >= before + 64);
        before = now;
    }
    must(log->drop_before(90));
    BOOST_TEST(must(log->size_bytes()) < before / 2);
    reopen();
    BOOST_TEST(must(log->size_bytes()) >= 11 * 64U);
}

BOOST_AUTO_TEST_CASE(bytes_after_says_how_far_behind_a_reader_is) {
    append_samples(200);
    BOOST_TEST(must(log->bytes_after(200)) == 0U);
    BOOST_TEST(must(log->bytes_after(5000)) == 0U);
    BOOST_TEST(must(log->bytes_after(UINT64_MAX)) == 0U);
    std::uint64_t before = must(log->bytes_after(0));
    BOOST_TEST(before <= must(log->size_bytes()));
    BOOST_TEST(before >= 200 * 64U);
    for (index_t i = 1; i <= 200; ++i) {
        const std::uint64_t behind = must(log->bytes_after(i));
        BOOST_TEST(behind <= before);
        BOOST_TEST(behind >= (200 - i) * 64);
        BOOST_TEST(behind <= (200 - i + 16) * 128 + segments() * 256);
        before = behind;
    }
    must(log->drop_before(150));
    BOOST_TEST(must(log->bytes_after(10)) >= 51 * 64U);
    BOOST_TEST(must(log->bytes_after(10)) <= must(log->size_bytes()));
}

BOOST_AUTO_TEST_CASE(knowing_where_sealed_entries_are_takes_less_than_a_byte_each) {
    open_with([](options& o) { o.segment_size = mebibyte; });
    const std::string small = "12345678";
    while (segments() < 4) {
        std::vector<record_view> batch(100, record_view(small));
        must(log->append_batch(batch));
    }
    const index_t end = last();
    for (int round = 0; round < 2; ++round) {
        BOOST_TEST(log->index_memory() < end);
        reopen();
    }
    BOOST_TEST(end > 50000U);
}

BOOST_AUTO_TEST_CASE(single_appends_too_take_less_than_a_byte_each_once_sealed) {
    open_with([](options& o) { o.segment_size = mebibyte; });
    while (segments() < 3)
        append("12345678");
    BOOST_TEST(log->index_memory() < last());
}

// ---- alignment ----

BOOST_AUTO_TEST_CASE(with_sync_alignment_no_sector_is_written_by_two_syncs) {
    for (const std::uint32_t alignment : {512U, 4096U}) {
        memory_log<> aligned;
        aligned.opts.sync_alignment = alignment;
        aligned.opts.segment_size = 64 * kibibyte;
        aligned.open();
        std::uint64_t before = 0;
        for (int i = 0; i < 10; ++i) {
            aligned.append_samples(1);
            const std::uint64_t end = must(aligned.log->size_bytes());
            BOOST_TEST(end % alignment == 0U);
            BOOST_TEST(end > before);
            before = end;
        }
        aligned.kill_and_open();
        BOOST_TEST(aligned.all() == samples(1, 10), boost::test_tools::per_element());
        aligned.append_samples(100);
        aligned.reopen();
        BOOST_TEST(aligned.all() == samples(1, 110), boost::test_tools::per_element());
        BOOST_TEST(must(aligned.log->verify()).sound());
    }
}

BOOST_AUTO_TEST_CASE(an_aligned_log_can_be_gone_on_with_unaligned_and_back) {
    for (const std::uint32_t alignment : {0U, 512U, 0U, 4096U, 512U}) {
        if (log)
            close();
        opts.sync_alignment = alignment;
        open();
        append_samples(30);
        must(log->truncate(last() - 3));
    }
    reopen();
    BOOST_TEST(all() == samples(1, last()), boost::test_tools::per_element());
    BOOST_TEST(last() == 135U);
}

// ---- verify ----

BOOST_AUTO_TEST_CASE(a_log_that_is_sound_is_verified_to_be) {
    fill_segments(4);
    must(log->truncate(20));
    append_samples(50);
    const verify_report v = must(log->verify());
    BOOST_TEST(v.sound());
    BOOST_TEST(v.segments == segments());
    BOOST_TEST(v.entries == 70U);
    BOOST_TEST(v.bytes == must(log->size_bytes()));
}

BOOST_AUTO_TEST_CASE(verify_finds_each_damaged_entry) {
    fill_segments(4);
    const index_t end = last();
    disk.damage(sample(5));
    disk.damage(sample(90));
    disk.damage(sample(end));
    const verify_report v = must(log->verify());
    BOOST_REQUIRE_EQUAL(v.damages.size(), 3U);
    BOOST_TEST(v.damages[0].segment == 1U);
    BOOST_TEST(v.damages[0].first == 5U);
    BOOST_TEST(v.damages[0].last == 5U);
    BOOST_TEST(v.damages[1].first == 90U);
    BOOST_TEST(v.damages[2].first == end);
    BOOST_TEST(v.entries == end - 3);
    BOOST_TEST(text(6) == sample(6));
}

BOOST_AUTO_TEST_CASE(verify_finds_a_damaged_header) {
    fill_segments(3);
    disk.flip("0000000002.wal", 24);
    const verify_report v = must(log->verify());
    BOOST_REQUIRE(!v.sound());
    BOOST_TEST(v.damages.front().segment == 2U);
}

BOOST_AUTO_TEST_CASE(an_empty_log_is_sound) {
    const verify_report v = must(log->verify());
    BOOST_TEST(v.sound());
    BOOST_TEST(v.entries == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
