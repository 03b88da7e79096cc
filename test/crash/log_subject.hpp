#pragma once

#include "call.hpp"
#include "power_disk.hpp"

#include <tusk/prove/crash_prover.hpp>
#include <tusk/prove/shrink.hpp>

namespace crash {

/// A log whose calls a crash_prover interrupts.
template<class Log>
class log_subject {
public:
    using mark = history::mark;

    log_subject(std::vector<call> calls, const setting& how) : calls_(std::move(calls)), how_(how) {}

    void live(const simulated_disk& disk) {
        past_ = std::make_unique<history>();
        const tusk::options o = how_.options();
        const auto open = [&] { return Log::open(tusk::simulated_backend(disk), o); };
        auto opened = open();
        if (!opened)
            return;
        Log& log = opened.value();
        story<Log> s(log, *past_, open, [&] { rest(o.background); });
        told_ = std::all_of(calls_.begin(), calls_.end(), [&](const call& c) { return make(c, s); });
        rest(o.background);
    }
    [[nodiscard]] mark now() const { return past_->here(); }
    /// False if a call of the last life failed.
    [[nodiscard]] bool told() const noexcept { return told_; }

    /// What was promised is there, and nothing else than a step of history; what was served survives the next loss of
    /// power, and another open has nothing to repair; at times, the log goes on from there.
    [[nodiscard]] std::string check(simulated_disk disk, mark& promised) {
        contents found;
        if (std::string wrong = look(disk, found, /*repairs=*/true); !wrong.empty())
            return wrong;
        if (!promised.serve(found)) {
            std::ostringstream out;
            out << "found " << found << "\npromised " << promised.least() << "\nlast " << promised.most();
            return out.str();
        }
        disk.power_cycle(disk_loss::drop_unsynced());
        contents again;
        if (std::string wrong = look(disk, again, /*repairs=*/false); !wrong.empty())
            return "opened again: " + wrong;
        if (again != found)
            return "what was served is not there when it is opened again";
        return ++checked_ % 8 == 0 ? go_on(disk.copy(), found) : "";
    }

private:
    std::string look(const simulated_disk& disk, contents& found, bool repairs) {
        tusk::recovery_report report;
        auto log = Log::open(tusk::simulated_backend(disk), small_log(), &report);
        if (!log)
            return "does not open: " + why(log) + ": " + report.message;
        auto now = read_all(log.value());
        if (!now)
            return "cannot be read: " + why(now);
        found = std::move(now).value();
        if (report.repaired && !repairs)
            return "repairs something that had been repaired";
        return log.value().verify().value().sound() ? "" : "verify() finds damage";
    }

    // On a disk of its own: nothing of it is part of the history.
    std::string go_on(simulated_disk disk, contents wanted) {
        {
            auto log = Log::open(tusk::simulated_backend(disk), small_log()).value();
            const auto index = log.append("afterwards", {.wait = tusk::durability::durable});
            if (!index || index.value() != wanted.next())
                return "does not go on: " + why(index);
            wanted.items.push_back({wanted.last_term(), "afterwards"});
            if (!log.close())
                return "does not close";
        }
        contents found;
        if (std::string wrong = look(disk, found, /*repairs=*/false); !wrong.empty())
            return "opened after it had gone on: " + wrong;
        return found == wanted ? "" : "what was appended after the crash is not there";
    }

    std::vector<call> calls_;
    const setting& how_;
    std::unique_ptr<history> past_;
    bool told_ = false;
    std::uint64_t checked_ = 0;
};

/// Proves one workload. What is found is made as short as can be, and printed as a story.
template<class Log>
std::optional<std::string> find_violation(tusk::crash_prover& prove, const std::vector<call>& calls, const setting& how,
                                          const tusk::crash_search& search) {
    const auto attempt = [&](tusk::crash_prover& with, const std::vector<call>& some) {
        log_subject<Log> subject(some, how);
        return with(subject);
    };
    if (!attempt(prove, calls))
        return std::nullopt;
    const std::vector<call> few = tusk::shrink(calls, [&](const std::vector<call>& some) {
        tusk::crash_prover fresh(search);
        return attempt(fresh, some).has_value();
    });
    tusk::crash_prover fresh(search);
    std::ostringstream out;
    out << how.name << ", seed " << search.seed << ":\n" << text(few) << *attempt(fresh, few);
    return out.str();
}

} // namespace crash
