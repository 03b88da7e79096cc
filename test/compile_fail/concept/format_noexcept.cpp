// A format that may throw while it decodes is none.
// refused: satisf[a-z]+ (of )?.format\b
// refused: F::next\(in, found, cursor, entry\)
// refused: noexcept

#include <tusk/format/binary.hpp>

struct throwing : tusk::binary_format {
#ifdef REFUSED
    static tusk::result<bool> next(tusk::byte_view in, const tusk::frame_info& info, tusk::frame_cursor& cursor,
                                   tusk::stored_entry& entry) {
        return binary_format::next(in, info, cursor, entry);
    }
#endif
};

template<tusk::format Format>
void use() {}

void test() { use<throwing>(); }
