#include <tusk/log/compression_counts.hpp>

#include <log/fixture.hpp>

#include <tusk/compression/compressions.hpp>
#include <tusk/compression/lz4.hpp>
#include <tusk/compression/zstd.hpp>

#include <random>

using namespace log_test;

namespace log_choosing_codecs {

using both = compressions<zstd_compression, lz4_compression>;
using lz4_on_demand = compressions<no_compression, lz4_compression>;

template<class Compression>
using log_with = memory_log<fsync_always, binary_format, Compression>;

std::string shrinks(std::size_t size = 2000) {
    std::string out;
    while (out.size() < size)
        out += "what is said again " + std::to_string(out.size()) + "; ";
    out.resize(size);
    return out;
}

std::string noise(std::size_t size = 2000) {
    std::minstd_rand random(1);
    std::string out(size, '\0');
    for (char& c : out)
        c = static_cast<char>(random() >> 8);
    return out;
}

// A codec of the user's own: bytes that are all alike become one of them.
template<std::uint8_t Id>
struct own_codec {
    static constexpr std::uint8_t id = Id;
    static constexpr bool reads(std::uint8_t codec) noexcept { return codec == id; }
    [[nodiscard]] std::size_t compress(byte_view in, byte_span out) const noexcept {
        if (out.empty() || std::count(in.begin(), in.end(), in[0]) != std::ssize(in))
            return 0;
        out[0] = in[0];
        return 1;
    }
    [[nodiscard]] result<void> decompress(std::uint8_t, byte_view in, byte_span out) const noexcept {
        std::fill(out.begin(), out.end(), in[0]);
        return success();
    }
};

struct fixture : log_with<both> {
    fixture() { open(); }

    // How many records the codec has made smaller since the log was opened.
    [[nodiscard]] std::uint64_t made_by(std::uint8_t codec) const {
        return log->compression_counts().of(codec).records;
    }
};

memory_disk copy_of(const memory_disk& disk) {
    memory_disk copy;
    copy.go_back_to(disk.now());
    return copy;
}

// Opens what `disk` holds with another compression, does something, and kills it.
template<class Compression, class Act>
void with(memory_disk& disk, Act&& act) {
    log_with<Compression> other;
    other.disk = disk;
    other.open();
    act(other);
    other.kill();
    disk = other.disk;
}

} // namespace log_choosing_codecs

BOOST_FIXTURE_TEST_SUITE(log_choosing_codecs, fixture)

// ---- who chooses ----

BOOST_AUTO_TEST_CASE(a_record_has_the_first_codec_unless_it_or_its_append_says_otherwise) {
    const std::string text = shrinks();
    append(text);
    must(log->append(text, {.compress = true}));
    must(log->append(record_view(text).compress(true), {.compress = false}));
    BOOST_TEST(made_by(codec::zstd) == 3U);
    must(log->append(text, {.compress = codec::lz4}));
    must(log->append(record_view(text).compress(codec::lz4)));
    must(log->append(record_view(text).compress(codec::lz4), {.compress = false}));
    BOOST_TEST(made_by(codec::lz4) == 3U);
    must(log->append(text, {.compress = false}));
    must(log->append(text, {.compress = codec::none}));
    must(log->append(record_view(text).compress(false)));
    must(log->append(record_view(text).compress(false), {.compress = codec::lz4}));
    BOOST_TEST(made_by(codec::none) == 4U);
    BOOST_TEST(log->compression_counts().total().records == 10U);
    const texts wanted(10, text);
    BOOST_TEST((all() == wanted));
    kill_and_open();
    BOOST_TEST((all() == wanted));
}

BOOST_AUTO_TEST_CASE(the_records_of_a_batch_choose_each_for_itself) {
    const std::string text = shrinks();
    std::vector<record_view> batch(4, record_view(text));
    batch[1].compress(codec::lz4);
    batch[2].compress(false);
    batch[3].compress(true);
    must(log->append_batch(batch));
    must(log->replace_from(4, batch));
    must(log->submit(batch));
    auto t = log->begin();
    for (const record_view& r : batch)
        must(t.add(r));
    must(t.commit());
    BOOST_TEST(made_by(codec::zstd) == 8U);
    BOOST_TEST(made_by(codec::lz4) == 4U);
    BOOST_TEST(made_by(codec::none) == 4U);
    BOOST_TEST((all() == texts(15, text)));
    reopen();
    BOOST_TEST((all() == texts(15, text)));
    BOOST_TEST(must(log->verify()).sound());
}

