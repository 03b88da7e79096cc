#pragma once

#include "journal.hpp"

#include <sys/types.h>

#include <optional>

/// A child process that runs append_lines() and tells through a pipe what was acknowledged. For one thread; this process
/// must have no other when it starts one. Destroying it kills the child.
class writer_process {
public:
    /// Starts it. Throws std::system_error.
    writer_process(const journal& where, const text_lines& text);
    writer_process(const writer_process&) = delete;
    writer_process& operator=(const writer_process&) = delete;
    ~writer_process();

    /// What append_lines() tells next; nothing if the child has ended. Blocks until then. What it told before it was
    /// killed still arrives.
    [[nodiscard]] std::optional<tusk::index_t> next();
    /// kill -9.
    void kill() noexcept;
    /// Waits for its end. True if it appended all lines; false if it was killed. Throws `failure` if it failed.
    [[nodiscard]] bool finished();

private:
    int pipe_ = -1;
    ::pid_t child_ = -1;
};
