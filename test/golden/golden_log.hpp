#pragma once

#include <conformance/format_log.hpp>

#include <tusk/compression/lz4.hpp>
#include <tusk/compression/none.hpp>
#include <tusk/compression/zstd.hpp>

#include <cstdlib>

/// Logs that lie beside the tests as they were written once: what any later version has to read, and has to write
/// again byte for byte as long as the versions in them are the same. TUSK_WRITE_GOLDEN=1 writes those that are missing.
namespace golden {

using namespace log_test;
using format_log_suite::file_contents;
using format_log_suite::in_files;
namespace fs = std::filesystem;

/// All that an entry has.
struct item {
    index_t index = 0;
    std::string text;
    std::string key;
    term_t term = 0;
    entry_kind kind = entry_kind::data;
    timestamp_t time = 0;

    [[nodiscard]] record_view record() const { return {text, key, term, kind, time}; }
    friend bool operator==(const item&, const item&) = default;
};
using items = std::vector<item>;

inline constexpr timestamp_t start = 1'700'000'000'000'000'000;

inline std::string every_byte() {
    std::string out;
    for (int c = 0; c < 256; ++c)
        out.push_back(static_cast<char>(c));
    return out;
}

/// What the logs hold, in the order in which it is written: 3 to 12 are cut and written again.
inline items first_part() {
    const auto user = static_cast<entry_kind>(static_cast<unsigned>(entry_kind::user) + 5);
    return {{1, "the first", "", 1, entry_kind::data, start},
            {2, sample(2, 400), "", 1, entry_kind::data, start + 1},
            {3, "cut", "key", 1, entry_kind::data, start + 2},
            {4, "cut", "key", 2, entry_kind::data, start + 3},
            {5, "cut", "", 2, user, start + 4}};
}
inline items second_part() {
    const auto user = static_cast<entry_kind>(static_cast<unsigned>(entry_kind::user) + 5);
    return {{3, "", "a key", 3, entry_kind::tombstone, start + 1'000'000'000},
            {4, "text: \"quoted\", \\, \n, \xC3\xBC, \xF0\x9F\x90\x98", "k\xC3\xA9y", 3, user, 1},
            {5, every_byte(), std::string("\0\xFF", 2), 7, entry_kind::data, start + 2'000'000'001},
            {6, sample(6, 600), "key", 7, entry_kind::data, UINT64_MAX}};
}
inline items third_part() {
    return {{7, "behind a roll", "", 7, entry_kind::data, start + 3'000'000'000},
            {8, sample(8, 300), std::string(40, 'k'), UINT64_MAX, entry_kind::data, start + 4'000'000'000}};
}
inline items all_items() {
    items out = first_part();
    out.resize(2);
    for (const items& more : {second_part(), third_part()})
        out.insert(out.end(), more.begin(), more.end());
    return out;
}

inline std::vector<record_view> records_of(const items& some) {
    std::vector<record_view> out;
    for (const item& i : some)
        out.push_back(i.record());
    return out;
}

/// The files of such a log, made now. Each run makes the same: its identity is in the state file before it is opened.
template<format Format, class Compression>
file_contents make() {
    memory_disk disk;
    {
        memory_backend directory = disk.backend();
        must(directory.attach(/*create=*/true));
        const auto lock = must(directory.lock(state_file<memory_backend>::name)); // makes the file
        state_file<memory_backend> file(must(directory.open(state_file<memory_backend>::name, open_for::write)));
        log_state s;
        s.log = 0x1122334455667788;
        s.format = Format::id;
        s.format_version = Format::version;
        s.first_segment = s.next_segment = 1;
        s.max_record_size = small_options().max_record_size;
        s.add_codec(codec::none);
        s.add_codec(Compression::id);
        must(file.commit(s, /*both=*/true));
        must(file.close());
    }
    using log_type = basic_wal<Format, fsync_always, memory_backend, Compression>;
    options opts = small_options();
    opts.segment_size = 8 * kibibyte;
    opts.spare_segments = 0;
    auto log = must(log_type::open(disk.backend(), opts));
    for (const item& i : first_part())
        must(log.append(i.record()));
    must(log.truncate(4));
    must(log.replace_from(3, records_of(second_part())));
    must(log.roll());
    for (const item& i : third_part())
        must(log.append(i.record()));
    must(log.close());
    return disk.contents();
}

template<class Compression>
inline constexpr const char* name_of = "none";
template<>
inline constexpr const char* name_of<lz4_compression> = "lz4";
template<>
inline constexpr const char* name_of<zstd_compression> = "zstd";

/// Where the files lie.
template<format Format, class Compression>
fs::path place() {
    const std::string format = Format::name;
    return fs::path(__FILE__).parent_path() / (format.substr(0, format.find('_')) + "_" + name_of<Compression>);
}

/// Another version of a library may make other bytes of the same data, which read the same.
template<class Compression>
bool is_library_of_the_files() {
    if constexpr (std::is_same_v<Compression, lz4_compression>)
        return LZ4_versionNumber() == 10904;
    else if constexpr (std::is_same_v<Compression, zstd_compression>)
        return ZSTD_versionNumber() == 10504;
    else
        return true;
}

inline file_contents read(const fs::path& folder) {
    file_contents out;
    for (const auto& file : fs::directory_iterator(folder)) {
        std::ifstream in(file.path(), std::ios::binary);
        out[file.path().filename().string()] = {std::istreambuf_iterator<char>(in), {}};
    }
    return out;
}

inline void write(const fs::path& folder, const file_contents& files) {
    fs::create_directories(folder);
    for (const auto& [name, bytes] : files)
        std::ofstream(folder / name, std::ios::binary) << bytes;
}

template<class Log>
void check_entries(Log& log) {
    const items wanted = all_items();
    BOOST_TEST(must(log.first_index()) == 1U);
    BOOST_REQUIRE(must(log.last_index()) == wanted.size());
    for (const item& w : wanted) {
        const entry e = must(log.get(w.index));
        BOOST_TEST_CONTEXT("entry " << w.index)
        BOOST_TEST(
            (item{e.index(), std::string(e.text()), std::string(to_text(e.key())), e.term(), e.kind(), e.time()} == w));
    }
    BOOST_TEST(must(log.verify()).sound());
    BOOST_TEST(must(log.segment_count()) == 2U);
}

/// The tests of one Format and Compression.
template<format Format, class Compression>
struct golden_log {
    using log_type = basic_wal<Format, fsync_always, posix_backend, Compression>;

    fs::path folder = place<Format, Compression>();
    options reading = small_options();
    recovery_report report;

    golden_log() {
        reading.mode = open_mode::read_only;
        if (std::getenv("TUSK_WRITE_GOLDEN") != nullptr && !fs::exists(folder))
            write(folder, make<Format, Compression>());
    }

    void is_read_and_stays_as_it_is() {
        const file_contents before = read(folder);
        auto log = must(log_type::open(folder.string(), reading, &report));
        BOOST_TEST(report.damages.empty());
        check_entries(log);
        reading.verify_all = true;
        log = must(log_type::open(folder.string(), reading, &report));
        check_entries(log);
        BOOST_TEST((read(folder) == before));
    }

    void goes_on() {
        in_files copy;
        write(copy.path(), read(folder));
        for (int round = 0; round < 2; ++round) {
            auto log = must(log_type::open(copy.path().string(), small_options(), &report));
            BOOST_TEST(report.unproven_entries == 0U);
            BOOST_TEST(report.dropped_bytes == 0U);
            if (round == 0) {
                check_entries(log);
                must(log.append(record_view("the ninth")));
            } else {
                BOOST_TEST(must(log.get(9)).text() == "the ninth");
                BOOST_TEST(must(log.get(9)).term() == UINT64_MAX);
                BOOST_TEST(must(log.verify()).sound());
            }
        }
    }

    void is_written_again_byte_for_byte() {
        if (!is_library_of_the_files<Compression>()) {
            BOOST_TEST_MESSAGE("skipped: the files were made with another version of the compression's library");
            return;
        }
        const file_contents made = make<Format, Compression>();
        const file_contents files = read(folder);
        BOOST_REQUIRE(files.size() == 3U); // the state and two segments
        BOOST_REQUIRE(made.size() == files.size());
        for (const auto& [name, bytes] : files) {
            BOOST_REQUIRE(made.count(name) == 1U);
            const std::string& now = made.at(name);
            BOOST_TEST(now.size() == bytes.size(), name);
            const auto [a, b] = std::mismatch(bytes.begin(), bytes.end(), now.begin(), now.end());
            BOOST_TEST((a == bytes.end() && b == now.end()), name << " differs from byte " << a - bytes.begin());
        }
    }

    /// A copy, with something changed, is refused in every mode, and no byte of it changes.
    template<class Change>
    void is_refused_as_newer(const std::string& message, Change&& change) {
        in_files copy;
        file_contents files = read(folder);
        change(files);
        write(copy.path(), files);
        options opts = small_options();
        for (const open_mode mode : {open_mode::strict, open_mode::salvage, open_mode::read_only}) {
            opts.mode = mode;
            BOOST_TEST(fails_with(log_type::open(copy.path().string(), opts, &report), errc::unsupported_version));
            BOOST_TEST(report.message.find(message) != std::string::npos, report.message);
            BOOST_TEST((copy.contents() == files));
        }
    }

    static void set_number(std::string& bytes, std::size_t at, std::uint32_t value) {
        store_le(reinterpret_cast<std::byte*>(bytes.data()) + at, value);
    }

    // With all its checksums right, as a newer program would write it.
    void of_a_newer_format_is_refused_as_such() {
        const std::string message = "version " + std::to_string(Format::version + 1) + " of " + Format::name;
        is_refused_as_newer(message, [](file_contents& files) {
            std::string& bytes = files.at("state");
            for (const std::uint64_t at : state_layout::slot) {
                const auto from = static_cast<std::size_t>(at);
                log_state s = must(decode_slot(to_bytes(bytes).subspan(from, state_layout::slot_size)));
                ++s.format_version;
                const auto slot = encode_slot(s);
                bytes.replace(from, slot.size(), to_text(slot));
            }
        });
    }
    void with_a_newer_state_file_is_refused_as_such() {
        is_refused_as_newer("newer version", [](file_contents& files) {
            for (const std::uint64_t at : state_layout::slot)
                set_number(files.at("state"), static_cast<std::size_t>(at) + 8, state_layout::version + 1);
        });
    }
    // Whatever else a newer header may say: only where its version stands may no version change.
    void with_a_newer_segment_is_refused_as_such(std::size_t at, std::string_view newer) {
        for (const char* const name : {"0000000001.wal", "0000000002.wal"})
            is_refused_as_newer(std::string("segment ") + name + " was written by a newer version of " + Format::name,
                                [&](file_contents& files) { files.at(name).replace(at, newer.size(), newer); });
    }
};

} // namespace golden
