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

/// A Compression with several codecs, of which each record may choose one. A refinement.
template<class C>
concept compression_choice = compression<C> && requires(const C codec, std::uint8_t id, byte_view in, byte_span out) {
    { C::writes(id) } noexcept -> std::same_as<bool>;
    { codec.compress(id, in, out) } noexcept -> std::same_as<std::size_t>;
};

/// True if `C` may write records of this codec. Storing data as it is, which every log can, is not asked for.
template<compression C>
[[nodiscard]] constexpr bool may_write(std::uint8_t id) noexcept {
    if constexpr (compression_choice<C>)
        return id == C::id || C::writes(id);
    else
        return id == C::id;
}

/// How many codecs there are that `C` may write.
template<compression C>
[[nodiscard]] consteval std::size_t written_codecs() noexcept {
    std::size_t count = 0;
    for (unsigned id = 1; id < 256; ++id)
        count += may_write<C>(static_cast<std::uint8_t>(id)) ? 1U : 0U;
    return count;
}

/// True if `C` can read each codec that it may write.
template<compression C>
[[nodiscard]] consteval bool reads_each_codec_it_writes() noexcept {
    for (unsigned id = 1; id < 256; ++id)
        if (may_write<C>(static_cast<std::uint8_t>(id)) && !C::reads(static_cast<std::uint8_t>(id)))
            return false;
    return true;
}

} // namespace tusk::inline v0
