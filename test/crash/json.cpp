#include <tusk/compression/lz4.hpp>
#include <tusk/compression/zstd.hpp>
#include <tusk/format/json.hpp>

#include "any_format.hpp"

#include <rapidjson/reader.h>

template<>
struct crash::segment_reader<tusk::json_format> {
    // It has lines of JSON, and empty ones.
    static std::string wrong(std::string_view segment) {
        while (!segment.empty()) {
            const std::size_t end = segment.find('\n');
            if (end == segment.npos)
                return "the last line does not end: " + std::string(segment);
            const std::string line(segment.substr(0, end));
            segment.remove_prefix(end + 1);
            if (line.find_first_not_of(' ') == line.npos)
                continue;
            rapidjson::BaseReaderHandler<> anything;
            rapidjson::StringStream in(line.c_str());
            if (!rapidjson::Reader().Parse(in, anything))
                return "no JSON: " + line;
        }
        return "";
    }
};

namespace crash_json {

using namespace tusk;

using logs = std::tuple<crash::log_on<fsync_always, json_format, no_compression>,
                        crash::log_on<fsync_interval, json_format, lz4_compression>,
                        crash::log_on<fsync_never, json_format, zstd_compression>>;

} // namespace crash_json

BOOST_AUTO_TEST_SUITE(crash_json)

BOOST_AUTO_TEST_CASE_TEMPLATE(what_was_promised_survives_all_crashes, Log, logs) {
    crash::survive_all_crashes<Log>(4'000);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_call_that_fails_once_or_for_good_loses_nothing_that_was_promised, Log, logs) {
    crash::survive_failing_calls<Log>();
}

BOOST_AUTO_TEST_SUITE_END()
