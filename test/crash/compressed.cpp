#include <tusk/compression/lz4.hpp>
#include <tusk/compression/zstd.hpp>

#include "any_format.hpp"

namespace crash_compressed {

using namespace tusk;

using logs = std::tuple<crash::log_on<fsync_always, binary_format, lz4_compression>,
                        crash::log_on<fsync_interval, binary_format, zstd_compression>>;

} // namespace crash_compressed

BOOST_AUTO_TEST_SUITE(crash_compressed)

BOOST_AUTO_TEST_CASE_TEMPLATE(what_was_promised_survives_all_crashes, Log, logs) {
    crash::survive_all_crashes<Log>(4'000);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_call_that_fails_once_or_for_good_loses_nothing_that_was_promised, Log, logs) {
    crash::survive_failing_calls<Log>();
}

BOOST_AUTO_TEST_SUITE_END()
