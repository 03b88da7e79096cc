#pragma once

#include <tusk/concept/fsync_policy.hpp>

#include <algorithm>

namespace tusk::inline v0 {

/// An append returns when its entry is on stable storage. At risk: nothing that was acknowledged. Appends at the same
/// time share one sync. The default.
struct fsync_always {
    static constexpr bool append_waits = true;

    /// How long a sync may wait for more appends to share it. With 0, those come together that arrive during the sync
    /// before, and up to 16 of those whom it told, if they are back within half its time, and 1 ms: the more come, the
    /// more share, and who appends alone waits for nobody. Best for nearly everybody. Longer saves syncs on a disk that is
    /// worn or billed by them, and adds as much to the time of each append.
    nanoseconds gather{0};

    [[nodiscard]] nanoseconds due_in(const sync_state& state) const noexcept {
        if (state.unsynced_bytes == 0 && state.waiters == 0)
            return never_due;
        return std::max(nanoseconds(0), gather - state.oldest_unsynced);
    }
};

} // namespace tusk::inline v0
