#pragma once

#include <tusk/log/catalog.hpp>
#include <tusk/log/frame_window.hpp>

#include <array>

namespace tusk::inline v0 {

/// Frames of a batch up to this size are read whole; of larger ones, first what leads to the entry and then the entry.
inline constexpr std::size_t whole_frame_limit = 64 * kibibyte;

/// The numbers of a frame that has few; nothing if it has more than `Most` or they make no sense.
template<format Format, std::size_t Most>
[[nodiscard]] std::optional<std::array<std::uint64_t, Most>> few_numbers(byte_view in, const frame_info& info,
                                                                         std::size_t least) noexcept {
    std::array<std::uint64_t, Most> out{};
    const result<std::size_t> count = Format::numbers(in, info, out);
    if (!count || count.value() < least || count.value() > Most)
        return std::nullopt;
    return out;
}

/// What the frame does to the log, from its bytes, which are whole and checked. `terms` gets the runs of its entries.
/// errc::corrupt if it contradicts itself.
template<format Format>
[[nodiscard]] result<placed_frame> describe_frame(byte_view in, const frame_info& info, std::uint64_t offset,
                                                  std::vector<term_run>& terms) {
    placed_frame f{.type = info.type,
                   .offset = offset,
                   .size = info.size,
                   .checksum = info.checksum,
                   .first_index = info.first_index,
                   .count = info.count,
                   .keep = 0,
                   .previous_term = 0,
                   .terms = {}};
    if (info.type == frame_type::cut || info.type == frame_type::replace || info.type == frame_type::lost) {
        const auto numbers = few_numbers<Format, 1>(in, info, 1);
        if (!numbers)
            return errc::corrupt;
        if (info.type == frame_type::lost)
            f.count = numbers->front();
        else
            f.keep = numbers->front();
    } else if (info.type == frame_type::reset) {
        const auto numbers = few_numbers<Format, 2>(in, info, 2);
        if (!numbers || numbers->front() == 0 || numbers->front() > UINT64_MAX / 2) // where no log may go on
            return errc::corrupt;
        f.first_index = (*numbers)[0];
        f.previous_term = (*numbers)[1];
    }
    const bool has_entries =
        info.type == frame_type::batch || info.type == frame_type::replace || info.type == frame_type::lost;
    if (f.first_index > max_index || f.keep > max_index || (has_entries && f.first_index == 0))
        return errc::corrupt;
    if (info.type != frame_type::batch && info.type != frame_type::replace)
        return f;
    terms.clear();
    frame_cursor cursor;
    stored_entry e;
    std::uint64_t entries = 0;
    for (;;) {
        TUSK_TRY(const bool more, Format::next(in, info, cursor, e));
        if (!more)
            break;
        if (e.index != info.first_index + entries || (!terms.empty() && e.term < terms.back().term))
            return errc::corrupt;
        if (terms.empty() || e.term != terms.back().term)
            terms.push_back({e.index, e.term});
        ++entries;
    }
    if (entries == 0 || entries != info.count)
        return errc::corrupt;
    f.terms = terms;
    return f;
}

/// The most entries in a row that salvage gives up as lost, in one frame: more cannot be what is missing.
inline constexpr std::uint64_t max_lost = UINT32_MAX;
/// The most numbers of an index frame that is believed: those of 64 million small entries. It takes 8 bytes of memory for
/// each byte on disk, and a segment can be read without it.
inline constexpr std::size_t max_index_numbers = std::size_t{8} << 20;

/// True if the frame can be the next step of the history that the catalog holds. `tip` is what history.tip() would give:
/// whoever applies frame after frame knows it without the catalog's lock.
template<backend Backend>
[[nodiscard]] bool follows(const catalog<Backend>& history, const log_tip& tip, const placed_frame& f) {
    const index_t next = tip.next_index;
    switch (f.type) {
    case frame_type::batch: return f.first_index == next && f.terms.front().term >= tip.last_term;
    case frame_type::replace:
        return f.keep < next && f.first_index == f.keep + 1 && f.terms.front().term >= history.known_term(f.keep);
    case frame_type::cut: return f.keep < next;
    case frame_type::lost: return f.first_index == next && f.count > 0 && f.count <= max_lost;
    case frame_type::reset:
    case frame_type::index:
    case frame_type::pad: return true;
    case frame_type::header: return false;
    }
    return false;
}

/// True if a segment of which its index frame says this can be the next one.
template<backend Backend>
[[nodiscard]] bool follows(const catalog<Backend>& history, const index_frame& f) {
    if (f.has_reset && (f.reset_next == 0 || f.reset_next > UINT64_MAX / 2))
        return false;
    const index_t before = (f.has_reset ? f.reset_next : history.edges().next) - 1;
    const index_t kept = std::min(before, f.lowest_cut.value_or(before)); // of what was there before its own entries
    if (f.has_reset && kept < before)
        return false;
    if ((f.places.empty() ? f.next_index : f.places.first()) != kept + 1)
        return false;
    const term_t term = f.has_reset ? f.reset_term : history.known_term(kept);
    return f.terms.empty() || (!f.places.empty() && f.terms.front().first > kept && f.terms.front().term >= term &&
                               f.terms.back().first < f.next_index);
}

/// An entry as it is stored, and what keeps its bytes alive.
struct pinned_entry {
    stored_entry entry;
    pin bytes;
};

/// Finds entries in a segment by walking over frames. For one thread.
template<format Format, backend Backend>
class entry_finder {
public:
    /// Without `checks`, no data is checked; what a frame's header says, and what says where its entries are, still is.
    entry_finder(frame_window<Format, Backend> window, std::uint64_t log, segment_t segment, bool checks) noexcept
        : window_(std::move(window)), checks_(checks), place_{.log = log, .segment = segment} {}

