#include <tusk/backend/mmap.hpp>

#include <backend/real_log.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

using namespace real_log;

BOOST_AUTO_TEST_SUITE(backend_mmap_log)

BOOST_DATA_TEST_CASE(works, boost::unit_test::data::make(real_log_behaviours<mmap_backend>()), behaviour) {
    behaviour.test();
}

BOOST_AUTO_TEST_CASE(an_entry_is_shown_where_it_lies) {
    log_on_disk<mmap_backend> log;
    log.open();
    log.append_samples(3);
    const entry once = must(log.log->get(2));
    const entry again = must(log.log->get(2));
    BOOST_TEST(static_cast<const void*>(once.data().data()) == static_cast<const void*>(again.data().data()));
    const entries range = must(log.log->get_range(1, 3));
    BOOST_TEST(static_cast<const void*>(range[1].data().data()) == static_cast<const void*>(once.data().data()));
}

BOOST_AUTO_TEST_CASE(a_file_system_that_copies_on_write_is_refused_and_the_report_says_why) {
    log_on_disk<mmap_backend> log;
    real_disk::watched calls;
    calls->file_system = 0x9123683e;
    BOOST_TEST(fails_with(log.try_open(log.opts), std::error_code(EOPNOTSUPP, std::system_category())));
    BOOST_TEST(log.report.message.find("btrfs") != std::string::npos, log.report.message);
    BOOST_TEST(log.report.notes == texts{log.report.message}, boost::test_tools::per_element());
}

// As where the process has as many mappings, or as much of them, as it may.
BOOST_AUTO_TEST_CASE(where_nothing_can_be_mapped_a_log_is_written_and_read_by_calls) {
    log_on_disk<mmap_backend> log;
    const int outcome = in_child([&] {
        if (!real_disk::refuse_file_mappings())
            return 77;
        if (!log.try_open(log.opts))
            return 1;
        log.append_samples(200); // over several segments
        if (log.all() != samples(1, 200))
            return 2;
        log.reopen();
        const entry first = must(log.log->get(1));
        const entry again = must(log.log->get(1));
        return first.text() == sample(1) && first.data().data() != again.data().data() && log.all() == samples(1, 200)
                   ? 0
                   : 3;
    });
    if (outcome == 77)
        BOOST_TEST_MESSAGE("skipped: seccomp is not allowed");
    else
        BOOST_TEST(outcome == 0);
}

BOOST_AUTO_TEST_CASE(what_posix_backend_wrote_is_read_and_the_other_way_round) {
    log_on_disk<mmap_backend> log;
    using posix_log = basic_wal<binary_format, fsync_always, posix_backend, no_compression>;
    for (index_t round = 0; round < 3; ++round) {
        log.open();
        log.append_samples(50);
        log.close();
        auto other = must(posix_log::open(log.place.log(), log.opts));
        for (index_t i = round * 100 + 51; i <= round * 100 + 100; ++i)
            must(other.append(sample(i)));
        must(other.close());
    }
    log.open();
    BOOST_TEST(log.all() == samples(1, 300), boost::test_tools::per_element());
}

// What a copy that leaves out zeros makes of a log that was killed.
BOOST_AUTO_TEST_CASE(a_log_whose_files_have_holes_goes_on) {
    log_on_disk<mmap_backend, fsync_never> log;
    log.opts.segment_size = mebibyte;
    log.open();
    log.append_samples(10);
    log.close();
    fs::resize_file(log.place.path(log.segments().back().c_str()), mebibyte);
    log.open();
    log.append_samples(1000);
    log.reopen();
    BOOST_TEST(log.all() == samples(1, 1010), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
