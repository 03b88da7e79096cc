#include <tusk/log/segment.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

using namespace tusk;

BOOST_AUTO_TEST_SUITE(log_segment)

BOOST_AUTO_TEST_CASE(a_name_tells_the_number_that_made_it) {
    for (const segment_t number : {segment_t{1}, segment_t{9}, segment_t{10}, segment_t{1234567890}, UINT32_MAX})
        BOOST_TEST(segment_number(segment_name(number).data()) == number);
    BOOST_TEST(std::string(segment_name(42).data()) == "0000000042.wal");
}

BOOST_AUTO_TEST_CASE(what_is_not_exactly_such_a_name_is_that_of_no_segment) {
    for (const char* name :
         {"", "state", "lock", "0000000001", "0000000001.wa", "0000000001.wal2", "0000000001.evi", "000000001.wal",
          "00000000001.wal", "000000000a.wal", "000000000/.wal", "000000000:.wal", "-000000001.wal", "+000000001.wal",
          " 000000001.wal", "0x00000001.wal", "0000000000.wal", "4294967296.wal", "9999999999.wal"})
        BOOST_TEST(segment_number(name) == 0U, name);
}

BOOST_AUTO_TEST_SUITE_END()
