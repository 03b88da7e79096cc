#pragma once

#include <tusk/concept/format.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

/// Frames of every type and shape for the conformance suite of Format, and what a reader makes of them.
namespace format_suite {

using tusk::byte_view;
using tusk::frame_info;
using tusk::frame_place;
using tusk::frame_type;
using tusk::verdict;

inline constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

/// An entry that owns its bytes. Its data is given to the Format in pieces, if there are any.
struct entry_sample {
    std::string data;
    std::string key{};
    tusk::term_t term = 0;
    tusk::timestamp_t time = 0;
    tusk::entry_kind kind = tusk::entry_kind::data;
    std::uint8_t codec = 0;
    std::uint32_t raw_size = 0;        // not compressed: not looked at
    std::vector<std::size_t> pieces{}; // sizes; what is left of the data is one more

    /// What a reader gets to see must be the same.
    friend bool operator==(const entry_sample& a, const entry_sample& b) {
        const auto raw = [](const entry_sample& e) { return e.codec != 0 ? e.raw_size : e.data.size(); };
        return a.data == b.data && a.key == b.key && a.term == b.term && a.time == b.time && a.kind == b.kind &&
               a.codec == b.codec && raw(a) == raw(b);
    }
};

/// A frame that owns its bytes.
struct frame_sample {
    std::string name;
    tusk::frame_type type = tusk::frame_type::batch;
    std::vector<entry_sample> entries{};
    std::vector<std::uint64_t> numbers{};
    std::size_t pad_size = 0;

