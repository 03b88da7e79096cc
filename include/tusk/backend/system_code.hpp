#pragma once

#include <tusk/core/errc.hpp>

#include <cerrno>

namespace tusk::inline v0 {

/// The error for a value of `errno`: the system's own code, but that no room is errc::no_space whatever its reason.
inline std::error_code system_code(int code) noexcept {
    switch (code) {
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return errc::no_space;
    default: return {code, std::system_category()};
    }
}

} // namespace tusk::inline v0
