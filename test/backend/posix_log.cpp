#include <tusk/backend/posix.hpp>

#include <backend/real_log.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

using namespace real_log;

BOOST_AUTO_TEST_SUITE(backend_posix_log)

BOOST_DATA_TEST_CASE(works, boost::unit_test::data::make(real_log_behaviours<posix_backend>()), behaviour) {
    behaviour.test();
}

BOOST_AUTO_TEST_SUITE_END()
