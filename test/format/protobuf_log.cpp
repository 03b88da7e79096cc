#include <tusk/format/protobuf.hpp>

#include <conformance/format_log.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

using namespace format_log_suite;

BOOST_AUTO_TEST_SUITE(format_protobuf_log)

BOOST_DATA_TEST_CASE(behaves, boost::unit_test::data::make(format_log_behaviours<protobuf_format>()), behaviour) {
    behaviour.test();
}

BOOST_AUTO_TEST_CASE(a_newer_version_is_refused_as_such) {
    format_log<protobuf_format, in_files> f;
    f.append_samples(3);
    f.close();
    f.disk.write(f.disk.segments().front(), 58, "\x02");
    const file_contents before = f.disk.contents();
    for (const open_mode mode : {open_mode::strict, open_mode::read_only, open_mode::salvage}) {
        f.opts.mode = mode;
        BOOST_TEST(fails_with(f.try_open(), errc::unsupported_version));
        BOOST_TEST(f.report.message.find("a newer version of protobuf_format") != std::string::npos);
        BOOST_TEST((f.disk.contents() == before));
    }
}

BOOST_AUTO_TEST_SUITE_END()
