#include "borne.hpp"

#include <tusk/compression/lz4.hpp>
#include <tusk/compression/none.hpp>
#include <tusk/compression/zstd.hpp>
#include <tusk/format/protobuf.hpp>

namespace damage_protobuf {

using damage::is_borne;
using plain = damage::shapes<tusk::protobuf_format, tusk::no_compression>;
using with_lz4 = damage::shapes<tusk::protobuf_format, tusk::lz4_compression>;
using with_zstd = damage::shapes<tusk::protobuf_format, tusk::zstd_compression>;

} // namespace damage_protobuf

BOOST_AUTO_TEST_SUITE(damage_protobuf)

BOOST_AUTO_TEST_CASE(killed_with_an_unproven_tail) { is_borne<with_lz4>(&with_lz4::killed_with_an_unproven_tail); }
BOOST_AUTO_TEST_CASE(several_segments_closed) { is_borne<plain>(&plain::several_segments_closed); }
BOOST_AUTO_TEST_CASE(history) { is_borne<with_zstd>(&with_zstd::history); }
BOOST_AUTO_TEST_CASE(emptied) { is_borne<plain>(&plain::emptied); }
BOOST_AUTO_TEST_CASE(repaired) { is_borne<plain>(&plain::repaired); }

BOOST_AUTO_TEST_SUITE_END()
