#include <tusk/log/chain.hpp>

#include <log/backend_of.hpp>
#include <log/forgery.hpp>

using namespace log_test;

namespace log_chain {

found_segment numbered(segment_t number, segment_t previous, std::uint64_t flags = 0) {
    found_segment s;
    s.number = number;
    s.state = header_state::good;
    s.header.segment = number;
    s.header.previous = previous;
    s.header.flags = flags;
    return s;
}

/// The numbers of the segments that make up history, in order.
std::vector<segment_t> chained(const std::vector<found_segment>& found, segment_t first, segment_t repaired = 0) {
    log_state state;
    state.first_segment = first;
    state.repaired = repaired;
    std::vector<segment_t> out;
    for (const std::size_t i : order_segments(found, state))
        out.push_back(found[i].number);
    return out;
}
using chain = std::vector<segment_t>;

// A log of ten entries, and how its only segment is found.
struct fixture : memory_log<> {
    buffer_pool pool;

    fixture() {
        open();
        append_samples(10);
        kill();
    }
    [[nodiscard]] std::uint64_t id() const {
        return load_le<std::uint64_t>(to_bytes(disk.read("0000000001.wal")).data() + 40);
    }
    template<class Backend = memory_backend>
    [[nodiscard]] header_state found(Backend backend) {
        const std::uint64_t log_id = id();
        must(backend.attach(/*create=*/false));
        return must(find_segment<binary_format>(backend, 1, log_id, pool)).state;
    }
    [[nodiscard]] header_state found() { return found(disk.backend()); }
};

} // namespace log_chain

BOOST_AUTO_TEST_SUITE(log_chain)

BOOST_AUTO_TEST_CASE(segments_follow_those_that_they_name) {
    BOOST_TEST((chained({numbered(1, 0), numbered(2, 1), numbered(5, 2)}, 1) == chain{1, 2, 5}));
    BOOST_TEST((chained({numbered(3, 2), numbered(4, 3)}, 3) == chain{3, 4}));
    BOOST_TEST((chained({numbered(1, 0), numbered(3, 2)}, 1) == chain{1}));
    BOOST_TEST((chained({}, 1) == chain{}));
}

BOOST_AUTO_TEST_CASE(where_several_follow_the_same_one_the_highest_counts) {
    BOOST_TEST((chained({numbered(1, 0), numbered(2, 1), numbered(3, 1), numbered(4, 3)}, 1) == chain{1, 3, 4}));
    BOOST_TEST((chained({numbered(1, 0), numbered(2, 1), numbered(3, 2), numbered(4, 1)}, 1) == chain{1, 4}));
}

BOOST_AUTO_TEST_CASE(a_segment_of_a_repair_counts_once_the_state_says_so) {
    const std::vector<found_segment> found{numbered(1, 0), numbered(2, 1), numbered(3, 1, header_repair)};
    BOOST_TEST((chained(found, 1) == chain{1, 2}));
    BOOST_TEST((chained(found, 1, /*repaired=*/3) == chain{1, 3}));
}

BOOST_AUTO_TEST_CASE(what_lies_before_the_first_segment_is_no_part_of_history) {
    BOOST_TEST((chained({numbered(1, 0), numbered(2, 1), numbered(3, 0)}, 3) == chain{3}));
    BOOST_TEST((chained({numbered(1, 0), numbered(2, 1)}, 3) == chain{}));
}

BOOST_AUTO_TEST_CASE(segments_that_name_each_other_in_a_circle_end_history) {
    BOOST_TEST((chained({numbered(1, 0), numbered(2, 3), numbered(3, 1)}, 1) == chain{1, 3}));
    BOOST_TEST((chained({numbered(1, 0), numbered(2, 2)}, 1) == chain{1}));
    BOOST_TEST((chained({numbered(1, 1)}, 1) == chain{1}));
}

