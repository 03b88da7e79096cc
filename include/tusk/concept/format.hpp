#pragma once

#include <tusk/core/frame.hpp>
#include <tusk/core/result.hpp>

#include <concepts>

namespace tusk::inline v0 {

/// How frames look on disk. See concept/README.md for what each expression means; test/conformance/format.hpp proves it.
template<class F>
concept format = requires(const frame_view& frame, byte_span out, byte_view in, const frame_place& place,
                          frame_info& info, const frame_info& found, std::size_t at, frame_cursor& cursor,
                          stored_entry& entry, const stored_entry& known, std::span<std::uint64_t> numbers) {
    { F::id } -> std::convertible_to<std::uint8_t>;
    { F::name } -> std::convertible_to<const char*>;
    { F::version } -> std::convertible_to<std::uint32_t>;
    { F::fill } -> std::convertible_to<std::byte>;
    { F::alignment } -> std::convertible_to<std::size_t>;
    { F::probe_size } -> std::convertible_to<std::size_t>;
    { F::min_pad } -> std::convertible_to<std::size_t>;
    { F::max_entries } -> std::convertible_to<std::uint32_t>;
    { F::size(frame) } noexcept -> std::same_as<std::size_t>;
    { F::encode(frame, out) } noexcept -> std::same_as<void>;
    { F::stamp(out, place) } noexcept -> std::same_as<void>;
    { F::probe(in, place, info) } noexcept -> std::same_as<verdict>;
    { F::check(in, found) } noexcept -> std::same_as<bool>;
    { F::check_lead(in, found) } noexcept -> std::same_as<bool>;
    { F::numbers(in, found, numbers) } noexcept -> std::same_as<result<std::size_t>>;
    { F::next(in, found, cursor, entry) } noexcept -> std::same_as<result<bool>>;
    { F::check_entry(in, known) } noexcept -> std::same_as<bool>;
    { F::show(in, entry, out) } noexcept -> std::same_as<result<void>>;
    { F::resync(in, at) } noexcept -> std::same_as<std::size_t>;
};

} // namespace tusk::inline v0
