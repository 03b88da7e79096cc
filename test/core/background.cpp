#include <tusk/core/background.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <deque>
#include <optional>

using namespace tusk;
using namespace std::chrono_literals;

namespace core_background {

constexpr nanoseconds now{0};
constexpr nanoseconds in_a_day = 24h;

/// A number that goes up, and that others can wait for.
class tally {
public:
    void count() {
        const std::scoped_lock lock(mutex_);
        ++count_;
        changed_.notify_all();
    }
    /// True once it is `n`; false if that takes so long that it will never be.
    [[nodiscard]] bool reaches(int n) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, 60s, [&] { return count_ >= n; });
    }
    [[nodiscard]] int get() {
        const std::scoped_lock lock(mutex_);
        return count_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    int count_ = 0;
};

/// A job that blocks until it is let go.
class blocker {
public:
    explicit blocker(const background& where)
        : task_(where, [this] {
              entered_.count();
              (void)released_.reaches(1);
          }) {}
    ~blocker() { release(); }

    /// Blocks a thread, from when it returns on.
    [[nodiscard]] bool block() { return task_.schedule(now) && entered_.reaches(1); }
    void release() { released_.count(); }

private:
    tally entered_;
    tally released_;
    background_task task_;
};

/// Threads as a test wants them: counts them, and refuses to start more than so many.
struct thread_source {
    std::atomic<int> started{0};
    std::atomic<int> most{1000};

    [[nodiscard]] background with(unsigned most_threads) {
        return background(
            std::make_shared<executor>(most_threads, [this](callable<void()> body) -> result<std::thread> {
                if (started == most)
                    return std::errc::resource_unavailable_try_again;
                ++started;
                return start_thread(std::move(body));
            }));
    }
};

/// Runs something behind everything that is due, on an executor with one thread.
[[nodiscard]] bool all_due_has_run(const background& where) {
    tally ran;
    background_task last(where, [&] { ran.count(); });
    return last.schedule(now) && ran.reaches(1);
}

/// What a log with static storage does: it uses the shared executor when the program is nearly over.
struct late_user {
    bool active = false;
    ~late_user() {
        if (!active)
            return;
        tally ran;
        background_task task(background::shared(), [&] { ran.count(); });
        if (!task.schedule(now) || !ran.reaches(1))
            std::abort();
    }
} late;

} // namespace core_background

BOOST_AUTO_TEST_SUITE(core_background)

BOOST_AUTO_TEST_CASE(runs_what_is_due) {
    tally ran;
    background_task task(background::own(), [&] { ran.count(); });
    BOOST_TEST(task.schedule(now).has_value());
    BOOST_TEST(ran.reaches(1));
    BOOST_TEST(task.schedule(1ms).has_value());
    BOOST_TEST(ran.reaches(2));
}

BOOST_AUTO_TEST_CASE(runs_nothing_before_its_time) {
    tally ran;
    steady_time at;
    background_task task(background::own(), [&] {
        at = steady_clock::now();
        ran.count();
    });
    const steady_time asked = steady_clock::now();
    BOOST_TEST(task.schedule(30ms).has_value());
    BOOST_TEST(ran.reaches(1));
    BOOST_TEST((at - asked >= 30ms));
}

BOOST_AUTO_TEST_CASE(starts_no_thread_before_there_is_work) {
    thread_source threads;
    const background where = threads.with(4);
    background_task task(where, [] {});
    background_task other(where, [] {});
    BOOST_TEST(threads.started == 0);
    BOOST_TEST(task.schedule(in_a_day).has_value());
    BOOST_TEST(other.schedule(in_a_day).has_value());
    BOOST_TEST(threads.started == 1); // which watches the clock for both
}

BOOST_AUTO_TEST_CASE(the_earlier_of_two_times_wins) {
    tally ran;
    background_task task(background::own(), [&] { ran.count(); });
    BOOST_TEST(task.schedule(in_a_day).has_value());
    BOOST_TEST(task.schedule(now).has_value());
    BOOST_TEST(ran.reaches(1));
    BOOST_TEST(task.schedule(1ms).has_value());
    BOOST_TEST(task.schedule(in_a_day).has_value());
    BOOST_TEST(ran.reaches(2));
}

BOOST_AUTO_TEST_CASE(wakes_up_for_what_is_due_before_the_next) {
    const background where = background::own();
    background_task tomorrow(where, [] {});
    BOOST_TEST(tomorrow.schedule(in_a_day).has_value());
    tally ran;
    background_task today(where, [&] { ran.count(); });
    for (int i = 1; i <= 100; ++i) {
        BOOST_TEST(today.schedule(nanoseconds(10us)).has_value());
        BOOST_TEST(ran.reaches(i));
    }
}

