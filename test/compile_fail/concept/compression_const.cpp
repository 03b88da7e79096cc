// Many threads compress with one codec at once, so it must do without changing itself.
// refused: compression
// refused: compress\(

#include <tusk/concept/compression.hpp>

struct codec {
    static constexpr std::uint8_t id = 200;
    static bool reads(std::uint8_t) noexcept { return true; }
#ifdef REFUSED
    std::size_t compress(tusk::byte_view, tusk::byte_span) noexcept { return 0; }
#else
    std::size_t compress(tusk::byte_view, tusk::byte_span) const noexcept { return 0; }
#endif
    tusk::result<void> decompress(std::uint8_t, tusk::byte_view, tusk::byte_span) const noexcept {
        return tusk::success();
    }
};

template<tusk::compression Compression>
void use(Compression) {}

void test() { use(codec{}); }
