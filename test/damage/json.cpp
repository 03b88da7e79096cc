#include "borne.hpp"

#include <tusk/compression/lz4.hpp>
#include <tusk/compression/none.hpp>
#include <tusk/compression/zstd.hpp>
#include <tusk/format/json.hpp>

namespace damage_json {

using damage::is_borne;
using plain = damage::shapes<tusk::json_format, tusk::no_compression>;
using with_lz4 = damage::shapes<tusk::json_format, tusk::lz4_compression>;
using with_zstd = damage::shapes<tusk::json_format, tusk::zstd_compression>;

} // namespace damage_json

BOOST_AUTO_TEST_SUITE(damage_json)

BOOST_AUTO_TEST_CASE(several_segments) { is_borne<with_lz4>(&with_lz4::several_segments); }
BOOST_AUTO_TEST_CASE(history) { is_borne<plain>(&plain::history); }
BOOST_AUTO_TEST_CASE(salvaged) { is_borne<plain>(&plain::salvaged); }
BOOST_AUTO_TEST_CASE(with_spares) { is_borne<with_zstd>(&with_zstd::with_spares); }
BOOST_AUTO_TEST_CASE(without_entries) { is_borne<plain>(&plain::without_entries); }

BOOST_AUTO_TEST_SUITE_END()
