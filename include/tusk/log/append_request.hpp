#pragma once

#include <tusk/core/entry.hpp>
#include <tusk/core/frame.hpp>
#include <tusk/log/term_runs.hpp>

namespace tusk::inline v0 {

/// A frame to be appended, before it has a place.
struct append_request {
    frame_type type = frame_type::batch;
    std::span<stored_record> records{}; ///< batch, replace: a term of 0 becomes that of the entry before
    index_t number = 0;                 ///< cut, replace: the last index that stays; reset: the next index
    term_t previous_term = 0;           ///< reset
    index_t expect_index = 0;           ///< 0: whatever comes
    bool held_back = false;             ///< acknowledged before it is written: nobody waits for it
    bool may_stay = false; ///< likewise, if it is put together where it belongs, and all before it is there

    [[nodiscard]] bool cuts() const noexcept { return type == frame_type::cut || type == frame_type::replace; }
};

/// Where an append went.
struct append_place {
    index_range entries;
    lsn_t begin = 0;
    lsn_t end = 0;
};

/// The runs of terms among records of which the first gets the index `next`.
inline void runs_of(std::span<const stored_record> records, index_t next, std::vector<term_run>& out) {
    out.clear();
    for (const stored_record& s : records) {
        if (out.empty() || out.back().term != s.term)
            out.push_back({next, s.term});
        ++next;
    }
}

/// A record that brings no term gets that of the one before it; gives those at the start, for which that is the log's.
inline std::span<stored_record> inherit_terms(std::span<stored_record> records) noexcept {
    std::size_t first = 0;
    while (first < records.size() && records[first].term == 0)
        ++first;
    for (std::size_t i = first + 1; i < records.size(); ++i)
        if (records[i].term == 0)
            records[i].term = records[i - 1].term;
    return records.first(first);
}

} // namespace tusk::inline v0
