#include <fuzz/examine.hpp>

#include <fuzz/finding.hpp>
#include <fuzz/heap.hpp>
#include <fuzz/mend.hpp>

#include <tusk/backend/memory.hpp>
#include <tusk/compression/compressions.hpp>
#include <tusk/compression/lz4.hpp>
#include <tusk/compression/zstd.hpp>
#include <tusk/fsync/never.hpp>
#include <tusk/log/basic_wal.hpp>

#include <cstdio>
#include <cstdlib>

namespace fuzz {
namespace {

using namespace tusk;
using codecs = compressions<zstd_compression, lz4_compression>;
using directory = memory_backend::directory;

byte_span bytes_of(std::string& text) { return std::as_writable_bytes(std::span(text)); }

directory put_on_disk(const files& found) {
    memory_backend backend;
    must(backend.attach(/*create=*/true), "a directory in memory");
    for (const auto& [name, text] : found) {
        auto file = must(backend.create(name.c_str(), text.size()), "a file in memory");
        const byte_view piece = to_bytes(text);
        must(file.write(0, {&piece, 1}), "a file in memory");
    }
    return backend.share();
}

files contents(const directory& of) {
    files out;
    for (const auto& [name, entry] : of->entries) {
        std::string& text = out[name];
        text.resize(static_cast<std::size_t>(entry->contents.size()));
        (void)entry->contents.read(0, bytes_of(text));
    }
    return out;
}

// A log may hold records as large as the state file says. Here none is larger than what the memory is held to.
void limit_record_size(std::string& state) {
    for (const std::uint64_t at : state_layout::slot) {
        if (state.size() < at + state_layout::slot_size)
            continue;
        auto slot = decode_slot(to_bytes(state).subspan(static_cast<std::size_t>(at), state_layout::slot_size));
        if (!slot || slot.value().max_record_size <= max_record_size)
            continue;
        slot.value().max_record_size = max_record_size;
        const auto bytes = encode_slot(slot.value());
        state.replace(static_cast<std::size_t>(at), bytes.size(), to_text(bytes));
    }
}

template<format Format>
void mend(files& found) {
    std::uint64_t log = identity;
    if (const auto state = found.find("state"); state != found.end()) {
        const byte_span bytes = bytes_of(state->second);
        for (const std::uint64_t at : state_layout::slot)
            if (bytes.size() > at)
                mending::slot(bytes.subspan(static_cast<std::size_t>(at)));
        if (bytes.size() > state_layout::witness)
            mending::witness(bytes.subspan(static_cast<std::size_t>(state_layout::witness)));
        if (bytes.size() >= state_layout::slot_size)
            log = load_le<std::uint64_t>(bytes.data() + 24);
    }
    for (auto& [name, text] : found)
        if (const segment_t number = segment_number(name); number != 0)
            mending::segment<Format>(bytes_of(text), log, number);
}

// With TUSK_FUZZ_EXPLAIN=1 it is told how each open went, for those who look into a finding.
template<class Log>
void explain(const char* what, const result<Log>& opened, const recovery_report& r) {
    static const bool wanted = std::getenv("TUSK_FUZZ_EXPLAIN") != nullptr;
    if (!wanted)
        return;
    std::fprintf(stderr,
                 "%s: %s; %s\n  %u segments, entries %llu to %llu, witness %llu, %llu unproven, %llu bytes dropped%s\n",
                 what, opened ? "open" : opened.error().message().c_str(), r.message.c_str(), r.segments,
                 static_cast<unsigned long long>(r.first_index), static_cast<unsigned long long>(r.last_index),
                 static_cast<unsigned long long>(r.witness), static_cast<unsigned long long>(r.unproven_entries),
                 static_cast<unsigned long long>(r.dropped_bytes), r.repaired ? ", repaired" : "");
    for (const damage& d : r.damages)
        std::fprintf(stderr, "  segment %u, offset %llu, %llu bytes: %s\n", d.segment,
                     static_cast<unsigned long long>(d.offset), static_cast<unsigned long long>(d.bytes), d.what);
}

// What is there at an index: an entry, or why there is none.
struct item {
    index_t index = 0;
    term_t term = 0;
    std::string bytes;
    std::error_code why;
    friend bool operator==(const item&, const item&) = default;
};

template<format Format>
class examiner {
    using log_type = basic_wal<Format, fsync_never, memory_backend, codecs>;

public:
    explicit examiner(const examination& how) : how_(how) {}

