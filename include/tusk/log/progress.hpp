#pragma once

#include <tusk/concept/fsync_policy.hpp>
#include <tusk/log/catalog.hpp>

#include <condition_variable>
#include <stop_token>

namespace tusk::inline v0 {

/// How far the log is written and how far it is durable, and who waits for it to go on.
template<backend Backend>
class progress {
public:
    using segment_ptr = tusk::segment_ptr<Backend>;
    using file_ptr = std::shared_ptr<typename Backend::file>;

    struct point {
        lsn_t lsn = 0;
        index_t next_index = 1;
    };

    /// Starts with everything below `p` durable.
    void start(point p, const segment_ptr& active) {
        written_ = p;
        durable_lsn_.store(p.lsn, std::memory_order_release);
        durable_next_.store(p.next_index, std::memory_order_release);
        if (active)
            unsynced_.push_back({active, active->file});
    }

    /// Frames that are written, of which wrote() will tell, are about to be shown to readers, and a cut among them keeps
    /// what is below `lowest`: nothing above it is durable from here on, or what takes its place would seem to be.
    void will_cut(index_t lowest) {
        const std::scoped_lock lock(mutex_);
        coming_floor_ = lowest;
        durable_next_.store(std::min(durable_next_.load(std::memory_order_relaxed), lowest), std::memory_order_release);
    }

    /// Frames up to `p`, in `s`, are with the operating system, and what will_cut() said of them has come about.
    void wrote(point p, const segment_ptr& s) {
        const std::scoped_lock lock(mutex_);
        if (unsynced_.empty() || unsynced_.back().where != s) {
            if (!unsynced_.empty())
                unsynced_.back().end = written_;
            unsynced_.push_back({s, s->file});
        }
        written_ = p;
        if (!pending_since_)
            pending_since_ = steady_clock::now();
        if (coming_floor_ != no_cut) {
            unsynced_.back().floor = std::min(unsynced_.back().floor, std::exchange(coming_floor_, no_cut));
            cuts_.fetch_add(1, std::memory_order_release);
        }
        wake();
    }

    /// A sync is about to be submitted, of everything that is written, or of the segments that make what lies below
    /// `target` durable, if those are finished: what it will cover, and the files it takes, oldest first, into `files`.
    [[nodiscard]] point submit(lsn_t target, std::vector<file_ptr>& files) {
        const std::scoped_lock lock(mutex_);
        for (unsynced& u : unsynced_) {
            files.push_back(u.file);
            u.floor = no_cut;
            if (u.end && u.end->lsn >= target)
                return *u.end;
        }
        pending_since_.reset();
        return written_;
    }

    /// That sync has ended well. Cuts that it did not cover have lowered what is durable.
    void synced(point covered) {
        const std::scoped_lock lock(mutex_);
        while (!unsynced_.empty() && unsynced_.front().end && unsynced_.front().end->lsn <= covered.lsn)
            unsynced_.erase(unsynced_.begin());
        covered.next_index = std::min(covered.next_index, coming_floor_);
        for (const unsynced& u : unsynced_)
            covered.next_index = std::min(covered.next_index, u.floor);
        durable_lsn_.store(covered.lsn, std::memory_order_release);
        durable_next_.store(covered.next_index, std::memory_order_release);
        wake();
    }

    /// Keeps no file open any more.
    void let_go() {
        const std::scoped_lock lock(mutex_);
        unsynced_.clear();
    }

    [[nodiscard]] lsn_t durable_lsn() const noexcept { return durable_lsn_.load(std::memory_order_acquire); }
    [[nodiscard]] index_t durable_next() const noexcept { return durable_next_.load(std::memory_order_acquire); }
    /// Counts the cuts: after one, the same index is another entry's.
    [[nodiscard]] std::uint64_t cuts() const noexcept { return cuts_.load(std::memory_order_acquire); }
    [[nodiscard]] point written() const {
        const std::scoped_lock lock(mutex_);
        return written_;
    }
    /// Segments with bytes that may not be durable, the active one included.
    [[nodiscard]] std::size_t unsynced_segments() const {
        const std::scoped_lock lock(mutex_);
        return unsynced_.size();
    }
    /// The end of the last of those that are finished; 0 if there is none.
    [[nodiscard]] lsn_t finished_lsn() const {
        const std::scoped_lock lock(mutex_);
        return unsynced_.size() < 2 ? 0 : unsynced_[unsynced_.size() - 2].end->lsn;
    }

