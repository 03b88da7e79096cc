#include <tusk/log/recovery.hpp>

#include <log/counting_backend.hpp>
#include <log/fixture.hpp>
#include <log/forgery.hpp>

using namespace log_test;

namespace log_recovery {

template<class FsyncPolicy>
struct damaged_log : memory_log<FsyncPolicy> {
    damaged_log() { this->open(); }

    // Opens in vain, and nothing in the directory is another than before.
    void open_in_vain(std::error_code why) {
        const auto before = this->disk.contents();
        BOOST_TEST(fails_with(this->try_open(), why));
        BOOST_TEST(!this->report.message.empty());
        BOOST_TEST((this->disk.contents() == before));
    }
    void salvage() {
        this->opts.mode = open_mode::salvage;
        this->open();
        this->opts.mode = open_mode::strict;
    }
    // The bytes of the frame that holds the text, from the text on, are not what was written.
    void tear(std::string_view text) {
        const auto at = this->disk.find(text);
        this->disk.write(at.file, at.offset, std::string(20, '\0'));
    }
    void holds(const texts& wanted) { BOOST_TEST(this->all() == wanted, boost::test_tools::per_element()); }
};

using fixture = damaged_log<fsync_always>;
using lazy = damaged_log<fsync_never>;

} // namespace log_recovery

BOOST_FIXTURE_TEST_SUITE(log_recovery, fixture)

// ---- a tail that nothing proves durable ----

BOOST_AUTO_TEST_CASE(a_kill_loses_nothing_that_was_appended) {
    append_samples(10);
    kill_and_open();
    BOOST_TEST(report.repaired);
    BOOST_TEST(report.dropped_bytes == 0U);
    BOOST_TEST(report.unproven_entries == 1U); // the frames behind bear witness to all but the last
    holds(samples(1, 10));
}

BOOST_AUTO_TEST_CASE(what_was_repaired_once_needs_no_repair_again) {
    append_samples(10);
    kill_and_open();
    for (int round = 0; round < 3; ++round) {
        kill_and_open();
        BOOST_TEST(!report.repaired);
        BOOST_TEST(report.unproven_entries == 0U);
        holds(samples(1, 10));
    }
}

BOOST_AUTO_TEST_CASE(a_torn_tail_is_cut_and_later_appends_survive_the_next_open) {
    append_samples(10);
    kill();
    tear(sample(10));
    open();
    BOOST_TEST(report.repaired);
    BOOST_TEST(report.dropped_bytes > 0U);
    BOOST_TEST(report.damages.size() == 1U);
    holds(samples(1, 9));
    append_samples(5);
    for (int round = 0; round < 3; ++round) {
        kill_and_open();
        holds(samples(1, 14));
    }
    reopen();
    holds(samples(1, 14));
}

BOOST_AUTO_TEST_CASE(a_tail_torn_at_any_byte_keeps_what_came_before) {
    append_samples(3);
    auto moment = disk.now();
    append("the last one");
    const std::string name = disk.segments().back();
    const std::string whole = disk.read(name);
    const std::size_t end = whole.find_last_not_of('\0') + 1;
    const std::size_t begin = disk.find(sample(3)).offset + sample(3).size();
    for (std::size_t torn = begin; torn < end; ++torn) {
        fixture after;
        after.kill();
        after.disk.go_back_to(moment->copy());
        after.disk.write(name, 0, std::string_view(whole).substr(0, torn));
        after.open();
        after.holds(samples(1, 3));
        BOOST_TEST(after.append(sample(4)) == 4U);
        after.kill_and_open();
        after.holds(samples(1, 4));
    }
}

BOOST_AUTO_TEST_CASE(a_file_that_ends_in_the_middle_of_a_frame_keeps_what_came_before) {
    append_samples(3);
    kill();
    const auto at = disk.find(sample(3));
    for (std::uint64_t size = at.offset + 10; size > at.offset - 40; size -= 7) {
        fixture after;
        after.kill();
        after.disk.go_back_to(disk.now());
        after.disk.cut(at.file, size);
        after.open();
        after.holds(samples(1, 2));
    }
}

