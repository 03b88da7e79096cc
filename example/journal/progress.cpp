#include "progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <utility>

progress::progress(std::uint64_t total) noexcept : total_(total), on_terminal_(::isatty(STDOUT_FILENO) == 1) {}

progress::~progress() { hide(); }

void progress::at(std::uint64_t done) {
    constexpr std::uint64_t percent = 100;
    constexpr std::uint64_t width = 50;
    constexpr std::uint64_t quarter = 25;

    const std::uint64_t part = total_ == 0 ? percent : std::min(done, total_) * percent / total_;
    const std::uint64_t shown = on_terminal_ ? part : part / quarter;
    if (shown == shown_)
        return;
    shown_ = shown;
    if (on_terminal_) {
        fmt::print("\r[{:#<{}}{:{}}] {:3} %", "", part * width / percent, "", width - part * width / percent, part);
        visible_ = true;
    } else {
        fmt::print("{} %: line {} of {}\n", part, done, total_);
    }
    std::fflush(stdout);
}

void progress::say(std::string_view line) {
    hide();
    fmt::print("{}\n", line);
    std::fflush(stdout);
}

void progress::hide() {
    if (std::exchange(visible_, false))
        fmt::print("\r{:60}\r", "");
    shown_ = on_terminal_ ? 0 : shown_;
}
