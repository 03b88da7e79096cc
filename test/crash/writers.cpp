#include <tusk/prove/crash_prover.hpp>

#include "writers_subject.hpp"

#include <boost/test/unit_test.hpp>

namespace crash_writers {

using namespace crash;

template<class Policy>
void prove(const typename writers_subject<log_on<Policy>>::plan& plan, const tusk::crash_search& search,
           tusk::crash_counts& counts) {
    writers_subject<log_on<Policy>> subject(plan);
    tusk::crash_prover prover(search);
    if (const auto found = prover(subject))
        BOOST_ERROR(*found);
    counts += prover.counts();
}

} // namespace crash_writers

BOOST_AUTO_TEST_SUITE(crash_writers)

BOOST_AUTO_TEST_CASE_TEMPLATE(what_several_threads_were_told_is_there_after_every_crash, Policy, policies) {
    tusk::crash_counts counts;
    for (std::uint64_t round = 1; round <= 40; ++round)
        prove<Policy>({.writers = 2 + static_cast<unsigned>(round % 3)},
                      {.seed = round, .exhaustive = 4, .samples = 1, .nested_in = 64}, counts);
    BOOST_TEST_MESSAGE(counts);
    BOOST_TEST(counts.distinct > 1000U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(nobody_is_told_of_what_a_failed_call_has_lost, Policy, policies) {
    tusk::crash_counts counts;
    for (const tusk::disk_call on : {tusk::disk_call::sync, tusk::disk_call::write})
        for (std::uint64_t nth = 1; nth <= 12; ++nth)
            for (const bool sticky : {false, true})
                for (const std::size_t written : {std::size_t{0}, std::size_t{300}, std::size_t{4096}}) {
                    const int error = on == tusk::disk_call::sync ? EIO : ENOSPC;
                    BOOST_TEST_CONTEXT("call of kind " << static_cast<int>(on) << " number " << nth << " fails"
                                                       << (sticky ? " for good, " : ", ") << written
                                                       << " bytes written")
                    prove<Policy>({.fault =
                                       tusk::disk_fault{
                                           .on = on, .nth = nth, .error = error, .sticky = sticky, .written = written}},
                                  {.exhaustive = 2, .samples = 1, .nested_in = 0}, counts);
                }
    BOOST_TEST_MESSAGE(counts);
    BOOST_TEST(counts.distinct > 1000U);
}

BOOST_AUTO_TEST_SUITE_END()
