#include <tusk/log/frame_search.hpp>

#include <tusk/backend/posix.hpp>

#include <backend/real_disk.hpp>
#include <log/backend_of.hpp>
#include <log/forgery.hpp>
#include <log/refined_backend.hpp>
#include <log/steered_log.hpp>

#include <random>
#include <set>
#include <sstream>

using namespace log_test;
using namespace real_disk;

namespace log_frame_search {

/// A file that knows where its data is: to the byte, or to a block, as systems do.
struct knowing_file : memory_backend::file {
    static inline std::uint64_t block = 1;
    static inline std::optional<std::uint64_t> lie;
    static inline unsigned asked = 0;
    static inline std::uint64_t furthest_read = 0;

    explicit knowing_file(memory_backend::file f) : memory_backend::file(std::move(f)) {}
    [[nodiscard]] std::uint64_t data_end() const noexcept {
        ++asked;
        if (lie)
            return *lie;
        std::string text(must(size()), '\0');
        (void)must(memory_backend::file::read(0, byte_span(reinterpret_cast<std::byte*>(text.data()), text.size())));
        const std::size_t last = text.find_last_not_of('\0');
        return last == std::string::npos ? 0 : (last / block + 1) * block;
    }
    [[nodiscard]] result<std::size_t> read(std::uint64_t at, byte_span out) const noexcept {
        furthest_read = std::max(furthest_read, at + out.size());
        return memory_backend::file::read(at, out);
    }
};
using knowing_backend = backend_of<knowing_file>;

// A segment with frames of many sizes, of which a crash, or decay, has left some.
struct segment_in_pieces : memory_log<> {
    static constexpr const char* name = "0000000001.wal";
    std::string whole;
    std::mt19937 dice;
    buffer_pool pool;

    explicit segment_in_pieces(unsigned seed) : dice(seed) {
        opts.segment_size = 64 * kibibyte;
        open();
        while (must(log->size_bytes()) < 40 * kibibyte)
            append(std::string(up_to(3000), static_cast<char>('a' + up_to(25))));
        must(log->sync());
        kill();
        whole = disk.read(name);
    }
    std::size_t up_to(std::size_t most) { return std::uniform_int_distribution<std::size_t>(0, most)(dice); }

    void break_it() {
        std::string bytes = whole;
        for (std::size_t pieces = up_to(6); pieces > 0; --pieces) {
            const std::size_t at = up_to(bytes.size() - 1);
            const std::size_t size = std::min(bytes.size() - at, up_to(20000));
            if (up_to(3) > 0)
                bytes.replace(at, size, size, '\0');
            else
                bytes[at] = static_cast<char>(bytes[at] ^ 1);
        }
        disk.write(name, 0, bytes);
    }
    // What an open makes of it, in words.
    template<class Backend>
    [[nodiscard]] std::string opened(Backend backend, open_mode mode) {
        opts.mode = mode;
        recovery_report r;
        const auto made =
            basic_wal<binary_format, fsync_never, Backend, no_compression>::open(std::move(backend), opts, &r);
        std::ostringstream out;
        out << (made ? "opened" : made.error().message()) << ", " << r.message << ", " << r.first_index << "-"
            << r.last_index << ", witness " << r.witness << ", " << r.unproven_entries << " unproven, "
            << r.dropped_bytes << " dropped, " << r.lost_entries << " lost, salvage " << r.salvage_first << "-"
            << r.salvage_last;
        for (const damage& d : r.damages)
            out << "; " << d.segment << " at " << d.offset << ", " << d.bytes << ": " << d.what;
        return out.str();
    }
    template<class Backend>
    [[nodiscard]] search_result search(Backend backend, std::uint64_t from, std::uint64_t end, bool first_only) {
        must(backend.attach(/*create=*/false));
        const std::uint64_t id = load_le<std::uint64_t>(to_bytes(whole).data() + 40);
        auto file = std::make_shared<typename Backend::file>(must(backend.open(name, open_for::read)));
        return must(search_frames<binary_format, Backend>(std::move(file), {.log = id, .segment = 1},
                                                          {from, 0, end, first_only, {}}, pool));
    }
};

} // namespace log_frame_search

BOOST_AUTO_TEST_SUITE(log_frame_search)

