#pragma once

#include <tusk/backend/posix_directory.hpp>
#include <tusk/concept/backend.hpp>

#include <sys/file.h>

namespace tusk::inline v0 {

/// The lock on a file of a `posix_backend`, given back when it is destroyed.
class posix_lock {
public:
    explicit posix_lock(posix_descriptor descriptor) noexcept : descriptor_(std::move(descriptor)) {}

private:
    posix_descriptor descriptor_; // flock: goes with the last copy of the descriptor, so with the process too
};

/// A directory of the file system. See backend/README.md for what it assumes of it. Directories are made for their owner
/// alone, as are files; only regular files are opened, never a symbolic link. Any number of threads may call after
/// attach(). Calls block for the disk.
class posix_backend {
public:
    using file = posix_file;
    using lock_type = posix_lock;

    /// The directory `path`, absolute or as seen from the working directory when attach() is called.
    explicit posix_backend(std::string path) noexcept : path_(std::move(path)) {}

    [[nodiscard]] result<void> attach(bool create) noexcept {
        if (path_.find('\0') != std::string::npos)
            return system_code(EINVAL);
        if (create) {
            TUSK_TRY(make_directories(path_));
        }
        result<posix_descriptor> opened = open_directory(AT_FDCWD, path_.c_str());
        if (!opened && opened.error() == std::errc::no_such_file_or_directory && !create)
            return errc::no_log;
        if (!opened)
            return opened.error();
        directory_ = std::move(opened).value();
        return success();
    }

    [[nodiscard]] result<file> create(const char* name, std::uint64_t size) noexcept {
        TUSK_TRY(posix_descriptor opened,
                 open_at(directory_.get(), name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, S_IRUSR | S_IWUSR));
        file made(std::move(opened));
        if (const result<void> sized = enlarge(made, size); !sized) {
            (void)remove(name); // why there is no file is what counts
            return sized.error();
        }
        return made;
    }

    [[nodiscard]] result<file> open(const char* name, open_for purpose) noexcept {
        // O_NONBLOCK: what is no regular file must not block before it is recognised.
        const int access = purpose == open_for::read ? O_RDONLY : O_RDWR;
        TUSK_TRY(posix_descriptor opened, open_at(directory_.get(), name, access | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
        TUSK_TRY(require_regular(opened.get()));
        return file(std::move(opened));
    }

    [[nodiscard]] result<void> rename(const char* from, const char* to) noexcept {
        return checked(::renameat(directory_.get(), from, directory_.get(), to));
    }

    [[nodiscard]] result<void> remove(const char* name) noexcept {
        return checked(::unlinkat(directory_.get(), name, 0));
    }

    [[nodiscard]] result<void> list(std::vector<std::string>& names) noexcept {
        return for_each_name(directory_.get(), [&](const char* name) {
            names.emplace_back(name);
            return true;
        });
    }

    [[nodiscard]] result<void> sync_directory() noexcept {
        return checked(uninterrupted([&] { return ::fsync(directory_.get()); }));
    }

    [[nodiscard]] result<lock_type> lock(const char* name) noexcept {
        while (true) {
            TUSK_TRY(posix_descriptor opened,
                     open_at(directory_.get(), name, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
                             S_IRUSR | S_IWUSR));
            TUSK_TRY(require_regular(opened.get()));
            if (uninterrupted([&] { return ::flock(opened.get(), LOCK_EX | LOCK_NB); }) < 0)
                return errno == EWOULDBLOCK ? make_error_code(errc::busy) : system_code(errno);
            // Whoever had it before may have removed the file: a lock on what has no name keeps nobody out.
            TUSK_TRY(const bool current, names_this(name, opened.get()));
            if (current)
                return lock_type(std::move(opened));
        }
    }

    /// The directory's descriptor, which stays the backend's own; -1 before attach().
    [[nodiscard]] int descriptor() const noexcept { return directory_.get(); }

private:
    static result<void> enlarge(file& empty, std::uint64_t size) noexcept {
        TUSK_TRY(empty.reserve(size));
        TUSK_TRY(const std::uint64_t reserved, empty.size());
        if (reserved < size) // no real blocks here: the size alone
            return empty.trim(size);
        return success();
    }

    static result<void> require_regular(int descriptor) noexcept {
        struct ::stat status {};
        TUSK_TRY(checked(::fstat(descriptor, &status)));
        if (S_ISREG(status.st_mode))
            return success();
        return system_code(S_ISDIR(status.st_mode) ? EISDIR : ENOTSUP);
    }

    [[nodiscard]] result<bool> names_this(const char* name, int descriptor) const noexcept {
        struct ::stat own {};
        struct ::stat named {};
        TUSK_TRY(checked(::fstat(descriptor, &own)));
        if (::fstatat(directory_.get(), name, &named, AT_SYMLINK_NOFOLLOW) < 0)
            return errno == ENOENT ? result<bool>(false) : system_code(errno);
        return own.st_dev == named.st_dev && own.st_ino == named.st_ino;
    }

    std::string path_;
    posix_descriptor directory_;
};

} // namespace tusk::inline v0
