#pragma once

#include <tusk/core/executor.hpp>

#include <memory>

namespace tusk::inline v0 {

/// Where timers and short jobs run, for any number of logs. A handle: copies mean the same executor, which lives as long
/// as one of them or a task. Starts no thread before the first task is scheduled. After a fork, the child has none of
/// the threads: an executor that had started one must not be used there; one that had not may be.
class background {
public:
    /// Any executor: one with another number of threads, or with another way to start them.
    explicit background(std::shared_ptr<executor> runs_on) noexcept : executor_(std::move(runs_on)) {}

    /// The process's own, with up to 4 threads. It is never destroyed, so that logs with static storage can still be
    /// closed; its threads end with the process, which for a log that is not closed by then is no more than a crash. A
    /// shared library that may be unloaded needs own() instead, closed before that.
    [[nodiscard]] static background shared() noexcept {
        // NOLINTNEXTLINE(bugprone-unhandled-exception-at-new): without memory for this, the program ends
        static const background& forever = *new background(std::make_shared<executor>(4));
        return forever;
    }
    /// A new one, with so many threads: with one, a job that blocks holds up all others.
    [[nodiscard]] static background own(unsigned most_threads = 1) noexcept {
        assert(most_threads > 0);
        return background(std::make_shared<executor>(most_threads));
    }
    /// A new one without threads: a task that is scheduled without delay runs at once on the caller's thread, and one
    /// that is scheduled for later never runs.
    // NOLINTNEXTLINE(readability-identifier-naming): inline is a keyword
    [[nodiscard]] static background inline_() noexcept { return background(std::make_shared<executor>(0)); }

    /// True if it has no threads.
    [[nodiscard]] bool is_inline() const noexcept { return !executor_->has_threads(); }

private:
    friend class background_task;

    std::shared_ptr<executor> executor_;
};

/// A job of one owner, to be run in the background whenever the owner says so; never twice at the same time. The job
/// must not throw and should not block for longer than a sync takes. All functions may be called by any thread at once.
class background_task {
public:
    /// Does not run anything yet. Allocates.
    background_task(background where, callable<void()> run) noexcept
        : executor_(std::move(where.executor_)), job_{.run = std::move(run)} {
        executor_->enrol();
    }
    background_task(const background_task&) = delete;
    background_task& operator=(const background_task&) = delete;
    /// As cancel_and_wait().
    ~background_task() {
        cancel_and_wait();
        executor_->leave();
    }

    /// Runs the job once `delay` is over, by the steady clock, or soon after. If it is scheduled already, the earlier of
    /// the two times counts; if it is running, it will run again, so it sees what was done before the call. Does not
    /// block or allocate, but that of the first calls each may start a thread. errc::cancelled after cancel_and_wait();
    /// the system's error if not even one thread can be started: then nothing is scheduled.
    [[nodiscard]] result<void> schedule(nanoseconds delay) noexcept { return executor_->schedule(job_, delay); }

    /// Forgets the time that was set, blocks while the job is running, and refuses all further times: from then on
    /// what the job uses may be destroyed. Must not be called by the job itself.
    void cancel_and_wait() noexcept { executor_->cancel_and_wait(job_); }

private:
    std::shared_ptr<executor> executor_;
    job job_;
};

} // namespace tusk::inline v0
