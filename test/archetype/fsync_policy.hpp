#pragma once

#include <tusk/concept/fsync_policy.hpp>

namespace archetype {

/// An fsync policy that has what the concept asks for and nothing else.
class bare_fsync_policy {
public:
    static constexpr bool append_waits = true;

    /// Syncs at once if there is something to sync.
    explicit bare_fsync_policy(tusk::nanoseconds at_once) noexcept : at_once_(at_once) {}

    tusk::nanoseconds due_in(const tusk::sync_state& state) const noexcept {
        return state.unsynced_bytes == 0 && state.waiters == 0 ? tusk::never_due : at_once_;
    }

private:
    tusk::nanoseconds at_once_;
};

static_assert(tusk::fsync_policy<bare_fsync_policy>);
static_assert(!std::default_initializable<bare_fsync_policy>);

} // namespace archetype
