#include <tusk/core/endian.hpp>

#include <boost/test/unit_test.hpp>

#include <array>

using namespace tusk;

BOOST_AUTO_TEST_SUITE(core_endian)

BOOST_AUTO_TEST_CASE(stores_the_lowest_byte_first) {
    std::array<std::byte, 8> out{};
    store_le(out.data(), std::uint64_t{0x0807060504030201});
    for (std::size_t i = 0; i < out.size(); ++i)
        BOOST_TEST(std::to_integer<unsigned>(out[i]) == i + 1);
    store_le(out.data(), std::uint16_t{0xBBAA});
    BOOST_TEST(std::to_integer<unsigned>(out[0]) == 0xAAU);
    BOOST_TEST(std::to_integer<unsigned>(out[1]) == 0xBBU);
    BOOST_TEST(std::to_integer<unsigned>(out[2]) == 3U);
}

BOOST_AUTO_TEST_CASE(loads_what_was_stored_at_any_address) {
    std::array<std::byte, 16> bytes{};
    for (std::size_t at = 0; at < 8; ++at) {
        store_le(&bytes[at], std::uint64_t{0xFEDCBA9876543210});
        BOOST_TEST(load_le<std::uint64_t>(&bytes[at]) == 0xFEDCBA9876543210U);
        BOOST_TEST(load_le<std::uint32_t>(&bytes[at]) == 0x76543210U);
        BOOST_TEST(load_le<std::uint16_t>(&bytes[at]) == 0x3210U);
        BOOST_TEST(load_le<std::uint8_t>(&bytes[at]) == 0x10U);
    }
}

BOOST_AUTO_TEST_CASE(touches_no_byte_beside_the_number) {
    std::array<std::byte, 6> out;
    out.fill(std::byte{0xEE});
    store_le(&out[1], std::uint32_t{0});
    BOOST_TEST((out.front() == std::byte{0xEE}));
    BOOST_TEST((out.back() == std::byte{0xEE}));
}

BOOST_AUTO_TEST_SUITE_END()
