#pragma once

#include <tusk/core/types.hpp>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <vector>

namespace tusk::inline v0 {

/// From `first` on, entries have `term`, up to the next run.
struct term_run {
    index_t first = 0;
    term_t term = 0;

    friend bool operator==(const term_run&, const term_run&) = default;
};

/// The terms of a log's entries and of the one before the first: one run for each change of term.
class term_runs {
public:
    /// An empty log whose next entry is `next`, after an entry of term `previous`.
    void reset(index_t next, term_t previous) {
        runs_.clear();
        runs_.push_back({next - 1, previous});
    }

    /// Entries from `first` on have `term`, which is not lower than the last one.
    void add(index_t first, term_t term) {
        assert(!runs_.empty() && first > runs_.back().first && term >= runs_.back().term);
        if (term != runs_.back().term)
            runs_.push_back({first, term});
    }

    /// The last entry is `index`, and has `term`: for where that is all that is known of it.
    void set_last(index_t index, term_t term) {
        if (runs_.back().first >= index)
            runs_.back().term = term;
        else
            add(index, term);
    }

    /// Forgets the entries above `keep`.
    void cut(index_t keep) {
        while (runs_.size() > 1 && runs_.back().first > keep)
            runs_.pop_back();
        if (runs_.back().first > keep) // the entry before lies in what was dropped: its term is not known here
            runs_.back() = {keep, 0};
    }

    /// Forgets the entries below `first`; `previous` is the term of the one before it.
    void drop_before(index_t first, term_t previous) {
        const auto above = std::upper_bound(runs_.begin(), runs_.end(), first - 1, by_first);
        runs_.erase(runs_.begin(), above);
        runs_.insert(runs_.begin(), {first - 1, previous});
    }

    /// The term of `index`, which is not below that of the entry before the first.
    [[nodiscard]] term_t at(index_t index) const noexcept { return runs_[find(index)].term; }
    [[nodiscard]] term_t last() const noexcept { return runs_.back().term; }
    /// The entry before the first one, and its term.
    [[nodiscard]] term_run before_first() const noexcept { return runs_.front(); }

    /// The runs that touch the entries from `first` to `last`, the first of them clipped to `first`.
    [[nodiscard]] std::vector<term_run> between(index_t first, index_t last) const {
        std::vector<term_run> found;
        if (first > last)
            return found;
        std::size_t i = find(first);
        found.push_back({first, runs_[i].term});
        while (++i < runs_.size() && runs_[i].first <= last)
            found.push_back(runs_[i]);
        return found;
    }

private:
    static bool by_first(index_t i, const term_run& run) noexcept { return i < run.first; }

    [[nodiscard]] std::size_t find(index_t index) const noexcept {
        assert(!runs_.empty() && index >= runs_.front().first);
        const auto above = std::upper_bound(runs_.begin(), runs_.end(), index, by_first);
        return static_cast<std::size_t>(above - runs_.begin()) - 1;
    }

    std::vector<term_run> runs_{{0, 0}};
};

} // namespace tusk::inline v0
