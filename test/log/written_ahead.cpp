#include <tusk/log/written_ahead.hpp>

#include <tusk/backend/mmap.hpp>
#include <tusk/backend/posix.hpp>
#include <tusk/fsync/interval.hpp>

#include <backend/real_disk.hpp>
#include <log/refined_backend.hpp>
#include <log/steered_log.hpp>

using namespace log_test;
using real_disk::place_on_disk;

namespace log_written_ahead {

// A log on a real disk, and where zeros were written ahead of it.
template<class FsyncPolicy = fsync_always, class Backend = posix_backend>
struct watched_log {
    struct stretch {
        std::string file;
        std::uint64_t begin = 0;
        std::uint64_t end = 0;
    };
    using backend_type = refined_backend<Backend>;
    using log_type = basic_wal<binary_format, FsyncPolicy, backend_type, no_compression>;

    place_on_disk<Backend> place;
    disk_calls calls;
    std::vector<stretch> zeros;
    options opts = small_options();
    std::optional<log_type> log;

    explicit watched_log(std::uint64_t segment_size, bool prewrite = false) {
        opts.segment_size = segment_size;
        opts.prewrite = prewrite;
        opts.background = background::inline_(); // all calls come from this thread
        calls.refuse([this](disk_call call, const std::string& file) -> std::error_code {
            if (call == disk_call::prewrite)
                zeros.push_back({file, calls.writing_at(), calls.writing_at() + calls.writing()});
            return {};
        });
        open();
    }
    void open() {
        log.reset();
        log.emplace(must(log_type::open(
            backend_type(place.backend(), calls, std::make_shared<std::atomic<unsigned>>(0)), opts, {}, {})));
    }
};

} // namespace log_written_ahead

BOOST_AUTO_TEST_SUITE(log_written_ahead)

BOOST_AUTO_TEST_CASE(zeros_go_where_nothing_is_yet_and_never_beyond_the_segment) {
    watched_log<> log(mebibyte);
    const std::string data(1000, 'x');
    std::size_t seen = 0;
    for (index_t i = 1; i <= 2500; ++i) {
        must(log.log->append(data));
        for (; seen < log.zeros.size(); ++seen) {
            const auto& z = log.zeros[seen];
            BOOST_TEST(z.begin < z.end);
            BOOST_TEST(z.end <= mebibyte);
            if (seen > 0 && log.zeros[seen - 1].file == z.file)
                BOOST_TEST(z.begin >= log.zeros[seen - 1].end); // each place once
        }
    }
    BOOST_TEST(seen >= 6U); // in each of three segments several times,
    BOOST_TEST(seen < 40U); // but not at each append
    for (index_t i = 1; i <= 2500; ++i)
        BOOST_TEST((must(log.log->get(i)).text() == data));
    log.open();
    BOOST_TEST(must(log.log->last_index()) == 2500U);
    must(log.log->append("goes on"));
    for (index_t i = 1; i <= 2500; ++i)
        BOOST_TEST((must(log.log->get(i)).text() == data));
    BOOST_TEST(must(log.log->get(2501)).text() == "goes on");
}

BOOST_AUTO_TEST_CASE(large_appends_are_not_written_twice) {
    watched_log<> log(8 * mebibyte);
    for (int i = 0; i < 20; ++i)
        must(log.log->append(std::string(100000, 'x')));
    BOOST_TEST(log.zeros.empty());
}

BOOST_AUTO_TEST_CASE(nothing_is_written_ahead_of_what_nobody_waits_to_see_synced) {
    watched_log<fsync_never> log(mebibyte);
    for (int i = 0; i < 100; ++i)
        must(log.log->append("x"));
    BOOST_TEST(log.zeros.empty());
}

BOOST_AUTO_TEST_CASE(all_of_a_segment_is_written_once_before_it_is_used_where_that_is_asked_for) {
    watched_log<> log(mebibyte, /*prewrite=*/true);
    for (index_t i = 1; i <= 2500; ++i)
        must(log.log->append(std::to_string(i) + std::string(i % 2 == 0 ? 1000 : 30000, 'x')));
    BOOST_TEST(log.zeros.size() == must(log.log->segment_count()));
    for (const auto& z : log.zeros)
        BOOST_TEST((z.begin == 0 && z.end == mebibyte));
    log.open();
    for (index_t i = 1; i <= 2500; ++i)
        BOOST_TEST((must(log.log->get(i)).text().starts_with(std::to_string(i) + "x")));
    BOOST_TEST(must(log.log->verify()).sound());
}

// Behind what is being written others put their frames where they belong.
BOOST_AUTO_TEST_CASE(no_zeros_go_where_frames_are_put_in_place) {
    watched_log<fsync_interval, mmap_backend> log(4 * mebibyte);
    constexpr append_options durably{.wait = durability::durable};
    const std::string large(70000, 'x'); // in a group of its own
    must(log.log->append("small", durably));
    must(log.log->append(large, durably));
    must(log.log->submit(records({"small"})));
    must(log.log->append("small", durably));
    must(log.log->submit(records({large})));
    must(log.log->submit(records({"small"})));
    must(log.log->sync());
    BOOST_TEST(log.zeros.empty());
    BOOST_TEST(must(log.log->get(6)).text() == "small");
    BOOST_TEST(must(log.log->verify()).sound());
}

// Where appends wait, nobody puts anything in place.
BOOST_AUTO_TEST_CASE(zeros_go_ahead_of_appends_that_wait_on_mapped_files_too) {
    watched_log<fsync_always, mmap_backend> log(mebibyte);
    for (index_t i = 1; i <= 500; ++i)
        must(log.log->append(std::to_string(i) + std::string(1000, 'x')));
    BOOST_TEST(!log.zeros.empty());
    log.open();
    for (index_t i = 1; i <= 500; ++i)
        BOOST_TEST((must(log.log->get(i)).text() == std::to_string(i) + std::string(1000, 'x')));
    BOOST_TEST(must(log.log->verify()).sound());
}

BOOST_AUTO_TEST_SUITE_END()
