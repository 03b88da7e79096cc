#pragma once

#include "journal.hpp"

#include "progress.hpp"

/// What happened while a file was journalled.
struct crash_run {
    unsigned kills = 0; ///< how often the process that writes was killed
    contents held;      ///< what is in the log at the end
};

/// Journals the text by processes that write, the first `kills` of which are killed at random moments. After each, the
/// log must hold every line that was acknowledged, and no other: else throws `disagreement`.
[[nodiscard]] crash_run journal_with_crashes(const journal& where, const text_lines& text, unsigned kills,
                                             progress& shown);
