#pragma once

#include "log_check.hpp"
#include "other_thread.hpp"
#include "steered_disk.hpp"
#include "story.hpp"
#include "two_histories.hpp"

#include <atomic>
#include <thread>

namespace crash {

/// Two calls, and where the second one happens in the middle of the first.
struct call_beside_call {
    std::vector<call> before;
    call first;
    call second;
    std::size_t place = 1; ///< of the first one's, each before and after a call that changes the disk

    friend std::ostream& operator<<(std::ostream& out, const call_beside_call& c) {
        return out << text(c.before) << c.first << "\n  and beside it, at its place " << c.place << ": " << c.second
                   << '\n';
    }
};

/// A log that is used by two threads, for a crash_prover. The second thread's call is made while the first one is held up
/// at a place; the first one goes on when the second has returned or waits for it.
template<class Policy>
class two_writers {
public:
    using mark = two_histories::mark;

    two_writers(call_beside_call calls, const setting& how) : calls_(std::move(calls)), how_(how) {}

    void live(const simulated_disk& disk) {
        pair_.reset();
        wrong_.clear();
        before_ = std::make_unique<history>();
        const tusk::options o = how_.options();
        const auto open = [&] {
            return log_type::open(
                steered_backend(disk, [this](tusk::disk_call, const std::string&, bool) { pass_place(); }), o,
                how_.policy<Policy>());
        };
        auto opened = open();
        if (!opened) {
            wrong_ = "cannot be made: " + why(opened);
            return;
        }
        log_type& log = opened.value();
        story<log_type> prelude(log, *before_, open, [&] { rest(o.background); });
        (void)prelude.tell(calls_.before);
        if (!prelude.is_fine())
            wrong_ = "the calls before go wrong: " + prelude.wrong() + prelude.failure().message();
        if (prelude.failure() || !wrong_.empty())
            return;
        const auto first = deed_of(calls_.first, before_->now(), before_->steps());
        const auto second = deed_of(calls_.second, before_->now(), before_->steps() + 1);
        if (!first || !second)
            return;
        pair_ = std::make_unique<two_histories>(*before_);
        at_place_ = [&] { // on the first one's thread
            other_.emplace([&] { make(log, two_histories::b, *second); });
            done_in_the_middle_ = other_->done_or_asleep();
        };
        first_thread_ = std::this_thread::get_id();
        places_ = 0;
        make(log, two_histories::a, *first);
        first_thread_ = std::thread::id();
        if (!reached())
            return;
        other_.reset();
        rest(o.background);
        if (!log.is_open())
            return;
        const auto found = read_all(log);
        if (!found) {
            wrong_ = "cannot be read: " + why(found);
            return;
        }
        pair_->expect(found.value());
        const auto last = deed_of({.size = 5}, before_->now(), before_->steps() + 2);
        pair_->begin_last(*last);
        pair_->end_last(perform(*last, log, ticket_), Policy::append_waits, o.write_buffer == 0);
        rest(o.background);
    }
    [[nodiscard]] const call_beside_call& calls() const noexcept { return calls_; }
    [[nodiscard]] const setting& where() const noexcept { return how_; }
    /// False if the first call was over before it came to the place, or if one of them makes no sense there.
    [[nodiscard]] bool reached() const noexcept { return pair_ && places_ >= calls_.place; }

    /// False if the second call had to wait for the first one.
    [[nodiscard]] bool done_in_the_middle() const noexcept { return done_in_the_middle_; }

    /// What was wrong in the life itself, with no crash yet; or nothing.
    [[nodiscard]] const std::string& wrong() const noexcept { return wrong_; }

    [[nodiscard]] mark now() const { return pair_ ? pair_->here() : mark(before_->here()); }
    [[nodiscard]] std::string check(const simulated_disk& disk, mark& promised) {
        return wrong_.empty() ? crash::check<log_on<Policy>>(disk, promised, ++checked_ % 8 == 0) : wrong_;
    }

private:
    using log_type = tusk::basic_wal<tusk::binary_format, Policy, steered_backend, tusk::no_compression>;

    void pass_place() {
        if (std::this_thread::get_id() == first_thread_.load() && ++places_ == calls_.place)
            at_place_();
    }
    void make(log_type& log, two_histories::caller who, const deed& d) {
        using enum call::verb;
        pair_->begin(who, d);
        tusk::ticket t;
        const auto gave = perform(d, log, t);
        const bool changes = d.what != submit && d.what != roll && d.what != sync && d.what != close;
        const bool promises = changes ? Policy::append_waits || d.what == drop : d.what == sync || d.what == close;
        pair_->end(who, gave, promises, changes && log.limits().write_buffer == 0);
    }

    call_beside_call calls_;
    const setting& how_;
    std::unique_ptr<history> before_;
    std::unique_ptr<two_histories> pair_;
    std::function<void()> at_place_;
    std::atomic<std::thread::id> first_thread_;
    std::size_t places_ = 0;
    std::optional<other_thread> other_;
    bool done_in_the_middle_ = false;
    tusk::ticket ticket_;
    std::string wrong_;
    std::uint64_t checked_ = 0;
};

} // namespace crash
