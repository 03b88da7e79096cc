#include <tusk/compression/none.hpp>

#include <conformance/compression.hpp>

using namespace tusk;

BOOST_AUTO_TEST_SUITE(compression_none)

BOOST_AUTO_TEST_CASE(is_a_compression) { compression_conformance(no_compression{}); }

BOOST_AUTO_TEST_CASE(leaves_everything_as_it_is) {
    BOOST_TEST(no_compression::id == codec::none);
    for (const compression_suite::sample& s : compression_suite::samples())
        BOOST_TEST(compression_suite::compressed(no_compression{}, s.data).empty());
}

BOOST_AUTO_TEST_CASE(reads_no_codec) {
    for (unsigned id = 0; id < 256; ++id)
        BOOST_TEST(!no_compression::reads(static_cast<std::uint8_t>(id)));
    std::byte out{};
    BOOST_TEST((no_compression().decompress(codec::lz4, {}, {&out, 1}).error() == errc::wrong_compression));
}

BOOST_AUTO_TEST_SUITE_END()
