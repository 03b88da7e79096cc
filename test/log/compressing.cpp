#include <tusk/log/packing.hpp>

#include <allocations.hpp>
#include <log/forgery.hpp>

#include <tusk/compression/lz4.hpp>

#include <random>

using namespace log_test;

namespace log_compressing {

// Text as it shrinks well, of this size.
std::string repetitive(std::size_t size, char c = 'r') {
    std::string out;
    while (out.size() < size)
        out += std::string(50, c) + std::to_string(out.size());
    out.resize(size);
    return out;
}

// Bytes that no codec makes smaller.
std::string noise(std::size_t size) {
    std::minstd_rand random(static_cast<unsigned>(size));
    std::string out(size, '\0');
    for (char& c : out)
        c = static_cast<char>(random() >> 8);
    return out;
}

using compressed = memory_log<fsync_always, binary_format, lz4_compression>;

struct fixture : compressed {
    fixture() { open(); }
    [[nodiscard]] bool is_stored_as_it_is(std::string_view text) const {
        for (const std::string& name : disk.segments())
            if (disk.read(name).find(text) != std::string::npos)
                return true;
        return false;
    }
    // Bytes that an append adds to the log.
    template<class Append>
    [[nodiscard]] std::uint64_t cost_of(Append&& f) {
        const std::uint64_t before = must(log->size_bytes());
        f();
        return must(log->size_bytes()) - before;
    }
};

// A codec whose compression always fails.
struct failing_codec : lz4_compression {
    [[nodiscard]] std::size_t compress(byte_view, byte_span out) const noexcept {
        std::fill(out.begin(), out.end(), std::byte{'!'}); // what it had written by then
        return 0;
    }
};

} // namespace log_compressing

BOOST_FIXTURE_TEST_SUITE(log_compressing, fixture)

BOOST_AUTO_TEST_CASE(what_was_compressed_comes_back_after_a_close_and_after_a_kill) {
    texts wanted;
    for (std::size_t size : {0U, 1U, 2U, 10U, 100U, 4000U, 5000U, 65535U, 65536U, 300000U}) {
        wanted.push_back(repetitive(size));
        append(wanted.back());
        wanted.push_back(noise(size));
        append(wanted.back());
    }
    BOOST_TEST((all() == wanted));
    kill_and_open();
    BOOST_TEST((all() == wanted));
    reopen();
    BOOST_TEST((all() == wanted));
    for (index_t i = last(); i >= 1; --i)
        BOOST_REQUIRE(text(i) == wanted[i - 1]);
    auto r = must(log->read_from(1));
    for (const std::string& t : wanted)
        BOOST_REQUIRE(must(r.next()).text() == t);
    BOOST_TEST(must(log->verify()).sound());
}

BOOST_AUTO_TEST_CASE(data_that_repeats_itself_takes_less_room) {
    BOOST_TEST(cost_of([&] { append(repetitive(3000)); }) < 1000U);
    BOOST_TEST(cost_of([&] { append_batch({repetitive(3000), repetitive(3000)}); }) < 2000U);
    BOOST_TEST(cost_of([&] { must(log->replace_from(last(), records({repetitive(3000)}))); }) < 1000U);
    BOOST_TEST(cost_of([&] {
                   const std::string half = repetitive(1500);
                   const std::array<byte_view, 2> pieces{to_bytes(half), to_bytes(half)};
                   must(log->append(pieces));
               }) < 1000U);
    BOOST_TEST(
        cost_of([&] {
            must(log->append_with(3000, [](byte_span out) { std::fill(out.begin(), out.end(), std::byte{'w'}); }));
        }) < 1000U);
    BOOST_TEST(cost_of([&] {
                   auto t = log->begin();
                   must(t.add(repetitive(3000)));
                   must(t.commit());
               }) < 1000U);
    BOOST_TEST(cost_of([&] { must(log->submit(records({repetitive(3000)}))); }) < 1000U);
}

BOOST_AUTO_TEST_CASE(data_that_would_not_shrink_is_stored_as_it_is) {
    append("the segment is there");
    const std::string bytes = noise(2000);
    BOOST_TEST(cost_of([&] { append(bytes); }) < 2000U + 64);
    BOOST_TEST(is_stored_as_it_is(bytes));
    BOOST_TEST((text(2) == bytes));
}

BOOST_AUTO_TEST_CASE(who_appends_says_whether_to_compress) {
    const std::string plain = repetitive(2000, 'p');
    must(log->append(plain, {.compress = false}));
    must(log->append_batch(records({plain, plain}), {.compress = false}));
    BOOST_TEST(is_stored_as_it_is(plain));
    append(repetitive(2000, 'c'));
    BOOST_TEST(!is_stored_as_it_is(repetitive(2000, 'c')));
    reopen();
    BOOST_TEST((all() == texts{plain, plain, plain, repetitive(2000, 'c')}));
}

BOOST_AUTO_TEST_CASE(keys_are_never_compressed) {
    const std::string key = repetitive(1000, 'k');
    must(log->append(record_view(repetitive(2000), key)));
    must(log->append(record_view("", key)));
    BOOST_TEST(is_stored_as_it_is(key));
    reopen();
    for (const index_t i : {1U, 2U})
        BOOST_TEST((to_text(must(log->get(i)).key()) == key));
    BOOST_TEST((text(1) == repetitive(2000)));
}

