#include "property.hpp"

#include <tusk/fsync/never.hpp>

BOOST_AUTO_TEST_SUITE(model_never)

BOOST_AUTO_TEST_CASE(a_log_does_what_its_model_does_whatever_is_called) {
    model::a_log_does_what_its_model_does<tusk::fsync_never>();
}

BOOST_AUTO_TEST_SUITE_END()
