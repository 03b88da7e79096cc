#pragma once

#include <cstddef>

namespace fuzz {

/// The bytes that this thread has allocated and not freed.
[[nodiscard]] std::size_t heap_in_use() noexcept;
/// The most that it was since the last call.
[[nodiscard]] std::size_t heap_peak() noexcept;

} // namespace fuzz
