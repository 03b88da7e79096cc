#pragma once

#include <tusk/compression/context_pool.hpp>
#include <tusk/concept/compression.hpp>
#include <tusk/core/registry.hpp>

#include <zstd.h>
#include <zstd_errors.h>

namespace tusk::inline v0 {

/// Zstandard frames: much smaller for some more time. Also opens logs whose data is stored as it is. Needs libzstd, any
/// version from 1.4 on.
///
/// Contexts are shared by all logs of the process and kept for the next call: for records of about the same size nothing is
/// allocated, and no lock is taken. Each grows to what the largest record at the highest level needs: to compress at most
/// 1.3 MB at level 3, and 680 MB at level 22; to decompress 0.1 MB, whatever comes. zstd gives that back when more than a
/// hundred records in a row needed much less.
struct zstd_compression {
    static constexpr std::uint8_t id = codec::zstd;

    /// Speed for size: 1 to 22, and below 0 for more speed still; 0 is zstd's own default. What lies beyond is taken for the
    /// nearest level that there is.
    int level = 3;

    [[nodiscard]] static constexpr bool reads(std::uint8_t codec) noexcept { return codec == id; }

    [[nodiscard]] std::size_t compress(byte_view in, byte_span out) const noexcept {
        const auto context = compressors().take();
        if (!context)
            return 0;
        const std::size_t size = ZSTD_compressCCtx(context.get(), out.data(), out.size(), in.data(), in.size(), level);
        return ZSTD_isError(size) != 0 ? 0 : size; // most often: there is no room
    }

    /// errc::corrupt too for what zstd would decompress in other ways: several frames, such as say nothing of their size,
    /// and those of the time before version 0.8. std::errc::not_enough_memory if there is none for a context.
    [[nodiscard]] result<void> decompress(std::uint8_t codec, byte_view in, byte_span out) const noexcept {
        if (codec != id)
            return errc::wrong_compression;
        if (!is_one_frame(in) || ZSTD_getFrameContentSize(in.data(), in.size()) != out.size())
            return errc::corrupt;
        const auto context = decompressors().take();
        if (!context)
            return make_error_code(std::errc::not_enough_memory);
        // In one call, zstd decompresses in place: the frame's window takes no memory of its own.
        const std::size_t size = ZSTD_decompressDCtx(context.get(), out.data(), out.size(), in.data(), in.size());
        if (size == out.size())
            return success();
        return ZSTD_getErrorCode(size) == ZSTD_error_memory_allocation ? make_error_code(std::errc::not_enough_memory)
                                                                       : make_error_code(errc::corrupt);
    }

private:
    struct freeing {
        void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
        void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
    };

    using compressor_pool = context_pool<ZSTD_CCtx, &ZSTD_createCCtx, freeing>;
    using decompressor_pool = context_pool<ZSTD_DCtx, &ZSTD_createDCtx, freeing>;

    static compressor_pool& compressors() noexcept {
        static constinit compressor_pool pool;
        return pool;
    }
    static decompressor_pool& decompressors() noexcept {
        static constinit decompressor_pool pool;
        return pool;
    }

    [[nodiscard]] static bool is_one_frame(byte_view in) noexcept {
        constexpr std::array<std::byte, 4> magic{std::byte{0x28}, std::byte{0xB5}, std::byte{0x2F}, std::byte{0xFD}};
        return in.size() > magic.size() && same_bytes(in.first(magic.size()), magic) &&
               ZSTD_findFrameCompressedSize(in.data(), in.size()) == in.size();
    }
};

} // namespace tusk::inline v0
