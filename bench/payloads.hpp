#pragma once

#include <tusk/core/crc32c.hpp>

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace bench {

/// What was appended, or read back: equal if every record came back as often as it was written, in whatever order.
struct tally {
    std::uint64_t records = 0;
    std::uint64_t bytes = 0;
    std::uint64_t checksums = 0; ///< the sum of the records' own

    void add(tusk::byte_view record) noexcept { *this += {1, record.size(), tusk::crc32c(record)}; }
    tally& operator+=(const tally& other) noexcept {
        records += other.records;
        bytes += other.bytes;
        checksums += other.checksums;
        return *this;
    }
    friend bool operator==(const tally&, const tally&) = default;
};

/// Random records of one size, made before the clock starts and used again and again.
class payloads {
public:
    static constexpr std::size_t count = 256;

    explicit payloads(std::size_t size) : size_(size), bytes_(size * count) {
        std::mt19937_64 random(size);
        for (std::byte& b : bytes_)
            b = static_cast<std::byte>(random());
    }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] tusk::byte_view operator[](std::uint64_t i) const noexcept {
        return tusk::byte_view(bytes_).subspan(static_cast<std::size_t>(i % count) * size_, size_);
    }

    /// Of `n` records from number `first` on.
    [[nodiscard]] tally of(std::uint64_t first, std::uint64_t n) const noexcept {
        tally all;
        tally sum;
        for (std::uint64_t i = 0; i < count; ++i) {
            tally one;
            one.add((*this)[first + i]);
            all += one;
            if (i < n % count)
                sum += one;
        }
        const std::uint64_t times = n / count;
        return sum += {all.records * times, all.bytes * times, all.checksums * times};
    }

private:
    std::size_t size_;
    std::vector<std::byte> bytes_;
};

} // namespace bench
