// The one place where Boost.Test itself is compiled.
#define BOOST_TEST_MODULE tusk
#include <boost/test/included/unit_test.hpp>

#include <allocations.hpp>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

namespace {

thread_local std::size_t allocated = 0;
thread_local std::size_t largest = 0;

void* allocate(std::size_t size, std::size_t alignment) {
    ++allocated;
    largest = std::max(largest, size);
    void* const memory = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    if (memory == nullptr)
        throw std::bad_alloc();
    return memory;
}

} // namespace

std::size_t allocations() noexcept { return allocated; }
std::size_t largest_allocation() noexcept { return std::exchange(largest, 0); }

// For the whole test program. Not inlined, or GCC takes free() for a mistake; weak, for a sanitizer may bring its own,
// which then count nothing.
[[gnu::noinline, gnu::weak]] void* operator new(std::size_t size) { return allocate(size, alignof(std::max_align_t)); }
[[gnu::noinline, gnu::weak]] void* operator new(std::size_t size, std::align_val_t alignment) {
    return allocate(size, std::max(static_cast<std::size_t>(alignment), sizeof(void*)));
}
[[gnu::noinline, gnu::weak]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline, gnu::weak]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline, gnu::weak]] void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
[[gnu::noinline, gnu::weak]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}
