#pragma once

#include "contents.hpp"

#include <tusk/backend/simulated_loss.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <sstream>

namespace crash {

/// Every state that the log has been in, one for each step of its history, and how far it was promised to be durable. One
/// thread adds to it; others may mark where it stands.
class history {
public:
    /// Where a history stood, and so what may be found after a crash there: a step from `promised` to `begun`.
    class mark {
    public:
        /// The process dies, and not the machine: what was handed over is as good as durable.
        void kill() { killed_ = handed_over_; }
        /// The machine dies: what was handed over may be gone, whether or not the process had been killed before.
        void lose_power() { killed_ = handed_over_ = 0; }
        /// The step that `found` is, the youngest if there are several; nothing if it is none that may be found.
        [[nodiscard]] std::optional<std::size_t> find(const contents& found) const {
            if (kept_ && !found.has(*kept_))
                return std::nullopt;
            for (std::size_t i = begun_ + 1; i-- > promised();)
                if (is(past_->states_[i], i, found))
                    return i;
            return std::nullopt;
        }
        /// `found` is served, and so nothing else may be found from now on. False if it may not be found now.
        [[nodiscard]] bool serve(const contents& found) {
            if (served_)
                return *served_ == found;
            if (!find(found))
                return false;
            served_ = std::make_shared<const contents>(found);
            return true;
        }
        /// What may be found, in words.
        [[nodiscard]] std::string text() const {
            std::ostringstream out;
            if (served_)
                out << "served " << *served_;
            else
                out << "promised " << past_->states_[promised()] << "\nlast " << past_->states_[begun_];
            return out.str();
        }
        /// Equal for marks at which the same may be found.
        [[nodiscard]] std::uint64_t key() const {
            if (served_)
                return served_->digest();
            tusk::disk_hash sum;
            sum.add(doubtful_);
            sum.add(kept_ ? kept_->digest() : 0);
            for (std::size_t i = promised(); i <= begun_; ++i)
                sum.add(past_->digests_[i]);
            for (const auto& [step, first] : past_->forgotten_)
                if (step > promised() && step <= begun_ + 1) {
                    sum.add(step - promised());
                    sum.add(first);
                }
            return sum.value();
        }

    private:
        friend class history;

        [[nodiscard]] std::size_t promised() const { return std::max(promised_, killed_); }
        // `state` is what the log was made by `step`, or the beginning of that.
        [[nodiscard]] bool is(const contents& state, std::size_t step, const contents& found) const {
            if (state == found)
                return true;
            if (found.first <= state.first || found.first > state.next() || !may_begin(found.first, step))
                return false;
            contents dropped = state;
            dropped.drop(found.first);
            return dropped == found;
        }
        // True if what the log was at `step` may have lost the entries below `first` since, up to the call that is made.
        [[nodiscard]] bool may_begin(tusk::index_t first, std::size_t step) const {
            const auto has_forgotten = [&](const forgetting& f) {
                return f.first == first && f.step > step && f.step <= begun_ + 1;
            };
            return first == doubtful_ || std::any_of(past_->forgotten_.begin(), past_->forgotten_.end(), has_forgotten);
        }

        const history* past_ = nullptr;
        std::size_t promised_ = 0;
        std::size_t begun_ = 0;
        std::size_t handed_over_ = 0;
        std::size_t killed_ = 0; // what was handed over when the process was killed
        tusk::index_t doubtful_ = 0;
        std::shared_ptr<const contents> kept_;   // has to be there, whatever else is
        std::shared_ptr<const contents> served_; // nothing else is left, once there is such
    };

    history() { step({}); }
    history(const history& other) {
        const std::scoped_lock lock(other.mutex_);
        states_ = other.states_;
        digests_ = other.digests_;
        forgotten_ = other.forgotten_;
        mark_ = other.mark_;
    }

