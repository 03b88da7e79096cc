#include <tusk/backend/simulated.hpp>

#include "power_disk.hpp"

namespace {

using namespace crash;

const std::vector<disk_loss>& losses() {
    static const std::vector<disk_loss> all{
        disk_loss::keep_all(), disk_loss::drop_unsynced(), disk_loss::torn(1),
        disk_loss::torn(2),    disk_loss::torn(3),         disk_loss::prefix(1),
        disk_loss::prefix(2),  disk_loss::prefix(3),       disk_loss::size_first(1)};
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

} // namespace

BOOST_AUTO_TEST_SUITE(crash_power)

BOOST_AUTO_TEST_CASE_TEMPLATE(power_lost_at_any_call_leaves_a_prefix_of_the_history_with_all_that_was_promised, Policy,
                              policies) {
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
                    BOOST_TEST_CONTEXT(w.name << ", power lost at call " << call << ", then at call " << again
                                              << " of recovery, seed " << seed) {
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
