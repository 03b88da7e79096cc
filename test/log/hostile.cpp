#include <tusk/log/frame_search.hpp>

#include <allocations.hpp>
#include <log/backend_of.hpp>
#include <log/forgery.hpp>

#include <functional>

using namespace log_test;

namespace log_hostile {

constexpr std::string_view file = "0000000001.wal";

// A log of ten entries, whose frames bear witness to all but the last of them.
struct fixture : memory_log<> {
    fixture() {
        open();
        append_samples(10);
        kill();
    }
    // A batch of one entry, or of several.
    static std::string batch(std::size_t entries = 1) {
        const std::string text(40, 'f');
        const std::vector<stored_record> all(
            entries,
            {.data = to_bytes(text), .key = {}, .time = 1, .raw_size = static_cast<std::uint32_t>(text.size())});
        return forgery::encoded({.records = all});
    }
    static std::string numbers(frame_type type, std::vector<std::uint64_t> n) {
        return forgery::encoded({.type = type, .records = {}, .numbers = n});
    }

    // Whatever a frame claims, an open allocates no more than a look at so small a log takes.
    static constexpr std::size_t enough = 2 * mebibyte;

    // Behind the end, where nothing is proven, it is a tail to be dropped.
    void dropped_as_a_tail(const std::string& frame) {
        const auto before = disk.now();
        const forgery forged(disk);
        forged.put(forged.end(), frame, 11);
        (void)largest_allocation();
        open();
        BOOST_TEST(largest_allocation() < enough);
        BOOST_TEST(report.dropped_bytes > 0U);
        BOOST_TEST(all() == samples(1, 10), boost::test_tools::per_element());
        BOOST_TEST(append("more") == 11U);
        kill_and_open();
        BOOST_TEST(last() == 11U);
        log.reset();
        disk.go_back_to(before);
    }
    // In place of the fifth entry, which is proven, it is damage.
    void refused_as_damage(const std::string& frame) {
        const auto before = disk.now();
        disk.go_back_to(before->copy());
        const forgery forged(disk);
        forged.put(forged.frame(6), frame.substr(0, 96), 5);
        const auto forged_files = disk.contents();
        for (const bool verify : {false, true}) {
            opts.verify_all = verify;
            (void)largest_allocation();
            BOOST_TEST(fails_with(try_open(), errc::corrupt));
            BOOST_TEST(largest_allocation() < enough);
            BOOST_TEST(report.salvage_first == 1U);
            BOOST_TEST(report.salvage_last == 10U);
            BOOST_TEST((disk.contents() == forged_files));
        }
        opts.verify_all = false;
        opts.mode = open_mode::salvage;
        (void)largest_allocation();
        open();
        BOOST_TEST(largest_allocation() < enough);
        BOOST_TEST(text(4) == sample(4));
        BOOST_TEST(fails_with(log->get(5), errc::lost));
        BOOST_TEST(text(10) == sample(10));
        log.reset();
        opts.mode = open_mode::strict;
        disk.go_back_to(before);
    }
    void neither_believed_nor_paid_for(const std::string& frame) {
        dropped_as_a_tail(frame);
        refused_as_damage(frame);
    }
};

// binary_format, which knows for how many bytes it was asked if they are right.
struct counting_format : binary_format {
    static inline std::uint64_t checked = 0;
    [[nodiscard]] static bool check(byte_view in, const frame_info& info) noexcept {
        checked += info.size;
        return binary_format::check(in, info);
    }
};

const std::array<std::uint32_t, 6> absurd{UINT32_MAX, UINT32_MAX - 39, 0x80000000U, 0x7FFFFFFFU, 0x10000000U, 5000U};

} // namespace log_hostile

BOOST_FIXTURE_TEST_SUITE(log_hostile, fixture)

BOOST_AUTO_TEST_CASE(a_frame_that_claims_to_be_larger_than_what_is_left_is_not_believed) {
    for (const std::uint32_t size : absurd)
        BOOST_TEST_CONTEXT("a body of " << size)
    neither_believed_nor_paid_for(forgery::with_size(batch(), size));
}

BOOST_AUTO_TEST_CASE(a_batch_that_claims_more_entries_than_fit_is_not_believed) {
    for (const std::uint32_t count : {0U, 2U, 3U, 1000U, 0xFFFFFFU})
        BOOST_TEST_CONTEXT(count << " entries")
    neither_believed_nor_paid_for(forgery::with_count(batch(), count));
}

