#pragma once

#include <tusk/core/types.hpp>

#include <chrono>

namespace tusk::inline v0 {

/// The wall clock, for an entry's timestamp. May jump; nothing is ordered by it.
inline timestamp_t wall_clock() noexcept {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<timestamp_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

using steady_clock = std::chrono::steady_clock;
using steady_time = steady_clock::time_point;
using nanoseconds = std::chrono::nanoseconds;

} // namespace tusk::inline v0
