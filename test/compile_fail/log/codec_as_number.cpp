// A codec is chosen by its id, or by yes and no: what might be either is neither.
// refused: codec_choice

#include <tusk/wal.hpp>

#ifdef REFUSED
constexpr tusk::append_options how{.compress = 1};
#else
constexpr tusk::append_options how{.compress = tusk::codec::lz4};
#endif
auto test(tusk::wal& log) { return log.append("text", how); }
