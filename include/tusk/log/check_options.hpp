#pragma once

#include <tusk/core/options.hpp>
#include <tusk/core/result.hpp>

#include <string>

namespace tusk::inline v0 {

/// errc::invalid_option, with what is wrong and what would be right in `message`, if the options make no sense for a log
/// whose appends wait for a sync or don't.
[[nodiscard]] inline result<void> check_options(const options& o, bool append_waits, std::string& message) {
    const auto refuse = [&](std::string why) -> result<void> {
        message = std::move(why);
        return errc::invalid_option;
    };
    const auto range = [&](const char* name, std::uint64_t value, std::uint64_t least,
                           std::uint64_t most) -> result<void> {
        if (value >= least && value <= most)
            return success();
        return refuse(std::string(name) + " is " + std::to_string(value) + "; it must be from " +
                      std::to_string(least) + " to " + std::to_string(most));
    };
    TUSK_TRY(range("first_index", o.first_index, 1, UINT64_MAX / 2));
    TUSK_TRY(range("segment_size", o.segment_size, min_segment_size, max_segment_size));
    TUSK_TRY(range("max_record_size", o.max_record_size, 1, max_record_limit));
    TUSK_TRY(range("max_batch_bytes", o.max_batch_bytes, o.max_record_size, max_batch_limit));
    TUSK_TRY(range("write_buffer", o.write_buffer, 0, 64 * mebibyte));
    TUSK_TRY(range("spare_segments", o.spare_segments, 0, max_spare_segments));
    TUSK_TRY(range("window_ahead", o.window_ahead, 0, max_segment_size));
    TUSK_TRY(range("max_open_segments", o.max_open_segments, 1, UINT32_MAX));
    if (o.max_segments == 1)
        return refuse("max_segments is 1; it must be 0 for no limit, or at least 2");
    if (o.sync_alignment != 0 && o.sync_alignment != 512 && o.sync_alignment != 4096)
        return refuse("sync_alignment is " + std::to_string(o.sync_alignment) + "; it must be 0, 512 or 4096");
    if (o.witness_interval < nanoseconds(0))
        return refuse("witness_interval is negative");
    if (o.write_buffer != 0 && append_waits)
        return refuse("write_buffer holds appends back, and the fsync policy makes them wait: one of the two must go");
    if (o.mode == open_mode::salvage && o.unproven_tail == tail_policy::refuse)
        return refuse("unproven_tail is refuse, and the mode is salvage, which is there to repair");
    if (o.on_durable && o.background.is_inline())
        return refuse("on_durable needs a background with a thread to call it on");
    if (o.on_durable && o.mode == open_mode::read_only)
        return refuse("on_durable tells of this log's own syncs, and a log that is read only has none");
    return success();
}

} // namespace tusk::inline v0
