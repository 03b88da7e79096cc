#pragma once

#include <conformance/format_damage.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <string>

/// What every model of the concept `format` has to do. Call format_conformance<F>() from a test case, or make one of
/// each behaviour in format_behaviours<F>(). Run it under AddressSanitizer too: buffers have no byte to spare.
namespace format_suite {

template<tusk::format F>
void the_constants_make_sense() {
    BOOST_TEST(F::id != 0);
    BOOST_TEST(!std::string(F::name).empty());
    BOOST_TEST(F::version >= 1U);
    BOOST_TEST((F::alignment & (F::alignment - 1)) == 0U);
    BOOST_TEST(F::alignment >= 1U);
    BOOST_TEST(F::min_pad % F::alignment == 0U);
    BOOST_TEST(F::probe_size >= 1U);
    BOOST_TEST(F::max_entries >= 1000U);
}

template<tusk::format F>
void frames_come_back_as_they_were_written() {
    for (const frame_sample& sample : all_samples<F>())
        BOOST_TEST_CONTEXT(sample.name) {
            const std::vector<std::byte> in = written<F>(sample, place_for(sample));
            frame_info info;
            BOOST_REQUIRE((F::probe(in, place_for(sample), info) == verdict::frame));
            BOOST_TEST(info.size == in.size());
            BOOST_TEST(info.lead <= info.size);
            BOOST_TEST((info.type == sample.type));
            BOOST_TEST(info.count == sample.entries.size());
            BOOST_TEST(info.first_index == somewhere.first_index);
            BOOST_TEST(info.witness == somewhere.witness);
            BOOST_TEST(F::check(in, info));
            BOOST_TEST(F::check_lead(in, info));
            frame_sample found;
            BOOST_REQUIRE(read_frame<F>(in, info, found));
            BOOST_TEST((found == sample));
        }
}

template<tusk::format F>
void entries_are_numbered_from_the_first_index_on() {
    const frame_sample sample{.name = "three", .entries = {{.data = "a"}, {.data = "b"}, {.data = "c"}}};
    const std::vector<std::byte> in = written<F>(sample, somewhere);
    frame_info info;
    BOOST_REQUIRE(is_frame<F>(in, somewhere, info));
    tusk::frame_cursor cursor;
    tusk::stored_entry e;
    for (std::uint64_t i = 0; i < 3; ++i) {
        BOOST_REQUIRE(F::next(in, info, cursor, e).value());
        BOOST_TEST(e.index == somewhere.first_index + i);
    }
    BOOST_TEST(!F::next(in, info, cursor, e).value());
    BOOST_TEST(!F::next(in, info, cursor, e).value()); // and stays there
}

template<tusk::format F>
void sizes_are_exact_and_every_byte_is_written() {
    for (const frame_sample& sample : all_samples<F>())
        BOOST_TEST_CONTEXT(sample.name) {
            const auto written_over = [&](std::byte before) {
                return with_view(sample, [&](const tusk::frame_view& view) {
                    std::vector<std::byte> out(F::size(view), before);
                    F::encode(view, out);
                    F::stamp(out, place_for(sample));
                    return out;
                });
            };
            const std::vector<std::byte> out = written_over(std::byte{0});
            BOOST_TEST(out.size() % F::alignment == 0U);
            BOOST_TEST((out == written_over(std::byte{0xA5})));
            BOOST_TEST((sample.type != frame_type::pad || out.size() == sample.pad_size));
        }
}

template<tusk::format F>
void pieces_are_written_one_behind_the_other() {
    frame_sample whole{.name = "", .entries = {{.data = awkward_bytes(100'000)}, {.data = awkward_bytes(100)}}};
    frame_sample cut = whole;
    cut.entries[0].pieces = {0, 1, 7, 8, 0, 50'000, 3, 16'384};
    cut.entries[1].pieces = {99, 1};
    BOOST_TEST((written<F>(whole, somewhere) == written<F>(cut, somewhere)));
    whole.entries.pop_back();
    cut.entries.pop_back();
    BOOST_TEST((written<F>(whole, somewhere) == written<F>(cut, somewhere)));
}

template<tusk::format F>
void stamping_again_moves_a_frame() {
    constexpr frame_place elsewhere{.log = 1, .segment = 2, .offset = 0, .first_index = 4, .witness = 5};
    for (const frame_sample& sample : small_samples<F>())
        BOOST_TEST_CONTEXT(sample.name) {
            std::vector<std::byte> moved = written<F>(sample, somewhere);
            F::stamp(moved, elsewhere);
            BOOST_TEST((moved == written<F>(sample, elsewhere)));
            frame_info info;
            BOOST_TEST(is_frame<F>(moved, elsewhere, info));
            BOOST_TEST(info.first_index == 4U);
            BOOST_TEST(info.witness == 5U);
            BOOST_TEST((F::probe(moved, somewhere, info) == verdict::damaged));
        }
}

template<tusk::format F>
void a_stale_frame_is_refused_for_certain() {
    std::mt19937 random(1);
    for (const frame_sample& sample : small_samples<F>()) {
        if (sample.type == frame_type::header)
            continue;
        const std::vector<std::byte> in = written<F>(sample, somewhere);
        const auto refused_in = [&](tusk::segment_t segment) {
            frame_place place = somewhere;
            place.segment = segment;
            frame_info info;
            if (F::probe(in, place, info) != verdict::damaged)
                BOOST_ERROR(sample.name << " is found in segment " << segment);
        };
        for (tusk::segment_t more = 1; more <= 1000; ++more) {
            refused_in(somewhere.segment + more);
            refused_in(somewhere.segment - more);
            if (const auto any = static_cast<tusk::segment_t>(random()); any != somewhere.segment)
                refused_in(any);
        }
        for (unsigned bit = 0; bit < 32; ++bit)
            refused_in(somewhere.segment ^ (1U << bit));
    }
    BOOST_TEST(true);
}

template<tusk::format F>
void a_frame_at_another_offset_or_of_another_log_is_refused() {
    for (const frame_sample& sample : small_samples<F>()) {
        if (sample.type == frame_type::header)
            continue;
        const std::vector<std::byte> in = written<F>(sample, somewhere);
        for (unsigned bit = 0; bit < 64; ++bit) {
            frame_place moved = somewhere;
            moved.offset ^= std::uint64_t{1} << bit;
            frame_place foreign = somewhere;
            foreign.log ^= std::uint64_t{1} << bit;
            frame_info info;
            if (F::probe(in, moved, info) != verdict::damaged || F::probe(in, foreign, info) != verdict::damaged)
                BOOST_ERROR(sample.name << " is found elsewhere, bit " << bit);
        }
    }
    BOOST_TEST(true);
}

template<tusk::format F>
void a_header_names_its_place_itself_and_stands_at_the_beginning_only() {
    const frame_sample sample = small_samples<F>().front();
    const std::vector<std::byte> in = written<F>(sample, place_for(sample));
    frame_info info;
    BOOST_TEST((F::probe(in, {}, info) == verdict::frame));
    BOOST_TEST((F::probe(in, {.log = 5, .segment = 6, .first_index = 7, .witness = 8}, info) == verdict::frame));
    BOOST_TEST((F::probe(in, {.offset = 4096}, info) == verdict::damaged));
}

template<tusk::format F>
void the_checksum_tells_frames_apart() {
    std::vector<std::uint32_t> seen;
    for (const frame_sample& sample : small_samples<F>()) {
        frame_info info;
        BOOST_REQUIRE(is_frame<F>(written<F>(sample, place_for(sample)), place_for(sample), info));
        seen.push_back(info.checksum);
    }
    const std::size_t size = seen.size();
    std::sort(seen.begin(), seen.end());
    seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
    BOOST_TEST(seen.size() == size);
}

template<tusk::format F>
void an_entry_can_be_checked_alone() {
    for (const frame_sample& sample : small_samples<F>()) {
        const std::vector<std::byte> in = written<F>(sample, place_for(sample));
        frame_info info;
        BOOST_REQUIRE((F::probe(exactly(byte_view(in).first(std::min(F::probe_size, in.size()))), place_for(sample),
                                info) == verdict::frame));
        const std::vector<std::byte> lead = exactly(byte_view(in).first(info.lead));
        BOOST_TEST(F::check_lead(lead, info));
        tusk::frame_cursor cursor;
        tusk::stored_entry e;
        for (const entry_sample& expected : sample.entries)
            BOOST_TEST_CONTEXT(sample.name) {
                BOOST_REQUIRE(F::next(lead, info, cursor, e).value());
                BOOST_REQUIRE(e.at <= in.size());
                BOOST_REQUIRE(e.size <= in.size() - e.at);
                BOOST_REQUIRE(e.room <= e.size);
                std::vector<std::byte> body = exactly(byte_view(in).subspan(e.at, e.size));
                std::vector<std::byte> room(e.room);
                BOOST_TEST(F::check_entry(body, e));
                BOOST_REQUIRE(F::show(body, e, room));
                BOOST_TEST(tusk::to_text(e.key) == expected.key);
                BOOST_TEST(tusk::to_text(e.data) == expected.data);
                BOOST_TEST(e.raw_size == (expected.codec != 0 ? expected.raw_size : expected.data.size()));
                for (std::size_t bit = 0; bit < 8 * body.size() && info.lead < info.size; ++bit) {
                    body[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
                    if (F::check_entry(body, e))
                        BOOST_ERROR("bit " << bit << " is not noticed");
                    body[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
                }
            }
        BOOST_TEST(!F::next(lead, info, cursor, e).value());
    }
}

template<tusk::format F>
void numbers_fill_what_room_there_is() {
    for (const frame_sample& sample : small_samples<F>())
        BOOST_TEST_CONTEXT(sample.name) {
            const std::vector<std::byte> in = written<F>(sample, place_for(sample));
            frame_info info;
            BOOST_REQUIRE(is_frame<F>(in, place_for(sample), info));
            for (std::size_t room = 0; room <= sample.numbers.size() + 2; ++room) {
                std::vector<std::uint64_t> expected(room, 4711);
                std::vector<std::uint64_t> out = expected;
                std::copy_n(sample.numbers.begin(), std::min(room, sample.numbers.size()), expected.begin());
                BOOST_TEST(F::numbers(in, info, out).value() == sample.numbers.size());
                BOOST_TEST((out == expected));
            }
        }
}

/// A behaviour and its test.
struct behaviour {
    const char* name;
    void (*test)();

    friend std::ostream& operator<<(std::ostream& out, const behaviour& b) { return out << b.name; }
};

template<tusk::format F>
std::vector<behaviour> format_behaviours() {
    return {
        {"the_constants_make_sense", the_constants_make_sense<F>},
        {"frames_come_back_as_they_were_written", frames_come_back_as_they_were_written<F>},
        {"entries_are_numbered_from_the_first_index_on", entries_are_numbered_from_the_first_index_on<F>},
        {"sizes_are_exact_and_every_byte_is_written", sizes_are_exact_and_every_byte_is_written<F>},
        {"pieces_are_written_one_behind_the_other", pieces_are_written_one_behind_the_other<F>},
        {"stamping_again_moves_a_frame", stamping_again_moves_a_frame<F>},
        {"a_stale_frame_is_refused_for_certain", a_stale_frame_is_refused_for_certain<F>},
        {"a_frame_at_another_offset_or_of_another_log_is_refused",
         a_frame_at_another_offset_or_of_another_log_is_refused<F>},
        {"a_header_names_its_place_itself_and_stands_at_the_beginning_only",
         a_header_names_its_place_itself_and_stands_at_the_beginning_only<F>},
        {"the_checksum_tells_frames_apart", the_checksum_tells_frames_apart<F>},
        {"every_flipped_bit_is_noticed_or_harmless", every_flipped_bit_is_noticed_or_harmless<F>},
        {"a_frame_cut_short_is_seen_for_what_is_there", a_frame_cut_short_is_seen_for_what_is_there<F>},
        {"a_whole_frame_needs_nothing_behind_it", a_whole_frame_needs_nothing_behind_it<F>},
        {"unused_space_is_recognised", unused_space_is_recognised<F>},
        {"bytes_that_are_no_frame_are_none", bytes_that_are_no_frame_are_none<F>},
        {"resync_finds_the_frame_behind_damage", resync_finds_the_frame_behind_damage<F>},
        {"resync_goes_forward_in_steps_and_stops_at_the_end", resync_goes_forward_in_steps_and_stops_at_the_end<F>},
        {"an_entry_can_be_checked_alone", an_entry_can_be_checked_alone<F>},
        {"numbers_fill_what_room_there_is", numbers_fill_what_room_there_is<F>},
        {"absurd_lengths_lead_nowhere", absurd_lengths_lead_nowhere<F>},
    };
}

} // namespace format_suite

/// Every behaviour, one after the other.
template<tusk::format F>
void format_conformance() {
    for (const format_suite::behaviour& b : format_suite::format_behaviours<F>())
        BOOST_TEST_CONTEXT(b.name) { b.test(); }
}
