#pragma once

#include <tusk/concept/backend.hpp>
#include <tusk/concept/format.hpp>
#include <tusk/log/segment.hpp>

#include <algorithm>

namespace tusk::inline v0 {

/// Has blocks written before they are needed: a file system has something to note at the sync of the first write to each
/// that was only reserved, and that takes it longer than the write. For one thread at a time: the leader.
template<format Format, backend Backend>
class written_ahead {
public:
    using file_type = typename Backend::file;

    /// With `fills_in_place`, others put frames where they belong behind the end, which zeros would wipe out: none are
    /// written.
    explicit written_ahead(bool fills_in_place) noexcept : fills_in_place_(fills_in_place) {}

    /// The log has been written up to `end` of `s`, by `size` bytes at once; unused space goes up to `capacity`.
    void wrote(segment<Backend>& s, std::uint64_t end, std::uint64_t size) noexcept {
        if constexpr (prewrites<file_type> && Format::fill == std::byte{0}) {
            if (fills_in_place_ || s.prewritten)
                return;
            if (segment_ != s.number) {
                segment_ = s.number;
                end_ = 0;
            }
            if (size > most_at_once) { // the note is little beside so much; written twice, it would be the more
                end_ = std::max(end_, end);
                return;
            }
            if (end + size < end_)
                return;
            const std::uint64_t from = (std::max(end, end_) + page - 1) / page * page;
            const std::uint64_t to = std::min(from + std::clamp(from, least, most), s.capacity) / page * page;
            if (to <= from)
                return;
            s.file->prewrite(from, to - from);
            end_ = to;
        }
        (void)s, (void)end, (void)size;
    }

private:
    static constexpr std::uint64_t page = 4096;
    // A log that stays small writes little in vain.
    static constexpr std::uint64_t least = std::uint64_t{64} << 10;
    static constexpr std::uint64_t most = std::uint64_t{512} << 10;
    static constexpr std::uint64_t most_at_once = std::uint64_t{16} << 10;

    const bool fills_in_place_;
    segment_t segment_ = 0;
    std::uint64_t end_ = 0; // zeros were written up to here, or what is the log's
};

} // namespace tusk::inline v0
