#pragma once

#include <tusk/core/entry.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace model {

using tusk::index_t;
using tusk::term_t;

/// What an entry is known by.
struct item {
    term_t term = 0;
    tusk::entry_kind kind = tusk::entry_kind::data;
    tusk::timestamp_t time = 0;
    std::string key;
    std::string data;

    friend bool operator==(const item&, const item&) = default;
};

/// A log, as a list.
struct state {
    index_t first = 1;
    term_t previous_term = 0;
    std::vector<std::shared_ptr<const item>> items;

    [[nodiscard]] index_t next() const { return first + items.size(); }
    [[nodiscard]] term_t term_at(index_t i) const {
        return i + 1 == first ? previous_term : items[static_cast<std::size_t>(i - first)]->term;
    }
    [[nodiscard]] term_t last_term() const { return term_at(next() - 1); }
    void append(item i) { items.push_back(std::make_shared<const item>(std::move(i))); }
    void cut(index_t keep) { items.resize(static_cast<std::size_t>(keep + 1 - first)); }
    void drop(index_t below) {
        previous_term = term_at(below - 1);
        items.erase(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(below - first));
        first = below;
    }
    /// True if what `other` holds below `end` is here as well.
    [[nodiscard]] bool has(const state& other, index_t end) const {
        end = std::min(end, other.next());
        for (index_t i = other.first; i < end; ++i)
            if (i < first || i >= next() ||
                items[static_cast<std::size_t>(i - first)] != other.items[static_cast<std::size_t>(i - other.first)])
                return false;
        return true;
    }
    [[nodiscard]] std::string text() const {
        return std::to_string(first) + " to " + std::to_string(next() - 1) + " after term " +
               std::to_string(previous_term);
    }
    friend bool operator==(const state& a, const state& b) {
        return a.first == b.first && a.previous_term == b.previous_term &&
               std::equal(a.items.begin(), a.items.end(), b.items.begin(), b.items.end(),
                          [](const auto& x, const auto& y) { return x == y || *x == *y; });
    }
};

/// A log in memory that does what a log is to do, and remembers what it was: after a crash it is what a prefix of its
/// history makes it, no shorter than what was promised.
class log_model {
public:
    [[nodiscard]] const state& now() const { return past_.back(); }
    /// The step that the log is taking.
    std::size_t step(state next) {
        past_.push_back(std::move(next));
        return last();
    }

    /// All steps up to this one are durable; or with the operating system, which keeps them when the process dies.
    void promise(std::size_t step) {
        durable_ = std::max(durable_, step);
        hand_over(step);
    }
    void hand_over(std::size_t step) { written_ = std::max(written_, step); }
    /// The entries below `next` that the log holds now are durable; what it did since may not be.
    void promise_below(index_t next) {
        std::size_t since = last();
        while (since > durable_ && past_[since - 1].has(now(), next))
            --since;
        promise(since);
    }
    [[nodiscard]] std::size_t last() const { return past_.size() - 1; }

    /// The log was opened again and holds `found`: true if it may. From here on it is that and nothing else.
    [[nodiscard]] bool come_back_as(const state& found, bool power_lost) {
        for (std::size_t i = past_.size(); i-- > (power_lost ? durable_ : written_);)
            if (past_[i] == found) {
                past_ = {found};
                durable_ = written_ = 0;
                return true;
            }
        return false;
    }
    [[nodiscard]] const state& promised(bool power_lost) const { return past_[power_lost ? durable_ : written_]; }

private:
    std::vector<state> past_{state{}};
    std::size_t durable_ = 0;
    std::size_t written_ = 0;
};

/// Where a reader is, and what it has still to be told.
struct reader_model {
    index_t at = 1;
    std::optional<index_t> kept; ///< the lowest index that a cut has kept since it last looked

    void cut(index_t keep) { kept = std::min(kept.value_or(keep), keep); }
};

} // namespace model
