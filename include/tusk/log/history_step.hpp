#pragma once

#include <tusk/log/catalog.hpp>

namespace tusk::inline v0 {

/// A step of the log's history as recovery read it, and where the log stood after it.
struct history_step {
    static constexpr std::size_t made_up = SIZE_MAX;

    std::size_t segment = made_up; ///< which of the found segments it lies in; made_up: salvage fills a gap with it
    placed_frame frame;            ///< without its terms
    lsn_t end = 0;                 ///< the LSN behind it
    index_t next_index = 0;
    term_t last_term = 0;
};

} // namespace tusk::inline v0