BOOST_AUTO_TEST_CASE(what_lies_in_pieces_and_what_is_filled_in_chooses_too) {
    const std::string text = shrinks();
    const std::array<byte_view, 2> pieces{to_bytes(text), to_bytes(text)};
    must(log->append(pieces, {.compress = codec::lz4}));
    must(log->append(pieces, {}, record_view().compress(codec::lz4)));
    must(log->append_with(2000, [&](byte_span out) { put(out, to_bytes(text)); }, {.compress = codec::lz4}));
    must(log->append_with(
        2000, [&](byte_span out) { put(out, to_bytes(text)); }, {}, record_view().compress(codec::lz4)));
    BOOST_TEST(made_by(codec::lz4) == 4U);
    BOOST_TEST((all() == texts{text + text, text + text, text, text}));
}

BOOST_AUTO_TEST_CASE(a_codec_that_the_log_was_not_given_is_refused_before_anything_is_written) {
    append("before");
    const auto files = disk.contents();
    const std::uint8_t unknown = codec::user;
    BOOST_TEST(fails_with(log->append(shrinks(), {.compress = unknown}), errc::invalid_argument));
    BOOST_TEST(fails_with(log->append(record_view("").compress(unknown)), errc::invalid_argument));
    std::vector<record_view> batch(3, record_view("a record"));
    batch[2].compress(unknown);
    BOOST_TEST(fails_with(log->append_batch(batch), errc::invalid_argument));
    BOOST_TEST(fails_with(log->replace_from(1, batch), errc::invalid_argument));
    BOOST_TEST(fails_with(log->submit(batch), errc::invalid_argument));
    auto t = log->begin();
    must(t.add(batch[2]));
    BOOST_TEST(fails_with(t.commit(), errc::invalid_argument));
    BOOST_TEST((disk.contents() == files));
    BOOST_TEST((all() == texts{"before"}));
    BOOST_TEST(log->compression_counts().total().records == 1U);
}

BOOST_AUTO_TEST_CASE(a_log_with_one_codec_takes_that_and_no_other) {
    log_with<lz4_compression> one;
    one.open();
    must(one.log->append(shrinks(), {.compress = codec::lz4}));
    must(one.log->append(shrinks(), {.compress = codec::none}));
    BOOST_TEST(fails_with(one.log->append(shrinks(), {.compress = codec::zstd}), errc::invalid_argument));
    memory_log<> none;
    none.open();
    must(none.log->append(shrinks(), {.compress = true}));
    must(none.log->append(shrinks(), {.compress = codec::none}));
    BOOST_TEST(fails_with(none.log->append(shrinks(), {.compress = codec::lz4}), errc::invalid_argument));
}

BOOST_AUTO_TEST_CASE(a_log_may_compress_only_what_asks_for_it) {
    log_with<lz4_on_demand> l;
    l.open();
    const std::string text = shrinks();
    l.append(text);
    must(l.log->append(text, {.compress = true})); // with the first, which is none
    must(l.log->append(text, {.compress = codec::lz4}));
    const compression_counts counts = l.log->compression_counts();
    BOOST_TEST(counts.of(codec::none).records == 2U);
    BOOST_TEST(counts.of(codec::lz4).records == 1U);
    l.reopen();
    BOOST_TEST((l.all() == texts(3, text)));
}

// ---- reopening ----

BOOST_AUTO_TEST_CASE(a_log_gets_more_codecs_by_opening_it_with_more) {
    const std::string text = shrinks();
    disk = {};
    with<no_compression>(disk, [&](auto& l) { l.append(text); });
    const memory_disk plain = copy_of(disk);
    with<zstd_compression>(disk, [&](auto& l) {
        l.append(text);
        BOOST_TEST(l.log->compression_counts().of(codec::zstd).records == 1U);
    });
    disk = plain;
    with<lz4_compression>(disk, [&](auto& l) { l.append(text); });
    with<both>(disk, [&](auto& l) {
        l.append(text);
        must(l.log->append(text, {.compress = codec::lz4}));
        BOOST_TEST((l.all() == texts(4, text)));
    });
    with<compressions<lz4_compression, zstd_compression>>(disk,
                                                          [&](auto& l) { BOOST_TEST((l.all() == texts(4, text))); });
}

BOOST_AUTO_TEST_CASE(a_codec_that_cannot_be_read_is_named_and_not_a_byte_changes) {
    append(shrinks()); // by zstd; lz4 may come at any time, and might have
    kill();
    const auto before = disk.contents();
    const auto message_of = [&](auto l, open_mode mode) {
        l.disk = disk;
        l.opts.mode = mode;
        BOOST_TEST(fails_with(l.try_open(), errc::wrong_compression));
        return l.report.message;
    };
    for (const open_mode mode : {open_mode::strict, open_mode::salvage, open_mode::read_only}) {
        BOOST_TEST(message_of(log_with<lz4_compression>(), mode).find("zstd_compression") != std::string::npos);
        BOOST_TEST(message_of(log_with<zstd_compression>(), mode).find("lz4_compression") != std::string::npos);
        BOOST_TEST(message_of(log_with<no_compression>(), mode).find("lz4_compression") != std::string::npos);
        BOOST_TEST(message_of(log_with<own_codec<200>>(), mode).find("lz4_compression") != std::string::npos);
    }
    BOOST_TEST((disk.contents() == before));
}

