#include <tusk/log/segment_index.hpp>

#include <allocations.hpp>
#include <log/steered_log.hpp>

#include <tusk/backend/posix.hpp>

#include <cstdlib>
#include <filesystem>

using namespace log_test;

namespace log_scaling {

namespace fs = std::filesystem;

// What an open costs.
struct cost {
    unsigned calls = 0;
    std::uint64_t scanned = 0;
    std::size_t allocated_at_once = 0;
};

// Of a log with so many sealed segments of so many entries each, and ten entries behind them.
cost cost_of_open(unsigned segments, unsigned entries, bool after_a_kill) {
    steered_log<> l;
    l.opts.segment_size = mebibyte;
    l.open();
    for (unsigned s = 0; s <= segments; ++s) {
        for (unsigned i = 0; i < (s < segments ? entries : 10U); ++i)
            must(l.log->append(sample(1)));
        if (s < segments)
            must(l.log->roll());
    }
    if (after_a_kill) {
        auto left = l.disk.now();
        l.log.reset();
        l.disk.go_back_to(std::move(left));
    } else {
        l.close();
    }
    l.calls.forget();
    (void)largest_allocation();
    l.open();
    return {l.calls.all(), l.report.scanned_bytes, largest_allocation()};
}

std::size_t entries_of(const fs::path& directory) {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator()));
}

} // namespace log_scaling

BOOST_AUTO_TEST_SUITE(log_scaling)

BOOST_AUTO_TEST_CASE(an_open_costs_as_much_for_each_segment_whatever_it_holds) {
    for (const bool after_a_kill : {false, true}) {
        BOOST_TEST_CONTEXT((after_a_kill ? "after a kill" : "after a close")) {
            const cost few = cost_of_open(4, 100, after_a_kill);
            const cost full = cost_of_open(4, 1000, after_a_kill);
            const cost many = cost_of_open(16, 100, after_a_kill);
            const cost more = cost_of_open(28, 100, after_a_kill);
            BOOST_TEST(few.calls == full.calls);
            BOOST_TEST(few.scanned == full.scanned);
            BOOST_TEST(few.scanned == more.scanned); // the tail alone
            BOOST_TEST(full.allocated_at_once == few.allocated_at_once);
            const unsigned for_twelve = many.calls - few.calls;
            BOOST_TEST(more.calls - many.calls == for_twelve);
            // Each is opened and read for its header, and again for its index; after a repair all over again.
            BOOST_TEST(for_twelve <= 12 * (after_a_kill ? 8U : 4U));
        }
    }
}

BOOST_AUTO_TEST_CASE(after_a_close_nothing_that_was_proven_is_read_again) {
    BOOST_TEST(cost_of_open(4, 1000, /*after_a_kill=*/false).scanned == 0U);
    BOOST_TEST(cost_of_open(0, 5000, /*after_a_kill=*/false).scanned == 0U);
}

BOOST_AUTO_TEST_CASE(a_thousand_truncations_leave_no_more_on_disk_than_was_written) {
    memory_log<> l;
    l.open();
    for (int i = 0; i < 1000; ++i) {
        l.append(sample(11, 1000));
        must(l.log->truncate(0));
    }
    const std::uint64_t written = must(l.log->size_bytes());
    BOOST_TEST(written < 1000 * (1000U + 150U));
    const std::uint64_t segments = must(l.log->segment_count());
    l.close();
    // An index frame for each segment, and the state file.
    BOOST_TEST(l.disk.bytes() <= written + segments * 100 + state_layout::file_size);
    l.open();
    BOOST_TEST(must(l.log->empty()));
    must(l.log->drop_before(1));
    l.append("a");
    must(l.log->roll());
    l.append("b");
    must(l.log->drop_before(2)); // and then they go
    l.close();
    BOOST_TEST(l.disk.bytes() <= 3 * min_segment_size + state_layout::file_size);
}

BOOST_AUTO_TEST_CASE(a_thousand_appends_and_drops_keep_the_log_small) {
    memory_log<> l;
    l.open();
    for (int i = 0; i < 1000; ++i) {
        must(l.log->drop_before(l.append(sample(1, 1000))));
        BOOST_REQUIRE_LE(l.disk.bytes(), 2 * min_segment_size + state_layout::file_size);
    }
    l.reopen();
    BOOST_TEST(l.first() == 1000U);
    BOOST_TEST(must(l.log->segment_count()) == 1U);
}

BOOST_AUTO_TEST_CASE(opening_and_closing_leaves_no_file_descriptor_or_thread_behind) {
    std::string scratch = (fs::temp_directory_path() / "tusk-scaling-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(scratch.data()) != nullptr);
    const std::string path = scratch + "/log";
    using file_log = basic_wal<binary_format, fsync_always, posix_backend, no_compression>;
    std::size_t files = 0;
    std::size_t descriptors = 0;
    std::size_t threads = 0;
    for (int round = 0; round < 100; ++round) {
        {
            options opts = small_options();
            opts.background = background::own(2); // spare segments too
            auto log = must(file_log::open(path, opts));
            if (round == 0)
                for (int i = 0; i < 100; ++i)
                    must(log.append(sample(1)));
            BOOST_REQUIRE_EQUAL(must(log.get(50)).text(), sample(1));
            if (round % 2 == 0)
                must(log.close());
        }
        if (round == 1) {
            files = entries_of(path);
            descriptors = entries_of("/proc/self/fd");
            threads = entries_of("/proc/self/task");
        }
    }
    BOOST_TEST(entries_of(path) == files);
    BOOST_TEST(entries_of("/proc/self/fd") == descriptors);
    BOOST_TEST(entries_of("/proc/self/task") == threads);
    fs::remove_all(scratch);
}

BOOST_AUTO_TEST_SUITE_END()
