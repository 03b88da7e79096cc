#include "borne.hpp"

#include <tusk/compression/lz4.hpp>
#include <tusk/compression/none.hpp>
#include <tusk/compression/zstd.hpp>
#include <tusk/format/binary.hpp>

namespace damage_binary {

using damage::is_borne;
using plain = damage::shapes<tusk::binary_format, tusk::no_compression>;
using with_lz4 = damage::shapes<tusk::binary_format, tusk::lz4_compression>;
using with_zstd = damage::shapes<tusk::binary_format, tusk::zstd_compression>;

} // namespace damage_binary

BOOST_AUTO_TEST_SUITE(damage_binary)

BOOST_AUTO_TEST_CASE(killed_with_an_unproven_tail) { is_borne<plain>(&plain::killed_with_an_unproven_tail); }
BOOST_AUTO_TEST_CASE(with_one_frame_behind_a_header) { is_borne<plain>(&plain::with_one_frame_behind_a_header); }
BOOST_AUTO_TEST_CASE(closed) { is_borne<with_zstd>(&with_zstd::closed); }
BOOST_AUTO_TEST_CASE(history) { is_borne<with_lz4>(&with_lz4::history); }
BOOST_AUTO_TEST_CASE(repaired) { is_borne<plain>(&plain::repaired); }
BOOST_AUTO_TEST_CASE(with_a_record_larger_than_a_segment) {
    is_borne<plain>(&plain::with_a_record_larger_than_a_segment);
}
BOOST_AUTO_TEST_CASE(aligned) { is_borne<plain>(&plain::aligned); }

BOOST_AUTO_TEST_SUITE_END()
