// A log needs a backend, and says so.
// refused: satisf[a-z]+ (of )?.backend\b
// refused: file

#include <tusk/wal.hpp>

struct no_backend {};

#ifdef REFUSED
using backend = no_backend;
#else
using backend = tusk::posix_backend;
#endif

using log_type = tusk::basic_wal<tusk::binary_format, tusk::fsync_always, backend, tusk::no_compression>;
bool test(log_type& log) { return log.is_open(); }
