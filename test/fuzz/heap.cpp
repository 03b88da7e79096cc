// Counts the program's memory: its own operator new, as good with a sanitizer as without one.

#include <fuzz/heap.hpp>

#include <algorithm>
#include <cstdlib>
#include <new>
#include <utility>

#include <malloc.h>

namespace {

thread_local std::size_t in_use = 0;
thread_local std::size_t peak = 0;

void* allocate(std::size_t size, std::size_t alignment) {
    void* const memory = alignment <= alignof(std::max_align_t)
                             ? std::malloc(std::max<std::size_t>(size, 1))
                             : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
    if (memory == nullptr)
        throw std::bad_alloc();
    in_use += ::malloc_usable_size(memory);
    peak = std::max(peak, in_use);
    return memory;
}

void release(void* memory) noexcept {
    if (memory == nullptr)
        return;
    in_use -= ::malloc_usable_size(memory);
    std::free(memory);
}

} // namespace

std::size_t fuzz::heap_in_use() noexcept { return in_use; }
std::size_t fuzz::heap_peak() noexcept { return std::exchange(peak, in_use); }

[[gnu::noinline]] void* operator new(std::size_t size) { return allocate(size, alignof(std::max_align_t)); }
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
    return allocate(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return allocate(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { release(memory); }
[[gnu::noinline]] void operator delete(void* memory, const std::nothrow_t&) noexcept { release(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { release(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept { release(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { release(memory); }