BOOST_AUTO_TEST_CASE(a_file_that_knows_where_its_data_is_hides_nothing) {
    std::size_t frames = 0;
    std::size_t skipped = 0;
    for (unsigned seed = 1; seed <= 150; ++seed) {
        segment_in_pieces s(seed);
        s.break_it();
        for (const std::uint64_t block : {1U, 512U, 4096U}) {
            knowing_file::block = block;
            const std::uint64_t from = s.up_to(s.whole.size() / 8) * 8;
            const std::uint64_t end = s.up_to(3) > 0 ? s.whole.size() : from + s.up_to(s.whole.size() - from);
            for (const bool first_only : {false, true}) {
                const search_result read = s.search(s.disk.backend(), from, end, first_only);
                const search_result known = s.search(knowing_backend(s.disk.backend()), from, end, first_only);
                BOOST_TEST(known.bytes == read.bytes);
                BOOST_TEST(known.frame == read.frame);
                BOOST_TEST(known.witness == read.witness);
                frames += read.frame != 0 ? 1U : 0U;
                skipped += known.read < read.read ? 1U : 0U;
            }
        }
    }
    BOOST_TEST(frames > 100U);
    BOOST_TEST(skipped > 100U);
}

BOOST_AUTO_TEST_CASE(a_log_is_judged_alike_whether_or_not_its_files_know_where_their_data_ends) {
    std::set<std::string> outcomes;
    for (unsigned seed = 1; seed <= 150; ++seed) {
        segment_in_pieces s(seed);
        s.break_it();
        knowing_file::block = 4096;
        for (const open_mode mode : {open_mode::read_only, open_mode::strict, open_mode::salvage}) {
            const std::string read = s.opened(memory_backend(s.disk.now()), mode);
            BOOST_TEST(s.opened(knowing_backend(memory_backend(s.disk.now())), mode) == read);
            outcomes.insert(read.substr(0, read.find(',')));
        }
    }
    BOOST_TEST(outcomes.size() >= 2U);
}

BOOST_AUTO_TEST_CASE(a_file_is_asked_once_where_its_data_ends_however_much_of_it_is_damaged) {
    segment_in_pieces s(1);
    std::string bytes = s.whole;
    for (std::size_t at = 2000; at < bytes.size(); at += 2000)
        bytes[at] = static_cast<char>(bytes[at] ^ 1);
    s.disk.write(segment_in_pieces::name, 0, bytes);
    knowing_file::asked = 0;
    (void)s.opened(knowing_backend(memory_backend(s.disk.now())), open_mode::read_only);
    BOOST_TEST(knowing_file::asked == 1U);
    (void)s.opened(knowing_backend(memory_backend(s.disk.now())), open_mode::salvage);
    BOOST_TEST(knowing_file::asked <= 5U); // the copy is looked at too
}

BOOST_AUTO_TEST_CASE(a_file_that_is_seen_to_be_wrong_about_its_data_is_not_believed) {
    memory_log<> l;
    l.opts.segment_size = 64 * kibibyte;
    l.open();
    l.append_samples(30);
    l.kill();
    l.disk.lose_witness();
    l.disk.damage(sample(10));
    using log_type = basic_wal<binary_format, fsync_always, knowing_backend, no_compression>;
    const std::uint64_t damaged = forgery(l.disk).frame(11);
    for (const std::uint64_t lie : {std::uint64_t{0}, damaged - 1, damaged, damaged + 1, UINT64_MAX}) {
        knowing_file::lie = lie;
        BOOST_TEST(fails_with(log_type::open(knowing_backend(memory_backend(l.disk.now())), l.opts), errc::corrupt));
    }
    knowing_file::lie.reset();
}

