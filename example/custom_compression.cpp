// A codec of one's own: LZ4 that knows beforehand what the entries look like. Each entry is compressed alone, so small ones
// that resemble each other gain little by themselves; with a dictionary they become references to it.
#include <tusk/compression/compressions.hpp>
#include <tusk/compression/lz4.hpp>
#include <tusk/fsync/interval.hpp>
#include <tusk/wal.hpp>

#include <iostream>
#include <string>

class event_compression {
public:
    // Persisted. What was compressed with this dictionary needs it for ever: another one takes another id, and the old codec
    // stays beside it, in the same `compressions`.
    static constexpr std::uint8_t id = tusk::codec::user;

    [[nodiscard]] static constexpr bool reads(std::uint8_t codec) noexcept { return codec == id; }

    [[nodiscard]] std::size_t compress(tusk::byte_view in, tusk::byte_span out) const noexcept {
        if (in.size() > LZ4_MAX_INPUT_SIZE)
            return 0;
        LZ4_stream_t stream; // 16 KiB of the stack, so that many threads may do this at once
        LZ4_initStream(&stream, sizeof stream);
        LZ4_loadDict(&stream, dictionary.data(), static_cast<int>(dictionary.size()));
        return static_cast<std::size_t>(LZ4_compress_fast_continue(&stream, chars(in.data()), chars(out.data()),
                                                                   size_of(in), size_of(out), /*acceleration=*/1));
    }

    [[nodiscard]] tusk::result<void> decompress(std::uint8_t codec, tusk::byte_view in,
                                                tusk::byte_span out) const noexcept {
        if (codec != id)
            return tusk::errc::wrong_compression;
        const int size = LZ4_decompress_safe_usingDict(chars(in.data()), chars(out.data()), size_of(in), size_of(out),
                                                       dictionary.data(), static_cast<int>(dictionary.size()));
        if (size < 0 || static_cast<std::size_t>(size) != out.size()) // exactly what the entry declared, or damage
            return tusk::errc::corrupt;
        return tusk::success();
    }

private:
    static constexpr std::string_view dictionary = // what is most frequent comes last
        R"({"event":"refunded","event":"cancelled","event":"ordered","customer":"","amount":)"
        R"(,"currency":"USD","currency":"EUR","source":"web shop","source":"mobile app","time":"2024-01-01T00:00:00Z"})";

    static int size_of(tusk::byte_view bytes) noexcept {
        return static_cast<int>(std::min<std::size_t>(bytes.size(), LZ4_MAX_INPUT_SIZE));
    }
    static const char* chars(const std::byte* bytes) noexcept { return reinterpret_cast<const char*>(bytes); }
    static char* chars(std::byte* bytes) noexcept { return reinterpret_cast<char*>(bytes); }
};

static_assert(tusk::reads_what_it_writes<event_compression>);

int main() {
    // Events with the dictionary; plain LZ4 for what chooses it.
    using codecs = tusk::compressions<event_compression, tusk::lz4_compression>;
    using log_type = tusk::basic_wal<tusk::binary_format, tusk::fsync_interval, tusk::posix_backend, codecs>;
    auto log = log_type::open("custom_compression.wal").value();
    const auto event = [](std::uint64_t i) {
        return R"({"event":"ordered","customer":"c)" + std::to_string(i * 7919) + R"(","amount":)" + std::to_string(i) +
               R"(.50,"currency":"EUR","source":"web shop","time":"2024-05-17T09:30:00Z"})";
    };

    const tusk::index_t first = log.next_index().value();
    for (std::uint64_t i = 0; i < 1000; ++i) {
        log.append(event(i)).value();
        log.append(event(i), {.compress = tusk::codec::lz4}).value();
    }
    for (std::uint64_t i = 0; i < 1000; ++i) // both give back what was appended
        for (const tusk::index_t index : {first + 2 * i, first + 2 * i + 1})
            if (log.get(index).value().text() != event(i))
                return 1;

    const auto own = log.compression_counts().of(event_compression::id);
    const auto lz4 = log.compression_counts().of(tusk::codec::lz4);
    const auto raw = log.compression_counts().of(tusk::codec::none); // what LZ4 did not make smaller
    std::cout << own.bytes_before << " bytes of events; with the dictionary " << own.bytes_after << ", without "
              << lz4.bytes_after + raw.bytes_after << '\n';
    return own.bytes_after * 2 < lz4.bytes_after + raw.bytes_after && log.close() ? 0 : 1;
}
