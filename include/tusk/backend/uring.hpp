#pragma once

#include <tusk/backend/posix.hpp>
#include <tusk/backend/uring_file.hpp>

#include <string>

namespace tusk::inline v0 {

/// A directory like that of a `posix_backend`, whose files write and sync in one step by io_uring. Where the system refuses
/// that, as many containers do, attach() succeeds nevertheless, all is as for a `posix_backend`, and note() says why. Any
/// number of threads may call after attach(). Calls block for the disk.
class uring_backend {
public:
    using file = uring_file;
    using lock_type = posix_lock;

    /// The directory `path`, absolute or as seen from the working directory when attach() is called.
    explicit uring_backend(std::string path) noexcept : directory_(std::move(path)) {}

    [[nodiscard]] result<void> attach(bool create) noexcept {
        TUSK_TRY(directory_.attach(create));
        result<std::unique_ptr<uring_ring>> made = uring_ring::make();
        if (made)
            ring_ = std::move(made).value();
        else
            note_ = "uring_backend: io_uring cannot be used (" + made.error().message() +
                    "); files are written and synced as posix_backend does";
        return success();
    }

    [[nodiscard]] result<file> create(const char* name, std::uint64_t size) noexcept {
        TUSK_TRY(posix_file made, directory_.create(name, size));
        return file(std::move(made), ring_);
    }
    [[nodiscard]] result<file> open(const char* name, open_for purpose) noexcept {
        TUSK_TRY(posix_file opened, directory_.open(name, purpose));
        return file(std::move(opened), ring_);
    }
    [[nodiscard]] result<void> rename(const char* from, const char* to) noexcept { return directory_.rename(from, to); }
    [[nodiscard]] result<void> remove(const char* name) noexcept { return directory_.remove(name); }
    [[nodiscard]] result<void> list(std::vector<std::string>& names) noexcept { return directory_.list(names); }
    [[nodiscard]] result<void> sync_directory() noexcept { return directory_.sync_directory(); }
    [[nodiscard]] result<lock_type> lock(const char* name) noexcept { return directory_.lock(name); }

    /// Why no ring is used; empty if one is.
    [[nodiscard]] std::string note() const noexcept { return note_; }

private:
    posix_backend directory_;
    std::shared_ptr<uring_ring> ring_; // one for all files; who finds it in use does without
    std::string note_;
};

} // namespace tusk::inline v0
