// A lock that does not say whether it was got keeps nobody out.
// refused: satisf[a-z]+ (of )?.backend\b
// refused: directory.lock\(name\)

#include <tusk/backend/memory.hpp>

struct trusting : tusk::memory_backend {
#ifdef REFUSED
    void lock(const char*) noexcept {}
#endif
};

template<tusk::backend Backend>
void use(Backend) {}

void test() { use(trusting{}); }
