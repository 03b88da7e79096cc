#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace bench {

/// How long calls took: counts by time, in steps of at most 3 % of it. For one thread; merged at the end.
class latencies {
public:
    void add(std::chrono::nanoseconds time, std::uint64_t calls = 1) noexcept {
        counts_[step_of(static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0)))] += calls;
    }
    void merge(const latencies& other) noexcept {
        for (std::size_t i = 0; i < counts_.size(); ++i)
            counts_[i] += other.counts_[i];
    }

    /// The time in microseconds that a part of the calls, 0 to 1, did not exceed.
    [[nodiscard]] double quantile(double part) const noexcept {
        std::uint64_t all = 0;
        for (const std::uint64_t n : counts_)
            all += n;
        double left = part * static_cast<double>(all);
        std::size_t step = 0;
        for (; step + 1 < counts_.size(); ++step) {
            left -= static_cast<double>(counts_[step]);
            if (left <= 0)
                break;
        }
        return static_cast<double>(end_of(step)) / 1000;
    }

private:
    // Steps of 1 ns below 64 ns; above, each doubling has 32.
    static constexpr unsigned fine_bits = 5;

    static std::size_t step_of(std::uint64_t ns) noexcept {
        const auto width = static_cast<unsigned>(std::bit_width(ns));
        const unsigned shift = width > fine_bits + 1 ? width - fine_bits - 1 : 0;
        return static_cast<std::size_t>((std::uint64_t{shift} << fine_bits) + (ns >> shift));
    }
    static std::uint64_t end_of(std::size_t step) noexcept {
        const std::uint64_t doublings = step >> fine_bits;
        if (doublings < 2)
            return step;
        const std::uint64_t shift = doublings - 1;
        return ((step - (shift << fine_bits) + 1) << shift) - 1;
    }

    std::array<std::uint64_t, std::size_t{60} << fine_bits> counts_{};
};

} // namespace bench
