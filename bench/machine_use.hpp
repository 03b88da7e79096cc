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

    /// From here on, a comparison is not worth printing.
    static constexpr double disturbing = 20;

    /// In per cent of all processors together: what other programs use outside of the kernel, and what other virtual
    /// machines take. The kernel's work does not count, for much of it is done for who asks. Good to some 5 % for a
    /// quarter of a second, for the kernel counts in ticks.
    [[nodiscard]] double by_others() const {
        const sample after = now();
        const double all = after.all - before_.all;
        const double others = (after.taken - before_.taken) - (after.own - before_.own);
        return all > 0 ? std::clamp(100 * others / all, 0.0, 100.0) : 0;
    }

private:
    struct sample { // seconds, of all processors together
        double all = 0;
        double taken = 0; // outside of the kernel, and by other virtual machines
        double own = 0;   // outside of the kernel
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
            s.taken += field == 0 || field == 1 || field == 7 ? ticks : 0;
        }
        const auto per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
        s.all /= per_second;
        s.taken /= per_second;
        ::rusage used{};
        ::getrusage(RUSAGE_SELF, &used);
        s.own = static_cast<double>(used.ru_utime.tv_sec) + static_cast<double>(used.ru_utime.tv_usec) / 1e6;
        return s;
    }

    sample before_;
};

} // namespace bench
