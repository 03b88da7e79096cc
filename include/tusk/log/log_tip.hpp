#pragma once

#include <tusk/core/types.hpp>

namespace tusk::inline v0 {

/// Where a history ends, for what comes next: not where in a file.
struct log_tip {
    index_t next_index = 1;
    term_t last_term = 0; ///< of the entry before it
};

} // namespace tusk::inline v0
