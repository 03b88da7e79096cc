#pragma once

#include <tusk/log/commit_queue.hpp>
#include <tusk/log/holds.hpp>

namespace tusk::inline v0 {

/// Drops entries from the front of a log, and the segments that only they need. One drop or reset at a time; any number
/// of threads may ask.
template<format Format, fsync_policy Policy, backend Backend>
class dropper {
public:
    dropper(log_store<Format, Backend>& store, commit_queue<Format, Policy, Backend>& queue) noexcept
        : store_(store), queue_(queue), holds_(std::make_shared<hold_list>()) {}

    [[nodiscard]] const std::shared_ptr<hold_list>& holds() const noexcept { return holds_; }

    /// Drops the entries below `first`. Blocks for the syncs of the state file.
    [[nodiscard]] result<void> drop_before(index_t first) noexcept {
        const std::scoped_lock lock(mutex_);
        return drop_locked(first);
    }

    /// Drops everything, so that the log goes on at `next`. The segments stay until finish_reset().
    [[nodiscard]] result<void> reset(index_t next, term_t previous, durability wait) noexcept {
        const std::scoped_lock lock(mutex_);
        if (!holds_->begin_drop(UINT64_MAX))
            return errc::held;
        const auto done =
            queue_.append({.type = frame_type::reset, .records = {}, .number = next, .previous_term = previous}, wait);
        holds_->end_drop();
        TUSK_TRY(done);
        reset_ = true;
        return success();
    }
    /// Lets the segments go that a reset has left without an entry.
    [[nodiscard]] result<void> finish_reset() noexcept {
        const std::scoped_lock lock(mutex_);
        if (!reset_)
            return success();
        if (const result<void> written = queue_.write_all(); !written) // it may be held back itself
            return queue_.is_put_off() ? success() : written;
        return drop_locked(store_.contents.edges().first);
    }

    /// Makes room when max_segments is reached: drops the oldest segment's entries. Nothing if that was done since
    /// `times_made_room()` was `seen`: those who find no room at the same time need no more than one.
    [[nodiscard]] result<void> make_room(std::uint64_t seen) noexcept {
        const std::scoped_lock lock(mutex_);
        if (times_made_room() != seen)
            return success();
        TUSK_TRY(queue_.write_all());
        const index_t first = store_.contents.second_segment_index();
        if (first == 0)
            return errc::too_many_segments;
        TUSK_TRY(drop_locked(first));
        made_room_.store(seen + 1, std::memory_order_release);
        return success();
    }
    [[nodiscard]] std::uint64_t times_made_room() const noexcept { return made_room_.load(std::memory_order_acquire); }

    /// Keeps drops waiting for as long as the result lives.
    [[nodiscard]] std::unique_lock<std::mutex> pause() noexcept { return std::unique_lock(mutex_); }

private:
    [[nodiscard]] result<void> drop_locked(index_t first) noexcept {
        if (!holds_->begin_drop(first))
            return errc::held;
        const result<void> done = drop_unheld(first);
        holds_->end_drop();
        return done;
    }

    [[nodiscard]] result<void> drop_unheld(index_t first) noexcept {
        TUSK_TRY(queue_.tail().begin_drop(first));
        const result<void> done = [&]() -> result<void> {
            // What goes must be history for certain: cuts and resets among it decide what is left.
            if (const result<void> written = queue_.write_all(); !written) // on a full disk, what is written can go
                if (!queue_.is_put_off() || reset_ || first > store_.contents.edges().next)
                    return written;
            TUSK_TRY(queue_.syncing().sync_written());
            auto edges = store_.contents.edges();
            segment_ptr<Backend> holder = store_.contents.holder_of(std::max(first, edges.first));
            // Where the log will begin must be durable itself, and it may have been begun only meanwhile.
            while (holder && queue_.syncing().reached().durable_lsn() < holder->lsn(holder->header_size)) {
                (void)queue_.write_all();
                TUSK_TRY(queue_.syncing().sync_written());
                edges = store_.contents.edges();
                holder = store_.contents.holder_of(std::max(first, edges.first));
            }
            if (first > edges.next) // the write of what was to be dropped has failed
                return errc::beyond_end;
            const bool reset = std::exchange(reset_, false);
            if (!holder || (first <= edges.first && !reset && holder == store_.contents.first_segment()))
                return success();
            const index_t from = std::max(first, edges.first);
            const term_t previous = store_.contents.term_at(from - 1).value_or(0);
            const lsn_t now = queue_.syncing().reached().durable_lsn(); // what is only written may go, and its LSN
            const result<void> kept = store_.state->update(
                [&](log_state& s) {
                    s.first_index = from;
                    s.previous_term = previous;
                    s.first_lsn = now;
                    s.first_segment = holder->number;
                },
                /*both=*/true);
            const log_state counts = store_.state->get();
            if (counts.first_index != from || counts.first_lsn != now || counts.first_segment != holder->number)
                return kept;
            const std::vector<segment_ptr<Backend>> gone = queue_.tail().drop_before(from, holder);
            if (kept) // else the older slot still needs the files; they go at the next open
                (void)store_.files->remove(gone);
            return kept;
        }();
        queue_.tail().end_drop();
        return done;
    }

    log_store<Format, Backend>& store_;
    commit_queue<Format, Policy, Backend>& queue_;
    const std::shared_ptr<hold_list> holds_;
    std::mutex mutex_;
    bool reset_ = false; // segments before a reset are to go
    std::atomic<std::uint64_t> made_room_{0};
};

} // namespace tusk::inline v0
