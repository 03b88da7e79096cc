#pragma once

#include <tusk/core/entry.hpp>

namespace tusk::inline v0 {

/// What submit() gives: where the records went, and what to wait for.
struct ticket {
    index_range entries;
    lsn_t begin = 0;
    lsn_t end = 0;
};

} // namespace tusk::inline v0
