#include <tusk/compression/lz4.hpp>

#include <conformance/compression.hpp>

#include <limits>

using namespace tusk;
using compression_suite::compressed;
using compression_suite::gives_back;

BOOST_AUTO_TEST_SUITE(compression_lz4)

BOOST_AUTO_TEST_CASE(is_a_compression) {
    compression_conformance(lz4_compression{});
    compression_conformance(lz4_compression{.acceleration = 20});
}

BOOST_AUTO_TEST_CASE(makes_text_smaller) {
    const std::vector<std::byte> data = compression_suite::text(10000);
    BOOST_TEST(compressed(lz4_compression{}, data).size() < data.size() / 2);
}

BOOST_AUTO_TEST_CASE(trades_size_for_speed_if_told) {
    const std::vector<std::byte> data = compression_suite::text(100000);
    const std::vector<std::byte> fast = compressed(lz4_compression{.acceleration = 50}, data);
    BOOST_TEST(fast.size() > compressed(lz4_compression{}, data).size());
    BOOST_TEST(gives_back(lz4_compression{}, fast, data));
}

BOOST_AUTO_TEST_CASE(reads_blocks_of_the_lz4_specification) {
    // '/': two literals, and a match of 4 + 15 + 1 bytes from two bytes back. 'P': five literals.
    constexpr std::string_view block("/ab\2\0\1Pvwxyz", 12);
    BOOST_TEST(gives_back(lz4_compression{}, to_bytes(block), to_bytes("abababababababababababvwxyz")));
}

BOOST_AUTO_TEST_CASE(reads_its_own_codec_alone) {
    BOOST_TEST(lz4_compression::id == codec::lz4);
    for (unsigned id = 0; id < 256; ++id)
        BOOST_TEST(lz4_compression::reads(static_cast<std::uint8_t>(id)) == (id == codec::lz4));
    std::byte out{};
    BOOST_TEST((lz4_compression().decompress(codec::zstd, {}, {&out, 1}).error() == errc::wrong_compression));
}

BOOST_AUTO_TEST_CASE(takes_nothing_that_lz4_cannot_count) {
    constexpr std::size_t uncountable = std::size_t{1} << 32; // which an int takes for 0
    const lz4_compression lz4;
    const std::vector<std::byte> data(100);
    const std::vector<std::byte> stored = compressed(lz4, data);
    std::vector<std::byte> out(data.size());
    const byte_view huge_data(data.data(), uncountable + data.size()); // nothing is touched beyond what is there
    const byte_view huge_stored(stored.data(), uncountable + stored.size());
    const byte_span huge_out(out.data(), uncountable + out.size());
    BOOST_TEST(lz4.compress(huge_data, out) == 0U);
    BOOST_TEST((lz4.decompress(codec::lz4, huge_stored, out).error() == errc::corrupt));
    BOOST_TEST((lz4.decompress(codec::lz4, stored, huge_out).error() == errc::corrupt));
    const byte_span large_out(out.data(), std::size_t{std::numeric_limits<int>::max()} + 1);
    BOOST_TEST(lz4.compress(data, large_out) == stored.size());
}

BOOST_AUTO_TEST_SUITE_END()
