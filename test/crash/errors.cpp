#include "expect.hpp"
#include "fault_sweep.hpp"

#include <iostream>

namespace crash_errors {

using namespace crash;

constexpr std::size_t share = is_slow ? 12 : 3;

// So that a sweep cannot grow smaller unseen: prints what was looked at, and fails if it was less than so many lives.
void expect_at_least(std::uint64_t lives, const lives_with_faults& counts) {
    std::cout << counts << std::endl;
    if (!is_slow)
        BOOST_TEST(counts.all >= lives);
    BOOST_TEST(counts.closed > 0U);
    BOOST_TEST(counts.poisoned > 0U);
    BOOST_TEST(counts.went_on > 0U);
}

} // namespace crash_errors

BOOST_AUTO_TEST_SUITE(crash_errors)

BOOST_AUTO_TEST_CASE_TEMPLATE(whatever_call_of_the_disk_fails_in_a_call_nothing_is_lost_that_was_promised, Policy,
                              policies) {
    lives_with_faults lives = sweep<log_on<Policy>>(all_faults(), {}, two_segments());
    for (const call& c : alphabet())
        lives += sweep<log_on<Policy>>(all_faults(), two_segments(), {c});
    expect_at_least(4'500, lives);
}

// Every story under every setting, and every fault under every setting: of the faults a third, another one each time.
BOOST_AUTO_TEST_CASE_TEMPLATE(whatever_call_of_the_disk_fails_in_a_story_nothing_is_lost_that_was_promised, Policy,
                              policies) {
    lives_with_faults lives;
    const auto where = settings_for<Policy>();
    for (std::size_t w = 0; w < where.size(); ++w)
        for (std::size_t i = 0; i < stories().size(); ++i)
            lives += sweep<log_on<Policy>>(every_nth(some_faults(), w == 0 ? 1 : share, i + w), {}, stories()[i].calls,
                                           *where[w]);
    expect_at_least(18'000, lives);
}

// An open fails in any of its calls, or does without it. The next one finds all that was promised, and all that was served.
BOOST_AUTO_TEST_CASE_TEMPLATE(whatever_call_of_the_disk_fails_in_a_recovery_the_next_one_loses_nothing, Policy,
                              policies) {
    using log_type = log_on<Policy>;
    std::uint64_t recoveries = 0;
    std::uint64_t refused = 0;
    tusk::disk_dice dice(1);
    for (const named_story& s : stories()) {
        log_subject<log_type> subject(s.calls, plain);
        const simulated_disk whole;
        std::vector<std::pair<simulated_disk, history::mark>> points;
        simulated_disk(whole).watch([&](const simulated_disk& cut) { points.emplace_back(cut, subject.now()); });
        subject.live(whole);
        for (int sample = 0; sample < 3; ++sample) {
            const auto& [hurt, promised] = points[dice.below(points.size())];
            const disk_loss loss = disk_loss::torn(dice());
            for (disk_fault f : all_faults())
                for (bool more = true; more; ++f.nth)
                    BOOST_TEST_CONTEXT(s.name << ", cut at call " << hurt.calls() << ", " << loss.text() << ", then "
                                              << text(f, f.nth)) {
                        simulated_disk disk = hurt.copy();
                        disk.power_cycle(loss);
                        history::mark mark = promised;
                        mark.lose_power();
                        const std::uint64_t first = disk.count(f.on);
                        disk.fail(f);
                        {
                            auto log = log_type::open(tusk::simulated_backend(disk), small_log());
                            refused += log ? 0U : 1U;
                            more = disk.count(f.on) - first >= f.nth;
                            disk.heal();
                            if (log)
                                BOOST_REQUIRE(mark.serve(read_all(log.value()).value()));
                            disk.kill();
                        }
                        ++recoveries;
                        check_both_ends<log_type>(disk, mark, f.nth);
                    }
        }
    }
    std::cout << recoveries << " recoveries with a fault, " << refused << " of them refused" << std::endl;
    BOOST_TEST(refused > 1000U);
}

BOOST_AUTO_TEST_SUITE_END()
