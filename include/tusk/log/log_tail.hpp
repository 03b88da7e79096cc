#pragma once

#include <tusk/log/group_list.hpp>
#include <tusk/log/log_end.hpp>
#include <tusk/log/reservation.hpp>
#include <tusk/log/shared_places.hpp>
#include <tusk/log/window_ahead.hpp>

namespace tusk::inline v0 {

/// The end of the log as those see it who append: which index, term and place come next, and the groups that are not
/// written yet. What is reserved here becomes part of the catalog once it is written; if that fails, it never was.
template<format Format, backend Backend>
class log_tail {
public:
    using group = commit_group<Backend>;
    using segment_ptr = tusk::segment_ptr<Backend>;
    using reservation = tusk::reservation<Backend>;

    /// With `fills_in_place`, frames go to windows, if there are any. `left` counts what shares places; null: nothing may.
    log_tail(log_store<Format, Backend>& store, const syncer<Backend>& sync, bool fills_in_place, held_back* left,
             const options& opts) noexcept
        : store_(store),
          sync_(sync),
          fills_in_place_(fills_in_place),
          sharing_(store, sync,
                   opts.sync_alignment == 0 ? left : nullptr), // a pad comes behind who is known to be last
          segment_size_(opts.segment_size),
          max_segments_(opts.max_segments),
          alignment_(opts.sync_alignment),
          write_buffer_(opts.write_buffer),
          block_size_(std::max<std::size_t>(opts.write_buffer, 256 * kibibyte) + slack()),
          ahead_(opts.window_ahead) {}

    /// Takes up the log where the catalog says that it ends. For who has the lock and the lead, or is alone.
    void take_up() {
        const auto edges = store_.contents.edges();
        tail_.segment = store_.contents.last_segment();
        tail_.offset = tail_.segment ? tail_.segment->end : 0;
        tail_.next_index = edges.next;
        tail_.first_index = edges.first;
        tail_.terms = store_.contents.terms();
        term_hint_.store(tail_.terms.last(), std::memory_order_relaxed);
        segments_ = store_.contents.segment_count();
    }

    /// Reserves a place for a frame of `size` bytes, whose first records, `heirs`, were given the term `assumed`; if that
    /// is not the term of the entry before, puts the right one there and asks for another try. `own` is memory that
    /// already holds a large frame, without which it may be asked for. With `leads`, the caller has the lead.
    [[nodiscard]] result<reservation> reserve(const append_request& r, std::span<const stored_record> heirs,
                                              term_t& assumed, std::size_t size, buffer& own, bool durable,
                                              bool written, bool leads) noexcept {
        std::unique_lock lock(groups_.mutex());
        TUSK_TRY(usable());
        if (!own && current_ != nullptr && current_->is_shared)
            if (const auto place = sharing_.take(*current_, r, size))
                return shared_reservation(*place);
        end_sharing();
        TUSK_TRY(const term_t before, tail_.check(r));
        reservation out;
        if (heirs.size() < r.records.size() && r.records[heirs.size()].term < before)
            return errc::term_regressed;
        if (!heirs.empty() && before != assumed) {
            assumed = before;
            out.again = true;
            return out;
        }
        if (size > large_frame && !own && !fits_in_file(size))
            return reservation::wants_memory();
        if (!has_room(size)) {
            TUSK_TRY(begin_segment());
        }
        group* const in_file = groups_.filled_in_file();
        if (own || current_ == nullptr || current_->large || current_->size + size + slack() > current_->room) {
            if (!open_group(lock, own ? 0 : size, out, /*may_wait=*/!leads))
                return out;
            if (own)
                current_->large = std::move(own);
            else if (current_->room < size + slack()) // the file is shorter than was thought, or cannot be mapped
                return reservation::wants_memory();
        }
        group& g = *current_;
        if (sharing_.may_open(g, r, size, in_file != nullptr || groups_.is_oldest(g)))
            return share(g, r, size, in_file);
        if (durable)
            g.add_waiter(/*at_once=*/!r.held_back);
        g.wants_written = g.wants_written || written;
        out.in_place = g.in_place() && !g.starts_segment && groups_.is_oldest(g);
        g.holds_back = g.holds_back || r.held_back || (out.in_place && r.may_stay);
        out.where = &g;
        book(g, r, size, out);
        out.alone = leads && groups_.is_oldest(g);
        if (out.alone) {
            close_current();
            (void)groups_.take_up_to(g);
        } else {
            g.references.fetch_add(1, std::memory_order_relaxed);
        }
        return out;
    }