    /// The log takes a step that makes it `next`. Returns before it is known how the call ends.
    void step(contents next) {
        const std::scoped_lock lock(mutex_);
        digests_.push_back(next.digest());
        states_.push_back(std::move(next));
        mark_.begun_ = states_.size() - 1;
    }
    /// All steps so far were acknowledged as durable.
    void promise() { promise(steps()); }
    /// The steps up to that one were.
    void promise(std::size_t step) {
        const std::scoped_lock lock(mutex_);
        mark_.promised_ = std::max(mark_.promised_, step);
    }
    /// The entries below `next` that the log holds now are durable; what it did since may not be.
    void promise_below(tusk::index_t next) {
        const std::scoped_lock lock(mutex_);
        std::size_t since = mark_.begun_;
        while (since > mark_.promised_ && holds_below(since - 1, next))
            --since;
        mark_.promised_ = std::max(mark_.promised_, since);
    }
    [[nodiscard]] std::size_t steps() const { return mark_.begun_; }
    /// All steps so far were acknowledged as handed to the operating system.
    void hand_over() { hand_over(steps()); }
    /// The steps up to that one were.
    void hand_over(std::size_t step) {
        const std::scoped_lock lock(mutex_);
        mark_.handed_over_ = std::max(mark_.handed_over_, step);
    }
    /// The log is seen to have dropped its entries below `first` by itself, in the call that was made last.
    void forget_below(tusk::index_t first) {
        contents now = states_.back();
        now.drop(first);
        {
            const std::scoped_lock lock(mutex_);
            forgotten_.push_back({states_.size(), first});
        }
        step(std::move(now));
    }
    /// It may drop in each call what it has dropped in the same one of another life.
    void may_forget_as(const history& other) { forgotten_ = other.forgotten_; }
    /// A call to drop the entries below `first` has failed: they may be gone whenever the log is opened again.
    void doubt(tusk::index_t first) {
        const std::scoped_lock lock(mutex_);
        mark_.doubtful_ = first;
    }

    /// Valid for as long as the history.
    [[nodiscard]] mark here() const {
        const std::scoped_lock lock(mutex_);
        mark m = mark_;
        m.past_ = this;
        return m;
    }
    [[nodiscard]] const contents& now() const { return states_.back(); }
    [[nodiscard]] std::optional<std::size_t> find(const contents& found) const { return here().find(found); }
    [[nodiscard]] const contents& promised() const { return states_[mark_.promised()]; }

    /// A log that goes no further serves `part`, which has to be there from now on. False if it is not the beginning of a
    /// step that may be found, or if something is missing that was promised and that no step since has taken away.
    [[nodiscard]] bool serve_part(const contents& part) {
        const std::scoped_lock lock(mutex_);
        const contents& promised = states_[mark_.promised()];
        tusk::index_t durable = promised.next();
        bool possible = false;
        mark_.past_ = this;
        for (std::size_t i = mark_.promised(); i <= mark_.begun_; ++i) {
            if (states_[i].first < promised.first || states_[i].first > promised.next())
                durable = 0; // a reset
            while (durable > promised.first && !states_[i].has(promised, durable))
                --durable;
            if (part.next() < states_[i].first || part.next() > states_[i].next())
                continue;
            contents beginning = states_[i];
            beginning.cut(part.next() - 1);
            possible = possible || mark_.is(beginning, i, part);
        }
        mark_.kept_ = std::make_shared<const contents>(part);
        return possible && part.next() >= durable;
    }

private:
    struct forgetting {
        std::size_t step;
        tusk::index_t first;
    };

    // What the log holds now below `next` was there at that step.
    [[nodiscard]] bool holds_below(std::size_t step, tusk::index_t next) const {
        const contents& now = states_.back();
        return now.items.empty() || next <= now.first ||
               (states_[step].first <= now.first && states_[step].has(now, next));
    }

    mutable std::mutex mutex_;
    std::vector<contents> states_;
    std::vector<std::uint64_t> digests_;
    std::vector<forgetting> forgotten_;
    mark mark_;
};

} // namespace crash
