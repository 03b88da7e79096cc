// A log in memory has no path that it could be opened from.
// refused: no matching function
// refused: open

#include <tusk/wal.hpp>

#include <tusk/backend/memory.hpp>

using log_type = tusk::basic_wal<tusk::binary_format, tusk::fsync_always, tusk::memory_backend, tusk::no_compression>;

bool test() {
#ifdef REFUSED
    return log_type::open("somewhere").has_value();
#else
    return log_type::open(tusk::memory_backend()).has_value();
#endif
}