BOOST_AUTO_TEST_CASE(asked_twice_it_runs_once) {
    const background where = background::own();
    tally ran;
    background_task task(where, [&] { ran.count(); });
    blocker busy(where);
    BOOST_REQUIRE(busy.block());
    BOOST_TEST(task.schedule(now).has_value());
    BOOST_TEST(task.schedule(now).has_value());
    busy.release();
    BOOST_TEST(all_due_has_run(where));
    BOOST_TEST(ran.get() == 1);
}

BOOST_AUTO_TEST_CASE(runs_in_the_order_of_times) {
    const background where = background::own();
    std::string order;
    background_task a(where, [&] { order += 'a'; });
    background_task b(where, [&] { order += 'b'; });
    background_task c(where, [&] { order += 'c'; });
    blocker busy(where);
    BOOST_REQUIRE(busy.block());
    BOOST_TEST(a.schedule(-1s).has_value());
    BOOST_TEST(b.schedule(-3s).has_value());
    BOOST_TEST(c.schedule(-2s).has_value());
    busy.release();
    BOOST_TEST(all_due_has_run(where));
    BOOST_TEST(order == "bca");
}

BOOST_AUTO_TEST_CASE(never_comes_for_a_time_that_never_comes) {
    const background where = background::own();
    tally ran;
    background_task task(where, [&] { ran.count(); });
    BOOST_TEST(task.schedule(nanoseconds::max()).has_value());
    BOOST_TEST(all_due_has_run(where));
    BOOST_TEST(ran.get() == 0);
    BOOST_TEST(task.schedule(now).has_value());
    BOOST_TEST(ran.reaches(1));
}

BOOST_AUTO_TEST_CASE(runs_again_if_asked_while_it_runs) {
    tally entered;
    tally released;
    background_task task(background::own(4), [&] {
        entered.count();
        (void)released.reaches(1);
    });
    BOOST_TEST(task.schedule(now).has_value());
    BOOST_REQUIRE(entered.reaches(1));
    BOOST_TEST(task.schedule(in_a_day).has_value());
    BOOST_TEST(task.schedule(now).has_value());
    BOOST_TEST(task.schedule(in_a_day).has_value());
    released.count();
    BOOST_TEST(entered.reaches(2));
}

BOOST_AUTO_TEST_CASE(a_job_may_ask_for_itself_again) {
    tally ran;
    std::optional<background_task> task;
    std::atomic<bool> refused{false};
    task.emplace(background::own(), [&] {
        ran.count();
        if (ran.get() < 1000 && !task->schedule(now))
            refused = true;
    });
    BOOST_TEST(task->schedule(now).has_value());
    BOOST_TEST(ran.reaches(1000));
    BOOST_TEST(!refused);
}

BOOST_AUTO_TEST_CASE(a_job_may_ask_for_itself_later_while_another_is_watched) {
    const background where = background::own(2);
    background_task tomorrow(where, [] {});
    BOOST_TEST(tomorrow.schedule(in_a_day).has_value());
    tally ran;
    std::optional<background_task> task;
    task.emplace(where, [&] {
        ran.count();
        (void)task->schedule(1us);
    });
    BOOST_TEST(task->schedule(now).has_value());
    BOOST_TEST(ran.reaches(100));
    task->cancel_and_wait(); // and not reset() alone, by which the job would lose its task under its feet
}

BOOST_AUTO_TEST_CASE(never_runs_twice_at_once_and_misses_nothing) {
    std::atomic<int> asked{0};
    std::atomic<int> inside{0};
    std::atomic<bool> overlapped{false};
    tally all_seen;
    background_task task(background::own(4), [&] {
        if (++inside != 1)
            overlapped = true;
        if (asked == 4000)
            all_seen.count();
        --inside;
    });
    std::vector<std::thread> askers;
    for (int t = 0; t < 4; ++t)
        askers.emplace_back([&] {
            for (int i = 0; i < 1000; ++i) {
                ++asked;
                (void)task.schedule(now);
            }
        });
    for (std::thread& t : askers)
        t.join();
    BOOST_TEST(all_seen.reaches(1));
    BOOST_TEST(!overlapped);
}

