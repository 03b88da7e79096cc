// Whoever ignores whether an append went well is warned of it.
// refused: nodiscard
// refused: append

#include <tusk/wal.hpp>

#pragma GCC diagnostic error "-Wunused-result"

void test(tusk::wal& log) {
#ifdef REFUSED
    log.append("a");
#else
    (void)log.append("a");
#endif
}
