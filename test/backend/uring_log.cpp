#include <tusk/backend/uring.hpp>

#include <backend/real_log.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <sys/syscall.h>

using namespace real_log;

BOOST_AUTO_TEST_SUITE(backend_uring_log)

BOOST_DATA_TEST_CASE(works, boost::unit_test::data::make(real_log_behaviours<uring_backend>()), behaviour) {
    behaviour.test();
}

BOOST_AUTO_TEST_CASE(an_append_that_waits_for_its_sync_makes_no_call_for_it) {
    if (!uring_ring::make()) {
        BOOST_TEST_MESSAGE("skipped: this system refuses io_uring");
        return;
    }
    log_on_disk<uring_backend> log;
    log.opts.segment_size = mebibyte;
    log.open();
    log.append_samples(1); // makes the segment
    BOOST_TEST(log.report.notes.empty());
    real_disk::watched calls;
    log.append_samples(20);
    BOOST_TEST(calls->data_syncs == 0U);
    BOOST_TEST(calls->synced_writes == 0U);
    BOOST_TEST(must(log.log->durable_index()) == 21U);
}

BOOST_AUTO_TEST_CASE(where_io_uring_is_forbidden_a_log_works_and_its_report_says_so) {
    log_on_disk<uring_backend> log;
    log.opts.segment_size = mebibyte;
    const int outcome = in_child([&] {
        if (!real_disk::refuse_call(SYS_io_uring_setup, EPERM))
            return 77;
        if (!log.try_open(log.opts))
            return 1;
        if (log.report.notes.size() != 1 || log.report.notes[0].find("io_uring") == std::string::npos ||
            !log.report.message.empty())
            return 2;
        log.append_samples(1);
        real_disk::watched calls;
        log.append_samples(20);
        if (calls->synced_writes != 20 || must(log.log->durable_index()) != 21)
            return 3;
        log.reopen();
        return log.all() == samples(1, 21) && log.report.notes.size() == 1 ? 0 : 4;
    });
    if (outcome == 77)
        BOOST_TEST_MESSAGE("skipped: seccomp is not allowed");
    else
        BOOST_TEST(outcome == 0);
}

BOOST_AUTO_TEST_CASE(a_sync_that_fails_in_place_of_the_ring_poisons_the_log) {
    log_on_disk<uring_backend> log;
    log.opts.segment_size = mebibyte;
    const int outcome = in_child([&] {
        if (!log.try_open(log.opts))
            return 1;
        log.append_samples(1);
        if (!real_disk::refuse_call(SYS_io_uring_enter, EPERM)) // then by calls, of which one fails
            return 77;
        real_disk::watched calls;
        calls->write_errors = {EIO};
        if (!fails_with(log.log->append("x"), errc::indeterminate))
            return 2;
        return fails_with(log.log->append("y"), errc::poisoned) ? 0 : 3;
    });
    if (outcome == 77)
        BOOST_TEST_MESSAGE("skipped: seccomp is not allowed");
    else
        BOOST_TEST(outcome == 0);
}

BOOST_AUTO_TEST_SUITE_END()
