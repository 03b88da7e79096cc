#pragma once

#include <tusk/core/bytes.hpp>
#include <tusk/core/result.hpp>

#include <concepts>
#include <cstdint>

namespace tusk::inline v0 {

/// How the data of an entry is made smaller. Called from any number of threads at once.
/// See concept/README.md for what each expression means; test/conformance/compression.hpp proves it.
template<class C>
concept compression =
    std::copy_constructible<C> && requires(const C codec, std::uint8_t id, byte_view in, byte_span out) {
        { C::id } -> std::convertible_to<std::uint8_t>;
        { C::reads(id) } noexcept -> std::same_as<bool>;
        { codec.compress(in, out) } noexcept -> std::same_as<std::size_t>;
        { codec.decompress(id, in, out) } noexcept -> std::same_as<result<void>>;
    };

} // namespace tusk::inline v0
