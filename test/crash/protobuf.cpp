#include <tusk/compression/lz4.hpp>
#include <tusk/compression/zstd.hpp>
#include <tusk/format/protobuf.hpp>

#include "any_format.hpp"

namespace crash_protobuf {

using namespace tusk;

using logs = std::tuple<crash::log_on<fsync_always, protobuf_format, zstd_compression>,
                        crash::log_on<fsync_interval, protobuf_format, no_compression>,
                        crash::log_on<fsync_never, protobuf_format, lz4_compression>>;

} // namespace crash_protobuf

BOOST_AUTO_TEST_SUITE(crash_protobuf)

BOOST_AUTO_TEST_CASE_TEMPLATE(power_lost_at_any_call_leaves_a_prefix_of_the_history_with_all_that_was_promised, Log,
                              logs) {
    crash::power_lost_at_any_call_leaves_a_prefix_of_the_history_with_all_that_was_promised<Log>();
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_process_killed_at_any_call_loses_nothing_that_was_written, Log, logs) {
    crash::a_process_killed_at_any_call_loses_nothing_that_was_written<Log>();
}

BOOST_AUTO_TEST_CASE_TEMPLATE(power_lost_again_while_the_log_is_recovered_changes_nothing, Log, logs) {
    crash::power_lost_again_while_the_log_is_recovered_changes_nothing<Log>();
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_call_that_fails_once_or_for_good_loses_nothing_that_was_promised, Log, logs) {
    crash::a_call_that_fails_once_or_for_good_loses_nothing_that_was_promised<Log>();
}

BOOST_AUTO_TEST_SUITE_END()
