#pragma once

#include <tusk/backend/mmap_views.hpp>
#include <tusk/backend/mmap_window.hpp>

namespace tusk::inline v0 {

/// A regular file of an `mmap_backend`. Its bytes can be written and read in place, in memory; what is asked for by calls
/// is written and read by calls, which see the same bytes, for both are the system's one copy of the file.
class mmap_file {
public:
    explicit mmap_file(posix_file file)
        : file_(std::move(file)), views_(std::make_unique<mmap_views>()), window_(std::make_unique<mmap_window>()) {}

    [[nodiscard]] result<std::uint64_t> size() const noexcept { return file_.size(); }
    /// Never by way of a mapping: a disk that cannot read gives an error, not a signal.
    [[nodiscard]] result<std::size_t> read(std::uint64_t at, byte_span out) const noexcept {
        return file_.read(at, out);
    }
    [[nodiscard]] std::uint64_t data_end() const noexcept { return file_.data_end(); }
    /// Makes the file larger where a window cannot.
    [[nodiscard]] result<void> write(std::uint64_t at, std::span<const byte_view> pieces) noexcept {
        return file_.write(at, pieces);
    }
    /// As for a `posix_file`: what was put into windows is not made durable.
    [[nodiscard]] result<void> write_synced(std::uint64_t at, std::span<const byte_view> pieces,
                                            result<void>& synced) noexcept {
        return file_.write_synced(at, pieces, synced);
    }
    /// As for a `posix_file`. Not where windows are in use: it would wipe out what is put into them.
    void prewrite(std::uint64_t at, std::uint64_t size) noexcept { file_.prewrite(at, size); }
    /// fdatasync, which covers what was put into windows, and the size.
    [[nodiscard]] result<void> sync() noexcept { return file_.sync(); }

    /// As for a `posix_file`; EBUSY, and no change, if a view that is still held shows bytes that would go.
    [[nodiscard]] result<void> trim(std::uint64_t at) noexcept {
        looked_ = false;
        return views_->cut(at, [&] { return file_.trim(at); });
    }
    [[nodiscard]] result<void> reserve(std::uint64_t size) noexcept {
        looked_ = false;
        return file_.reserve(size);
    }

    /// Memory that is the file's bytes from `at` on, up to `size` of them and never beyond its end. They have real blocks:
    /// a file in which they are missing, and cannot be had, gives none.
    [[nodiscard]] byte_span window(std::uint64_t at, std::size_t size) noexcept {
        if (!std::exchange(looked_, true))
            prepare();
        return window_->at(at, size);
    }

    /// Beside the one who writes: makes ready what windows up to `until` will show.
    void touch_window(std::uint64_t until) noexcept { window_->touch(until); }

    /// Nothing is put into windows any more: they are no memory of the file from here on.
    void end_window() noexcept {
        window_->drop();
        looked_ = true;
    }

    /// Bytes in place, which stay what they are when the file is closed, removed or trimmed. The memory cannot be written
    /// to. A disk that fails to read them, or another process that cuts the file, is a signal: SIGBUS.
    [[nodiscard]] pinned_bytes view(std::uint64_t at, std::size_t size) const noexcept {
        return views_->view(file_, at, size);
    }

    /// Views and windows stay: the former for as long as they are held, the latter for as long as this object.
    [[nodiscard]] result<void> close() noexcept {
        views_->drop();
        window_->close();
        looked_ = true;
        return file_.close();
    }

    /// Gives all of the file real blocks, where some are missing: those of a copy that left out zeros, say. The system's
    /// error if it cannot, errc::no_space if there are none.
    [[nodiscard]] result<void> allocate() noexcept {
        TUSK_TRY(const std::uint64_t size, file_.size());
        if (size == 0)
            return success();
        return checked(
            uninterrupted([&] { return ::fallocate(file_.descriptor(), /*mode=*/0, 0, static_cast<::off_t>(size)); }));
    }

private:
    void prepare() noexcept {
        const result<std::uint64_t> size = file_.size();
        if (size && allocate())
            window_->map(file_.descriptor(), size.value());
        else
            window_->close();
    }

    posix_file file_;
    // Neither moves:
    std::unique_ptr<mmap_views> views_;
    std::unique_ptr<mmap_window> window_;
    bool looked_ = false; // at what can be a window
};

} // namespace tusk::inline v0
