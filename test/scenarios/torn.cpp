#include <tusk/log/recovery.hpp>

#include <log/forgery.hpp>

#include "scene.hpp"

using namespace scenario;

namespace scenarios_torn {

// Nothing is synced but what the test wants to be.
struct lazy_in_memory : memory_log<fsync_never> {
    lazy_in_memory() { open(); }
};
using lazy_on_disk = simulated_log<fsync_never>;

const std::string long_text(1500, 'v'); // its frame lies in four sectors

} // namespace scenarios_torn

BOOST_AUTO_TEST_SUITE(scenarios_torn)

// etcd 5230
BOOST_AUTO_TEST_CASE(a_torn_write_in_a_preallocated_file_is_no_corruption) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        lazy_on_disk l;
        l.open();
        l.append("durable");
        must(l.log->sync());
        l.append(long_text);
        l.lose_power_and_open(disk_loss::torn(seed));
        const texts left = l.all();
        BOOST_TEST((left == texts{"durable"} || left == texts{"durable", long_text}));
        l.append("more");
        l.lose_power_and_open(disk_loss::keep_all());
        l.holds(left + texts{"more"});
    }
}

// etcd f1ead4348
BOOST_AUTO_TEST_CASE(what_a_torn_write_has_left_is_not_mixed_with_what_is_written_later) {
    lazy_in_memory l;
    l.append("durable");
    must(l.log->sync());
    for (const char c : {'b', 'c', 'd', 'e'})
        l.append(std::string(200, c));
    l.kill();
    l.disk.damage(std::string(200, 'b')); // those behind it are whole, and in their places
    l.open();
    BOOST_TEST(l.all() == texts{"durable"}, boost::test_tools::per_element());
    l.append(std::string(100, 'B')); // shorter than what it takes the place of
    for (int life = 0; life < 3; ++life) {
        l.kill_and_open();
        BOOST_TEST(l.all() == (texts{"durable", std::string(100, 'B')}), boost::test_tools::per_element());
    }
    l.append(std::string(200, 'C'));
    l.reopen();
    BOOST_TEST(l.text(3) == std::string(200, 'C'));
    BOOST_TEST(l.last() == 3U);
}

// etcd 14098
BOOST_AUTO_TEST_CASE(an_absurd_length_left_by_a_lost_write_is_not_believed) {
    for (const std::uint32_t length : {0xFFFFFFFFU, 0x7FFFFFFFU, 0x10000U, 4096U}) {
        lazy_in_memory l;
        l.append("durable");
        must(l.log->sync());
        l.append("lost");
        l.kill();
        const auto at = l.disk.find("lost");
        std::string size(4, '\0');
        store_le(reinterpret_cast<std::byte*>(size.data()), length);
        l.disk.write(at.file, at.offset - 10 - 32 + binary_layout::body_size_at, size); // the frame's, as it is torn
        lazy_in_memory with_checksum;
        with_checksum.kill();
        with_checksum.disk.go_back_to(l.disk.now());
        forgery forged(with_checksum.disk);
        const stored_record r{.data = to_bytes("lost"), .key = {}, .time = 1, .raw_size = 4};
        forged.put(forged.frame(3), forgery::with_size(forgery::encoded({.records = {&r, 1}}), length), 2);
        for (lazy_in_memory* log : {&l, &with_checksum}) {
            log->open();
            BOOST_TEST(log->all() == texts{"durable"}, boost::test_tools::per_element());
            BOOST_TEST(log->append("next") == 2U);
        }
    }
}

// LevelDB 251
BOOST_AUTO_TEST_CASE(an_append_of_which_a_part_is_zero_is_not_a_value) {
    lazy_on_disk begun;
    begun.open();
    begun.append("durable");
    must(begun.log->sync());
    begun.append(long_text);
    const std::size_t changes = begun.disk.unsynced();
    BOOST_REQUIRE(changes >= 3U);
    for (std::uint64_t arrived = 0; arrived < 1U << changes; ++arrived) {
        lazy_on_disk l;
        l.disk = begun.disk.copy();
        l.lose_power_and_open(disk_loss::subset(arrived));
        l.holds(arrived + 1 == 1U << changes ? texts{"durable", long_text} : texts{"durable"});
    }
}

