#pragma once

#include <tusk/log/append_request.hpp>
#include <tusk/log/segment.hpp>

#include <algorithm>

namespace tusk::inline v0 {

/// Where a log ends, and what may come there.
template<backend Backend>
struct log_end {
    segment_ptr<Backend> segment;
    std::uint64_t offset = 0; ///< where the next frame goes
    index_t next_index = 1;
    index_t first_index = 1;
    index_t drop_floor = 0; ///< of a drop that is under way
    term_runs terms;

    /// What would make the frame impossible: errc::beyond_end, dropped, index_mismatch. Gives the term of the entry before it.
    [[nodiscard]] result<term_t> check(const append_request& r) const noexcept {
        if (r.cuts() && r.number >= next_index)
            return errc::beyond_end;
        if (r.cuts() && r.number + 1 < std::max(first_index, drop_floor))
            return errc::dropped;
        const index_t next = r.cuts() ? r.number + 1 : next_index;
        if (r.expect_index != 0 && r.expect_index != next)
            return errc::index_mismatch;
        return terms.at(next - 1);
    }

    /// Takes away what the frame does.
    void cut_for(const append_request& r) {
        if (r.cuts()) {
            next_index = r.number + 1;
            terms.cut(r.number);
        } else if (r.type == frame_type::reset) {
            next_index = first_index = r.number;
            terms.reset(r.number, r.previous_term);
        }
    }
    /// `count` entries come to it, with these terms.
    void add(std::uint64_t count, std::span<const term_run> runs) {
        next_index += count;
        for (const term_run& t : runs)
            terms.add(t.first, t.term);
    }
    /// Entries below `first` are gone.
    void drop_before(index_t first) {
        first_index = first;
        if (first - 1 >= terms.before_first().first)
            terms.drop_before(first, terms.at(first - 1));
    }
};

} // namespace tusk::inline v0
