#pragma once

#include <log/counting_backend.hpp>

#include <tusk/concept/backend.hpp>

namespace log_test {

/// A file of a refined_backend.
template<backend_file Inner>
class refined_file {
public:
    refined_file(Inner file, std::string name, disk_calls& calls, std::shared_ptr<std::atomic<unsigned>> alive)
        : file_(std::move(file)), name_(std::move(name)), calls_(&calls), alive_(std::move(alive)) {
        ++*alive_;
    }
    refined_file(refined_file&&) noexcept = default;
    refined_file& operator=(refined_file&&) noexcept = default;
    ~refined_file() {
        if (alive_)
            --*alive_;
    }

    [[nodiscard]] result<std::uint64_t> size() const noexcept { return file_.size(); }
    [[nodiscard]] result<std::size_t> read(std::uint64_t at, byte_span out) const noexcept {
        TUSK_TRY(calls_->note(disk_call::read, name_));
        return file_.read(at, out);
    }
    [[nodiscard]] std::uint64_t data_end() const noexcept
        requires knows_data_end<Inner>
    {
        return file_.data_end();
    }
    [[nodiscard]] result<void> write(std::uint64_t at, std::span<const byte_view> pieces) noexcept {
        TUSK_TRY(calls_->note(disk_call::write, name_));
        return file_.write(at, pieces);
    }
    [[nodiscard]] result<void> sync() noexcept {
        TUSK_TRY(calls_->note(disk_call::sync, name_));
        return file_.sync();
    }
    [[nodiscard]] result<void> trim(std::uint64_t at) noexcept {
        TUSK_TRY(calls_->note(disk_call::trim, name_));
        return file_.trim(at);
    }
    [[nodiscard]] result<void> close() noexcept { return file_.close(); }

    [[nodiscard]] result<void> reserve(std::uint64_t size) noexcept { return file_.reserve(size); }
    [[nodiscard]] byte_span window(std::uint64_t at, std::size_t size) noexcept
        requires gives_window<Inner>
    {
        return calls_->has_windows() ? file_.window(at, size) : byte_span();
    }
    void end_window() noexcept
        requires ends_window<Inner>
    {
        file_.end_window();
    }
    void touch_window(std::uint64_t until) noexcept
        requires touches_window<Inner>
    {
        calls_->touches(until);
        file_.touch_window(until);
    }
    void prewrite(std::uint64_t at, std::uint64_t size) noexcept
        requires prewrites<Inner>
    {
        calls_->writes(at, size);
        if (calls_->note(disk_call::prewrite, name_))
            file_.prewrite(at, size);
    }
    [[nodiscard]] pinned_bytes view(std::uint64_t at, std::size_t size) const noexcept
        requires gives_view<Inner>
    {
        return file_.view(at, size);
    }
    [[nodiscard]] result<void> write_synced(std::uint64_t at, std::span<const byte_view> pieces,
                                            result<void>& synced) noexcept
        requires writes_synced<Inner>
    {
        TUSK_TRY(calls_->note(disk_call::write_synced, name_));
        return file_.write_synced(at, pieces, synced);
    }

private:
    Inner file_;
    std::string name_;
    disk_calls* calls_;
    std::shared_ptr<std::atomic<unsigned>> alive_;
};

/// Any backend, refinements included, whose calls are counted, and refused or held up where the test says so; and the
/// files that are not destroyed yet.
template<backend Inner>
class refined_backend {
public:
    using file = refined_file<typename Inner::file>;
    using lock_type = typename Inner::lock_type;

    refined_backend(Inner files, disk_calls& calls, std::shared_ptr<std::atomic<unsigned>> alive)
        : files_(std::move(files)), calls_(&calls), alive_(std::move(alive)) {}

    [[nodiscard]] result<void> attach(bool create) noexcept { return files_.attach(create); }
    [[nodiscard]] result<file> create(const char* name, std::uint64_t size) noexcept {
        TUSK_TRY(calls_->note(disk_call::create, name));
        TUSK_TRY(auto made, files_.create(name, size));
        return file(std::move(made), name, *calls_, alive_);
    }
    [[nodiscard]] result<file> open(const char* name, open_for purpose) noexcept {
        TUSK_TRY(calls_->note(disk_call::open, name));
        TUSK_TRY(auto opened, files_.open(name, purpose));
        return file(std::move(opened), name, *calls_, alive_);
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
    [[nodiscard]] std::string note() const noexcept
        requires gives_note<Inner>
    {
        return files_.note();
    }

private:
    Inner files_;
    disk_calls* calls_;
    std::shared_ptr<std::atomic<unsigned>> alive_;
};

} // namespace log_test
