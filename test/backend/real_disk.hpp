#pragma once

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef TUSK_COVERAGE
extern "C" int __llvm_profile_write_file();                  // NOLINT
extern "C" void __llvm_profile_set_filename(const char* to); // NOLINT
#endif

/// What the tests of backends on a real disk share: a directory, other processes, a small disk, and calls of the system
/// that are watched and answered by the test.
namespace real_disk {

namespace fs = std::filesystem;

/// What the system was asked, and what it is to answer instead of doing it. posix.cpp has the calls that ask here.
struct system_calls {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> synced; // device and number of each file
    std::size_t data_syncs = 0;
    std::size_t synced_writes = 0; // that sync what they write
    std::vector<int> sync_errors;  // each used once, from the back
    std::vector<int> write_errors;
    std::vector<int> reserve_errors;
    std::size_t write_at_most = 0;      // 0 is no limit
    std::function<void()> before_write; // called once
    std::string removed_before_lock;    // once, as if whoever had the lock had done it
    bool made_anew = false;             // and as if a third one had made another in its place
    long file_system = 0;               // the number that says which it is, instead of the true one

    bool take(std::vector<int>& errors) const {
        if (errors.empty())
            return false;
        errno = errors.back();
        errors.pop_back();
        return true;
    }
};
inline system_calls* watching = nullptr; // the one whose test runs

class watched {
public:
    watched() { watching = &calls_; }
    ~watched() { watching = nullptr; }
    watched(const watched&) = delete;
    watched& operator=(const watched&) = delete;
    system_calls* operator->() { return &calls_; }

    bool synced(const fs::path& path) const {
        struct ::stat status {};
        BOOST_REQUIRE(::stat(path.c_str(), &status) == 0);
        return std::find(calls_.synced.begin(), calls_.synced.end(), std::pair(status.st_dev, status.st_ino)) !=
               calls_.synced.end();
    }

private:
    system_calls calls_;
};

/// A new directory, and in it the path of one that is not there yet.
template<class Backend>
class place_on_disk {
public:
    using backend_type = Backend;

    place_on_disk() {
        std::string pattern = (fs::temp_directory_path() / "tusk_disk_XXXXXX").string();
        BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
        top_ = pattern;
    }
    ~place_on_disk() { fs::remove_all(top_); }
    place_on_disk(const place_on_disk&) = delete;
    place_on_disk& operator=(const place_on_disk&) = delete;

    Backend backend() const { return Backend(log()); }
    std::string top() const { return top_; }
    std::string log() const { return top_ + "/log"; }
    std::string path(const char* name) const { return log() + "/" + name; }

private:
    std::string top_;
};

/// True if files say which of their room nobody has written to. Else the test that asks is skipped, and says so.
template<class Backend>
[[nodiscard]] bool tells_reserved_room() {
    const place_on_disk<Backend> place;
    auto b = place.backend();
    BOOST_REQUIRE(b.attach(/*create=*/true));
    auto file = b.create("reserved", 1 << 20);
    BOOST_REQUIRE(file);
    const bool tells = file.value().data_end() == 0;
    if (!tells)
        BOOST_TEST_MESSAGE("skipped: this file system does not say where its data is");
    return tells;
}

/// Ends a child, which cleans nothing up; but what it has covered counts, if somebody counts.
[[noreturn]] inline void end_child(int outcome) {
#ifdef TUSK_COVERAGE
    const char* const pattern = std::getenv("LLVM_PROFILE_FILE");
    const ::rlimit none{RLIM_INFINITY, RLIM_INFINITY}; // its files may have been limited
    if (pattern != nullptr && ::setrlimit(RLIMIT_FSIZE, &none) == 0) {
        static std::string own; // what the parent's counts are written to must not be theirs
        own = std::string(pattern) + ".child_%p.profraw";
        ::__llvm_profile_set_filename(own.c_str());
        (void)::__llvm_profile_write_file();
    }
#endif
    ::_exit(outcome);
}

/// Runs `f` in a process of its own, and gives the exit code that `f` gives, or the signal that ended it, negative. Nothing is
/// cleaned up there.
template<class F>
int in_child(F&& f) {
    const ::pid_t child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0)
        end_child(f());
    int status = 0;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/// What such a process says: 77 is that the system did not let it try.
inline void skip_or_check(int outcome, const char* what) {
    if (outcome == 77)
        BOOST_TEST_MESSAGE("skipped: " << what << " is not allowed");
    else
        BOOST_TEST(outcome == 0);
}

inline bool write_file(const char* path, const std::string& text) {
    const int file = ::open(path, O_WRONLY);
    const bool written = ::write(file, text.data(), text.size()) == static_cast<::ssize_t>(text.size());
    ::close(file);
    return written;
}

/// Mounts a file system that this process alone sees: one of 1 MiB, if no other is named. False if that is not allowed.
inline bool mount_small_disk(const std::string& path, const char* kind = "tmpfs") {
    const std::string user = "0 " + std::to_string(::getuid()) + " 1";
    const std::string group = "0 " + std::to_string(::getgid()) + " 1";
    if (::unshare(CLONE_NEWNS) != 0 &&
        (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0 || !write_file("/proc/self/setgroups", "deny") ||
         !write_file("/proc/self/uid_map", user) || !write_file("/proc/self/gid_map", group)))
        return false;
    return ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           ::mount(kind, path.c_str(), kind, 0, "size=1m") == 0;
}

/// From now on that program decides which calls of the system this process may make. False if that cannot be had.
template<std::size_t Size>
bool filter_calls(::sock_filter (&program)[Size]) {
    const ::sock_fprog filter{Size, program};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}

/// From now on the system refuses this process the call of that number with `error`. False if that cannot be had.
inline bool refuse_call(long number, int error) {
    ::sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(::seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    return filter_calls(program);
}

/// From now on no file can be mapped any more; memory can. False if that cannot be had.
inline bool refuse_file_mappings() {
    constexpr std::uint32_t which_file = offsetof(::seccomp_data, args) + 4 * sizeof(std::uint64_t);
    constexpr std::uint32_t low_half = std::endian::native == std::endian::little ? 0 : 4;
    ::sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(::seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, which_file + low_half),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, UINT32_MAX, 1, 0), // none
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(ENOMEM)),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    return filter_calls(program);
}

} // namespace real_disk
