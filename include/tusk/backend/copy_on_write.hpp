#pragma once

#include <tusk/version.hpp>

#include <atomic>
#include <cstddef>
#include <utility>

namespace tusk::inline v0 {

/// A value whose copies share it until one of them changes. Copies may be used by different threads, one by one thread.
template<class T>
class copy_on_write {
public:
    copy_on_write() : shared_(new shared) {}
    copy_on_write(const copy_on_write& other) noexcept : shared_(other.shared_) {
        shared_->owners.fetch_add(1, std::memory_order_relaxed);
    }
    /// What is left of `other` may only be assigned to or destroyed.
    copy_on_write(copy_on_write&& other) noexcept : shared_(std::exchange(other.shared_, nullptr)) {}
    copy_on_write& operator=(copy_on_write other) noexcept {
        std::swap(shared_, other.shared_);
        return *this;
    }
    ~copy_on_write() { drop(shared_); }

    [[nodiscard]] const T& read() const noexcept { return shared_->value; }

    /// The value to be changed, which no other copy sees from now on.
    [[nodiscard]] T& change() {
        if (shared_->owners.load(std::memory_order_acquire) != 1) {
            shared* const own = new shared{.value = shared_->value};
            drop(std::exchange(shared_, own));
        }
        return shared_->value;
    }

private:
    struct shared {
        std::atomic<std::size_t> owners{1};
        T value{};
    };

    static void drop(shared* s) noexcept {
        if (s != nullptr && s->owners.fetch_sub(1, std::memory_order_acq_rel) == 1)
            delete s;
    }

    shared* shared_;
};

} // namespace tusk::inline v0
