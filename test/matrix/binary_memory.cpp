#include <tusk/backend/memory.hpp>
#include <tusk/format/binary.hpp>

#include <matrix/log_of.hpp>

namespace matrix {

log_types binary_memory() { return nine_of<binary_format, memory_backend>("memory_backend"); }

} // namespace matrix

BOOST_AUTO_TEST_SUITE(matrix_binary_memory)

BOOST_DATA_TEST_CASE(each_log,
                     boost::unit_test::data::make(matrix::behaviours()) *
                         boost::unit_test::data::make(matrix::binary_memory()),
                     behaviour, type) {
    behaviour.test(type);
}

BOOST_AUTO_TEST_SUITE_END()
