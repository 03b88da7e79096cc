#pragma once

#include "text_lines.hpp"

#include <tusk/core/types.hpp>

#include <functional>

/// When the journal's appends are synced.
enum class fsync_choice { always, interval, never };

/// Where the journal is, and how it is written.
struct journal {
    std::string directory;
    fsync_choice fsync = fsync_choice::always;
    std::uint64_t segment_size = 0; ///< in bytes
};

/// Told how many lines the log holds for certain: once when the log is open, then after each append.
using acknowledge = std::function<void(tusk::index_t)>;

/// Opens the log, or makes it, and appends the lines that it does not hold yet, each as one entry: line n is entry n.
/// Throws `failure`, or std::system_error for what goes wrong later.
void append_lines(const journal& where, const text_lines& text, const acknowledge& tell);

/// What a journal holds.
struct contents {
    tusk::index_t lines = 0;
    std::uint64_t bytes = 0;    ///< of the lines
    std::uint64_t segments = 0; ///< 0 if there is no log
};

/// Reads the whole log, without changing it, and compares each entry with its line, byte by byte. Throws `disagreement`
/// if one is not the same or there are more of them; otherwise as append_lines().
[[nodiscard]] contents compare(const journal& where, const text_lines& text);
