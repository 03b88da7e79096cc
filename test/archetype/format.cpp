#include <archetype/format.hpp>

#include <conformance/format.hpp>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(archetype_format)

BOOST_AUTO_TEST_CASE(does_what_the_concept_says) { format_conformance<archetype::bare_format>(); }

BOOST_AUTO_TEST_SUITE_END()
