#pragma once

#include "bare_file.hpp"
#include "race.hpp"

#include <tusk/wal.hpp>

#include <tusk/fsync/interval.hpp>
#include <tusk/fsync/never.hpp>

#include <string>

namespace bench {

/// One cell of the table: how much is appended, by how many, for how long.
struct workload {
    std::size_t record_size = 0;
    unsigned threads = 1;
    std::chrono::nanoseconds time{};
};

/// Room for a run without syncs. No run may fill a segment: a log syncs what it seals, and a bare file seals nothing.
inline constexpr std::uint64_t segment_size = tusk::gibibyte;
inline constexpr std::uint64_t most_bytes = 3 * segment_size / 4;
/// More than a frame adds to one record.
inline constexpr std::uint64_t frame_overhead = 64;
/// Room for a run that syncs each append, in blocks that have to be written before.
inline std::uint64_t synced_bytes(const workload& w) {
    return std::min<std::uint64_t>(16384 * w.record_size, 64 << 20);
}

inline void require_same(const tally& appended, const tally& found) {
    if (appended != found)
        throw std::runtime_error("what was read back is not what was appended");
}

/// A run over a bare file, each write followed by `sync()`.
template<class Sync>
outcome bare(bare_file& file, const payloads& records, const entrants& who, Sync sync) {
    const outcome done = race(records, who, [&](std::uint64_t first) {
        const bool fits = file.write(records, first, who.group);
        if (fits)
            sync();
        return fits;
    });
    require_same(done.appended, file.read_back());
    return done;
}

inline outcome bare_writes(const std::string& directory, const payloads& records, const workload& w) {
    bare_file file(directory + "/bare", w.record_size, most_bytes, bare_file::blocks::allocated);
    return bare(file, records, {.threads = w.threads, .time = w.time}, [] {});
}

inline outcome bare_ticking(const std::string& directory, const payloads& records, const workload& w) {
    bare_file file(directory + "/bare", w.record_size, most_bytes, bare_file::blocks::allocated);
    const ticking_sync syncing(file, tusk::fsync_interval().window);
    return bare(file, records, {.threads = w.threads, .time = w.time}, [] {});
}

template<bare_file::blocks Blocks>
outcome bare_each_synced(const std::string& directory, const payloads& records, const workload& w) {
    bare_file file(directory + "/bare", w.record_size, synced_bytes(w), Blocks);
    return bare(file, records, {.threads = w.threads, .time = w.time}, [&] { file.sync(); });
}

/// One thread does for all what a log does for threads that append at the same time, with nobody to wake.
inline outcome bare_group_synced(const std::string& directory, const payloads& records, const workload& w) {
    bare_file file(directory + "/bare", w.record_size, synced_bytes(w), bare_file::blocks::allocated);
    return bare(file, records, {.group = w.threads, .time = w.time}, [&] { file.sync(); });
}

/// A run over a log that is made for it, read back after it was closed and opened again.
template<class FsyncPolicy>
outcome logged(const std::string& directory, const payloads& records, const workload& w) {
    using log_type = tusk::basic_wal<tusk::binary_format, FsyncPolicy, tusk::posix_backend, tusk::no_compression>;
    tusk::options opts;
    opts.segment_size = segment_size;
    opts.spare_segments = 0; // the run needs none, and its making would fall into the time
    const std::string path = directory + "/log";
    outcome done;
    tally all;
    {
        auto log = log_type::open(path, opts).value();
        log.append(records[0]).value(); // makes the segment
        log.sync().value();
        const std::uint64_t most_each = most_bytes / (w.record_size + frame_overhead) / w.threads;
        done = race(records, {.threads = w.threads, .time = w.time, .most_each = most_each}, [&](std::uint64_t first) {
            log.append(records[first]).value();
            return true;
        });
        all = done.appended;
        all += records.of(0, 1);
        log.close().value();
    }
    auto log = log_type::open(path, opts).value();
    auto reader = log.read_from(1).value();
    tally found;
    auto entry = reader.next();
    for (; entry; entry = reader.next())
        found.add(entry.value().data());
    if (entry.error() != tusk::errc::beyond_end)
        entry.value(); // throws what it was
    require_same(all, found);
    log.close().value();
    return done;
}

} // namespace bench
