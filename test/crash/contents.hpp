#pragma once

#include <tusk/backend/simulated_loss.hpp>
#include <tusk/core/result.hpp>
#include <tusk/core/types.hpp>
#include <tusk/log/entry.hpp>

#include <algorithm>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

namespace crash {

/// What a log holds, for comparing.
struct contents {
    struct item {
        tusk::term_t term = 0;
        std::string text;
        friend bool operator==(const item&, const item&) = default;
    };

    tusk::index_t first = 1;
    tusk::term_t previous_term = 0;
    std::vector<item> items;

    [[nodiscard]] tusk::index_t next() const { return first + items.size(); }
    friend bool operator==(const contents&, const contents&) = default;

    /// Keeps those up to `keep`.
    void cut(tusk::index_t keep) { items.resize(static_cast<std::size_t>(keep + 1 - first)); }
    [[nodiscard]] tusk::term_t last_term() const { return items.empty() ? previous_term : items.back().term; }

    /// Drops those below.
    void drop(tusk::index_t below) {
        const auto gone = static_cast<std::ptrdiff_t>(below - first);
        if (gone > 0)
            previous_term = items[static_cast<std::size_t>(gone) - 1].term;
        items.erase(items.begin(), items.begin() + gone);
        first = below;
    }

    /// True if it has the entries of `other` below `end`, as far as it has not dropped them.
    [[nodiscard]] bool has(const contents& other, tusk::index_t end = UINT64_MAX) const {
        end = std::min(end, other.next());
        for (tusk::index_t i = std::max(first, other.first); i < end; ++i)
            if (i >= next() ||
                items[static_cast<std::size_t>(i - first)] != other.items[static_cast<std::size_t>(i - other.first)])
                return false;
        return true;
    }

    [[nodiscard]] std::uint64_t digest() const {
        tusk::disk_hash sum;
        sum.add(first);
        sum.add(previous_term);
        for (const item& i : items) {
            sum.add(i.term);
            sum.add(std::hash<std::string>{}(i.text));
        }
        return sum.value();
    }

    friend std::ostream& operator<<(std::ostream& out, const contents& c) {
        out << "first " << c.first << " after term " << c.previous_term << ":";
        for (const item& i : c.items)
            out << ' ' << (i.text.size() > 12 ? i.text.substr(0, 12) + "..." : i.text) << '/' << i.term;
        return out;
    }
};

/// Everything that a log holds, read entry by entry.
template<class Log>
[[nodiscard]] tusk::result<contents> read_all(Log& log) {
    contents found;
    TUSK_TRY(const tusk::index_t next, log.next_index());
    TUSK_TRY(const tusk::index_t first, log.first_index());
    found.first = std::max<tusk::index_t>(first, 1);
    TUSK_TRY(found.previous_term, log.term_at(found.first - 1));
    for (tusk::index_t i = found.first; i < next; ++i) {
        TUSK_TRY(const tusk::entry e, log.get(i));
        if (e.index() != i)
            return tusk::errc::corrupt;
        found.items.push_back({e.term(), std::string(e.text())});
    }
    return found;
}

} // namespace crash