// canonical/raft
BOOST_AUTO_TEST_CASE(a_damaged_segment_is_not_cut_where_data_follows) {
    lazy_in_memory l;
    l.append_samples(5);
    must(l.log->roll());
    l.append_samples(5);
    must(l.log->roll());
    l.append_samples(5);
    must(l.log->sync());
    l.append_samples(1); // bears witness to what comes before
    l.kill();
    l.disk.damage(sample(8));
    l.opts.verify_all = true;
    const auto before = l.disk.contents();
    BOOST_TEST(fails_with(l.try_open(), errc::corrupt));
    BOOST_TEST((l.disk.contents() == before));
    l.opts.mode = open_mode::salvage;
    l.open();
    BOOST_TEST(l.last() == 16U);
    BOOST_TEST(l.text(15) == sample(15));
}

// Redpanda PR 4134
BOOST_AUTO_TEST_CASE(a_checksum_of_zero_is_not_the_end) {
    for (const std::uint64_t field : {binary_layout::lead_checksum_at, binary_layout::checksum_at}) {
        memory_log<> l;
        l.open();
        l.append_samples(9);
        l.kill();
        const forgery frames(l.disk);
        l.disk.write("0000000001.wal", frames.frame(5) + field,
                     std::string(4, '\0')); // entry 4; the header is the first
        const auto before = l.disk.contents();
        BOOST_TEST(fails_with(l.try_open(), errc::corrupt));
        BOOST_TEST(l.report.last_index == 3U);
        BOOST_TEST((l.disk.contents() == before));
    }
}

// A body whose checksum really is 0 is taken for what it is.
BOOST_AUTO_TEST_CASE(a_record_whose_checksum_is_zero_comes_back) {
    memory_log<> l;
    l.open();
    const auto lead_checksum = [&] {
        const forgery frames(l.disk);
        const std::string bytes = l.disk.read("0000000001.wal");
        return load_le<std::uint32_t>(to_bytes(bytes).data() + frames.frame(2) + binary_layout::lead_checksum_at);
    };
    // CRCs are linear: four bytes at the end can make any of them 0.
    std::string data(8, 'x');
    record_view r(data, "", 0, entry_kind::data, 1);
    must(l.log->append(r));
    const auto with = [&](std::uint32_t last) {
        store_le(reinterpret_cast<std::byte*>(data.data()) + 4, last);
        std::string body("\0\0\1\0\0\0\0\0\0\0", 10); // flags, term, time
        return crc32c(to_bytes(body + data));
    };
    BOOST_REQUIRE_EQUAL(with(load_le<std::uint32_t>(to_bytes("xxxx").data())), lead_checksum());
    const std::uint32_t none = with(0);
    std::array<std::pair<std::uint32_t, std::uint32_t>, 32> basis{}; // what a bit changes, and which bits do
    for (unsigned bit = 0; bit < 32; ++bit) {
        std::uint32_t change = with(1U << bit) ^ none;
        std::uint32_t bits = 1U << bit;
        while (change != 0 && basis[static_cast<unsigned>(std::countl_zero(change))].first != 0) {
            const auto& known = basis[static_cast<unsigned>(std::countl_zero(change))];
            change ^= known.first;
            bits ^= known.second;
        }
        BOOST_REQUIRE(change != 0);
        basis[static_cast<unsigned>(std::countl_zero(change))] = {change, bits};
    }
    std::uint32_t last = 0;
    for (std::uint32_t rest = none; rest != 0;) {
        const auto& known = basis[static_cast<unsigned>(std::countl_zero(rest))];
        rest ^= known.first;
        last ^= known.second;
    }
    BOOST_REQUIRE_EQUAL(with(last), 0U);
    must(l.log->truncate(0));
    const index_t at = must(l.log->append(r));
    l.append("behind it");
    l.kill_and_open();
    BOOST_TEST(l.text(at) == data);
    BOOST_TEST(l.text(at + 1) == "behind it");
}

// Prometheus 8125, 13027
BOOST_AUTO_TEST_CASE(a_repair_of_a_half_written_page_does_not_take_what_was_committed_later) {
    lazy_on_disk l;
    l.open();
    texts committed;
    for (int life = 0; life < 8; ++life) {
        committed.push_back("committed in life " + std::to_string(life));
        l.append(committed.back());
        must(l.log->sync());
        l.append(long_text); // in the same page
        l.lose_power_and_open(disk_loss::torn(static_cast<std::uint64_t>(life)));
        texts left = l.all();
        if (!left.empty() && left.back() == long_text) { // it may have arrived
            committed.push_back(long_text);
        }
        BOOST_TEST(left == committed, boost::test_tools::per_element());
    }
}

