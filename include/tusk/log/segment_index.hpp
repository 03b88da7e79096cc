#pragma once

#include <tusk/core/types.hpp>
#include <tusk/log/term_runs.hpp>

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace tusk::inline v0 {

/// Entries with a known place near each other: every so many entries, the offset of the frame that holds one is kept.
/// A frame takes longer to read than a few headers to hop over, and half a byte an entry is little to keep.
inline constexpr std::uint64_t entries_per_mark = 8;

/// Where the surviving entries of one segment are.
class segment_index {
public:
    /// A run of entries that were given up as lost: it has no marks, whatever their number.
    static constexpr std::uint32_t all_lost = UINT32_MAX;

    /// Entries of a segment that follow each other without a cut between them, all of them lost or none.
    struct run {
        index_t first = 0;
        std::uint64_t count = 0;
        std::uint32_t begin = 0; ///< offset of the frame of the first entry
        std::uint32_t marks =
            0; ///< where its marks begin: one for the first entry and each eighth after it; or all_lost

        [[nodiscard]] index_t last() const noexcept { return first + count - 1; }
        [[nodiscard]] bool is_lost() const noexcept { return marks == all_lost; }
        [[nodiscard]] std::uint64_t marks_wanted() const noexcept {
            return is_lost() ? 0 : count / entries_per_mark + (count % entries_per_mark != 0 ? 1 : 0);
        }
    };

    /// Where to start looking for an entry.
    struct place {
        std::uint64_t offset = 0;    ///< of a frame at or before the entry's
        index_t run_last = 0;        ///< walking frame by frame from there is right up to this entry
        std::uint64_t run_begin = 0; ///< offset of the first frame of the run
        std::uint64_t guess = 0;     ///< where the entry's frame begins if those near it are all of one size, which is
        std::uint64_t guessed_size = 0; ///< this; 0: there is nothing to guess by
    };

    /// A frame at `offset` holds `count` entries from `first` on, which follow all that are known.
    void add(index_t first, std::uint64_t count, std::uint64_t offset) {
        run& last = run_for(first, offset, static_cast<std::uint32_t>(marks_.size()));
        last.count += count;
        while (marks_.size() - last.marks < last.marks_wanted())
            marks_.push_back(static_cast<std::uint32_t>(offset));
    }
    /// Likewise, if it says that they are lost.
    void add_lost(index_t first, std::uint64_t count, std::uint64_t offset) {
        run_for(first, offset, all_lost).count += count;
    }

    /// Drops the entries above `keep`. What comes later begins a new run, for the frames between are dead.
    void cut(index_t keep) {
        while (!runs_.empty() && runs_.back().first > keep) {
            if (!runs_.back().is_lost())
                marks_.resize(runs_.back().marks);
            runs_.pop_back();
        }
        if (runs_.empty())
            return;
        run& last = runs_.back();
        if (last.last() > keep) {
            last.count = keep - last.first + 1;
            if (!last.is_lost())
                marks_.resize(last.marks + last.marks_wanted());
        }
        broken_ = true;
    }

    void clear() noexcept {
        runs_.clear();
        marks_.clear();
    }

    [[nodiscard]] bool empty() const noexcept { return runs_.empty(); }
    [[nodiscard]] index_t first() const noexcept { return runs_.front().first; }
    [[nodiscard]] index_t last() const noexcept { return runs_.back().last(); }

    /// Where `index` is, if it is here.
    [[nodiscard]] std::optional<place> find(index_t index) const noexcept {
        const auto above =
            std::upper_bound(runs_.begin(), runs_.end(), index, [](index_t i, const run& r) { return i < r.first; });
        if (above == runs_.begin())
            return std::nullopt;
        const run& r = *(above - 1);
        if (index > r.last())
            return std::nullopt;
        if (r.is_lost())
            return place{r.begin, r.last(), r.begin};
        const std::uint64_t mark = (index - r.first) / entries_per_mark;
        place p{marks_[r.marks + mark], r.last(), r.begin};
        // Entries of one size lie at equal distances: those to the next mark, or, of the last few, those from the one before.
        const std::uint64_t other = mark + 1 < r.marks_wanted() ? mark + 1 : mark - 1;
        if (other < r.marks_wanted()) {
            const std::uint64_t there = marks_[r.marks + other];
            const std::uint64_t distance = there > p.offset ? there - p.offset : p.offset - there;
            if (distance != 0 && distance % entries_per_mark == 0) {
                p.guessed_size = distance / entries_per_mark;
                p.guess = p.offset + (index - r.first) % entries_per_mark * p.guessed_size;
            }
        }
        return p;
    }

    /// Heap in use, in bytes.
    [[nodiscard]] std::size_t memory() const noexcept {
        return runs_.capacity() * sizeof(run) + marks_.capacity() * sizeof(std::uint32_t);
    }
    void reserve(std::size_t marks) { marks_.reserve(marks); }
    void shrink() {
        runs_.shrink_to_fit();
        marks_.shrink_to_fit();
    }
    [[nodiscard]] std::size_t marks() const noexcept { return marks_.size(); }

private:
    friend struct index_frame;

    // The run that entries from `first` on, in a frame at `offset`, go to: the last one, if it is of their kind.
    run& run_for(index_t first, std::uint64_t offset, std::uint32_t marks) {
        assert(offset <= UINT32_MAX);
        const bool lost = marks == all_lost;
        if (runs_.empty() || broken_ || runs_.back().last() + 1 != first || runs_.back().is_lost() != lost) {
            if (runs_.size() == runs_.capacity()) // a hostile segment has one for every few bytes
                runs_.reserve(runs_.size() + runs_.size() / 4 + 1);
            runs_.push_back({first, 0, static_cast<std::uint32_t>(offset), marks});
        }
        broken_ = false;
        return runs_.back();
    }

    std::vector<run> runs_;
    std::vector<std::uint32_t> marks_;
    bool broken_ = false; // a cut lies between the last run and what comes next
};

/// What an index frame says: a summary of its segment, in place of reading it.
struct index_frame {
    static constexpr std::uint64_t version = 1;
    static constexpr std::uint64_t reset_flag = 1;
    static constexpr std::uint64_t lost_flag = 2; ///< each run says whether it is lost

    bool has_reset = false;            ///< the segment holds a reset: nothing of earlier segments survives it
    std::optional<index_t> lowest_cut; ///< earlier segments keep nothing above it
    std::uint32_t last_checksum = 0;   ///< of the last frame before this one
    index_t next_index = 0;            ///< after this segment
    term_t last_term = 0;              ///< after this segment: of the entry next_index - 1
    index_t reset_next = 0;            ///< of the last reset: the index it gave
    term_t reset_term = 0;             ///< of the last reset: the term it gave
    std::uint64_t reset_offset = 0;    ///< of the last reset: its frame
    std::vector<term_run> terms;       ///< of the surviving entries
    segment_index places;              ///< of the surviving entries

    /// The numbers of the frame, small ones wherever that can be had.
    [[nodiscard]] std::vector<std::uint64_t> numbers() const {
        const bool some_lost = std::any_of(places.runs_.begin(), places.runs_.end(),
                                           [](const segment_index::run& r) { return r.is_lost(); });
        std::vector<std::uint64_t> out{version,
                                       (has_reset ? reset_flag : 0) | (some_lost ? lost_flag : 0),
                                       lowest_cut ? *lowest_cut + 1 : 0,
                                       last_checksum,
                                       next_index,
                                       last_term,
                                       reset_next,
                                       reset_term,
                                       reset_offset};
        out.push_back(terms.size());
        term_run before;
        for (const term_run& t : terms) {
            out.push_back(t.first - before.first);
            out.push_back(t.term - before.term);
            before = t;
        }
        out.push_back(places.runs_.size());
        index_t next = 0;
        for (const segment_index::run& r : places.runs_) {
            out.push_back(r.first - next);
            out.push_back(r.count);
            next = r.first + r.count;
            if (some_lost)
                out.push_back(r.is_lost() ? 1 + r.begin : 0);
            std::uint32_t at = 0;
            for (std::size_t m = r.marks; m < r.marks + r.marks_wanted(); ++m) {
                out.push_back(places.marks_[m] - at);
                at = places.marks_[m];
            }
        }
        return out;
    }

    /// Reads what numbers() wrote. Nothing if it makes no sense: counts are checked before they are believed.
    [[nodiscard]] static std::optional<index_frame> parse(std::span<const std::uint64_t> in) {
        std::size_t at = 0;
        bool ok = true;
        const auto take = [&]() -> std::uint64_t {
            if (at < in.size())
                return in[at++];
            ok = false;
            return 0;
        };
        if (take() != version)
            return std::nullopt;
        index_frame f;
        const std::uint64_t flags = take();
        f.has_reset = (flags & reset_flag) != 0;
        if (flags > (reset_flag | lost_flag))
            return std::nullopt;
        if (const std::uint64_t cut = take(); cut != 0)
            f.lowest_cut = cut - 1;
        f.last_checksum = static_cast<std::uint32_t>(take());
        f.next_index = take();
        f.last_term = take();
        f.reset_next = take();
        f.reset_term = take();
        f.reset_offset = take();
        const std::uint64_t terms = take();
        if (!ok || terms > in.size())
            return std::nullopt;
        f.terms.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(terms, in.size() / 2)));
        term_run before;
        for (std::uint64_t i = 0; i < terms; ++i) {
            const term_run t{before.first + take(), before.term + take()};
            if (t.first < before.first || t.term < before.term || (i > 0 && t.first == before.first))
                return std::nullopt;
            f.terms.push_back(before = t);
        }
        const std::uint64_t runs = take();
        if (!ok || runs > in.size())
            return std::nullopt;
        f.places.marks_.reserve(in.size() - at); // at once: only many runs make it more than is needed
        index_t next = 0;
        for (std::uint64_t i = 0; i < runs; ++i) {
            segment_index::run r;
            const std::uint64_t gap = take();
            r.first = next + gap;
            r.count = take();
            const std::uint64_t lost_at = (flags & lost_flag) != 0 ? take() : 0;
            r.marks = lost_at != 0 ? segment_index::all_lost : static_cast<std::uint32_t>(f.places.marks_.size());
            const std::uint64_t marks = r.marks_wanted();
            if (lost_at > UINT32_MAX || !ok || (i > 0 && gap != 0) || r.count == 0 || marks > in.size() - at ||
                r.first + r.count < r.first)
                return std::nullopt;
            std::uint64_t offset = 0;
            for (const std::uint64_t distance : in.subspan(at, static_cast<std::size_t>(marks))) {
                offset += distance;
                if (offset > UINT32_MAX)
                    return std::nullopt;
                f.places.marks_.push_back(static_cast<std::uint32_t>(offset));
            }
            at += static_cast<std::size_t>(marks);
            r.begin = lost_at != 0 ? static_cast<std::uint32_t>(lost_at - 1) : f.places.marks_[r.marks];
            next = r.first + r.count;
            f.places.runs_.push_back(r);
        }
        f.places.broken_ = true;
        if (!ok || at != in.size() || (runs > 0 && next != f.next_index))
            return std::nullopt;
        return f;
    }
};

} // namespace tusk::inline v0
