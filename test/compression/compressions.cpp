#include <tusk/compression/compressions.hpp>

#include <conformance/compression.hpp>

#include <tusk/compression/lz4.hpp>
#include <tusk/compression/none.hpp>
#include <tusk/compression/zstd.hpp>

using namespace tusk;

namespace {

using both = compressions<zstd_compression, lz4_compression>;
using on_demand = compressions<no_compression, lz4_compression>;

std::vector<std::byte> compressed_with(const both& codecs, std::uint8_t id, byte_view data) {
    std::vector<std::byte> out(data.size() - 1);
    out.resize(codecs.compress(id, data, out));
    return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(compression_compressions)

BOOST_AUTO_TEST_CASE(are_a_compression) {
    compression_conformance(both{});
    compression_conformance(compressions<lz4_compression, zstd_compression>{});
    compression_conformance(compressions<lz4_compression>{});
    compression_conformance(on_demand{});
    static_assert(compression_choice<both>);
    static_assert(!compression_choice<lz4_compression>);
}

BOOST_AUTO_TEST_CASE(begin_with_the_first) {
    BOOST_TEST(both::id == codec::zstd);
    const std::vector<std::byte> data = compression_suite::text(5000);
    BOOST_TEST(
        (compression_suite::compressed(both{}, data) == compression_suite::compressed(zstd_compression{}, data)));
    BOOST_TEST(compression_suite::compressed(on_demand{}, data).empty());
}

BOOST_AUTO_TEST_CASE(read_and_write_what_each_of_them_does) {
    for (unsigned number = 0; number < 256; ++number) {
        const auto id = static_cast<std::uint8_t>(number);
        const bool one_of_them = id == codec::zstd || id == codec::lz4;
        BOOST_TEST(both::reads(id) == one_of_them);
        BOOST_TEST(both::writes(id) == one_of_them);
        BOOST_TEST(on_demand::reads(id) == (id == codec::lz4));
        BOOST_TEST(on_demand::writes(id) == (id == codec::lz4 || id == codec::none));
    }
}

BOOST_AUTO_TEST_CASE(compress_with_the_codec_that_is_named) {
    const both codecs;
    const std::vector<std::byte> data = compression_suite::text(5000);
    const auto with_lz4 = compressed_with(codecs, codec::lz4, data);
    const auto with_zstd = compressed_with(codecs, codec::zstd, data);
    BOOST_TEST((with_lz4 == compression_suite::compressed(lz4_compression{}, data)));
    BOOST_TEST((with_zstd == compression_suite::compressed(zstd_compression{}, data)));
    BOOST_TEST(compressed_with(codecs, codec::user, data).empty());
    std::vector<std::byte> out(data.size());
    BOOST_TEST((codecs.decompress(codec::lz4, with_lz4, out) && out == data));
    out.assign(data.size(), {});
    BOOST_TEST((codecs.decompress(codec::zstd, with_zstd, out) && out == data));
    BOOST_TEST((codecs.decompress(codec::user, with_zstd, out).error() == errc::wrong_compression));
    BOOST_TEST((codecs.decompress(codec::zstd, with_lz4, out).error() == errc::corrupt));
}

BOOST_AUTO_TEST_CASE(keep_the_numbers_of_each) {
    const both codecs(zstd_compression{.level = 15}, lz4_compression{.acceleration = 30});
    const std::vector<std::byte> data = compression_suite::text(50000);
    BOOST_TEST((compressed_with(codecs, codec::zstd, data) ==
                compression_suite::compressed(zstd_compression{.level = 15}, data)));
    BOOST_TEST((compressed_with(codecs, codec::lz4, data) ==
                compression_suite::compressed(lz4_compression{.acceleration = 30}, data)));
}

BOOST_AUTO_TEST_SUITE_END()
