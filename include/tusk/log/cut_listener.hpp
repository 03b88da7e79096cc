#pragma once

#include <tusk/core/types.hpp>

#include <algorithm>
#include <atomic>
#include <vector>

namespace tusk::inline v0 {

/// A reader's claim to be told of cuts, resets and drops. Changed under the catalog's lock, together with what is there: who
/// finds an entry that took the place of another, finds this changed too.
struct cut_listener {
    static constexpr index_t nothing = UINT64_MAX;
    /// The lowest index that was kept since it last looked.
    std::atomic<index_t> clamp{nothing};
    /// Entries below have been dropped, since it listens.
    std::atomic<index_t> dropped{0};

    /// What was kept, and from now on anew.
    [[nodiscard]] index_t take() noexcept { return clamp.exchange(nothing, std::memory_order_relaxed); }
    [[nodiscard]] bool was_told() const noexcept { return clamp.load(std::memory_order_acquire) != nothing; }
};

/// Those who listen to one log. Guarded by the catalog's lock.
class cut_listeners {
public:
    void add(cut_listener& l) { all_.push_back(&l); }
    void remove(cut_listener& l) { std::erase(all_, &l); }
    /// A cut keeps nothing above `keep`.
    void tell_cut(index_t keep) noexcept {
        for (cut_listener* l : all_)
            l->clamp.store(std::min(l->clamp.load(std::memory_order_relaxed), keep), std::memory_order_release);
    }
    void tell_dropped(index_t first) noexcept {
        for (cut_listener* l : all_)
            l->dropped.store(first, std::memory_order_release);
    }

private:
    std::vector<cut_listener*> all_;
};

} // namespace tusk::inline v0
