#pragma once

#include <tusk/version.hpp>

#include <sys/types.h>
#include <unistd.h>

namespace tusk::inline v0 {

/// The process in which it was made. fork() makes a copy of everything that a process has, but of its threads: who has
/// files to finish or threads to wait for asks here first.
class home_process {
public:
    /// False in a child of that process. A call of the system.
    [[nodiscard]] bool is_this() const noexcept { return ::getpid() == id_; }

private:
    ::pid_t id_ = ::getpid();
};

} // namespace tusk::inline v0
