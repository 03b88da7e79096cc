#pragma once

#include <tusk/concept/fsync_policy.hpp>

#include <algorithm>

namespace tusk::inline v0 {

/// An append returns when its entry is with the operating system, which syncs it within a window. At risk when the power
/// fails or the system crashes: the entries of the last window plus one sync; appends wait rather than break that. When
/// only the program dies: nothing. What is left is always a prefix of the history.
struct fsync_interval {
    static constexpr bool append_waits = false;

    /// How long an entry may wait for its sync. 10 ms are at most a hundred syncs a second, which every disk that is
    /// not a slow one can do beside its other work, and a loss that few clients have yet been told about.
    nanoseconds window = std::chrono::milliseconds(10);

    [[nodiscard]] nanoseconds due_in(const sync_state& state) const noexcept {
        if (state.unsynced_bytes == 0)
            return never_due;
        return std::max(nanoseconds(0), window - state.oldest_unsynced);
    }
};

} // namespace tusk::inline v0
