#pragma once

#include <tusk/backend/mmap_views.hpp>

#include <sys/mman.h>

namespace tusk::inline v0 {

/// A regular file of an `mmap_backend`. Its bytes can be written and read in place, in memory; what is asked for by calls
/// is written and read by calls, which see the same bytes, for both are the system's one copy of the file.
class mmap_file {
public:
    explicit mmap_file(posix_file file) : file_(std::move(file)), views_(std::make_unique<mmap_views>()) {}

    [[nodiscard]] result<std::uint64_t> size() const noexcept { return file_.size(); }
    /// Never by way of a mapping: a disk that cannot read gives an error, not a signal.
    [[nodiscard]] result<std::size_t> read(std::uint64_t at, byte_span out) const noexcept {
        return file_.read(at, out);
    }
    /// Makes the file larger where a window cannot.
    [[nodiscard]] result<void> write(std::uint64_t at, std::span<const byte_view> pieces) noexcept {
        return file_.write(at, pieces);
    }
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
        if (at >= window_end_)
            return {};
        const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(size, window_end_ - at));
        if (at + room / 2 > touched_)
            touch(at, at + room);
        return {window_->data() + at, room};
    }

    /// Nothing is put into windows any more: they are no memory of the file from here on.
    void end_window() noexcept {
        window_.reset();
        window_end_ = 0;
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
        window_end_ = 0;
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
    struct unpin {
        void operator()(mmap_mapping* m) const noexcept { const pin last(*m); }
    };

    // A window stays where it is, so the file is mapped once: what it grows by later is written by calls.
    void prepare() noexcept {
        const result<std::uint64_t> size = file_.size();
        window_end_ = 0;
        if (!size || !allocate())
            return;
        if (!window_)
            window_.reset(mmap_mapping::make(file_.descriptor(), size.value(), boost::interprocess::read_write));
        if (window_)
            window_end_ = std::min<std::uint64_t>(size.value(), window_->size());
    }

    // Has the system make the pages from `at` to `end` writable in one go, so that who fills them does not stop at each.
    // Where it cannot, they stop.
    void touch(std::uint64_t at, std::uint64_t end) noexcept {
#ifdef MADV_POPULATE_WRITE
        const auto page = static_cast<std::uint64_t>(boost::interprocess::mapped_region::get_page_size());
        const std::uint64_t begin = std::max(at, touched_) / page * page;
        (void)::madvise(window_->data() + begin, static_cast<std::size_t>(end - begin), MADV_POPULATE_WRITE);
#endif
        touched_ = end;
    }

    posix_file file_;
    std::unique_ptr<mmap_views> views_; // does not move
    // The writer's:
    std::unique_ptr<mmap_mapping, unpin> window_;
    std::uint64_t window_end_ = 0;
    std::uint64_t touched_ = 0; // up to here its pages are there
    bool looked_ = false;       // at what can be a window
};

} // namespace tusk::inline v0
