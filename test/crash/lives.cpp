#include <tusk/log/recovery.hpp>

#include "power_disk.hpp"

namespace {

using namespace crash;

// One log on one disk, opened again and again.
struct long_lived {
    using log_type = log_on<tusk::fsync_always>;

    simulated_disk disk;
    std::optional<log_type> log;

    long_lived() { open(); }
    void open() {
        tusk::recovery_report report;
        auto opened = log_type::open(tusk::simulated_backend(disk), small_log(), &report);
        BOOST_REQUIRE_MESSAGE(opened, why(opened) << ": " << report.message);
        log.emplace(std::move(opened).value());
    }
    void close_and_open() {
        log->close().value();
        open();
    }
    void kill_and_open() {
        disk.kill();
        open();
    }
    void lose_power_and_open() {
        disk.power_cycle(disk_loss::drop_unsynced());
        open();
    }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(crash_lives, long_lived)

BOOST_AUTO_TEST_CASE(the_segment_that_the_last_close_proved_may_be_dropped_before_a_kill) {
    log->append("a").value();
    close_and_open();
    log->append("b").value();
    log->roll().value();
    log->append("c").value();
    log->drop_before(3).value();
    kill_and_open();
    BOOST_TEST(log->get(3).value().text() == "c");
    BOOST_TEST(log->first_index().value() == 3U);
}

BOOST_AUTO_TEST_CASE(the_segment_that_a_repair_proved_may_be_dropped_before_a_loss_of_power) {
    log->append("a").value();
    kill_and_open();
    log->roll().value();
    log->append("b").value();
    log->drop_before(2).value();
    lose_power_and_open();
    BOOST_TEST(log->get(2).value().text() == "b");
}

BOOST_AUTO_TEST_CASE(all_of_a_log_that_was_closed_may_be_dropped_before_a_kill) {
    log->append("a").value();
    close_and_open();
    log->roll().value();
    log->drop_before(2).value();
    kill_and_open();
    BOOST_TEST(log->empty().value());
    BOOST_TEST(log->append("b").value() == 2U);
    kill_and_open();
    BOOST_TEST(log->get(2).value().text() == "b");
}

BOOST_AUTO_TEST_CASE(a_log_that_holds_nothing_has_nothing_to_drop) {
    log->drop_before(1).value();
    kill_and_open();
    BOOST_TEST(log->append("a").value() == 1U);
}

BOOST_AUTO_TEST_CASE(a_reset_that_a_write_buffer_holds_back_is_written_before_anything_is_dropped_for_it) {
    const simulated_disk other;
    tusk::options o = small_log();
    o.write_buffer = 4096;
    auto lazy = log_on<tusk::fsync_never>::open(tusk::simulated_backend(other), o).value();
    for (int i = 0; i < 6; ++i)
        lazy.append("a").value();
    lazy.drop_before(4).value();
    lazy.reset(2, 1).value(); // below what was dropped
    BOOST_TEST(lazy.append("b").value() == 2U);
    BOOST_TEST(lazy.last_index().value() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
