#pragma once

#include "contents.hpp"
#include "other_modes.hpp"
#include "settings.hpp"

namespace crash {

/// Opens the log on a disk, and reads all of it. Says what is wrong, or nothing.
template<class Log>
std::string look(const simulated_disk& disk, contents& found, bool repairs) {
    tusk::recovery_report report;
    auto log = Log::open(typename Log::backend_type(disk), small_log(), &report);
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

/// A log that holds `wanted` takes an entry, which is there when it is opened again. Says what is wrong, or nothing.
template<class Log>
std::string go_on(const simulated_disk& disk, contents wanted) {
    {
        auto log = Log::open(typename Log::backend_type(disk), small_log()).value();
        const auto index = log.append("afterwards", {.wait = tusk::durability::durable});
        if (!index || index.value() != wanted.next())
            return "does not go on: " + why(index);
        wanted.items.push_back({wanted.last_term(), "afterwards"});
        if (!log.close())
            return "does not close";
    }
    contents found;
    if (std::string wrong = look<Log>(disk, found, /*repairs=*/false); !wrong.empty())
        return "opened after it had gone on: " + wrong;
    return found == wanted ? "" : "what was appended after the crash is not there";
}

/// What was promised is there, and nothing else than a step of history; what was served survives the next loss of power,
/// and another open has nothing to repair; if it is to, the log goes on from there, on a disk of its own, for nothing of
/// that is part of the history. One image in eight is opened in the other modes as well. Says what is wrong, or nothing.
/// Puts what was served into the mark.
template<class Log, class Mark>
std::string check(simulated_disk disk, Mark& promised, bool goes_on) {
    contents found;
    const simulated_disk crashed = disk.copy();
    if (std::string wrong = look<Log>(disk, found, /*repairs=*/true); !wrong.empty())
        return wrong;
    if (crashed.hash_with_unsynced() % 8 == 0)
        if (std::string wrong = other_modes<Log>(crashed, found).wrong(); !wrong.empty())
            return wrong;
    if (!promised.serve(found)) {
        std::ostringstream out;
        out << "found " << found << '\n' << promised.text();
        return out.str();
    }
    disk.power_cycle(disk_loss::drop_unsynced());
    contents again;
    if (std::string wrong = look<Log>(disk, again, /*repairs=*/false); !wrong.empty())
        return "opened again: " + wrong;
    if (again != found)
        return "what was served is not there when it is opened again";
    return goes_on ? go_on<Log>(disk.copy(), found) : "";
}

} // namespace crash
