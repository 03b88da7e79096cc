#pragma once

#include <tusk/core/types.hpp>

#include <string>
#include <vector>

namespace tusk::inline v0 {

/// A place where a log is not what it should be.
struct damage {
    segment_t segment = 0;    ///< 0: the state file
    std::uint64_t offset = 0; ///< in bytes from the start of the file
    std::uint64_t bytes = 0;  ///< how much cannot be read from there, at most
    index_t first = 0;        ///< the first index that is touched, as far as that can be told; 0 if none
    index_t last = 0;         ///< the last one; 0 if it cannot be told
    const char* what = "";
};

/// The most places that a report names, so that no file can make it large.
inline constexpr std::size_t max_damages = 1024;

/// Names one more place, if there are not so many already.
inline void add_damage(std::vector<damage>& to, const damage& d) {
    if (to.size() < max_damages)
        to.push_back(d);
}

/// What open() found and did. Filled in on failure too.
struct recovery_report {
    bool created = false;            ///< there was no log, and one was made
    bool repaired = false;           ///< files were written to repair it
    std::uint32_t segments = 0;      ///< in the chain
    std::uint64_t scanned_bytes = 0; ///< read and checked
    index_t first_index = 0;
    index_t last_index = 0;             ///< first_index - 1 if the log is empty
    lsn_t witness = 0;                  ///< the largest durable LSN that anything proves
    std::uint64_t unproven_entries = 0; ///< kept although nothing proves that they were durable
    std::uint64_t dropped_bytes = 0;    ///< at most so many bytes of a tail that nothing proves durable were left out
    std::uint64_t lost_entries = 0;     ///< salvage: indexes that read as errc::lost
    std::vector<damage> damages;        ///< in the order of the log, the first 1024
    /// What salvage would keep, if open refused because of damage: indexes, 0 and 0 if nothing. Some between may be lost.
    index_t salvage_first = 0;
    index_t salvage_last = 0;
    std::vector<std::string> unknown_files; ///< in the directory and not the log's; left alone
    std::vector<std::string> evidence;      ///< files set aside by this or an earlier repair
    std::vector<std::string> notes;         ///< of the Backend, on success too: what it does without
    std::string message; ///< what was wrong, in words, naming the option, format or file; empty if all is well
};

/// What verify() found.
struct verify_report {
    std::uint64_t segments = 0;
    std::uint64_t bytes = 0;
    std::uint64_t entries = 0; ///< that are in the log and check
    std::vector<damage> damages;

    [[nodiscard]] bool sound() const noexcept { return damages.empty(); }
};

} // namespace tusk::inline v0
