#pragma once

#include <tusk/core/callable.hpp>
#include <tusk/log/progress.hpp>

namespace tusk::inline v0 {

/// Syncs what is written, one sync at a time for all who ask, and knows when one has failed.
template<backend Backend>
class syncer {
public:
    /// How far the log is.
    [[nodiscard]] progress<Backend>& reached() noexcept { return progress_; }
    [[nodiscard]] const progress<Backend>& reached() const noexcept { return progress_; }

    /// Makes everything below `target`, which is written, durable, and no more than has to be: what is sealed waits for no
    /// sync of what is still written to. Blocks for a sync of each segment concerned; calls at the same time share one.
    /// errc::poisoned after a failed sync, errc::indeterminate if this one fails.
    [[nodiscard]] result<void> sync_to(lsn_t target) noexcept {
        if (progress_.durable_lsn() >= target)
            return success();
        const std::scoped_lock lock(mutex_);
        if (progress_.durable_lsn() >= target)
            return success();
        if (poisoned())
            return errc::poisoned;
        if (closed_)
            return errc::closed;
        // What is covered is fixed before the first sync is submitted: what is written meanwhile waits for the next.
        const auto covered = progress_.submit(target, syncing_);
        for (const auto& file : syncing_) { // in order: nothing in a segment is durable before all of the one before it
            if (const result<void> synced = file->sync(); !synced) {
                syncing_.clear();
                poison();
                return errc::indeterminate;
            }
        }
        count(covered);
        return success();
    }
    /// Likewise, for everything that is written.
    [[nodiscard]] result<void> sync_written() noexcept { return sync_to(progress_.written().lsn); }

    /// True if everything that is written is durable.
    [[nodiscard]] bool all_durable() const noexcept {
        return !poisoned() && progress_.durable_lsn() >= progress_.written().lsn;
    }
    /// What was written last was synced in one step with its writing, when everything before was durable. The writer's.
    void synced_last(const result<void>& outcome) noexcept {
        const std::scoped_lock lock(mutex_);
        if (!outcome)
            return poison();
        if (!poisoned())
            count(progress_.submit(progress_.written().lsn, syncing_));
    }

    /// No file is synced any more, or kept.
    void close() noexcept {
        const std::scoped_lock lock(mutex_);
        closed_ = true;
        progress_.let_go();
    }

    [[nodiscard]] bool poisoned() const noexcept { return poisoned_.load(std::memory_order_acquire); }

    /// Called after each sync that went well; must not block. Set before use.
    void on_durable(callable<void()> f) noexcept { on_durable_ = std::move(f); }

private:
    void count(typename progress<Backend>::point covered) noexcept {
        syncing_.clear();
        progress_.synced(covered);
        if (on_durable_)
            on_durable_();
    }

    // The kernel may believe pages clean that never reached the disk: nothing that is done to these files from now on
    // proves anything, and a second try would report success for what is lost.
    void poison() noexcept {
        poisoned_.store(true, std::memory_order_release);
        progress_.notify();
    }

    progress<Backend> progress_;
    std::mutex mutex_; // of the one who syncs
    std::vector<std::shared_ptr<typename Backend::file>> syncing_;
    bool closed_ = false;
    std::atomic<bool> poisoned_{false};
    callable<void()> on_durable_;
};

} // namespace tusk::inline v0
