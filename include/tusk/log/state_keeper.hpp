#pragma once

#include <tusk/log/state_file.hpp>

#include <mutex>

namespace tusk::inline v0 {

/// The state of an open log and its file, changed together by any number of threads.
template<backend Backend>
class state_keeper {
public:
    state_keeper(state_file<Backend> file, log_state state) noexcept : file_(std::move(file)), state_(state) {}

    /// Makes certain of the state that `found` is, before anything is built on it; numbers below `unused` were given.
    [[nodiscard]] result<void> affirm(const typename state_file<Backend>::content& found, segment_t unused) noexcept {
        const std::scoped_lock lock(mutex_);
        TUSK_TRY(file_.affirm(found)); // as it was read: what is raised here goes with the next generation
        state_.next_segment = std::max(state_.next_segment, unused);
        return success();
    }

    /// Applies `change` to the state and makes it durable: in both slots, if something will be removed or reused that the
    /// older slot still needs, else in one. Blocks for one write and sync a slot. On failure, get() tells whether the
    /// change counts: it does if one slot has it for certain, and then only what needs both slots must not be done.
    template<class Change>
    [[nodiscard]] result<void> update(Change&& change, bool both) noexcept {
        const std::scoped_lock lock(mutex_);
        log_state next = state_;
        change(next);
        const result<void> done = file_.commit(next, both);
        if (next.generation != state_.generation)
            state_ = next;
        return done;
    }

    /// A copy of the state.
    [[nodiscard]] log_state get() const noexcept {
        const std::scoped_lock lock(mutex_);
        return state_;
    }

    [[nodiscard]] result<void> write_witness(state_witness w) noexcept {
        const std::scoped_lock lock(mutex_);
        return file_.write_witness(state_.log, w);
    }

    [[nodiscard]] result<void> close() noexcept {
        const std::scoped_lock lock(mutex_);
        return file_.close();
    }

private:
    mutable std::mutex mutex_;
    state_file<Backend> file_;
    log_state state_;
};

} // namespace tusk::inline v0
