#pragma once

#include <tusk/backend/memory_directory.hpp>
#include <tusk/concept/backend.hpp>

#include <utility>

namespace tusk::inline v0 {

/// A file of a `memory_backend`.
class memory_file {
public:
    [[nodiscard]] result<std::uint64_t> size() const noexcept {
        if (!entry_)
            return system_code(EBADF);
        return entry_->contents.size();
    }
    [[nodiscard]] result<std::size_t> read(std::uint64_t at, byte_span out) const noexcept {
        if (!entry_)
            return system_code(EBADF);
        return entry_->contents.read(at, out);
    }
    [[nodiscard]] result<void> write(std::uint64_t at, std::span<const byte_view> pieces) noexcept {
        if (!entry_ || purpose_ != open_for::write)
            return system_code(EBADF);
        return entry_->contents.write(at, pieces);
    }
    [[nodiscard]] result<void> sync() noexcept { return entry_ ? result<void>(success()) : system_code(EBADF); }
    [[nodiscard]] result<void> trim(std::uint64_t at) noexcept {
        if (!entry_ || purpose_ != open_for::write)
            return system_code(EBADF);
        if (at > memory_contents::max_size)
            return errc::no_space;
        entry_->contents.trim(at);
        return success();
    }
    [[nodiscard]] result<void> close() noexcept {
        return std::exchange(entry_, nullptr) ? result<void>(success()) : system_code(EBADF);
    }

private:
    friend class memory_backend;
    memory_file(std::shared_ptr<memory_directory::entry> entry, open_for purpose) noexcept
        : entry_(std::move(entry)), purpose_(purpose) {}

    std::shared_ptr<memory_directory::entry> entry_;
    open_for purpose_;
};

/// The lock on a file of a `memory_backend`, given back when it is destroyed.
class memory_lock {
public:
    memory_lock(memory_lock&& other) noexcept = default;
    memory_lock& operator=(memory_lock&& other) noexcept {
        std::swap(directory_, other.directory_);
        std::swap(entry_, other.entry_);
        return *this;
    }
    ~memory_lock() {
        if (!entry_)
            return;
        const std::scoped_lock lock(directory_->mutex);
        entry_->locked = false;
    }

private:
    friend class memory_backend;
    memory_lock(std::shared_ptr<memory_directory> directory, std::shared_ptr<memory_directory::entry> entry) noexcept
        : directory_(std::move(directory)), entry_(std::move(entry)) {}

    std::shared_ptr<memory_directory> directory_;
    std::shared_ptr<memory_directory::entry> entry_;
};

/// A Backend that keeps its files in memory: for tests, and for logs that need not survive the process. A sync promises
/// nothing. The contents live as long as a backend, a file or a handle from share() does. Files never block but for
/// each other's copying; any number of threads may call.
class memory_backend {
public:
    using file = memory_file;
    using lock_type = memory_lock;
    using directory = std::shared_ptr<memory_directory>;

    /// A new directory, which does not exist before attach() makes it.
    memory_backend() : directory_(std::make_shared<memory_directory>()) {}
    /// The directory of another backend, which gave it away by share().
    explicit memory_backend(directory shared) noexcept : directory_(std::move(shared)) {}
    memory_backend(memory_backend&&) noexcept = default;
    memory_backend& operator=(memory_backend&&) noexcept = default;

    /// What another backend can be made from, to see the same files.
    [[nodiscard]] directory share() const noexcept { return directory_; }

    [[nodiscard]] result<void> attach(bool create) noexcept {
        const std::scoped_lock lock(directory_->mutex);
        directory_->made = directory_->made || create;
        return directory_->made ? result<void>(success()) : errc::no_log;
    }

    [[nodiscard]] result<file> create(const char* name, std::uint64_t size) noexcept {
        if (size > memory_contents::max_size)
            return errc::no_space;
        const std::scoped_lock lock(directory_->mutex);
        const auto [at, is_new] = directory_->entries.try_emplace(name);
        if (!is_new)
            return system_code(EEXIST);
        at->second = std::make_shared<memory_directory::entry>(size);
        return file(at->second, open_for::write);
    }

    [[nodiscard]] result<file> open(const char* name, open_for purpose) noexcept {
        const std::scoped_lock lock(directory_->mutex);
        const auto at = directory_->entries.find(name);
        if (at == directory_->entries.end())
            return system_code(ENOENT);
        return file(at->second, purpose);
    }

    [[nodiscard]] result<void> rename(const char* from, const char* to) noexcept {
        const std::scoped_lock lock(directory_->mutex);
        const auto at = directory_->entries.find(from);
        if (at == directory_->entries.end())
            return system_code(ENOENT);
        std::shared_ptr<memory_directory::entry> entry = std::move(at->second);
        directory_->entries.erase(at);
        directory_->entries.insert_or_assign(to, std::move(entry));
        return success();
    }

    [[nodiscard]] result<void> remove(const char* name) noexcept {
        const std::scoped_lock lock(directory_->mutex);
        return directory_->entries.erase(name) != 0 ? result<void>(success()) : system_code(ENOENT);
    }

    [[nodiscard]] result<void> list(std::vector<std::string>& names) noexcept {
        const std::scoped_lock lock(directory_->mutex);
        for (const auto& [name, entry] : directory_->entries)
            names.push_back(name);
        return success();
    }

    [[nodiscard]] result<void> sync_directory() noexcept { return success(); }

    [[nodiscard]] result<lock_type> lock(const char* name) noexcept {
        const std::scoped_lock lock(directory_->mutex);
        std::shared_ptr<memory_directory::entry>& entry = directory_->entries[name];
        if (!entry)
            entry = std::make_shared<memory_directory::entry>(0);
        if (std::exchange(entry->locked, true))
            return errc::busy;
        return lock_type(directory_, entry);
    }

private:
    directory directory_;
};

} // namespace tusk::inline v0
