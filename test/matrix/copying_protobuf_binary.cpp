#include <tusk/format/binary.hpp>
#include <tusk/format/protobuf.hpp>

#include <matrix/copying.hpp>

BOOST_AUTO_TEST_SUITE(matrix_copying_protobuf_binary)

BOOST_AUTO_TEST_CASE(entries_keep_everything_they_have_from_one_format_to_the_other_and_back) {
    matrix::every_copy_is_the_same<tusk::protobuf_format, tusk::binary_format>();
}

BOOST_AUTO_TEST_CASE(entries_keep_everything_they_have_from_one_compression_to_another_and_back) {
    matrix::every_copy_to_another_compression_is_the_same<tusk::protobuf_format>();
}

BOOST_AUTO_TEST_SUITE_END()
