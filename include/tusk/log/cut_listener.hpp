#pragma once

#include <tusk/core/types.hpp>

#include <atomic>

namespace tusk::inline v0 {

/// A reader's claim to be told of cuts, resets and drops. Changed under the catalog's lock, together with what is there: who
/// finds an entry that took the place of another, finds this changed too.
struct cut_listener {
    static constexpr index_t nothing = UINT64_MAX;
    /// The lowest index that was kept since it last looked.
    std::atomic<index_t> clamp{nothing};
    /// Entries below have been dropped, since it listens.
    std::atomic<index_t> dropped{0};

    [[nodiscard]] bool was_told() const noexcept { return clamp.load(std::memory_order_acquire) != nothing; }
};

} // namespace tusk::inline v0
