#pragma once

#include <tusk/log/cut_listener.hpp>
#include <tusk/log/log_tip.hpp>
#include <tusk/log/past_cuts.hpp>
#include <tusk/log/placed_frame.hpp>
#include <tusk/log/segment.hpp>

#include <deque>
#include <mutex>
#include <shared_mutex>
#include <utility>

namespace tusk::inline v0 {

/// What the log holds and where: the history of its frames, applied. Any number of threads ask while one applies.
template<backend Backend>
class catalog {
public:
    using segment_ptr = tusk::segment_ptr<Backend>;

    /// What a lookup finds.
    struct location {
        segment_ptr segment;
        segment_index::place place;
        std::uint64_t end = 0; ///< of the segment's frames
    };

    /// The log's edges at one moment.
    struct bounds {
        index_t first = 1;
        index_t next = 1;
        [[nodiscard]] bool empty() const noexcept { return first == next; }
        friend bool operator==(const bounds&, const bounds&) = default;
    };

    /// Starts a log that is empty, whose next entry is `next`, after an entry of term `previous`.
    void start(index_t next, term_t previous) {
        segments_.clear();
        bounds_ = {next, next};
        terms_.reset(next, previous);
    }

    /// From here on frames go to `s`, which follows all segments that are known and holds its header, with that checksum.
    void add_segment(segment_ptr s, std::uint32_t header_checksum) {
        const std::unique_lock lock(mutex_);
        s->end = s->header_size;
        s->summary.last_checksum = header_checksum;
        if (!segments_.empty()) // about as many entries as before: no allocation on the way of an append
            s->summary.places.reserve(segments_.back()->summary.places.marks());
        s->empty_first = bounds_.next;
        s->summary.next_index = bounds_.next;
        s->summary.last_term = terms_.last();
        segments_.push_back(std::move(s));
    }

    /// Applies a frame of the last segment. Gives the tip that the log has then.
    log_tip apply(const placed_frame& f) { return apply_all(std::span(&f, 1)); }
    /// Likewise several, all at once for those who ask.
    template<class Frames>
    log_tip apply_all(const Frames& frames) {
        const std::unique_lock lock(mutex_);
        for (const auto& f : frames)
            apply_locked(f);
        return {bounds_.next, terms_.last()};
    }

    /// Likewise batches of the run `of`, up to `end`: `each(add)` calls add(first index, count, offset) for them in their
    /// order, and gives the last one's checksum.
    template<class Each>
    log_tip apply_batches(const term_run& of, std::uint64_t end, Each&& each) {
        const std::unique_lock lock(mutex_);
        terms_.add(of.first, of.term);
        segment<Backend>& s = *segments_.back();
        end_at(s, end, each([&](index_t first, std::uint64_t count, std::uint64_t offset) {
                   s.summary.places.add(first, count, offset);
                   bounds_.next = first + count;
               }));
        return {bounds_.next, terms_.last()};
    }

    /// Adds a segment by what its index frame says of it, in place of applying its frames.
    void load(segment_ptr s, index_frame summary, std::uint64_t end) {
        const std::unique_lock lock(mutex_);
        segments_.push_back(s);
        if (summary.has_reset)
            reset(summary.reset_next, summary.reset_term, *s, summary.reset_offset);
        if (summary.lowest_cut)
            cut(*summary.lowest_cut, *s);
        for (const term_run& t : summary.terms)
            terms_.add(t.first, t.term);
        if (terms_.last() < summary.last_term) // its entry was dropped before the frame was written
            terms_.set_last(summary.next_index - 1, summary.last_term);
        bounds_.next = summary.next_index;
        summary.terms.clear();
        s->indexed = true;
        s->empty_first = bounds_.next;
        s->summary = std::move(summary);
        s->end = end;
    }

