#pragma once

#include <cstddef>

/// How often this thread has allocated. The test program's own operator new counts; main.cpp has it.
std::size_t allocations() noexcept;
/// The most bytes that it has allocated at once since it last asked.
std::size_t largest_allocation() noexcept;
