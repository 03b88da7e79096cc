#pragma once

#include "latencies.hpp"
#include "machine_use.hpp"
#include "payloads.hpp"

#include <algorithm>
#include <chrono>
#include <concepts>
#include <future>
#include <latch>
#include <vector>

namespace bench {

using clock = std::chrono::steady_clock;

/// What the threads of a run did together.
struct outcome {
    tally appended;
    double seconds = 0; ///< from the start signal to the end of the last append
    latencies times;
    double used_by_others = 0; ///< per cent of the processors meanwhile
};

/// Who appends, and until when.
struct entrants {
    unsigned threads = 1;
    unsigned group = 1; ///< records that a thread appends at a time
    std::chrono::nanoseconds time{};
    std::uint64_t most_each = UINT64_MAX; ///< records of one thread
    unsigned timed = 1; ///< one call of so many is timed: a look at the clock costs as much as a quick append
};

/// Lets threads call `append(first)`, or `append(first, thread)`, for a group of records, the payloads from `first` on,
/// until the time is over or it gives false, having appended nothing. Throws what `append` throws.
template<class Append>
outcome race(const payloads& records, const entrants& who, Append append) {
    struct share {
        std::uint64_t first = 0;
        std::uint64_t appends = 0;
        clock::time_point end;
        latencies times;
    };
    std::latch ready(who.threads);
    std::latch go(1);
    clock::time_point start;
    const auto run = [&](unsigned number) {
        share mine;
        mine.first = number * records.count() / who.threads;
        const auto call = [&] {
            bool more = false;
            if constexpr (std::invocable<Append&, std::uint64_t, unsigned>)
                more = append(mine.first + mine.appends, number);
            else
                more = append(mine.first + mine.appends);
            mine.appends += more ? who.group : 0;
            return more && mine.appends < who.most_each;
        };
        ready.count_down();
        go.wait();
        bool more = true;
        mine.end = clock::now();
        do {
            const clock::time_point before = mine.end;
            const std::uint64_t appends = mine.appends;
            more = call();
            mine.end = clock::now();
            if (mine.appends > appends)
                mine.times.add(mine.end - before, who.group);
            if (who.timed > 1) {
                for (unsigned i = 1; more && i < who.timed; ++i)
                    more = call();
                mine.end = clock::now();
            }
        } while (more && mine.end - start < who.time);
        return mine;
    };
    std::vector<std::future<share>> running;
    for (unsigned i = 0; i < who.threads; ++i)
        running.push_back(std::async(std::launch::async, run, i));
    ready.wait();
    const machine_use use;
    start = clock::now();
    go.count_down();

    outcome all;
    for (std::future<share>& f : running) {
        const share one = f.get();
        all.appended += records.of(one.first, one.appends);
        all.times.merge(one.times);
        if (one.appends > 0)
            all.seconds = std::max(all.seconds, std::chrono::duration<double>(one.end - start).count());
    }
    all.used_by_others = use.by_others();
    return all;
}

} // namespace bench
