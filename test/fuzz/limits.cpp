// What hostile segments may cost: memory, and work in proportion to their size. Their checksums are right wherever that makes
// it worse.
//
// usage: fuzz_limits [<MiB of a segment>]; makes one of each shape for each Format, and opens it in every mode.

#include <fuzz/finding.hpp>
#include <fuzz/heap.hpp>

#include <tusk/backend/posix.hpp>
#include <tusk/compression/compressions.hpp>
#include <tusk/compression/lz4.hpp>
#include <tusk/compression/zstd.hpp>
#include <tusk/format/binary.hpp>
#include <tusk/format/json.hpp>
#include <tusk/format/protobuf.hpp>
#include <tusk/fsync/never.hpp>
#include <tusk/log/basic_wal.hpp>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace {

using namespace tusk;
namespace fs = std::filesystem;
using codecs = compressions<zstd_compression, lz4_compression>;

constexpr std::uint64_t identity = 0x1122334455667788;
std::size_t segment_bytes = 0;
std::size_t max_record_size = 0;

/// Format, which knows how much it was asked.
template<format Format>
struct counting : Format {
    static inline std::uint64_t probes = 0;
    static inline std::uint64_t checked = 0; // bytes

    [[nodiscard]] static verdict probe(byte_view in, const frame_place& place, frame_info& info) noexcept {
        ++probes;
        return Format::probe(in, place, info);
    }
    [[nodiscard]] static bool check(byte_view in, const frame_info& info) noexcept {
        checked += info.size;
        return Format::check(in, info);
    }
};

