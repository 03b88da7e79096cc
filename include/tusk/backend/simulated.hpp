#pragma once

#include <tusk/backend/simulated_disk.hpp>
#include <tusk/concept/backend.hpp>

#include <limits>

namespace tusk::inline v0 {

/// A file of a `simulated_backend`.
class simulated_file {
public:
    simulated_file(simulated_file&&) noexcept = default;
    simulated_file& operator=(simulated_file&& other) noexcept {
        std::swap(disk_, other.disk_);
        std::swap(life_, other.life_);
        std::swap(id_, other.id_);
        std::swap(purpose_, other.purpose_);
        return *this;
    }
    ~simulated_file() {
        if (disk_.shared_)
            disk_.locked([this](simulated_state& s) { s.release(life_, id_); });
    }

    [[nodiscard]] result<std::uint64_t> size() const noexcept {
        return call<std::uint64_t>([this](simulated_state& s) { return s.size(life_, id_); });
    }
    [[nodiscard]] result<std::size_t> read(std::uint64_t at, byte_span out) const noexcept {
        return call<std::size_t>([&](simulated_state& s) { return s.read(life_, id_, at, out); });
    }
    [[nodiscard]] result<void> write(std::uint64_t at, std::span<const byte_view> pieces) noexcept {
        if (purpose_ != open_for::write)
            return system_code(EBADF);
        return change([&](simulated_state& s) { return s.write(life_, id_, at, pieces); });
    }
    [[nodiscard]] result<void> sync() noexcept {
        return change([this](simulated_state& s) { return s.sync(life_, id_, /*since=*/0); });
    }
    /// A write, and a sync of what it has written and no more: two calls, between which the power may go. As systems tell the
    /// errors of what is one call to them: no room is the write's, whichever had none, and any other is the sync's, even if
    /// nothing was written. `synced` is set but where the write has an error.
    [[nodiscard]] result<void> write_synced(std::uint64_t at, std::span<const byte_view> pieces,
                                            result<void>& synced) noexcept {
        TUSK_TRY(const auto before, call<std::uint64_t>([](simulated_state& s) { return s.last_change(); }));
        result<void> done = write(at, pieces);
        if (done)
            done = change([&](simulated_state& s) { return s.sync(life_, id_, before); });
        else if (done.error() != errc::no_space)
            disk_.locked([&](simulated_state& s) { s.give_up(life_, id_, before); });
        if (!done && done.error() == errc::no_space)
            return done;
        synced = done;
        return success();
    }
    /// A write of `size` bytes of zeros from `at` on, no further than the file's end. Only sync() makes them durable, not
    /// write_synced(). What goes wrong is told to nobody.
    void prewrite(std::uint64_t at, std::uint64_t size) noexcept {
        if (purpose_ == open_for::write)
            (void)change([&](simulated_state& s) { return s.prewrite(life_, id_, at, size); });
    }
    /// In bytes, the end of the last sector that reads as anything but zeros, or of what cannot be read, which may lie
    /// behind the file's. The largest number for a file that is closed, or of an earlier life. No call: it is not counted, and cannot be made to fail.
    [[nodiscard]] std::uint64_t data_end() const noexcept {
        return disk_.shared_ ? disk_.locked([this](simulated_state& s) { return s.data_end(life_, id_); })
                             : std::numeric_limits<std::uint64_t>::max();
    }
    [[nodiscard]] result<void> trim(std::uint64_t at) noexcept {
        if (purpose_ != open_for::write)
            return system_code(EBADF);
        return change([&](simulated_state& s) { return s.trim(life_, id_, at); });
    }
    [[nodiscard]] result<void> close() noexcept {
        const result<void> closed = call<void>([this](simulated_state& s) { return s.close(life_, id_); });
        disk_.shared_.reset();
        return closed;
    }

private:
    friend class simulated_backend;
    simulated_file(simulated_disk disk, simulated_state::life_id life, simulated_state::file_id id,
                   open_for purpose) noexcept
        : disk_(std::move(disk)), life_(life), id_(id), purpose_(purpose) {}

