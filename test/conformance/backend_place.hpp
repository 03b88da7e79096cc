#pragma once

#include <tusk/concept/backend.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

/// What the tests of backends say things with.
namespace backend_suite {

using tusk::byte_span;
using tusk::byte_view;
using tusk::errc;
using tusk::open_for;
using tusk::result;

/// What went wrong; no error if nothing did.
template<class T>
std::error_code error_of(const result<T>& r) {
    return r ? std::error_code() : r.error();
}

/// The value, or the end of the test with the reason.
template<class T>
T must(result<T> r) {
    BOOST_REQUIRE_MESSAGE(r.has_value(), error_of(r).message());
    return std::move(r).value();
}
inline void must(const result<void>& r) { BOOST_REQUIRE_MESSAGE(r.has_value(), error_of(r).message()); }

/// Whether it failed, and in this way.
template<class T, class Code>
boost::test_tools::predicate_result fails_with(const result<T>& r, Code expected) {
    boost::test_tools::predicate_result outcome(!r.has_value() && r.error() == expected);
    outcome.message() << (r ? "it succeeded" : error_of(r).message());
    return outcome;
}

template<class File>
result<void> write_text(File& file, std::uint64_t at, std::string_view text) {
    const byte_view piece = tusk::to_bytes(text);
    return file.write(at, {&piece, 1});
}

/// What a read of `size` bytes gives, which may be fewer.
template<class File>
std::string read_text(const File& file, std::uint64_t at, std::size_t size) {
    std::string text(size, '?');
    text.resize(must(file.read(at, std::as_writable_bytes(std::span(text)))));
    return text;
}

template<class File>
std::string whole(const File& file) {
    return read_text(file, 0, static_cast<std::size_t>(must(file.size())));
}

template<class Backend>
std::vector<std::string> names(Backend& directory) {
    std::vector<std::string> found;
    must(directory.list(found));
    std::sort(found.begin(), found.end());
    return found;
}

/// A directory that was made and attached to.
template<class Place>
struct made {
    Place place;
    typename Place::backend_type directory = attached();

    typename Place::backend_type attached() {
        auto b = place.backend();
        must(b.attach(/*create=*/true));
        return b;
    }
    auto file(const char* name, std::string_view text = {}) {
        auto f = must(directory.create(name, text.size()));
        must(write_text(f, 0, text));
        return f;
    }
};

inline const std::string zeros(1000, '\0');

} // namespace backend_suite
