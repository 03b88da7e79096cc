// Frames begin at multiples of a power of two, or recovery would not know where to look for them.
// refused: usable_policies
// refused: aligned_format
// refused: F::alignment

#include <tusk/wal.hpp>

struct crooked : tusk::binary_format {
#ifdef REFUSED
    static constexpr std::size_t alignment = 12;
#else
    static constexpr std::size_t alignment = 16;
#endif
    static constexpr std::size_t min_pad = 48;
};

using log_type = tusk::basic_wal<crooked, tusk::fsync_always, tusk::posix_backend, tusk::no_compression>;
bool test(log_type& log) { return log.is_open(); }
