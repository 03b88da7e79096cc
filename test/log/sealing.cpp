#include <tusk/log/sealer.hpp>

#include <log/counting_backend.hpp>
#include <log/fixture.hpp>

using namespace log_test;

namespace log_sealing {

// A log that seals on the thread that rolls, and the segments that it syncs.
struct fixture {
    using log_type = basic_wal<binary_format, fsync_never, counting_backend, no_compression>;

    memory_disk disk;
    disk_calls calls;
    texts synced;
    std::optional<log_type> log;

    fixture() {
        options opts = small_options();
        opts.background = background::inline_();
        log.emplace(must(log_type::open(counting_backend(disk.backend(), calls), opts)));
        must(log->append("1"));
        calls.refuse([this](disk_call call, const std::string& file) -> std::error_code {
            if (call == disk_call::sync && tusk::segment_number(file) != 0)
                synced.push_back(file);
            return {};
        });
    }
    static std::string name(segment_t number) { return tusk::segment_name(number).data(); }
};

} // namespace log_sealing

BOOST_FIXTURE_TEST_SUITE(log_sealing, fixture)

// What is still written to has a policy of its own, and it is much: whoever seals need not wait for it.
BOOST_AUTO_TEST_CASE(what_is_sealed_is_synced_and_nothing_else) {
    must(log->append("2"));
    must(log->roll());
    must(log->append("3"));
    synced.clear(); // the new one was, when it was made
    must(log->append("4"));
    must(log->roll());
    must(log->append("5"));
    BOOST_TEST(std::count(synced.begin(), synced.end(), name(2)) == 1);
    BOOST_TEST(std::count(synced.begin(), synced.end(), name(3)) == 1); // as an empty file
    BOOST_TEST(must(log->durable_index()) == 4U);
}

BOOST_AUTO_TEST_CASE(a_cut_in_the_next_segment_lowers_what_is_durable_until_it_is_synced_itself) {
    for (const char* text : {"2", "3", "4", "5"})
        must(log->append(text));
    must(log->roll());
    must(log->truncate(3));
    BOOST_TEST(must(log->durable_index()) <= 3U);
    must(log->append("4 again"));
    must(log->roll());
    must(log->append("5 again"));
    BOOST_TEST(must(log->durable_index()) == 4U); // the cut and what came behind it are sealed
    must(log->sync());
    BOOST_TEST(must(log->durable_index()) == 5U);
}

BOOST_AUTO_TEST_CASE(a_cut_does_not_keep_what_comes_behind_it_from_being_durable) {
    must(log->append("2"));
    must(log->truncate(1));
    for (const char* text : {"2", "3"})
        must(log->append(text));
    must(log->roll());
    must(log->append("4"));
    BOOST_TEST(must(log->durable_index()) == 3U);
}

BOOST_AUTO_TEST_SUITE_END()