    void run(const files& found) {
        for (const auto& [name, text] : found)
            size_ += text.size();
        look(found);
        open_strictly(found);
        salvage(found);
    }

private:
    [[nodiscard]] options opts(open_mode mode) const {
        options o;
        o.mode = mode;
        o.create = (how_.settings & 1) != 0;
        o.segment_size = (how_.settings & 2) != 0 ? 64 * kibibyte : min_segment_size;
        o.max_record_size = max_record_size;
        o.max_batch_bytes = 2 * max_record_size;
        o.spare_segments = how_.settings >> 2 & 1;
        o.sync_alignment = (how_.settings & 8) != 0 ? 512 : 0;
        o.background = background::inline_();
        o.verify_all = how_.verify_all;
        o.unproven_tail = how_.refuse_tail ? tail_policy::refuse : tail_policy::repair;
        return o;
    }

    [[nodiscard]] result<log_type> open(const char* what, const directory& where, open_mode mode, bool verify) const {
        options o = opts(mode);
        o.verify_all = o.verify_all || verify;
        recovery_report report;
        auto log = log_type::open(memory_backend(where), o, {}, {}, &report);
        explain(what, log, report);
        require(log || log.error().category() == category(), "why a log does not open has a name");
        return log;
    }

    // Calls `f`, which must not need more memory beyond the input than two records and a little, and what it writes.
    template<class F>
    void bounded(const directory& where, F&& f) const {
        const std::size_t files_before = where->entries.size();
        const std::size_t before = heap_in_use();
        (void)heap_peak();
        f();
        const std::size_t written =
            128 * kibibyte * (where->entries.size() - std::min(where->entries.size(), files_before) + 4);
        const std::size_t peak = heap_peak();
        if (peak > before && peak - before > size_ + 2 * max_record_size + mebibyte + written)
            finding(std::to_string(peak - before) + " bytes of memory for an input of " + std::to_string(size_));
    }

    // Everything that a log can be asked, as far as there is not too much of it.
    static std::vector<item> read_all(log_type& log) {
        std::vector<item> out;
        const index_t next = must(log.next_index(), "next_index");
        const index_t first = std::max<index_t>(must(log.first_index(), "first_index"), 1);
        require(first <= next || next == 1, "the first index is not behind the end");
        const auto look_at = [&](index_t i) {
            const auto e = log.get(i);
            out.push_back({i, e ? e.value().term() : 0, e ? std::string(e.value().text()) : std::string(),
                           e ? std::error_code() : e.error()});
            if (e)
                require(e.value().index() == i && e.value().data().size() <= max_record_size,
                        "an entry is what was asked for");
        };
        for (index_t i = first; i < next && i - first < most; ++i)
            look_at(i);
        for (index_t i = next - std::min(next - first, most); i < next; ++i)
            look_at(i);
        for (const index_t i : {first - 1, next - std::min<index_t>(next, 1)})
            if (const auto term = log.term_at(i))
                out.push_back({i, term.value(), {}, {}});
        (void)log.get_range(first, UINT64_MAX, max_record_size);
        (void)log.get_range(next - std::min<index_t>(next - first, 3), UINT64_MAX, max_record_size);
        auto reader = must(log.read_from(first), "read_from");
        for (index_t i = 0; i < most; ++i)
            if (const auto e = reader.next(); !e && e.error() == errc::beyond_end)
                break;
        (void)log.verify();
        return out;
    }

    void look(const files& found) const {
        const directory where = put_on_disk(found);
        bounded(where, [&] {
            auto log = open("read only", where, open_mode::read_only, how_.verify_all);
            if (log)
                (void)read_all(log.value());
        });
        require(contents(where) == found, "who only reads changes nothing");
    }

    void open_strictly(const files& found) const {
        const directory where = put_on_disk(found);
        bounded(where, [&] {
            auto log = open("strict", where, open_mode::strict, how_.verify_all);
            if (log)
                return go_on(where, std::move(log).value(), how_.verify_all);
            if (is_verdict(log.error()) && found.contains("state"))
                require(is_as_before(where, found), "who refuses a log changes nothing");
        });
    }