BOOST_AUTO_TEST_CASE(the_bytes_of_a_torn_tail_are_left_as_evidence) {
    lazy log_;
    log_.append_samples(3);
    log_.kill();
    log_.tear(sample(2));
    const auto before = log_.disk.contents();
    log_.open();
    log_.holds(samples(1, 1));
    bool kept = false;
    for (const auto& [name, bytes] : log_.disk.contents())
        kept = kept || bytes == before.at("0000000001.wal");
    BOOST_TEST(kept);
    for (const std::string& name : log_.report.evidence)
        BOOST_TEST(log_.disk.has(name));
    must(log_.log->close());
    log_.log.reset();
    must(lazy::log_type::destroy(log_.disk.backend()));
    BOOST_TEST(log_.disk.names().empty()); // evidence is the log's own
}

BOOST_AUTO_TEST_CASE(a_tail_without_any_witness_is_cut_at_the_first_bad_byte) {
    lazy log_;
    log_.append_samples(200);
    log_.kill();
    log_.tear(sample(190));
    log_.open();
    log_.holds(samples(1, 189));
    log_.append_samples(11);
    log_.kill_and_open();
    log_.holds(samples(1, 200));
}

BOOST_AUTO_TEST_CASE(an_unproven_tail_that_is_whole_is_kept) {
    lazy log_;
    log_.append_samples(30);
    log_.kill_and_open();
    BOOST_TEST(log_.report.unproven_entries == 30U);
    BOOST_TEST(log_.report.damages.empty());
    BOOST_TEST(log_.durable() == 30U); // an open returns with everything durable
    log_.holds(samples(1, 30));
}

BOOST_AUTO_TEST_CASE(an_unproven_tail_over_several_segments_is_kept) {
    lazy log_;
    log_.fill_segments(3);
    const index_t end = log_.last();
    log_.kill_and_open();
    log_.holds(samples(1, end));
    log_.append_samples(100);
    log_.kill_and_open();
    log_.holds(samples(1, end + 100));
}

BOOST_AUTO_TEST_CASE(a_damaged_tail_is_refused_by_those_who_want_to_decide_themselves) {
    lazy log_;
    log_.append_samples(10);
    log_.kill();
    log_.tear(sample(8));
    log_.opts.unproven_tail = tail_policy::refuse;
    log_.open_in_vain(errc::unproven_tail);
    BOOST_REQUIRE_EQUAL(log_.report.damages.size(), 1U);
    BOOST_TEST(log_.report.damages.front().segment == 1U);
    BOOST_TEST(log_.report.damages.front().first == 8U);
    BOOST_TEST(log_.report.last_index == 7U);
    log_.opts.unproven_tail = tail_policy::repair;
    log_.open();
    log_.holds(samples(1, 7));
}

BOOST_AUTO_TEST_CASE(a_tail_that_is_whole_is_not_refused) {
    lazy log_;
    log_.append_samples(10);
    log_.kill();
    log_.opts.unproven_tail = tail_policy::refuse;
    log_.open();
    log_.holds(samples(1, 10));
}

BOOST_AUTO_TEST_CASE(a_kill_at_any_call_of_a_repair_leaves_the_log_to_be_repaired) {
    for (const bool torn : {false, true}) {
        lazy log_;
        log_.append_samples(60);
        log_.kill();
        if (torn)
            log_.tear(sample(55));
        const index_t kept = torn ? 54 : 60;
        std::vector<memory_backend::directory> moments;
        disk_calls calls;
        calls.refuse([&](disk_call, const std::string&) {
            moments.push_back(log_.disk.now());
            return std::error_code();
        });
        using watched = basic_wal<binary_format, fsync_never, counting_backend, no_compression>;
        BOOST_TEST(must(must(watched::open(counting_backend(log_.disk.backend(), calls), log_.opts)).last_index()) ==
                   kept);
        calls.refuse_nothing();
        BOOST_TEST(moments.size() > 20U);
        for (const auto& moment : moments) {
            lazy after;
            after.kill();
            after.disk.go_back_to(moment);
            after.open();
            after.holds(samples(1, kept));
            BOOST_TEST(after.append(sample(kept + 1)) == kept + 1);
            after.kill_and_open();
            after.holds(samples(1, kept + 1));
        }
    }
}

// ---- damage in what was durable ----

