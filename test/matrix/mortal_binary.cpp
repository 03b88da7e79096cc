#include <tusk/format/binary.hpp>

#include <matrix/mortal_log_of.hpp>

namespace matrix {

std::vector<mortal_type> binary_mortals() { return mortals_of<binary_format>(); }

} // namespace matrix

BOOST_AUTO_TEST_SUITE(matrix_mortal_binary)

BOOST_DATA_TEST_CASE(what_was_acknowledged_outlives_the_process,
                     boost::unit_test::data::make(matrix::logs_of("binary_format")), type) {
    matrix::what_was_acknowledged_outlives_the_process(type, matrix::binary_mortals());
}

BOOST_AUTO_TEST_SUITE_END()
