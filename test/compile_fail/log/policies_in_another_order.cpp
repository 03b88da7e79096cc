// Format, fsync policy, backend, compression: in another order the log says which one it missed.
// refused: usable_policies
// refused: satisf[a-z]+ (of )?.format\b
// refused: fsync_always

#include <tusk/wal.hpp>

#ifdef REFUSED
using log_type = tusk::basic_wal<tusk::fsync_always, tusk::binary_format, tusk::posix_backend, tusk::no_compression>;
#else
using log_type = tusk::basic_wal<tusk::binary_format, tusk::fsync_always, tusk::posix_backend, tusk::no_compression>;
#endif
bool test(log_type& log) { return log.is_open(); }
