#include <tusk/backend/posix.hpp>
#include <tusk/format/binary.hpp>

#include <matrix/log_of.hpp>

namespace matrix {

log_types binary_posix() { return nine_of<binary_format, posix_backend>("posix_backend"); }

} // namespace matrix

BOOST_AUTO_TEST_SUITE(matrix_binary_posix)

BOOST_DATA_TEST_CASE(each_log,
                     boost::unit_test::data::make(matrix::behaviours()) *
                         boost::unit_test::data::make(matrix::binary_posix()),
                     behaviour, type) {
    behaviour.test(type);
}

BOOST_AUTO_TEST_SUITE_END()
