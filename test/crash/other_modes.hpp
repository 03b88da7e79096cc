#pragma once

#include "contents.hpp"
#include "settings.hpp"

namespace crash {

/// A crash has left this disk, on which open_mode::strict finds `found`. Says what is wrong with what the other modes make
/// of it, or nothing. Leaves it as it is.
template<class Log>
class other_modes {
public:
    other_modes(const simulated_disk& disk, const contents& found) : disk_(disk), found_(found) {}

    [[nodiscard]] std::string wrong() const {
        std::string what = read_only();
        return what.empty() ? salvage() : what;
    }

private:
    static tusk::options in(tusk::open_mode mode) {
        tusk::options o = small_log();
        o.mode = mode;
        return o;
    }
    [[nodiscard]] bool has_segments() const {
        const std::vector<std::string> names = disk_.names();
        return std::any_of(names.begin(), names.end(), [](const auto& n) { return tusk::segment_number(n) != 0; });
    }

    // Shows the same and changes nothing. Of a log that was cut while it was made there may be none yet.
    [[nodiscard]] std::string read_only() const {
        const simulated_disk disk = disk_.copy();
        const std::uint64_t before = disk.hash_with_unsynced();
        {
            tusk::recovery_report report;
            auto log = Log::open(typename Log::backend_type(disk), in(tusk::open_mode::read_only), &report);
            if (!log)
                return log.error() == tusk::errc::no_log && !has_segments()
                           ? ""
                           : "does not open to read only: " + why(log) + ": " + report.message;
            const auto shown = read_all(log.value());
            if (!shown)
                return "cannot be read, opened to read only: " + why(shown);
            if (shown.value() != found_)
                return differs("opened to read only, it shows", shown.value());
            if (!log.value().verify().value().sound())
                return "opened to read only, verify() finds damage";
        }
        return disk.hash_with_unsynced() == before ? "" : "who opens it to read only changes something";
    }

    // Keeps the same, unless it finds damage, and that is there when it is opened again.
    [[nodiscard]] std::string salvage() const {
        simulated_disk disk = disk_.copy();
        contents kept;
        {
            tusk::recovery_report report;
            auto log = Log::open(typename Log::backend_type(disk), in(tusk::open_mode::salvage), &report);
            if (!log)
                return "does not open to salvage: " + why(log) + ": " + report.message;
            const auto now = read_all(log.value());
            if (!now && now.error() == tusk::errc::lost && report.lost_entries != 0)
                return ""; // a later part of a tail that nothing proves, with a hole before it
            if (!now)
                return "cannot be read, salvaged: " + why(now);
            kept = now.value();
            if (report.damages.empty() && kept != found_) // else cuts behind the damage count as well
                return differs("salvaged, it holds", kept);
            if (!log.value().verify().value().sound())
                return "salvaged, verify() finds damage";
        }
        disk.power_cycle(disk_loss::drop_unsynced());
        tusk::recovery_report report;
        auto again = Log::open(typename Log::backend_type(disk), small_log(), &report);
        if (!again)
            return "salvaged, it does not open again: " + why(again) + ": " + report.message;
        const auto now = read_all(again.value());
        return now && now.value() == kept && !report.repaired ? "" : "salvaged, it is another when it is opened again";
    }

    [[nodiscard]] std::string differs(const char* what, const contents& shown) const {
        std::ostringstream out;
        out << what << ' ' << shown << "\nopened strictly " << found_;
        return out.str();
    }

    const simulated_disk& disk_;
    const contents& found_;
};

} // namespace crash
