#include <archetype/compression.hpp>

#include <conformance/compression.hpp>

BOOST_AUTO_TEST_SUITE(archetype_compression)

BOOST_AUTO_TEST_CASE(shrinks_what_is_all_alike) {
    using namespace compression_suite;
    const archetype::bare_compression codec(true);
    what_was_compressed_comes_back(codec);
    what_would_not_shrink_is_left_alone(codec);
    zeros_do_shrink(codec);
    writes_no_more_than_there_is_room(codec);
    rubbish_does_no_harm(codec);
    many_threads_may_use_it_at_once(codec);
}

BOOST_AUTO_TEST_SUITE_END()
