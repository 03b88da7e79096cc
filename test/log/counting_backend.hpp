#pragma once

#include <tusk/backend/memory.hpp>
#include <tusk/core/frame.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>

namespace log_test {

using namespace tusk;

/// What a log asks of its disk.
enum class disk_call : unsigned {
    create,
    open,
    rename,
    remove,
    list,
    sync_directory,
    lock,
    read,
    write,
    write_synced,
    prewrite,
    sync,
    trim,
    count
};

/// Counts the calls of a log, and refuses those that the test wants to fail.
class disk_calls {
public:
    using rule = std::function<std::error_code(disk_call, const std::string& file)>;

    [[nodiscard]] unsigned operator[](disk_call call) const { return counts_[static_cast<std::size_t>(call)].load(); }
    [[nodiscard]] unsigned all() const {
        unsigned sum = 0;
        for (const auto& count : counts_)
            sum += count.load();
        return sum;
    }
    void forget() {
        for (auto& count : counts_)
            count = 0;
    }
    /// Files have no windows from now on, as where the address space is used up.
    void refuse_windows() { has_windows_ = false; }
    [[nodiscard]] bool has_windows() const { return has_windows_; }
    /// Asked before each call: what it fails with, or nothing.
    void refuse(rule r) { ask(std::make_shared<const rule>(std::move(r))); }
    void refuse_nothing() { ask(nullptr); }
    /// A write that is refused has written so many of its bytes before.
    void tear_refused_writes(std::size_t bytes) { torn_ = bytes; }
    [[nodiscard]] std::size_t torn() const { return torn_; }

    // For a rule that is asked about one call at a time: where and how much is written, or what for a file is opened.
    [[nodiscard]] std::uint64_t writing_at() const { return at_; }
    [[nodiscard]] std::uint64_t writing() const { return size_; }
    [[nodiscard]] bool opening_to_write() const { return to_write_; }
    void writes(std::uint64_t at, std::span<const byte_view> pieces) { writes(at, pieces_view(pieces).size()); }
    void writes(std::uint64_t at, std::uint64_t size) {
        at_ = at;
        size_ = size;
    }
    /// How far a window was made ready at most.
    [[nodiscard]] std::uint64_t touched() const { return touched_; }
    void touches(std::uint64_t until) { touched_ = std::max(touched_.load(), until); }
    void opens(open_for purpose) { to_write_ = purpose == open_for::write; }

    [[nodiscard]] result<void> note(disk_call call, const std::string& file) {
        ++counts_[static_cast<std::size_t>(call)];
        if (const auto asked = rule_in_force())
            if (const std::error_code why = (*asked)(call, file))
                return why;
        return success();
    }

private:
    // A log that is open makes calls in the background at any time.
    void ask(std::shared_ptr<const rule> r) {
        const std::scoped_lock lock(mutex_);
        rule_ = std::move(r);
    }
    [[nodiscard]] std::shared_ptr<const rule> rule_in_force() const {
        const std::scoped_lock lock(mutex_);
        return rule_;
    }

    std::array<std::atomic<unsigned>, static_cast<std::size_t>(disk_call::count)> counts_{};
    std::atomic<bool> has_windows_{true};
    mutable std::mutex mutex_;
    std::shared_ptr<const rule> rule_;
    std::atomic<std::size_t> torn_ = 0;
    std::atomic<std::uint64_t> touched_ = 0;
    std::atomic<std::uint64_t> at_ = 0;
    std::atomic<std::uint64_t> size_ = 0;
    std::atomic<bool> to_write_ = false;
};

/// A file of a counting_backend.
class counting_file {
public:
    counting_file(memory_file file, std::string name, disk_calls& calls)
        : file_(std::move(file)), name_(std::move(name)), calls_(&calls) {}

    [[nodiscard]] result<std::uint64_t> size() const noexcept { return file_.size(); }
    [[nodiscard]] result<std::size_t> read(std::uint64_t at, byte_span out) const noexcept {
        TUSK_TRY(calls_->note(disk_call::read, name_));
        return file_.read(at, out);
    }
    [[nodiscard]] result<void> write(std::uint64_t at, std::span<const byte_view> pieces) noexcept {
        calls_->writes(at, pieces);
        const result<void> allowed = calls_->note(disk_call::write, name_);
        return allowed ? file_.write(at, pieces) : tear(at, pieces, allowed.error());
    }
    [[nodiscard]] result<void> sync() noexcept {
        TUSK_TRY(calls_->note(disk_call::sync, name_));
        return file_.sync();
    }
    [[nodiscard]] result<void> trim(std::uint64_t at) noexcept {
        calls_->writes(at, std::uint64_t{0});
        TUSK_TRY(calls_->note(disk_call::trim, name_));
        return file_.trim(at);
    }
    [[nodiscard]] result<void> close() noexcept { return file_.close(); }

private:
    [[nodiscard]] result<void> tear(std::uint64_t at, std::span<const byte_view> pieces, std::error_code why) noexcept {
        std::size_t left = calls_->torn();
        for (const byte_view whole : pieces) {
            const byte_view part = whole.first(std::min(left, whole.size()));
            TUSK_TRY(file_.write(at, {&part, 1}));
            at += part.size();
            left -= part.size();
        }
        return why;
    }

    memory_file file_;
    std::string name_;
    disk_calls* calls_;
};

/// A memory_backend whose calls are counted, and refused where the test says so.
class counting_backend {
public:
    using file = counting_file;
    using lock_type = memory_lock;

    counting_backend(memory_backend files, disk_calls& calls) : files_(std::move(files)), calls_(&calls) {}

    [[nodiscard]] result<void> attach(bool create) noexcept { return files_.attach(create); }
    [[nodiscard]] result<file> create(const char* name, std::uint64_t size) noexcept {
        TUSK_TRY(calls_->note(disk_call::create, name));
        TUSK_TRY(auto made, files_.create(name, size));
        return file(std::move(made), name, *calls_);
    }
    [[nodiscard]] result<file> open(const char* name, open_for purpose) noexcept {
        calls_->opens(purpose);
        TUSK_TRY(calls_->note(disk_call::open, name));
        TUSK_TRY(auto opened, files_.open(name, purpose));
        return file(std::move(opened), name, *calls_);
    }
    [[nodiscard]] result<void> rename(const char* from, const char* to) noexcept {
        TUSK_TRY(calls_->note(disk_call::rename, from));
        return files_.rename(from, to);
    }
    [[nodiscard]] result<void> remove(const char* name) noexcept {
        TUSK_TRY(calls_->note(disk_call::remove, name));
        return files_.remove(name);
    }
    [[nodiscard]] result<void> list(std::vector<std::string>& names) noexcept {
        TUSK_TRY(calls_->note(disk_call::list, ""));
        return files_.list(names);
    }
    [[nodiscard]] result<void> sync_directory() noexcept {
        TUSK_TRY(calls_->note(disk_call::sync_directory, ""));
        return files_.sync_directory();
    }
    [[nodiscard]] result<lock_type> lock(const char* name) noexcept {
        TUSK_TRY(calls_->note(disk_call::lock, name));
        return files_.lock(name);
    }

private:
    memory_backend files_;
    disk_calls* calls_;
};

} // namespace log_test
