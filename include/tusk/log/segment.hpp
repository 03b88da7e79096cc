#pragma once

#include <tusk/concept/backend.hpp>
#include <tusk/log/segment_index.hpp>

#include <array>
#include <memory>

namespace tusk::inline v0 {

/// The name of a segment's file: ten digits, so that names sort as numbers do.
inline std::array<char, 16> segment_name(segment_t number) noexcept {
    std::array<char, 16> name{"0000000000.wal"};
    for (std::size_t i = 10; i-- > 0; number /= 10)
        name[i] = static_cast<char>('0' + number % 10);
    return name;
}

/// The number in a segment's name, or 0 if it is not one.
inline segment_t segment_number(std::string_view name) noexcept {
    if (name.size() != 14 || name.substr(10) != ".wal")
        return 0;
    std::uint64_t number = 0;
    for (const char c : name.substr(0, 10)) {
        if (c < '0' || c > '9')
            return 0;
        number = number * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return number <= UINT32_MAX ? static_cast<segment_t>(number) : 0;
}

/// What of a segment's file is looked at, in bytes: no log makes a larger one, and a hostile file may have holes, and be of
/// any size.
inline constexpr std::uint64_t max_segment_file = UINT32_MAX;

/// One file of frames, as the log knows it while it is open. What the catalog's lock guards is named; the rest is
/// fixed once the segment is in use, or belongs to the thread that writes.
template<backend Backend>
struct segment : std::enable_shared_from_this<segment<Backend>> {
    using file_type = typename Backend::file;

    segment_t number = 0;
    lsn_t base = 0;
    std::uint64_t capacity = 0;
    index_t start_index = 0; ///< from its header
    std::uint64_t header_size = 0;
    bool prewritten = false; ///< zeros were written to all of it before it was used

    // Guarded by the catalog's lock.
    index_frame summary;               ///< `terms` is filled in only to write it
    index_t empty_first = 0;           ///< orders the segment among the others while nothing of it survives
    std::uint64_t end = 0;             ///< frames that are with the operating system end here
    std::uint64_t sealed_end = 0;      ///< before the last index frame that is no part of history: the place, and
    std::uint32_t sealed_checksum = 0; ///< the checksum, that the segment which follows names
    bool indexed = false;              ///< its index frame is written, or never will be
    std::unique_ptr<index_frame>
        frozen; ///< what that frame must say, if a later segment has cut into this one meanwhile

    // The writer's.
    bool failed_write = false; ///< what lies beyond the end is rubbish of a write that failed

    // Guarded by the lock of segment_files.
    std::shared_ptr<file_type> file;
    bool kept_open = false; ///< written or synced at any time: not closed to spare descriptors

    [[nodiscard]] index_t first_key() const noexcept {
        return summary.places.empty() ? empty_first : summary.places.first();
    }
    [[nodiscard]] lsn_t lsn(std::uint64_t offset) const noexcept { return base + offset; }
};

template<backend Backend>
using segment_ptr = std::shared_ptr<segment<Backend>>;

} // namespace tusk::inline v0
