#include <tusk/log/repair.hpp>

#include <log/forgery.hpp>

// What salvage makes of frames behind damage that cannot follow what stands before it, and other things that no crash leaves.

using namespace log_test;

namespace log_salvaging {

constexpr std::string_view file = "0000000001.wal";

struct fixture : memory_log<> {
    fixture() { open(); }

    void salvage() {
        opts.mode = open_mode::salvage;
        open();
        opts.mode = open_mode::strict;
    }
    // Ten entries, the fourth of which is damaged; where the sixth was is this frame, and nothing behind it.
    void salvage_with(const std::string& frame, index_t index) {
        append_samples(10);
        kill();
        const forgery forged(disk);
        const std::uint64_t at = forged.frame(7);
        disk.damage(sample(4));
        disk.write(std::string(file), at, std::string(disk.read(std::string(file)).size() - at, '\0'));
        forged.put(at, frame, index);
        salvage();
    }
    static std::string numbers(frame_type type, std::vector<std::uint64_t> n) {
        return forgery::encoded({.type = type, .records = {}, .numbers = n});
    }
    static std::string replace(std::uint64_t keep) {
        static const std::string text(40, 'f');
        const std::vector<stored_record> one{{.data = to_bytes(text), .key = {}, .raw_size = 40}};
        const std::vector<std::uint64_t> kept{keep};
        return forgery::encoded({.type = frame_type::replace, .records = one, .numbers = kept});
    }
    // A strict open finds nothing wrong, and the log goes on.
    void lives_on() {
        const index_t end = next();
        BOOST_TEST(append("more") == end);
        kill_and_open();
        BOOST_TEST(report.damages.empty());
        BOOST_TEST(text(end) == "more");
    }
    void change_state(const std::function<void(log_state&)>& change) {
        const std::string bytes = disk.read("state");
        for (const std::uint64_t at : state_layout::slot) {
            log_state s = must(decode_slot(to_bytes(bytes).subspan(static_cast<std::size_t>(at))));
            change(s);
            disk.write("state", at, to_text(encode_slot(s)));
        }
    }
};

/// A Format that takes the header of a segment wherever it stands.
struct lax_format : binary_format {
    [[nodiscard]] static verdict probe(byte_view in, const frame_place& place, frame_info& info) noexcept {
        frame_place begin = place;
        if (!in.empty() && in.front() == std::byte{0xF1})
            begin.offset = 0;
        return binary_format::probe(in, begin, info);
    }
};

} // namespace log_salvaging

BOOST_FIXTURE_TEST_SUITE(log_salvaging, fixture)

BOOST_AUTO_TEST_CASE(a_replacement_that_goes_on_elsewhere_than_behind_what_it_keeps_is_left_out) {
    salvage_with(replace(/*keep=*/3), /*index=*/8);
    BOOST_TEST(report.damages.size() >= 2U);
    BOOST_TEST(last() == 5U); // the fifth follows the damage
    BOOST_TEST(text(5) == sample(5));
    BOOST_TEST(fails_with(log->get(4), errc::lost));
    lives_on();
}

BOOST_AUTO_TEST_CASE(a_replacement_behind_damage_takes_the_place_of_what_it_cuts) {
    salvage_with(replace(/*keep=*/4), /*index=*/5);
    BOOST_TEST(last() == 5U);
    BOOST_TEST(text(5) == std::string(40, 'f'));
    lives_on();
}

BOOST_AUTO_TEST_CASE(a_frame_behind_damage_whose_term_is_too_low_is_left_out) {
    append("a", 5);
    append("b", 5);
    append("c", 5);
    append("d", 6);
    kill();
    const forgery forged(disk);
    const std::uint64_t third = forged.frame(4);
    disk.flip(std::string(file), forged.frame(3) + 45); // the second is damaged
    const std::vector<stored_record> low{{.data = to_bytes("low"), .key = {}, .term = 4, .raw_size = 3}};
    std::string whole = disk.read(std::string(file));
    disk.write(std::string(file), forged.frame(5), std::string(100, '\0'));
    forged.put(forged.frame(5), forgery::encoded({.records = low}), 4);
    BOOST_REQUIRE(forged.frame(4) == third);
    salvage();
    BOOST_TEST(last() == 3U);
    BOOST_TEST(text(3) == "c");
    BOOST_TEST(term(3) == 5U);
    BOOST_TEST(fails_with(log->get(2), errc::lost));
}

