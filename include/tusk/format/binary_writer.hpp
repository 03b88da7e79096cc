#pragma once

#include <tusk/core/crc32c.hpp>
#include <tusk/core/frame.hpp>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace tusk::inline v0 {

/// Copies into a body and keeps its checksum. What was copied is summed up while it is still in the nearest cache.
class binary_writer {
public:
    explicit binary_writer(std::byte* to) noexcept : at_(to), summed_(to) {}

    /// Where the next byte goes, for who writes there directly.
    [[nodiscard]] std::byte* at() const noexcept { return at_; }
    void written_to(std::byte* end) noexcept { at_ = end; }

    void put(byte_view bytes) noexcept {
        if (bytes.size() <= page)
            fetch_ahead(bytes.size());
        while (!bytes.empty()) {
            const std::size_t size = std::min(bytes.size(), chunk);
            std::memcpy(at_, bytes.data(), size);
            at_ += size;
            bytes = bytes.subspan(size);
            if (at_ - summed_ >= static_cast<std::ptrdiff_t>(chunk))
                sum();
        }
    }

    void put(const stored_record& record) noexcept {
        if (!record.key.empty())
            put(record.key);
        record.data.for_each([this](byte_view piece) { put(piece); });
    }

    /// The checksum of all since the beginning or the last call, with which a new one begins.
    [[nodiscard]] std::uint32_t take_checksum() noexcept {
        sum();
        return std::exchange(checksum_, 0);
    }

private:
    // Source and copy stay in the first cache. GCC would copy at most 8 KiB by an instruction that is slow to begin.
    static constexpr std::size_t chunk = 16384;

    static constexpr std::size_t page = 4096;

    // What comes next will be about as large. The processor fetches ahead by itself, but not beyond the page, and to begin
    // with a new one takes as long as copying a record of 1 KiB; records larger than a page gain nothing. The memory may be
    // somebody else's, or none: that does no harm, for it is only a hint.
    void fetch_ahead(std::size_t size) const noexcept {
        const auto begin = reinterpret_cast<std::uintptr_t>(at_) + page; // no pointer, which may not leave the object
        for (std::size_t line = 0; line < size; line += cache_line)
            // NOLINTNEXTLINE(performance-no-int-to-ptr)
            __builtin_prefetch(reinterpret_cast<const void*>(begin + line), /*rw=*/1);
    }

    void sum() noexcept {
        checksum_ = crc32c({summed_, at_}, checksum_);
        summed_ = at_;
    }

    std::byte* at_;
    std::byte* summed_;
    std::uint32_t checksum_ = 0;
};

} // namespace tusk::inline v0
