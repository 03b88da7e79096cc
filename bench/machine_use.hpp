#pragma once

#include <algorithm>
#include <fstream>
#include <string>

#include <sys/resource.h>
#include <unistd.h>

namespace bench {

/// How much of all processors others use, from its making on. While they are at work, who blocks for the disk also
/// waits for a processor to go on with: then times say more about the neighbours than about what is measured.
class machine_use {
public:
    machine_use() : before_(now()) {}

    /// In per cent of all processors together; the kernel's own threads count as others. Good to some 5 % for a run of
    /// a quarter of a second, for the kernel counts in ticks.
    [[nodiscard]] double by_others() const {
        const sample after = now();
        const double all = after.all - before_.all;
        const double others = (after.busy - before_.busy) - (after.own - before_.own);
        return all > 0 ? std::clamp(100 * others / all, 0.0, 100.0) : 0;
    }

private:
    struct sample { // seconds, of all processors together
        double all = 0;
        double busy = 0;
        double own = 0;
    };

    static sample now() {
        sample s;
        std::ifstream in("/proc/stat");
        std::string name;
        in >> name;
        // user, nice, system, idle, waiting for the disk, interrupts (two kinds), taken by other virtual machines
        for (int field = 0; field < 8; ++field) {
            double ticks = 0;
            in >> ticks;
            s.all += ticks;
            s.busy += field == 3 || field == 4 ? 0 : ticks;
        }
        const auto per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
        s.all /= per_second;
        s.busy /= per_second;
        ::rusage used{};
        ::getrusage(RUSAGE_SELF, &used);
        s.own = seconds(used.ru_utime) + seconds(used.ru_stime);
        return s;
    }
    static double seconds(const ::timeval& t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    }

    sample before_;
};

} // namespace bench
