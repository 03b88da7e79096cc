// The smallest pad frame is as aligned as any other.
// refused: usable_policies
// refused: aligned_format
// refused: F::min_pad

#include <tusk/wal.hpp>

struct crooked : tusk::binary_format {
#ifdef REFUSED
    static constexpr std::size_t min_pad = tusk::binary_format::min_pad + 1;
#endif
};

using log_type = tusk::basic_wal<crooked, tusk::fsync_always, tusk::posix_backend, tusk::no_compression>;
bool test(log_type& log) { return log.is_open(); }
