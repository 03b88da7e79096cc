#pragma once

#include <tusk/backend/simulated.hpp>

#include <functional>

namespace crash {

/// Told of a call with its kind and the file's name (none for the directory), before it is made, and with `done` after it.
using disk_call_hook = std::function<void(tusk::disk_call, const std::string& name, bool done)>;

template<class Call>
auto steered(const disk_call_hook& beside, tusk::disk_call kind, const std::string& name, Call&& call) {
    beside(kind, name, /*done=*/false);
    auto outcome = call();
    beside(kind, name, /*done=*/true);
    return outcome;
}

/// A simulated_backend whose changes a test can hold up: `beside` is called on the thread that makes them. Without its
/// refinements: a write and its sync are two calls.
class steered_backend {
public:
    using hook = disk_call_hook;

    class file {
    public:
        file(tusk::simulated_file f, std::string name, std::shared_ptr<hook> beside)
            : file_(std::move(f)), name_(std::move(name)), beside_(std::move(beside)) {}

        [[nodiscard]] tusk::result<std::uint64_t> size() const noexcept { return file_.size(); }
        [[nodiscard]] tusk::result<std::size_t> read(std::uint64_t at, tusk::byte_span out) const noexcept {
            return file_.read(at, out);
        }
        [[nodiscard]] tusk::result<void> write(std::uint64_t at, std::span<const tusk::byte_view> pieces) noexcept {
            return steered(*beside_, tusk::disk_call::write, name_, [&] { return file_.write(at, pieces); });
        }
        [[nodiscard]] tusk::result<void> sync() noexcept {
            return steered(*beside_, tusk::disk_call::sync, name_, [&] { return file_.sync(); });
        }
        [[nodiscard]] tusk::result<void> trim(std::uint64_t at) noexcept {
            return steered(*beside_, tusk::disk_call::trim, name_, [&] { return file_.trim(at); });
        }
        [[nodiscard]] tusk::result<void> close() noexcept { return file_.close(); }

    private:
        tusk::simulated_file file_;
        std::string name_;
        std::shared_ptr<hook> beside_;
    };
    using lock_type = tusk::simulated_lock;

    /// That holds nothing up.
    explicit steered_backend(const tusk::simulated_disk& disk)
        : steered_backend(disk, [](tusk::disk_call, const std::string&, bool) {}) {}
    steered_backend(const tusk::simulated_disk& disk, hook beside)
        : disk_(disk), beside_(std::make_shared<hook>(std::move(beside))) {}

    [[nodiscard]] tusk::result<void> attach(bool create) noexcept { return disk_.attach(create); }
    [[nodiscard]] tusk::result<file> create(const char* name, std::uint64_t size) noexcept {
        auto made = steered(*beside_, tusk::disk_call::create, name, [&] { return disk_.create(name, size); });
        TUSK_TRY(auto created, std::move(made));
        return file(std::move(created), name, beside_);
    }
    [[nodiscard]] tusk::result<file> open(const char* name, tusk::open_for purpose) noexcept {
        TUSK_TRY(auto opened, disk_.open(name, purpose));
        return file(std::move(opened), name, beside_);
    }
    [[nodiscard]] tusk::result<void> rename(const char* from, const char* to) noexcept {
        return steered(*beside_, tusk::disk_call::rename, from, [&] { return disk_.rename(from, to); });
    }
    [[nodiscard]] tusk::result<void> remove(const char* name) noexcept {
        return steered(*beside_, tusk::disk_call::remove, name, [&] { return disk_.remove(name); });
    }
    [[nodiscard]] tusk::result<void> list(std::vector<std::string>& names) noexcept { return disk_.list(names); }
    [[nodiscard]] tusk::result<void> sync_directory() noexcept {
        return steered(*beside_, tusk::disk_call::sync_directory, "", [&] { return disk_.sync_directory(); });
    }
    [[nodiscard]] tusk::result<lock_type> lock(const char* name) noexcept { return disk_.lock(name); }
    [[nodiscard]] std::uint64_t identity() noexcept { return disk_.identity(); }

private:
    tusk::simulated_backend disk_;
    std::shared_ptr<hook> beside_;
};

} // namespace crash