BOOST_AUTO_TEST_CASE(a_frame_that_goes_on_behind_the_end_of_the_data_shows_that_to_be_wrong) {
    memory_log<> l;
    l.opts.segment_size = 256 * kibibyte;
    l.open();
    l.append_samples(3);
    l.append(std::string(100'000, 'l'));
    l.append_samples(3);
    l.kill();
    l.disk.lose_witness();
    const forgery frames(l.disk);
    const std::uint64_t large = frames.frame(5);
    l.disk.damage(sample(3));
    using log_type = basic_wal<binary_format, fsync_always, knowing_backend, no_compression>;
    const auto witness = [&](std::uint64_t lie) {
        knowing_file::lie = lie;
        recovery_report report;
        BOOST_TEST(
            fails_with(log_type::open(knowing_backend(memory_backend(l.disk.now())), l.opts, &report), errc::corrupt));
        knowing_file::lie.reset();
        return report.witness;
    };
    BOOST_TEST(witness(large + 50'000) == witness(UINT64_MAX)); // that of the last frame
}

BOOST_AUTO_TEST_CASE(what_the_first_frame_behind_a_header_bears_witness_to_is_heard) {
    for (const index_t behind : {1U, 2U, 3U}) {
        memory_log<fsync_never> l;
        l.open();
        l.append_samples(10);
        must(l.log->roll());
        must(l.log->sync());
        for (index_t i = 0; i < behind; ++i)
            l.append("behind");
        must(l.log->sync());
        l.kill();
        l.disk.lose_witness();
        l.disk.damage(sample(8));
        BOOST_TEST(fails_with(l.try_open(), errc::corrupt));
    }
}

BOOST_AUTO_TEST_CASE(salvage_tells_of_all_the_bytes_of_a_segment_that_it_leaves_out) {
    memory_log<> l;
    l.opts.segment_size = 64 * kibibyte;
    l.open();
    l.append_samples(10);
    must(l.log->roll());
    for (index_t i = 1; i <= 30; ++i)
        l.append(sample(i, 1000));
    l.kill();
    l.disk.write("0000000002.wal", 40, "XXXXXXXX");
    l.opts.mode = open_mode::salvage;
    l.open();
    BOOST_TEST(l.report.last_index == 10U);
    BOOST_TEST(l.report.dropped_bytes > 30'000U);
    BOOST_TEST(l.report.dropped_bytes < 40'000U);
}

// Systems fetch what lies behind a read, and then it is data.
BOOST_AUTO_TEST_CASE(nothing_is_read_far_behind_the_end_of_the_data) {
    memory_log<> l;
    l.opts.segment_size = 256 * kibibyte;
    l.open();
    for (int i = 0; i < 30; ++i)
        l.append(std::string(1000, 'x'));
    l.close();
    l.disk.write("0000000001.wal", 256 * kibibyte - 1,
                 std::string(1, '\0')); // as whoever opens it to write reserves it
    using log_type = basic_wal<binary_format, fsync_always, knowing_backend, no_compression>;
    options only_read = l.opts;
    only_read.mode = open_mode::read_only;
    knowing_file::block = 4096;
    knowing_file::furthest_read = 0;
    auto log = must(log_type::open(knowing_backend(memory_backend(l.disk.now())), only_read));
    knowing_file::block = 1;
    BOOST_TEST(must(log.last_index()) == 30U);
    BOOST_TEST(knowing_file::furthest_read > 30U * 1000);
    BOOST_TEST(knowing_file::furthest_read < 48 * kibibyte);
}

BOOST_AUTO_TEST_CASE(an_open_does_not_read_what_a_segment_has_reserved) {
    place_on_disk<posix_backend> place;
    using log_type = basic_wal<binary_format, fsync_never, posix_backend, no_compression>;
    options opts = small_options();
    opts.segment_size = 16 * mebibyte;
    recovery_report report;
    if (!tells_reserved_room<posix_backend>())
        return;
    const int outcome = in_child([&] {
        auto log = must(log_type::open(place.backend(), opts));
        for (index_t i = 1; i <= 10; ++i)
            must(log.append(sample(i)));
        must(log.roll()); // and with it, a segment made ahead
        for (index_t i = 11; i <= 20; ++i)
            must(log.append(sample(i)));
        end_child(0); // with the log open
        return 0;
    });
    BOOST_TEST_REQUIRE(outcome == 0);
    auto log = must(log_type::open(place.backend(), opts, &report));
    BOOST_TEST(must(log.last_index()) == 20U);
    BOOST_TEST(report.unproven_entries >= 10U);
    BOOST_TEST(report.scanned_bytes < 512 * kibibyte);
}

BOOST_AUTO_TEST_SUITE_END()