    void salvage(const files& found) const {
        const directory where = put_on_disk(found);
        bounded(where, [&] {
            auto log = open("salvage", where, open_mode::salvage, /*verify=*/true);
            if (log)
                return go_on(where, std::move(log).value(), /*checked=*/true);
            if (is_verdict(log.error()))
                require(without_state(contents(where)) == without_state(found), "what cannot be salvaged stays");
        });
    }

    static bool is_verdict(std::error_code why) {
        return why == errc::corrupt || why == errc::missing || why == errc::misplaced ||
               why == errc::unsupported_version || why == errc::unproven_tail;
    }

    // True if all is as it was. Where checksums were made right, what is wrong may be found only in the copy that a repair
    // makes: that is gone again, and all that is left of it is that its numbers were taken.
    [[nodiscard]] bool is_as_before(const directory& where, const files& found) const {
        const files now = contents(where);
        if (now == found || !how_.mend)
            return now == found;
        const log_state is = newest_slot(now.at("state"));
        const log_state was = newest_slot(found.at("state"));
        return without_state(now) == without_state(found) && is.same_promises(was) && is.log == was.log &&
               is.next_segment >= was.next_segment && is.proven.lsn == was.proven.lsn &&
               is.proven.index_frame == was.proven.index_frame;
    }

    static files without_state(files all) {
        all.erase("state");
        return all;
    }

    static log_state newest_slot(const std::string& state) {
        log_state newest;
        for (const std::uint64_t at : state_layout::slot)
            if (at < state.size())
                if (const auto slot = decode_slot(to_bytes(state).subspan(static_cast<std::size_t>(at))))
                    if (slot.value().generation >= newest.generation)
                        newest = slot.value();
        return newest;
    }

    // A log that opens goes on. Where every byte of it was checked, it may be killed, and opens again with the same in it.
    // Where it was not, whoever makes right checksums may lie of what is proven, and that is found later, or never.
    void go_on(const directory& where, log_type log, bool checked) const {
        const std::vector<item> all = read_all(log);
        const auto agrees = [&](bool holds, const char* what) {
            if (checked)
                require(holds, what);
        };
        {
            auto killed = open("behind a kill", where->copy(), open_mode::strict, checked);
            agrees(killed && read_all(killed.value()) == all, "what was opened holds the same when it is opened again");
        }
        must(log.close(), "close");
        auto again = open("behind a close", where, open_mode::strict, checked);
        agrees(again && read_all(again.value()) == all, "what was closed holds the same when it is opened again");
        if (!again)
            return;
        log = std::move(again).value();
        const index_t next = must(log.next_index(), "next_index");
        const auto at = log.append("more");
        const bool exhausted = next > UINT64_MAX / 2 || (!at && at.error() == errc::too_many_segments);
        agrees(at || exhausted, "what was opened goes on");
        if (!at)
            return;
        require(at.value() == next, "an append gets the next index");
        must(log.sync(), "sync");
        auto appended = open("behind an append", where->copy(), open_mode::strict, checked);
        agrees(appended.has_value(), "a log opens behind an append");
        if (!appended)
            return;
        const auto more = appended.value().get(next);
        agrees(more && more.value().text() == "more", "what was appended is there");
    }

    static constexpr index_t most = 64;
    const examination& how_;
    std::size_t size_ = 0;
};

template<format Format>
void examine_as(files& found, const examination& how) {
    if (how.mend)
        mend<Format>(found);
    if (const auto state = found.find("state"); state != found.end())
        limit_record_size(state->second);
    examiner<Format>(how).run(found);
}

} // namespace

void examine(files found, const examination& how) {
    switch (how.format) {
    case 0: return examine_as<binary_format>(found, how);
    case 1: return examine_as<json_format>(found, how);
    default: return examine_as<protobuf_format>(found, how);
    }
}

std::string usual_slot(unsigned format, std::uint64_t proven) {
    log_state s;
    s.generation = 1;
    s.log = identity;
    s.format = format == 0 ? binary_format::id : format == 1 ? json_format::id : protobuf_format::id;
    s.format_version = 1;
    s.first_segment = 1;
    s.next_segment = 3;
    s.max_record_size = max_record_size;
    if (proven != 0)
        s.proven = {.lsn = proven, .segment = 1, .offset = proven, .index_frame = 0};
    s.add_codec(codec::lz4);
    s.add_codec(codec::zstd);
    return std::string(to_text(encode_slot(s)));
}

} // namespace fuzz
