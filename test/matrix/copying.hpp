#pragma once

#include <matrix/model.hpp>

#include <tusk/compression/lz4.hpp>
#include <tusk/compression/zstd.hpp>
#include <tusk/log/copy.hpp>

#include <tuple>

namespace matrix {

/// Entries with all that an entry may have, behind others that were cut off or dropped.
template<class Log>
void fill(Log& log) {
    for (index_t i = 1; i <= 30; ++i)
        must(log.append(record_view(sample(i, 200), "", 1 + i / 4)));
    must(log.truncate(20));
    for (unsigned i = 21; i <= 40; ++i) {
        std::string text = sample(i, i % 3 == 0 ? 0 : 10 * i);
        if (i % 4 == 0)
            text.append("\0\xFF\"\\\n\xC3\xBC\xE2\x82", 9);
        const std::string key = i % 2 == 0 ? "" : std::string("k\0\xFE", 3) + std::to_string(i);
        const auto kind = i % 7 == 0   ? entry_kind::tombstone
                          : i % 5 == 0 ? static_cast<entry_kind>(200 + i)
                                       : entry_kind::data;
        must(log.append(record_view(text, key, 10 + i, kind, i % 2 == 0 ? 0 : UINT64_MAX - i)));
    }
    must(log.append_batch(records({"", sample(42, 5000), "three"})));
    must(log.drop_before(7));
}

template<class Log>
items items_of(Log& log) {
    items out;
    index_t next = must(log.first_index());
    for (const entry& e : must(log.get_range(next, UINT64_MAX))) {
        BOOST_REQUIRE(e.index() == next++);
        out.push_back(item_of(e));
    }
    return out;
}

template<class Format, class Compression>
using any_memory_log = memory_log<fsync_never, Format, Compression>;

/// From one type of log to another, and back to one of the first type.
template<class From, class To>
void copies_are_the_same() {
    From from;
    To to;
    From back;
    from.open();
    to.open();
    back.open();
    fill(*from.log);
    const items wanted = items_of(*from.log);
    BOOST_REQUIRE(wanted.size() == 37U);
    const copy_report report = must(copy(*from.log, *to.log));
    BOOST_TEST((report.first == 7U && report.last == 43U));
    must(copy(*to.log, *back.log));
    to.reopen();
    back.reopen();
    const auto check = [&](auto& log) {
        BOOST_TEST(must(log.first_index()) == 7U);
        BOOST_TEST(must(log.term_at(6)) == must(from.log->term_at(6)));
        BOOST_TEST(items_of(log) == wanted, boost::test_tools::per_element());
        BOOST_TEST(must(log.verify()).sound());
    };
    check(*to.log);
    check(*back.log);
}

template<class First, class Second, class FromCompression, class... ToCompression>
void copies_from() {
    (copies_are_the_same<any_memory_log<First, FromCompression>, any_memory_log<Second, ToCompression>>(), ...);
}

/// Of two Formats, to and fro with every Compression on either side.
template<class First, class Second>
void every_copy_is_the_same() {
    copies_from<First, Second, no_compression, no_compression, lz4_compression, zstd_compression>();
    copies_from<First, Second, lz4_compression, no_compression, lz4_compression, zstd_compression>();
    copies_from<First, Second, zstd_compression, no_compression, lz4_compression, zstd_compression>();
}

/// Of one Format, with every other Compression.
template<class Format>
void every_copy_to_another_compression_is_the_same() {
    copies_from<Format, Format, no_compression, lz4_compression, zstd_compression>();
    copies_from<Format, Format, lz4_compression, zstd_compression>();
}

} // namespace matrix
