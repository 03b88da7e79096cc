#pragma once

#include "call.hpp"
#include "contents.hpp"

#include <tusk/log/basic_wal.hpp>

#include <optional>

namespace crash {

/// A call with its arguments, worked out for a log that holds `now`, whatever becomes of the log before it is made.
struct deed {
    call::verb what = call::verb::sync;
    std::vector<contents::item> items; ///< to be appended; a term of 0 is that of the entry before
    tusk::index_t at = 0;              ///< truncate: the last to stay; replace, drop, reset: the first
    tusk::term_t term = 0;             ///< reset: of the entry before
};

/// What a deed makes of a log.
struct effect {
    contents next;
    tusk::index_t first = 0; ///< the index of the first entry that it appends
};

/// The deed that a call is where a log holds `now`; none where it makes no sense, such as a truncation of nothing. The
/// step's data differs from that of others.
inline std::optional<deed> deed_of(const call& c, const contents& now, std::size_t step) {
    using enum call::verb;
    const auto from = [&](tusk::index_t base, std::int64_t direction) {
        return c.absolute ? c.where : static_cast<std::int64_t>(base) + direction * c.where;
    };
    deed d{.what = c.what, .items = {}, .at = 0, .term = 0};
    const tusk::term_t term = now.last_term() + c.term;
    const auto with_items = [&](std::size_t count, tusk::term_t t) {
        d.items.assign(count, {t, std::string(c.size, static_cast<char>('a' + step % 26))});
        return d;
    };
    const auto last = static_cast<std::int64_t>(now.next()) - 1;
    switch (c.what) {
    case append: return with_items(1, c.term == 0 ? 0 : term);
    case batch:
    case submit:
    case transaction:
    case rollback: return with_items(c.count, 0);
    case truncate: {
        const std::int64_t keep = from(now.next() - 1, -1);
        if (keep + 1 < static_cast<std::int64_t>(now.first) || keep > last)
            return std::nullopt;
        d.at = static_cast<tusk::index_t>(keep);
        return d;
    }
    case replace: {
        const std::int64_t first = from(now.next() - 1, -1);
        if (first < static_cast<std::int64_t>(now.first) || first > last + 1)
            return std::nullopt;
        d.at = static_cast<tusk::index_t>(first);
        return with_items(c.count, term);
    }
    case drop: {
        const std::int64_t first = from(now.first, 1);
        if (first < static_cast<std::int64_t>(now.first) || first > last + 1)
            return std::nullopt;
        d.at = static_cast<tusk::index_t>(first);
        return d;
    }
    case reset:
        d.at = static_cast<tusk::index_t>(std::max<std::int64_t>(1, from(now.next(), 1)));
        d.term = term;
        return d;
    case wait:
    case roll:
    case sync:
    case close:
    case reopen: return d;
    }
    return std::nullopt;
}

/// What it does to a log that holds `now`; nothing if the log has to refuse it.
inline std::optional<effect> effect_of(const deed& d, const contents& now) {
    using enum call::verb;
    effect e{.next = now, .first = 0};
    const auto add = [&]() -> std::optional<effect> {
        e.first = e.next.next();
        for (const contents::item& i : d.items) {
            if (i.term != 0 && i.term < e.next.last_term())
                return std::nullopt;
            e.next.items.push_back({i.term == 0 ? e.next.last_term() : i.term, i.text});
        }
        return e;
    };
    switch (d.what) {
    case append:
    case batch:
    case submit:
    case transaction: return add();
    case truncate:
        if (d.at + 1 < now.first || d.at >= now.next())
            return std::nullopt;
        e.next.cut(d.at);
        return e;
    case replace:
        if (d.at < now.first || d.at > now.next())
            return std::nullopt;
        e.next.cut(d.at - 1);
        return add();
    case drop:
        if (d.at > now.next())
            return std::nullopt;
        if (d.at > now.first)
            e.next.drop(d.at);
        return e;
    case reset: e.next = {.first = d.at, .previous_term = d.term, .items = {}}; return e;
    default: return e;
    }
}

/// A record whose time is always the same, so that a story that is told again makes the same bytes.
inline tusk::record_view at_noon(const std::string& text, tusk::term_t term = 0) {
    tusk::record_view r(text, "", term);
    r.time = 43'200'000'000'000;
    return r;
}

/// Does it, but for `reopen`. Gives the index of the first entry that it appended, 0 if it appends none. `ticket` is of the
/// entries that were submitted last.
template<class Log>
[[nodiscard]] tusk::result<tusk::index_t> perform(const deed& d, Log& log, tusk::ticket& ticket) {
    using enum call::verb;
    std::vector<tusk::record_view> records;
    for (const contents::item& i : d.items)
        records.push_back(at_noon(i.text, i.term));
    const auto nothing = [](const tusk::result<void>& done) {
        return done ? tusk::result<tusk::index_t>(tusk::index_t{0}) : tusk::result<tusk::index_t>(done.error());
    };
    const auto first_of = [](const tusk::result<tusk::index_range>& at) {
        return at ? tusk::result<tusk::index_t>(at.value().first) : tusk::result<tusk::index_t>(at.error());
    };
    switch (d.what) {
    case append: return log.append(records.front());
    case batch: return first_of(log.append_batch(records));
    case submit: {
        TUSK_TRY(ticket, log.submit(records));
        return ticket.entries.first;
    }
    case wait: {
        const auto done = log.wait_durable(ticket);
        return done || done.error() == tusk::errc::truncated ? nothing(tusk::success()) : nothing(done);
    }
    case transaction:
    case rollback: {
        auto t = log.begin();
        for (const tusk::record_view& r : records) {
            TUSK_TRY(t.add(r));
        }
        if (d.what == transaction)
            return first_of(t.commit());
        t.rollback();
        return tusk::index_t{0};
    }
    case roll: {
        TUSK_TRY(log.roll());
        return tusk::index_t{0};
    }
    case truncate: return nothing(log.truncate(d.at));
    case replace: return first_of(log.replace_from(d.at, records));
    case drop: return nothing(log.drop_before(d.at));
    case reset: return nothing(log.reset(d.at, d.term));
    case sync: return nothing(log.sync());
    case close: return nothing(log.close());
    case reopen: break;
    }
    return tusk::errc::invalid_argument;
}

} // namespace crash
