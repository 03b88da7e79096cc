#pragma once

#include "deed.hpp"
#include "history.hpp"

#include <functional>

namespace crash {

/// A log and its history, which calls change together.
template<class Log>
class story {
public:
    /// `open` opens the log again; `rest` returns when nothing is left to be done in the background. `syncs_at_once` says
    /// if all that was appended is durable then.
    story(Log& log, history& past, std::function<tusk::result<Log>()> open, std::function<void()> rest,
          bool syncs_at_once = false)
        : log_(log), past_(past), open_(std::move(open)), rest_(std::move(rest)), syncs_at_once_(syncs_at_once) {
        rest_();
    }

    /// Makes one call, or leaves it out where it makes no sense. False if it failed, and then the story is over.
    [[nodiscard]] bool tell(const call& c) {
        using enum call::verb;
        const std::optional<deed> d = deed_of(c, past_.now(), past_.steps());
        const std::optional<effect> e = d ? effect_of(*d, past_.now()) : std::nullopt;
        if (!e || (c.what == rollback && !log_.is_open()))
            return true;
        if (!log_.is_open() && c.what != reopen) {
            const auto gave = perform(*d, log_, ticket_);
            if (gave || gave.error() != tusk::errc::closed)
                wrong_ = "a closed log takes a call";
            return true;
        }
        const bool changes = c.what != roll && c.what != sync && c.what != close && c.what != reopen &&
                             c.what != wait && c.what != rollback;
        if (changes)
            past_.step(e->next);
        if (!done(*d, e->first))
            return false;
        switch (c.what) {
        case submit: submitted_ = past_.steps(); break;
        case wait: past_.promise(submitted_); break;
        case drop: // under every policy
        case sync:
        case close:
        case reopen: past_.promise(); break;
        case roll:
        case rollback: break;
        default:
            if (Log::fsync_type::append_waits)
                past_.promise();
            if (log_.limits().write_buffer == 0)
                past_.hand_over();
        }
        if (c.what == close)
            return true;
        settle();
        if (syncs_at_once_ && changes && c.what != submit)
            expect_all_durable();
        return true;
    }
    /// Makes them in their order. False if one failed.
    [[nodiscard]] bool tell(const std::vector<call>& calls) {
        return std::all_of(calls.begin(), calls.end(), [&](const call& c) { return tell(c); });
    }
    /// What a call has given that it must not, if any has.
    [[nodiscard]] const std::string& wrong() const noexcept { return wrong_; }
    /// Why the call failed with which the story is over; success if none did.
    [[nodiscard]] std::error_code failure() const noexcept { return failure_; }
    /// True if nothing was wrong where no call of the disk fails: only the log's limits may end the story then.
    [[nodiscard]] bool is_fine() const noexcept {
        const bool at_limit = failure_ == tusk::errc::too_many_segments || failure_ == tusk::errc::too_large;
        return wrong_.empty() && (!failure_ || (log_.limits().max_segments != 0 && at_limit));
    }

private:
    [[nodiscard]] bool done(const deed& d, tusk::index_t first) {
        if (d.what == call::verb::reopen)
            return reopen();
        const tusk::result<tusk::index_t> gave = perform(d, log_, ticket_);
        if (!gave && d.what == call::verb::drop)
            past_.doubt(d.at);
        if (gave && gave.value() != first)
            wrong_ =
                "entries that are number " + std::to_string(first) + " got the index " + std::to_string(gave.value());
        return succeeded(gave);
    }
    template<class T>
    [[nodiscard]] bool succeeded(const tusk::result<T>& r) {
        if (!r)
            failure_ = r.error();
        return static_cast<bool>(r);
    }
    // A clean end and a new life. The end may have come before.
    [[nodiscard]] bool reopen() {
        if (log_.is_open() && !succeeded(log_.close()))
            return false;
        past_.promise();
        auto again = open_();
        if (!succeeded(again))
            return false;
        log_ = std::move(again).value();
        return true;
    }

    // What the log does by itself behind a call is done before the next one. What it says of itself then is a promise.
    void settle() {
        rest_();
        if (log_.limits().max_segments != 0)
            if (const auto first = log_.first_index(); first && first.value() > past_.now().first)
                past_.forget_below(first.value());
        if (const auto last = log_.durable_index())
            past_.promise_below(last.value() + 1);
    }
    void expect_all_durable() {
        const auto last = log_.durable_index();
        if (!last || last.value() + 1 != past_.now().next())
            wrong_ = "what was appended is not durable when the log has come to rest";
        past_.promise();
    }

    Log& log_;
    history& past_;
    std::function<tusk::result<Log>()> open_;
    std::function<void()> rest_;
    const bool syncs_at_once_;
    tusk::ticket ticket_;
    std::size_t submitted_ = 0;
    std::string wrong_;
    std::error_code failure_;
};

} // namespace crash
