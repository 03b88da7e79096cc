#include <tusk/backend/simulated.hpp>

#include "workload_list.hpp"

#include <tusk/compression/none.hpp>
#include <tusk/format/binary.hpp>
#include <tusk/fsync/always.hpp>
#include <tusk/fsync/interval.hpp>
#include <tusk/fsync/never.hpp>

#include <boost/test/unit_test.hpp>

#include <tuple>

namespace {

using namespace crash;
using tusk::disk_loss;
using tusk::simulated_disk;

template<class Policy>
using log_on = tusk::basic_wal<tusk::binary_format, Policy, tusk::simulated_backend, tusk::no_compression>;

using policies = std::tuple<tusk::fsync_always, tusk::fsync_interval, tusk::fsync_never>;

tusk::options small_log() {
    tusk::options o;
    o.segment_size = 4096;
    o.background = tusk::background::inline_(); // every call in one thread: the same calls each time
    return o;
}

const std::vector<disk_loss>& losses() {
    static const std::vector<disk_loss> all{disk_loss::keep_all(),    disk_loss::drop_unsynced(), disk_loss::torn(1),   disk_loss::torn(2),
                                            disk_loss::torn(3),       disk_loss::prefix(1),       disk_loss::prefix(2), disk_loss::prefix(3),
                                            disk_loss::size_first(1)};
    return all;
}

// Opens the log on `disk` and tells the story until the power goes or it ends. True if it ended.
template<class Policy>
bool live(const simulated_disk& disk, const workload<log_on<Policy>>& w, history& past) {
    auto log = log_on<Policy>::open(tusk::simulated_backend(disk), small_log());
    if (!log)
        return false;
    story<log_on<Policy>> s(log.value(), past);
    return w.tell(s);
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
            BOOST_REQUIRE_MESSAGE(step, "found " << found << "\npromised " << past.promised() << "\nlast " << past.now());
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

} // namespace

BOOST_AUTO_TEST_SUITE(crash_power)

BOOST_AUTO_TEST_CASE_TEMPLATE(power_lost_at_any_call_leaves_a_prefix_of_the_history_with_all_that_was_promised, Policy, policies) {
    for (const auto& w : workloads<log_on<Policy>>()) {
        const simulated_disk whole;
        history unhurt;
        BOOST_REQUIRE_MESSAGE(live<Policy>(whole, w, unhurt), w.name);
        for (std::uint64_t call = 1; call <= whole.calls() + 1; ++call) {
            for (std::size_t l = 0; l < losses().size(); ++l) {
                BOOST_TEST_CONTEXT(w.name << ", power lost at call " << call << ", loss " << l) {
                    simulated_disk disk;
                    history past;
                    disk.stop_at(call);
                    (void)live<Policy>(disk, w, past);
                    disk.stop_at(0);
                    disk.power_cycle(losses()[l]);
                    check<Policy>(disk, past);
                }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_process_killed_at_any_call_loses_nothing_that_was_written, Policy, policies) {
    for (const auto& w : workloads<log_on<Policy>>()) {
        const simulated_disk whole;
        history unhurt;
        (void)live<Policy>(whole, w, unhurt);
        for (std::uint64_t call = 1; call <= whole.calls() + 1; ++call) {
            BOOST_TEST_CONTEXT(w.name << ", killed at call " << call) {
                simulated_disk disk;
                history past;
                disk.stop_at(call);
                (void)live<Policy>(disk, w, past);
                disk.kill();
                disk.stop_at(0);
                check<Policy>(disk, past);
            }
        }
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(power_lost_again_while_the_log_is_recovered_changes_nothing, Policy, policies) {
    for (const auto& w : workloads<log_on<Policy>>()) {
        const simulated_disk whole;
        history unhurt;
        (void)live<Policy>(whole, w, unhurt);
        for (std::uint64_t call = 1; call <= whole.calls() + 1; call += 3) {
            for (const std::uint64_t seed : {std::uint64_t{4}, std::uint64_t{5}}) {
                simulated_disk hurt;
                history past;
                hurt.stop_at(call);
                (void)live<Policy>(hurt, w, past);
                hurt.stop_at(0);
                if (seed == 5)
                    hurt.kill(); // what was written is read, and then lost after all
                else
                    hurt.power_cycle(disk_loss::torn(seed));
                const simulated_disk recovered = hurt.copy();
                const std::uint64_t before = recovered.calls();
                (void)log_on<Policy>::open(tusk::simulated_backend(recovered), small_log());
                const std::uint64_t calls = recovered.calls() - before;
                for (std::uint64_t again = 1; again <= calls; ++again) {
                    BOOST_TEST_CONTEXT(w.name << ", power lost at call " << call << ", then at call " << again << " of recovery, seed " << seed) {
                        simulated_disk disk = hurt.copy();
                        disk.stop_at(disk.calls() + again);
                        (void)log_on<Policy>::open(tusk::simulated_backend(disk), small_log());
                        disk.stop_at(0);
                        disk.power_cycle(disk_loss::torn(seed * 100 + again));
                        check<Policy>(disk, past);
                    }
                }
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