    friend bool operator==(const frame_sample& a, const frame_sample& b) {
        return a.type == b.type && a.entries == b.entries && a.numbers == b.numbers;
    }
};

/// Gives `f` the frame_view of a sample, which is valid during the call.
template<class F>
auto with_view(const frame_sample& sample, F&& f) {
    std::vector<std::vector<tusk::byte_view>> pieces(sample.entries.size());
    std::vector<tusk::stored_record> records(sample.entries.size());
    for (std::size_t i = 0; i < records.size(); ++i) {
        const entry_sample& e = sample.entries[i];
        const tusk::byte_view data = tusk::to_bytes(e.data);
        std::size_t at = 0;
        for (const std::size_t size : e.pieces) {
            pieces[i].push_back(data.subspan(at, size));
            at += size;
        }
        pieces[i].push_back(data.subspan(at));
        records[i].data = e.pieces.empty() ? tusk::pieces_view(data) : tusk::pieces_view(pieces[i]);
        records[i].key = tusk::to_bytes(e.key);
        records[i].term = e.term;
        records[i].time = e.time;
        records[i].kind = e.kind;
        records[i].codec = e.codec;
        records[i].raw_size = e.codec != 0 ? e.raw_size : static_cast<std::uint32_t>(e.data.size());
    }
    return f(tusk::frame_view{
        .type = sample.type, .records = records, .numbers = sample.numbers, .pad_size = sample.pad_size});
}

/// Text that is awkward for who writes text, and bytes that are none.
inline std::string awkward_bytes(std::size_t size) {
    std::string out = "{\"a\\n\":\"\n\r\t\\\"}\xF2\xC3\xA4\xED\xA0\x80\xFF";
    out.push_back('\0');
    while (out.size() < size)
        out.push_back(static_cast<char>(out.size() * 37 + out.size() / 256));
    out.resize(size);
    return out;
}

/// Frames with a few bytes, for tests that try every bit of them.
template<tusk::format F>
std::vector<frame_sample> small_samples() {
    using tusk::entry_kind;
    using tusk::frame_type;
    constexpr std::uint64_t now = 1'700'000'000'123'456'789;
    const entry_sample plain{.data = "hello", .term = 1, .time = now};
    const entry_sample keyed{.data = "value", .key = "key", .term = 1, .time = now + 5};
    const entry_sample gone{.data = "", .key = "key", .term = 2, .time = now - 1000, .kind = entry_kind::tombstone};
    const entry_sample packed{
        .data = awkward_bytes(20), .term = 300, .time = 0, .kind = entry_kind::user, .codec = 128, .raw_size = 70'000};
    const entry_sample extreme{.data = "x",
                               .key = awkward_bytes(25),
                               .term = largest,
                               .time = largest,
                               .kind = static_cast<entry_kind>(255),
                               .codec = 255,
                               .raw_size = 0xFFFF'FFFF};
    return {
        {.name = "header",
         .type = frame_type::header,
         .numbers = {0x0123456789ABCDEF, 7, 65536, 42, 3, 6, 4096, 0xDEADBEEF, 0}},
        {.name = "header at its limits",
         .type = frame_type::header,
         .numbers = std::vector(tusk::header_fields, largest)},
        {.name = "header of zeros",
         .type = frame_type::header,
         .numbers = std::vector<std::uint64_t>(tusk::header_fields)},
        {.name = "cut", .type = frame_type::cut, .numbers = {41}},
        {.name = "cut of everything", .type = frame_type::cut, .numbers = {0}},
        {.name = "reset", .type = frame_type::reset, .numbers = {largest, largest - 1}},
        {.name = "lost", .type = frame_type::lost, .numbers = {1'000'000}},
        {.name = "index", .type = frame_type::index, .numbers = {0, 1, 127, 128, 300, 0, largest, 5}},
        {.name = "index of nothing", .type = frame_type::index},
        {.name = "smallest pad", .type = frame_type::pad, .pad_size = F::min_pad},
        {.name = "pad", .type = frame_type::pad, .pad_size = F::min_pad + 3 * F::alignment},
        {.name = "batch", .entries = {plain}},
        {.name = "batch of nothing", .entries = {{.data = ""}}},
        {.name = "batch with a key", .entries = {keyed}},
        {.name = "batch of a tombstone", .entries = {gone}},
        {.name = "batch, compressed", .entries = {packed}},
        {.name = "batch at its limits", .entries = {extreme}},
        {.name = "batch in pieces", .entries = {{.data = "abcdefghi", .key = "k", .term = 9, .pieces = {0, 4, 0, 1}}}},
        {.name = "batch of two", .entries = {plain, plain}},
        {.name = "batch of two nothings", .entries = {{.data = ""}, {.data = ""}}},
        {.name = "batch of all kinds", .entries = {plain, keyed, gone, packed, extreme}},
        {.name = "replace", .type = frame_type::replace, .entries = {plain}, .numbers = {41}},
        {.name = "replace of several",
         .type = frame_type::replace,
         .entries = {gone, packed, packed},
         .numbers = {largest}},
        {.name = "replace of everything", .type = frame_type::replace, .entries = {keyed, gone}, .numbers = {0}},
    };
}

/// Frames of all sizes.
template<tusk::format F>
std::vector<frame_sample> all_samples() {
    using tusk::frame_type;
    std::vector<frame_sample> out = small_samples<F>();
    for (std::size_t size = 0; size < 40; ++size) {
        out.push_back({.name = "batch of growing data", .entries = {{.data = awkward_bytes(size), .term = size}}});
        out.push_back(
            {.name = "pad of any size", .type = frame_type::pad, .pad_size = F::min_pad + size * F::alignment});
    }
    frame_sample index{.name = "long index", .type = frame_type::index};
    for (std::uint64_t i = 0; i < 20'000; ++i)
        index.numbers.push_back(i * 0x9E3779B97F4A7C15 >> (i % 64));
    out.push_back(std::move(index));
    frame_sample batch{.name = "batch of many"};
    for (std::size_t i = 0; i < 1000; ++i)
        batch.entries.push_back(
            {.data = awkward_bytes(i % 50), .key = i % 3 == 0 ? "k" : "", .term = i / 10, .time = i * i});
    out.push_back(batch);
    batch.name = "replace of many";
    batch.type = frame_type::replace;
    batch.numbers = {12345};
    out.push_back(std::move(batch));
    const std::string large = awkward_bytes(1'000'000);
    out.push_back({.name = "large batch",
                   .entries = {{.data = large, .key = awkward_bytes(70'000), .pieces = {1, 16'384, 300'000}}}});
    out.push_back({.name = "large batch of several",
                   .entries = {{.data = large}, {.data = "small"}, {.data = large, .key = large}}});
    out.push_back({.name = "large pad", .type = frame_type::pad, .pad_size = F::min_pad + 100'000 * F::alignment});
    return out;
}

inline constexpr frame_place somewhere{
    .log = 0x1122334455667788, .segment = 1000, .offset = 64 * 1024, .first_index = 77, .witness = 0xAABBCCDDEE};

/// A header stands at the beginning of its segment, and nothing else does.
inline frame_place place_for(const frame_sample& sample) {
    frame_place place = somewhere;
    if (sample.type == frame_type::header)
        place.offset = 0;
    return place;
}

/// True if a header claims to be here whose frame is whole and right.
template<tusk::format F>
bool is_frame(byte_view in, const frame_place& place, frame_info& info) {
    return F::probe(in, place, info) == verdict::frame && info.size <= in.size() && F::check(in, info);
}

/// An allocation of its own with no byte to spare, so that AddressSanitizer sees it if more are read.
inline std::vector<std::byte> exactly(tusk::byte_view bytes) { return {bytes.begin(), bytes.end()}; }

/// The sample as it lies on disk.
template<tusk::format F>
std::vector<std::byte> written(const frame_sample& sample, const tusk::frame_place& place) {
    return with_view(sample, [&](const tusk::frame_view& view) {
        std::vector<std::byte> out(F::size(view));
        F::encode(view, out);
        F::stamp(out, place);
        return out;
    });
}

/// Reads the entries and numbers of a frame whose header is right, whatever else is. False if a function found them
/// corrupt. Keys and data are there as far as `in` reaches.
template<tusk::format F>
bool read_frame(tusk::byte_view in, const tusk::frame_info& info, frame_sample& out) {
    out.type = info.type;
    out.entries.clear();
    tusk::frame_cursor cursor;
    tusk::stored_entry e;
    for (;;) {
        const tusk::result<bool> more = F::next(in, info, cursor, e);
        if (!more)
            return false;
        if (!more.value())
            break;
        e.key = e.data = {};
        std::vector<std::byte> room(std::min(e.room, in.size()));
        const bool reached = e.at <= in.size() && e.size <= in.size() - e.at;
        if (reached && (e.room > e.size || !F::show(in.subspan(e.at, e.size), e, room)))
            return false;
        out.entries.push_back({.data = std::string(tusk::to_text(e.data)),
                               .key = std::string(tusk::to_text(e.key)),
                               .term = e.term,
                               .time = e.time,
                               .kind = e.kind,
                               .codec = e.codec,
                               .raw_size = e.raw_size});
        if (out.entries.size() > in.size()) // a frame of so few bytes has no such number of entries
            return false;
    }
    const tusk::result<std::size_t> count = F::numbers(in, info, {});
    if (!count || count.value() > in.size())
        return false;
    out.numbers.assign(count.value(), 0);
    const tusk::result<std::size_t> again = F::numbers(in, info, out.numbers);
    return again && again.value() == count.value();
}

} // namespace format_suite
