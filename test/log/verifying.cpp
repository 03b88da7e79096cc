#include <tusk/log/verify.hpp>

#include <log/forgery.hpp>
#include <log/steered_log.hpp>

using namespace log_test;

namespace log_verifying {

// A log that is open, in one segment of ten entries, and what is done to its file meanwhile.
struct fixture : memory_log<> {
    fixture() {
        open();
        append_samples(10);
    }
    void is_sound() { BOOST_TEST(must(log->verify()).sound()); }
    // The only damage.
    damage found() {
        const verify_report r = must(log->verify());
        BOOST_TEST(!r.sound());
        BOOST_REQUIRE(r.damages.size() == 1U);
        return r.damages.front();
    }
    static std::string batch(const std::string& text) {
        const std::vector<stored_record> one{
            {.data = to_bytes(text), .key = {}, .raw_size = static_cast<std::uint32_t>(text.size())}};
        return forgery::encoded({.records = one});
    }
};

} // namespace log_verifying

BOOST_FIXTURE_TEST_SUITE(log_verifying, fixture)

BOOST_AUTO_TEST_CASE(a_log_that_is_as_it_was_written_is_sound) {
    is_sound();
    must(log->roll());
    append_samples(5);
    const verify_report r = must(log->verify());
    BOOST_TEST(r.sound());
    BOOST_TEST(r.segments == 2U);
    BOOST_TEST(r.entries == 15U);
}

BOOST_AUTO_TEST_CASE(a_flipped_bit_is_found_and_located) {
    const auto at = disk.find(sample(5));
    disk.damage(sample(5));
    const damage d = found();
    BOOST_TEST(d.segment == 1U);
    BOOST_TEST(d.offset < at.offset);
    BOOST_TEST(d.offset + d.bytes > at.offset);
    BOOST_TEST(d.first == 5U);
    BOOST_TEST(d.last == 5U);
    BOOST_TEST(must(log->verify()).entries == 9U);
}

BOOST_AUTO_TEST_CASE(a_segment_that_begins_with_another_frame_than_its_header_is_found) {
    const forgery forged(disk);
    const std::uint64_t end = forged.end();
    forged.put(0, forgery::encoded({.type = frame_type::pad, .records = {}, .numbers = {}, .pad_size = 32}), 1);
    const damage d = found();
    BOOST_TEST(d.offset == 0U);
    BOOST_TEST(d.bytes == end);
}

BOOST_AUTO_TEST_CASE(a_frame_that_contradicts_itself_is_found_though_its_checksums_are_right) {
    const forgery forged(disk);
    const std::uint64_t at = forged.frame(6);
    const std::size_t size = forged.frame(7) - at;
    const std::vector<std::uint64_t> too_many((size - 32) / 8);
    forged.put(at, forgery::encoded({.type = frame_type::cut, .records = {}, .numbers = too_many}), 5);
    BOOST_REQUIRE(forged.frame(7) == at + size);
    BOOST_TEST(found().offset == at);
}

BOOST_AUTO_TEST_CASE(another_last_frame_than_was_written_is_found_though_it_is_right_by_itself) {
    const forgery forged(disk);
    std::string other = sample(10);
    other.front() = 'E';
    forged.put(forged.frame(11), batch(other), 10);
    const damage d = found();
    BOOST_TEST(d.offset == 0U);
    BOOST_TEST(std::string(d.what) == "its frames are not those that were written");
}

BOOST_AUTO_TEST_CASE(a_segment_that_is_not_there_is_an_error) {
    opts.max_open_segments = 1;
    reopen();
    for (int i = 0; i < 3; ++i) {
        must(log->roll());
        append_samples(1);
    }
    disk.remove("0000000001.wal");
    BOOST_TEST(fails_with(log->verify(), errc::dropped));
}

BOOST_AUTO_TEST_CASE(a_segment_that_cannot_be_opened_or_read_is_an_error) {
    steered_log<> l;
    l.opts.max_open_segments = 1;
    l.open();
    for (int i = 0; i < 3; ++i) {
        l.append_samples(1);
        must(l.log->roll());
    }
    for (const disk_call call : {disk_call::open, disk_call::read}) {
        l.refuse(call, io_error);
        BOOST_TEST(fails_with(l.log->verify(), io_error));
        l.calls.refuse_nothing();
        BOOST_TEST(must(l.log->verify()).sound());
    }
}

BOOST_AUTO_TEST_CASE(what_is_dropped_meanwhile_is_left_out) {
    steered_log<> l;
    l.opts.max_open_segments = 1;
    l.open();
    for (int i = 0; i < 4; ++i) {
        l.append_samples(1);
        must(l.log->roll());
    }
    l.calls.refuse([&, once = false](disk_call call, const std::string& name) mutable {
        if (call == disk_call::read && name == "0000000001.wal" && !std::exchange(once, true))
            must(l.log->drop_before(3));
        return std::error_code();
    });
    const auto r = l.log->verify();
    l.calls.refuse_nothing();
    BOOST_TEST(must(r).sound());
}

BOOST_AUTO_TEST_SUITE_END()
