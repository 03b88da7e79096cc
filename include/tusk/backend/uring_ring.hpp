#pragma once

#include <tusk/backend/posix_file.hpp>
#include <tusk/core/home_process.hpp>

#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <mutex>

#include <liburing.h>
#include <time.h>

namespace tusk::inline v0 {

/// An io_uring of one place. Any number of threads: who finds it in use does without.
class uring_ring {
public:
    /// A ring that can write files and was seen to work. The system's error if it refuses to make one or to use
    /// it, ENOSYS if it is too old. Allocates; blocks for a few calls.
    [[nodiscard]] static result<std::unique_ptr<uring_ring>> make() noexcept {
        std::unique_ptr<uring_ring> made(new uring_ring);
        ::io_uring_params params{};
        if (const int outcome = ::io_uring_queue_init_params(/*entries=*/1, &made->ring_, &params); outcome < 0)
            return system_code(-outcome);
        made->made_ = made->works_ = true;
        if (!made->knows({IORING_OP_NOP, IORING_OP_WRITEV}))
            return system_code(ENOSYS);
        TUSK_TRY(made->try_out());
        return made;
    }

    uring_ring(const uring_ring&) = delete;
    ~uring_ring() {
        if (made_)
            ::io_uring_queue_exit(&ring_);
    }

    /// Writes the vectors, of which there is at least one, at `at`, and syncs what it has written as RWF_DSYNC does. Blocks
    /// until that has ended: `outcome` is how many bytes, or a negative errno. False, and nothing was begun, if the ring is in
    /// use, works no longer, or belongs to the process that this one was forked from.
    [[nodiscard]] bool write_synced(int descriptor, std::span<const ::iovec> vectors, std::uint64_t at,
                                    std::int32_t& outcome) noexcept {
        const std::unique_lock lock(mutex_, std::try_to_lock);
        if (!lock || !works_ || !home_.is_this())
            return false;
        ::io_uring_prep_writev2(::io_uring_get_sqe(&ring_), descriptor, vectors.data(),
                                static_cast<unsigned>(vectors.size()), at, RWF_DSYNC);
        if (!submit())
            return false;
        outcome = take();
        return true;
    }

private:
    uring_ring() noexcept = default;

    [[nodiscard]] bool knows(std::initializer_list<int> requests) noexcept {
        ::io_uring_probe* const found = ::io_uring_get_probe_ring(&ring_);
        bool all = found != nullptr;
        for (const int request : requests)
            all = all && ::io_uring_opcode_supported(found, request) != 0;
        ::io_uring_free_probe(found);
        return all;
    }

    // What lets a ring be made may still forbid its use.
    [[nodiscard]] result<void> try_out() noexcept {
        ::io_uring_prep_nop(::io_uring_get_sqe(&ring_));
        if (!submit())
            return system_code(refusal_);
        (void)take();
        return success();
    }

    // Hands over the request that was prepared. False if it was not begun: then the ring is not used again, for the request
    // still stands in it.
    [[nodiscard]] bool submit() noexcept {
        const int begun = uninterrupted([&] {
            const int outcome = ::io_uring_submit_and_wait(&ring_, 1);
            errno = outcome < 0 ? -outcome : 0;
            return outcome;
        });
        works_ = begun == 1;
        refusal_ = begun < 0 ? -begun : EAGAIN;
        return works_;
    }

    // How the request has ended. Until then the system may read what it names, so nothing ends this but that.
    [[nodiscard]] std::int32_t take() noexcept {
        ::io_uring_cqe* done = nullptr;
        for (int outcome = ::io_uring_peek_cqe(&ring_, &done); outcome < 0 || done == nullptr;
             outcome = ::io_uring_wait_cqe(&ring_, &done)) {
            if (outcome == 0 || outcome == -EINTR || outcome == -EAGAIN)
                continue;
            const ::timespec moment{.tv_sec = 0, .tv_nsec = 1'000'000}; // waiting is refused: looks now and then
            (void)::nanosleep(&moment, nullptr);
        }
        const std::int32_t taken = done->res;
        ::io_uring_cqe_seen(&ring_, done);
        return taken;
    }

    std::mutex mutex_;
    ::io_uring ring_{};
    bool made_ = false;
    bool works_ = false; // guarded by the lock
    int refusal_ = 0;
    const home_process home_; // a copy of what that process knows of the ring would go wrong beside the original
};

} // namespace tusk::inline v0