    /// Begins a new segment if the last one holds any frame; gives the next index and the group, referenced, that writes
    /// its header; none if there is nothing to write.
    [[nodiscard]] result<std::pair<index_t, reservation>> roll() noexcept {
        std::unique_lock lock(groups_.mutex());
        end_sharing();
        TUSK_TRY(usable());
        std::pair<index_t, reservation> out{tail_.next_index, {}};
        if (!fresh_segment_) {
            if (!tail_.segment || tail_.offset <= header_frame_size<Format>())
                return out;
            TUSK_TRY(begin_segment());
        }
        if (open_group(lock, alignment_, out.second, /*may_wait=*/true)) { // room for a pad, if there has to be one
            current_->references.fetch_add(1, std::memory_order_relaxed);
            current_->wants_written = true;
            out.second.where = current_;
        }
        return out;
    }

    /// True if `g` is not to be held back any longer.
    [[nodiscard]] bool is_full(const group& g) const noexcept {
        const std::scoped_lock lock(groups_.mutex());
        return g.closed || g.is_shared || groups_.several_wait() || g.size >= write_buffer_;
    }
    /// Takes the groups up to `target` out of those that wait, oldest first, linked.
    [[nodiscard]] group* take_up_to(group& target) noexcept {
        const std::scoped_lock lock(groups_.mutex());
        if (current_ == &target)
            close_current();
        return groups_.take_up_to(target);
    }
    /// What a group that still gathers is, for an fsync policy; nothing if there is no use in letting it grow.
    [[nodiscard]] std::optional<sync_state> gathering(const group& g) const noexcept {
        const std::scoped_lock lock(groups_.mutex());
        if (g.closed || g.large || !g.wants_durable)
            return std::nullopt;
        return sync_state{.unsynced_bytes = g.size,
                          .oldest_unsynced = std::chrono::duration_cast<nanoseconds>(steady_clock::now() - g.since),
                          .waiters = g.waiters};
    }

    /// `first`, which a leader has taken with all up to `target`, could not be written. True if they wait again, because
    /// something among what is not written was acknowledged; not so if `for_good`. Else what waits behind them fails too,
    /// with `why`, and the log's end is where the catalog says: segments that were `begun` behind it are not the log's.
    [[nodiscard]] bool put_back(group& first, group& target, std::error_code why, bool for_good,
                                std::vector<segment_ptr>& begun) noexcept {
        const std::scoped_lock lock(groups_.mutex());
        if (!for_good && groups_.put_back(first, target, why))
            return true;
        close_current();
        begun = groups_.fail_waiting(why);
        if (std::exchange(fresh_segment_, false))
            begun.push_back(tail_.segment);
        if (const segment_ptr last = store_.contents.last_segment()) {
            // No more is written to it, for what lies behind its end may be anything; and no LSN is given twice.
            last->failed_write = true;
            last->capacity = tail_.segment->base - last->base + std::max(tail_.segment->capacity, tail_.offset);
        }
        take_up();
        return false;
    }

    /// Checks that entries below `first` may be dropped, and lets no cut go below it until end_drop().
    [[nodiscard]] result<void> begin_drop(index_t first) noexcept {
        const std::scoped_lock lock(groups_.mutex());
        end_sharing();
        TUSK_TRY(usable());
        if (first > tail_.next_index)
            return errc::beyond_end;
        tail_.drop_floor = first;
        return success();
    }
    /// Drops entries below `first`, and gives the segments before `holder`: under one lock, for a write that failed between
    /// the catalog's drop and the count's would have them subtracted twice.
    [[nodiscard]] std::vector<segment_ptr> drop_before(index_t first, const segment_ptr& holder) {
        const std::scoped_lock lock(groups_.mutex());
        std::vector<segment_ptr> gone = store_.contents.drop_before(first, holder);
        segments_ -= gone.size();
        tail_.drop_before(first);
        return gone;
    }
    void end_drop() noexcept {
        const std::scoped_lock lock(groups_.mutex());
        tail_.drop_floor = 0;
    }