    /// Entries below `first` are gone, and the segments before `holder`, which held it at some time since no cut can go
    /// below it: by now another one may, and `holder` is still needed. Gives those.
    std::vector<segment_ptr> drop_before(index_t first, const segment_ptr& holder) {
        const std::unique_lock lock(mutex_);
        terms_.drop_before(first, terms_.at(first - 1));
        bounds_.first = first;
        listeners_.tell_dropped(first);
        std::vector<segment_ptr> gone;
        while (segments_.front() != holder) {
            gone.push_back(std::move(segments_.front()));
            segments_.pop_front();
        }
        return gone;
    }

    /// The first index and the term before it, as the state file gives them. The log's entries below are not there.
    void set_first(index_t first, term_t previous) {
        const std::unique_lock lock(mutex_);
        bounds_.first = first;
        terms_.drop_before(first, previous);
    }

    /// The first segment that `first` and all after it need; none if there is no segment at all.
    [[nodiscard]] segment_ptr holder_of(index_t first) const {
        const std::shared_lock lock(mutex_);
        return holder(first);
    }

    [[nodiscard]] bounds edges() const {
        const std::shared_lock lock(mutex_);
        return bounds_;
    }

    /// Where `index` is, which must lie within the bounds; nothing if it does not.
    [[nodiscard]] std::optional<location> find(index_t index) const {
        const std::shared_lock lock(mutex_);
        return find_locked(index);
    }

    /// The term of an entry or of the one before the first; nothing for others.
    [[nodiscard]] std::optional<term_t> term_at(index_t index) const {
        const std::shared_lock lock(mutex_);
        if (index + 1 < bounds_.first || index >= bounds_.next)
            return std::nullopt;
        return terms_.at(index);
    }

    /// True if the entry that was given `index` by a frame at `lsn` has been cut since, as far as is known.
    [[nodiscard]] bool was_cut_after(lsn_t lsn, index_t index) const {
        const std::shared_lock lock(mutex_);
        return cuts_.have_cut(lsn, index);
    }

    /// As term_at(), for any index: 0 where a cut reaches below what is known.
    [[nodiscard]] term_t known_term(index_t index) const {
        const std::shared_lock lock(mutex_);
        return index < terms_.before_first().first ? 0 : terms_.at(index);
    }

    /// Shows what `fresh` holds, for readers all at once; what they had read above its end counts as cut.
    void replace_with(catalog& fresh) {
        const std::unique_lock lock(mutex_);
        segments_.swap(fresh.segments_);
        std::swap(terms_, fresh.terms_);
        bounds_ = fresh.bounds_;
        listeners_.tell_cut(bounds_.next - 1);
    }

    [[nodiscard]] log_tip tip() const {
        const std::shared_lock lock(mutex_);
        return {bounds_.next, terms_.last()};
    }

    [[nodiscard]] segment_ptr last_segment() const {
        const std::shared_lock lock(mutex_);
        return segments_.empty() ? nullptr : segments_.back();
    }
    [[nodiscard]] segment_ptr first_segment() const {
        const std::shared_lock lock(mutex_);
        return segments_.empty() ? nullptr : segments_.front();
    }
    [[nodiscard]] std::vector<segment_ptr> all_segments() const {
        const std::shared_lock lock(mutex_);
        return {segments_.begin(), segments_.end()};
    }
    [[nodiscard]] std::size_t segment_count() const {
        const std::shared_lock lock(mutex_);
        return segments_.size();
    }

    /// The first index of the second segment: what drop_before needs to make room for one more; 0 if there is none.
    [[nodiscard]] index_t second_segment_index() const {
        const std::shared_lock lock(mutex_);
        return segments_.size() < 2 ? 0 : std::max(segments_[1]->first_key(), bounds_.first);
    }

    /// For the one who reserves places ahead of what is applied.
    [[nodiscard]] term_runs terms() const {
        const std::shared_lock lock(mutex_);
        return terms_;
    }

