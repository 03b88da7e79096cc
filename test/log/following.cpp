#include <tusk/log/live_tail.hpp>

#include <log/forgery.hpp>
#include <log/steered_log.hpp>

// A handle that only reads follows what a writer leaves, and nothing that cannot be the next step of the log.

using namespace log_test;

namespace log_following {

// The files of a writer that was killed behind ten entries, and a handle that reads them.
struct fixture {
    memory_log<> writer;
    memory_log<> reading;

    fixture() {
        writer.open();
        writer.append_samples(10);
        writer.kill();
        reading.disk = writer.disk;
        reading.opts.mode = open_mode::read_only;
        reading.open();
        sees(10);
    }
    // The last index, after it has looked again.
    void sees(index_t last) {
        auto r = must(reading.log->read_from(1));
        index_t seen = 0;
        while (const result<entry> e = r.next())
            seen = e.value().index();
        BOOST_TEST(seen == last);
        BOOST_TEST(must(reading.log->last_index()) == last);
    }
    static std::string batch(std::string_view text) {
        const std::vector<stored_record> one{
            {.data = to_bytes(text), .key = {}, .raw_size = static_cast<std::uint32_t>(text.size())}};
        return forgery::encoded({.records = one});
    }
    static std::string numbers(frame_type type, std::vector<std::uint64_t> n) {
        return forgery::encoded({.type = type, .records = {}, .numbers = n});
    }
    // The header of a segment that follows the first one, where its frames end.
    [[nodiscard]] segment_header next_header(segment_t number) {
        const std::string first = reading.disk.read("0000000001.wal");
        const forgery forged(reading.disk);
        const std::uint64_t end = forged.end();
        const std::uint64_t last = forged.frame(11);
        return {.log = load_le<std::uint64_t>(to_bytes(first).data() + 40),
                .segment = number,
                .base = min_segment_size,
                .next_index = 11,
                .previous = 1,
                .previous_end = end,
                .previous_checksum =
                    load_le<std::uint32_t>(to_bytes(first).data() + last + binary_layout::checksum_at)};
    }
    void make_segment(segment_t number, const segment_header& h) {
        std::string bytes(min_segment_size, '\0');
        const byte_span all = std::as_writable_bytes(std::span(bytes));
        const std::size_t at = header_frame_size<binary_format>();
        (void)encode_header<binary_format>(h, /*witness=*/0, all.first(at));
        const std::string frame = batch("in another segment");
        std::copy(frame.begin(), frame.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
        binary_format::stamp(all.subspan(at, frame.size()),
                             {.log = h.log, .segment = number, .offset = at, .first_index = 11});
        reading.disk.write(segment_name(number).data(), 0, bytes);
    }
};

} // namespace log_following

BOOST_FIXTURE_TEST_SUITE(log_following, fixture)

BOOST_AUTO_TEST_CASE(a_frame_that_is_the_next_step_is_followed) {
    const forgery forged(reading.disk);
    forged.put(forged.end(), batch("more"), 11);
    sees(11);
    BOOST_TEST(reading.text(11) == "more");
}

BOOST_AUTO_TEST_CASE(a_frame_that_cannot_be_the_next_step_is_not_there) {
    const forgery forged(reading.disk);
    const std::uint64_t end = forged.end();
    forged.put(end, batch("elsewhere"), 12);
    sees(10);
    forged.put(end, numbers(frame_type::cut, {11}), 11);
    sees(10);
    forged.put(end, numbers(frame_type::cut, {1, 2}), 11); // contradicts itself
    sees(10);
    forged.put(end, batch("as it should be"), 11);
    sees(11);
}

BOOST_AUTO_TEST_CASE(a_frame_whose_data_is_still_on_its_way_is_not_there_yet) {
    const forgery forged(reading.disk);
    const std::uint64_t end = forged.end();
    forged.put(end, batch("on its way"), 11);
    const std::string whole = reading.disk.read("0000000001.wal");
    reading.disk.flip("0000000001.wal", end + 45);
    sees(10);
    reading.disk.cut("0000000001.wal", end + 45);
    sees(10);
    reading.disk.write("0000000001.wal", 0, whole);
    sees(11);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_cut_while_it_is_looked_at_is_looked_at_again) {
    steered_log<> late;
    late.disk = reading.disk;
    late.opts.mode = open_mode::read_only;
    late.open();
    auto r = must(late.log->read_from(11));
    const forgery forged(reading.disk);
    const std::uint64_t end = forged.end();
    forged.put(end, batch("on its way"), 11);
    const std::string whole = reading.disk.read("0000000001.wal");
    late.calls.refuse([&, once = false](disk_call call, const std::string& name) mutable {
        if (call == disk_call::read && name == "0000000001.wal" && !std::exchange(once, true))
            reading.disk.cut("0000000001.wal", end + 40);
        return std::error_code();
    });
    BOOST_TEST(fails_with(r.next(), errc::beyond_end));
    reading.disk.write("0000000001.wal", 0, whole);
    BOOST_TEST(must(r.next()).text() == "on its way");
}

BOOST_AUTO_TEST_CASE(a_segment_that_cannot_be_opened_for_once_is_found_later) {
    steered_log<> late;
    late.disk = reading.disk;
    late.opts.mode = open_mode::read_only;
    late.open();
    auto r = must(late.log->read_from(11));
    make_segment(7, next_header(7));
    late.calls.refuse([once = false](disk_call call, const std::string& name) mutable {
        const bool now = call == disk_call::open && name == "0000000007.wal" && !std::exchange(once, true);
        return now ? io_error : std::error_code();
    });
    BOOST_TEST(fails_with(r.next(), errc::beyond_end));
    BOOST_TEST(must(r.next()).text() == "in another segment");
}

BOOST_AUTO_TEST_CASE(a_segment_that_names_the_end_of_the_one_before_is_followed) {
    make_segment(7, next_header(7));
    sees(11);
    BOOST_TEST(reading.text(11) == "in another segment");
}

BOOST_AUTO_TEST_CASE(a_segment_that_does_not_is_not_there_yet) {
    const segment_header right = next_header(7);
    const std::vector<std::function<void(segment_header&)>> changes{
        [](segment_header& h) { h.previous_end += 8; }, [](segment_header& h) { h.previous_checksum ^= 1; },
        [](segment_header& h) { h.previous = 3; },      [](segment_header& h) { h.flags = header_repair; },
        [](segment_header& h) { h.segment = 8; },       [](segment_header& h) { h.log ^= 1; },
        [](segment_header& h) { h.next_index = 0; }};
    for (const auto& change : changes) {
        segment_header h = right;
        change(h);
        make_segment(7, h);
        sees(10);
    }
    reading.disk.write("0000000007.wal", 0, std::string(min_segment_size, '\0')); // made ahead
    sees(10);
    reading.disk.remove("0000000007.wal");
    make_segment(9, next_header(9));
    sees(11);
}

BOOST_AUTO_TEST_SUITE_END()
