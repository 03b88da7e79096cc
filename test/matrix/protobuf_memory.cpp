#include <tusk/backend/memory.hpp>
#include <tusk/format/protobuf.hpp>

#include <matrix/log_of.hpp>

namespace matrix {

log_types protobuf_memory() { return nine_of<protobuf_format, memory_backend>("memory_backend"); }

} // namespace matrix

BOOST_AUTO_TEST_SUITE(matrix_protobuf_memory)

BOOST_DATA_TEST_CASE(each_log,
                     boost::unit_test::data::make(matrix::behaviours()) *
                         boost::unit_test::data::make(matrix::protobuf_memory()),
                     behaviour, type) {
    behaviour.test(type);
}

BOOST_AUTO_TEST_SUITE_END()
