#include <tusk/backend/mmap.hpp>
#include <tusk/format/binary.hpp>

#include <matrix/log_of.hpp>

namespace matrix {

log_types binary_mmap() { return nine_of<binary_format, mmap_backend>("mmap_backend"); }

} // namespace matrix

BOOST_AUTO_TEST_SUITE(matrix_binary_mmap)

BOOST_DATA_TEST_CASE(each_log,
                     boost::unit_test::data::make(matrix::behaviours()) *
                         boost::unit_test::data::make(matrix::binary_mmap()),
                     behaviour, type) {
    behaviour.test(type);
}

BOOST_AUTO_TEST_SUITE_END()
