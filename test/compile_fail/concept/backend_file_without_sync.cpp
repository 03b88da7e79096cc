// A file that cannot be synced is no file for a log.
// refused: backend_file
// refused: sync

#include <tusk/concept/backend.hpp>

struct file {
    tusk::result<std::uint64_t> size() const noexcept { return 0U; }
    tusk::result<std::size_t> read(std::uint64_t, tusk::byte_span) const noexcept { return 0U; }
    tusk::result<void> write(std::uint64_t, std::span<const tusk::byte_view>) noexcept { return tusk::success(); }
#ifndef REFUSED
    tusk::result<void> sync() noexcept { return tusk::success(); }
#endif
    tusk::result<void> trim(std::uint64_t) noexcept { return tusk::success(); }
    tusk::result<void> close() noexcept { return tusk::success(); }
};

template<tusk::backend_file File>
void use(File) {}

void test() { use(file{}); }
