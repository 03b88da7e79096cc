#pragma once

#include <tusk/concept/compression.hpp>
#include <tusk/core/registry.hpp>

namespace tusk::inline v0 {

/// Stores data as it is. Cannot open a log that holds compressed data: errc::wrong_compression.
struct no_compression {
    static constexpr std::uint8_t id = codec::none;

    [[nodiscard]] static constexpr bool reads(std::uint8_t) noexcept { return false; }
    [[nodiscard]] std::size_t compress(byte_view, byte_span) const noexcept { return 0; }
    [[nodiscard]] result<void> decompress(std::uint8_t, byte_view, byte_span) const noexcept {
        return errc::wrong_compression;
    }
};

} // namespace tusk::inline v0