    /// What an index frame at the end of `s` says: what the segment's own frames make of its entries. Later cuts are
    /// told of by later segments, and may be lost where this one is not.
    [[nodiscard]] index_frame summarize(const segment<Backend>& s) const {
        const std::shared_lock lock(mutex_);
        return s.frozen ? *s.frozen : summarize_locked(s);
    }
    /// No index frame of `s` will be asked for again.
    void set_indexed(segment<Backend>& s) {
        const std::unique_lock lock(mutex_);
        s.indexed = true;
        s.frozen.reset();
        s.summary.places.shrink();
    }

    /// More is written to `s`: the index frame that it may have is not its last one.
    void set_continued(segment<Backend>& s) {
        const std::unique_lock lock(mutex_);
        s.indexed = false;
    }

    /// Bytes of frames from the entry `index` on, within a few entries.
    [[nodiscard]] std::uint64_t bytes_from(index_t index) const {
        const std::shared_lock lock(mutex_);
        const std::optional<location> at = find_locked(index);
        if (!at)
            return 0;
        std::uint64_t bytes = at->segment->end - at->place.offset;
        for (auto s = segments_.rbegin(); s != segments_.rend() && *s != at->segment; ++s)
            bytes += (*s)->end;
        return bytes;
    }

    /// Bytes of frames in all segments.
    [[nodiscard]] std::uint64_t bytes() const {
        const std::shared_lock lock(mutex_);
        std::uint64_t sum = 0;
        for (const segment_ptr& s : segments_)
            sum += s->end;
        return sum;
    }

    /// Heap used for knowing where entries are, in bytes.
    [[nodiscard]] std::size_t memory() const {
        const std::shared_lock lock(mutex_);
        std::size_t sum = 0;
        for (const segment_ptr& s : segments_)
            sum += s->summary.places.memory() + sizeof(*s);
        return sum;
    }

    void add_listener(cut_listener& l) {
        const std::unique_lock lock(mutex_);
        listeners_.add(l);
    }
    void remove_listener(cut_listener& l) {
        const std::unique_lock lock(mutex_);
        listeners_.remove(l);
    }
    /// What was kept since the last time, and from now on anew.
    index_t take_clamp(cut_listener& l) {
        const std::unique_lock lock(mutex_);
        return l.take();
    }

    /// Guards `segment::end` and `segment::summary`.
    [[nodiscard]] std::shared_mutex& mutex() const noexcept { return mutex_; }

private:
    void apply_locked(const placed_frame& f) {
        segment<Backend>& s = *segments_.back();
        switch (f.type) {
        case frame_type::replace: cut(f.keep, s); [[fallthrough]];
        case frame_type::batch:
            for (const term_run& t : f.terms)
                terms_.add(t.first, t.term);
            s.summary.places.add(f.first_index, f.count, f.offset);
            bounds_.next = f.first_index + f.count;
            break;
        case frame_type::lost:
            s.summary.places.add_lost(f.first_index, f.count, f.offset);
            bounds_.next = f.first_index + f.count;
            break;
        case frame_type::cut: cut(f.keep, s); break;
        case frame_type::reset: reset(f.first_index, f.previous_term, s, f.offset); break;
        case frame_type::index:
            if (f.first_index == 0) {
                s.sealed_end = s.end;
                s.sealed_checksum = s.summary.last_checksum;
            }
            break;
        case frame_type::header:
        case frame_type::pad: break;
        }
        end_at(s, f.offset + f.size, f.checksum);
    }
    void end_at(segment<Backend>& s, std::uint64_t end, std::uint32_t checksum) noexcept {
        s.end = end;
        s.summary.last_checksum = checksum;
        s.summary.next_index = bounds_.next;
        s.summary.last_term = terms_.last();
    }

