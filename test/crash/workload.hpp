#pragma once

#include "model.hpp"

#include <tusk/log/basic_wal.hpp>

#include <functional>

namespace crash {

/// A log and its history, and verbs that change both. A verb whose call fails stops the story: the power is gone.
template<class Log>
class story {
public:
    explicit story(Log& log, history& past) : log_(log), past_(past) {}

    [[nodiscard]] bool append(const std::string& text, tusk::term_t term = 0) {
        contents next = past_.now();
        next.items.push_back({term == 0 ? next.last_term() : term, text});
        return take(std::move(next), [&] { return static_cast<bool>(log_.append(tusk::record_view(text, "", term))); });
    }
    [[nodiscard]] bool batch(std::size_t count, const std::string& text) {
        contents next = past_.now();
        std::vector<tusk::record_view> records;
        for (std::size_t i = 0; i < count; ++i) {
            records.emplace_back(text);
            next.items.push_back({next.last_term(), text});
        }
        return take(std::move(next), [&] { return static_cast<bool>(log_.append_batch(records)); });
    }
    [[nodiscard]] bool truncate(tusk::index_t keep) {
        contents next = past_.now();
        next.cut(keep);
        return take(std::move(next), [&] { return static_cast<bool>(log_.truncate(keep)); });
    }
    [[nodiscard]] bool replace(tusk::index_t first, std::size_t count, const std::string& text, tusk::term_t term) {
        contents next = past_.now();
        next.cut(first - 1);
        std::vector<tusk::record_view> records;
        for (std::size_t i = 0; i < count; ++i) {
            records.emplace_back(text, "", term);
            next.items.push_back({term, text});
        }
        return take(std::move(next), [&] { return static_cast<bool>(log_.replace_from(first, records)); });
    }
    [[nodiscard]] bool reset(tusk::index_t index, tusk::term_t previous) {
        return take(contents{.first = index, .previous_term = previous, .items = {}},
                    [&] { return static_cast<bool>(log_.reset(index, previous)); });
    }
    [[nodiscard]] bool drop(tusk::index_t first) {
        contents next = past_.now();
        next.drop(first);
        past_.step(std::move(next));
        if (!log_.drop_before(first)) {
            past_.doubt(first);
            return false;
        }
        past_.promise(); // under every policy
        return true;
    }
    [[nodiscard]] bool roll() { return static_cast<bool>(log_.roll()); }
    [[nodiscard]] bool sync() {
        if (!log_.sync())
            return false;
        past_.promise();
        return true;
    }
    [[nodiscard]] bool close() {
        if (!log_.close())
            return false;
        past_.promise();
        return true;
    }

private:
    template<class Call>
    [[nodiscard]] bool take(contents next, Call call) {
        past_.step(std::move(next));
        if (!call())
            return false;
        if (Log::fsync_type::append_waits)
            past_.promise();
        return true;
    }

    Log& log_;
    history& past_;
};

/// Everything that the log holds, read entry by entry.
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
