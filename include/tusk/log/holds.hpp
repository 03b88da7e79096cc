#pragma once

#include <tusk/core/types.hpp>

#include <memory>
#include <mutex>
#include <set>

namespace tusk::inline v0 {

/// The indexes from which on somebody needs the entries.
class hold_list {
public:
    void add(index_t from) {
        const std::scoped_lock lock(mutex_);
        from_.insert(from);
    }
    void remove(index_t from) {
        const std::scoped_lock lock(mutex_);
        from_.erase(from_.find(from));
    }
    /// The lowest of them; the highest number there is if there are none.
    [[nodiscard]] index_t lowest() const {
        const std::scoped_lock lock(mutex_);
        return from_.empty() ? UINT64_MAX : *from_.begin();
    }

private:
    mutable std::mutex mutex_;
    std::multiset<index_t> from_;
};

/// Keeps entries from being dropped, for a backup or a slow follower: until it is destroyed, drop_before() above its
/// index is refused with errc::held. May outlive the log.
class hold {
public:
    hold() = default;
    hold(std::shared_ptr<hold_list> list, index_t from) : list_(std::move(list)), from_(from) { list_->add(from_); }
    hold(hold&& other) noexcept = default;
    hold& operator=(hold&& other) noexcept {
        release();
        list_ = std::move(other.list_);
        from_ = other.from_;
        return *this;
    }
    ~hold() { release(); }

    /// The first index that is kept.
    [[nodiscard]] index_t from() const noexcept { return from_; }
    /// Lets go before the end of its life.
    void release() noexcept {
        if (list_)
            list_->remove(from_);
        list_.reset();
    }

private:
    std::shared_ptr<hold_list> list_;
    index_t from_ = 0;
};

} // namespace tusk::inline v0
