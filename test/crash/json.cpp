#include <tusk/compression/lz4.hpp>
#include <tusk/compression/zstd.hpp>
#include <tusk/format/json.hpp>

#include "any_format.hpp"

#include <rapidjson/reader.h>

template<>
struct crash::segment_reader<tusk::json_format> {
    // Lines of JSON, and empty ones.
    static void read(std::string_view segment) {
        while (!segment.empty()) {
            const std::size_t end = segment.find('\n');
            BOOST_REQUIRE_MESSAGE(end != segment.npos, "the last line does not end: " << segment);
            const std::string line(segment.substr(0, end));
            segment.remove_prefix(end + 1);
            if (line.find_first_not_of(' ') == line.npos)
                continue;
            rapidjson::BaseReaderHandler<> anything;
            rapidjson::StringStream in(line.c_str());
            BOOST_REQUIRE_MESSAGE(rapidjson::Reader().Parse(in, anything), "no JSON: " << line);
        }
    }
};

namespace crash_json {

using namespace tusk;

using logs = std::tuple<crash::log_on<fsync_always, json_format, no_compression>,
                        crash::log_on<fsync_interval, json_format, lz4_compression>,
                        crash::log_on<fsync_never, json_format, zstd_compression>>;

} // namespace crash_json

BOOST_AUTO_TEST_SUITE(crash_json)

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
