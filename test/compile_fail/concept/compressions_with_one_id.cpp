// Two codecs with the same id could not be told apart by who reads.
// refused: two codecs have the same id

#include <tusk/compression/compressions.hpp>
#include <tusk/compression/lz4.hpp>

struct another : tusk::lz4_compression {
#ifndef REFUSED
    static constexpr std::uint8_t id = 200;
    static constexpr bool reads(std::uint8_t codec) noexcept { return codec == id; }
#endif
};

tusk::compressions<tusk::lz4_compression, another> test() { return {}; }
