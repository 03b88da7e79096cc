#pragma once

#include <tusk/core/callable.hpp>
#include <tusk/log/segment.hpp>

#include <mutex>

namespace tusk::inline v0 {

/// Has made ready what appends will soon fill in place, by another thread than theirs. Under the queue's lock, but for
/// what touch() does.
template<backend Backend>
class window_ahead {
public:
    using segment_ptr = tusk::segment_ptr<Backend>;

    explicit window_ahead(std::uint64_t bytes) noexcept : bytes_(bytes) {}

    /// Called when touch() would have something to do; must not block. Set before use.
    void on_need(callable<void()> f) noexcept { on_need_ = std::move(f); }
    /// Appends have come to `offset` of `s`.
    void reached(const segment_ptr& s, std::uint64_t offset) {
        if (on_need_ && (touched_ != s || until_ < offset + bytes_ / 2))
            on_need_();
    }
    /// Makes ready what lies ahead of `offset`, without `lock`.
    void touch(segment_ptr s, std::uint64_t offset, std::unique_lock<std::mutex>& lock) {
        if constexpr (touches_window<typename Backend::file>) {
            if (!s)
                return;
            const std::shared_ptr<typename Backend::file> file = s->file;
            const std::uint64_t until = until_ = offset + bytes_;
            touched_ = std::move(s);
            lock.unlock();
            file->touch_window(until);
        }
        (void)s, (void)offset, (void)lock;
    }

private:
    const std::uint64_t bytes_;
    segment_ptr touched_; // what the last touch() was for
    std::uint64_t until_ = 0;
    callable<void()> on_need_;
};

} // namespace tusk::inline v0
