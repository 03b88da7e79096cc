#include <tusk/log/basic_wal.hpp>

#include <log/fixture.hpp>

using namespace log_test;

namespace log_opening {

struct fixture : memory_log<> {
    void make(std::initializer_list<std::string_view> texts) {
        open();
        for (const std::string_view t : texts)
            append(t);
        close();
    }
    // Changes the slots of the state file, and mends their checksums.
    void patch_state(std::uint64_t at, std::uint32_t value) {
        for (const std::uint64_t slot : state_layout::slot) {
            std::string bytes = disk.read("state").substr(static_cast<std::size_t>(slot), state_layout::slot_size);
            store_le(reinterpret_cast<std::byte*>(bytes.data()) + at, value);
            const std::size_t checked = bytes.size() - 4;
            store_le(reinterpret_cast<std::byte*>(bytes.data()) + checked, crc32c(to_bytes(bytes).first(checked)));
            disk.write("state", slot, bytes);
        }
    }
    // Opens in vain: for this reason, with these words, and without changing a byte.
    void open_in_vain(std::error_code why, std::string_view words) {
        const auto before = disk.contents();
        BOOST_TEST(fails_with(try_open(), why));
        BOOST_TEST_INFO(report.message);
        BOOST_TEST(report.message.find(words) != std::string::npos);
        BOOST_TEST((disk.contents() == before));
    }
};

// Frames as binary_format writes them, but another format by its name.
struct other_format : binary_format {
    static constexpr std::uint8_t id = format_id::user;
    static constexpr const char* name = "other_format";
};

// Writes a run of one byte as that byte.
struct run_compression {
    static constexpr std::uint8_t id = codec::user;
    [[nodiscard]] static constexpr bool reads(std::uint8_t codec) noexcept { return codec == id; }
    [[nodiscard]] std::size_t compress(byte_view in, byte_span out) const noexcept {
        if (out.empty() || std::any_of(in.begin(), in.end(), [&](std::byte b) { return b != in.front(); }))
            return 0;
        out.front() = in.front();
        return 1;
    }
    [[nodiscard]] result<void> decompress(std::uint8_t, byte_view in, byte_span out) const noexcept {
        if (in.size() != 1)
            return errc::corrupt;
        std::fill(out.begin(), out.end(), in.front());
        return success();
    }
};

} // namespace log_opening

BOOST_FIXTURE_TEST_SUITE(log_opening, fixture)

// ---- a log that is new, or empty ----

BOOST_AUTO_TEST_CASE(a_new_log_is_empty_and_reports_zero_and_zero) {
    open();
    BOOST_TEST(report.created);
    BOOST_TEST(first() == 0U);
    BOOST_TEST(last() == 0U);
    BOOST_TEST(next() == 1U);
    BOOST_TEST(durable() == 0U);
    BOOST_TEST(must(log->empty()));
    BOOST_TEST(must(log->size_bytes()) == 0U);
    BOOST_TEST(must(log->segment_count()) == 0U);
    BOOST_TEST(all().empty());
    BOOST_TEST(log->is_open());
}

BOOST_AUTO_TEST_CASE(a_log_that_was_made_and_never_written_to_opens_again) {
    open();
    reopen();
    BOOST_TEST(!report.created);
    BOOST_TEST(first() == 0U);
    BOOST_TEST(append("a") == 1U);
}

BOOST_AUTO_TEST_CASE(where_there_is_no_log_and_none_may_be_made_there_is_no_log) {
    opts.create = false;
    BOOST_TEST(fails_with(try_open(), errc::no_log));
    BOOST_TEST(disk.names().empty());
    BOOST_TEST(fails_with(log_type::destroy(disk.backend()), errc::no_log));
    opts = small_options();
    opts.mode = open_mode::read_only;
    BOOST_TEST(fails_with(try_open(), errc::no_log));
    BOOST_TEST(disk.names().empty());
}