    /// What waits to be written never will be, nor will the segments that it has begun, which are given.
    [[nodiscard]] std::vector<segment_ptr> fail_waiting(std::error_code why) noexcept {
        const std::scoped_lock lock(groups_.mutex());
        close_current();
        return groups_.fail_waiting(why);
    }
    /// Refuses appends from now on, with errc::closed.
    void refuse() noexcept {
        const std::scoped_lock lock(groups_.mutex());
        end_sharing();
        closed_ = true;
    }
    /// Called when touch_ahead() would have something to do; must not block. Set before use.
    void on_window(callable<void()> f) noexcept { ahead_.on_need(std::move(f)); }
    /// Makes ready what appends will soon fill in place. Beside them.
    void touch_ahead() noexcept {
        std::unique_lock lock(groups_.mutex());
        ahead_.touch(tail_.segment, tail_.offset, lock);
    }

    [[nodiscard]] bool fills_in_place() const noexcept { return fills_in_place_; }
    [[nodiscard]] shared_places<Format, Backend>& sharing() noexcept { return sharing_; }
    /// The groups that are not written yet.
    [[nodiscard]] group_list<Backend>& groups() noexcept { return groups_; }
    /// A guess at the term of the last entry, to begin with.
    [[nodiscard]] term_t term_hint() const noexcept { return term_hint_.load(std::memory_order_relaxed); }
    /// The size of the pad frame that has to stand at `offset` for writing to go on behind it; 0 if none has to.
    [[nodiscard]] std::size_t pad_at(std::uint64_t offset) const noexcept {
        if (alignment_ == 0 || offset % alignment_ == 0)
            return 0;
        auto pad = static_cast<std::size_t>(alignment_ - offset % alignment_);
        while (pad < Format::min_pad)
            pad += alignment_;
        return pad;
    }
    /// Bytes that a group may grow by a pad frame.
    [[nodiscard]] std::size_t slack() const noexcept { return alignment_ == 0 ? 0 : alignment_ + Format::min_pad; }

private:
    [[nodiscard]] result<void> usable() const noexcept {
        if (closed_)
            return errc::closed;
        return sync_.poisoned() ? result<void>(errc::poisoned) : success();
    }

    [[nodiscard]] bool has_room(std::size_t size) const noexcept {
        if (!tail_.segment || tail_.segment->failed_write)
            return false;
        // An earlier life has ended in the middle of what a disk may damage as one: nothing more is written there.
        if (current_ == nullptr && !fresh_segment_ && pad_at(tail_.offset) != 0)
            return false;
        return tail_.offset + size <= segment_size_ ||
               tail_.offset <= header_frame_size<Format>(); // alone it may be larger
    }

    // From here on frames go to another segment. Blocks for its making if none was made ahead.
    [[nodiscard]] result<void> begin_segment() noexcept {
        if (max_segments_ != 0 && segments_ >= max_segments_)
            return errc::too_many_segments;
        TUSK_TRY(const segment_ptr s, store_.files->take());
        close_current();
        if (tail_.segment)
            s->base = tail_.segment->base + std::max({tail_.segment->capacity, segment_size_, tail_.offset});
        s->start_index = tail_.next_index;
        s->header_size = header_frame_size<Format>();
        tail_.segment = s;
        tail_.offset = s->header_size;
        fresh_segment_ = true;
        ++segments_;
        return success();
    }

    // A new group at the log's end, with room for a frame of `size` bytes, if it is not 0. False if there is none to be
    // had: then `out` says what to do, and the lock was given up, unless whoever leads must not wait for another.
    [[nodiscard]] bool open_group(std::unique_lock<std::mutex>& lock, std::size_t size, reservation& out,
                                  bool may_wait) noexcept {
        close_current();
        group* const g = groups_.take_free();
        if (g == nullptr) {
            if (may_wait)
                out.lead_first = groups_.oldest_or_wait(lock);
            out.again = true;
            return false;
        }
        g->segment = tail_.segment;
        g->offset = tail_.offset;
        g->starts_segment = std::exchange(fresh_segment_, false);
        g->header_index = tail_.next_index;
        g->header_term = tail_.terms.last();
        if (size != 0) { // else the frame has memory of its own, or there is none: who comes next opens another
            g->take_memory(block_size_, size + slack(), fills_in_place_);
            ahead_.reached(g->segment, g->offset);
        }
        groups_.add(*g);
        current_ = g;
        return true;
    }

