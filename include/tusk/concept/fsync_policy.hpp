#pragma once

#include <tusk/core/clock.hpp>

#include <concepts>
#include <cstdint>

namespace tusk::inline v0 {

/// What an fsync policy decides by.
struct sync_state {
    std::uint64_t unsynced_bytes = 0; ///< written and not yet durable
    nanoseconds oldest_unsynced{0};   ///< how long the oldest of those has waited; 0 if there are none
    std::uint32_t waiters = 0;        ///< appends that wait for the next sync
};

/// When the log syncs. One function, asked after each write and whenever the time it last gave is over.
template<class P>
concept fsync_policy = std::copyable<P> && requires(const P policy, const sync_state& state) {
    requires std::same_as<const bool, decltype(P::append_waits)>;
    { policy.due_in(state) } noexcept -> std::same_as<nanoseconds>;
};

/// What due_in() answers for "not before something else changes".
inline constexpr nanoseconds never_due = nanoseconds::max();

/// A refinement: a policy whose every answer is never_due may say so with `static constexpr bool never_syncs = true`. Then
/// it is not asked, nobody looks at the clock for it, and nothing is kept from backends that write in place: README.md has
/// what that means.
template<class P>
concept never_syncing = fsync_policy<P> && !P::append_waits && requires { requires P::never_syncs; };

} // namespace tusk::inline v0