    [[nodiscard]] std::optional<location> find_locked(index_t index) const {
        if (index < bounds_.first || index >= bounds_.next)
            return std::nullopt;
        const auto above = std::upper_bound(segments_.begin(), segments_.end(), index,
                                            [](index_t i, const segment_ptr& s) { return i < s->first_key(); });
        if (above == segments_.begin())
            return std::nullopt;
        const segment_ptr& s = *(above - 1);
        const std::optional<segment_index::place> place = s->summary.places.find(index);
        if (!place)
            return std::nullopt;
        return location{s, *place, s->end};
    }

    // The segment of `first`, or the last one if `first` is yet to come.
    [[nodiscard]] segment_ptr holder(index_t first) const {
        const auto above = std::upper_bound(segments_.begin(), segments_.end(), first,
                                            [](index_t i, const segment_ptr& s) { return i < s->first_key(); });
        if (first >= bounds_.next)
            return segments_.empty() ? nullptr : segments_.back();
        return above == segments_.begin() ? segments_.front() : *(above - 1);
    }

    [[nodiscard]] index_frame summarize_locked(const segment<Backend>& s) const {
        index_frame f = s.summary;
        if (!f.places.empty()) {
            const index_t first = std::max(f.places.first(), terms_.before_first().first + 1);
            f.terms = terms_.between(first, f.places.last());
        }
        return f;
    }

    // True if nothing of the segment, and so of none before it, lies above `keep`: there may be many with nothing in them.
    [[nodiscard]] static bool is_below(index_t keep, const segment<Backend>& s, const segment<Backend>& by) noexcept {
        return s.summary.places.empty() ? &s != &by && s.empty_first <= keep + 1 : s.summary.places.last() <= keep;
    }

    // Keeps what the index frames that are still to be written have to say, before entries above `keep` go.
    void freeze(index_t keep, const segment<Backend>& by) {
        for (auto s = segments_.rbegin(); s != segments_.rend(); ++s) {
            segment<Backend>& victim = **s;
            if (is_below(keep, victim, by))
                break;
            if (&victim != &by && !victim.summary.places.empty() && !victim.indexed && !victim.frozen)
                victim.frozen = std::make_unique<index_frame>(summarize_locked(victim));
        }
    }

    void cut(index_t keep, segment<Backend>& by) {
        freeze(keep, by);
        for (auto s = segments_.rbegin(); s != segments_.rend(); ++s) {
            segment<Backend>& victim = **s;
            if (is_below(keep, victim, by))
                break;
            victim.summary.places.cut(keep);
            victim.empty_first = std::min(victim.empty_first, keep + 1);
        }
        bounds_.next = keep + 1;
        bounds_.first = std::min(bounds_.first, keep + 1); // only in recovery, where the first index is set last
        terms_.cut(keep);
        by.summary.lowest_cut = std::min(by.summary.lowest_cut.value_or(keep), keep);
        cuts_.add(by.lsn(by.end), keep);
        listeners_.tell_cut(keep);
    }

    void reset(index_t next, term_t previous, segment<Backend>& by, std::uint64_t offset) {
        freeze(0, by);
        for (auto s = segments_.rbegin(); s != segments_.rend(); ++s) {
            if (s->get() != &by && (*s)->summary.places.empty() && (*s)->empty_first == 0)
                break; // an earlier reset has been here
            (*s)->summary.places.clear();
            (*s)->empty_first = 0;
        }
        by.empty_first = next;
        cuts_.add(by.lsn(offset), 0);
        by.summary.has_reset = true;
        by.summary.reset_next = next;
        by.summary.reset_term = previous;
        by.summary.reset_offset = offset;
        by.summary.lowest_cut.reset();
        bounds_.first = bounds_.next = next;
        terms_.reset(next, previous);
        listeners_.tell_cut(0);
    }

    mutable std::shared_mutex mutex_;
    std::deque<segment_ptr> segments_;
    bounds bounds_;
    term_runs terms_;
    past_cuts cuts_;
    cut_listeners listeners_;
};

} // namespace tusk::inline v0
