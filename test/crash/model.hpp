#pragma once

#include <tusk/core/types.hpp>

#include <algorithm>
#include <cstdint>
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

/// Every state that the log has been in, one for each step of its history, and how far it was promised to be durable.
class history {
public:
    history() : states_(1) {}

    /// The log takes a step that makes it `next`. Returns before it is known how the call ends.
    void step(contents next) { states_.push_back(std::move(next)); }
    /// All steps so far were acknowledged as durable.
    void promise() { promise(steps()); }
    /// The steps up to that one were.
    void promise(std::size_t step) { promised_ = std::max(promised_, step); }
    [[nodiscard]] std::size_t steps() const { return states_.size() - 1; }
    /// All steps so far were acknowledged as handed to the operating system.
    void hand_over() { handed_over_ = steps(); }
    /// The process dies, and not the machine: what was handed over is as good as durable.
    void kill() { promise(handed_over_); }
    /// The log may drop its oldest entries whenever it needs another segment.
    void forget_oldest() { forgets_oldest_ = true; }

    [[nodiscard]] const contents& now() const { return states_.back(); }
    /// The step of history that `found` is, the youngest if there are several; nothing if it is none at or behind what
    /// was promised.
    [[nodiscard]] std::optional<std::size_t> find(const contents& found) const {
        for (std::size_t i = states_.size(); i-- > promised_;) {
            contents dropped = states_[i];
            const tusk::index_t first = forgets_oldest_ ? found.first : doubtful_;
            if (first > dropped.first && first <= dropped.next())
                dropped.drop(first);
            if (states_[i] == found || dropped == found)
                return i;
        }
        return std::nullopt;
    }
    /// A call to drop the entries below `first` has failed: they may be gone whenever the log is opened again.
    void doubt(tusk::index_t first) { doubtful_ = first; }
    [[nodiscard]] const contents& promised() const { return states_[promised_]; }

private:
    std::vector<contents> states_;
    std::size_t promised_ = 0;
    std::size_t handed_over_ = 0;
    bool forgets_oldest_ = false;
    tusk::index_t doubtful_ = 0;
};

} // namespace crash
