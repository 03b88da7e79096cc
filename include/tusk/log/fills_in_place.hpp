#pragma once

#include <tusk/concept/backend.hpp>
#include <tusk/concept/fsync_policy.hpp>

namespace tusk::inline v0 {

/// Appends are put together in the file itself, which gives windows for that. Not where they wait for their syncs: a store
/// into a page that the last sync has made clean, and then a sync, take longer than one call that writes and syncs.
template<class FsyncPolicy, class Backend>
concept fills_in_place =
    fsync_policy<FsyncPolicy> && gives_window<typename Backend::file> && !FsyncPolicy::append_waits;

} // namespace tusk::inline v0
