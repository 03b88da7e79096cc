#pragma once

#include <tusk/core/types.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

namespace crash {

/// A call on a log, to be printed, left out, or put together with others.
struct call {
    enum class verb : std::uint8_t {
        append,
        batch,
        submit,
        wait,
        transaction,
        rollback, ///< of a transaction
        roll,
        truncate,
        replace,
        drop,
        reset,
        sync,
        close,
        reopen,
    };

    verb what = verb::append;
    std::size_t count = 1; ///< of entries
    std::size_t size = 1;  ///< of each entry's data, in bytes
    /// An index counted back from the last (truncate, replace), or on from the first (drop) or the next (reset).
    std::int64_t where = 0;
    tusk::term_t term = 0; ///< more than the last one (append, replace, reset)
    bool absolute = false; ///< `where` is the index itself

    friend std::ostream& operator<<(std::ostream& out, const call& c) {
        static constexpr std::array names{"append",   "batch", "submit",   "wait",    "transaction",
                                          "rollback", "roll",  "truncate", "replace", "drop",
                                          "reset",    "sync",  "close",    "reopen"};
        out << names[static_cast<std::size_t>(c.what)];
        const auto place = [&](const char* base) {
            std::string text = base;
            if (c.absolute)
                return std::to_string(c.where);
            return text + (c.where < 0 ? " - " : " + ") + std::to_string(c.where < 0 ? -c.where : c.where);
        };
        const auto entries = [&] { return std::to_string(c.count) + " of " + std::to_string(c.size) + " bytes"; };
        using enum verb;
        switch (c.what) {
        case append: return out << "(" << c.size << " bytes, term + " << c.term << ")";
        case batch:
        case submit:
        case transaction:
        case rollback: return out << "(" << entries() << ")";
        case truncate: return out << "(" << (c.absolute ? place("") : "last - " + std::to_string(c.where)) << ")";
        case replace:
            return out << "(" << (c.absolute ? place("") : "last - " + std::to_string(c.where)) << ", " << entries()
                       << ", term + " << c.term << ")";
        case drop: return out << "(" << place("first") << ")";
        case reset: return out << "(" << place("next") << ", term + " << c.term << ")";
        default: return out << "()";
        }
    }
};

/// As a story is told: one call a line.
inline std::string text(const std::vector<call>& calls) {
    std::ostringstream out;
    for (const call& c : calls)
        out << c << '\n';
    return out.str();
}

/// Calls of every kind, of which workloads are put together.
inline const std::vector<call>& alphabet() {
    using enum call::verb;
    static const std::vector<call> all{
        {.what = append},
        {.what = append, .size = 1500, .term = 1},
        {.what = batch, .count = 3},
        {.what = batch, .count = 4, .size = 700},
        {.what = submit, .count = 2, .size = 300},
        {.what = transaction, .count = 2},
        {.what = roll},
        {.what = truncate, .where = 1},
        {.what = truncate, .where = 5},
        {.what = replace, .count = 2, .where = 2, .term = 1},
        {.what = drop, .where = 3},
        {.what = reset, .where = 7, .term = 1},
        {.what = reset, .where = -4, .term = 1},
        {.what = sync},
        {.what = close},
        {.what = reopen},
    };
    return all;
}

/// What most workloads begin with: two segments, and an entry in the second.
inline std::vector<call> two_segments() {
    using enum call::verb;
    return {{.what = batch, .count = 4, .size = 700}, {.what = append, .size = 20}};
}

} // namespace crash