    /// Goes to the frame at `offset`, in which or behind which the entry is.
    void seek(std::uint64_t offset) noexcept { seek(segment_index::place{.offset = offset}); }
    /// Likewise, by what an index says.
    void seek(const segment_index::place& near) noexcept {
        place_.offset = near.offset;
        guess_ = near.guess;
        guessed_size_ = near.guessed_size;
        info_ = {};
        in_frame_ = false;
    }

    /// Reads the entry `index`, which lies at or after the one read before, before `end`. errc::corrupt if its bytes
    /// don't check; errc::lost if they were lost to earlier damage.
    [[nodiscard]] result<void> find(index_t index, std::uint64_t end, pinned_entry& out) noexcept {
        if (guessed_size_ != 0) {
            TUSK_TRY(jump(index, end));
        }
        for (;;) {
            if (!in_frame_) {
                TUSK_TRY(const verdict found, window_.probe(place_, end, info_));
                if (found != verdict::frame)
                    return errc::corrupt;
                enter_frame();
                if (info_.type == frame_type::lost) {
                    TUSK_TRY(const byte_view in, window_.frame(place_.offset, info_));
                    const auto numbers = few_numbers<Format, 1>(in, info_, 1);
                    if (!Format::check(in, info_) || !numbers)
                        return errc::corrupt;
                    count_ = numbers->front();
                }
            }
            const bool holds =
                info_.type == frame_type::batch || info_.type == frame_type::replace || info_.type == frame_type::lost;
            if (holds && index >= info_.first_index && index - info_.first_index < count_)
                return info_.type == frame_type::lost ? result<void>(errc::lost) : walk_to(index, out);
            place_.offset += info_.size;
            in_frame_ = false;
        }
    }

private:
    // Goes to where the entry's frame is if those near it are all of one size. Were they not, no header would be there that
    // is right for the place, or it would tell of another entry or size: then they are walked over.
    [[nodiscard]] result<void> jump(index_t index, std::uint64_t end) noexcept {
        const std::uint64_t size = std::exchange(guessed_size_, 0);
        frame_place there = place_;
        there.offset = guess_;
        if (there.offset >= end || size > whole_frame_limit)
            return success();
        // All of the frame at once, and no more.
        const auto whole = static_cast<std::size_t>(size);
        TUSK_TRY(const byte_view in, window_.bytes(there.offset, std::min(whole, Format::probe_size), end, whole));
        for (std::size_t at = 0; at < std::min(whole, fetched_ahead) && !in.empty(); at += cache_line)
            __builtin_prefetch(in.data() + at);
        if (there.offset == place_.offset)
            return success();
        frame_info info;
        TUSK_TRY(const verdict found, window_.probe(there, end, info));
        if (found == verdict::frame && info.size == size && info.first_index == index &&
            (info.type == frame_type::batch || info.type == frame_type::replace)) {
            place_ = there;
            info_ = info;
            enter_frame();
        }
        return success();
    }

