#pragma once

#include <tusk/core/background.hpp>
#include <tusk/core/clock.hpp>
#include <tusk/core/codec_choice.hpp>
#include <tusk/core/types.hpp>

#include <functional>

namespace tusk::inline v0 {

/// What open() may do.
enum class open_mode : std::uint8_t {
    strict,    ///< repairs a tail that nothing proves durable; refuses damage in what was durable
    salvage,   ///< keeps all that still checks; entries that are gone read as errc::lost
    read_only, ///< takes no lock, writes nothing, may follow a live writer
};

/// What open() does with a damaged tail that nothing proves durable.
enum class tail_policy : std::uint8_t {
    repair, ///< drops from the first bad byte and reports how much
    refuse, ///< fails with errc::unproven_tail and changes nothing
};

/// What an append does when max_segments is reached.
enum class limit_policy : std::uint8_t {
    refuse,      ///< fails with errc::too_many_segments
    drop_oldest, ///< drops the entries of the oldest segment
};

/// What an append waits for.
enum class durability : std::uint8_t {
    policy,  ///< what the FsyncPolicy says
    written, ///< until the entry is with the operating system
    durable, ///< until the entry is on stable storage
};

inline constexpr std::uint64_t min_segment_size = 4 * kibibyte;
inline constexpr std::uint64_t max_segment_size = 2 * gibibyte;
inline constexpr std::uint64_t max_record_limit = gibibyte;
inline constexpr std::uint64_t max_batch_limit = gibibyte + 256 * mebibyte;
inline constexpr std::uint32_t max_spare_segments = 2;
inline constexpr std::uint64_t max_synced_window_ahead = mebibyte;

/// Numbers and choices of one log. Sizes are in bytes.
struct options {
    open_mode mode = open_mode::strict;
    /// Makes the log if there is none.
    bool create = true;
    /// The first index of a log that is made. At least 1.
    index_t first_index = 1;
    /// The term of the entry before first_index, for a log that is made.
    term_t previous_term = 0;
    /// A segment is sealed when the next frame would make it larger. 4 KiB to 2 GiB. May differ from open to open.
    std::uint64_t segment_size = 64 * mebibyte;
    /// Entries that bring no time get that of the system's coarse clock: it takes steps of 1 to 10 ms, and an append 15 ns
    /// less. Else they get it to the nanosecond; by a step at most, it may be later than that of entries that come after.
    bool coarse_time = false;
    /// The most segments, 0 for no limit; else at least 2.
    std::uint32_t max_segments = 0;
    limit_policy at_limit = limit_policy::refuse;
    /// The most bytes of data and key of one record, 1 to 1 GiB, for the writer and for the reader.
    std::uint64_t max_record_size = 64 * mebibyte;
    /// The most bytes of data and keys of one batch, from max_record_size to 1.25 GiB.
    std::uint64_t max_batch_bytes = 256 * mebibyte;
    /// Gathers appends in memory until so many bytes have come together, up to 64 MiB. A killed process loses them: only
    /// for policies whose appends do not wait. If they cannot be written they stay in memory, and appends are refused with
    /// the write's error until they can. 0 hands each append to the operating system before it returns.
    std::uint64_t write_buffer = 0;
    /// Segments prepared ahead, 0 to 2. With 0, the append that rolls makes its segment.
    std::uint32_t spare_segments = 1;
    /// Writes zeros to all of a segment before it is used: a sync then has nothing to note but the data, however much an
    /// append brings at once. For appends that wait; the disk is written twice, and an open after a kill reads more. Without
    /// it, zeros go ahead of small appends alone. Segments prepared ahead are filled in the background.
    bool prewrite = false;
    /// Bytes behind the log's end that are made ready in the background, by backends that write in place: what an append
    /// fills is then in memory. At most 2 GiB; 0 leaves it to the appends. A sync writes all that is ready, filled or not: so
    /// under a policy without `never_syncs` it counts as 1 MiB at most, and as 0 where appends wait, for those are written by
    /// calls.
    std::uint64_t window_ahead = 16 * mebibyte;
    /// Pads what is written together to a multiple of it, for disks that may damage bytes beside those being written
    /// when the power goes: 0, 512 or 4096.
    std::uint32_t sync_alignment = 0;
    /// Files of sealed segments that are kept open for reading. At least 1.
    std::uint32_t max_open_segments = 64;
    tail_policy unproven_tail = tail_policy::repair;
    /// Reads and checks every byte at open, sealed segments too.
    bool verify_all = false;
    /// Compares the checksum of each entry that is read. Without it damage goes unseen that spares the headers of frames and
    /// what says where the entries of a batch are: the entry is what stands there, or errc::wrong_compression. What open()
    /// and verify() read is checked in any case.
    bool check_reads = true;
    /// How often at most the state file learns how far the log is durable. Bounds what an open after a kill has to copy.
    nanoseconds witness_interval = std::chrono::milliseconds(100);
    /// Where timers, spare segments and removals run.
    tusk::background background = tusk::background::shared();
    /// Called with durable_index() after syncs: in order, one call at a time, no lock held, on a thread of `background`,
    /// which must have one. After a cut the index may be lower than before, or the same for another entry. Must not destroy
    /// or close the log.
    std::function<void(index_t)> on_durable{};
};

/// Choices of one append.
struct append_options {
    /// If not 0, the append fails with errc::index_mismatch unless its first entry gets this index.
    index_t expect_index = 0;
    durability wait = durability::policy;
    /// For records that do not say it themselves: false stores the data as it is, an id of codec:: compresses it with that
    /// one of the log's codecs. With one that the log was not given, the append fails with errc::invalid_argument.
    codec_choice compress{};
};

} // namespace tusk::inline v0
