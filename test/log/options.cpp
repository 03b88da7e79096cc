#include <tusk/log/check_options.hpp>

#include <log/fixture.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <ostream>

using namespace log_test;

namespace log_options {

struct changed {
    const char* what;
    void (*change)(options&);
    const char* message;
};
std::ostream& operator<<(std::ostream& out, const changed& c) { return out << c.what; }

// What the log refuses, and how it names it.
const std::vector<changed> refused{
    {"first_index 0", [](options& o) { o.first_index = 0; }, "first_index is 0"},
    {"first_index too large", [](options& o) { o.first_index = UINT64_MAX / 2 + 1; }, "first_index is"},
    {"segment_size 0", [](options& o) { o.segment_size = 0; }, "segment_size is 0"},
    {"segment_size too small", [](options& o) { o.segment_size = 4095; }, "segment_size is 4095"},
    {"segment_size too large", [](options& o) { o.segment_size = 2 * gibibyte + 1; }, "segment_size is 2147483649"},
    {"max_record_size 0", [](options& o) { o.max_record_size = 0; }, "max_record_size is 0"},
    {"max_record_size too large", [](options& o) { o.max_record_size = gibibyte + 1; },
     "max_record_size is 1073741825"},
    {"max_batch_bytes 0", [](options& o) { o.max_batch_bytes = 0; }, "max_batch_bytes is 0"},
    {"max_batch_bytes below a record", [](options& o) { o.max_batch_bytes = o.max_record_size - 1; },
     "max_batch_bytes is"},
    {"max_batch_bytes too large", [](options& o) { o.max_batch_bytes = max_batch_limit + 1; }, "max_batch_bytes is"},
    {"write_buffer too large", [](options& o) { o.write_buffer = 64 * mebibyte + 1; }, "write_buffer is 67108865"},
    {"window_ahead too large", [](options& o) { o.window_ahead = 2 * gibibyte + 1; }, "window_ahead is 2147483649"},
    {"spare_segments too many", [](options& o) { o.spare_segments = 3; }, "spare_segments is 3"},
    {"max_open_segments 0", [](options& o) { o.max_open_segments = 0; }, "max_open_segments is 0"},
    {"max_segments 1", [](options& o) { o.max_segments = 1; }, "max_segments is 1"},
    {"sync_alignment 1", [](options& o) { o.sync_alignment = 1; }, "sync_alignment is 1"},
    {"sync_alignment 1024", [](options& o) { o.sync_alignment = 1024; }, "sync_alignment is 1024"},
    {"sync_alignment 8192", [](options& o) { o.sync_alignment = 8192; }, "sync_alignment is 8192"},
    {"witness_interval negative", [](options& o) { o.witness_interval = nanoseconds(-1); }, "witness_interval"},
    {"write_buffer beside waiting appends", [](options& o) { o.write_buffer = 1; }, "write_buffer"},
    {"salvage and refuse",
     [](options& o) {
         o.mode = open_mode::salvage;
         o.unproven_tail = tail_policy::refuse;
     },
     "unproven_tail"},
    {"on_durable without a thread", [](options& o) { o.on_durable = [](index_t) {}; }, "on_durable"},
    {"on_durable while reading only",
     [](options& o) {
         o.background = background::shared();
         o.mode = open_mode::read_only;
         o.on_durable = [](index_t) {};
     },
     "on_durable"},
};

// The edges of what it takes.
const std::vector<changed> taken{
    {"the defaults", [](options& o) { o = {}; }, ""},
    {"the largest first_index", [](options& o) { o.first_index = UINT64_MAX / 2; }, ""},
    {"the smallest segments", [](options& o) { o.segment_size = 4 * kibibyte; }, ""},
    {"the largest segments", [](options& o) { o.segment_size = 2 * gibibyte; }, ""},
    {"the smallest records", [](options& o) { o.max_record_size = o.max_batch_bytes = 1; }, ""},
    {"the largest records", [](options& o) { o.max_record_size = o.max_batch_bytes = gibibyte; }, ""},
    {"the largest batches", [](options& o) { o.max_batch_bytes = max_batch_limit; }, ""},
    {"no spare segments", [](options& o) { o.spare_segments = 0; }, ""},
    {"two spare segments", [](options& o) { o.spare_segments = 2; }, ""},
    {"two segments", [](options& o) { o.max_segments = 2; }, ""},
    {"one open segment", [](options& o) { o.max_open_segments = 1; }, ""},
    {"sectors of 512", [](options& o) { o.sync_alignment = 512; }, ""},
    {"sectors of 4096", [](options& o) { o.sync_alignment = 4096; }, ""},
    {"a witness after each sync", [](options& o) { o.witness_interval = nanoseconds(0); }, ""},
};

} // namespace log_options

BOOST_AUTO_TEST_SUITE(log_options)

BOOST_DATA_TEST_CASE(options_that_make_no_sense_are_refused_by_name, boost::unit_test::data::make(refused), c) {
    memory_log<> log;
    c.change(log.opts);
    BOOST_TEST(fails_with(log.try_open(), errc::invalid_option));
    BOOST_TEST_INFO(log.report.message);
    BOOST_TEST(log.report.message.find(c.message) != std::string::npos);
    BOOST_TEST(log.disk.names().empty());
}

BOOST_DATA_TEST_CASE(options_at_their_limits_are_taken, boost::unit_test::data::make(taken), c) {
    memory_log<> log;
    c.change(log.opts);
    log.open();
    log.append("a");
    log.reopen();
    BOOST_TEST(log.text(log.first()) == "a");
    BOOST_TEST(log.report.message.empty());
}

BOOST_AUTO_TEST_CASE(a_message_says_what_would_be_right) {
    memory_log<> log;
    log.opts.segment_size = 1;
    BOOST_TEST(fails_with(log.try_open(), errc::invalid_option));
    BOOST_TEST(log.report.message == "segment_size is 1; it must be from 4096 to 2147483648");
}

BOOST_AUTO_TEST_CASE(a_write_buffer_goes_with_appends_that_do_not_wait) {
    memory_log<fsync_never> log;
    log.opts.write_buffer = 64 * mebibyte;
    log.open();
    BOOST_TEST(log.append("a") == 1U);
}

BOOST_AUTO_TEST_CASE(what_a_larger_limit_let_in_is_read_with_a_smaller_one) {
    memory_log<> log;
    log.open();
    log.append(std::string(5000, 'x'));
    log.close();
    log.opts.max_record_size = 10;
    log.open();
    BOOST_TEST(log.text(1) == std::string(5000, 'x'));
    BOOST_TEST(fails_with(log.log->append("more than ten"), errc::too_large));
}

BOOST_AUTO_TEST_CASE(a_log_tells_what_it_was_opened_with) {
    memory_log<> log;
    log.opts.max_record_size = 12345;
    log.open();
    BOOST_TEST(log.log->limits().max_record_size == 12345U);
}

BOOST_AUTO_TEST_SUITE_END()