    void enter_frame() noexcept {
        in_frame_ = true;
        cursor_ = {};
        lead_ = {};
        count_ = info_.count;
    }

    [[nodiscard]] result<void> walk_to(index_t index, pinned_entry& out) noexcept {
        const bool whole =
            info_.size <= std::max<std::uint64_t>(whole_frame_limit, window_.ahead()) || info_.lead == info_.size;
        byte_view lead = lead_; // what has just been stored is not loaded again
        if (lead.empty()) {
            const std::uint64_t limit = place_.offset + info_.size;
            const std::size_t size = whole ? info_.size : info_.lead;
            lead = window_.loaded(place_.offset, size, limit);
            if (lead.empty()) {
                TUSK_TRY(lead, window_.bytes(place_.offset, size, limit));
            }
            if (lead.size() < info_.lead || ((checks_ || info_.lead < info_.size) && !Format::check_lead(lead, info_)))
                return errc::corrupt;
            lead_ = lead;
        }
        if (cursor_.done > index - info_.first_index)
            cursor_ = {};
        stored_entry& e = out.entry;
        do {
            TUSK_TRY(const bool more, Format::next(lead, info_, cursor_, e));
            if (!more)
                return errc::corrupt;
        } while (e.index != index);
        byte_view body;
        if (whole) {
            body = lead.subspan(std::min(e.at, lead.size()));
            body = body.first(std::min(e.size, body.size()));
            out.bytes = window_.hold();
        } else {
            if (!body_)
                body_.emplace(window_.file(), window_.pool(), window_.ahead() < whole_frame_limit ? 0 : window_.ahead(),
                              window_.how());
            TUSK_TRY(body, body_->bytes(place_.offset + e.at, e.size, place_.offset + info_.size));
            out.bytes = body_->hold();
        }
        if (body.size() < e.size || e.room > e.size || (checks_ && !Format::check_entry(body, e)))
            return errc::corrupt;
        if (e.room == 0)
            return Format::show(body, e, {});
        buffer decoded = window_.pool().acquire(e.room);
        out.bytes = decoded.hold();
        return Format::show(body, e, byte_span(decoded.data(), e.room));
    }

    static constexpr std::size_t fetched_ahead = kibibyte; // what comes behind is fetched by itself

    frame_window<Format, Backend> window_;
    bool checks_;
    std::optional<frame_window<Format, Backend>> body_; // entries of frames that are too large to be read whole
    frame_place place_;
    std::uint64_t guess_ = 0;
    std::uint64_t guessed_size_ = 0;
    frame_info info_;
    std::uint64_t count_ = 0;
    bool in_frame_ = false;
    frame_cursor cursor_;
    byte_view lead_; // of the frame at hand, as long as the window is not moved: until it is left
};

/// The index frame at a place of a segment, whose frame `info` then describes; nothing if there is none that checks.
template<format Format, backend Backend>
[[nodiscard]] result<std::optional<index_frame>> read_index(frame_window<Format, Backend>& window, frame_place place,
                                                            std::uint64_t end, frame_info& info) noexcept {
    TUSK_TRY(const verdict found, window.probe(place, end, info));
    if (found != verdict::frame || info.type != frame_type::index)
        return std::nullopt;
    TUSK_TRY(const byte_view in, window.frame(place.offset, info));
    if (in.size() < info.size || !Format::check(in, info))
        return std::nullopt;
    std::vector<std::uint64_t> numbers(std::min(info.size, max_index_numbers)); // each takes a byte at least
    const result<std::size_t> count = Format::numbers(in, info, numbers);
    if (!count || count.value() > numbers.size())
        return std::nullopt;
    return index_frame::parse(std::span(numbers).first(count.value()));
}

} // namespace tusk::inline v0
