// A log needs to know when to sync, and says so.
// refused: satisf[a-z]+ (of )?.fsync_policy\b
// refused: append_waits

#include <tusk/wal.hpp>

struct no_policy {};

#ifdef REFUSED
using policy = no_policy;
#else
using policy = tusk::fsync_always;
#endif

using log_type = tusk::basic_wal<tusk::binary_format, policy, tusk::posix_backend, tusk::no_compression>;
bool test(log_type& log) { return log.is_open(); }
