#include <tusk/log/repair.hpp>

#include <log/fixture.hpp>
#include <log/forgery.hpp>
#include <log/steered_log.hpp>

using namespace log_test;

namespace log_repair {

struct fixture : memory_log<> {
    fixture() { open(); }

    // Opens in vain, and nothing in the directory is another than before.
    void open_in_vain(std::error_code why) {
        const auto before = disk.contents();
        BOOST_TEST(fails_with(try_open(), why));
        BOOST_TEST(!report.message.empty());
        BOOST_TEST((disk.contents() == before));
    }
    void salvage() {
        opts.mode = open_mode::salvage;
        open();
        opts.mode = open_mode::strict;
    }
    void tear(std::string_view text) {
        const auto at = disk.find(text);
        disk.write(at.file, at.offset, std::string(20, '\0'));
    }
};

struct lazy : memory_log<fsync_never> {
    lazy() { open(); }
};

} // namespace log_repair

BOOST_FIXTURE_TEST_SUITE(log_repair, fixture)

BOOST_AUTO_TEST_CASE(what_a_close_lets_an_open_skip_is_looked_at_before_a_repair) {
    append_samples(5);
    reopen();
    append_samples(5);
    kill();
    disk.damage(sample(2));
    tear(sample(10));
    open_in_vain(errc::corrupt);
    BOOST_TEST(report.damages.front().first == 2U);
    BOOST_TEST(report.salvage_last == 9U);
    salvage();
    BOOST_TEST(fails_with(log->get(2), errc::lost));
    BOOST_TEST(text(9) == sample(9));
}

BOOST_AUTO_TEST_CASE(what_was_dropped_does_not_come_back_with_a_reset_that_salvage_copies) {
    append_samples(3);
    must(log->reset(10));
    append_samples(10);
    must(log->drop_before(15));
    close();
    disk.damage(sample(2));
    salvage();
    BOOST_TEST(first() == 15U);
    BOOST_TEST(last() == 19U);
    for (int round = 0; round < 2; ++round) {
        reopen();
        BOOST_TEST(first() == 15U);
        BOOST_TEST(text(15) == sample(15));
        BOOST_TEST(text(19) == sample(19));
    }
    must(log->reset(30));
    kill_and_open();
    BOOST_TEST(next() == 30U);
}

BOOST_AUTO_TEST_CASE(a_copy_that_would_make_a_log_which_is_refused_is_removed_again) {
    lazy l;
    l.append_samples(10);
    must(l.log->roll());
    l.append_samples(3);
    l.kill();
    // Nothing says that the first segment is durable before the second one is read, so it is read as well. Behind the
    // repair it is known from the start, and what counts is its index frame, which lies about the last term.
    const forgery first(l.disk);
    const forgery second(l.disk, "0000000002.wal");
    l.disk.lose_witness();
    second.put(0, l.disk.read("0000000002.wal").substr(0, second.frame(2)), 11, 0);
    second.put(second.frame(3),
               l.disk.read("0000000002.wal").substr(second.frame(3), second.frame(4) - second.frame(3)), 12,
               first.end());
    const std::uint64_t begin = first.frame(2);
    const std::uint64_t checksum = load_le<std::uint32_t>(to_bytes(l.disk.read("0000000001.wal")).data() +
                                                          first.frame(11) + binary_layout::checksum_at);
    const std::vector<std::uint64_t> claim{
        1, 0, 0, checksum, 11, 5, 0, 0, 0, 0, 1, 1, 10, begin, first.frame(10) - begin};
    first.put(first.frame(12), forgery::encoded({.type = frame_type::index, .records = {}, .numbers = claim}), 11);

    auto before = l.disk.contents();
    BOOST_TEST(fails_with(l.try_open(), errc::corrupt));
    BOOST_TEST(l.report.message.find("header does not follow") != std::string::npos);
    BOOST_TEST(!l.report.repaired);
    auto after = l.disk.contents();
    before.erase("state");
    after.erase("state"); // says which number the copy had
    BOOST_TEST((after == before));

    for (const open_mode mode : {open_mode::strict, open_mode::salvage}) { // who reads all of it is not lied to
        lazy other;
        other.kill();
        other.disk.go_back_to(l.disk.now());
        other.opts.mode = mode;
        other.opts.verify_all = true;
        other.open();
        BOOST_TEST(other.report.repaired);
        BOOST_TEST(other.all() == samples(1, 13), boost::test_tools::per_element());
        BOOST_TEST(other.term(10) == 0U);
    }
}

