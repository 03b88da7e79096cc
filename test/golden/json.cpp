#include <tusk/format/json.hpp>

#include <golden/golden_log.hpp>

#include <tuple>

namespace golden_json {

template<class Compression>
using log_of = golden::golden_log<tusk::json_format, Compression>;
using compressions = std::tuple<tusk::no_compression, tusk::lz4_compression, tusk::zstd_compression>;

} // namespace golden_json

BOOST_AUTO_TEST_SUITE(golden_json)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_log_of_old_is_read_and_stays_as_it_is, Compression, compressions) {
    log_of<Compression>().is_read_and_stays_as_it_is();
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_log_of_old_goes_on, Compression, compressions) { log_of<Compression>().goes_on(); }

BOOST_AUTO_TEST_CASE_TEMPLATE(the_same_log_is_written_byte_for_byte, Compression, compressions) {
    log_of<Compression>().is_written_again_byte_for_byte();
}

BOOST_AUTO_TEST_CASE(a_log_of_a_newer_format_is_refused_as_such) {
    log_of<tusk::no_compression>().of_a_newer_format_is_refused_as_such();
}

BOOST_AUTO_TEST_CASE(a_log_with_a_newer_state_file_is_refused_as_such) {
    log_of<tusk::no_compression>().with_a_newer_state_file_is_refused_as_such();
}

BOOST_AUTO_TEST_CASE(a_log_with_a_newer_segment_is_refused_as_such) {
    log_of<tusk::no_compression>().with_a_newer_segment_is_refused_as_such(8, "2");
}

BOOST_AUTO_TEST_SUITE_END()
