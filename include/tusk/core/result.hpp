#pragma once

#include <tusk/core/errc.hpp>

#include <boost/outcome/std_result.hpp>
#include <boost/outcome/try.hpp>

namespace tusk::inline v0 {

/// A value or an error code. `if (r)`, `r.value()` (throws `std::system_error`), `r.error()`.
template<class T>
using result = boost::outcome_v2::std_result<T>;

/// The result of what succeeded and has nothing to say.
inline auto success() noexcept { return boost::outcome_v2::success(); }

/// The error, or none.
[[nodiscard]] inline std::error_code code_of(const result<void>& r) noexcept {
    return r ? std::error_code() : r.error();
}

} // namespace tusk::inline v0

/// Returns the error of `expression` from the calling function, if there is one.
#define TUSK_TRY(...) BOOST_OUTCOME_TRY(__VA_ARGS__)
