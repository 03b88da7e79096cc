#include <tusk/format/json.hpp>

#include <matrix/mortal_log_of.hpp>

namespace matrix {

std::vector<mortal_type> json_mortals() { return mortals_of<json_format>(); }

} // namespace matrix

BOOST_AUTO_TEST_SUITE(matrix_mortal_json)

BOOST_DATA_TEST_CASE(what_was_acknowledged_outlives_the_process,
                     boost::unit_test::data::make(matrix::logs_of("json_format")), type) {
    matrix::what_was_acknowledged_outlives_the_process(type, matrix::json_mortals());
}

BOOST_AUTO_TEST_SUITE_END()
