#pragma once

#include <tusk/backend/memory.hpp>

#include <utility>

namespace log_test {

/// A backend whose files are of another type, each made from one of its own.
template<class File, tusk::backend Inner = tusk::memory_backend>
struct backend_of : Inner {
    using file = File;

    explicit backend_of(Inner inner) : Inner(std::move(inner)) {}

    [[nodiscard]] tusk::result<file> create(const char* name, std::uint64_t size) noexcept {
        TUSK_TRY(auto made, Inner::create(name, size));
        return file(std::move(made));
    }
    [[nodiscard]] tusk::result<file> open(const char* name, tusk::open_for purpose) noexcept {
        TUSK_TRY(auto opened, Inner::open(name, purpose));
        return file(std::move(opened));
    }
};

} // namespace log_test
