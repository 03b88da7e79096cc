#pragma once

#include "task.hpp"

#include <tusk/core/bytes.hpp>

#include <array>
#include <vector>

namespace bench {

/// Where an entry stands in a database: its log, who appended it, its number. In that order.
class key {
public:
    key(unsigned log, unsigned thread, std::uint64_t number) noexcept {
        for (unsigned i = 0; i < 8; ++i)
            bytes_[8 + i] = static_cast<std::byte>(number >> (56 - 8 * i));
        bytes_[2] = static_cast<std::byte>(log >> 8);
        bytes_[3] = static_cast<std::byte>(log);
        bytes_[6] = static_cast<std::byte>(thread >> 8);
        bytes_[7] = static_cast<std::byte>(thread);
    }
    [[nodiscard]] tusk::byte_view bytes() const noexcept { return bytes_; }

private:
    std::array<std::byte, 16> bytes_{};
};

/// Numbers the entries of each log and thread, which share nothing for it.
class key_source {
public:
    explicit key_source(const task& t) : logs_(t.logs), next_(std::size_t{t.logs} * t.threads) {}
    key next(unsigned log, unsigned thread) noexcept {
        return {log, thread, next_[std::size_t{thread} * logs_ + log].value++};
    }

private:
    struct alignas(64) counter {
        std::uint64_t value = 0;
    };
    unsigned logs_;
    std::vector<counter> next_;
};

} // namespace bench
