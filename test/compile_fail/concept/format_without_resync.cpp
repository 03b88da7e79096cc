// A format that cannot find its frames again behind damage is none.
// refused: satisf[a-z]+ (of )?.format\b
// refused: F::resync\(in, at\)

#include <tusk/format/binary.hpp>

struct short_sighted : tusk::binary_format {
#ifdef REFUSED
    static std::size_t resync(tusk::byte_view in, std::size_t at) = delete;
#endif
};

template<tusk::format Format>
void use() {}

void test() { use<short_sighted>(); }