    template<class T, class F>
    result<T> call(F&& f) const noexcept {
        if (!disk_.shared_) // closed
            return system_code(EBADF);
        return disk_.locked(f);
    }
    template<class F>
    result<void> change(F&& f) const noexcept {
        if (!disk_.shared_)
            return system_code(EBADF);
        return disk_.changing(f);
    }

    simulated_disk disk_;
    simulated_state::life_id life_;
    simulated_state::file_id id_;
    open_for purpose_;
};

/// The lock on a file of a `simulated_backend`, given back when it is destroyed.
class simulated_lock {
public:
    simulated_lock(simulated_lock&&) noexcept = default;
    simulated_lock& operator=(simulated_lock&& other) noexcept {
        std::swap(disk_, other.disk_);
        std::swap(life_, other.life_);
        std::swap(id_, other.id_);
        return *this;
    }
    ~simulated_lock() {
        if (disk_.shared_)
            disk_.locked([this](simulated_state& s) { s.unlock(life_, id_); });
    }

private:
    friend class simulated_backend;
    simulated_lock(simulated_disk disk, simulated_state::life_id life, simulated_state::file_id id) noexcept
        : disk_(std::move(disk)), life_(life), id_(id) {}

    simulated_disk disk_;
    simulated_state::life_id life_;
    simulated_state::file_id id_;
};

/// A Backend on a `simulated_disk`: for tests of what a log, and what is built on it, does when disks and machines fail.
/// It belongs to the life of the disk in which attach() is called, and fails with EIO after it, as do its files. Never
/// blocks but for other calls on the disk.
class simulated_backend {
public:
    using file = simulated_file;
    using lock_type = simulated_lock;

    explicit simulated_backend(simulated_disk disk) noexcept : disk_(std::move(disk)) {}
    simulated_backend(simulated_backend&&) noexcept = default;
    simulated_backend& operator=(simulated_backend&&) noexcept = default;

    [[nodiscard]] result<void> attach(bool create) noexcept {
        return disk_.locked([&](simulated_state& s) {
            life_ = s.life();
            return s.attach(create);
        });
    }
    [[nodiscard]] result<file> create(const char* name, std::uint64_t size) noexcept {
        TUSK_TRY(const auto id, disk_.changing([&](simulated_state& s) { return s.create(life_, name, size); }));
        return file(disk_, life_, id, open_for::write);
    }
    [[nodiscard]] result<file> open(const char* name, open_for purpose) noexcept {
        TUSK_TRY(const auto id, disk_.locked([&](simulated_state& s) { return s.open(life_, name); }));
        return file(disk_, life_, id, purpose);
    }
    [[nodiscard]] result<void> rename(const char* from, const char* to) noexcept {
        return disk_.changing([&](simulated_state& s) { return s.rename(life_, from, to); });
    }
    [[nodiscard]] result<void> remove(const char* name) noexcept {
        return disk_.changing([&](simulated_state& s) { return s.remove(life_, name); });
    }
    [[nodiscard]] result<void> list(std::vector<std::string>& names) noexcept {
        return disk_.locked([&](simulated_state& s) { return s.list(life_, names); });
    }
    [[nodiscard]] result<void> sync_directory() noexcept {
        return disk_.changing([this](simulated_state& s) { return s.sync_directory(life_); });
    }
    [[nodiscard]] result<lock_type> lock(const char* name) noexcept {
        TUSK_TRY(const auto id, disk_.locked([&](simulated_state& s) { return s.lock(life_, name); }));
        return lock_type(disk_, life_, id);
    }
    /// The same for a log that is made after the same calls, so that a test that is run again makes the same files.
    [[nodiscard]] std::uint64_t identity() noexcept { return disk_dice(disk_.calls())(); }

private:
    simulated_disk disk_;
    simulated_state::life_id life_ = 0;
};

} // namespace tusk::inline v0
