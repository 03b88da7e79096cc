#pragma once

#include <tusk/core/bytes.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <memory>

namespace tusk::inline v0 {

/// What a simulated disk writes as a whole or not at all.
inline constexpr std::size_t disk_sector_size = 512;

/// The sectors of a file, of which nothing is stored where nothing was written. Copies share their sectors.
class disk_image {
public:
    using sector = std::array<std::byte, disk_sector_size>;
    using sector_ptr = std::shared_ptr<const sector>;

    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    /// The sectors that were written, by number.
    [[nodiscard]] const std::map<std::uint64_t, sector_ptr>& sectors() const noexcept { return sectors_; }

    /// What is beyond a smaller size is gone. What was put beyond the size before shows when it grows.
    void resize(std::uint64_t size) {
        size_ = size;
        sectors_.erase(sectors_.lower_bound((size + disk_sector_size - 1) / disk_sector_size), sectors_.end());
        const auto from = static_cast<std::size_t>(size % disk_sector_size);
        if (from != 0 && sectors_.contains(size / disk_sector_size))
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
            if (const auto found = sectors_.find((at + done) / disk_sector_size); found != sectors_.end())
                tusk::put(part, byte_view(*found->second).subspan(from, part.size()));
            else
                std::fill(part.begin(), part.end(), std::byte{0});
            done += part.size();
        }
        return out.size();
    }

    /// Changes part of one sector, whether or not the size reaches that far. Gives the sector as it is now.
    sector_ptr put(std::uint64_t number, std::size_t from, byte_view part) {
        sector_ptr& s = sectors_[number];
        auto changed = s ? std::make_shared<sector>(*s) : std::make_shared<sector>();
        tusk::put(byte_span(*changed).subspan(from), part);
        return s = std::move(changed);
    }
    /// Changes a whole sector, which is shared.
    void put(std::uint64_t number, sector_ptr whole) { sectors_[number] = std::move(whole); }

private:
    std::uint64_t size_ = 0;
    std::map<std::uint64_t, sector_ptr> sectors_;
};

} // namespace tusk::inline v0
