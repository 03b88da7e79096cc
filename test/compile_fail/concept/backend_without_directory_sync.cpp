// A directory whose changes cannot be made durable is none for a log.
// refused: satisf[a-z]+ (of )?.backend\b
// refused: sync_directory

#include <tusk/backend/memory.hpp>

struct forgetful : tusk::memory_backend {
#ifdef REFUSED
    tusk::result<void> sync_directory() noexcept = delete;
#endif
};

template<tusk::backend Backend>
void use(Backend) {}

void test() { use(forgetful{}); }