BOOST_AUTO_TEST_CASE(where_the_making_of_a_log_was_cut_short_there_is_none_to_read_yet) {
    disk.backend().attach(true).value();
    disk.write("state", 0, std::string(5000, '\1'));
    opts.mode = open_mode::read_only;
    BOOST_TEST(fails_with(try_open(), errc::no_log));
    BOOST_TEST(!report.message.empty());
    opts.mode = open_mode::strict;
    open();
    BOOST_TEST(report.created);
}

BOOST_AUTO_TEST_CASE(where_only_other_files_are_there_is_no_log) {
    disk.backend().attach(true).value();
    disk.write("notes.txt", 0, "mine");
    opts.create = false;
    open_in_vain(errc::no_log, "no log");
    BOOST_TEST(fails_with(log_type::destroy(disk.backend()), errc::no_log));
}

BOOST_AUTO_TEST_CASE(a_log_may_start_at_any_index_and_after_any_term) {
    opts.first_index = 1000;
    opts.previous_term = 7;
    open();
    for (int round = 0; round < 2; ++round) {
        BOOST_TEST(must(log->empty()));
        BOOST_TEST(first() == 1000U);
        BOOST_TEST(last() == 999U);
        BOOST_TEST(next() == 1000U);
        BOOST_TEST(term(999) == 7U);
        BOOST_TEST(fails_with(log->term_at(998), errc::dropped));
        reopen();
    }
    BOOST_TEST(fails_with(log->append(record_view("a", "", 6)), errc::term_regressed));
    BOOST_TEST(append("a") == 1000U);
    BOOST_TEST(term(1000) == 7U);
    reopen();
    BOOST_TEST(first() == 1000U);
    BOOST_TEST(last() == 1000U);
    BOOST_TEST(text(1000) == "a");
    BOOST_TEST(fails_with(log->get(999), errc::dropped));
}

BOOST_AUTO_TEST_CASE(the_first_index_of_the_options_is_for_new_logs_alone) {
    make({"a", "b"});
    opts.first_index = 77;
    opts.previous_term = 5;
    open();
    BOOST_TEST(first() == 1U);
    BOOST_TEST(term(0) == 0U);
    BOOST_TEST(append("c") == 3U);
}

// ---- what was there is there again ----

BOOST_AUTO_TEST_CASE(a_log_that_was_closed_goes_on_where_it_was) {
    make({"a", "b"});
    open();
    BOOST_TEST(all() == (texts{"a", "b"}), boost::test_tools::per_element());
    BOOST_TEST(durable() == 2U);
    BOOST_TEST(append("c") == 3U);
    BOOST_TEST(report.message.empty());
    BOOST_TEST(!report.repaired);
}

BOOST_AUTO_TEST_CASE(many_segments_come_back_and_the_index_goes_on) {
    open();
    fill_segments(6);
    const index_t end = last();
    reopen();
    BOOST_TEST(report.segments == 6U);
    BOOST_TEST(all() == samples(1, end), boost::test_tools::per_element());
    BOOST_TEST(append("next") == end + 1);
    kill_and_open();
    BOOST_TEST(last() == end + 1);
    BOOST_TEST(text(end) == sample(end));
}