BOOST_AUTO_TEST_CASE(a_header_in_the_middle_is_no_step_of_history_even_if_the_format_takes_it_for_one) {
    for (const auto& [proven, damaged] : {std::pair(false, false), {true, false}, {true, true}}) {
        memory_log<fsync_always, lax_format> l;
        l.open();
        l.append_samples(10);
        l.kill();
        const std::string bytes = l.disk.read(std::string(file));
        const forgery forged(l.disk);
        const std::uint64_t at = proven ? forged.frame(6) : forged.end();
        l.disk.write(std::string(file), at, std::string_view(bytes).substr(0, 112));
        if (damaged) // the header is what the search behind it comes to first
            l.disk.damage(sample(4));
        if (proven) {
            BOOST_TEST(fails_with(l.try_open(), errc::corrupt));
            l.opts.mode = open_mode::salvage;
        }
        l.open();
        BOOST_TEST(l.text(3) == sample(3));
        BOOST_TEST(l.text(10) == sample(10));
        BOOST_TEST(l.append("more") == 11U);
        l.opts.mode = open_mode::strict;
        l.kill_and_open();
        BOOST_TEST(l.text(11) == "more");
    }
}

BOOST_AUTO_TEST_CASE(behind_a_cut_to_far_beyond_the_log_begins_anew_there_and_says_what_is_left_out) {
    const index_t far = std::uint64_t{1} << 40;
    salvage_with(numbers(frame_type::cut, {far}), 6);
    BOOST_TEST(must(log->empty()));
    BOOST_TEST(next() == far + 1);
    BOOST_REQUIRE(!report.damages.empty());
    BOOST_TEST(report.damages.back().first == 1U);
    BOOST_TEST(report.damages.back().last == 5U);
    lives_on();
}

BOOST_AUTO_TEST_CASE(behind_lost_entries_far_beyond_the_log_begins_anew_there) {
    const index_t far = std::uint64_t{1} << 40;
    salvage_with(numbers(frame_type::lost, {3}), far);
    BOOST_TEST(first() == far);
    BOOST_TEST(last() == far + 2);
    BOOST_TEST(fails_with(log->get(far), errc::lost));
    lives_on();
}

BOOST_AUTO_TEST_CASE(a_frame_without_entries_behind_damage_makes_up_none) {
    // The log was closed: behind the last entry, which is damaged, stands its index frame.
    append_samples(10);
    close();
    disk.damage(sample(10));
    salvage();
    for (index_t i = 1; i <= 9; ++i)
        BOOST_TEST(text(i) == sample(i));
    BOOST_TEST(!report.damages.empty());
    lives_on();
}

BOOST_AUTO_TEST_CASE(a_segment_under_another_name_is_left_out_by_salvage) {
    append_samples(10);
    must(log->roll());
    append_samples(3);
    close();
    const std::string copied = disk.segments().front();
    disk.copy(copied, "0000000099.wal");
    BOOST_TEST(fails_with(try_open(), errc::misplaced));
    salvage();
    BOOST_TEST(all() == samples(1, 13), boost::test_tools::per_element());
    lives_on();
}

BOOST_AUTO_TEST_CASE(a_segment_that_follows_nothing_is_no_part_of_a_log_that_has_a_beginning) {
    for (const open_mode mode : {open_mode::strict, open_mode::salvage}) {
        fixture l;
        for (int i = 0; i < 3; ++i) {
            l.append_samples(10);
            must(l.log->roll());
        }
        l.append_samples(1);
        must(l.log->drop_before(15)); // the log does not begin with the first segment any more
        l.close();
        std::string bytes(min_segment_size, '\0');
        const std::string segment = l.disk.read(l.disk.segments().front());
        const segment_header h{.log = load_le<std::uint64_t>(to_bytes(segment).data() + 40),
                               .segment = 1000,
                               .base = 1'000'000,
                               .next_index = 1};
        (void)encode_header<binary_format>(
            h, /*witness=*/0, std::as_writable_bytes(std::span(bytes)).first(header_frame_size<binary_format>()));
        l.disk.write("0000001000.wal", 0, bytes);
        l.opts.mode = mode;
        l.open();
        BOOST_TEST(l.text(15) == sample(15));
        BOOST_TEST(l.text(31) == sample(31));
        l.opts.mode = open_mode::strict;
        l.lives_on();
    }
}

