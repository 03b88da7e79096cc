// A Compression that may write several codecs reads each of them.
// refused: usable_policies
// refused: reads_what_it_writes
// refused: reads_each_codec_it_writes

#include <tusk/compression/lz4.hpp>
#include <tusk/wal.hpp>

struct writes_more : tusk::lz4_compression {
#ifdef REFUSED
    static constexpr bool writes(std::uint8_t codec) noexcept { return codec == 200 || codec == id; }
#else
    static constexpr bool writes(std::uint8_t codec) noexcept { return codec == id; }
#endif
    using lz4_compression::compress;
    std::size_t compress(std::uint8_t, tusk::byte_view in, tusk::byte_span out) const noexcept {
        return compress(in, out);
    }
};

using log_type = tusk::basic_wal<tusk::binary_format, tusk::fsync_always, tusk::posix_backend, writes_more>;
bool test(log_type& log) { return log.is_open(); }
