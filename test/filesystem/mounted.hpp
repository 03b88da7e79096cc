#pragma once

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <linux/loop.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

/// File systems made for a test, seen by its process alone.
namespace filesystem_test {

namespace fs = std::filesystem;

/// What ctest takes for: not run.
inline constexpr int skipped = 77;

[[noreturn]] inline void skip(const std::string& why) {
    std::printf("skipped: %s\n", why.c_str());
    std::fflush(stdout);
    ::_exit(skipped);
}
[[noreturn]] inline void fail(const std::string& what) {
    std::printf("FAILED: %s\n", what.c_str());
    std::fflush(stdout);
    std::exit(1);
}
inline void require(bool holds, const std::string& what) {
    if (!holds)
        fail(what);
}

/// Runs a program without what it prints. Its exit code, or -1.
inline int run_program(const std::vector<std::string>& words) {
    std::vector<char*> arguments;
    for (const std::string& word : words)
        arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const ::pid_t child = ::fork();
    if (child == 0) {
        const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
        ::dup2(nowhere, 1);
        ::dup2(nowhere, 2);
        ::execvp(arguments.front(), arguments.data());
        ::_exit(127);
    }
    int status = 0;
    return child > 0 && ::waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// A file system in a file, or in memory, mounted in a folder of its own. It goes with the process, however that ends.
class mounted_disk {
public:
    /// One of that kind, as small as it can be. Where the machine does not allow it, the program ends as skipped.
    explicit mounted_disk(std::string kind) : kind_(std::move(kind)) {
        std::string pattern = (fs::temp_directory_path() / "tusk_mounted_XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr)
            fail("no temporary folder");
        top_ = pattern;
        fs::create_directory(path());
        be_alone();
        if (kind_ != "tmpfs")
            make_image();
        mount();
    }
    ~mounted_disk() {
        unmount();
        fs::remove_all(top_);
    }
    mounted_disk(const mounted_disk&) = delete;
    mounted_disk& operator=(const mounted_disk&) = delete;

    [[nodiscard]] fs::path path() const { return top_ / "disk"; }
    [[nodiscard]] const std::string& kind() const { return kind_; }

    void mount() {
        if (kind_ == "tmpfs") {
            if (::mount("tmpfs", path().c_str(), "tmpfs", 0, "size=4m") != 0)
                give_up("a tmpfs cannot be mounted");
            return;
        }
        const std::string device = attach_loop();
        if (::mount(device.c_str(), path().c_str(), kind_.c_str(), 0, nullptr) != 0)
            give_up(kind_ + " cannot be mounted");
        ::close(std::exchange(loop_, -1)); // the mount keeps it, and it is free when that is gone
    }
    void unmount() {
        for (int tries = 0; ::umount2(path().c_str(), 0) != 0; ++tries) {
            if (errno != EBUSY || tries == 100)
                fail(kind_ + " cannot be unmounted: " + std::strerror(errno));
            ::usleep(20'000); // the process that was killed may not be quite gone
        }
    }

    /// The file system stops as if the power had gone: nothing more gets to its device. False if it cannot do that.
    [[nodiscard]] bool lose_power() const {
        const int folder = ::open(path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        const std::uint32_t nothing_is_flushed = 2;
        const bool stopped = ::ioctl(folder, _IOR('X', 125, std::uint32_t), &nothing_is_flushed) == 0;
        ::close(folder);
        return stopped;
    }

    /// Leaves no byte free.
    void fill() {
        const int file = ::open((path() / "ballast").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        require(file >= 0, "a ballast file");
        // First without writing, for it is much; a file system takes some of what is free for itself.
        for (std::uint64_t step = 64U << 20; step >= 4096; step /= 2)
            while (kind_ != "tmpfs" &&
                   ::fallocate(file, 0, ::lseek(file, 0, SEEK_END), static_cast<::off_t>(step)) == 0) {
            }
        const std::string block(4096, 'b');
        while (::pwrite(file, block.data(), block.size(), ::lseek(file, 0, SEEK_END)) > 0) {
        }
        ::close(file);
        crumbs();
    }
    /// Gives back what fill() took.
    void make_room() {
        for (const auto& file : fs::directory_iterator(path()))
            if (file.is_regular_file())
                fs::remove(file);
        const int folder = ::open(path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ::syncfs(folder);
        ::close(folder);
    }

private:
    // Small files find places where a large one has none.
    void crumbs() const {
        const std::string block(4096, 'c');
        for (int i = 0; i < 1000; ++i) {
            const int file =
                ::open((path() / ("crumb" + std::to_string(i))).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
            if (file < 0)
                return;
            bool any = false;
            while (::write(file, block.data(), block.size()) > 0)
                any = true;
            const bool kept = ::fsync(file) == 0;
            ::close(file);
            if (!any || !kept)
                return;
        }
    }

    // What is mounted here, nobody else sees.
    void be_alone() {
        if (::unshare(CLONE_NEWNS) != 0) {
            const std::string user = "0 " + std::to_string(::getuid()) + " 1";
            const std::string group = "0 " + std::to_string(::getgid()) + " 1";
            if (::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0 || !write("/proc/self/setgroups", "deny") ||
                !write("/proc/self/uid_map", user) || !write("/proc/self/gid_map", group))
                give_up("nothing can be mounted");
        }
        if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
            give_up("nothing can be mounted");
    }
    static bool write(const char* path, const std::string& text) {
        const int file = ::open(path, O_WRONLY | O_CLOEXEC);
        const bool written = ::write(file, text.data(), text.size()) == static_cast<::ssize_t>(text.size());
        ::close(file);
        return written;
    }

    void make_image() {
        const std::string image = (top_ / "image").string();
        std::uint64_t size = 64U << 20;
        std::vector<std::string> make{"mkfs.ext4", "-q", "-F", "-m", "0", image};
        if (kind_ == "xfs") {
            size = 320U << 20;
            make = {"mkfs.xfs", "-q", "-f", image};
        } else if (kind_ == "btrfs") {
            size = 128U << 20;
            make = {"mkfs.btrfs", "-q", "-f", "-m", "single", image};
        }
        const int file = ::open(image.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        const bool sized = ::ftruncate(file, static_cast<::off_t>(size)) == 0;
        ::close(file);
        if (!sized)
            give_up("no room for a file of " + std::to_string(size) + " bytes");
        for (const char* const folder : {"", "/usr/sbin/", "/sbin/"}) {
            std::vector<std::string> words = make;
            words.front().insert(0, folder);
            const int code = run_program(words);
            if (code == 0)
                return;
            if (code != 127)
                give_up(make.front() + " fails with " + std::to_string(code));
        }
        give_up("there is no " + make.front());
    }

    // Makes the image a block device.
    std::string attach_loop() {
        const int control = ::open("/dev/loop-control", O_RDWR | O_CLOEXEC);
        if (control < 0)
            give_up("there are no loop devices");
        const int image = ::open((top_ / "image").c_str(), O_RDWR | O_CLOEXEC);
        for (int tries = 0; tries < 20; ++tries) {
            const int number = ::ioctl(control, LOOP_CTL_GET_FREE);
            const std::string device = "/dev/loop" + std::to_string(number);
            loop_ = number < 0 ? -1 : ::open(device.c_str(), O_RDWR | O_CLOEXEC);
            if (loop_ < 0)
                break;
            ::loop_config config{};
            config.fd = static_cast<std::uint32_t>(image);
            config.info.lo_flags = LO_FLAGS_AUTOCLEAR;
            if (::ioctl(loop_, LOOP_CONFIGURE, &config) == 0) {
                ::close(image);
                ::close(control);
                return device;
            }
            ::close(loop_); // another has taken it meanwhile
        }
        give_up("no loop device can be had");
    }

    [[noreturn]] void give_up(const std::string& why) {
        const std::string all = why + " (" + std::strerror(errno) + ")";
        std::error_code ignored;
        fs::remove_all(top_, ignored);
        skip(all);
    }

    std::string kind_;
    fs::path top_;
    int loop_ = -1;
};

} // namespace filesystem_test
