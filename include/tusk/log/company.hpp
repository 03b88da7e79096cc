#pragma once

#include <tusk/core/clock.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>

namespace tusk::inline v0 {

/// How many append at the same time, and wait for a sync each. Those whom a sync has woken are back at once, as a rule: a
/// sync that waits for them for a moment is shared by all, where else each group would wait for the other's. Where that
/// was in vain, it is left for a while. expected() may be asked by any; all else is for who leads.
class company {
public:
    /// How many are to be in a group before it is synced; at most 1 if nobody is to be waited for.
    [[nodiscard]] std::uint32_t expected() const noexcept { return expected_.load(std::memory_order_relaxed); }
    /// For how long they are waited for.
    [[nodiscard]] nanoseconds patience() const noexcept { return std::min(last_sync_ / 2, most_patience); }

    /// A group was written and synced for so many, one at least, in this time, while others wait for the next.
    void synced(std::uint32_t told, std::uint32_t waiting, nanoseconds took) noexcept {
        last_sync_ = took;
        if (pause_ > 0)
            --pause_;
        expected_.store(pause_ > 0 ? 1 : std::min(told + waiting, enough), std::memory_order_relaxed);
    }
    /// Whether those who were waited for came in time.
    void waited(bool came) noexcept {
        doubt_ = came ? std::max(doubt_ / 2, 1U) : std::min(2 * doubt_, most_doubt);
        pause_ = came ? 0 : doubt_;
        if (!came)
            expected_.store(1, std::memory_order_relaxed); // until another sync is seen
    }

private:
    static constexpr std::uint32_t enough = 16; // to wait for all of more takes longer than it saves
    static constexpr nanoseconds most_patience = std::chrono::milliseconds(1);
    static constexpr std::uint32_t most_doubt = 256;

    std::atomic<std::uint32_t> expected_{1};
    std::uint32_t doubt_ = 1;
    std::uint32_t pause_ = 0; // for so many syncs, the one under way among them, nobody is waited for again
    nanoseconds last_sync_{0};
};

} // namespace tusk::inline v0
