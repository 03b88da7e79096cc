#pragma once

#include <tusk/backend/system_code.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tusk::inline v0 {

/// What is called on a simulated disk. The first seven change it.
enum class disk_call : std::uint8_t {
    create,
    rename,
    remove,
    sync_directory,
    write,
    sync,
    trim,
    attach,
    open,
    list,
    lock,
    size,
    read,
    close,
};
inline constexpr std::size_t disk_call_kinds = 14;

inline constexpr bool changes_disk(disk_call c) noexcept { return c <= disk_call::trim; }

/// A call that is to fail.
struct disk_fault {
    disk_call on = disk_call::write;
    std::uint64_t nth = 1;   ///< the n-th such call from now; 1 is the next
    int error = EIO;         ///< a value of errno
    bool sticky = false;     ///< all after it fail too
    std::size_t written = 0; ///< for a write: as many bytes are written before it fails
};

/// How a call ends before it begins.
struct disk_admission {
    enum class outcome : std::uint8_t {
        go_on,
        dead,  ///< there is no power, or the caller is of an earlier life
        cut,   ///< the power goes now
        fault, ///< it fails as was asked for
    };
    outcome how = outcome::go_on;
    std::error_code error;
    std::size_t written = 0;
};

/// Counts the calls, and knows which of them fail and when the power goes.
class disk_faults {
public:
    [[nodiscard]] disk_admission admit(disk_call call) {
        using enum disk_admission::outcome;
        if (!power_)
            return {dead, system_code(EIO)};
        ++counts_[static_cast<std::size_t>(call)];
        if (changes_disk(call) && ++changing_ == stop_at_) {
            power_ = false;
            return {cut, system_code(EIO)};
        }
        disk_admission admission;
        for (disk_fault& f : faults_) {
            if (f.on != call)
                continue;
            f.nth -= f.nth != 0 ? 1 : 0;
            if (f.nth == 0 && admission.how == go_on)
                admission = {fault, system_code(f.error), f.written};
        }
        std::erase_if(faults_, [](const disk_fault& f) { return f.nth == 0 && !f.sticky; });
        return admission;
    }

    [[nodiscard]] std::uint64_t changing() const noexcept { return changing_; }
    [[nodiscard]] std::uint64_t count(disk_call call) const noexcept { return counts_[static_cast<std::size_t>(call)]; }
    [[nodiscard]] bool power() const noexcept { return power_; }

    void stop_at(std::uint64_t call) noexcept { stop_at_ = call; }
    void restore_power() noexcept {
        power_ = true;
        stop_at_ = 0;
    }
    void add(const disk_fault& f) { faults_.push_back(f); }
    void clear() noexcept { faults_.clear(); }

private:
    std::array<std::uint64_t, disk_call_kinds> counts_{};
    std::uint64_t changing_ = 0;
    std::uint64_t stop_at_ = 0; // 0 is never
    bool power_ = true;
    std::vector<disk_fault> faults_;
};

} // namespace tusk::inline v0