BOOST_AUTO_TEST_CASE(a_flipped_bit_below_a_witness_is_refused_and_located) {
    append_samples(10);
    kill();
    const auto at = disk.find(sample(4));
    disk.flip(at.file, at.offset);
    open_in_vain(errc::corrupt);
    BOOST_REQUIRE(!report.damages.empty());
    const damage& d = report.damages.front();
    BOOST_TEST(d.segment == 1U);
    BOOST_TEST(d.offset < at.offset);
    BOOST_TEST(d.offset + d.bytes > at.offset);
    BOOST_TEST(d.first == 4U);
    BOOST_TEST(report.message.find("0000000001.wal") != std::string::npos);
    BOOST_TEST(report.message.find("offset " + std::to_string(d.offset)) != std::string::npos);
    BOOST_TEST(report.salvage_first == 1U);
    BOOST_TEST(report.salvage_last == 10U);
}

BOOST_AUTO_TEST_CASE(a_flipped_bit_anywhere_below_a_witness_never_passes_in_silence) {
    append_samples(3);
    append_batch({"a", "b"});
    must(log->truncate(4));
    const std::uint64_t end = must(log->size_bytes()); // the frame behind it bears witness to all that comes before
    append("end");
    const texts whole = all();
    kill();
    const std::string name = disk.segments().front();
    for (std::uint64_t at = 0; at < end; at += 3) {
        fixture after;
        after.kill();
        after.disk.go_back_to(disk.now());
        after.disk.flip(name, at);
        BOOST_TEST_CONTEXT("byte " << at) {
            if (const result<void> opened = after.try_open())
                after.holds(whole); // a byte that carries nothing
            else
                BOOST_TEST((opened.error() == errc::corrupt || opened.error() == errc::missing ||
                            opened.error() == errc::misplaced || opened.error() == errc::unsupported_version));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_hole_of_zeros_in_the_middle_is_corruption) {
    append_samples(10);
    kill();
    const auto from = disk.find(sample(3));
    const auto to = disk.find(sample(7));
    disk.write(from.file, from.offset - 40, std::string(static_cast<std::size_t>(to.offset - from.offset), '\0'));
    open_in_vain(errc::corrupt);
}

BOOST_AUTO_TEST_CASE(damage_in_a_sealed_segment_that_is_read_is_corruption) {
    fill_segments(3);
    kill();
    disk.damage(sample(5));
    opts.verify_all = true;
    open_in_vain(errc::corrupt);
    BOOST_TEST(report.damages.front().segment == 1U);
    BOOST_TEST(report.damages.front().first == 5U);
}

BOOST_AUTO_TEST_CASE(damage_in_a_sealed_segment_is_found_by_who_reads_it) {
    fill_segments(3);
    const index_t end = last();
    close();
    disk.damage(sample(5));
    open(); // sealed segments are not read at open
    BOOST_TEST(fails_with(log->get(5), errc::corrupt));
    BOOST_TEST(text(4) == sample(4));
    BOOST_TEST(text(end) == sample(end));
}

BOOST_AUTO_TEST_CASE(without_its_index_frame_a_sealed_segment_is_read) {
    fill_segments(3);
    const index_t end = last();
    close();
    const std::string name = "0000000001.wal";
    disk.flip(name, disk.read(name).size() - 20);
    open();
    BOOST_TEST(report.scanned_bytes > 1000U);
    holds(samples(1, end));
}

BOOST_AUTO_TEST_CASE(the_end_of_a_file_gone_below_a_witness_is_corruption) {
    append_samples(10);
    close();
    disk.cut("0000000001.wal", disk.find(sample(5)).offset);
    open_in_vain(errc::corrupt);
    BOOST_TEST(report.last_index == 4U);
}

BOOST_AUTO_TEST_CASE(a_damaged_header_of_a_segment_is_never_taken_for_the_end) {
    fill_segments(4);
    kill();
    for (const std::string& name : disk.segments()) {
        fixture after;
        after.kill();
        after.disk.go_back_to(disk.now());
        after.disk.flip(name, 24);
        BOOST_TEST_CONTEXT(name) {
            if (name == disk.segments().back())
                continue; // what it held may be unproven
            const auto before = after.disk.contents();
            const result<void> opened = after.try_open();
            BOOST_TEST(!opened);
            BOOST_TEST((after.disk.contents() == before));
        }
    }
}

// ---- salvage ----

BOOST_AUTO_TEST_CASE(salvage_keeps_the_rest_and_lost_entries_read_as_lost) {
    append_samples(10);
    kill();
    disk.damage(sample(4));
    open_in_vain(errc::corrupt);
    salvage();
    BOOST_TEST(report.repaired);
    BOOST_TEST(report.lost_entries == 1U);
    for (int round = 0; round < 3; ++round) {
        BOOST_TEST(first() == 1U);
        BOOST_TEST(last() == 10U);
        for (index_t i = 1; i <= 10; ++i)
            if (i == 4)
                BOOST_TEST(fails_with(log->get(i), errc::lost));
            else
                BOOST_TEST(text(i) == sample(i));
        BOOST_TEST(fails_with(log->get_range(1, 10), errc::lost));
        auto r = must(log->read_from(4));
        BOOST_TEST(fails_with(r.next(), errc::lost));
        BOOST_TEST(must(r.next()).text() == sample(5));
        round == 0 ? reopen() : kill_and_open();
    }
    BOOST_TEST(append("more") == 11U);
    must(log->truncate(3)); // what was lost can be cut off like anything else
    append_samples(5);
    holds(samples(1, 8));
}

BOOST_AUTO_TEST_CASE(salvage_sets_the_damaged_file_aside_first) {
    append_samples(10);
    kill();
    disk.damage(sample(4));
    const std::string damaged = disk.read("0000000001.wal");
    salvage();
    bool kept = false;
    for (const auto& [name, bytes] : disk.contents())
        kept = kept || bytes == damaged;
    BOOST_TEST(kept);
}

BOOST_AUTO_TEST_CASE(salvage_keeps_what_follows_a_damaged_sealed_segment) {
    fill_segments(4);
    const index_t end = last();
    kill();
    disk.damage(sample(5));
    disk.damage(sample(70));
    salvage();
    BOOST_TEST(report.lost_entries == 2U);
    BOOST_TEST(last() == end);
    for (index_t i = 1; i <= end; ++i)
        if (i == 5 || i == 70)
            BOOST_TEST(fails_with(log->get(i), errc::lost));
        else
            BOOST_TEST(text(i) == sample(i));
    reopen();
    BOOST_TEST(text(end) == sample(end));
}

BOOST_AUTO_TEST_CASE(salvage_goes_on_behind_a_missing_segment) {
    fill_segments(4);
    const index_t end = last();
    const index_t second = 1 + must(log->get_range(1, end)).size() / 4; // somewhere near the edge
    close();
    disk.remove("0000000002.wal");
    open_in_vain(errc::missing);
    salvage();
    BOOST_TEST(last() == end);
    BOOST_TEST(text(1) == sample(1));
    BOOST_TEST(text(end) == sample(end));
    BOOST_TEST(fails_with(log->get(second + 20), errc::lost));
    BOOST_TEST(report.lost_entries > 0U);
    kill_and_open();
    BOOST_TEST(text(end) == sample(end));
}

BOOST_AUTO_TEST_CASE(behind_a_cut_down_to_what_was_dropped_a_repair_knows_the_term) {
    lazy l;
    for (int i = 0; i < 3; ++i)
        must(l.log->append(record_view("a", "", 61)));
    must(l.log->drop_before(3));
    must(l.log->roll()); // its index frame has no term of what was dropped
    l.append("b");
    must(l.log->roll());
    must(l.log->truncate(2));
    must(l.log->sync());
    must(l.log->truncate(2)); // bears witness to the one before, behind which the repair goes on
    l.kill_and_open();
    BOOST_TEST(l.report.repaired);
    for (const bool verify_all : {true, false}) {
        l.opts.verify_all = verify_all;
        l.reopen();
        BOOST_TEST(l.first() == 3U);
        BOOST_TEST(l.last() == 2U);
        BOOST_TEST(l.term(2) == 61U);
    }
}

BOOST_AUTO_TEST_CASE(however_many_entries_are_lost_what_stands_before_them_is_kept) {
    // The frames behind the first three entries, and behind the next three, say that they belong far on.
    static constexpr index_t gap = 1'000'000'000;
    append_samples(10);
    kill();
    const std::string file = "0000000001.wal";
    const forgery forged(disk);
    const std::string bytes = disk.read(file);
    std::vector<std::uint64_t> at;
    for (std::uint64_t n = 1; n <= 12; ++n)
        at.push_back(forged.frame(n)); // the header; entry i is at[i]
    disk.damage(sample(4));
    for (index_t i = 5; i <= 10; ++i)
        forged.move(at[i], bytes.substr(at[i], at[i + 1] - at[i]), i + gap * (i < 8 ? 1 : 2));
    open_in_vain(errc::corrupt);
    salvage();
    BOOST_TEST(report.lost_entries == 1 + 2 * gap);
    for (const bool closed : {false, true, false}) { // the index frame of a close says it as well
        BOOST_TEST(first() == 1U);
        BOOST_TEST(last() == 10 + 2 * gap);
        for (index_t i = 1; i <= 10; ++i)
            if (i != 4)
                BOOST_TEST(text(i + gap * (i < 5 ? 0 : i < 8 ? 1 : 2)) == sample(i));
        for (const index_t lost : {index_t{4}, gap, 4 + gap, 8 + gap, 7 + 2 * gap})
            BOOST_TEST(fails_with(log->get(lost), errc::lost));
        BOOST_TEST(log->index_memory() < 4096U);
        closed ? reopen() : kill_and_open();
    }
    must(log->truncate(gap)); // in the middle of what is lost
    BOOST_TEST(append("more") == gap + 1);
    kill_and_open();
    BOOST_TEST(text(gap + 1) == "more");
    BOOST_TEST(fails_with(log->get(gap), errc::lost));
}

BOOST_AUTO_TEST_CASE(where_more_is_missing_than_can_be_salvage_leaves_out_what_stands_before_and_says_so) {
    append_samples(10);
    kill();
    const std::string file = "0000000001.wal";
    const forgery forged(disk);
    const std::string bytes = disk.read(file);
    const std::uint64_t at = forged.frame(7);
    const std::uint64_t end = forged.frame(8);
    const index_t far = std::uint64_t{1} << 40;
    disk.damage(sample(5));
    forged.move(at, bytes.substr(at, end - at), far);
    disk.write(file, end, std::string(bytes.size() - end, '\0'));
    open_in_vain(errc::corrupt);
    salvage();
    BOOST_TEST(first() == far);
    BOOST_TEST(text(far) == sample(6));
    BOOST_REQUIRE(!report.damages.empty());
    BOOST_TEST(report.damages.back().first == 1U);
    BOOST_TEST(report.damages.back().last == 4U);
}

BOOST_AUTO_TEST_CASE(salvage_keeps_what_follows_a_first_segment_without_its_header) {
    fill_segments(3);
    const index_t end = last();
    kill();
    disk.flip("0000000001.wal", 0);
    open_in_vain(errc::corrupt);
    salvage();
    const index_t kept = report.lost_entries + 1;
    BOOST_TEST(kept > 20U);
    for (int round = 0; round < 2; ++round) {
        BOOST_TEST(first() == 1U);
        BOOST_TEST(last() == end);
        for (index_t i = 1; i <= end; ++i)
            if (i < kept)
                BOOST_TEST(fails_with(log->get(i), errc::lost));
            else
                BOOST_TEST(text(i) == sample(i));
        kill_and_open();
    }
}

BOOST_AUTO_TEST_CASE(salvage_keeps_what_follows_a_dropped_beginning_without_its_header) {
    fill_segments(3);
    must(log->drop_before(last()));
    append_samples(10);
    must(log->roll());
    append_samples(10);
    const index_t end = last();
    kill();
    disk.flip(disk.segments().front(), 0);
    open_in_vain(errc::corrupt);
    salvage();
    kill_and_open();
    BOOST_TEST(last() == end);
    BOOST_TEST(text(end) == sample(end));
    BOOST_TEST(fails_with(log->get(end - 15), errc::lost));
}

BOOST_AUTO_TEST_CASE(salvage_of_a_log_that_is_sound_keeps_everything) {
    fill_segments(3);
    const index_t end = last();
    reopen();
    close();
    salvage();
    BOOST_TEST(report.lost_entries == 0U);
    BOOST_TEST(report.damages.empty());
    holds(samples(1, end));
}

BOOST_AUTO_TEST_CASE(what_salvage_promises_is_what_it_keeps) {
    append_samples(20);
    must(log->drop_before(3));
    kill();
    disk.damage(sample(9));
    open_in_vain(errc::corrupt);
    const index_t from = report.salvage_first;
    const index_t to = report.salvage_last;
    salvage();
    BOOST_TEST(first() == from);
    BOOST_TEST(last() == to);
}

BOOST_AUTO_TEST_CASE(after_a_salvage_a_strict_open_finds_nothing_wrong) {
    append_samples(10);
    kill();
    disk.damage(sample(4));
    salvage();
    reopen();
    BOOST_TEST(!report.repaired);
    BOOST_TEST(must(log->verify()).sound());
    append_samples(100);
    kill_and_open();
    BOOST_TEST(last() == 110U);
}

BOOST_AUTO_TEST_SUITE_END()
