#pragma once

#include <cstddef>

/// How often this thread has allocated. The test program's own operator new counts; main.cpp has it.
std::size_t allocations() noexcept;
