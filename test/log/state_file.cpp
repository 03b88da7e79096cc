#include <tusk/log/state_file.hpp>

#include <log/fixture.hpp>

#include <functional>

using namespace log_test;

namespace log_state_file {

constexpr std::uint64_t log_id = 0x1122334455667788;

/// A state as that of a log that has lived for a while.
log_state lived() {
    log_state s;
    s.generation = 10;
    s.log = log_id;
    s.format = binary_format::id;
    s.format_version = binary_format::version;
    s.first_index = 100;
    s.previous_term = 3;
    s.first_lsn = 5000;
    s.first_segment = 4;
    s.next_segment = 9;
    s.repaired = 5;
    s.max_record_size = mebibyte;
    s.proven = {.lsn = 6000, .segment = 7, .offset = 300, .index_frame = 200};
    s.add_codec(2);
    return s;
}

using change = std::function<void(log_state&)>;
struct named_change {
    const char* name;
    change make;
};

// The bytes of a state file, written slot by slot.
struct fixture {
    memory_disk disk;

    void slot(std::size_t i, const log_state& s) { write(state_layout::slot[i], to_text(encode_slot(s))); }
    void write(std::uint64_t at, std::string_view bytes) { disk.write("state", at, bytes); }
    [[nodiscard]] auto file() {
        memory_backend backend = disk.backend();
        must(backend.attach(/*create=*/true));
        return state_file<memory_backend>(must(backend.open("state", open_for::write)));
    }
    [[nodiscard]] auto read() { return file().read(); }
};

/// The witness as it lies on disk, with a checksum that is right.
std::string witness(std::uint64_t log, lsn_t lsn, segment_t segment,
                    std::string_view magic = state_layout::witness_magic) {
    std::string bytes(state_layout::witness_size, '\0');
    byte_writer out(std::as_writable_bytes(std::span(bytes)).data());
    out.text(magic);
    out(log);
    out(lsn);
    out(segment);
    out(crc32c(to_bytes(bytes).first(bytes.size() - 4)));
    return bytes;
}

} // namespace log_state_file

BOOST_FIXTURE_TEST_SUITE(log_state_file, log_state_file::fixture)

BOOST_AUTO_TEST_CASE(the_newest_slot_counts_wherever_it_is) {
    log_state newer = lived();
    newer.generation = 11;
    newer.first_index = 200;
    for (const std::size_t where : {0U, 1U}) {
        slot(where, newer);
        slot(1 - where, lived());
        const auto found = must(read());
        BOOST_TEST(found.both);
        BOOST_TEST(found.state.generation == 11U);
        BOOST_TEST(found.state.first_index == 200U);
    }
}

BOOST_AUTO_TEST_CASE(slots_agree_if_they_say_the_same_of_what_may_be_removed) {
    const std::vector<named_change> harmless{
        {"generation", [](log_state& s) { s.generation = 11; }},
        {"next_segment", [](log_state& s) { s.next_segment = 12; }},
        {"proven", [](log_state& s) { s.proven = {.lsn = 7000, .segment = 8, .offset = 50, .index_frame = 0}; }},
    };
    const std::vector<named_change> promises{
        {"first_index", [](log_state& s) { s.first_index = 101; }},
        {"previous_term", [](log_state& s) { s.previous_term = 4; }},
        {"first_lsn", [](log_state& s) { s.first_lsn = 5001; }},
        {"first_segment", [](log_state& s) { s.first_segment = 5; }},
        {"repaired", [](log_state& s) { s.repaired = 6; }},
        {"max_record_size", [](log_state& s) { s.max_record_size = 2 * mebibyte; }},
        {"format_version", [](log_state& s) { s.format_version = 0; }},
        {"a codec", [](log_state& s) { s.add_codec(130); }},
    };
    const auto agree_after = [&](const named_change& c) {
        log_state other = lived();
        c.make(other);
        slot(0, lived());
        slot(1, other);
        const auto found = must(read());
        BOOST_TEST(found.both, c.name);
        return found.agree;
    };
    for (const named_change& c : harmless)
        BOOST_TEST(agree_after(c), c.name);
    for (const named_change& c : promises)
        BOOST_TEST(!agree_after(c), c.name);
}

