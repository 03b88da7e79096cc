#pragma once

#include <tusk/backend/posix.hpp>
#include <tusk/compression/none.hpp>
#include <tusk/format/binary.hpp>
#include <tusk/fsync/always.hpp>
#include <tusk/log/basic_wal.hpp>

namespace tusk::inline v0 {

/// The log for most: compact frames, every append durable when it returns, plain files, data as it is.
using wal = basic_wal<binary_format, fsync_always, posix_backend, no_compression>;

} // namespace tusk::inline v0