double processor_seconds() {
    ::timespec now{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// A segment that grows frame by frame.
template<format Format>
class hostile_segment {
public:
    hostile_segment() {
        bytes_.reserve(segment_bytes + mebibyte);
        const segment_header h{.log = identity, .segment = 1, .next_index = 1};
        bytes_.resize(header_frame_size<Format>());
        (void)encode_header<Format>(h, /*witness=*/0, std::as_writable_bytes(std::span(bytes_)));
    }

    [[nodiscard]] bool full(std::size_t room = 4096) const { return bytes_.size() + room >= segment_bytes; }
    [[nodiscard]] std::string& bytes() { return bytes_; }

    void put(const frame_view& frame, index_t first) {
        const std::size_t at = bytes_.size();
        bytes_.resize(at + Format::size(frame));
        const byte_span out = std::as_writable_bytes(std::span(bytes_)).subspan(at);
        Format::encode(frame, out);
        Format::stamp(out, {.log = identity, .segment = 1, .offset = at, .first_index = first});
    }
    void put_number(frame_type type, std::uint64_t number, index_t first) {
        put({.type = type, .records = {}, .numbers = {&number, 1}}, first);
    }
    void put_entry(index_t index, term_t term, frame_type type = frame_type::batch) {
        const stored_record record{.data = to_bytes("x"), .key = {}, .term = term, .time = 1, .raw_size = 1};
        const std::uint64_t keep = index - 1;
        frame_view frame{.type = type, .records = {&record, 1}};
        if (type == frame_type::replace)
            frame.numbers = {&keep, 1};
        put(frame, index);
    }
    // What no frame begins with.
    void put_rubbish() { bytes_.append(std::max<std::size_t>(Format::alignment, 2), '\x01'); }

private:
    std::string bytes_;
};

/// A folder with a state file and a segment.
class place {
public:
    place() {
        std::string pattern = (fs::temp_directory_path() / "tusk_hostile_XXXXXX").string();
        fuzz::require(::mkdtemp(pattern.data()) != nullptr, "a temporary folder");
        path_ = pattern;
    }
    ~place() { fs::remove_all(path_); }
    place(const place&) = delete;
    place& operator=(const place&) = delete;

    template<format Format>
    void fill(std::string segment, bool proven) const {
        for (const auto& file : fs::directory_iterator(path_))
            fs::remove(file);
        segment.resize(std::max(segment.size(), segment_bytes), static_cast<char>(Format::fill));
        log_state s;
        s.generation = 1;
        s.log = identity;
        s.format = Format::id;
        s.format_version = Format::version;
        s.first_segment = 1;
        s.next_segment = 2;
        s.max_record_size = max_record_size;
        if (proven)
            s.proven = {.lsn = segment.size(), .segment = 1, .offset = segment.size(), .index_frame = 0};
        s.add_codec(codec::lz4);
        s.add_codec(codec::zstd);
        const auto slot = encode_slot(s);
        std::string state(static_cast<std::size_t>(state_layout::file_size), '\0');
        for (const std::uint64_t at : state_layout::slot)
            state.replace(static_cast<std::size_t>(at), slot.size(), to_text(slot));
        std::ofstream(path_ / "state", std::ios::binary) << state;
        std::ofstream(path_ / "0000000001.wal", std::ios::binary) << segment;
    }
    [[nodiscard]] std::string path() const { return path_.string(); }

private:
    fs::path path_;
};

template<format Format>
void open(const char* shape, const std::string& segment, bool proven = false) {
    using counted = counting<Format>;
    using log_type = basic_wal<counted, fsync_never, posix_backend, codecs>;
    const place where;
    for (const open_mode mode : {open_mode::strict, open_mode::salvage, open_mode::read_only}) {
        where.fill<Format>(segment, proven);
        options o;
        o.mode = mode;
        o.create = false;
        o.background = background::inline_();
        o.max_record_size = max_record_size;
        o.max_batch_bytes = std::max<std::uint64_t>(o.max_batch_bytes, max_record_size);
        counted::probes = counted::checked = 0;
        const std::size_t before = fuzz::heap_in_use();
        (void)fuzz::heap_peak();
        const double began = processor_seconds();
        recovery_report report;
        double took = 0;
        std::uint64_t probes = 0;
        std::uint64_t checked = 0;
        {
            auto log = log_type::open(posix_backend(where.path()), o, {}, {}, &report);
            took = processor_seconds() - began;
            probes = counted::probes;
            checked = counted::checked;
            if (log) {
                for (index_t i = 1; i < 10; ++i)
                    (void)log.value().get(i);
                (void)log.value().verify();
            }
        }
        const std::size_t peak = fuzz::heap_peak() - before;
        constexpr std::array names{"strict", "salvage", "read_only"};
        std::printf("%-16s %-20s %-9s %5.2f s, %6.1f MiB of memory, %5.1f MiB checked, %8llu looks%s\n", Format::name,
                    shape, names[static_cast<std::size_t>(mode)], took, static_cast<double>(peak) / mebibyte,
                    static_cast<double>(checked) / mebibyte, static_cast<unsigned long long>(probes),
                    report.message.empty() ? "" : ", refused");
        // Frames may be as small as what has to be known of each, and a record as large as the segment.
        fuzz::require(peak <= 4 * segment_bytes + mebibyte, "memory is bounded");
        // Read, searched, read again to see what salvage would keep, copied, and read a last time.
        fuzz::require(checked <= 8 * segment_bytes, "no byte is checked again and again");
        fuzz::require(probes <= 8 * segment_bytes / 4, "no place is looked at again and again");
    }
}

// Changes the size that a frame's header claims, before it is stamped.
template<format Format>
void claim(byte_span frame, std::size_t size) {
    if constexpr (std::same_as<Format, binary_format>) {
        store_le(frame.data() + binary_layout::body_size_at,
                 static_cast<std::uint32_t>(size - binary_layout::header_size));
    } else if constexpr (std::same_as<Format, json_format>) {
        const auto field = json_layout::size_field;
        json_number::put_right(reinterpret_cast<char*>(frame.data()) + field.at, field.size, size);
    } else {
        protobuf_header(frame_type::batch, size, 1, protobuf_layout::header_size + 20, 0).put(frame.data());
    }
}

template<format Format>
void small_frames() {
    const auto of = [](const char* shape, auto&& put) {
        hostile_segment<Format> s;
        for (std::uint64_t i = 1; !s.full(); ++i)
            put(s, i);
        open<Format>(shape, s.bytes());
    };
    of("pads", [](auto& s, auto) { s.put({.type = frame_type::pad, .pad_size = Format::min_pad}, 1); });
    of("cuts", [](auto& s, auto) { s.put_number(frame_type::cut, 0, 1); });
    of("resets", [](auto& s, std::uint64_t i) {
        const std::array<std::uint64_t, 2> numbers{i, 1};
        s.put({.type = frame_type::reset, .records = {}, .numbers = numbers}, i);
    });
    of("lost entries",
       [](auto& s, std::uint64_t i) { s.put_number(frame_type::lost, max_lost, 1 + (i - 1) * max_lost); });
    of("lost, and one", [](auto& s, std::uint64_t i) {
        const std::uint64_t first = 1 + (i - 1) / 2 * (max_lost + 1);
        if (i % 2 == 1)
            s.put_number(frame_type::lost, max_lost, first);
        else
            s.put_entry(first + max_lost, 1);
    });
    of("entries", [](auto& s, std::uint64_t i) { s.put_entry(i, 1); });
    of("terms", [](auto& s, std::uint64_t i) { s.put_entry(i, i); });
    of("replaced", [](auto& s, std::uint64_t i) { s.put_entry(i, i, frame_type::replace); });
    of("entries, then cuts", [n = std::uint64_t{0}](auto& s, std::uint64_t i) mutable {
        if (s.bytes().size() < segment_bytes / 2)
            s.put_entry(n = i, 1);
        else if (n > 0)
            s.put_number(frame_type::cut, n - 1, n), --n;
        else
            s.put_entry(n = 1, 1);
    });
    of("damage between", [](auto& s, std::uint64_t i) { s.put_entry(i, 1), s.put_rubbish(); });
    of("gaps between", [](auto& s, std::uint64_t i) { s.put_entry(1 + (i - 1) * (max_lost - 1), 1), s.put_rubbish(); });
}

template<format Format>
void beginnings() {
    const auto of = [](const char* shape, std::string_view what) {
        hostile_segment<Format> s;
        while (!s.full(what.size()))
            s.bytes() += what;
        open<Format>(shape, s.bytes());
    };
    if constexpr (std::same_as<Format, binary_format>) {
        of("beginnings", "\xF2\xF2\xF2\xF2\xF2\xF2\xF2\xF2");
    } else if constexpr (std::same_as<Format, json_format>) {
        of("braces", "{");
        of("beginnings", json_layout::beginning);
        of("headers", json_layout::header);
    } else {
        of("beginnings", std::string_view("\xCB\x80\x80\x80\x00\x08\x02\x15", 8));
        of("tiny messages", std::string_view("\x02\x08\x02\x02\x08\x02\x02\x08", 8));
    }
    hostile_segment<Format> unused;
    unused.bytes().resize(segment_bytes - 8, static_cast<char>(Format::fill));
    unused.put_rubbish();
    open<Format>("unused space", unused.bytes());
}

// Frames in frames, each of which claims all that is left.
template<format Format>
void huge_claims() {
    hostile_segment<Format> s;
    s.put_entry(1, 1);
    const std::size_t begin = header_frame_size<Format>();
    const std::string one = s.bytes().substr(begin);
    const std::size_t step = (one.size() + 16) / 8 * 8;
    s.bytes().resize(segment_bytes, '\x7F');
    for (std::size_t at = begin + 8; at + 2 * step < segment_bytes; at += step) {
        std::string frame = one;
        const byte_span out = std::as_writable_bytes(std::span(frame));
        claim<Format>(out, (segment_bytes - at) / 8 * 8);
        Format::stamp(out, {.log = identity, .segment = 1, .offset = at, .first_index = 1});
        s.bytes().replace(at, frame.size(), frame);
    }
    open<Format>("huge claims", s.bytes());
    open<Format>("huge claims, proven", s.bytes(), /*proven=*/true);
}

template<format Format>
void index_of_nothing() {
    hostile_segment<Format> s;
    s.put_entry(1, 1);
    const std::size_t each = std::same_as<Format, json_format> ? 2 : 1;
    std::vector<std::uint64_t> numbers{1, 0, 0, 0, 2, 0, 0, 0, 0, 0};
    numbers.resize((segment_bytes - s.bytes().size()) / each - 1000, 1);
    numbers[9] = numbers.size() / 2 - 10;
    s.put({.type = frame_type::index, .records = {}, .numbers = numbers}, 2);
    numbers = {};
    open<Format>("an index", s.bytes(), /*proven=*/true);
}

// What is a few bytes on disk, and as large as a record may be, or larger, when it is read.
template<format Format>
void bombs() {
    std::string packed(max_record_size, '\0');
    {
        const std::string zeros(max_record_size, '\0');
        const std::size_t size = zstd_compression().compress(
            to_bytes(zeros), std::as_writable_bytes(std::span(packed)).first(packed.size() - 1));
        packed.resize(size);
    }
    for (const std::uint32_t raw : {static_cast<std::uint32_t>(max_record_size), UINT32_MAX}) {
        hostile_segment<Format> s;
        const stored_record record{
            .data = to_bytes(packed), .key = {}, .term = 1, .time = 1, .codec = codec::zstd, .raw_size = raw};
        for (index_t i = 1; i < 20; ++i)
            s.put({.records = {&record, 1}}, i);
        open<Format>(raw == UINT32_MAX ? "bombs beyond limits" : "bombs", s.bytes());
    }
}

template<format Format>
void all() {
    small_frames<Format>();
    beginnings<Format>();
    huge_claims<Format>();
    index_of_nothing<Format>();
    bombs<Format>();
}

} // namespace

int main(int argc, char** argv) {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    segment_bytes = static_cast<std::size_t>((argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 8) * mebibyte);
    max_record_size = segment_bytes;
    all<binary_format>();
    all<json_format>();
    all<protobuf_format>();
    return 0;
}
