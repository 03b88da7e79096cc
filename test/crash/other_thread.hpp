#pragma once

#include <atomic>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include <unistd.h>

namespace crash {

/// A thread that makes one call, and of which others can see how far it is.
class other_thread {
public:
    explicit other_thread(std::function<void()> make)
        : thread_([this, make = std::move(make)] {
              id_.store(::gettid());
              make();
              done_.store(true);
          }) {}

    /// Returns when the call is done, or when the thread sleeps: then it waits for another one. True if it is done.
    [[nodiscard]] bool done_or_asleep() const {
        while (!done_.load() && !is_asleep())
            std::this_thread::yield();
        return done_.load();
    }

private:
    // What follows the name in /proc/self/task/<id>/stat, which may hold brackets itself.
    [[nodiscard]] bool is_asleep() const {
        const pid_t id = id_.load();
        if (id == 0)
            return false;
        std::ifstream file("/proc/self/task/" + std::to_string(id) + "/stat");
        std::string line;
        std::getline(file, line);
        const std::size_t name_ends = line.rfind(')');
        return name_ends != std::string::npos && line.substr(name_ends, 3) == ") S";
    }

    std::atomic<pid_t> id_{0};
    std::atomic<bool> done_{false};
    std::jthread thread_; // the last to be made, the first to end
};

} // namespace crash