// NATS 3870
BOOST_AUTO_TEST_CASE(a_truncation_that_fails_says_so_and_the_next_one_works) {
    simulated_log<> l;
    l.open();
    l.append_samples(5);
    l.disk.fail({.on = call_of_disk::write, .nth = 1, .error = ENOSPC});
    BOOST_TEST(!l.log->truncate(3));
    l.holds(samples(1, 5));
    must(l.log->truncate(3));
    l.holds(samples(1, 3));
    l.lose_power_and_open();
    l.holds(samples(1, 3));
}
BOOST_AUTO_TEST_CASE(a_repair_that_fails_says_so_and_the_next_open_repairs) {
    lazy_on_disk begun;
    begun.open();
    begun.append_samples(3);
    begun.append(long_text);
    begun.disk.power_cycle(disk_loss::each(0b00'01'01'01'01'01)); // its end is lost
    begun.log.reset();
    std::size_t failures = 0;
    for (const call_of_disk on : {call_of_disk::create, call_of_disk::write, call_of_disk::sync}) {
        for (std::uint64_t nth = 1;; ++nth) {
            lazy_on_disk l = begun.twin();
            l.disk.fail({.on = on, .nth = nth, .error = EIO});
            const auto opened = l.try_open();
            if (opened)
                break;
            ++failures;
            BOOST_TEST((opened.error() == std::error_code(EIO, std::system_category())));
            l.disk.heal();
            l.lose_power_and_open(disk_loss::keep_all());
            l.holds(samples(1, 3));
        }
    }
    BOOST_TEST(failures >= 5U);
}

// Cassandra
BOOST_AUTO_TEST_CASE(a_header_that_is_wrong_and_has_a_right_checksum_is_refused) {
    memory_log<> sound;
    sound.open();
    sound.append(sample(1), /*term=*/5);
    must(sound.log->roll());
    sound.append_samples(3);
    sound.kill();
    const std::string file = "0000000002.wal";
    const std::string right = sound.disk.read(file);
    frame_info info;
    const std::uint64_t log = load_le<std::uint64_t>(to_bytes(right).data() + 40);
    BOOST_REQUIRE((binary_format::probe(to_bytes(right), {.log = log, .segment = 2}, info) == verdict::frame));
    std::array<std::uint64_t, header_fields> numbers{};
    BOOST_REQUIRE_EQUAL(must(binary_format::numbers(to_bytes(right), info, numbers)), header_fields);
    for (const std::size_t field : {0U, 1U, 3U, 4U, 5U, 6U, 7U}) { // of all but its base, others know better
        memory_log<> l;
        l.disk.go_back_to(sound.disk.now());
        auto changed = numbers;
        changed[field] += 3;
        std::string header(header_frame_size<binary_format>(), '\0');
        (void)encode_header<binary_format>(segment_header::from(changed), info.witness,
                                           std::as_writable_bytes(std::span(header)));
        l.disk.write(file, 0, header);
        const auto before = l.disk.contents();
        BOOST_TEST_CONTEXT("field " << field) {
            const auto opened = l.try_open();
            BOOST_REQUIRE(!opened);
            BOOST_TEST((opened.error() == errc::corrupt || opened.error() == errc::misplaced ||
                        opened.error() == errc::missing));
            BOOST_TEST((l.disk.contents() == before));
        }
    }
}

// okaywal 14
BOOST_AUTO_TEST_CASE(a_first_entry_that_was_rolled_back_does_not_end_recovery) {
    memory_log<> l;
    l.open();
    auto t = l.log->begin();
    must(t.add("rolled back"));
    t.rollback();
    l.append("cut at once");
    must(l.log->truncate(0));
    must(l.log->roll());
    l.append("first");
    l.append("second");
    l.kill_and_open();
    BOOST_TEST(l.all() == (texts{"first", "second"}), boost::test_tools::per_element());
    must(l.log->truncate(0));
    l.append("again");
    l.reopen();
    BOOST_TEST(l.all() == texts{"again"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
