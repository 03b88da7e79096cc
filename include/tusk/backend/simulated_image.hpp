#pragma once

#include <tusk/backend/simulated_loss.hpp>
#include <tusk/core/bytes.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace tusk::inline v0 {

/// What a simulated disk writes as a whole or not at all.
inline constexpr std::size_t disk_sector_size = 512;

/// Bytes of a sector that never change again, and a hash of them: 0 if they are zeros.
class disk_sector {
public:
    using bytes_type = std::array<std::byte, disk_sector_size>;

    explicit disk_sector(const bytes_type& bytes) noexcept : bytes_(bytes), hash_(hash_of(bytes)) {}

    [[nodiscard]] const bytes_type& bytes() const noexcept { return bytes_; }
    [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }

private:
    static std::uint64_t hash_of(const bytes_type& bytes) noexcept {
        std::uint64_t sum = 0;
        for (std::size_t at = 0; at < bytes.size(); at += sizeof(std::uint64_t)) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes.data() + at, sizeof word);
            sum = (sum ^ word) * 0x9E3779B97F4A7C15U;
            sum ^= sum >> 29U;
        }
        return sum;
    }

    bytes_type bytes_;
    std::uint64_t hash_;
};

/// The sectors of a file, of which nothing is stored where nothing was written. Copies share their sectors.
class disk_image {
public:
    using sector = disk_sector::bytes_type;
    using sector_ptr = std::shared_ptr<const disk_sector>;

    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    /// Behind the last sector that holds anything but zeros, written or not: where hashes are equal, so is this.
    [[nodiscard]] std::uint64_t data_end() const noexcept {
        const auto last = std::find_if(sectors_.rbegin(), sectors_.rend(),
                                       [](const numbered_sector& s) { return s.stored->hash() != 0; });
        return last == sectors_.rend() ? 0 : (last->number + 1) * disk_sector_size;
    }
    /// Adds the size and all bytes to a hash.
    void add_to(disk_hash& sum) const noexcept {
        sum.add(size_);
        for (const auto& [number, stored] : sectors_)
            if (stored->hash() != 0) { // nobody can tell zeros from what was never written
                sum.add(number);
                sum.add(stored->hash());
            }
    }

    /// What is beyond a smaller size is gone. What was put beyond the size before shows when it grows.
    void resize(std::uint64_t size) {
        size_ = size;
        sectors_.erase(place_of((size + disk_sector_size - 1) / disk_sector_size), sectors_.end());
        const auto from = static_cast<std::size_t>(size % disk_sector_size);
        if (from != 0 && find(size / disk_sector_size) != nullptr)
            put(size / disk_sector_size, from, byte_view(sector{}).subspan(from));
    }
    void grow(std::uint64_t size) noexcept { size_ = std::max(size_, size); }

    /// Fills `out` as far as there are bytes, and gives how many.
    [[nodiscard]] std::size_t read(std::uint64_t at, byte_span out) const noexcept {
        if (at >= size_)
            return 0;
        out = out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), size_ - at)));
        for (std::size_t done = 0; done < out.size();) {
            const auto from = static_cast<std::size_t>((at + done) % disk_sector_size);
            const byte_span part = out.subspan(done, std::min(out.size() - done, disk_sector_size - from));
            if (const disk_sector* const found = find((at + done) / disk_sector_size))
                tusk::put(part, byte_view(found->bytes()).subspan(from, part.size()));
            else
                std::fill(part.begin(), part.end(), std::byte{0});
            done += part.size();
        }
        return out.size();
    }

    /// Changes part of one sector, whether or not the size reaches that far. Gives the sector as it is now.
    sector_ptr put(std::uint64_t number, std::size_t from, byte_view part) {
        const disk_sector* const old = find(number);
        sector bytes = old != nullptr ? old->bytes() : sector{};
        tusk::put(byte_span(bytes).subspan(from), part);
        auto changed = std::make_shared<const disk_sector>(bytes);
        put(number, changed);
        return changed;
    }
    /// Changes a whole sector, which is shared.
    void put(std::uint64_t number, sector_ptr whole) {
        const auto at = place_of(number);
        if (at != sectors_.end() && at->number == number)
            sectors_[static_cast<std::size_t>(at - sectors_.begin())].stored = std::move(whole);
        else
            sectors_.insert(at, {number, std::move(whole)});
    }

private:
    struct numbered_sector {
        std::uint64_t number = 0;
        sector_ptr stored;
    };

    // Of the sector, or of the first behind it.
    [[nodiscard]] std::vector<numbered_sector>::const_iterator place_of(std::uint64_t number) const noexcept {
        return std::lower_bound(sectors_.begin(), sectors_.end(), number,
                                [](const numbered_sector& s, std::uint64_t n) { return s.number < n; });
    }
    [[nodiscard]] const disk_sector* find(std::uint64_t number) const noexcept {
        const auto at = place_of(number);
        return at != sectors_.end() && at->number == number ? at->stored.get() : nullptr;
    }

    std::uint64_t size_ = 0;
    std::vector<numbered_sector> sectors_;
};

} // namespace tusk::inline v0