BOOST_AUTO_TEST_CASE(cancelling_waits_for_the_job) {
    tally entered;
    bool finished = false; // not atomic: ThreadSanitizer knows if the wait did not order the two
    std::optional<background_task> task;
    task.emplace(background::own(), [&] {
        entered.count();
        std::this_thread::sleep_for(20ms); // for a cancel that does not wait to be found out
        finished = true;
    });
    BOOST_TEST(task->schedule(now).has_value());
    BOOST_REQUIRE(entered.reaches(1));
    task->cancel_and_wait();
    BOOST_TEST(finished);
    finished = false;
    task.reset();
    BOOST_TEST(!finished);
}

BOOST_AUTO_TEST_CASE(does_not_run_once_it_is_cancelled) {
    const background where = background::own();
    tally ran;
    background_task task(where, [&] { ran.count(); });
    blocker busy(where);
    BOOST_REQUIRE(busy.block());
    BOOST_TEST(task.schedule(now).has_value());
    task.cancel_and_wait();
    BOOST_TEST((task.schedule(now).error() == errc::cancelled));
    busy.release();
    BOOST_TEST(all_due_has_run(where));
    BOOST_TEST(ran.get() == 0);
}

BOOST_AUTO_TEST_CASE(cancelling_ends_a_job_that_goes_on_and_on) {
    const background where = background::own();
    tally ran;
    std::optional<background_task> task;
    task.emplace(where, [&] {
        ran.count();
        (void)task->schedule(now);
    });
    BOOST_TEST(task->schedule(now).has_value());
    BOOST_REQUIRE(ran.reaches(10));
    task->cancel_and_wait();
    const int before = ran.get();
    BOOST_TEST(all_due_has_run(where));
    BOOST_TEST(ran.get() == before);
}

BOOST_AUTO_TEST_CASE(tasks_come_and_go_while_others_run) {
    const background where = background::own(4);
    std::atomic<int> ran{0};
    std::vector<std::thread> owners;
    for (int t = 0; t < 4; ++t)
        owners.emplace_back([&, t] {
            for (int i = 0; i < 300; ++i) {
                int mine = 0;
                {
                    background_task task(where, [&] { ++mine; });
                    (void)task.schedule(nanoseconds((i + t) % 3 * 1000));
                    if (i % 2 == 0)
                        std::this_thread::yield();
                }
                ran += mine;
            }
        });
    for (std::thread& t : owners)
        t.join();
    BOOST_TEST(ran <= 1200);
}

BOOST_AUTO_TEST_CASE(thousands_of_tasks_share_a_few_threads) {
    thread_source threads;
    const background where = threads.with(4);
    tally ran;
    std::deque<background_task> tasks;
    for (int i = 0; i < 5000; ++i) {
        tasks.emplace_back(where, [&] { ran.count(); });
        BOOST_REQUIRE(tasks.back().schedule(nanoseconds(i * 37 % 1000 * 1000)).has_value());
    }
    BOOST_TEST(ran.reaches(5000));
    tasks.clear();
    BOOST_TEST(threads.started >= 1);
    BOOST_TEST(threads.started <= 4);
}

BOOST_AUTO_TEST_CASE(jobs_that_block_do_not_hold_up_the_others) {
    const background where = background::own(4);
    tally ran;
    background_task timer(where, [&] { ran.count(); });
    BOOST_TEST(timer.schedule(1ms).has_value());
    std::deque<blocker> busy;
    for (int i = 0; i < 3; ++i)
        BOOST_REQUIRE(busy.emplace_back(where).block());
    BOOST_TEST(ran.reaches(1));
    BOOST_TEST(timer.schedule(1ms).has_value());
    BOOST_TEST(ran.reaches(2));
}

BOOST_AUTO_TEST_CASE(jobs_that_are_due_together_run_together) {
    const background where = background::own(2);
    blocker first(where);
    blocker second(where);
    {
        blocker gate(where); // so that both are due at the same time
        BOOST_REQUIRE(gate.block());
    }
    BOOST_TEST(first.block());
    BOOST_TEST(second.block());
}

BOOST_AUTO_TEST_CASE(what_waits_for_a_thread_runs_when_one_is_free) {
    const background where = background::own(1);
    tally ran;
    background_task task(where, [&] { ran.count(); });
    blocker busy(where);
    BOOST_REQUIRE(busy.block());
    BOOST_TEST(task.schedule(now).has_value());
    busy.release();
    BOOST_TEST(ran.reaches(1));
}

BOOST_AUTO_TEST_CASE(says_if_no_thread_can_be_started) {
    thread_source threads;
    threads.most = 0;
    tally ran;
    background_task task(threads.with(4), [&] { ran.count(); });
    BOOST_TEST((task.schedule(now).error() == std::errc::resource_unavailable_try_again));
    BOOST_TEST((task.schedule(in_a_day).error() == std::errc::resource_unavailable_try_again));
    threads.most = 1;
    BOOST_TEST(task.schedule(in_a_day).has_value());
    BOOST_TEST(ran.get() == 0); // nothing was left from the first
    BOOST_TEST(task.schedule(now).has_value());
    BOOST_TEST(ran.reaches(1));
}

