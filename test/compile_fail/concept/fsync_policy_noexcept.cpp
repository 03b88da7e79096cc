// A policy whose answer may throw is no fsync_policy.
// refused: fsync_policy
// refused: due_in

#include <tusk/concept/fsync_policy.hpp>

struct eager {
    static constexpr bool append_waits = true;
#ifdef REFUSED
    tusk::nanoseconds due_in(const tusk::sync_state&) const { return {}; }
#else
    tusk::nanoseconds due_in(const tusk::sync_state&) const noexcept { return {}; }
#endif
};

template<tusk::fsync_policy Policy>
void use(Policy) {}

void test() { use(eager{}); }