BOOST_AUTO_TEST_CASE(a_segment_whose_header_knows_another_last_term_does_not_follow) {
    for (const term_t told : {term_t{4}, term_t{5}, term_t{6}}) {
        fixture l;
        for (int i = 0; i < 10; ++i)
            l.append(sample(l.next()), 5);
        must(l.log->roll());
        for (int i = 0; i < 10; ++i)
            l.append(sample(l.next()), 7);
        l.kill();
        const std::string second = l.disk.segments().back();
        std::string header = l.disk.read(second).substr(0, 112);
        store_le(std::as_writable_bytes(std::span(header)).data() + 72, told);
        forgery(l.disk, second).put(0, forgery::with_lead(header, header.size() - binary_layout::header_size), 11);
        if (told == 5) {
            l.open();
            BOOST_TEST(l.last() == 20U);
            continue;
        }
        BOOST_TEST(fails_with(l.try_open(), errc::corrupt));
        l.salvage();
        BOOST_TEST(l.text(10) == sample(10));
        BOOST_TEST(l.text(20) == sample(20));
        l.lives_on();
    }
}

BOOST_AUTO_TEST_CASE(where_no_number_is_left_behind_a_log_it_is_not_repaired) {
    append_samples(10);
    kill();
    const std::string whole = disk.read(std::string(file));
    std::string header = whole.substr(0, 112);
    store_le(std::as_writable_bytes(std::span(header)).data() + 56, max_lsn - 1); // where the segment begins
    forgery(disk).put(0, forgery::with_lead(header, header.size() - binary_layout::header_size), 1);
    const auto before = disk.contents().at(std::string(file));
    for (const open_mode mode : {open_mode::strict, open_mode::salvage}) {
        opts.mode = mode;
        BOOST_TEST(fails_with(try_open(), errc::corrupt));
        BOOST_TEST(disk.read(std::string(file)) == before);
    }
    opts.mode = open_mode::read_only;
    open();
    BOOST_TEST(all() == samples(1, 10), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(no_more_damages_are_named_than_somebody_can_read) {
    opts.segment_size = mebibyte;
    reopen();
    constexpr index_t count = 3000;
    append_samples(count);
    kill();
    std::string bytes = disk.read(std::string(file));
    for (index_t i = 2; i < count; i += 2)
        bytes[bytes.find(sample(i))] ^= 1;
    disk.write(std::string(file), 0, bytes);
    salvage();
    BOOST_TEST(report.damages.size() == max_damages);
    BOOST_TEST(report.lost_entries == count / 2 - 1);
    BOOST_TEST(text(count) == sample(count));
    lives_on();
}

BOOST_AUTO_TEST_CASE(what_only_looks_like_evidence_is_a_file_of_somebody_else) {
    append_samples(1);
    for (const char* name : {".evidence", "notes.evidence", "0000000000.wal.evidence", "000000001.wal.evidence"})
        disk.write(name, 0, "mine");
    disk.write("0000000077.wal.evidence", 0, "the log's");
    reopen();
    BOOST_TEST(report.evidence == texts{"0000000077.wal.evidence"}, boost::test_tools::per_element());
    BOOST_TEST(report.unknown_files.size() == 4U);
    close();
    must(log_type::destroy(disk.backend()));
    BOOST_TEST(disk.names().size() == 4U);
}

BOOST_AUTO_TEST_CASE(a_state_that_names_another_place_for_what_it_proves_takes_nothing_away) {
    append_samples(10);
    close();
    unsigned changed = 0;
    change_state([&](log_state& s) {
        if (s.proven.index_frame != 0) { // the slot that the close wrote
            s.proven.lsn -= 8;
            ++changed;
        }
    });
    BOOST_REQUIRE(changed == 1U);
    for (const bool verify : {false, true}) {
        opts.verify_all = verify;
        open();
        BOOST_TEST(all() == samples(1, 10), boost::test_tools::per_element());
        kill();
    }
    open();
    lives_on();
}

BOOST_AUTO_TEST_SUITE_END()
