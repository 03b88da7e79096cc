#include <tusk/core/crc32c.hpp>

#include <boost/crc.hpp>
#include <boost/test/unit_test.hpp>

#include <random>
#include <string>
#include <vector>

using namespace tusk;

namespace core_crc32c {

std::vector<std::byte> random_bytes(std::size_t size) {
    std::mt19937 random(static_cast<unsigned>(size) + 1);
    std::vector<std::byte> out(size);
    for (std::byte& b : out)
        b = static_cast<std::byte>(random());
    return out;
}

/// The checksum as Boost.CRC, which knows nothing of lanes and tables of eight, works it out.
std::uint32_t oracle(byte_view bytes, std::uint32_t seed = 0) {
    boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
    // Its remainder is not reflected; a seed is a checksum, which is.
    std::uint32_t state = 0;
    for (unsigned bit = 0; bit < 32; ++bit)
        state |= ((~seed >> bit) & 1) << (31 - bit);
    crc.reset(state);
    crc.process_bytes(bytes.data(), bytes.size());
    return crc.checksum();
}

/// True if all ways to work it out agree. The bytes are copied to the end of an allocation of their own, so that
/// AddressSanitizer sees it if more are read.
bool all_agree(byte_view bytes, std::uint32_t seed) {
    const std::vector<std::byte> exact(bytes.begin(), bytes.end());
    const std::uint32_t expected = oracle(bytes, seed);
    return crc32c_software(exact, seed) == expected && crc32c(exact, seed) == expected &&
           (!crc32c_has_hardware() || crc32c_hardware(exact, seed) == expected);
}

} // namespace core_crc32c

BOOST_AUTO_TEST_SUITE(core_crc32c)

BOOST_AUTO_TEST_CASE(gives_the_check_value_of_the_standard) {
    BOOST_TEST(crc32c(to_bytes("123456789")) == 0xE3069283U);
    BOOST_TEST(crc32c({}) == 0U);
    BOOST_TEST(crc32c(std::vector<std::byte>(32)) == 0x8A9136AAU);                  // RFC 3720, B.4
    BOOST_TEST(crc32c(std::vector<std::byte>(32, std::byte{0xFF})) == 0x62A8AB43U); // likewise
}

BOOST_AUTO_TEST_CASE(nothing_more_leaves_the_seed) {
    BOOST_TEST(crc32c({}, 0x12345678) == 0x12345678U);
    BOOST_TEST(crc32c_software({}, 0x12345678) == 0x12345678U);
}

BOOST_AUTO_TEST_CASE(words_count_as_their_bytes_do) {
    const std::vector<std::byte> bytes = random_bytes(32);
    const auto word = [&](std::size_t i) { return load_le<std::uint64_t>(bytes.data() + 8 * i); };
    BOOST_TEST(crc32c_words() == 0U);
    BOOST_TEST(crc32c_words(word(0)) == oracle(byte_view(bytes).first(8)));
    BOOST_TEST(crc32c_words(word(0), word(1), word(2), word(3)) == oracle(bytes));
}

BOOST_AUTO_TEST_CASE(agrees_with_boost_for_every_length_up_to_two_pages) {
    const std::vector<std::byte> bytes = random_bytes(8200);
    for (std::size_t size = 0; size <= bytes.size(); ++size)
        if (!all_agree(byte_view(bytes).first(size), static_cast<std::uint32_t>(size * 0x9E3779B9U)))
            BOOST_ERROR("wrong for " << size << " bytes");
}

BOOST_AUTO_TEST_CASE(agrees_with_boost_for_sizes_around_the_lanes_of_large_blocks) {
    const std::vector<std::byte> bytes = random_bytes(65536 + 24);
    for (const std::size_t middle : {std::size_t{12288}, std::size_t{18432}, std::size_t{24576}, std::size_t{65536}})
        for (std::size_t size = middle - 24; size <= middle + 24; ++size)
            if (!all_agree(byte_view(bytes).first(size), 0))
                BOOST_ERROR("wrong for " << size << " bytes");
}

BOOST_AUTO_TEST_CASE(does_not_depend_on_alignment) {
    const std::vector<std::byte> bytes = random_bytes(1024);
    for (const std::size_t size :
         {std::size_t{7}, std::size_t{48}, std::size_t{95}, std::size_t{97}, std::size_t{1000}})
        for (std::size_t at = 0; at < 16; ++at) {
            const byte_view part = byte_view(bytes).subspan(at, size);
            const std::uint32_t expected = oracle(part);
            if (crc32c_software(part) != expected || crc32c(part) != expected)
                BOOST_ERROR("wrong for " << size << " bytes at " << at);
        }
}

BOOST_AUTO_TEST_CASE(goes_on_where_it_stopped) {
    const std::vector<std::byte> bytes = random_bytes(600);
    const std::uint32_t whole = crc32c(bytes);
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        const byte_view a = byte_view(bytes).first(cut);
        const byte_view b = byte_view(bytes).subspan(cut);
        if (crc32c(b, crc32c(a)) != whole || crc32c_software(b, crc32c_software(a)) != whole)
            BOOST_ERROR("wrong if cut at " << cut);
    }
}

BOOST_AUTO_TEST_CASE(notices_any_change_within_32_bits) {
    std::vector<std::byte> bytes = random_bytes(64);
    const std::uint32_t before = crc32c(bytes);
    std::mt19937 random(1);
    for (std::size_t at = 0; at + 4 <= bytes.size(); ++at)
        for (int i = 0; i < 64; ++i) {
            const std::uint32_t old = load_le<std::uint32_t>(&bytes[at]);
            const auto change = static_cast<std::uint32_t>(random() | 1);
            store_le(&bytes[at], old ^ change);
            if (crc32c(bytes) == before)
                BOOST_ERROR("not noticed: " << change << " at " << at);
            store_le(&bytes[at], old);
        }
}

BOOST_AUTO_TEST_SUITE_END()
