#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace bench {

/// Throws what the system says went wrong, if `outcome` is negative. Else gives it back.
template<class Outcome>
Outcome require(Outcome outcome, const char* call) {
    if (outcome < 0)
        throw std::system_error(errno, std::generic_category(), call);
    return outcome;
}

/// A directory of its own in TMPDIR, removed at the end with all that is in it.
class scratch_directory {
public:
    scratch_directory() : path_((std::filesystem::temp_directory_path() / "tusk_bench_XXXXXX").string()) {
        require(::mkdtemp(path_.data()) == nullptr ? -1 : 0, "mkdtemp");
    }
    scratch_directory(const scratch_directory&) = delete;
    scratch_directory& operator=(const scratch_directory&) = delete;
    ~scratch_directory() {
        std::error_code ignored; // what is left over is only rubbish
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
};

/// Blocks until the file system that holds `path` has nothing left to write: the next run pays for itself alone.
inline void settle(const std::string& path) {
    const int descriptor = require(::open(path.c_str(), O_RDONLY | O_CLOEXEC), "open");
    const int outcome = ::syncfs(descriptor);
    ::close(descriptor);
    require(outcome, "syncfs");
}

} // namespace bench
