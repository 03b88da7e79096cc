#pragma once

#include <tusk/core/job_queue.hpp>
#include <tusk/core/result.hpp>
#include <tusk/core/start_thread.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>

namespace tusk::inline v0 {

/// Runs jobs at their times on up to a number of threads, which it starts as they are needed: one is there to watch the
/// clock as long as another can be started, so a job that blocks does not hold up the others until all threads do.
/// With no threads at all, jobs that are due at once run on the thread that asks for them, and those that are due later
/// never run. Its end must come after that of its jobs, and joins its threads.
class executor {
public:
    /// How threads are started. Called with a lock held, so it must not schedule anything.
    using thread_starter = callable<result<std::thread>(callable<void()>)>;

    explicit executor(unsigned most_threads, thread_starter start = &start_thread) noexcept
        : start_(std::move(start)), most_threads_(most_threads) {
        threads_.reserve(most_threads);
    }
    executor(const executor&) = delete;
    executor& operator=(const executor&) = delete;
    ~executor() {
        {
            const std::scoped_lock lock(mutex_);
            assert(jobs_ == 0);
            stopping_ = true;
        }
        watcher_.notify_one();
        sleepers_.notify_all();
        for (std::thread& t : threads_)
            t.join();
    }

    [[nodiscard]] bool has_threads() const noexcept { return most_threads_ > 0; }

    /// Makes room for one more job, before it is scheduled. Allocates.
    void enrol() noexcept {
        const std::scoped_lock lock(mutex_);
        queue_.make_room(++jobs_);
    }
    /// The opposite, for a job that was cancelled.
    void leave() noexcept {
        const std::scoped_lock lock(mutex_);
        --jobs_;
    }

    /// See background_task::schedule().
    [[nodiscard]] result<void> schedule(job& j, nanoseconds delay) noexcept {
        std::unique_lock lock(mutex_);
        if (j.cancelled)
            return errc::cancelled;
        if (!has_threads() && delay > nanoseconds(0))
            return success();
        const steady_time due = time_in(delay);
        if (j.running) {
            j.due = j.again ? std::min(j.due, due) : due;
            j.again = true;
            return success();
        }
        if (!has_threads()) {
            run(j, lock);
            return success();
        }
        if (j.queued() && j.due <= due)
            return success();
        if (idle_ == 0 && !add_thread() && threads_.empty())
            return refused_;
        add(j, due);
        return success();
    }

    /// See background_task::cancel_and_wait().
    void cancel_and_wait(job& j) noexcept {
        std::unique_lock lock(mutex_);
        assert(!j.running || j.runner != std::this_thread::get_id()); // it would wait for itself
        j.cancelled = true;
        queue_.remove(j);
        finished_.wait(lock, [&] { return !j.running; });
    }

private:
    [[nodiscard]] static steady_time time_in(nanoseconds delay) noexcept {
        const steady_time now = steady_clock::now();
        return delay < steady_time::max() - now ? now + delay : steady_time::max();
    }

    // What each thread does. It is idle whenever it does not run a job.
    void work() noexcept {
        std::unique_lock lock(mutex_);
        while (!stopping_) {
            if (queue_.empty() || queue_.first().due > steady_clock::now()) {
                rest(lock);
                continue;
            }
            job& j = queue_.first();
            queue_.remove(j);
            --idle_;
            leave_a_watcher();
            run(j, lock);
            ++idle_;
        }
    }

    // Waits: for the first job if nobody else does, else until somebody is needed.
    void rest(std::unique_lock<std::mutex>& lock) noexcept {
        if (queue_.empty() || watched_) {
            sleepers_.wait(lock);
            return;
        }
        const steady_time due = queue_.first().due; // a copy: the job may be gone when the wait is over
        watched_ = true;
        watcher_.wait_until(lock, due);
        watched_ = false;
    }

    // Before a thread turns from the clock to a job.
    void leave_a_watcher() noexcept {
        if (queue_.empty() || watched_)
            return;
        if (idle_ > 0)
            sleepers_.notify_one();
        else
            (void)add_thread(); // if there is none to be had, this one looks again when it is done
    }

    // Whoever comes back from a job looks at the queue too, so nobody has to be woken for it if all are busy.
    void add(job& j, steady_time due) noexcept {
        queue_.put(j, due);
        if (!watched_)
            sleepers_.notify_one();
        else if (&queue_.first() == &j)
            watcher_.notify_one();
    }

    // Runs a job and unlocks meanwhile. Afterwards it may be gone, so nobody touches it once the lock is given back.
    void run(job& j, std::unique_lock<std::mutex>& lock) noexcept {
        j.running = true;
        j.runner = std::this_thread::get_id();
        do {
            j.again = false;
            lock.unlock();
            j.run();
            lock.lock();
        } while (j.again && !j.cancelled && !has_threads());
        j.running = false;
        if (j.cancelled)
            finished_.notify_all();
        else if (j.again)
            add(j, j.due);
    }

    [[nodiscard]] bool add_thread() noexcept {
        if (threads_.size() == most_threads_)
            return false;
        result<std::thread> thread = start_([this] { work(); });
        if (!thread) {
            refused_ = thread.error();
            return false;
        }
        threads_.push_back(std::move(thread).value());
        ++idle_;
        return true;
    }

    std::mutex mutex_;
    std::condition_variable watcher_;  // the one idle thread that waits for a time
    std::condition_variable sleepers_; // the other idle threads
    std::condition_variable finished_; // those who wait for a cancelled job
    job_queue queue_;
    std::vector<std::thread> threads_;
    thread_starter start_;
    std::error_code refused_; // why no thread could be started the last time
    const unsigned most_threads_;
    std::size_t jobs_ = 0;
    std::size_t idle_ = 0;
    bool watched_ = false;
    bool stopping_ = false;
};

} // namespace tusk::inline v0
