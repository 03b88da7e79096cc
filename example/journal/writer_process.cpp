#include "writer_process.hpp"

#include "failure.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace {

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::system_category(), what); }

// The child's whole life. Each number is one write of few bytes, which a pipe takes whole or not at all.
[[noreturn]] void write_and_tell(const journal& where, const text_lines& text, int pipe) noexcept {
    try {
        append_lines(where, text, [&](tusk::index_t index) {
            if (::write(pipe, &index, sizeof index) != sizeof index)
                fail("the pipe");
        });
        ::_exit(EXIT_SUCCESS);
    } catch (const std::exception& why) {
        fmt::print(stderr, "journal: {}\n", why.what());
        ::_exit(EXIT_FAILURE);
    }
}

} // namespace

writer_process::writer_process(const journal& where, const text_lines& text) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) < 0)
        fail("pipe");
    // The smallest there is, so that the writer cannot be done with a short file before anybody has read how far it is.
    (void)::fcntl(ends[1], F_SETPIPE_SZ, 1);
    child_ = ::fork();
    if (child_ == 0) {
        ::close(ends[0]);
        write_and_tell(where, text, ends[1]);
    }
    const int why_not = errno;
    ::close(ends[1]);
    pipe_ = ends[0];
    if (child_ < 0) {
        ::close(pipe_);
        throw std::system_error(why_not, std::system_category(), "fork");
    }
}

writer_process::~writer_process() {
    ::close(pipe_);
    if (child_ > 0) {
        kill();
        ::waitpid(child_, nullptr, 0);
    }
}

std::optional<tusk::index_t> writer_process::next() {
    tusk::index_t index = 0;
    const ::ssize_t got = ::read(pipe_, &index, sizeof index);
    if (got == sizeof index)
        return index;
    if (got == 0)
        return std::nullopt;
    fail("read");
}

void writer_process::kill() noexcept { ::kill(child_, SIGKILL); }

bool writer_process::finished() {
    int status = 0;
    if (::waitpid(std::exchange(child_, -1), &status, 0) < 0)
        fail("waitpid");
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
        return false;
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS)
        return true;
    throw failure("the process that writes the log has failed");
}
