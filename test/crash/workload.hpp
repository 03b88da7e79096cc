#pragma once

#include "model.hpp"

#include <tusk/log/basic_wal.hpp>

#include <functional>

namespace crash {

/// A record whose time is always the same, so that a story that is told again makes the same bytes.
inline tusk::record_view at_noon(const std::string& text, tusk::term_t term = 0) {
    tusk::record_view r(text, "", term);
    r.time = 43'200'000'000'000;
    return r;
}

/// A log and its history, and verbs that change both. A verb whose call fails stops the story: the power is gone, or the
/// log's limits do not let it go on.
template<class Log>
class story {
public:
    /// `open` opens the log again; `rest` returns when nothing is left to be done in the background.
    story(Log& log, history& past, std::function<tusk::result<Log>()> open, std::function<void()> rest)
        : log_(log), past_(past), open_(std::move(open)), rest_(std::move(rest)) {
        if (log_.limits().max_segments != 0)
            past_.forget_oldest();
        rest_();
    }

    [[nodiscard]] const contents& now() const { return past_.now(); }
    [[nodiscard]] std::size_t step() const { return past_.steps(); }

    [[nodiscard]] bool append(const std::string& text, tusk::term_t term = 0) {
        contents next = past_.now();
        next.items.push_back({term == 0 ? next.last_term() : term, text});
        return take(std::move(next), [&] { return static_cast<bool>(log_.append(at_noon(text, term))); });
    }
    [[nodiscard]] bool batch(std::size_t count, const std::string& text) {
        contents next = past_.now();
        std::vector<tusk::record_view> records;
        for (std::size_t i = 0; i < count; ++i) {
            records.push_back(at_noon(text));
            next.items.push_back({next.last_term(), text});
        }
        return take(std::move(next), [&] { return static_cast<bool>(log_.append_batch(records)); });
    }
    /// The log gives the entries their places, and promises nothing until they are waited for.
    [[nodiscard]] bool submit(std::size_t count, const std::string& text) {
        contents next = past_.now();
        std::vector<tusk::record_view> records;
        for (std::size_t i = 0; i < count; ++i) {
            records.push_back(at_noon(text));
            next.items.push_back({next.last_term(), text});
        }
        past_.step(std::move(next));
        const auto t = log_.submit(records);
        if (!t)
            return false;
        ticket_ = t.value();
        submitted_ = past_.steps();
        return settle();
    }
    /// Waits for what was submitted last.
    [[nodiscard]] bool wait() {
        const auto done = log_.wait_durable(ticket_);
        if (!done && done.error() != tusk::errc::truncated)
            return false;
        past_.promise(submitted_);
        return settle();
    }
    [[nodiscard]] bool transaction(std::size_t count, const std::string& text, bool commits = true) {
        auto t = log_.begin();
        contents next = past_.now();
        for (std::size_t i = 0; i < count; ++i) {
            if (!t.add(at_noon(text)))
                return false;
            next.items.push_back({next.last_term(), text});
        }
        if (!commits) {
            t.rollback();
            return true;
        }
        return take(std::move(next), [&] { return static_cast<bool>(t.commit()); });
    }
    [[nodiscard]] bool truncate(tusk::index_t keep) {
        contents next = past_.now();
        if (keep + 1 < next.first)
            return false;
        next.cut(keep);
        return take(std::move(next), [&] { return static_cast<bool>(log_.truncate(keep)); });
    }
    [[nodiscard]] bool replace(tusk::index_t first, std::size_t count, const std::string& text, tusk::term_t term) {
        contents next = past_.now();
        if (first < next.first)
            return false;
        next.cut(first - 1);
        std::vector<tusk::record_view> records;
        for (std::size_t i = 0; i < count; ++i) {
            records.push_back(at_noon(text, term));
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
        if (first < next.first)
            return false;
        next.drop(first);
        past_.step(std::move(next));
        if (!log_.drop_before(first)) {
            past_.doubt(first);
            return false;
        }
        past_.promise(); // under every policy
        return settle();
    }
    [[nodiscard]] bool roll() { return log_.roll() && settle(); }
    [[nodiscard]] bool sync() {
        if (!log_.sync())
            return false;
        past_.promise();
        return settle();
    }
    /// A clean end and a new life.
    [[nodiscard]] bool reopen() {
        if (!close())
            return false;
        auto again = open_();
        if (!again)
            return false;
        log_ = std::move(again).value();
        return settle();
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
        if (log_.limits().write_buffer == 0)
            past_.hand_over();
        return settle();
    }

    // What the log does by itself behind a call is done before the next one.
    [[nodiscard]] bool settle() {
        rest_();
        if (log_.limits().max_segments == 0)
            return true;
        const auto first = log_.first_index();
        if (!first)
            return false;
        contents now = past_.now();
        if (first.value() > now.first) {
            now.drop(first.value());
            past_.step(std::move(now));
        }
        return true;
    }

    Log& log_;
    history& past_;
    std::function<tusk::result<Log>()> open_;
    std::function<void()> rest_;
    tusk::ticket ticket_;
    std::size_t submitted_ = 0;
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
