#pragma once

#include <tusk/concept/fsync_policy.hpp>

namespace tusk::inline v0 {

/// An append returns when its entry is with the operating system, which writes it to the disk when it likes: on Linux
/// mostly within half a minute. At risk when the power fails or the system crashes: all since then, though never more
/// than two segments and the one being written. When only the program dies: nothing. What is left is always a prefix of
/// the history. For what can be made anew, and for callers who call sync() where it counts.
struct fsync_never {
    static constexpr bool append_waits = false;
    static constexpr bool never_syncs = true;

    [[nodiscard]] nanoseconds due_in(const sync_state&) const noexcept { return never_due; }
};

} // namespace tusk::inline v0
