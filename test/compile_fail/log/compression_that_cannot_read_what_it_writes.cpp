// What was compressed with a codec must be readable with it: a rule that no single function shows.
// refused: usable_policies
// refused: reads_what_it_writes
// refused: C::reads\(C::id\)

#include <tusk/wal.hpp>

struct one_way {
    static constexpr std::uint8_t id = 200;
#ifdef REFUSED
    static constexpr bool reads(std::uint8_t) noexcept { return false; }
#else
    static constexpr bool reads(std::uint8_t codec) noexcept { return codec == id; }
#endif
    std::size_t compress(tusk::byte_view, tusk::byte_span) const noexcept { return 0; }
    tusk::result<void> decompress(std::uint8_t, tusk::byte_view, tusk::byte_span) const noexcept {
        return tusk::errc::corrupt;
    }
};

using log_type = tusk::basic_wal<tusk::binary_format, tusk::fsync_always, tusk::posix_backend, one_way>;
bool test(log_type& log) { return log.is_open(); }