BOOST_AUTO_TEST_CASE(codecs_of_the_users_own_stand_beside_others) {
    const std::string alike(1000, 'a');
    disk = {};
    with<compressions<lz4_compression, own_codec<200>, own_codec<255>>>(disk, [&](auto& l) {
        must(l.log->append(alike, {.compress = std::uint8_t{200}}));
        must(l.log->append(alike, {.compress = std::uint8_t{255}}));
        l.append(alike);
        BOOST_TEST(l.log->compression_counts().of(200).bytes_after == 1U);
        BOOST_TEST((l.all() == texts(3, alike)));
    });
    log_with<compressions<lz4_compression, own_codec<200>>> fewer;
    fewer.disk = disk;
    BOOST_TEST(fails_with(fewer.try_open(), errc::wrong_compression));
    BOOST_TEST(fewer.report.message.find("255") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(every_codec_that_may_come_is_in_both_slots_before_anything_is_written) {
    kill(); // nothing was appended
    log_with<lz4_compression> lz4;
    for (const std::uint64_t lost : {0U, 4096U}) { // one slot is lost, the other says the same
        lz4.disk = copy_of(disk);
        lz4.disk.write("state", lost, std::string(4096, '\0'));
        BOOST_TEST(fails_with(lz4.try_open(), errc::wrong_compression));
    }
}

BOOST_AUTO_TEST_CASE(opening_again_with_the_same_codecs_changes_nothing) {
    append(shrinks());
    close();
    const auto before = disk.contents();
    open();
    BOOST_TEST((disk.contents() == before));
}

// ---- counting ----

BOOST_AUTO_TEST_CASE(records_and_bytes_are_counted_for_each_codec) {
    BOOST_TEST(log->compression_counts().ratio() == 1.0);
    append(shrinks(3000));
    append(noise(1000));
    must(log->append(shrinks(500), {.compress = codec::lz4}));
    must(log->append(shrinks(400), {.compress = false}));
    must(log->append(record_view("", "a key does not count")));
    const compression_counts counts = log->compression_counts();
    BOOST_TEST(counts.codecs.size() == 3U);
    const codec_count zstd = counts.of(codec::zstd);
    BOOST_TEST(zstd.records == 1U);
    BOOST_TEST(zstd.bytes_before == 3000U);
    BOOST_TEST((zstd.bytes_after > 10U && zstd.bytes_after < 1000U));
    BOOST_TEST(counts.of(codec::lz4).records == 1U);
    BOOST_TEST(counts.of(codec::lz4).bytes_before == 500U);
    BOOST_TEST(counts.of(codec::none).records == 3U);
    BOOST_TEST(counts.of(codec::none).bytes_before == 1400U);
    BOOST_TEST(counts.of(codec::none).bytes_after == 1400U);
    BOOST_TEST(counts.of(codec::user).records == 0U);
    const codec_count all = counts.total();
    BOOST_TEST(all.records == 5U);
    BOOST_TEST(all.bytes_before == 4900U);
    BOOST_TEST(all.bytes_after == 1400U + zstd.bytes_after + counts.of(codec::lz4).bytes_after);
    BOOST_TEST(counts.ratio() == 4900.0 / static_cast<double>(all.bytes_after));
}

BOOST_AUTO_TEST_CASE(appends_that_fail_are_not_counted) {
    BOOST_TEST(fails_with(log->append(shrinks(), {.expect_index = 99}), errc::index_mismatch));
    BOOST_TEST(fails_with(log->append_batch(records({"a", "b"}), {.expect_index = 99}), errc::index_mismatch));
    BOOST_TEST(fails_with(log->submit(records({"a", "b"}), {.expect_index = 99}), errc::index_mismatch));
    BOOST_TEST(log->compression_counts().total().records == 0U);
}

BOOST_AUTO_TEST_CASE(counting_starts_anew_with_each_open) {
    append(shrinks());
    reopen();
    BOOST_TEST(log->compression_counts().total().records == 0U);
}

BOOST_AUTO_TEST_CASE(a_log_that_never_compresses_counts_nothing) {
    memory_log<> none;
    none.open();
    none.append(shrinks());
    BOOST_TEST(none.log->compression_counts().codecs.empty());
    BOOST_TEST(none.log->compression_counts().ratio() == 1.0);
}

BOOST_AUTO_TEST_SUITE_END()
