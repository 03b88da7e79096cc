#pragma once

#include <tusk/core/options.hpp>
#include <tusk/log/frame_window.hpp>

#include <optional>

namespace tusk::inline v0 {

/// What lies behind a place in a segment where no frame is.
struct search_result {
    std::uint64_t bytes = 0; ///< from there up to the last that is used, or to the one frame that was wanted
    std::uint64_t frame = 0; ///< the offset of the next frame that checks, 0 if there is none
    lsn_t witness = 0;       ///< the largest durable LSN that a frame there bears witness to
    std::uint64_t read = 0;  ///< bytes that were looked at
};

/// Where to look for frames: from `from` to `end`. At `from` none begins, or one of `known` bytes whose header is right: no
/// other begins in it, whatever became of the rest.
struct search_range {
    std::uint64_t from = 0;
    std::uint64_t known = 0;
    std::uint64_t end = 0;
    bool first_only = false; ///< not all of them, only up to the first that checks
    std::optional<std::uint64_t>
        data_end{}; ///< from there on all is unused, says the file; none if it was not asked yet
};

/// Looks for frames in `place`'s segment.
template<format Format, backend Backend>
[[nodiscard]] result<search_result> search_frames(std::shared_ptr<typename Backend::file> file, frame_place place,
                                                  const search_range& range, buffer_pool& pool) noexcept {
    // Often the next frame is near, and a hostile file has many places to look from.
    constexpr std::size_t longest = 256 * kibibyte - Format::probe_size;
    std::size_t stride = 4 * kibibyte;
    frame_window<Format, Backend> window(std::move(file), pool, Format::probe_size);
    const auto [from, known, end, first_only, told] = range;
    std::uint64_t data_end = told ? *told : window.find_data_end();
    const auto is_used = [&](std::uint64_t until) { // what is found shows what the file says to be wrong
        if (until > data_end)
            data_end = range.end;
    };
    is_used(from + std::min<std::uint64_t>(known, 1));
    search_result r{.bytes = known};
    std::size_t skip = known == 0 ? 1 : 0;
    for (std::uint64_t offset = from + known; offset < end && (offset < data_end || r.read == 0);
         stride = std::min(2 * stride, longest)) {
        // To look further would have the system fetch it, and what it has fetched is data for who asks next.
        const std::uint64_t limit = offset < data_end ? std::min(end, data_end) : end;
        TUSK_TRY(const byte_view in, window.bytes(offset, stride + Format::probe_size, limit));
        if (in.empty())
            break;
        r.read += in.size();
        const std::uint64_t stop = offset + in.size();
        if (window.all_fill(in)) {
            offset = stop;
            skip = 0;
            continue;
        }
        std::size_t used = in.size();
        while (in[used - 1] == Format::fill)
            --used;
        r.bytes = std::max(r.bytes, offset + used - from);
        is_used(offset + used);
        // From one possible beginning to the next. Frames are stepped over, so that no byte is looked at more than twice.
        while (offset < stop) {
            TUSK_TRY(const byte_view here, window.bytes(offset, static_cast<std::size_t>(stop - offset), end));
            const std::size_t next = Format::resync(here, std::min(skip, here.size()));
            skip = 0;
            offset += next;
            if (next == here.size())
                break;
            place.offset = offset;
            frame_info info;
            TUSK_TRY(const verdict found, window.probe(place, end, info));
            if (found != verdict::frame || info.type == frame_type::header) {
                skip = 1;
                continue;
            }
            r.witness = std::max(r.witness, info.witness);
            TUSK_TRY(const byte_view whole, window.frame(offset, info));
            if (whole.size() == info.size && Format::check(whole, info)) {
                is_used(offset + info.size);
                if (r.frame == 0)
                    r.frame = offset;
                if (first_only) {
                    r.bytes = offset - from;
                    return r;
                }
            }
            offset += info.size;
            r.bytes = std::max(r.bytes, offset - from);
        }
    }
    return r;
}

} // namespace tusk::inline v0
