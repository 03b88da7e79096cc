#pragma once

#include <tusk/core/types.hpp>

#include <memory>
#include <mutex>
#include <set>

namespace tusk::inline v0 {

/// The indexes from which on somebody needs the entries.
class hold_list {
public:
    /// False, and nothing is held, if what lies there is being dropped.
    [[nodiscard]] bool add(index_t from) {
        const std::scoped_lock lock(mutex_);
        if (from < dropping_)
            return false;
        from_.insert(from);
        return true;
    }
    void remove(index_t from) {
        const std::scoped_lock lock(mutex_);
        from_.erase(from_.find(from));
    }
    /// What lies below `first` is about to be dropped, and held by nobody until end_drop(). False if it is held. One at a
    /// time.
    [[nodiscard]] bool begin_drop(index_t first) {
        const std::scoped_lock lock(mutex_);
        if (!from_.empty() && *from_.begin() < first)
            return false;
        dropping_ = first;
        return true;
    }
    void end_drop() {
        const std::scoped_lock lock(mutex_);
        dropping_ = 0;
    }

private:
    mutable std::mutex mutex_;
    std::multiset<index_t> from_;
    index_t dropping_ = 0;
};

/// Keeps entries from being dropped, for a backup or a slow follower: until it is destroyed, drop_before() above its
/// index is refused with errc::held. May outlive the log.
class hold {
public:
    hold() = default;
    /// Takes over what was added to `list`.
    hold(std::shared_ptr<hold_list> list, index_t from) noexcept : list_(std::move(list)), from_(from) {}
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
