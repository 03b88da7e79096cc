#pragma once

#include "expect.hpp"

namespace crash {

/// All workloads of one and two calls, and so many of three and four under all settings, survive all crashes.
template<class Log>
void survive_short_lives(const tusk::crash_search& how, const setting& usual, std::size_t longer,
                         std::uint64_t images) {
    exploration explore(how);
    for (const workload& calls : all_short_workloads())
        expect_to_survive<Log>(explore, calls, usual);
    tusk::disk_dice dice(how.seed);
    const auto where = settings_for<typename Log::fsync_type>();
    for (std::size_t i = 0; i < (is_slow ? longer / 10 : longer); ++i)
        expect_to_survive<Log>(explore, any_workload(3 + i % 2, dice), *where[i % where.size()]);
    expect_at_least(images, explore.counts());
}

} // namespace crash
