#pragma once

#include <tusk/core/types.hpp>

#include <chrono>
#include <ctime>

namespace tusk::inline v0 {

/// The wall clock, for an entry's timestamp. May jump; nothing is ordered by it.
inline timestamp_t wall_clock() noexcept {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return static_cast<timestamp_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

/// Likewise, in steps of some milliseconds where the system has a clock that is quicker to ask.
inline timestamp_t coarse_wall_clock() noexcept {
#if defined(CLOCK_REALTIME_COARSE)
    std::timespec now{};
    if (::clock_gettime(CLOCK_REALTIME_COARSE, &now) == 0)
        return static_cast<timestamp_t>(now.tv_sec) * 1'000'000'000U + static_cast<timestamp_t>(now.tv_nsec);
#endif
    return wall_clock();
}

using steady_clock = std::chrono::steady_clock;
using steady_time = steady_clock::time_point;
using nanoseconds = std::chrono::nanoseconds;

} // namespace tusk::inline v0
