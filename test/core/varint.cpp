#include <tusk/core/varint.hpp>

#include <boost/test/unit_test.hpp>

#include <limits>
#include <vector>

using namespace tusk;

namespace core_varint {

constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

std::vector<std::byte> bytes_of(std::initializer_list<int> values) {
    std::vector<std::byte> out;
    for (const int value : values)
        out.push_back(static_cast<std::byte>(value));
    return out;
}

std::vector<std::byte> encoded(std::uint64_t value) {
    std::vector<std::byte> out(varint_size(value));
    BOOST_TEST((put_varint(out.data(), value) == out.data() + out.size()));
    return out;
}

/// Zero, each power of two, and their neighbours.
std::vector<std::uint64_t> telling_numbers() {
    std::vector<std::uint64_t> out{0};
    for (unsigned bit = 0; bit < 64; ++bit)
        for (const std::uint64_t value :
             {(std::uint64_t{1} << bit) - 1, std::uint64_t{1} << bit, (std::uint64_t{1} << bit) + 1})
            out.push_back(value);
    out.push_back(largest - 1);
    out.push_back(largest);
    return out;
}

/// True if `in` is refused, and nothing was touched by trying.
bool refused(const std::vector<std::byte>& in) {
    std::size_t at = 0;
    std::uint64_t value = 4711;
    return !get_varint(in, at, value) && at == 0 && value == 4711;
}

} // namespace core_varint

BOOST_AUTO_TEST_SUITE(core_varint)

BOOST_AUTO_TEST_CASE(writes_seven_bits_a_byte_lowest_first) {
    BOOST_TEST((encoded(0) == bytes_of({0})));
    BOOST_TEST((encoded(127) == bytes_of({0x7F})));
    BOOST_TEST((encoded(128) == bytes_of({0x80, 0x01})));
    BOOST_TEST((encoded(300) == bytes_of({0xAC, 0x02})));
    BOOST_TEST((encoded(largest) == bytes_of({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01})));
    BOOST_TEST(encoded(largest).size() == max_varint_size);
}

BOOST_AUTO_TEST_CASE(reads_what_was_written_and_moves_behind_it) {
    for (const std::uint64_t value : telling_numbers()) {
        std::vector<std::byte> in = bytes_of({0xFF, 0xFF});
        const std::vector<std::byte> middle = encoded(value);
        in.insert(in.end(), middle.begin(), middle.end());
        in.push_back(std::byte{0xFF});
        std::size_t at = 2;
        std::uint64_t found = 0;
        BOOST_TEST(get_varint(in, at, found));
        BOOST_TEST(found == value);
        BOOST_TEST(at == in.size() - 1);
    }
}

BOOST_AUTO_TEST_CASE(refuses_what_is_cut_short) {
    for (const std::uint64_t value : telling_numbers())
        for (std::vector<std::byte> in = encoded(value); !in.empty();) {
            in.pop_back();
            in.shrink_to_fit();
            BOOST_TEST(refused(in));
        }
}

BOOST_AUTO_TEST_CASE(refuses_to_begin_at_or_beyond_the_end) {
    const std::vector<std::byte> in = bytes_of({0});
    for (std::size_t at : {std::size_t{1}, std::size_t{2}, std::size_t{largest}}) {
        std::uint64_t value = 0;
        BOOST_TEST(!get_varint(in, at, value));
    }
}

BOOST_AUTO_TEST_CASE(refuses_more_than_64_bits) {
    BOOST_TEST(refused(bytes_of({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x02})));
    BOOST_TEST(refused(bytes_of({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x40})));
    BOOST_TEST(refused(bytes_of({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x81, 0x01})));
    BOOST_TEST(refused(std::vector<std::byte>(64, std::byte{0xFF})));
}

BOOST_AUTO_TEST_CASE(refuses_more_bytes_than_needed) {
    BOOST_TEST(refused(bytes_of({0x80, 0x00})));
    BOOST_TEST(refused(bytes_of({0xFF, 0x80, 0x00})));
    BOOST_TEST(refused(bytes_of({0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00})));
}

BOOST_AUTO_TEST_CASE(folds_small_differences_to_small_numbers) {
    BOOST_TEST(zigzag(0) == 0U);
    BOOST_TEST(zigzag(largest) == 1U); // -1
    BOOST_TEST(zigzag(1) == 2U);
    BOOST_TEST(zigzag(largest - 1) == 3U); // -2
    BOOST_TEST(zigzag(std::uint64_t{1} << 63) == largest);
}

BOOST_AUTO_TEST_CASE(unfolds_any_difference_without_overflow) {
    const std::vector<std::uint64_t> numbers = telling_numbers();
    for (const std::uint64_t from : numbers)
        for (const std::uint64_t to : numbers)
            if (from + unzigzag(zigzag(to - from)) != to)
                BOOST_ERROR("wrong from " << from << " to " << to);
}

BOOST_AUTO_TEST_CASE(works_at_compile_time) {
    constexpr bool round_trip = [] {
        std::byte out[max_varint_size]{};
        std::size_t at = 0;
        std::uint64_t value = 0;
        const std::byte* const end = put_varint(out, 1234567890123456789);
        return get_varint({out, end}, at, value) && value == 1234567890123456789 && at == varint_size(value);
    }();
    static_assert(round_trip && unzigzag(zigzag(17)) == 17);
}

BOOST_AUTO_TEST_SUITE_END()