BOOST_AUTO_TEST_CASE(the_segment_size_may_differ_from_open_to_open) {
    open();
    append_samples(100);
    close();
    opts.segment_size = 16 * min_segment_size;
    open();
    append_samples(1000);
    close();
    opts.segment_size = min_segment_size;
    open();
    append_samples(100);
    reopen();
    BOOST_TEST(all() == samples(1, 1200), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_open_after_a_clean_close_reads_nothing_again) {
    open();
    fill_segments(4);
    const index_t end = last();
    close();
    for (int round = 0; round < 3; ++round) {
        open();
        BOOST_TEST(report.scanned_bytes == 0U);
        BOOST_TEST(!report.repaired);
        BOOST_TEST(report.unproven_entries == 0U);
        BOOST_TEST(last() == end);
        close();
    }
    open();
    BOOST_TEST(all() == samples(1, end), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_open_after_a_kill_reads_the_tail_alone) {
    open();
    fill_segments(20);
    kill_and_open();
    BOOST_TEST(report.scanned_bytes > 0U);
    BOOST_TEST(report.scanned_bytes < 4 * min_segment_size);
}

BOOST_AUTO_TEST_CASE(with_verify_all_every_byte_is_read) {
    open();
    fill_segments(4);
    const std::uint64_t bytes = must(log->size_bytes());
    close();
    opts.verify_all = true;
    open();
    BOOST_TEST(report.scanned_bytes > bytes * 3 / 4);
}

BOOST_AUTO_TEST_CASE(opening_and_closing_again_and_again_changes_no_byte) {
    open();
    append_samples(10);
    kill_and_open();
    close();
    const auto before = disk.contents();
    for (int round = 0; round < 5; ++round) {
        open();
        close();
    }
    BOOST_TEST((disk.contents() == before));
}

// ---- the report ----

BOOST_AUTO_TEST_CASE(files_that_are_not_the_logs_are_reported_and_left_alone) {
    make({"a"});
    disk.write("notes.txt", 0, "mine");
    disk.write("123.wal", 0, "mine too");
    open();
    BOOST_TEST(report.unknown_files == (texts{"123.wal", "notes.txt"}), boost::test_tools::per_element());
    reopen();
    BOOST_TEST(disk.read("notes.txt") == "mine");
    BOOST_TEST(disk.read("123.wal") == "mine too");
}

BOOST_AUTO_TEST_CASE(the_report_says_what_the_log_holds) {
    make({"a", "b", "c"});
    open();
    BOOST_TEST(report.first_index == 1U);
    BOOST_TEST(report.last_index == 3U);
    BOOST_TEST(report.segments == 1U);
    BOOST_TEST(report.witness > 0U);
    BOOST_TEST(report.damages.empty());
    BOOST_TEST(report.lost_entries == 0U);
}

// ---- who may open ----

BOOST_AUTO_TEST_CASE(a_second_opener_finds_the_log_busy_until_the_first_has_closed) {
    open();
    append("a");
    memory_log<> second;
    second.disk = disk;
    BOOST_TEST(fails_with(second.try_open(), errc::busy));
    BOOST_TEST(fails_with(log_type::destroy(disk.backend()), errc::busy));
    close();
    second.open();
    BOOST_TEST(second.text(1) == "a");
}

BOOST_AUTO_TEST_CASE(an_open_that_fails_lets_go_of_the_log) {
    make({"a"});
    patch_state(12, other_format::id);
    open_in_vain(errc::wrong_format, "");
    patch_state(12, binary_format::id);
    open();
    BOOST_TEST(text(1) == "a");
}

BOOST_AUTO_TEST_CASE(opening_with_another_format_changes_no_byte) {
    make({"a", "b"});
    memory_log<fsync_always, other_format> other;
    other.disk = disk;
    const auto before = disk.contents();
    for (const open_mode mode : {open_mode::strict, open_mode::salvage, open_mode::read_only}) {
        other.opts.mode = mode;
        BOOST_TEST(fails_with(other.try_open(), errc::wrong_format));
        BOOST_TEST(other.report.message.find("binary_format") != std::string::npos);
        BOOST_TEST(other.report.message.find("other_format") != std::string::npos);
    }
    BOOST_TEST((disk.contents() == before));
    open();
    BOOST_TEST(all() == (texts{"a", "b"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(opening_with_a_compression_that_cannot_read_what_is_there_changes_no_byte) {
    memory_log<fsync_always, binary_format, run_compression> compressed;
    compressed.open();
    compressed.append(std::string(100, 'x'));
    compressed.append("not a run");
    compressed.close();
    disk = compressed.disk;
    open_in_vain(errc::wrong_compression, "compression of the user's own");
    compressed.open();
    BOOST_TEST(compressed.text(1) == std::string(100, 'x'));
    BOOST_TEST(compressed.text(2) == "not a run");
}

BOOST_AUTO_TEST_CASE(a_log_that_was_stored_as_it_is_can_be_gone_on_with_compressed) {
    make({"plain"});
    memory_log<fsync_always, binary_format, run_compression> compressed;
    compressed.disk = disk;
    compressed.open();
    const std::uint64_t before = must(compressed.log->size_bytes());
    compressed.append(std::string(2000, 'y'));
    BOOST_TEST(must(compressed.log->size_bytes()) - before < 100U);
    must(compressed.log->append(std::string_view("zzzzzzzz"), {.compress = false}));
    const std::array<byte_view, 2> pieces{to_bytes("www"), to_bytes("www")};
    must(compressed.log->append(pieces));
    compressed.reopen();
    BOOST_TEST(compressed.all() == (texts{"plain", std::string(2000, 'y'), "zzzzzzzz", "wwwwww"}),
               boost::test_tools::per_element());
    BOOST_TEST(disk.read("0000000001.wal").find("zzzzzzzz") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_state_file_of_a_newer_version_is_refused_before_anything_else) {
    make({"a"});
    patch_state(8, state_layout::version + 1);
    for (const open_mode mode : {open_mode::strict, open_mode::salvage, open_mode::read_only}) {
        opts.mode = mode;
        open_in_vain(errc::unsupported_version, "newer version");
    }
}

BOOST_AUTO_TEST_CASE(a_newer_version_of_the_format_is_refused) {
    make({"a"});
    patch_state(32, binary_format::version + 1);
    open_in_vain(errc::unsupported_version, "version 2 of binary_format");
}

BOOST_AUTO_TEST_CASE(a_segment_of_a_newer_version_is_refused) {
    make({"a"});
    std::string bytes = disk.read("0000000001.wal");
    store_le(reinterpret_cast<std::byte*>(bytes.data()),
             load_le<std::uint32_t>(reinterpret_cast<std::byte*>(bytes.data())) + 0x100);
    disk.write("0000000001.wal", 0, bytes);
    open_in_vain(errc::unsupported_version, "0000000001.wal");
}

// ---- files that are gone, or not where they belong ----

BOOST_AUTO_TEST_CASE(a_missing_state_file_is_refused) {
    make({"a"});
    disk.remove("state");
    open_in_vain(errc::missing, "state file");
    opts.mode = open_mode::read_only;
    open_in_vain(errc::missing, "state file");
}

BOOST_AUTO_TEST_CASE(salvage_makes_a_lost_state_file_anew) {
    open();
    fill_segments(3);
    const index_t end = last();
    close();
    disk.remove("state");
    opts.mode = open_mode::salvage;
    open();
    BOOST_TEST(report.damages.size() == 1U);
    BOOST_TEST(all() == samples(1, end), boost::test_tools::per_element());
    close();
    opts.mode = open_mode::strict;
    open();
    BOOST_TEST(all() == samples(1, end), boost::test_tools::per_element());
    BOOST_TEST(append("next") == end + 1);
}

BOOST_AUTO_TEST_CASE(either_slot_of_the_state_file_is_enough) {
    make({"a", "b"});
    for (const std::uint64_t slot : state_layout::slot) {
        memory_log<> damaged;
        damaged.disk.go_back_to(disk.now());
        damaged.disk.flip("state", slot + 20);
        damaged.open();
        BOOST_TEST(damaged.all() == (texts{"a", "b"}), boost::test_tools::per_element());
        damaged.append("c");
        damaged.kill_and_open(); // both are whole again
        damaged.disk.flip("state", (slot + state_layout::page) % (2 * state_layout::page) + 20);
        damaged.kill_and_open();
        BOOST_TEST(damaged.all() == (texts{"a", "b", "c"}), boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(an_open_that_refuses_has_learned_nothing) {
    open();
    append_samples(10);
    kill();
    disk.damage(sample(3));
    opts.max_record_size *= 2;
    opts.max_batch_bytes *= 2;
    open_in_vain(errc::corrupt, "0000000001.wal");
}

BOOST_AUTO_TEST_CASE(a_state_file_with_both_slots_damaged_is_corrupt) {
    make({"a"});
    disk.flip("state", state_layout::slot[0] + 20);
    disk.flip("state", state_layout::slot[1] + 20);
    open_in_vain(errc::corrupt, "both slots");
    BOOST_REQUIRE_EQUAL(report.damages.size(), 1U);
    BOOST_TEST(report.damages.front().segment == 0U);
}

BOOST_AUTO_TEST_CASE(a_state_file_that_was_cut_to_nothing_is_corrupt_where_there_are_segments) {
    make({"a"});
    disk.cut("state", 0);
    open_in_vain(errc::corrupt, "state file");
}

BOOST_AUTO_TEST_CASE(a_log_whose_making_was_cut_short_is_made_anew) {
    disk.backend().attach(true).value();
    disk.write("state", 0, "");
    open();
    BOOST_TEST(report.created);
    BOOST_TEST(append("a") == 1U);
}

BOOST_AUTO_TEST_CASE(a_missing_segment_in_the_middle_is_refused) {
    open();
    fill_segments(4);
    close();
    disk.remove("0000000002.wal");
    open_in_vain(errc::missing, "0000000002.wal");
    BOOST_TEST(report.damages.front().segment == 2U);
}

BOOST_AUTO_TEST_CASE(a_missing_first_segment_is_refused) {
    open();
    fill_segments(4);
    close();
    disk.remove("0000000001.wal");
    open_in_vain(errc::missing, "0000000001.wal");
}

BOOST_AUTO_TEST_CASE(a_missing_last_segment_is_refused_if_it_was_durable) {
    open();
    fill_segments(4);
    close();
    disk.remove("0000000004.wal");
    open_in_vain(errc::missing, "0000000004.wal");
}

BOOST_AUTO_TEST_CASE(the_only_segment_missing_is_refused_if_it_was_durable) {
    make({"a"});
    disk.remove("0000000001.wal");
    open_in_vain(errc::missing, "0000000001.wal");
}

BOOST_AUTO_TEST_CASE(a_renamed_segment_is_misplaced) {
    open();
    fill_segments(3);
    close();
    disk.rename("0000000003.wal", "0000000009.wal");
    open_in_vain(errc::misplaced, "0000000009.wal");
}

BOOST_AUTO_TEST_CASE(a_copied_segment_is_misplaced) {
    open();
    fill_segments(3);
    close();
    disk.copy("0000000002.wal", "0000000004.wal");
    open_in_vain(errc::misplaced, "0000000004.wal");
}

BOOST_AUTO_TEST_CASE(two_segments_that_changed_places_are_misplaced) {
    open();
    fill_segments(3);
    close();
    disk.rename("0000000002.wal", "aside");
    disk.rename("0000000003.wal", "0000000002.wal");
    disk.rename("aside", "0000000003.wal");
    open_in_vain(errc::misplaced, "0000000002.wal");
}

BOOST_AUTO_TEST_CASE(a_segment_of_another_log_is_misplaced) {
    make({"a"});
    memory_log<> other;
    other.open();
    other.append("b");
    other.close();
    disk.remove("0000000001.wal");
    disk.write("0000000001.wal", 0, other.disk.read("0000000001.wal"));
    open_in_vain(errc::misplaced, "0000000001.wal");
}

// ---- the end ----

BOOST_AUTO_TEST_CASE(a_closed_log_says_so_to_every_call) {
    open();
    append("a");
    auto reader = must(log->read_from(1));
    auto follower = must(log->follow(2));
    auto begun = log->begin();
    must(begun.add("b"));
    const ticket submitted = must(log->submit(records({"b"})));
    must(log->close());
    const std::vector<record_view> one = records({"x"});
    const std::array<byte_view, 1> piece{to_bytes("x")};
    BOOST_TEST(!log->is_open());
    BOOST_TEST(fails_with(log->close(), errc::closed));
    BOOST_TEST(fails_with(log->append("x"), errc::closed));
    BOOST_TEST(fails_with(log->append(piece), errc::closed));
    BOOST_TEST(fails_with(log->append_with(1, [](byte_span) {}), errc::closed));
    BOOST_TEST(fails_with(log->append_batch(one), errc::closed));
    BOOST_TEST(fails_with(log->replace_from(1, one), errc::closed));
    BOOST_TEST(fails_with(log->submit(one), errc::closed));
    BOOST_TEST(fails_with(log->wait_durable(submitted), errc::closed));
    BOOST_TEST(fails_with(begun.commit(), errc::closed));
    BOOST_TEST(fails_with(log->sync(), errc::closed));
    BOOST_TEST(fails_with(log->roll(), errc::closed));
    BOOST_TEST(fails_with(log->truncate(0), errc::closed));
    BOOST_TEST(fails_with(log->drop_before(1), errc::closed));
    BOOST_TEST(fails_with(log->reset(5), errc::closed));
    BOOST_TEST(fails_with(log->reset(0), errc::closed));
    BOOST_TEST(fails_with(log->replace_from(0, one), errc::closed));
    BOOST_TEST(fails_with(log->get_range(2, 1), errc::closed));
    BOOST_TEST(fails_with(log->hold(1), errc::closed));
    BOOST_TEST(fails_with(log->get(1), errc::closed));
    BOOST_TEST(fails_with(log->get_range(1, 1), errc::closed));
    BOOST_TEST(fails_with(log->term_at(1), errc::closed));
    BOOST_TEST(fails_with(log->read_from(1), errc::closed));
    BOOST_TEST(fails_with(log->follow(1), errc::closed));
    BOOST_TEST(fails_with(log->first_index(), errc::closed));
    BOOST_TEST(fails_with(log->last_index(), errc::closed));
    BOOST_TEST(fails_with(log->next_index(), errc::closed));
    BOOST_TEST(fails_with(log->empty(), errc::closed));
    BOOST_TEST(fails_with(log->durable_index(), errc::closed));
    BOOST_TEST(fails_with(log->size_bytes(), errc::closed));
    BOOST_TEST(fails_with(log->bytes_after(1), errc::closed));
    BOOST_TEST(fails_with(log->segment_count(), errc::closed));
    BOOST_TEST(fails_with(log->verify(), errc::closed));
    BOOST_TEST(fails_with(reader.next(), errc::closed));
    BOOST_TEST(fails_with(follower.next({}), errc::closed));
    open();
    BOOST_TEST(all() == (texts{"a", "b"}), boost::test_tools::per_element()); // what was submitted was kept
}

BOOST_AUTO_TEST_CASE(destroying_the_object_closes_the_log) {
    open();
    append("a");
    log.reset();
    open();
    BOOST_TEST(report.scanned_bytes == 0U);
    BOOST_TEST(text(1) == "a");
}

BOOST_AUTO_TEST_CASE(a_log_can_be_moved) {
    open();
    append("a");
    log_type other = std::move(*log);
    BOOST_TEST(must(other.append("b")) == 2U);
    log.emplace(std::move(other));
    BOOST_TEST(all() == (texts{"a", "b"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(destroy_removes_what_is_the_logs_and_leaves_the_rest) {
    open();
    fill_segments(3);
    close();
    disk.write("notes.txt", 0, "mine");
    disk.write("0000000001.wal.bak", 0, "mine too");
    disk.write("0000000001.wal.evidence", 0, "set aside");
    must(log_type::destroy(disk.backend()));
    BOOST_TEST(disk.names() == (texts{"0000000001.wal.bak", "notes.txt"}), boost::test_tools::per_element());
    open();
    BOOST_TEST(report.created);
    BOOST_TEST(must(log->empty()));
}

BOOST_AUTO_TEST_SUITE_END()