    /// What an fsync policy decides by. What a sync under way will cover is no longer counted as waiting.
    [[nodiscard]] sync_state state(steady_time now) const {
        const std::scoped_lock lock(mutex_);
        return state_locked(now);
    }
    /// Bytes wait in memory since `now`, before they are written; gives the state with them. In one step, so that no sync
    /// that begins meanwhile makes them seem to be covered.
    [[nodiscard]] sync_state gathering(steady_time now) {
        const std::scoped_lock lock(mutex_);
        if (!pending_since_)
            pending_since_ = now;
        return state_locked(now);
    }

    /// Wakes all who wait: something that they look at has changed.
    void notify() {
        const std::scoped_lock lock(mutex_);
        wake();
    }

    /// Counts what notify() would tell of: to be asked before looking, and compared, inside wait(), after.
    [[nodiscard]] std::uint64_t changes() const {
        const std::scoped_lock lock(mutex_);
        return changes_;
    }
    [[nodiscard]] bool changed_since(std::uint64_t seen) const noexcept { return changes_ != seen; }

    /// Blocks until `ready()` is true (called with the lock held; it must not block), a stop is requested or the
    /// deadline passes. Gives ready()'s last answer.
    template<class Ready>
    bool wait(std::stop_token stop, std::optional<steady_time> deadline, Ready ready) {
        const attention here(*this);
        std::unique_lock lock(mutex_);
        return deadline ? changed_.wait_until(lock, std::move(stop), *deadline, ready)
                        : changed_.wait(lock, std::move(stop), ready);
    }

    /// While one lives, everything that is appended is made known at once: to be there before the last look that goes
    /// before a wait.
    class attention {
    public:
        explicit attention(progress& to) noexcept : to_(to) { to_.waiting_.fetch_add(1, std::memory_order_seq_cst); }
        attention(const attention&) = delete;
        ~attention() { to_.waiting_.fetch_sub(1, std::memory_order_release); }

    private:
        progress& to_;
    };
    [[nodiscard]] bool has_attention() const noexcept { return waiting_.load(std::memory_order_seq_cst) > 0; }

private:
    [[nodiscard]] sync_state state_locked(steady_time now) const {
        sync_state s;
        if (pending_since_) {
            s.unsynced_bytes = std::max<std::uint64_t>(1, written_.lsn - durable_lsn_.load(std::memory_order_relaxed));
            s.oldest_unsynced =
                std::max(nanoseconds(0), std::chrono::duration_cast<nanoseconds>(now - *pending_since_));
        }
        return s;
    }

    // With its file, which the segment may lose as soon as all of it is durable: before it is taken off the list.
    struct unsynced {
        segment_ptr where;
        file_ptr file;
        std::optional<point> end{}; // of a segment that is finished
        index_t floor = no_cut;     // the lowest next index that a cut in it gave since it was last submitted
    };
    static constexpr index_t no_cut = UINT64_MAX;

    void wake() {
        ++changes_;
        if (has_attention())
            changed_.notify_all();
    }

    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::atomic<std::uint32_t> waiting_{0};
    std::uint64_t changes_ = 0;
    point written_;
    std::optional<steady_time> pending_since_; // the oldest bytes that no sync has been submitted for
    std::vector<unsynced> unsynced_;           // oldest first
    index_t coming_floor_ = no_cut;            // what will_cut() said, until wrote() tells of it
    std::atomic<lsn_t> durable_lsn_{0};
    std::atomic<index_t> durable_next_{1};
    std::atomic<std::uint64_t> cuts_{0};
};

} // namespace tusk::inline v0
