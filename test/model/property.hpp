#pragma once

#include "life.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <sstream>

namespace model {

/// Hears of each story, and has nothing to say.
class unheard final : public rc::detail::TestListener {
public:
    void onTestCaseFinished(const rc::detail::CaseDescription&) override {}
    void onShrinkTried(const rc::detail::CaseDescription&, bool) override {}
    void onTestFinished(const rc::detail::TestMetadata&, const rc::detail::TestResult&) override {}
};

/// Tells random stories to a log and to its model until they differ, and then as short a story as can be found. RC_PARAMS
/// says how many and from which seed, as in RC_PARAMS="seed=7 max_success=100000".
template<class FsyncPolicy>
void a_log_does_what_its_model_does() {
    rc::detail::Configuration wanted;
    wanted.testParams.seed = 2024;
    wanted.testParams.maxSuccess = 1000;
    if (const char* const given = std::getenv("RC_PARAMS"))
        wanted = rc::detail::configFromString(given, wanted);
    std::uint64_t calls = 0;
    unheard silence;
    const auto outcome = rc::detail::checkTestable(
        [&](const setting& how, const std::vector<call>& story) {
            life<FsyncPolicy> both(how);
            for (const call& k : story) {
                ++calls;
                both.make(k);
            }
            both.end();
        },
        rc::detail::TestMetadata(), wanted.testParams, silence,
        std::unordered_map<std::string, rc::detail::Reproduce>());
    BOOST_TEST_MESSAGE("seed=" << wanted.testParams.seed << " max_success=" << wanted.testParams.maxSuccess << ": "
                               << calls << " calls");
    std::ostringstream words;
    rc::detail::printResultMessage(outcome, words);
    BOOST_TEST(outcome.template is<rc::detail::SuccessResult>(),
               "seed " << wanted.testParams.seed << ": " << words.str());
}

} // namespace model
