#pragma once

#include <tusk/version.hpp>

#include <cstdint>

namespace tusk::inline v0 {

/// The position of an entry in its log: contiguous, given by the log. 0 is no entry.
using index_t = std::uint64_t;
/// The caller's Raft-style term. Never decreases along the log.
using term_t = std::uint64_t;
/// A byte position in a log's history. Never goes back and is never used twice.
using lsn_t = std::uint64_t;
/// No log has an entry above it: a reset goes to the lower half of all indexes, and as many entries as another quarter of
/// them are nowhere.
inline constexpr index_t max_index = UINT64_MAX / 4 * 3;
/// Nor is any so long.
inline constexpr lsn_t max_lsn = UINT64_MAX / 2;
/// The number of a segment. Never used twice in one log.
using segment_t = std::uint32_t;
/// Nanoseconds since 1970-01-01 00:00 UTC.
using timestamp_t = std::uint64_t;

inline constexpr std::uint64_t kibibyte = 1024;
inline constexpr std::uint64_t mebibyte = 1024 * kibibyte;
inline constexpr std::uint64_t gibibyte = 1024 * mebibyte;

/// What an entry is. The log stores it and gives it back; only topics, keyed records and callers give it meaning.
enum class entry_kind : std::uint8_t {
    data = 0,
    tombstone = 1,
    /// The first of 128 values kept for callers: Raft configuration entries and the like.
    user = 128,
};

} // namespace tusk::inline v0
