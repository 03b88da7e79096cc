// A codec that does not say whether data could be decompressed is none.
// refused: satisf[a-z]+ (of )?.compression\b
// refused: decompress

#include <tusk/compression/none.hpp>

struct hopeful : tusk::no_compression {
#ifdef REFUSED
    void decompress(std::uint8_t, tusk::byte_view, tusk::byte_span) const noexcept {}
#endif
};

template<tusk::compression Compression>
void use(Compression) {}

void test() { use(hopeful{}); }
