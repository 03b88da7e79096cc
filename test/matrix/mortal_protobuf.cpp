#include <tusk/format/protobuf.hpp>

#include <matrix/mortal_log_of.hpp>

namespace matrix {

std::vector<mortal_type> protobuf_mortals() { return mortals_of<protobuf_format>(); }

} // namespace matrix

BOOST_AUTO_TEST_SUITE(matrix_mortal_protobuf)

BOOST_DATA_TEST_CASE(what_was_acknowledged_outlives_the_process,
                     boost::unit_test::data::make(matrix::logs_of("protobuf_format")), type) {
    matrix::what_was_acknowledged_outlives_the_process(type, matrix::protobuf_mortals());
}

BOOST_AUTO_TEST_SUITE_END()
