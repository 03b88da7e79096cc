#pragma once

#include <tusk/concept/fsync_policy.hpp>

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <thread>
#include <vector>

/// What every model of the concept `fsync_policy` has to do. Call fsync_policy_conformance() with each set of numbers
/// that matters.
namespace fsync_policy_suite {

using tusk::nanoseconds;
using tusk::sync_state;

/// States of a log with something to sync, the oldest of it since `oldest`.
inline std::vector<sync_state> states(nanoseconds oldest) {
    std::vector<sync_state> all;
    for (const std::uint64_t bytes : {std::uint64_t{1}, std::uint64_t{4096}, std::uint64_t{1} << 40})
        for (const std::uint32_t waiters : {0U, 1U, 1000U})
            all.push_back({.unsynced_bytes = bytes, .oldest_unsynced = oldest, .waiters = waiters});
    return all;
}

inline std::vector<nanoseconds> ages() {
    using namespace std::chrono_literals;
    return {0ns, 1ns, 1us, 1ms, 10ms, 1s, 1min, 24h * 365};
}

template<tusk::fsync_policy P>
void nothing_is_due_while_all_is_durable(const P& policy) {
    BOOST_TEST((policy.due_in({}) == tusk::never_due));
}

template<tusk::fsync_policy P>
void an_answer_is_never_negative(const P& policy) {
    for (const nanoseconds age : ages())
        for (const sync_state& state : states(age))
            BOOST_TEST((policy.due_in(state) >= nanoseconds(0)));
}

template<tusk::fsync_policy P>
void waiting_makes_no_sync_due_later(const P& policy) {
    nanoseconds before = tusk::never_due;
    for (const nanoseconds age : ages()) {
        const nanoseconds due = policy.due_in({.unsynced_bytes = 100, .oldest_unsynced = age, .waiters = 1});
        BOOST_TEST((due <= before));
        before = due;
    }
}

/// Asked again whenever the time it gave is over, a policy syncs in the end, or says from the start that it never will.
template<tusk::fsync_policy P>
void a_sync_that_is_promised_comes(const P& policy) {
    for (sync_state state : states(nanoseconds(0))) {
        nanoseconds due = policy.due_in(state);
        if (P::append_waits && state.waiters > 0)
            BOOST_TEST((due != tusk::never_due), "an append would wait for ever");
        for (int asked = 0; due != tusk::never_due && due > nanoseconds(0) && asked < 1000; ++asked) {
            state.oldest_unsynced += due;
            due = policy.due_in(state);
            BOOST_TEST((due != tusk::never_due));
        }
        BOOST_TEST((due == nanoseconds(0) || due == tusk::never_due));
    }
}

template<tusk::fsync_policy P>
void a_copy_answers_alike(const P& policy) {
    const P copy = policy; // NOLINT(performance-unnecessary-copy-initialization): it is what is tested
    for (const nanoseconds age : ages())
        for (const sync_state& state : states(age))
            BOOST_TEST((copy.due_in(state) == policy.due_in(state)));
}

template<tusk::fsync_policy P>
void many_threads_may_ask_at_once(const P& policy) {
    const sync_state state{.unsynced_bytes = 1, .oldest_unsynced = nanoseconds(1), .waiters = 1};
    const nanoseconds answer = policy.due_in(state);
    std::atomic<int> others{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 1000; ++i)
                if (policy.due_in(state) != answer)
                    ++others;
        });
    for (std::thread& t : threads)
        t.join();
    BOOST_TEST(others == 0);
}

} // namespace fsync_policy_suite

/// All of them.
template<tusk::fsync_policy P>
void fsync_policy_conformance(const P& policy) {
    using namespace fsync_policy_suite;
    nothing_is_due_while_all_is_durable(policy);
    an_answer_is_never_negative(policy);
    waiting_makes_no_sync_due_later(policy);
    a_sync_that_is_promised_comes(policy);
    a_copy_answers_alike(policy);
    many_threads_may_ask_at_once(policy);
}
