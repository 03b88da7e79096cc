#include <tusk/prove/crash_prover.hpp>

#include "log_subject.hpp"

namespace crash_exploring {

using namespace crash;

// All workloads of one and two calls, and some of three and four, behind a log that has two segments.
std::vector<std::vector<call>> all_workloads(std::size_t longer, std::uint64_t seed) {
    using enum call::verb;
    const std::vector<call>& letters = alphabet();
    std::vector<std::vector<call>> all;
    for (const call& first : letters) {
        all.push_back({first});
        for (const call& second : letters)
            all.push_back({first, second});
    }
    tusk::disk_dice dice(seed);
    for (std::size_t i = 0; i < longer; ++i) {
        std::vector<call> some;
        for (std::size_t n = 3 + i % 2; n > 0; --n)
            some.push_back(letters[dice.below(letters.size())]);
        all.push_back(std::move(some));
    }
    for (auto& w : all)
        w.insert(w.begin(), {{.what = batch, .count = 4, .size = 700}, {.what = append, .size = 20}});
    return all;
}

} // namespace crash_exploring

BOOST_AUTO_TEST_SUITE(crash_exploring)

BOOST_AUTO_TEST_CASE_TEMPLATE(short_lives_survive_all_crashes, Policy, policies) {
    const tusk::crash_search search;
    tusk::crash_prover prove(search);
    for (const auto& calls : all_workloads(60, 1))
        if (const auto found = find_violation<log_on<Policy>>(prove, calls, plain, search))
            BOOST_FAIL(*found);
    BOOST_TEST_MESSAGE(prove.counts());
    std::cout << prove.counts() << std::endl;
}

BOOST_AUTO_TEST_SUITE_END()