BOOST_AUTO_TEST_CASE(a_slot_with_numbers_that_no_log_has_is_none_whatever_its_checksum) {
    const std::vector<named_change> impossible{
        {"no segment left", [](log_state& s) { s.next_segment = 0; }},
        {"begins behind all that there are", [](log_state& s) { s.first_segment = 10; }},
        {"repaired what was not made", [](log_state& s) { s.repaired = 9; }},
        {"begins before the first entry", [](log_state& s) { s.first_index = 0; }},
        {"begins where no entry can be", [](log_state& s) { s.first_index = max_index + 1; }},
        {"begins where no byte can be", [](log_state& s) { s.first_lsn = max_lsn + 1; }},
        {"proves more than can be", [](log_state& s) { s.proven.lsn = max_lsn + 1; }},
    };
    for (const named_change& c : impossible)
        BOOST_TEST_CONTEXT(c.name) {
            log_state forged = lived();
            forged.generation = 100;
            c.make(forged);
            slot(0, forged);
            slot(1, lived());
            const auto other = must(read());
            BOOST_TEST(!other.both);
            BOOST_TEST(other.state.generation == lived().generation);
            BOOST_TEST(other.proven == lived().proven.lsn);
            slot(1, forged);
            BOOST_TEST(fails_with(read(), errc::corrupt));
        }
}

BOOST_AUTO_TEST_CASE(a_slot_is_read_with_the_largest_numbers_that_a_log_can_have) {
    log_state s = lived();
    s.first_index = max_index;
    s.first_lsn = s.proven.lsn = max_lsn;
    s.next_segment = s.first_segment = UINT32_MAX;
    s.repaired = UINT32_MAX - 1;
    slot(0, s);
    const auto found = must(read());
    BOOST_TEST(found.state.first_index == max_index);
    BOOST_TEST(found.state.first_segment == UINT32_MAX);
    BOOST_TEST(found.state.repaired == UINT32_MAX - 1);
    BOOST_TEST(found.proven == max_lsn);
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_of_a_slot_is_noticed) {
    const auto whole = encode_slot(lived());
    for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
        auto flipped = whole;
        flipped[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
        BOOST_TEST(!decode_slot(flipped));
    }
    for (std::size_t size = 0; size < whole.size(); ++size)
        BOOST_TEST(fails_with(decode_slot(byte_view(whole).first(size)), errc::corrupt));
}

BOOST_AUTO_TEST_CASE(a_file_that_was_never_finished_is_no_log_and_one_that_lost_both_slots_is_corrupt) {
    write(0, "");
    BOOST_TEST(fails_with(read(), errc::no_log));
    write(0, "TUSKSLOT");
    BOOST_TEST(fails_with(read(), errc::corrupt));
}

BOOST_AUTO_TEST_CASE(a_slot_of_a_newer_version_is_not_passed_over) {
    std::string newer(to_text(encode_slot(lived())));
    newer[8] = 2;
    for (const std::size_t where : {0U, 1U}) {
        write(state_layout::slot[where], newer);
        slot(1 - where, lived());
        BOOST_TEST(fails_with(read(), errc::unsupported_version));
        write(state_layout::slot[1 - where], "no slot");
        BOOST_TEST(fails_with(read(), errc::unsupported_version));
    }
}

BOOST_AUTO_TEST_CASE(the_witness_proves_what_is_beyond_the_slots_if_it_is_that_of_this_log) {
    slot(0, lived());
    const auto proven_with = [&](const std::string& bytes) {
        write(state_layout::witness, bytes);
        const auto found = must(read());
        return std::pair(found.proven, found.proven_segment);
    };
    const std::pair beyond(lsn_t{6500}, segment_t{8});
    const std::pair by_slot(lsn_t{6000}, segment_t{7});
    BOOST_TEST((proven_with(witness(log_id, 6500, 8)) == beyond));
    BOOST_TEST((proven_with(witness(log_id, 5999, 8)) == by_slot));        // an older one
    BOOST_TEST((proven_with(witness(log_id + 1, 6500, 8)) == by_slot));    // of another log
    BOOST_TEST((proven_with(witness(log_id, max_lsn + 1, 8)) == by_slot)); // where no byte can be
    BOOST_TEST((proven_with(witness(log_id, 6500, 8, "TUSKwitn")) == by_slot));
    std::string torn = witness(log_id, 6500, 8);
    torn.back() ^= 1;
    BOOST_TEST((proven_with(torn) == by_slot));
    write(state_layout::witness, witness(log_id, 6500, 8));
    disk.cut("state", state_layout::witness + state_layout::witness_size - 1);
    BOOST_TEST(must(read()).proven == 6000U);
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again) {
    slot(0, lived());
    auto written = file();
    log_state s = must(written.read()).state;
    s.first_index = 150;
    must(written.commit(s, /*both=*/true));
    must(written.write_witness(log_id, {.lsn = 9000, .segment = 8}));
    must(written.close());
    const auto found = must(read());
    BOOST_TEST(found.both);
    BOOST_TEST(found.agree);
    BOOST_TEST(found.state.generation == 12U);
    BOOST_TEST(found.state.first_index == 150U);
    BOOST_TEST(found.state.has_codec(2));
    BOOST_TEST(!found.state.has_codec(1));
    BOOST_TEST(found.proven == 9000U);
    BOOST_TEST(found.proven_segment == 8U);
}

BOOST_AUTO_TEST_SUITE_END()