BOOST_AUTO_TEST_CASE(data_whose_compression_fails_is_not_marked_compressed_and_survives_recovery) {
    memory_log<fsync_always, binary_format, failing_codec> failing;
    failing.open();
    for (index_t i = 1; i <= 10; ++i)
        failing.append(repetitive(500 * i));
    failing.kill();
    disk = failing.disk;
    open(); // by a codec that would notice
    for (index_t i = 1; i <= 10; ++i)
        BOOST_REQUIRE(text(i) == repetitive(500 * i));
}

// ---- another compression than before ----

BOOST_AUTO_TEST_CASE(a_log_without_compression_goes_on_with_it) {
    memory_log<> plain;
    plain.open();
    texts wanted;
    for (index_t i = 1; i <= 100; ++i) {
        wanted.push_back(repetitive(300, 'o'));
        plain.append(wanted.back());
    }
    plain.kill();
    disk = plain.disk;
    open();
    for (index_t i = 1; i <= 100; ++i) {
        wanted.push_back(repetitive(300, 'n'));
        append(wanted.back());
    }
    BOOST_TEST((all() == wanted));
    must(log->truncate(150));
    wanted.resize(150);
    kill_and_open();
    BOOST_TEST((all() == wanted));
    reopen();
    BOOST_TEST((all() == wanted));
    BOOST_TEST(must(log->verify()).sound());
}

BOOST_AUTO_TEST_CASE(a_log_with_compressed_data_is_refused_without_its_codec_and_not_a_byte_changes) {
    append(repetitive(1000));
    kill(); // a tail that an open would repair
    memory_log<> plain;
    plain.disk = disk;
    const auto before = disk.contents();
    for (const open_mode mode : {open_mode::strict, open_mode::salvage, open_mode::read_only}) {
        plain.opts.mode = mode;
        BOOST_TEST(fails_with(plain.try_open(), errc::wrong_compression));
        BOOST_TEST_INFO(plain.report.message);
        BOOST_TEST(plain.report.message.find("lz4_compression") != std::string::npos);
    }
    BOOST_TEST((disk.contents() == before));
    open();
    BOOST_TEST((text(1) == repetitive(1000)));
}

// ---- limits ----

BOOST_AUTO_TEST_CASE(the_limit_of_a_record_counts_what_was_given_and_not_what_is_stored) {
    opts.max_record_size = opts.max_batch_bytes = 10000;
    close();
    disk = {};
    open();
    append(repetitive(10000));
    BOOST_TEST(fails_with(log->append(repetitive(10001)), errc::too_large));
    BOOST_TEST(fails_with(log->append_batch(records({repetitive(5000), repetitive(5001)})), errc::too_large));
    reopen();
    BOOST_TEST((all() == texts{repetitive(10000)}));
}

BOOST_AUTO_TEST_CASE(what_a_larger_limit_let_in_is_decompressed_with_a_smaller_one) {
    append(repetitive(100000));
    close();
    opts.max_record_size = opts.max_batch_bytes = 10;
    for (int round = 0; round < 2; ++round) {
        open();
        BOOST_TEST((text(1) == repetitive(100000)));
        kill();
    }
    opts.mode = open_mode::read_only;
    open();
    BOOST_TEST((text(1) == repetitive(100000)));
}

BOOST_AUTO_TEST_CASE(a_record_that_declares_more_than_any_may_have_is_corrupt_before_anything_is_allocated) {
    append("before");
    kill();
    const forgery forged(disk);
    std::string packed(900, '\0');
    const int size = static_cast<int>(
        lz4_compression().compress(to_bytes(repetitive(1000)), std::as_writable_bytes(std::span(packed))));
    packed.resize(static_cast<std::size_t>(size));
    const auto declares = [&](std::uint32_t raw_size) {
        const stored_record r{
            .data = to_bytes(packed), .key = {}, .time = 1, .codec = codec::lz4, .raw_size = raw_size};
        return forgery::encoded({.records = {&r, 1}});
    };
    const auto limit = static_cast<std::uint32_t>(opts.max_record_size);
    index_t next = 2;
    for (const std::uint32_t raw_size : {limit + 1, limit * 8, UINT32_MAX, 999U, 1001U, 0U, 1000U})
        forged.put(forged.end(), declares(raw_size), next++);
    open();
    BOOST_TEST(last() == 8U); // each is an entry, whose checksum is right
    (void)largest_allocation();
    for (const index_t i : {2U, 3U, 4U})
        BOOST_TEST(fails_with(log->get(i), errc::corrupt));
    BOOST_TEST(fails_with(log->get_range(2, 2), errc::corrupt));
    BOOST_TEST(largest_allocation() < mebibyte);
    for (const index_t i : {5U, 6U, 7U})
        BOOST_TEST(fails_with(log->get(i), errc::corrupt));
    BOOST_TEST((text(8) == repetitive(1000)));
    auto r = must(log->read_from(1)); // none of them is in a reader's way
    std::size_t served = 0;
    for (index_t i = 1; i <= 8; ++i)
        served += r.next() ? 1U : 0U;
    BOOST_TEST(served == 2U);
}

BOOST_AUTO_TEST_CASE(damage_in_compressed_data_is_found_by_its_checksum) {
    append(repetitive(3000));
    append("behind");
    close();
    disk.flip("0000000001.wal", 112 + 60); // in the middle of the first entry
    open();
    BOOST_TEST(fails_with(log->get(1), errc::corrupt));
    BOOST_TEST(text(2) == "behind");
}

BOOST_AUTO_TEST_SUITE_END()
