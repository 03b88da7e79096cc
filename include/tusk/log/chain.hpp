#pragma once

#include <tusk/log/frame_reading.hpp>
#include <tusk/log/state_file.hpp>

namespace tusk::inline v0 {

/// What the first frame of a segment says.
struct segment_header {
    std::uint64_t log = 0;
    segment_t segment = 0;
    lsn_t base = 0;
    index_t next_index = 0;
    term_t last_term = 0;
    segment_t previous = 0;
    std::uint64_t previous_end = 0;
    std::uint32_t previous_checksum = 0;
    std::uint64_t flags = 0;

    [[nodiscard]] bool repair() const noexcept { return (flags & header_repair) != 0; }

    [[nodiscard]] std::array<std::uint64_t, header_fields> numbers() const noexcept {
        return {log, segment, base, next_index, last_term, previous, previous_end, previous_checksum, flags};
    }
    /// False for numbers that no log has.
    static bool can_be(const std::array<std::uint64_t, header_fields>& n) noexcept {
        return n[1] <= UINT32_MAX && n[2] <= max_lsn && n[3] != 0 && n[3] <= max_index && n[5] < n[1] &&
               n[7] <= UINT32_MAX;
    }
    static segment_header from(const std::array<std::uint64_t, header_fields>& n) noexcept {
        return {n[0], static_cast<segment_t>(n[1]),     n[2], n[3], n[4], static_cast<segment_t>(n[5]),
                n[6], static_cast<std::uint32_t>(n[7]), n[8]};
    }
};

/// The size of an encoded header frame: always the same, so that a writer can leave room for it.
template<format Format>
[[nodiscard]] std::size_t header_frame_size() noexcept {
    const auto numbers = segment_header{}.numbers();
    return Format::size(frame_view{.type = frame_type::header, .records = {}, .numbers = numbers, .pad_size = 0});
}

/// Encodes a segment's header into `out`, which has header_frame_size() bytes; gives the frame's checksum.
template<format Format>
std::uint32_t encode_header(const segment_header& h, lsn_t witness, byte_span out) noexcept {
    const auto numbers = h.numbers();
    const frame_place place{
        .log = h.log, .segment = h.segment, .offset = 0, .first_index = h.next_index, .witness = witness};
    Format::encode({.type = frame_type::header, .records = {}, .numbers = numbers, .pad_size = 0}, out);
    Format::stamp(out, place);
    frame_info info;
    (void)Format::probe(out, place, info);
    return info.checksum;
}

/// What a segment's file begins with.
enum class header_state : std::uint8_t { good, blank, damaged, misplaced, unsupported };

/// A segment's file as recovery finds it.
struct found_segment {
    segment_t number = 0;
    std::uint64_t size = 0; ///< of the file
    header_state state = header_state::blank;
    segment_header header;
    std::uint64_t header_size = 0;
    std::uint32_t header_checksum = 0;
    lsn_t witness = 0; ///< of the header frame
};

/// Reads the header of segment `number`. An error is the system's: of opening or reading.
template<format Format, backend Backend>
[[nodiscard]] result<found_segment> find_segment(Backend& directory, segment_t number, std::uint64_t log,
                                                 buffer_pool& pool) noexcept {
    found_segment s;
    s.number = number;
    TUSK_TRY(auto file, directory.open(segment_name(number).data(), open_for::read));
    TUSK_TRY(s.size, file.size());
    s.size = std::min(s.size, max_segment_file);
    frame_window<Format, Backend> window(std::make_shared<typename Backend::file>(std::move(file)), pool, 512);
    frame_info info;
    TUSK_TRY(const verdict found, window.probe({.log = log, .segment = number}, s.size, info));
    if (found != verdict::frame || info.type != frame_type::header) {
        s.state = found == verdict::fill          ? header_state::blank
                  : found == verdict::unsupported ? header_state::unsupported
                                                  : header_state::damaged;
        return s;
    }
    TUSK_TRY(const byte_view in, window.frame(0, info));
    const auto numbers = in.size() == info.size && Format::check(in, info)
                             ? few_numbers<Format, header_fields>(in, info, header_fields)
                             : std::nullopt;
    if (!numbers || !segment_header::can_be(*numbers)) {
        s.state = header_state::damaged;
        return s;
    }
    s.header = segment_header::from(*numbers);
    s.header_size = info.size;
    s.header_checksum = info.checksum;
    s.witness = info.witness;
    s.state = s.header.log == log && s.header.segment == number ? header_state::good : header_state::misplaced;
    return s;
}

/// Puts the segments of a log in the order of its history: each names the one before it. Where several name the same
/// one, the highest number counts, for numbers are never reused; segments of a repair count once the state says so.
[[nodiscard]] inline std::vector<std::size_t> order_segments(const std::vector<found_segment>& found,
                                                             const log_state& state) {
    const auto counts = [&](const found_segment& s) {
        return s.state == header_state::good && s.number >= state.first_segment &&
               !(s.header.repair() && s.number > state.repaired);
    };
    segment_t previous = 0;
    for (const auto& s : found)
        if (s.number == state.first_segment && counts(s))
            previous = s.header.previous;
    // Sorted by what they name, then by number: the successor of a segment is the last one that names it.
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i < found.size(); ++i)
        if (counts(found[i]))
            order.push_back(i);
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return std::pair(found[a].header.previous, found[a].number) <
               std::pair(found[b].header.previous, found[b].number);
    });
    std::vector<std::size_t> chain;
    for (segment_t last = 0;;) {
        const auto above = std::upper_bound(order.begin(), order.end(), previous,
                                            [&](segment_t p, std::size_t i) { return p < found[i].header.previous; });
        if (above == order.begin())
            return chain;
        const std::size_t best = *(above - 1);
        if (found[best].header.previous != previous || found[best].number <= last)
            return chain;
        chain.push_back(best);
        previous = last = found[best].number;
    }
}

} // namespace tusk::inline v0
