#pragma once

#include "workload.hpp"

#include <tusk/backend/simulated.hpp>

#include <array>
#include <ostream>

namespace crash {

/// A call on a log, to be printed, left out, or put together with others.
struct call {
    enum class verb : std::uint8_t {
        append,
        batch,
        submit,
        wait,
        transaction,
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
    std::int64_t where =
        0; ///< an index counted from the first (drop) or back from the last (truncate, replace), or on from the next (reset)
    tusk::term_t term = 0; ///< 0: the last one

    friend std::ostream& operator<<(std::ostream& out, const call& c) {
        static constexpr std::array names{"append",  "batch", "submit", "wait", "transaction", "roll",  "truncate",
                                          "replace", "drop",  "reset",  "sync", "close",       "reopen"};
        out << names[static_cast<std::size_t>(c.what)];
        using enum verb;
        switch (c.what) {
        case append: return out << "(" << c.size << " bytes, term " << c.term << ")";
        case batch:
        case submit:
        case transaction: return out << "(" << c.count << " of " << c.size << " bytes)";
        case truncate: return out << "(last - " << c.where << ")";
        case replace: return out << "(last - " << c.where << ", " << c.count << " of " << c.size << " bytes)";
        case drop: return out << "(first + " << c.where << ")";
        case reset: return out << "(next + " << c.where << ")";
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

/// Makes one call. Where it makes no sense, such as a truncation of nothing, it is left out. False if it failed.
template<class Log>
[[nodiscard]] bool make(const call& c, story<Log>& s) {
    using enum call::verb;
    const contents& now = s.now();
    const std::string data(c.size, static_cast<char>('a' + s.step() % 26)); // each step's own
    const auto back = static_cast<tusk::index_t>(c.where);
    switch (c.what) {
    case append: return s.append(data, c.term == 0 ? 0 : now.last_term() + c.term);
    case batch: return s.batch(c.count, data);
    case submit: return s.submit(c.count, data);
    case wait: return s.wait();
    case transaction: return s.transaction(c.count, data);
    case roll: return s.roll();
    case truncate: return now.items.size() < back || s.truncate(now.next() - 1 - back);
    case replace:
        return now.items.size() <= back || s.replace(now.next() - 1 - back, c.count, data, now.last_term() + 1);
    case drop: return now.items.size() < back || s.drop(now.first + back);
    case reset:
        return s.reset(
            static_cast<tusk::index_t>(std::max<std::int64_t>(1, static_cast<std::int64_t>(now.next()) + c.where)),
            now.last_term() + 1);
    case sync: return s.sync();
    case close: return s.close();
    case reopen: return s.reopen();
    }
    return false;
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
        {.what = replace, .count = 2, .where = 2},
        {.what = drop, .where = 3},
        {.what = reset, .where = 7},
        {.what = reset, .where = -4},
        {.what = sync},
        {.what = reopen},
    };
    return all;
}

} // namespace crash
