#pragma once

#include <tusk/core/callable.hpp>
#include <tusk/core/clock.hpp>

#include <cassert>
#include <thread>
#include <vector>

namespace tusk::inline v0 {

/// Something that an executor runs again and again. All but `run` is guarded by the executor's lock.
struct job {
    static constexpr std::size_t nowhere = SIZE_MAX;

    callable<void()> run;
    steady_time due{};           ///< when to run: meaningful while it is queued, or `again`
    std::size_t place = nowhere; ///< in the queue
    bool running = false;
    bool again = false; ///< was asked for while it ran: to be queued when it is done
    bool cancelled = false;
    std::thread::id runner{}; ///< the thread that runs it

    [[nodiscard]] bool queued() const noexcept { return place != nowhere; }
};

/// Jobs by the time at which they are due: a binary heap in which each job knows its place, so that one can be moved or
/// taken out in logarithmic time. Allocates in make_room() alone. Not thread-safe.
class job_queue {
public:
    [[nodiscard]] bool empty() const noexcept { return heap_.empty(); }
    /// The one that is due first.
    [[nodiscard]] job& first() const noexcept { return *heap_.front(); }

    /// Room for so many jobs at once.
    void make_room(std::size_t jobs) noexcept { heap_.reserve(jobs); }

    /// Queues a job, or moves one that is queued to another time.
    void put(job& j, steady_time due) noexcept {
        if (!j.queued()) {
            assert(heap_.size() < heap_.capacity());
            j.place = heap_.size();
            heap_.push_back(&j);
        }
        j.due = due;
        settle(j);
    }

    /// Takes a job out, if it is queued.
    void remove(job& j) noexcept {
        if (!j.queued())
            return;
        job& last = *heap_.back();
        heap_.pop_back();
        if (&last != &j) {
            set(j.place, last);
            settle(last);
        }
        j.place = job::nowhere;
    }

private:
    void set(std::size_t place, job& j) noexcept {
        heap_[place] = &j;
        j.place = place;
    }

    void exchange(job& a, job& b) noexcept {
        const std::size_t place = a.place;
        set(b.place, a);
        set(place, b);
    }

    // Moves one job whose time has changed to where it belongs.
    void settle(job& j) noexcept {
        while (j.place > 0 && j.due < heap_[(j.place - 1) / 2]->due)
            exchange(j, *heap_[(j.place - 1) / 2]);
        for (;;) {
            std::size_t child = 2 * j.place + 1;
            if (child + 1 < heap_.size() && heap_[child + 1]->due < heap_[child]->due)
                ++child;
            if (child >= heap_.size() || heap_[child]->due >= j.due)
                return;
            exchange(j, *heap_[child]);
        }
    }

    std::vector<job*> heap_;
};

} // namespace tusk::inline v0
