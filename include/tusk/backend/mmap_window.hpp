#pragma once

#include <tusk/backend/mmap_mapping.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>

#include <sys/mman.h>

namespace tusk::inline v0 {

/// The part of a file that is written in place: mapped once, from the file's start, and made writable page by page before
/// it is needed. For the one thread that writes, but for touch() and drop(), which another may call beside it.
class mmap_window {
public:
    mmap_window() noexcept = default;
    mmap_window(const mmap_window&) = delete;
    ~mmap_window() { drop(); }

    /// The file has `size` bytes, with real blocks: they can be written to from now on. A window stays where it is, so what
    /// the file has grown by since it was mapped is not among them.
    void map(int descriptor, std::uint64_t size) noexcept {
        const std::scoped_lock lock(mutex_);
        if (mapping_ == nullptr)
            mapping_ = mmap_mapping::make(descriptor, size, boost::interprocess::read_write);
        end_ = mapping_ == nullptr ? 0 : std::min<std::uint64_t>(size, mapping_->size());
    }
    /// No more is given, but what was given stays.
    void close() noexcept {
        const std::scoped_lock lock(mutex_);
        end_ = 0;
    }
    void drop() noexcept {
        const std::scoped_lock lock(mutex_);
        end_ = 0;
        if (mmap_mapping* const m = std::exchange(mapping_, nullptr))
            const pin last(*m);
    }

    /// Up to `size` bytes from `at` on. Of many, only the first pages are made ready.
    [[nodiscard]] byte_span at(std::uint64_t at, std::size_t size) noexcept {
        if (at >= end_)
            return {};
        const auto room = static_cast<std::size_t>(std::min<std::uint64_t>(size, end_ - at));
        const std::uint64_t first = std::min<std::uint64_t>(room, step);
        if (at + first / 2 > touched_.load(std::memory_order_relaxed)) // else the pages it begins with are there
            if (const std::unique_lock lock(mutex_, std::try_to_lock); lock)
                touch_locked(at, at + first);
        return {mapping_->data() + at, room};
    }

    /// Has the system make the pages up to `until` writable, as far as they are not yet, so that who fills them does not
    /// stop at each. Where it cannot, they stop.
    void touch(std::uint64_t until) noexcept {
        for (bool more = true; more;) {
            const std::scoped_lock lock(mutex_); // never for long, for the one who writes may want to do without
            const std::uint64_t from = touched_.load(std::memory_order_relaxed);
            const std::uint64_t to = std::min({until, end_, from + step});
            touch_locked(from, to);
            more = to > from;
        }
    }

private:
    static constexpr std::uint64_t step = std::uint64_t{256} << 10;

    void touch_locked(std::uint64_t at, std::uint64_t to) noexcept {
        const std::uint64_t from = std::max(at, touched_.load(std::memory_order_relaxed));
        if (to <= from)
            return;
#ifdef MADV_POPULATE_WRITE
        const auto page = static_cast<std::uint64_t>(boost::interprocess::mapped_region::get_page_size());
        const std::uint64_t begin = from / page * page;
        (void)::madvise(mapping_->data() + begin, static_cast<std::size_t>(to - begin), MADV_POPULATE_WRITE);
#endif
        touched_.store(to, std::memory_order_relaxed);
    }

    std::mutex mutex_; // guards what follows, which only the one who writes changes, or the last to be here
    mmap_mapping* mapping_ = nullptr; // referenced once
    std::uint64_t end_ = 0;
    std::atomic<std::uint64_t> touched_{0}; // up to here the pages are there
};

} // namespace tusk::inline v0