    // True if there is room where the log will end, behind what pads what comes before, or in another segment.
    [[nodiscard]] bool fits_in_file(std::size_t size) const noexcept {
        const bool here = has_room(size);
        const std::uint64_t at = here ? tail_.offset + pad_at(tail_.offset) : header_frame_size<Format>();
        return at + size + slack() <= (here ? tail_.segment->capacity : segment_size_);
    }

    // No more frames go to the current group; it is padded to the alignment of syncs.
    void close_current() noexcept {
        group* const g = std::exchange(current_, nullptr);
        if (g == nullptr)
            return;
        g->closed = true;
        if (g->is_shared) {
            const auto [bytes, entries] = sharing_.close(*g);
            g->size = bytes;
            tail_.offset += bytes;
            tail_.next_index += entries;
            return;
        }
        const std::size_t pad = g->frames.empty() && !g->starts_segment ? 0 : pad_at(tail_.offset);
        if (pad == 0)
            return;
        g->add({.type = frame_type::pad, .offset = tail_.offset, .size = pad, .first_index = tail_.next_index}, {});
        g->pad = pad;
        tail_.offset += pad;
    }

    // Shares a new group, with a place for who does. `before` is what is not written, but filled, if there is such a group.
    [[nodiscard]] reservation share(group& g, const append_request& r, std::size_t size, group* before) {
        tail_.terms.add(tail_.next_index, r.records.front().term);
        term_hint_.store(tail_.terms.last(), std::memory_order_relaxed);
        // Never more than the segment has room for, but for a frame that is alone in it.
        sharing_.open(g, tail_.next_index, tail_.terms.last(),
                      static_cast<std::size_t>(
                          std::max<std::uint64_t>(size, segment_size_ - std::min(segment_size_, tail_.offset))));
        const auto place = sharing_.take(g, r, size);
        reservation out;
        if (!place) { // others, who knew the group from before, were quicker
            out.again = true;
            return out;
        }
        out = shared_reservation(*place);
        out.lead_later = before;
        if (before != nullptr)
            before->references.fetch_add(1, std::memory_order_relaxed);
        return out;
    }
    [[nodiscard]] reservation shared_reservation(const shared_room::frame& place) noexcept {
        current_->references.fetch_add(1, std::memory_order_relaxed);
        reservation out;
        out.where = current_;
        out.shared = place;
        return out;
    }

    // Nobody takes a place without the lock any more: the log's end is what it says.
    void end_sharing() noexcept {
        if (current_ != nullptr && current_->is_shared)
            close_current();
    }

    // Books the frame in the group and moves the log's end behind it.
    void book(group& g, const append_request& r, std::size_t size, reservation& out) noexcept {
        tail_.cut_for(r);
        const placed_frame f{.type = r.type,
                             .offset = tail_.offset,
                             .size = size,
                             .checksum = 0,
                             .first_index = tail_.next_index,
                             .count = r.records.size(),
                             .keep = r.number,
                             .previous_term = r.previous_term,
                             .terms = {}};
        runs_of(r.records, tail_.next_index, runs_);
        tail_.add(r.records.size(), runs_);
        term_hint_.store(tail_.terms.last(), std::memory_order_relaxed);
        tail_.offset += size;
        out.at = g.add(f, runs_);
        g.reserved.store(g.size, std::memory_order_release);
        out.place = {.log = store_.id,
                     .segment = g.segment->number,
                     .offset = f.offset,
                     .first_index = f.first_index,
                     .witness = sync_.reached().durable_lsn()};
        out.out = {.entries = {f.first_index, tail_.next_index - 1},
                   .begin = g.segment->lsn(f.offset),
                   .end = g.segment->lsn(tail_.offset)};
    }

    log_store<Format, Backend>& store_;
    const syncer<Backend>& sync_;
    const bool fills_in_place_;
    shared_places<Format, Backend> sharing_;
    const std::uint64_t segment_size_;
    const std::uint32_t max_segments_;
    const std::uint32_t alignment_;
    const std::uint64_t write_buffer_;
    const std::size_t block_size_;

    group_list<Backend> groups_;
    // Guarded by its lock, as are the groups until they are closed:
    log_end<Backend> tail_;
    std::size_t segments_ = 0;
    bool fresh_segment_ = false; // the next group starts the tail's segment
    bool closed_ = false;
    group* current_ = nullptr;   // takes more frames
    std::vector<term_run> runs_; // of the frame being booked
    window_ahead<Backend> ahead_;
    std::atomic<term_t> term_hint_{0};
};

} // namespace tusk::inline v0
