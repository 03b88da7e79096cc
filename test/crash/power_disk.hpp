#pragma once

#include "workload_list.hpp"

#include <tusk/backend/simulated.hpp>
#include <tusk/compression/none.hpp>
#include <tusk/format/binary.hpp>
#include <tusk/fsync/always.hpp>
#include <tusk/fsync/interval.hpp>
#include <tusk/fsync/never.hpp>

#include <boost/test/unit_test.hpp>

#include <tuple>

namespace crash {

using tusk::disk_loss;
using tusk::simulated_disk;

template<class Policy>
using log_on = tusk::basic_wal<tusk::binary_format, Policy, tusk::simulated_backend, tusk::no_compression>;

using policies = std::tuple<tusk::fsync_always, tusk::fsync_interval, tusk::fsync_never>;

inline tusk::options small_log() {
    tusk::options o;
    o.segment_size = 4096;
    o.background = tusk::background::inline_(); // every call in one thread: the same calls each time
    return o;
}

template<class Result>
std::string why(const Result& r) {
    return r ? "fine" : r.error().message();
}

// What was promised is there, and nothing else than a step of history; it stays so when it is opened again, when the
// power goes right after, and when the log goes on. Gives the step.
template<class Policy>
std::optional<std::size_t> check(simulated_disk disk, const history& past) {
    using log_type = log_on<Policy>;
    std::optional<std::size_t> step;
    contents found;
    for (int round = 0; round < 3; ++round) {
        tusk::recovery_report report;
        auto log = log_type::open(tusk::simulated_backend(disk), small_log(), &report);
        BOOST_REQUIRE_MESSAGE(log, why(log) << ": " << report.message);
        const auto now = read_all(log.value());
        BOOST_REQUIRE_MESSAGE(now, why(now));
        if (round == 0) {
            found = now.value();
            step = past.find(found);
            BOOST_REQUIRE_MESSAGE(step,
                                  "found " << found << "\npromised " << past.promised() << "\nlast " << past.now());
        }
        BOOST_REQUIRE_EQUAL(found, now.value());
        BOOST_REQUIRE_MESSAGE(round == 0 || !report.repaired, "open number " << round + 1 << " repaired something");
        BOOST_REQUIRE(log.value().verify().value().sound());
        if (round == 0)
            disk.kill();
        else
            disk.power_cycle(disk_loss::drop_unsynced()); // what was served survives
    }
    auto log = log_type::open(tusk::simulated_backend(disk), small_log());
    BOOST_REQUIRE(log);
    BOOST_REQUIRE_EQUAL(log.value().append("afterwards", {.wait = tusk::durability::durable}).value(), found.next());
    BOOST_REQUIRE(log.value().close());
    found.items.push_back({found.last_term(), "afterwards"});
    auto last = log_type::open(tusk::simulated_backend(disk), small_log());
    BOOST_REQUIRE(last);
    BOOST_REQUIRE_EQUAL(found, read_all(last.value()).value());
    return step;
}

} // namespace crash
