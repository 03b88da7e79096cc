#pragma once

#include "log_subject.hpp"
#include "two_writers.hpp"

#include <tusk/prove/shrink.hpp>

namespace crash {

using workload = std::vector<call>;

/// All workloads of one and two calls, each behind what makes two segments.
inline std::vector<workload> all_short_workloads() {
    std::vector<workload> all;
    for (const call& first : alphabet()) {
        all.push_back({first});
        for (const call& second : alphabet())
            all.push_back({first, second});
    }
    const workload before = two_segments();
    for (workload& w : all)
        w.insert(w.begin(), before.begin(), before.end());
    return all;
}

/// Some workload of so many calls, behind nothing or behind what makes two segments.
inline workload any_workload(std::size_t calls, tusk::disk_dice& dice) {
    workload some = dice.below(3) == 0 ? workload() : two_segments();
    for (; calls > 0; --calls)
        some.push_back(alphabet()[dice.below(alphabet().size())]);
    return some;
}

/// Looks for crashes that a log does not survive. What it finds it gives as a story.
class exploration {
public:
    explicit exploration(const tusk::crash_search& how) : how_(how), prove_(how) {}

    /// Goes on in another way.
    void search(const tusk::crash_search& how) {
        how_ = how;
        prove_.search(how);
    }

    /// Calls one after the other. What is found has as few of them as can be.
    template<class Log>
    [[nodiscard]] std::optional<std::string> find(const workload& calls, const setting& where) {
        const auto attempt = [&](tusk::crash_prover& with, const workload& some) {
            log_subject<Log> subject(some, where);
            return first_finding(with, subject);
        };
        auto found = attempt(prove_, calls);
        if (!found)
            return std::nullopt;
        workload few = tusk::shrink(calls, [&](const workload& some) {
            tusk::crash_prover fresh(how_);
            return attempt(fresh, some).has_value();
        });
        tusk::crash_prover fresh(how_);
        if (auto shorter = attempt(fresh, few)) // else it was not its calls alone
            found = std::move(shorter);
        else
            few = calls;
        return as_story(text(few), where, *found);
    }

    /// One call in the middle of another.
    template<class Policy>
    [[nodiscard]] std::optional<std::string> find(two_writers<Policy>& subject) {
        const auto found = first_finding(prove_, subject);
        if (!found)
            return std::nullopt;
        std::ostringstream calls;
        calls << subject.calls();
        return as_story(calls.str(), subject.where(), *found);
    }

    [[nodiscard]] const tusk::crash_counts& counts() const noexcept { return prove_.counts(); }

private:
    [[nodiscard]] std::string as_story(const std::string& calls, const setting& where,
                                       const tusk::crash_finding& found) const {
        std::ostringstream out;
        out << where.name << ", seed " << how_.seed << ":\n" << calls << found;
        return out.str();
    }

    tusk::crash_search how_;
    tusk::crash_prover prove_;
};

} // namespace crash
