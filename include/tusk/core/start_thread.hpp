#pragma once

#include <tusk/core/callable.hpp>
#include <tusk/core/result.hpp>

#include <signal.h>

#include <thread>

namespace tusk::inline v0 {

/// Runs `body` on a new thread, which takes no signals: a handler of the program's belongs on the program's own threads.
/// The system's error if there is no thread to be had.
[[nodiscard]] inline result<std::thread> start_thread(callable<void()> body) noexcept {
    sigset_t taken{};
    sigfillset(&taken);
    for (const int fault : {SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGTRAP, SIGPROF}) // aimed at the thread that caused them
        sigdelset(&taken, fault);
    sigset_t before{};
    pthread_sigmask(SIG_BLOCK, &taken, &before); // inherited, so that there is no moment without it
    result<std::thread> thread = std::errc::resource_unavailable_try_again;
    try {
        thread = std::thread(std::move(body));
    } catch (const std::system_error& refused) {
        thread = refused.code();
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return thread;
}

} // namespace tusk::inline v0