BOOST_AUTO_TEST_CASE(a_header_says_no_number_that_no_log_has) {
    const segment_header right{
        .log = UINT64_MAX, .segment = 7, .base = 1000, .next_index = 5, .last_term = UINT64_MAX, .previous = 6};
    const auto with = [&](header_field field, std::uint64_t value) {
        auto numbers = right.numbers();
        numbers.at(static_cast<std::size_t>(field)) = value;
        return segment_header::can_be(numbers);
    };
    constexpr std::uint64_t beyond = std::uint64_t{1} << 32;
    BOOST_TEST(segment_header::can_be(right.numbers()));
    BOOST_TEST(with(header_field::segment, UINT32_MAX));
    BOOST_TEST(!with(header_field::segment, beyond));
    BOOST_TEST(with(header_field::base, max_lsn));
    BOOST_TEST(!with(header_field::base, max_lsn + 1));
    BOOST_TEST(with(header_field::next_index, max_index));
    BOOST_TEST(!with(header_field::next_index, max_index + 1));
    BOOST_TEST(!with(header_field::next_index, 0));
    BOOST_TEST(!with(header_field::previous, 7)); // it would follow itself
    BOOST_TEST(!with(header_field::previous, beyond));
    BOOST_TEST(with(header_field::previous_checksum, UINT32_MAX));
    BOOST_TEST(!with(header_field::previous_checksum, beyond));
}

BOOST_FIXTURE_TEST_CASE(a_segment_begins_with_its_header_and_with_no_other_frame, fixture) {
    BOOST_TEST((found() == header_state::good));
    const forgery forged(disk);
    const std::array<std::uint64_t, 1> keep{0};
    forged.put(0, forgery::encoded({.type = frame_type::cut, .records = {}, .numbers = keep}), 1);
    BOOST_TEST((found() == header_state::damaged));
}

BOOST_FIXTURE_TEST_CASE(a_header_that_lacks_numbers_or_has_impossible_ones_is_damaged, fixture) {
    const std::string whole = disk.read("0000000001.wal");
    const auto before = disk.now();
    const auto found_with = [&](const std::vector<std::uint64_t>& numbers) {
        disk.go_back_to(before->copy());
        const forgery forged(disk);
        disk.write("0000000001.wal", 0, std::string(whole.size(), '\0'));
        forged.put(0, forgery::encoded({.type = frame_type::header, .records = {}, .numbers = numbers}), 1);
        memory_backend backend = disk.backend();
        must(backend.attach(/*create=*/false));
        return must(find_segment<binary_format>(backend, 1, 4711, pool)).state;
    };
    BOOST_TEST((found_with({4711, 1, 0, 1, 0, 0, 0, 0, 0}) == header_state::good));
    BOOST_TEST((found_with({4711, 1, 0, 1, 0, 0, 0, 0}) == header_state::damaged));
    BOOST_TEST((found_with({4711, 1, 0, 1, 0, 0, 0, 0, 0, 0}) == header_state::damaged));
    BOOST_TEST((found_with({4711, 1, 0, 0, 0, 0, 0, 0, 0}) == header_state::damaged));
    BOOST_TEST((found_with({4711, 2, 0, 1, 0, 0, 0, 0, 0}) == header_state::misplaced));
    BOOST_TEST((found_with({4712, 1, 0, 1, 0, 0, 0, 0, 0}) == header_state::misplaced));
}

BOOST_FIXTURE_TEST_CASE(a_file_that_is_cut_while_its_header_is_read_is_damaged, fixture) {
    struct shrinking_file : memory_file {
        shrinking_file(memory_file f) : memory_file(std::move(f)) {}
        [[nodiscard]] result<std::uint64_t> size() const noexcept { return min_segment_size; } // what it was
    };
    using shrinking_backend = backend_of<shrinking_file>;
    BOOST_TEST((found(shrinking_backend{disk.backend()}) == header_state::good));
    for (const std::uint64_t size : {111U, 60U}) {
        disk.cut("0000000001.wal", size);
        BOOST_TEST((found(shrinking_backend{disk.backend()}) == header_state::damaged));
    }
}

BOOST_AUTO_TEST_SUITE_END()
