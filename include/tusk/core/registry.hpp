#pragma once

#include <tusk/version.hpp>

#include <cstdint>

namespace tusk::inline v0 {

/// Ids of codecs. Persisted in every compressed record and in the state file.
namespace codec {
inline constexpr std::uint8_t none = 0;
inline constexpr std::uint8_t lz4 = 1;
inline constexpr std::uint8_t zstd = 2;
/// The first of 128 ids kept for users' own codecs.
inline constexpr std::uint8_t user = 128;
} // namespace codec

/// Ids of formats. Persisted in the state file.
namespace format_id {
inline constexpr std::uint8_t binary = 1;
inline constexpr std::uint8_t json = 2;
inline constexpr std::uint8_t protobuf = 3;
/// The first of 128 ids kept for users' own formats.
inline constexpr std::uint8_t user = 128;
} // namespace format_id

/// What to call a codec in a message.
[[nodiscard]] constexpr const char* codec_name(std::uint8_t id) noexcept {
    switch (id) {
    case codec::none: return "no_compression";
    case codec::lz4: return "lz4_compression";
    case codec::zstd: return "zstd_compression";
    default:
        return id >= codec::user ? "a compression of the user's own" : "a compression that this version does not know";
    }
}

/// What to call a format in a message.
[[nodiscard]] constexpr const char* format_name(std::uint8_t id) noexcept {
    switch (id) {
    case format_id::binary: return "binary_format";
    case format_id::json: return "json_format";
    case format_id::protobuf: return "protobuf_format";
    default: return id >= format_id::user ? "a format of the user's own" : "a format that this version does not know";
    }
}

} // namespace tusk::inline v0
