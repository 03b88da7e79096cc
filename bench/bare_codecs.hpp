#pragma once

#include <tusk/core/bytes.hpp>
#include <tusk/core/registry.hpp>

#include <lz4.h>
#include <zstd.h>

#include <memory>

namespace bench {

// What the libraries do when they are called for one block. compress() gives 0 if it does not fit.

struct bare_raw {
    static constexpr std::uint8_t id = tusk::codec::none;
    static constexpr const char* name = "none";

    static std::size_t compress(tusk::byte_view, tusk::byte_span) { return 0; }
    static bool decompress(tusk::byte_view, tusk::byte_span) { return false; }
};

struct bare_lz4 {
    static constexpr std::uint8_t id = tusk::codec::lz4;
    static constexpr const char* name = "lz4";

    static std::size_t compress(tusk::byte_view in, tusk::byte_span out) {
        return static_cast<std::size_t>(
            LZ4_compress_default(reinterpret_cast<const char*>(in.data()), reinterpret_cast<char*>(out.data()),
                                 static_cast<int>(in.size()), static_cast<int>(out.size())));
    }
    static bool decompress(tusk::byte_view in, tusk::byte_span out) {
        return LZ4_decompress_safe(reinterpret_cast<const char*>(in.data()), reinterpret_cast<char*>(out.data()),
                                   static_cast<int>(in.size()),
                                   static_cast<int>(out.size())) == static_cast<int>(out.size());
    }
};

/// Level 3, zstd's own default, with contexts that are kept.
class bare_zstd {
public:
    static constexpr std::uint8_t id = tusk::codec::zstd;
    static constexpr const char* name = "zstd";

    std::size_t compress(tusk::byte_view in, tusk::byte_span out) {
        const std::size_t size =
            ZSTD_compressCCtx(compressor_.get(), out.data(), out.size(), in.data(), in.size(), /*compressionLevel=*/3);
        return ZSTD_isError(size) != 0 ? 0 : size;
    }
    bool decompress(tusk::byte_view in, tusk::byte_span out) {
        return ZSTD_decompressDCtx(decompressor_.get(), out.data(), out.size(), in.data(), in.size()) == out.size();
    }

private:
    struct freeing {
        void operator()(ZSTD_CCtx* context) const noexcept { ZSTD_freeCCtx(context); }
        void operator()(ZSTD_DCtx* context) const noexcept { ZSTD_freeDCtx(context); }
    };
    std::unique_ptr<ZSTD_CCtx, freeing> compressor_{ZSTD_createCCtx()};
    std::unique_ptr<ZSTD_DCtx, freeing> decompressor_{ZSTD_createDCtx()};
};

} // namespace bench
