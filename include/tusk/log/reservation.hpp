#pragma once

#include <tusk/log/commit_group.hpp>

#include <optional>

namespace tusk::inline v0 {

/// A frame's place: in a group, which is referenced once for whoever reserved it, unless `alone`.
template<backend Backend>
struct reservation {
    using group = commit_group<Backend>;

    group* where = nullptr;
    std::size_t at = 0; ///< in the group's memory
    frame_place place;
    append_place out;
    bool in_place = false;       ///< it is as good as written when it is filled, if all before it in the group is
    group* lead_first = nullptr; ///< instead of all that: no group is free until this one, referenced, is written
    bool again = false;          ///< or: look again, something has changed
    bool needs_memory = false;   ///< `again`, and with a large frame in memory of its own: it does not fit the file
    bool alone = false; ///< nothing waited before it: the group is taken out of those that wait, as by take_up_to()
    std::optional<shared_room::frame> shared; ///< one of the shared places, and how it is to be filled
    group* lead_later = nullptr; ///< then perhaps a group before it, referenced, which is filled and may be written

    [[nodiscard]] static reservation wants_memory() noexcept {
        reservation out;
        out.again = out.needs_memory = true;
        return out;
    }
};

} // namespace tusk::inline v0
