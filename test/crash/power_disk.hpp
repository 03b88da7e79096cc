#pragma once

#include "workload_list.hpp"

#include <tusk/backend/simulated.hpp>
#include <tusk/compression/none.hpp>
#include <tusk/format/binary.hpp>
#include <tusk/fsync/always.hpp>
#include <tusk/fsync/interval.hpp>
#include <tusk/fsync/never.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <tuple>

namespace crash {

using tusk::disk_loss;
using tusk::simulated_disk;

template<class Policy, class Format = tusk::binary_format, class Compression = tusk::no_compression>
using log_on = tusk::basic_wal<Format, Policy, tusk::simulated_backend, Compression>;

using policies = std::tuple<tusk::fsync_always, tusk::fsync_interval, tusk::fsync_never>;

inline tusk::options small_log() {
    tusk::options o;
    o.segment_size = 4096;
    o.background = tusk::background::inline_(); // every call in one thread: the same calls each time
    return o;
}

/// Options under which the stories are told.
struct setting {
    const char* name;
    bool for_lazy_policies_alone = false;
    bool in_background = false;
    void (*change)(tusk::options&) = nullptr;

    [[nodiscard]] tusk::options options() const {
        tusk::options o = small_log();
        o.witness_interval = std::chrono::hours(1); // else its calls would come whenever they like
        if (in_background)
            o.background = tusk::background::own(1);
        if (change != nullptr)
            change(o);
        return o;
    }
};

inline const setting plain{"plain"};

inline const std::vector<setting>& settings() {
    using tusk::options;
    static const std::vector<setting> all{
        plain,
        {"two spare segments", false, true, [](options& o) { o.spare_segments = 2; }},
        {"a write buffer", true, false, [](options& o) { o.write_buffer = 4096; }},
        {"syncs aligned to 512", false, false, [](options& o) { o.sync_alignment = 512; }},
        {"syncs aligned to 4096", false, false,
         [](options& o) {
             o.sync_alignment = 4096;
             o.segment_size = 16384;
         }},
        {"three segments at most", false, false,
         [](options& o) {
             o.max_segments = 3;
             o.at_limit = tusk::limit_policy::drop_oldest;
         }},
        {"three segments at most, one of them spare", false, true,
         [](options& o) {
             o.max_segments = 3;
             o.at_limit = tusk::limit_policy::drop_oldest;
             o.spare_segments = 1;
         }},
        {"a write buffer, spare segments, syncs aligned to 512", true, true,
         [](options& o) {
             o.write_buffer = 2048;
             o.spare_segments = 1;
             o.sync_alignment = 512;
         }},
        {"witnesses at any time", false, true, [](options& o) { o.witness_interval = tusk::nanoseconds(0); }},
    };
    return all;
}

/// Calls `f` with every setting that makes sense for the policy.
template<class Policy, class F>
void for_each_setting(F&& f) {
    for (const setting& s : settings())
        if (!s.for_lazy_policies_alone || !Policy::append_waits)
            f(s);
}

/// Blocks until everything that was to be done at once on the only thread of `where` is done: what is asked for behind it
/// runs behind it, and may have asked for more.
inline void rest(const tusk::background& where) {
    if (where.is_inline())
        return;
    for (int round = 0; round < 3; ++round) {
        std::atomic<bool> done{false};
        tusk::background_task last(where, [&] {
            done = true;
            done.notify_one();
        });
        (void)last.schedule(tusk::nanoseconds(0));
        done.wait(false);
    }
}

// Opens the log on `disk` and tells the story until the power goes or it ends. True if it ended. What is left of the log
// goes to `and_then` before it is destroyed.
template<class Log, class AndThen>
bool live_as(const simulated_disk& disk, const workload<Log>& w, const setting& how, history& past,
             AndThen&& and_then) {
    const tusk::options o = how.options();
    const auto open = [&] { return Log::open(tusk::simulated_backend(disk), o); };
    auto log = open();
    if (!log)
        return false;
    story<Log> s(log.value(), past, open, [&] { rest(o.background); });
    const bool told = w.tell(s);
    rest(o.background);
    and_then(log.value(), told);
    return told;
}
template<class Log>
bool live_as(const simulated_disk& disk, const workload<Log>& w, const setting& how, history& past) {
    return live_as<Log>(disk, w, how, past, [](auto&, bool) {});
}
template<class Policy, class... AndThen>
bool live(const simulated_disk& disk, const workload<log_on<Policy>>& w, const setting& how, history& past,
          AndThen&&... and_then) {
    return live_as<log_on<Policy>>(disk, w, how, past, std::forward<AndThen>(and_then)...);
}

template<class Result>
std::string why(const Result& r) {
    return r ? "fine" : r.error().message();
}

// What was promised is there, and nothing else than a step of history; it stays so when it is opened again, when the
// power goes right after, and when the log goes on. Gives the step.
template<class Log>
std::optional<std::size_t> check_as(simulated_disk disk, const history& past) {
    std::optional<std::size_t> step;
    contents found;
    for (int round = 0; round < 3; ++round) {
        tusk::recovery_report report;
        auto log = Log::open(tusk::simulated_backend(disk), small_log(), &report);
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
    auto log = Log::open(tusk::simulated_backend(disk), small_log());
    BOOST_REQUIRE(log);
    BOOST_REQUIRE_EQUAL(log.value().append("afterwards", {.wait = tusk::durability::durable}).value(), found.next());
    BOOST_REQUIRE(log.value().close());
    found.items.push_back({found.last_term(), "afterwards"});
    auto last = Log::open(tusk::simulated_backend(disk), small_log());
    BOOST_REQUIRE(last);
    BOOST_REQUIRE_EQUAL(found, read_all(last.value()).value());
    return step;
}
template<class Policy>
std::optional<std::size_t> check(const simulated_disk& disk, const history& past) {
    return check_as<log_on<Policy>>(disk, past);
}

} // namespace crash
