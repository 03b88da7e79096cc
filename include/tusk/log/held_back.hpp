#pragma once

#include <tusk/core/types.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>

namespace tusk::inline v0 {

/// Counts the frames that were acknowledged before anybody wrote them, or groups in which that may happen at any time, and
/// how many of those are written for certain.
/// Any number of threads.
class held_back {
public:
    static constexpr index_t no_cut = UINT64_MAX;

    /// One more is held back. If it is a cut, `next` is the index that it gives to the next entry.
    void add(index_t next = no_cut) noexcept {
        if (next == no_cut) {
            count_.fetch_add(1, std::memory_order_seq_cst);
            return;
        }
        const std::scoped_lock lock(mutex_);
        lowest_ = std::min(lowest_cut_locked(), next);
        cut_ = count_.fetch_add(1, std::memory_order_seq_cst) + 1;
    }

    // Against who adds, and then looks who waits: one of the two sees the other.
    [[nodiscard]] std::uint64_t count() const noexcept { return count_.load(std::memory_order_seq_cst); }
    [[nodiscard]] bool any() const noexcept { return written_.load(std::memory_order_acquire) < count(); }
    /// The first so many are written.
    void written(std::uint64_t count) noexcept {
        for (std::uint64_t seen = written_.load(std::memory_order_relaxed); seen < count;)
            if (written_.compare_exchange_weak(seen, count, std::memory_order_release, std::memory_order_relaxed))
                break;
    }
    /// The lowest index that a cut among those that are not written gave to the next entry, or no_cut.
    [[nodiscard]] index_t lowest_cut() const noexcept {
        const std::scoped_lock lock(mutex_);
        return lowest_cut_locked();
    }

private:
    [[nodiscard]] index_t lowest_cut_locked() const noexcept {
        return written_.load(std::memory_order_acquire) < cut_ ? lowest_ : no_cut;
    }

    std::atomic<std::uint64_t> count_{0};
    std::atomic<std::uint64_t> written_{0};
    mutable std::mutex mutex_;
    std::uint64_t cut_ = 0; // the number of the last cut
    index_t lowest_ = no_cut;
};

} // namespace tusk::inline v0