BOOST_AUTO_TEST_CASE(a_copy_of_a_log_that_is_changed_meanwhile_is_removed_again) {
    const auto something_behind_it = [](memory_disk& d) { d.write("0000000009.wal", 0, "something"); };
    const auto another_beginning = [](memory_disk& d) { // as long, and what the copy follows is the same
        const forgery forged(d);
        const std::uint64_t begin = forged.frame(2);
        const std::string reset =
            forgery::encoded({.type = frame_type::reset, .records = {}, .numbers = std::array<std::uint64_t, 2>{3, 0}});
        const std::size_t rest = static_cast<std::size_t>(forged.frame(4) - begin) - reset.size();
        forged.put(begin, reset, 3);
        forged.put(begin + reset.size(),
                   forgery::encoded({.type = frame_type::pad, .records = {}, .numbers = {}, .pad_size = rest}), 3);
    };
    for (const std::function<void(memory_disk&)>& change :
         std::vector<std::function<void(memory_disk&)>>{something_behind_it, another_beginning}) {
        lazy l;
        l.append_samples(3);
        must(l.log->sync());
        l.append_samples(1);
        l.kill();
        steered_log<fsync_never> s;
        s.disk.go_back_to(l.disk.now());
        s.calls.refuse([&](disk_call call, const std::string&) {
            if (call == disk_call::create)
                change(s.disk);
            return std::error_code();
        });
        const auto opened = steered_log<fsync_never>::log_type::open(counting_backend(s.disk.backend(), s.calls),
                                                                     s.opts, {}, {}, &s.report);
        BOOST_TEST(fails_with(opened, errc::corrupt));
        BOOST_TEST(s.report.message.find("is not the log that was found") != std::string::npos);
        BOOST_TEST(!s.report.repaired);
        BOOST_TEST(!s.disk.has("0000000002.wal"));
    }
}

BOOST_AUTO_TEST_CASE(where_no_lsns_are_left_a_copy_is_refused) {
    constexpr lsn_t largest = max_segment_size + max_batch_limit;
    unsigned refused = 0;
    for (lsn_t left = 1; left <= 6; ++left) { // segments as large as can be
        lazy l;
        l.append_samples(4);
        l.kill();
        forgery(l.disk).put_header(/*base*/ 56, max_lsn - left * largest);
        if (const result<void> opened = l.try_open()) {
            BOOST_TEST(l.all() == samples(1, 4), boost::test_tools::per_element());
            BOOST_TEST(l.append("more") == 5U);
        } else {
            BOOST_TEST(opened.error() == errc::corrupt);
            ++refused;
        }
    }
    BOOST_TEST(refused > 0U);
    BOOST_TEST(refused < 6U);
}

BOOST_AUTO_TEST_CASE(a_copy_leaves_lsns_free_for_those_segments_alone_of_which_nothing_is_known) {
    constexpr lsn_t largest = max_segment_size + max_batch_limit;
    segment_listing files;
    log_state state;
    state.first_segment = 2;
    state.next_segment = 9; // 8 may have been written to, and its name lost
    BOOST_TEST(files.lsn_bound(5, state) >= 5 + 7 * largest);
    for (const segment_t number : {2U, 6U, 7U}) {
        found_segment s;
        s.number = number;
        s.header.base = 1000 + number;
        s.state = number == 7 ? header_state::damaged : header_state::good;
        files.found.push_back(s);
    }
    BOOST_TEST(files.lsn_bound(5, state) >= 1006 + 3 * largest);
    BOOST_TEST(files.lsn_bound(5, state) <= 1006 + 4 * largest);
    BOOST_TEST(files.lsn_bound(2000, state) >= 2000 + 3 * largest);
}

BOOST_AUTO_TEST_SUITE_END()
