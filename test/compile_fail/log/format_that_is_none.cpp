// A log needs a format, and says so.
// refused: satisf[a-z]+ (of )?.format\b
// refused: F::id

#include <tusk/wal.hpp>

struct no_format {};

#ifdef REFUSED
using format = no_format;
#else
using format = tusk::binary_format;
#endif

using log_type = tusk::basic_wal<format, tusk::fsync_always, tusk::posix_backend, tusk::no_compression>;
bool test(log_type& log) { return log.is_open(); }
