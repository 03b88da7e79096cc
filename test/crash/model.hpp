#pragma once

#include <tusk/backend/simulated_loss.hpp>
#include <tusk/core/types.hpp>

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <optional>
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

    void cut(tusk::index_t keep) { items.resize(static_cast<std::size_t>(keep + 1 - first)); }
    [[nodiscard]] tusk::term_t last_term() const { return items.empty() ? previous_term : items.back().term; }

    void drop(tusk::index_t below) {
        const auto gone = static_cast<std::ptrdiff_t>(below - first);
        if (gone > 0)
            previous_term = items[static_cast<std::size_t>(gone) - 1].term;
        items.erase(items.begin(), items.begin() + gone);
        first = below;
    }

    friend std::ostream& operator<<(std::ostream& out, const contents& c) {
        out << "first " << c.first << " after term " << c.previous_term << ":";
        for (const item& i : c.items)
            out << ' ' << (i.text.size() > 12 ? i.text.substr(0, 12) + "..." : i.text) << '/' << i.term;
        return out;
    }
};

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
            for (std::size_t i = begun_ + 1; i-- > promised();)
                if (is(i, found))
                    return i;
            return std::nullopt;
        }
        /// `found` is served, and so nothing else may be found from now on. False if it may not be found now.
        [[nodiscard]] bool serve(const contents& found) {
            const std::optional<std::size_t> step = find(found);
            if (step)
                promised_ = begun_ = *step;
            return step.has_value();
        }
        [[nodiscard]] const contents& least() const { return past_->states_[promised()]; }
        [[nodiscard]] const contents& most() const { return past_->states_[begun_]; }
        /// Equal for marks at which the same may be found.
        [[nodiscard]] std::uint64_t key() const {
            std::uint64_t sum = doubtful_ + (forgets_oldest_ ? 1U << 20U : 0U);
            for (std::size_t i = promised(); i <= begun_; ++i)
                sum = tusk::disk_dice(sum ^ past_->digests_[i])();
            return sum;
        }

    private:
        friend class history;

        [[nodiscard]] std::size_t promised() const { return std::max(promised_, killed_); }
        [[nodiscard]] bool is(std::size_t step, const contents& found) const {
            const contents& state = past_->states_[step];
            if (state == found)
                return true;
            const tusk::index_t first = forgets_oldest_ ? found.first : doubtful_;
            if (first <= state.first || first > state.next())
                return false;
            contents dropped = state;
            dropped.drop(first);
            return dropped == found;
        }

        const history* past_ = nullptr;
        std::size_t promised_ = 0;
        std::size_t begun_ = 0;
        std::size_t handed_over_ = 0;
        std::size_t killed_ = 0; // what was handed over when the process was killed
        bool forgets_oldest_ = false;
        tusk::index_t doubtful_ = 0;
    };

    history() { step({}); }

    /// The log takes a step that makes it `next`. Returns before it is known how the call ends.
    void step(contents next) {
        const std::scoped_lock lock(mutex_);
        digests_.push_back(digest(next));
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
    [[nodiscard]] std::size_t steps() const { return mark_.begun_; }
    /// All steps so far were acknowledged as handed to the operating system.
    void hand_over() {
        const std::scoped_lock lock(mutex_);
        mark_.handed_over_ = mark_.begun_;
    }
    /// The process dies, and not the machine.
    void kill() {
        const std::scoped_lock lock(mutex_);
        mark_.kill();
    }
    /// The log may drop its oldest entries whenever it needs another segment.
    void forget_oldest() {
        const std::scoped_lock lock(mutex_);
        mark_.forgets_oldest_ = true;
    }
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

private:
    static std::uint64_t digest(const contents& c) {
        std::uint64_t sum = tusk::disk_dice(c.first * 31 + c.previous_term)();
        for (const contents::item& i : c.items)
            sum = tusk::disk_dice(sum ^ std::hash<std::string>{}(i.text) ^ i.term)();
        return sum;
    }

    mutable std::mutex mutex_;
    std::vector<contents> states_;
    std::vector<std::uint64_t> digests_;
    mark mark_;
};

} // namespace crash
