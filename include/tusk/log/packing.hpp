#pragma once

#include <tusk/concept/compression.hpp>
#include <tusk/core/buffer_pool.hpp>
#include <tusk/core/clock.hpp>
#include <tusk/core/entry.hpp>
#include <tusk/core/frame.hpp>
#include <tusk/core/registry.hpp>

namespace tusk::inline v0 {

/// Turns what is appended into what is stored: `data` in place of the record's own, compressed if that is wanted and
/// makes it smaller; `packed` then keeps it.
template<compression Compression>
[[nodiscard]] stored_record pack(const Compression& codec, const record_view& r, pieces_view data, bool compress,
                                 buffer_pool& pool, buffer& packed) {
    stored_record s{
        .data = data, .key = r.key, .term = r.term, .time = r.time != 0 ? r.time : wall_clock(), .kind = r.kind};
    s.raw_size = static_cast<std::uint32_t>(data.size());
    if constexpr (Compression::id != codec::none) {
        if (!compress || data.size() < 2)
            return s;
        buffer gathered;
        byte_view plain = data.one();
        if (!data.contiguous()) {
            gathered = pool.acquire(data.size());
            byte_span rest(gathered.data(), data.size());
            data.for_each([&](byte_view piece) { rest = put(rest, piece); });
            plain = byte_view(gathered.data(), data.size());
        }
        packed = pool.acquire(data.size());
        const std::size_t size = codec.compress(plain, byte_span(packed.data(), data.size() - 1));
        if (size == 0) {
            packed = {};
            return s;
        }
        s.data = byte_view(packed.data(), size);
        s.codec = Compression::id;
    }
    return s;
}

} // namespace tusk::inline v0
