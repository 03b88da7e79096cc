#pragma once

#include <tusk/backend/mmap_mapping.hpp>
#include <tusk/backend/posix_file.hpp>

#include <array>
#include <atomic>
#include <mutex>

namespace tusk::inline v0 {

/// Gives views of a file, and knows how far those that are still held reach. Any number of threads.
class mmap_views {
public:
    mmap_views() noexcept = default;
    mmap_views(const mmap_views&) = delete;
    ~mmap_views() { drop(); }

    /// Up to `size` bytes from `at` on, none of them beyond the file's end; fewer, or none, if they cannot be mapped.
    /// Allocates, and blocks for calls of the system, only where the file has grown since.
    [[nodiscard]] pinned_bytes view(const posix_file& file, std::uint64_t at, std::size_t size) noexcept {
        const std::uint64_t wanted = at + std::min<std::uint64_t>(size, UINT64_MAX - at);
        if (usable(newest_.load()) < wanted)
            map(file);
        mmap_mapping* const m = newest_.load();
        if (m == nullptr)
            return {};
        m->references.fetch_add(1); // it is there still, for this object has a reference to it
        pin kept(*m);
        // First it is said how far the view reaches, then looked how far the file does; cut() does these the other way
        // round, so that one of the two sees the other.
        const std::uint64_t hoped = std::min(wanted, usable(m));
        raise(shown_, hoped);
        const std::uint64_t end = std::min(hoped, usable(m));
        if (end <= at)
            return {};
        return {byte_view(m->data() + at, static_cast<std::size_t>(end - at)), std::move(kept)};
    }

    /// Runs `cut`, which ends the file at `at`, unless that would take away bytes that a view shows: then EBUSY.
    template<class Cut>
    [[nodiscard]] result<void> cut(std::uint64_t at, Cut&& cut) noexcept {
        const std::scoped_lock lock(mutex_);
        const std::uint64_t before = limit_.load();
        limit_.store(std::min(before, at));
        std::uint64_t shown = shown_.load();
        if (shown > at && is_held()) {
            limit_.store(before);
            return system_code(EBUSY);
        }
        if (shown > at)
            (void)shown_.compare_exchange_strong(shown, at); // those views are gone
        return cut();
    }

    /// Gives no more views. Alone.
    void drop() noexcept {
        newest_.store(nullptr);
        limit_.store(0);
        for (std::size_t i = 0; i < count_; ++i) {
            const pin last(*all_[i]);
        }
        count_ = 0;
    }

private:
    // A file that keeps growing is mapped anew a few times; after that it is read.
    static constexpr std::size_t most = 8;

    static void raise(std::atomic<std::uint64_t>& value, std::uint64_t to) noexcept {
        for (std::uint64_t now = value.load(); now < to && !value.compare_exchange_weak(now, to);) {
        }
    }

    // How much of the mapping the file is known to have.
    [[nodiscard]] std::uint64_t usable(const mmap_mapping* m) const noexcept {
        return m == nullptr ? 0 : std::min<std::uint64_t>(m->size(), limit_.load());
    }
    // Some view, of this file or of an entry that is read from it, is still there.
    [[nodiscard]] bool is_held() const noexcept {
        return std::any_of(all_.begin(), all_.begin() + static_cast<std::ptrdiff_t>(count_),
                           [](const mmap_mapping* m) { return m->references.load() > 1; });
    }

    void map(const posix_file& file) noexcept {
        const std::scoped_lock lock(mutex_);
        const result<std::uint64_t> size = file.size();
        if (!size || size.value() == 0)
            return;
        if (count_ < most && (count_ == 0 || all_[count_ - 1]->size() < size.value())) {
            mmap_mapping* const m = mmap_mapping::make(file.descriptor(), size.value(), boost::interprocess::read_only);
            if (m != nullptr) {
                all_[count_++] = m;
                newest_.store(m);
            }
        }
        limit_.store(size.value());
    }

    std::mutex mutex_;
    std::array<mmap_mapping*, most> all_{}; // each the larger, referenced once, for a view may begin in any at any time
    std::size_t count_ = 0;
    std::atomic<mmap_mapping*> newest_{nullptr};
    std::atomic<std::uint64_t> limit_{0}; // the file is known to be so large
    std::atomic<std::uint64_t> shown_{0}; // no view that is held reaches further
};

} // namespace tusk::inline v0