BOOST_AUTO_TEST_CASE(makes_do_with_the_threads_it_has) {
    thread_source threads;
    threads.most = 1;
    const background where = threads.with(4);
    tally ran;
    background_task task(where, [&] { ran.count(); });
    blocker busy(where);
    BOOST_REQUIRE(busy.block());
    BOOST_TEST(task.schedule(now).has_value());
    busy.release();
    BOOST_TEST(ran.reaches(1));
    BOOST_TEST(threads.started == 1);
}

BOOST_AUTO_TEST_CASE(its_threads_take_no_signals) {
    sigset_t mine{};
    sigemptyset(&mine);
    sigaddset(&mine, SIGTERM);
    BOOST_REQUIRE(pthread_sigmask(SIG_UNBLOCK, &mine, nullptr) == 0);
    tally ran;
    sigset_t there{};
    background_task task(background::own(), [&] {
        pthread_sigmask(SIG_SETMASK, nullptr, &there);
        ran.count();
    });
    BOOST_TEST(task.schedule(now).has_value());
    BOOST_REQUIRE(ran.reaches(1));
    BOOST_TEST(sigismember(&there, SIGTERM) == 1);
    BOOST_TEST(sigismember(&there, SIGBUS) == 0);
    BOOST_REQUIRE(pthread_sigmask(SIG_SETMASK, nullptr, &mine) == 0);
    BOOST_TEST(sigismember(&mine, SIGTERM) == 0);
}

BOOST_AUTO_TEST_CASE(inline_runs_at_once_on_the_callers_thread) {
    const background where = background::inline_();
    BOOST_TEST(where.is_inline());
    std::thread::id runner;
    background_task task(where, [&] { runner = std::this_thread::get_id(); });
    BOOST_TEST(task.schedule(now).has_value());
    BOOST_TEST((runner == std::this_thread::get_id()));
}

BOOST_AUTO_TEST_CASE(inline_fires_no_timers) {
    int ran = 0;
    background_task task(background::inline_(), [&] { ++ran; });
    BOOST_TEST(task.schedule(nanoseconds(1)).has_value());
    std::this_thread::sleep_for(1ms);
    BOOST_TEST(ran == 0);
    BOOST_TEST(task.schedule(now).has_value());
    BOOST_TEST(ran == 1);
    task.cancel_and_wait();
    BOOST_TEST((task.schedule(now).error() == errc::cancelled));
    BOOST_TEST(ran == 1);
}

BOOST_AUTO_TEST_CASE(inline_runs_again_what_asks_for_itself) {
    int ran = 0;
    int depth = 0;
    int deepest = 0;
    std::optional<background_task> task;
    task.emplace(background::inline_(), [&] {
        deepest = std::max(deepest, ++depth);
        if (++ran < 100)
            (void)task->schedule(now);
        --depth;
    });
    BOOST_TEST(task->schedule(now).has_value());
    BOOST_TEST(ran == 100);
    BOOST_TEST(deepest == 1);
}

BOOST_AUTO_TEST_CASE(inline_does_not_run_twice_at_once_either) {
    int ran = 0; // not atomic: ThreadSanitizer knows if two runs meet
    background_task task(background::inline_(), [&] { ++ran; });
    std::vector<std::thread> askers;
    for (int t = 0; t < 4; ++t)
        askers.emplace_back([&] {
            for (int i = 0; i < 1000; ++i)
                (void)task.schedule(now);
        });
    for (std::thread& t : askers)
        t.join();
    BOOST_TEST(ran >= 1);
    BOOST_TEST(ran <= 4000);
}

BOOST_AUTO_TEST_CASE(a_task_keeps_its_executor) {
    tally ran;
    std::optional<background> where(background::own());
    background_task task(*where, [&] { ran.count(); });
    where.reset();
    BOOST_TEST(task.schedule(now).has_value());
    BOOST_TEST(ran.reaches(1));
}

BOOST_AUTO_TEST_CASE(the_shared_one_serves_until_the_program_ends) {
    BOOST_TEST(!background::shared().is_inline());
    late.active = true;
    tally ran;
    background_task task(background::shared(), [&] { ran.count(); });
    BOOST_TEST(task.schedule(now).has_value());
    BOOST_TEST(ran.reaches(1));
}

BOOST_AUTO_TEST_SUITE_END()
