#pragma once

#include "shapes.hpp"
#include "sweep.hpp"

#include <boost/test/unit_test.hpp>

namespace damage {

/// A test case: every damage to a reference log is found or harmless, and none was left out.
template<class Shapes>
void is_borne(reference_log (*tell)()) {
    using format = typename Shapes::format_type;
    using compression = typename Shapes::compression_type;
    counts count;
    const auto wrong = first_violation<format, compression>(tell, count);
    BOOST_TEST_MESSAGE(tell().name << ": " << count);
    BOOST_TEST(!wrong, wrong.value_or(""));
    const std::uint64_t planned = 2 * damage::sweep<format, compression>::bits_of(tell());
    BOOST_TEST(count.tried > planned);
}

} // namespace damage
