#pragma once

#include <tusk/log/commit_group.hpp>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <vector>

namespace tusk::inline v0 {

/// The groups of a log: those that wait to be written, oldest first, those that a leader has taken, and the free ones.
/// What follows `mutex()` is called with that lock held, which guards the end of the log too; the rest takes it.
template<backend Backend>
class group_list {
public:
    using group = commit_group<Backend>;

    /// The youngest group that is not written, referenced; none if there is none. A leader may be writing it.
    [[nodiscard]] group* youngest() noexcept {
        const std::scoped_lock lock(mutex_);
        group* const g = last_ != nullptr ? last_ : writing_;
        if (g != nullptr)
            g->references.fetch_add(1, std::memory_order_relaxed);
        return g;
    }
    /// What take_up_to() has taken is written, or has failed, and its groups say so: from `first` to `target`, but for
    /// `put_back` and what follows. Gives back the references that the list has of them.
    void settled(group* first, const group* put_back, const group& target) noexcept {
        const std::scoped_lock lock(mutex_);
        if (put_back == nullptr && writing_ == &target)
            writing_ = nullptr;
        while (first != put_back) {
            group* const next = first->next;
            if (first->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
                recycle(*first);
            first = next;
        }
    }
    /// How many wait in a call for a sync of what no leader has taken.
    [[nodiscard]] std::uint32_t callers() const noexcept {
        const std::scoped_lock lock(mutex_);
        return count_callers();
    }
    /// Likewise; nothing if nobody else can join `g`.
    [[nodiscard]] std::optional<std::uint32_t> callers_beside(const group& g) const noexcept {
        const std::scoped_lock lock(mutex_);
        return g.closed || g.large ? std::nullopt : std::optional(count_callers());
    }
    /// `g` has failed.
    void fail(group& g, std::error_code why) noexcept {
        const std::scoped_lock lock(mutex_);
        fail_locked(g, why);
    }
    /// Why `g` has failed, or was put back.
    [[nodiscard]] std::error_code error_of(const group& g) const noexcept {
        const std::scoped_lock lock(mutex_);
        return g.error;
    }
    /// Gives a reference back.
    void release(group& g) noexcept {
        if (g.references.fetch_sub(1, std::memory_order_acq_rel) != 1)
            return;
        const std::scoped_lock lock(mutex_);
        recycle(g);
    }

    [[nodiscard]] std::mutex& mutex() const noexcept { return mutex_; }

    /// A group that is free; null if there is none.
    [[nodiscard]] group* take_free() {
        if (group* const g = free_; g != nullptr) {
            free_ = std::exchange(g->next, nullptr);
            return g;
        }
        if (all_.size() == max_groups)
            return nullptr;
        return all_.emplace_back(std::make_unique<group>()).get();
    }
    /// No group is free: gives the oldest that waits, referenced, if nobody leads it; else blocks until there may be a
    /// free one, with the lock given up meanwhile.
    [[nodiscard]] group* oldest_or_wait(std::unique_lock<std::mutex>& lock) {
        if (first_ != nullptr && !first_->claimed.load(std::memory_order_acquire)) {
            first_->references.fetch_add(1, std::memory_order_relaxed);
            return first_;
        }
        ++starved_;
        freed_.wait(lock, [this, before = put_backs_] { // who took the free one need not lead any other
            const bool unled = first_ != nullptr && !first_->claimed.load(std::memory_order_acquire);
            return free_ != nullptr || unled || put_backs_ != before;
        });
        --starved_;
        return nullptr;
    }
    /// `g` waits to be written, behind all others. It is referenced once, by the list.
    void add(group& g) noexcept {
        g.references.store(1, std::memory_order_relaxed);
        if (last_ != nullptr)
            last_->next = &g;
        else
            first_ = &g;
        last_ = &g;
    }
    /// The youngest group that is not written, if it is shared and filled: then it is in the file, and all before it is.
    [[nodiscard]] group* filled_in_file() const noexcept {
        group* const g = last_ != nullptr ? last_ : writing_;
        return g != nullptr && g->is_shared && g->closed && g->places.is_filled(g->size) ? g : nullptr;
    }
    [[nodiscard]] bool several_wait() const noexcept { return first_ != last_; }
    /// True if everything before `g` is written.
    [[nodiscard]] bool is_oldest(const group& g) const noexcept { return first_ == &g && writing_ == nullptr; }
    /// Takes the groups up to `target` out of those that wait, oldest first, linked.
    [[nodiscard]] group* take_up_to(group& target) noexcept {
        target.claimed.store(true, std::memory_order_relaxed);
        writing_ = &target;
        group* const first = std::exchange(first_, target.next);
        target.next = nullptr;
        if (first_ == nullptr)
            last_ = nullptr;
        return first;
    }
    /// `first`, which a leader has taken with all up to `target`, could not be written. If anything that is not written
    /// was acknowledged, puts them back, to be tried again at the same place before all others: those who wait in them
    /// are told. False if nothing was.
    [[nodiscard]] bool put_back(group& first, group& target, std::error_code why) noexcept {
        const auto acknowledged = [](const group* g) {
            while (g != nullptr && !g->holds_back)
                g = g->next;
            return g != nullptr;
        };
        if (!acknowledged(&first) && !acknowledged(first_))
            return false;
        for (group* g = &first; g != nullptr; g = g->next) {
            g->error = why;
            g->put_off();
        }
        target.next = std::exchange(first_, &first);
        if (last_ == nullptr)
            last_ = &target;
        if (writing_ == &target)
            writing_ = nullptr;
        ++put_backs_;
        freed_.notify_all();
        return true;
    }
    /// All that wait have failed. Gives the segments that they would have begun.
    [[nodiscard]] std::vector<segment_ptr<Backend>> fail_waiting(std::error_code why) noexcept {
        std::vector<segment_ptr<Backend>> begun;
        for (group* g = std::exchange(first_, nullptr); g != nullptr;) {
            group* const next = g->next;
            g->abandon(begun);
            fail_locked(*g, why);
            if (g->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
                recycle(*g);
            g = next;
        }
        last_ = nullptr;
        return begun;
    }

private:
    [[nodiscard]] std::uint32_t count_callers() const noexcept {
        std::uint32_t all = 0;
        for (const group* g = first_; g != nullptr; g = g->next)
            all += g->callers;
        return all;
    }
    static void fail_locked(group& g, std::error_code why) noexcept {
        g.error = why;
        g.reach(group_state::failed);
    }
    void recycle(group& g) noexcept {
        g.reuse();
        g.next = free_;
        free_ = &g;
        if (starved_ > 0)
            freed_.notify_all();
    }

    static constexpr std::size_t max_groups = 8;

    mutable std::mutex mutex_;
    std::condition_variable freed_;
    std::uint32_t starved_ = 0;
    std::uint64_t put_backs_ = 0;
    std::vector<std::unique_ptr<group>> all_;
    group* free_ = nullptr;
    group* first_ = nullptr; // not written yet, oldest first
    group* last_ = nullptr;
    group* writing_ = nullptr; // the youngest that a leader has taken, until it is settled
};

} // namespace tusk::inline v0
