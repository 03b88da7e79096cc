#include <tusk/backend/simulated.hpp>

#include "power_disk.hpp"

#include <set>

namespace crash_power {

using namespace crash;

// What becomes of what no sync covers: the usual losses, and every subset of a few changes, or some subsets of many.
std::vector<disk_loss> losses(std::size_t unsynced, std::uint64_t seed) {
    std::vector<disk_loss> all{disk_loss::keep_all(), disk_loss::drop_unsynced(), disk_loss::size_first(seed)};
    for (std::uint64_t i = 0; i < 2; ++i) {
        all.push_back(disk_loss::torn(seed + i));
        all.push_back(disk_loss::prefix(seed + i));
    }
    if (unsynced <= 4) {
        for (std::uint64_t bits = 1; bits + 1 < std::uint64_t{1} << unsynced; ++bits)
            all.push_back(disk_loss::subset(bits));
    } else {
        tusk::disk_dice dice(seed);
        for (int i = 0; i < 4; ++i)
            all.push_back(disk_loss::subset(dice()));
    }
    return all;
}

// The calls that a story makes when nothing goes wrong.
template<class Policy>
std::uint64_t calls_of(const workload<log_on<Policy>>& w, const setting& how) {
    const simulated_disk whole;
    history unhurt;
    const bool told = live<Policy>(whole, w, how, unhurt);
    BOOST_REQUIRE_MESSAGE(told || how.options().max_segments != 0, w.name << ", " << how.name);
    return whole.calls();
}

} // namespace crash_power

BOOST_AUTO_TEST_SUITE(crash_power)

BOOST_AUTO_TEST_CASE_TEMPLATE(power_lost_at_any_call_leaves_a_prefix_of_the_history_with_all_that_was_promised, Policy,
                              policies) {
    for_each_setting<Policy>([](const setting& how) {
        for (const auto& w : workloads<log_on<Policy>>()) {
            const std::uint64_t calls = calls_of<Policy>(w, how);
            for (std::uint64_t call = 1; call <= calls + 1; ++call) {
                simulated_disk hurt;
                history past;
                hurt.stop_at(call);
                (void)live<Policy>(hurt, w, how, past);
                hurt.stop_at(0);
                std::set<std::uint64_t> seen;
                const std::vector<disk_loss> all = losses(hurt.unsynced(), call);
                for (std::size_t l = 0; l < all.size(); ++l) {
                    BOOST_TEST_CONTEXT(w.name << ", " << how.name << ", power lost at call " << call << ", loss "
                                              << l) {
                        simulated_disk disk = hurt.copy();
                        disk.power_cycle(all[l]);
                        if (seen.insert(disk.hash()).second)
                            check<Policy>(disk, past);
                    }
                }
            }
        }
    });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_process_killed_at_any_call_loses_nothing_that_was_written, Policy, policies) {
    for_each_setting<Policy>([](const setting& how) {
        for (const auto& w : workloads<log_on<Policy>>()) {
            const std::uint64_t calls = calls_of<Policy>(w, how);
            for (std::uint64_t call = 1; call <= calls + 1; ++call) {
                BOOST_TEST_CONTEXT(w.name << ", " << how.name << ", killed at call " << call) {
                    simulated_disk disk;
                    history past;
                    disk.stop_at(call);
                    (void)live<Policy>(disk, w, how, past);
                    disk.kill();
                    past.kill();
                    disk.stop_at(0);
                    check<Policy>(disk, past);
                }
            }
        }
    });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(power_lost_again_while_the_log_is_recovered_changes_nothing, Policy, policies) {
    for_each_setting<Policy>([](const setting& how) {
        for (const auto& w : workloads<log_on<Policy>>()) {
            const std::uint64_t all = calls_of<Policy>(w, how);
            const std::uint64_t step = &how == &settings().front() ? 3 : 11;
            for (std::uint64_t call = 1 + all % step; call <= all + 1; call += step) {
                for (const std::uint64_t seed : {std::uint64_t{4}, std::uint64_t{5}}) {
                    simulated_disk hurt;
                    history past;
                    hurt.stop_at(call);
                    (void)live<Policy>(hurt, w, how, past);
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
                        BOOST_TEST_CONTEXT(w.name << ", " << how.name << ", power lost at call " << call
                                                  << ", then at call " << again << " of recovery, seed " << seed) {
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
    });
}

BOOST_AUTO_TEST_SUITE_END()
