#pragma once

#include <tusk/core/result.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>

/// What the fuzz targets share.
namespace fuzz {

/// Ends the program: the fuzzer keeps the input.
[[noreturn]] inline void finding(const std::string& what) {
    std::fprintf(stderr, "finding: %s\n", what.c_str());
    std::abort();
}

/// What must hold, whatever the input is.
inline void require(bool holds, const char* what) {
    if (!holds)
        finding(what);
}

/// The value of what must not fail.
template<class T>
T must(tusk::result<T> r, const char* what) {
    if (!r)
        finding(std::string(what) + ": " + r.error().message());
    return std::move(r).value();
}
inline void must(const tusk::result<void>& r, const char* what) {
    if (!r)
        finding(std::string(what) + ": " + r.error().message());
}

} // namespace fuzz
