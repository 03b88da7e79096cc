#pragma once

#include "deed.hpp"
#include "settings.hpp"

#include <tusk/prove/crash_prover.hpp>

#include <map>
#include <mutex>
#include <set>
#include <thread>

namespace crash {

/// Several threads that append to one log at the same time, on a disk of which a call may fail. What one of them was told
/// has to be there after a crash, at the index that it was given; and so does what was read after a call had failed.
template<class Log>
class writers_subject {
public:
    /// What was acknowledged so far, entry by entry: a number in the order of being told.
    struct mark {
        std::size_t told = 0;
        tusk::index_t served = 0; // everything up to here was found once
        [[nodiscard]] std::uint64_t key() const { return told << 32U | served; }
    };

    struct plan {
        unsigned writers = 3;
        unsigned appends = 4; // of each
        std::optional<tusk::disk_fault> fault{};
    };

    explicit writers_subject(plan p) : plan_(std::move(p)) {}

    void live(const simulated_disk& on) {
        asked_.clear();
        told_.clear();
        simulated_disk disk = on;
        tusk::options o = small_log();
        o.background = tusk::background::own(1);
        o.witness_interval = tusk::nanoseconds(0);
        auto log = Log::open(tusk::simulated_backend(disk), o);
        if (!log)
            return;
        if (plan_.fault)
            disk.fail(*plan_.fault);
        {
            std::vector<std::jthread> writers;
            for (unsigned w = 0; w < plan_.writers; ++w)
                writers.emplace_back([&, w] {
                    for (unsigned n = 0; n < plan_.appends; ++n)
                        append(log.value(), std::to_string(w) + ":" + std::to_string(n) + std::string(n * 90, '.'));
                });
        }
        if (!plan_.fault)
            return;
        disk.heal();
        if (const auto all = read_all(log.value())) { // what is served after an error has to last
            const tusk::index_t first = all.value().first;
            for (std::size_t i = 0; i < all.value().items.size(); ++i)
                tell(first + i, all.value().items[i].text);
        }
    }
    [[nodiscard]] mark now() const {
        const std::scoped_lock lock(mutex_);
        return {told_.size()};
    }
    [[nodiscard]] std::string check(simulated_disk disk, mark& m) {
        disk.heal();
        tusk::recovery_report report;
        auto log = Log::open(tusk::simulated_backend(disk), small_log(), &report);
        if (!log)
            return "does not open: " + why(log) + ": " + report.message;
        const auto found = read_all(log.value());
        if (!found)
            return "cannot be read: " + why(found);
        const std::vector<contents::item>& items = found.value().items;
        if (items.size() < m.served)
            return "what was served is gone";
        std::set<std::string> seen;
        for (const contents::item& i : items) {
            if (!asked_.contains(i.text))
                return "holds " + i.text + ", which nobody appended";
            if (!seen.insert(i.text).second)
                return "holds " + i.text + " twice";
        }
        for (std::size_t i = 0; i < m.told; ++i) {
            const auto& [index, text] = told_[i];
            if (index > items.size() || items[static_cast<std::size_t>(index - 1)].text != text)
                return "does not hold " + text + " at " + std::to_string(index) + ", as was acknowledged";
        }
        m.served = items.size();
        return "";
    }

private:
    void append(Log& log, const std::string& text) {
        {
            const std::scoped_lock lock(mutex_);
            asked_.insert(text);
        }
        if (const auto index = log.append(at_noon(text), {.wait = tusk::durability::durable}))
            tell(index.value(), text);
    }
    void tell(tusk::index_t index, const std::string& text) {
        const std::scoped_lock lock(mutex_);
        told_.emplace_back(index, text);
    }

    plan plan_;
    mutable std::mutex mutex_;
    std::set<std::string> asked_;
    std::vector<std::pair<tusk::index_t, std::string>> told_;
};

} // namespace crash
