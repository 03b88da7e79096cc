// Whether an append waits is fixed for a policy: it must be a constant.
// refused: fsync_policy
// refused: append_waits

#include <tusk/concept/fsync_policy.hpp>

struct undecided {
#ifdef REFUSED
    bool append_waits = true;
#else
    static constexpr bool append_waits = true;
#endif
    tusk::nanoseconds due_in(const tusk::sync_state&) const noexcept { return {}; }
};

template<tusk::fsync_policy Policy>
void use(Policy) {}

void test() { use(undecided{}); }
