#pragma once

#include <conformance/format_samples.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <random>

/// The part of the conformance suite of Format that is about damage, and about what is no frame.
namespace format_suite {

// Whatever is changed, the frame is refused, or it still says the same. Functions that need not be called then are
// called all the same: a reader may come here before the checksums, and must not be led out of its bytes.
template<tusk::format F>
void every_flipped_bit_is_noticed_or_harmless() {
    for (const frame_sample& sample : small_samples<F>()) {
        const frame_place place = place_for(sample);
        std::vector<std::byte> in = written<F>(sample, place);
        for (std::size_t bit = 0; bit < 8 * in.size(); ++bit) {
            const auto flip = static_cast<std::byte>(1U << (bit % 8));
            in[bit / 8] ^= flip;
            frame_info info;
            if (F::probe(in, place, info) == verdict::frame) {
                frame_sample found;
                const bool readable = read_frame<F>(in, info, found);
                const bool whole = info.size <= in.size() && F::check(in, info);
                const bool same = readable && found == sample && info.size == in.size() &&
                                  info.first_index == somewhere.first_index && info.witness == somewhere.witness;
                if (whole && !same)
                    BOOST_ERROR(sample.name << ": bit " << bit << " is not noticed");
            }
            in[bit / 8] ^= flip;
        }
    }
    BOOST_TEST(true);
}

template<tusk::format F>
void a_frame_cut_short_is_seen_for_what_is_there() {
    for (const frame_sample& sample : small_samples<F>())
        BOOST_TEST_CONTEXT(sample.name) {
            const frame_place place = place_for(sample);
            const std::vector<std::byte> whole = written<F>(sample, place);
            frame_info expected;
            BOOST_REQUIRE(is_frame<F>(whole, place, expected));
            for (std::size_t size = 0; size < whole.size(); ++size) {
                const std::vector<std::byte> in = exactly(byte_view(whole).first(size));
                frame_info info;
                const verdict found = F::probe(in, place, info);
                if (found != verdict::frame) {
                    if (found != verdict::need_more || size >= F::probe_size)
                        BOOST_ERROR("a wrong verdict on " << size << " bytes");
                    info = expected;
                }
                if (info.size != expected.size || info.lead != expected.lead || info.checksum != expected.checksum)
                    BOOST_ERROR("another frame in " << size << " bytes");
                frame_sample read;
                const bool readable = read_frame<F>(in, info, read);
                if (size >= info.lead && (!readable || !F::check_lead(in, info) || read.numbers != sample.numbers ||
                                          read.entries.size() != sample.entries.size()))
                    BOOST_ERROR("the lead is there, in " << size << " bytes, but not read");
            }
        }
}

template<tusk::format F>
void a_whole_frame_needs_nothing_behind_it() {
    // The last frame of a file may be shorter than probe_size.
    for (const frame_sample& sample : small_samples<F>())
        BOOST_TEST_CONTEXT(sample.name) {
            std::vector<std::byte> in = written<F>(sample, place_for(sample));
            frame_info alone;
            BOOST_TEST(is_frame<F>(in, place_for(sample), alone));
            for (const std::byte behind : {F::fill, std::byte{0}, std::byte{0xFF}, in.front()}) {
                std::vector<std::byte> more = in;
                more.resize(in.size() + F::probe_size, behind);
                frame_info info;
                BOOST_TEST(is_frame<F>(more, place_for(sample), info));
                BOOST_TEST(info.size == alone.size);
                BOOST_TEST(info.lead == alone.lead);
                frame_sample found;
                BOOST_TEST(read_frame<F>(more, info, found));
                BOOST_TEST((found == sample));
            }
        }
}

template<tusk::format F>
void unused_space_is_recognised() {
    frame_info info;
    for (const std::size_t size : {F::probe_size, F::probe_size + 1, 4 * F::probe_size}) {
        const std::vector<std::byte> in(size, F::fill);
        BOOST_TEST((F::probe(in, somewhere, info) == verdict::fill));
        BOOST_TEST((F::probe(in, {}, info) == verdict::fill));
    }
    for (std::size_t size = 0; size < F::probe_size; ++size) {
        const verdict found = F::probe(std::vector<std::byte>(size, F::fill), somewhere, info);
        if (found != verdict::need_more && (found != verdict::fill || size == 0))
            BOOST_ERROR("a wrong verdict on " << size << " bytes of fill");
    }
}

template<tusk::format F>
void bytes_that_are_no_frame_are_none() {
    std::mt19937 random(1);
    frame_info info;
    for (const frame_place& place : {somewhere, frame_place{}}) {
        for (unsigned value = 0; value < 256; ++value) {
            const std::vector<std::byte> in(2 * F::probe_size, static_cast<std::byte>(value));
            const verdict expected = in.front() == F::fill ? verdict::fill : verdict::damaged;
            if (F::probe(in, place, info) != expected)
                BOOST_ERROR("a wrong verdict on bytes of " << value);
        }
        for (int i = 0; i < 20'000; ++i) {
            std::vector<std::byte> in(random() % (2 * F::probe_size));
            std::generate(in.begin(), in.end(), [&] { return static_cast<std::byte>(random()); });
            const verdict found = F::probe(in, place, info);
            if (found == verdict::frame || (found == verdict::need_more && in.size() >= F::probe_size))
                BOOST_ERROR("a wrong verdict on garbage");
        }
    }
    BOOST_TEST(true);
}

template<tusk::format F>
void resync_finds_the_frame_behind_damage() {
    constexpr std::byte garbage{0xEE};
    for (const frame_sample& sample : small_samples<F>()) {
        if (sample.type == frame_type::header)
            continue;
        const std::vector<std::byte> first = written<F>(sample, somewhere);
        for (const std::size_t gap : {std::size_t{0}, F::alignment, 100 * F::alignment}) {
            frame_place place = somewhere;
            place.offset += first.size() + gap;
            const std::vector<std::byte> second = written<F>({.name = "", .entries = {{.data = "found"}}}, place);
            // Damaged at each byte in turn but the last: that may be what ends a line, and tells where the next begins.
            for (std::size_t damaged = 0; damaged + 1 < first.size(); ++damaged) {
                std::vector<std::byte> in = first;
                in[damaged] = in[damaged] == garbage ? std::byte{0xDD} : garbage;
                in.resize(first.size() + gap, F::fill);
                in.insert(in.end(), second.begin(), second.end());
                bool found = false;
                for (std::size_t at = F::resync(in, 1); at < in.size() && !found; at = F::resync(in, at + 1)) {
                    frame_place here = somewhere;
                    here.offset += at;
                    frame_info info;
                    found = is_frame<F>(byte_view(in).subspan(at), here, info) && at == first.size() + gap;
                }
                if (!found)
                    BOOST_ERROR("the frame behind " << sample.name << " is lost, damaged at " << damaged << ", gap "
                                                    << gap);
            }
        }
    }
    BOOST_TEST(true);
}

template<tusk::format F>
void resync_goes_forward_in_steps_and_stops_at_the_end() {
    std::vector<std::byte> in =
        written<F>({.name = "", .entries = {{.data = awkward_bytes(300)}, {.data = "b"}}}, somewhere);
    BOOST_TEST(F::resync(in, 0) == 0U);
    in.resize(in.size() + 10 * F::alignment, F::fill);
    for (std::size_t size = 0; size <= in.size(); ++size) {
        const std::vector<std::byte> part = exactly(byte_view(in).first(size));
        for (std::size_t at = 0; at <= size; ++at) {
            const std::size_t next = F::resync(part, at);
            if (next < at || next > size || (next % F::alignment != 0 && next != size))
                BOOST_ERROR("from " << at << " in " << size << " bytes to " << next);
        }
    }
    const std::vector<std::byte> unused(10'000 * F::alignment, F::fill);
    BOOST_TEST(F::resync(unused, 0) == unused.size());
    BOOST_TEST(F::resync(unused, 1) == unused.size());
    BOOST_TEST(F::resync({}, 0) == 0U);
}

// More than the concept asks for, so not in the list of behaviours: our own Formats also bear to be asked of a frame that
// is not all there, or of one that is none. Who reads a file again finds it shorter if somebody cuts it meanwhile.
template<tusk::format F>
void nothing_is_right_of_a_frame_that_is_not_all_there() {
    for (const frame_sample& sample : small_samples<F>())
        BOOST_TEST_CONTEXT(sample.name) {
            const std::vector<std::byte> whole = written<F>(sample, place_for(sample));
            frame_info info;
            BOOST_REQUIRE(is_frame<F>(whole, place_for(sample), info));
            for (std::size_t size = 0; size < whole.size(); ++size) {
                const std::vector<std::byte> in = exactly(byte_view(whole).first(size));
                tusk::frame_cursor cursor;
                tusk::stored_entry e;
                if (F::check(in, info))
                    BOOST_ERROR("the frame is right, of which there are " << size << " bytes");
                if (size < info.lead && (F::check_lead(in, info) || F::numbers(in, info, {}) ||
                                         (info.count > 0 && F::next(in, info, cursor, e))))
                    BOOST_ERROR("something is told of the lead, of which there are " << size << " bytes");
            }
        }
}

template<tusk::format F>
void nothing_is_right_of_what_cannot_be_a_frame() {
    const std::vector<std::byte> in = written<F>({.name = "", .entries = {{.data = "x"}}}, somewhere);
    frame_info right;
    BOOST_REQUIRE(is_frame<F>(in, somewhere, right));
    for (const auto& [lead, size] : {std::pair(std::size_t{0}, in.size()), std::pair(std::size_t{1}, in.size()),
                                     std::pair(right.lead, right.lead - 1)}) {
        frame_info info = right;
        info.lead = lead;
        info.size = size;
        tusk::frame_cursor cursor;
        tusk::stored_entry e;
        BOOST_TEST(!F::check(in, info));
        BOOST_TEST(!F::check_lead(in, info));
        BOOST_TEST(!F::numbers(in, info, {}));
        BOOST_TEST(!F::next(in, info, cursor, e));
    }
}

// Stamping mends the header's checksum, so what says how long things are gets past it: a file made by an enemy.
template<tusk::format F>
void absurd_lengths_lead_nowhere() {
    constexpr std::array<std::uint32_t, 8> absurd{0,          1,          0xFF,       0x7FFFFFFF,
                                                  0x80000000, 0xFFFFFFF8, 0xFFFFFFFF, 0x39393939};
    for (const frame_sample& sample : small_samples<F>()) {
        const frame_place place = place_for(sample);
        const std::vector<std::byte> right = written<F>(sample, place);
        for (std::size_t at = 0; at + 4 <= right.size(); ++at)
            for (const std::uint32_t value : absurd)
                for (const std::size_t width : {std::size_t{1}, std::size_t{4}}) {
                    std::vector<std::byte> in = right;
                    for (std::size_t i = 0; i < width; ++i)
                        in[at + i] = static_cast<std::byte>(value >> (8 * i));
                    F::stamp(in, place);
                    frame_info info;
                    if (F::probe(in, place, info) != verdict::frame)
                        continue;
                    frame_sample found;
                    (void)read_frame<F>(in, info,
                                        found); // whatever it says, it stays within its bytes and comes to an end
                    const bool right_lead = info.lead <= in.size() && F::check_lead(in, info);
                    const bool right_frame = info.size <= in.size() && F::check(in, info);
                    if (right_frame && !right_lead)
                        BOOST_ERROR(sample.name << " checks, but its lead does not, with " << value << " at " << at);
                }
    }
    BOOST_TEST(true);
}

} // namespace format_suite
