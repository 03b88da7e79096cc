#pragma once

#include <tusk/core/crc32c.hpp>

#include <algorithm>
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

/// Random records, of one size or of any between two, made before the clock starts and used again and again.
class payloads {
public:
    explicit payloads(std::size_t size) : payloads(size, size, 1) {}
    /// `run` records from any one on lie one behind the other in memory.
    payloads(std::size_t least, std::size_t most, std::size_t run)
        : count_(std::clamp(pool_size / std::max<std::size_t>(most, 1), std::size_t{4}, most_records)) {
        std::mt19937_64 random(most);
        offsets_.push_back(0);
        for (std::size_t i = 0; i < count_; ++i)
            offsets_.push_back(offsets_.back() + least + random() % (most - least + 1));
        bytes_.resize(offsets_.back());
        for (std::byte& b : bytes_)
            b = static_cast<std::byte>(random());
        for (std::size_t i = count_; i < count_ + run; ++i) {
            const tusk::byte_view again = (*this)[i];
            const std::vector<std::byte> copy(again.begin(), again.end());
            bytes_.insert(bytes_.end(), copy.begin(), copy.end());
            offsets_.push_back(bytes_.size());
        }
    }

    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    [[nodiscard]] tusk::byte_view operator[](std::uint64_t i) const noexcept { return joined(i, 1); }
    /// Records from number `first` on, one behind the other: at most a run.
    [[nodiscard]] tusk::byte_view joined(std::uint64_t first, std::size_t records) const noexcept {
        const auto at = static_cast<std::size_t>(first % count_);
        return tusk::byte_view(bytes_).subspan(offsets_[at], offsets_[at + records] - offsets_[at]);
    }

    /// Of `n` records from number `first` on.
    [[nodiscard]] tally of(std::uint64_t first, std::uint64_t n) const noexcept {
        tally all;
        tally sum;
        for (std::uint64_t i = 0; i < count_; ++i) {
            tally one;
            one.add((*this)[first + i]);
            all += one;
            if (i < n % count_)
                sum += one;
        }
        const std::uint64_t times = n / count_;
        return sum += {all.records * times, all.bytes * times, all.checksums * times};
    }

private:
    static constexpr std::size_t most_records = 256;
    static constexpr std::size_t pool_size = std::size_t{64} << 20;

    std::size_t count_;
    std::vector<std::size_t> offsets_;
    std::vector<std::byte> bytes_;
};

} // namespace bench
