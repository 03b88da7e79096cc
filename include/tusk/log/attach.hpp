#pragma once

#include <tusk/concept/backend.hpp>
#include <tusk/log/report.hpp>

#include <random>

namespace tusk::inline v0 {

/// Attaches a Backend to its directory, and puts what it has to say about that into the report.
template<backend Backend>
[[nodiscard]] result<void> attach(Backend& directory, bool create, recovery_report& report) noexcept {
    result<void> attached = directory.attach(create);
    if constexpr (gives_note<Backend>)
        if (std::string note = directory.note(); !note.empty()) {
            if (!attached)
                report.message = note;
            report.notes.push_back(std::move(note));
        }
    return attached;
}

/// What a new log is known by, which is mixed into its checksums.
template<backend Backend>
[[nodiscard]] std::uint64_t new_identity(Backend& directory) noexcept {
    if constexpr (gives_identity<Backend>) {
        return directory.identity();
    } else {
        std::random_device random;
        return std::uint64_t{random()} << 32U | random();
    }
}

} // namespace tusk::inline v0
