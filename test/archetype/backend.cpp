#include <archetype/backend.hpp>

#include <conformance/backend.hpp>

#include <boost/test/unit_test.hpp>

namespace archetype_backend {

class bare_place {
public:
    using backend_type = archetype::bare_backend;
    [[nodiscard]] backend_type backend() const { return backend_type(tusk::memory_backend(files_)); }

private:
    tusk::memory_backend::directory files_ = tusk::memory_backend().share();
};

} // namespace archetype_backend

BOOST_AUTO_TEST_SUITE(archetype_backend)

BOOST_AUTO_TEST_CASE(does_what_the_concept_says) { backend_conformance<bare_place>(); }

BOOST_AUTO_TEST_SUITE_END()
