#include <tusk/log/recovery.hpp>

#include <tusk/format/json.hpp>
#include <tusk/format/protobuf.hpp>

#include "contents.hpp"
#include "settings.hpp"

#include <boost/test/unit_test.hpp>

namespace crash_lives {

using namespace crash;

using formats = std::tuple<tusk::binary_format, tusk::json_format, tusk::protobuf_format>;

// One log on one disk, opened again and again.
template<class Format>
struct long_lived {
    using log_type = log_on<tusk::fsync_always, Format>;

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

} // namespace crash_lives

BOOST_AUTO_TEST_SUITE(crash_lives)

BOOST_AUTO_TEST_CASE_TEMPLATE(the_segment_that_the_last_close_proved_may_be_dropped_before_a_kill, Format, formats) {
    long_lived<Format> l;
    l.log->append("a").value();
    l.close_and_open();
    l.log->append("b").value();
    l.log->roll().value();
    l.log->append("c").value();
    l.log->drop_before(3).value();
    l.kill_and_open();
    BOOST_TEST(l.log->get(3).value().text() == "c");
    BOOST_TEST(l.log->first_index().value() == 3U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_segment_that_a_repair_proved_may_be_dropped_before_a_loss_of_power, Format, formats) {
    long_lived<Format> l;
    l.log->append("a").value();
    l.kill_and_open();
    l.log->roll().value();
    l.log->append("b").value();
    l.log->drop_before(2).value();
    l.lose_power_and_open();
    BOOST_TEST(l.log->get(2).value().text() == "b");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(all_of_a_log_that_was_closed_may_be_dropped_before_a_kill, Format, formats) {
    long_lived<Format> l;
    l.log->append("a").value();
    l.close_and_open();
    l.log->roll().value();
    l.log->drop_before(2).value();
    l.kill_and_open();
    BOOST_TEST(l.log->empty().value());
    BOOST_TEST(l.log->append("b").value() == 2U);
    l.kill_and_open();
    BOOST_TEST(l.log->get(2).value().text() == "b");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_log_that_holds_nothing_has_nothing_to_drop, Format, formats) {
    long_lived<Format> l;
    l.log->drop_before(1).value();
    l.kill_and_open();
    BOOST_TEST(l.log->append("a").value() == 1U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_reset_that_a_write_buffer_holds_back_is_written_before_anything_is_dropped_for_it,
                              Format, formats) {
    const simulated_disk other;
    tusk::options o = small_log();
    o.write_buffer = 4096;
    auto lazy = log_on<tusk::fsync_never, Format>::open(tusk::simulated_backend(other), o).value();
    for (int i = 0; i < 6; ++i)
        lazy.append("a").value();
    lazy.drop_before(4).value();
    lazy.reset(2, 1).value(); // below what was dropped
    BOOST_TEST(lazy.append("b").value() == 2U);
    BOOST_TEST(lazy.last_index().value() == 2U);
}

BOOST_AUTO_TEST_CASE(a_close_whose_pad_finds_no_room_promises_no_more_than_it_has_synced) {
    std::size_t failed = 0;
    for (std::uint64_t nth = 1; nth < 6; ++nth) {
        simulated_disk disk;
        tusk::options o = small_log();
        o.sync_alignment = 512;
        {
            auto log = log_on<tusk::fsync_always>::open(tusk::simulated_backend(disk), o).value();
            log.append("a").value();
            disk.fail({.on = tusk::disk_call::write, .nth = nth, .error = ENOSPC});
            failed += log.close() ? 0U : 1U;
        }
        disk.heal();
        disk.power_cycle(disk_loss::drop_unsynced());
        tusk::recovery_report report;
        auto again = log_on<tusk::fsync_always>::open(tusk::simulated_backend(disk), o, &report);
        BOOST_REQUIRE_MESSAGE(again, "write " << nth << ": " << report.message);
        BOOST_TEST(again.value().get(1).value().text() == "a");
    }
    BOOST_TEST(failed > 0U); // else no write of the close was met
}

BOOST_AUTO_TEST_CASE(a_salvage_that_cannot_sync_the_directory_leaves_the_state_file_that_was_there) {
    simulated_disk disk;
    const auto open = [&](tusk::open_mode mode) {
        tusk::options o = small_log();
        o.mode = mode;
        return log_on<tusk::fsync_always>::open(tusk::simulated_backend(disk), o);
    };
    open(tusk::open_mode::strict).value().append("a").value();
    const std::string rubbish(4096, '\1');
    for (const std::uint64_t at : tusk::state_layout::slot)
        disk.overwrite("state", at, tusk::to_bytes(rubbish));
    BOOST_TEST((open(tusk::open_mode::strict).error() == tusk::errc::corrupt));
    disk.fail({.on = tusk::disk_call::sync_directory, .nth = 1, .error = EIO});
    BOOST_TEST(!open(tusk::open_mode::salvage));
    disk.heal();
    BOOST_TEST(open(tusk::open_mode::strict).value().get(1).value().text() == "a"); // both new slots were synced
}

BOOST_AUTO_TEST_SUITE_END()