BOOST_AUTO_TEST_CASE(a_batch_whose_directory_claims_to_be_larger_than_its_body_is_not_believed) {
    for (const std::uint32_t size : absurd)
        BOOST_TEST_CONTEXT("a directory of " << size) {
            std::string f = batch(2);
            store_le(std::as_writable_bytes(std::span(f)).data() + binary_layout::directory_size_at, size);
            neither_believed_nor_paid_for(f);
            neither_believed_nor_paid_for(forgery::with_lead(f, 4));
        }
}

BOOST_AUTO_TEST_CASE(an_entry_that_claims_to_be_larger_than_its_batch_is_not_believed) {
    const std::string huge = std::string("\xFF\xFF\xFF\xFF\x0F", 5); // a varint of 2^32 - 1
    std::string f = batch(2);
    // Flags, term and time take a byte each; then comes the size of the data.
    for (const std::size_t entry_at : {std::size_t{36}, std::size_t{44}}) {
        std::string forged = f;
        forged.replace(entry_at + 3, 5, huge);
        const std::uint32_t directory = load_le<std::uint32_t>(to_bytes(f).data() + binary_layout::directory_size_at);
        neither_believed_nor_paid_for(forgery::with_lead(forged, 4 + directory));
    }
}

BOOST_AUTO_TEST_CASE(lost_entries_without_number_are_not_believed) {
    for (const std::uint64_t count : {std::uint64_t{0}, max_lost + 1, std::uint64_t{1} << 40, UINT64_MAX})
        BOOST_TEST_CONTEXT(count << " lost entries")
    neither_believed_nor_paid_for(numbers(frame_type::lost, {count}));
}

BOOST_AUTO_TEST_CASE(cuts_and_resets_to_where_no_entry_can_be_are_not_believed) {
    for (const std::uint64_t keep : {std::uint64_t{11}, UINT64_MAX - 1, UINT64_MAX})
        BOOST_TEST_CONTEXT("keeps " << keep)
    neither_believed_nor_paid_for(numbers(frame_type::cut, {keep}));
    for (const std::uint64_t next : {std::uint64_t{0}, UINT64_MAX / 2 + 1, UINT64_MAX})
        BOOST_TEST_CONTEXT("goes on at " << next)
    neither_believed_nor_paid_for(numbers(frame_type::reset, {next, 0}));
}

BOOST_AUTO_TEST_CASE(a_batch_with_another_index_than_the_next_is_not_believed) {
    for (const index_t index : {index_t{0}, index_t{1}, index_t{12}, UINT64_MAX}) {
        const auto before = disk.now();
        const forgery forged(disk);
        forged.put(forged.end(), batch(), index);
        open();
        BOOST_TEST(last() == 10U);
        log.reset();
        disk.go_back_to(before);
    }
}

BOOST_AUTO_TEST_CASE(a_witness_beyond_all_that_was_written_is_no_reason_to_hang) {
    const forgery forged(disk);
    forged.put(forged.end(), batch(), 11, /*witness=*/UINT64_MAX / 2);
    const result<void> opened = try_open();
    if (opened)
        BOOST_TEST(last() == 11U);
    else
        BOOST_TEST(opened.error() == errc::corrupt);
}

