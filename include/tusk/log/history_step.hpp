#pragma once

#include <tusk/log/log_tip.hpp>
#include <tusk/log/placed_frame.hpp>
#include <tusk/log/state_file.hpp>

namespace tusk::inline v0 {

/// A step of the log's history as recovery read it, and where the log stood after it. Small: a hostile segment has one for
/// every few bytes.
struct history_step {
    static constexpr std::uint32_t made_up = UINT32_MAX;

    lsn_t end = 0; ///< the LSN behind it
    index_t next_index = 0;
    term_t last_term = 0;
    std::uint32_t segment = made_up; ///< which of the found segments it lies in; made_up: salvage fills a gap with it
    std::uint32_t offset = 0;
    std::uint32_t size = 0;
    std::uint32_t checksum = 0;
    std::uint32_t count = 0; ///< batch, replace, lost: entries
    frame_type type = frame_type::header;

    /// The index of its first entry; of what has none, the index that the next entry gets.
    [[nodiscard]] index_t first_index() const noexcept { return next_index - count; }
};

/// The step that `f` was, which led to `tip`.
[[nodiscard]] inline history_step step_of(std::uint32_t segment, const placed_frame& f, lsn_t end,
                                          const log_tip& tip) noexcept {
    const bool entries = f.type == frame_type::batch || f.type == frame_type::replace || f.type == frame_type::lost;
    return {.end = end,
            .next_index = tip.next_index,
            .last_term = tip.last_term,
            .segment = segment,
            .offset = static_cast<std::uint32_t>(f.offset), // as max_segment_file says
            .size = static_cast<std::uint32_t>(f.size),
            .checksum = f.checksum,
            .count = entries ? static_cast<std::uint32_t>(f.count) : 0,
            .type = f.type};
}

/// True if the last reset, at that LSN or 0 if there was none, came after the state file's first index was set.
[[nodiscard]] inline bool overrides_first_index(lsn_t last_reset, const log_state& state) noexcept {
    return last_reset != 0 && last_reset >= state.first_lsn;
}

/// The term of the last entry where the log has come to `tip` at `lsn`. Index frames know nothing of what was dropped
/// before they were written: where all that is left is cut, the state file does.
[[nodiscard]] inline term_t last_term_at(lsn_t lsn, const log_tip& tip, const log_state& state,
                                         lsn_t last_reset) noexcept {
    const bool at_first = tip.next_index == state.first_index && lsn >= state.first_lsn;
    return at_first && !overrides_first_index(last_reset, state) ? state.previous_term : tip.last_term;
}

} // namespace tusk::inline v0
