#pragma once

#include <tusk/concept/backend.hpp>
#include <tusk/log/report.hpp>

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

} // namespace tusk::inline v0