BOOST_AUTO_TEST_CASE(a_segment_full_of_beginnings_is_looked_through_in_one_go) {
    // Each of them claims all that is left: who reads that for each reads the square of it.
    const forgery forged(disk);
    const std::uint64_t begin = forged.end();
    constexpr std::uint64_t size = 4 * mebibyte;
    disk.write(std::string(file), size - 1, "!"); // so far the file reaches
    for (std::uint64_t at = begin + 8; at + 64 < size; at += 4096)
        forged.put(at, forgery::with_size(batch(), static_cast<std::uint32_t>(size - at - 32)), 11);
    memory_log<fsync_always, counting_format> counted;
    counted.disk = disk;
    counting_format::checked = 0;
    counted.open();
    BOOST_TEST(counting_format::checked < 3 * size);
    BOOST_TEST(counted.all() == samples(1, 10), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(cuts_do_not_cost_a_look_at_every_segment_that_has_nothing_in_it) {
    // Were it so, this would take a quarter of an hour, and be ended.
    constexpr segment_t count = 10'000;
    log.reset();
    const std::uint64_t id = load_le<std::uint64_t>(to_bytes(disk.read(std::string(file))).data() + 40);
    disk = {};
    must(disk.backend().attach(/*create=*/true));
    log_state state;
    state.generation = 1;
    state.log = id;
    state.format = binary_format::id;
    state.format_version = binary_format::version;
    state.first_segment = 1;
    state.next_segment = count + 1;
    state.max_record_size = opts.max_record_size;
    const auto slot = encode_slot(state);
    for (const std::uint64_t at : state_layout::slot)
        disk.write("state", at, to_text(slot));
    disk.write("state", state_layout::file_size - 1, std::string(1, '\0'));
    segment_header h{.log = id, .segment = 0, .next_index = 1};
    for (segment_t i = 1; i <= count; ++i) {
        std::string bytes(min_segment_size, '\0');
        const byte_span all = std::as_writable_bytes(std::span(bytes));
        h.segment = i;
        h.base = (i - 1) * min_segment_size;
        std::size_t at = header_frame_size<binary_format>();
        h.previous_checksum = encode_header<binary_format>(h, /*witness=*/0, all.first(at));
        const std::string cut = numbers(frame_type::cut, {0});
        for (; at + cut.size() <= bytes.size(); at += cut.size()) {
            const byte_span frame = all.subspan(at, cut.size());
            std::copy(cut.begin(), cut.end(), bytes.begin() + static_cast<std::ptrdiff_t>(at));
            const frame_place place{.log = id, .segment = i, .offset = at, .first_index = 1};
            binary_format::stamp(frame, place);
            frame_info info;
            BOOST_REQUIRE((binary_format::probe(frame, place, info) == verdict::frame));
            h.previous_checksum = info.checksum;
        }
        h.previous = i;
        h.previous_end = at;
        disk.write(segment_name(i).data(), 0, bytes);
    }
    opts.mode = open_mode::read_only;
    open();
    BOOST_TEST(must(log->segment_count()) == count);
    BOOST_TEST(must(log->empty()));
}

BOOST_AUTO_TEST_CASE(of_a_file_no_more_is_looked_at_than_a_segment_can_have) {
    struct endless_file : memory_file {
        endless_file(memory_file f) : memory_file(std::move(f)) {}
        [[nodiscard]] result<std::uint64_t> size() const noexcept { return std::uint64_t{1} << 50; }
    };
    using endless_backend = backend_of<endless_file>;
    endless_backend backend{disk.backend()};
    must(backend.attach(/*create=*/false));
    buffer_pool pool;
    const std::uint64_t id = load_le<std::uint64_t>(to_bytes(disk.read(std::string(file))).data() + 40);
    const found_segment found = must(find_segment<binary_format>(backend, 1, id, pool));
    BOOST_TEST(found.size == max_segment_file);
    BOOST_TEST((found.state == header_state::good));
}

BOOST_AUTO_TEST_CASE(an_index_frame_that_claims_what_does_not_fit_is_not_believed) {
    // A sealed segment of ten entries, which an open reads by its index frame.
    disk = {};
    open();
    append_samples(10);
    must(log->roll());
    append_samples(1);
    close();
    const forgery forged(disk);
    const std::string all_bytes = disk.read(std::string(file));
    const std::uint64_t last = forged.frame(11);
    const std::uint64_t checksum =
        load_le<std::uint32_t>(to_bytes(all_bytes).data() + last + binary_layout::checksum_at);
    const auto before = disk.now();
    const auto open_with = [&](std::vector<std::uint64_t> claim) {
        disk.go_back_to(before->copy());
        claim[3] = checksum;
        forgery(disk).put(forged.frame(12), numbers(frame_type::index, std::move(claim)), 11);
        (void)largest_allocation();
        open();
        BOOST_TEST(largest_allocation() < enough);
    };
    const std::uint64_t first = forged.frame(2);
    const std::uint64_t ninth = forged.frame(10) - first;
    open_with({1, 0, 0, 0, 11, 0, 0, 0, 0, 0, 1, 1, 10, first + 8, ninth - 8});
    BOOST_TEST(
        fails_with(log->get(1), errc::corrupt)); // what fits is taken: where the entries are is seen when they are read

    const std::vector<std::vector<std::uint64_t>> claims{
        {1, 0, 0, 0, 11, 0, 0, 0, 0, UINT64_MAX},                     // runs of terms without number
        {1, 0, 0, 0, 11, 0, 0, 0, 0, 0, UINT64_MAX},                  // runs of entries
        {1, 0, 0, 0, 11, 0, 0, 0, 0, 0, 1, 1, UINT64_MAX, 112},       // entries of a run
        {1, 0, 0, 0, UINT64_MAX, 0, 0, 0, 0, 0, 1, 1, 8, UINT64_MAX}, // where they are
        // All of it can be, but not behind a header that says that the log begins with the entry 1, after a term of 0.
        {1, 0, 0, 0, UINT64_MAX, 0, 0, 0, 0, 0, 0},                        // no entry, and the next is far away
        {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},                                 // or nowhere
        {1, 0, 0, 0, 12, 0, 0, 0, 0, 0, 1, 1, 10, first, ninth},           // not the one behind the last
        {1, 0, 0, 0, 12, 0, 0, 0, 0, 0, 1, 2, 10, first, ninth},           // entries begin behind a gap
        {1, 0, 0, 0, 12, 0, 0, 0, 0, 0, 2, 1, 5, first, 1, 5, first},      // there is one between them
        {1, 0, 0, 0, 11, 5, 0, 0, 0, 1, 0, 5, 1, 1, 10, first, ninth},     // a term of the entry before the first
        {1, 0, 0, 0, 11, 5, 0, 0, 0, 1, 11, 5, 1, 1, 10, first, ninth},    // or of one behind the last
        {1, 1, 0, 0, 11, 3, 1, 4, first, 1, 1, 3, 1, 1, 10, first, ninth}, // a term below that of a reset
        {1, 1, 0, 0, 0, 9, 0, 9, first, 0, 0},                             // a reset to where no log goes on
        {1, 1, 0, 0, UINT64_MAX, 9, UINT64_MAX, 9, first, 0, 0},           //
        {1, 1, 5, 0, 11, 0, 11, 0, first, 0, 0},                           // a cut below it
        {1, 4, 0, 0, 11, 0, 0, 0, 0, 0, 1, 1, 10, first, ninth},           // flags that nobody knows
        {1, 2, 0, 0, 11, 0, 0, 0, 0, 0, 1, 1, 10, UINT64_MAX},             // lost entries nowhere
        {1, 2, 0, 0, 11, 0, 0, 0, 0, 0, 1, 1, 10, first + 1, 0},           // and something behind them
        {1, 2, 0, 0, 11, 0, 0, 0, 0, 0, 1, 1, 10},                         // or not even that
    };
    for (const auto& claim : claims)
        BOOST_TEST_CONTEXT("claim " << &claim - claims.data()) {
            open_with(claim);
            BOOST_TEST(all() == samples(1, 11), boost::test_tools::per_element()); // read frame by frame
            BOOST_TEST(term(10) == 0U);
            BOOST_TEST(append("more") == 12U);
        }
}

BOOST_AUTO_TEST_CASE(a_header_with_absurd_numbers_is_not_believed) {
    const auto before = disk.now();
    for (const std::size_t field : {56U, 64U, 72U, 80U, 88U, 96U, 104U}) // from the base to the flags
        for (const std::uint64_t value : {UINT64_MAX, UINT64_MAX / 2, std::uint64_t{1} << 40})
            BOOST_TEST_CONTEXT("the number at " << field << " is " << value) {
                if (field == 104 && (value & header_repair) != 0)
                    continue; // then it is the beginning of a repair that was not finished, and counts for nothing
                disk.go_back_to(before->copy());
                forgery(disk).put_header(field, value);
                (void)largest_allocation();
                const result<void> opened = try_open();
                BOOST_TEST(largest_allocation() < enough);
                if (opened) // it is none of those that say where the log begins
                    BOOST_TEST(all() == samples(1, 10), boost::test_tools::per_element());
                log.reset();
            }
}

BOOST_AUTO_TEST_CASE(a_header_whose_next_index_no_log_has_is_damage) {
    const auto before = disk.now();
    for (const index_t next : {index_t{0}, UINT64_MAX - 1, UINT64_MAX})
        BOOST_TEST_CONTEXT("goes on at " << next) {
            disk.go_back_to(before->copy());
            forgery(disk).put_header(/*next index*/ 64, next);
            opts.mode = open_mode::strict;
            BOOST_TEST(fails_with(try_open(), errc::corrupt));
            opts.mode = open_mode::salvage;
            open();
            const index_t more = append("more");
            kill();
            opts.mode = open_mode::strict;
            open();
            BOOST_TEST(last() == more);
            BOOST_TEST(text(more) == "more");
        }
}

BOOST_AUTO_TEST_CASE(salvage_does_not_go_on_at_an_index_that_no_log_has) {
    const auto before = disk.now();
    opts.mode = open_mode::salvage;
    for (const index_t index : {index_t{0}, UINT64_MAX / 4 * 3 + 1, UINT64_MAX - 1, UINT64_MAX})
        for (const std::string& frame : {batch(), numbers(frame_type::cut, {index == 0 ? UINT64_MAX : index})})
            BOOST_TEST_CONTEXT("at " << index) {
                disk.go_back_to(before->copy());
                const forgery forged(disk);
                disk.damage(sample(4));
                forged.put(forged.frame(6), frame.substr(0, 96), index);
                open();
                BOOST_TEST(text(3) == sample(3));
                BOOST_TEST(text(10) == sample(10));
                BOOST_TEST(append("more") == 11U);
                kill_and_open();
                BOOST_TEST(text(11) == "more");
                log.reset();
            }
}

BOOST_AUTO_TEST_SUITE_END()
