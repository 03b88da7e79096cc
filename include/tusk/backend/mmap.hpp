#pragma once

#include <tusk/backend/mmap_file.hpp>
#include <tusk/backend/posix.hpp>

#include <string>

#include <linux/magic.h>
#include <sys/vfs.h>

namespace tusk::inline v0 {

/// A directory like that of a `posix_backend`, whose files are read in place, in mappings of Boost.Interprocess, and written
/// there where appends do not wait for their syncs.
/// For file systems that give files real blocks and leave them where they are: attach() refuses others with EOPNOTSUPP,
/// and note() says why. See backend/README.md for what that means, and for what SIGBUS means. Any number of threads may
/// call after attach(). Calls block for the disk.
class mmap_backend {
public:
    using file = mmap_file;
    using lock_type = posix_lock;

    /// The directory `path`, absolute or as seen from the working directory when attach() is called.
    explicit mmap_backend(std::string path) noexcept : directory_(std::move(path)) {}

    [[nodiscard]] result<void> attach(bool create) noexcept {
        TUSK_TRY(directory_.attach(create));
        TUSK_TRY(require_no_copy_on_write());
        return require_blocks();
    }

    [[nodiscard]] result<file> create(const char* name, std::uint64_t size) noexcept {
        TUSK_TRY(posix_file made, directory_.create(name, size));
        file f(std::move(made));
        if (const result<void> allocated = f.allocate(); !allocated) {
            (void)directory_.remove(name); // why there is no file is what counts
            return allocated.error();
        }
        return f;
    }

    [[nodiscard]] result<file> open(const char* name, open_for purpose) noexcept {
        TUSK_TRY(posix_file opened, directory_.open(name, purpose));
        return file(std::move(opened));
    }

    [[nodiscard]] result<void> rename(const char* from, const char* to) noexcept { return directory_.rename(from, to); }
    [[nodiscard]] result<void> remove(const char* name) noexcept { return directory_.remove(name); }
    [[nodiscard]] result<void> list(std::vector<std::string>& names) noexcept { return directory_.list(names); }
    [[nodiscard]] result<void> sync_directory() noexcept { return directory_.sync_directory(); }
    [[nodiscard]] result<lock_type> lock(const char* name) noexcept { return directory_.lock(name); }

    /// Why attach() has refused the file system; empty if it did not.
    [[nodiscard]] std::string note() const noexcept { return note_; }

private:
    // Where each write goes to a new place, a store into a mapping needs room, and without room it is a signal.
    [[nodiscard]] result<void> require_no_copy_on_write() noexcept {
        struct ::statfs status {};
        TUSK_TRY(checked(uninterrupted([&] { return ::fstatfs(directory_.descriptor(), &status); })));
        constexpr std::uint32_t zfs = 0x2fc12fc1;
        constexpr std::uint32_t bcachefs = 0xca451a4e;
        const char* name = nullptr;
        switch (static_cast<std::uint32_t>(status.f_type)) {
        case BTRFS_SUPER_MAGIC: name = "btrfs"; break;
        case NILFS_SUPER_MAGIC: name = "nilfs2"; break;
        case zfs: name = "zfs"; break;
        case bcachefs: name = "bcachefs"; break;
        default: return success();
        }
        return refuse(std::string(name) + " copies on write: a store into a mapping could meet a full disk");
    }

    // A file without a name, so that nothing is left of the question. What else may go wrong is for others to report.
    [[nodiscard]] result<void> require_blocks() noexcept {
        const result<posix_descriptor> opened =
            open_at(directory_.descriptor(), ".", O_RDWR | O_TMPFILE, S_IRUSR | S_IWUSR);
        if (!opened)
            return success();
        const int outcome =
            uninterrupted([&] { return ::fallocate(opened.value().get(), /*mode=*/0, /*offset=*/0, /*len=*/4096); });
        if (outcome < 0 && (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL))
            return refuse("the file system gives no file real blocks before they are written");
        return success();
    }

    [[nodiscard]] result<void> refuse(const std::string& why) noexcept {
        note_ = "mmap_backend: " + why + "; posix_backend works there";
        return system_code(EOPNOTSUPP);
    }

    posix_backend directory_;
    std::string note_;
};

} // namespace tusk::inline v0
