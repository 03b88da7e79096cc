#pragma once

#include <tusk/core/frame.hpp>
#include <tusk/log/term_runs.hpp>

namespace tusk::inline v0 {

/// A frame that has its place, and what it does to the log.
struct placed_frame {
    frame_type type = frame_type::batch;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
    std::uint32_t checksum = 0;
    index_t first_index = 0;           ///< as in frame_place
    std::uint64_t count = 0;           ///< batch, replace, lost: entries
    index_t keep = 0;                  ///< cut, replace: the last index that stays
    term_t previous_term = 0;          ///< reset
    std::span<const term_run> terms{}; ///< batch, replace: where the term changes, from the first entry on
};

} // namespace tusk::inline v0
