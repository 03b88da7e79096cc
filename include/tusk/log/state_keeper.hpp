#pragma once

#include <tusk/log/state_file.hpp>

#include <mutex>

namespace tusk::inline v0 {

/// The state of an open log and its file, changed together by any number of threads.
template<backend Backend>
class state_keeper {
public:
    state_keeper(state_file<Backend> file, log_state state) noexcept : file_(std::move(file)), state_(state) {}

    /// Applies `change` to the state and makes it durable: in both slots, if something will be removed or reused that the
    /// older slot still needs, else in one. Blocks for one write and sync a slot. On failure the state is what it was,
    /// though the file may hold the change: the caller has promised nothing yet.
    template<class Change>
    [[nodiscard]] result<void> update(Change&& change, bool both) noexcept {
        const std::scoped_lock lock(mutex_);
        log_state next = state_;
        change(next);
        const result<void> done = file_.commit(next, both);
        if (done)
            state_ = next;
        else
            state_.generation = next.generation; // the slot that was written is the newest now: the other one is next
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
