#pragma once

#include "image.hpp"

#include <tusk/fsync/never.hpp>
#include <tusk/log/basic_wal.hpp>

#include <future>
#include <optional>
#include <stdexcept>

namespace damage {

using tusk::index_t;
using tusk::lsn_t;
using tusk::term_t;

/// What was once appended. Found again by its time, which no other record has.
struct record {
    std::string key;
    std::string data;
    term_t term = 0;
    tusk::entry_kind kind = tusk::entry_kind::data;
    tusk::timestamp_t time = 0;
    index_t index = 0;
};
inline constexpr tusk::timestamp_t first_time = 1'700'000'000'000'000'000;

/// True if the log gives back exactly what was appended.
inline bool is_exact(const tusk::entry& e, const record& r) {
    return e.index() == r.index && e.term() == r.term && e.kind() == r.kind && e.time() == r.time &&
           tusk::to_text(e.key()) == r.key && e.text() == r.data;
}

/// A log's entries: places in the list of what was appended.
struct contents {
    index_t first = 1;
    term_t previous_term = 0;
    std::vector<std::size_t> items;

    [[nodiscard]] index_t next() const { return first + items.size(); }
    void cut(index_t keep) {
        if (keep + 1 < first)
            first = keep + 1;
        items.resize(static_cast<std::size_t>(keep + 1 - first));
    }
    friend bool operator==(const contents&, const contents&) = default;
};

/// A log as it lay on disk at the end of a story, and what the story knows of it.
struct reference_log {
    std::string name;
    image files;
    std::vector<record> appended;
    contents last;             ///< what it held
    std::size_t durable = 0;   ///< how many of the records were acknowledged as durable
    std::vector<index_t> lost; ///< entries that were given up by a salvage

    [[nodiscard]] const record* with_time(tusk::timestamp_t time) const {
        const tusk::timestamp_t at = time - first_time;
        return time >= first_time && at < appended.size() ? &appended[static_cast<std::size_t>(at)] : nullptr;
    }
};

/// How a log is that is told a story.
struct setting {
    bool in_background = false; ///< writes the witness page after each sync
    std::uint32_t spares = 0;   ///< if in_background
    std::uint32_t alignment = 0;
};

/// Tells a story to a log and remembers it. Throws if the log does not play its part.
template<class Format, class Compression>
class teller {
public:
    using log_type = tusk::basic_wal<Format, tusk::fsync_never, image_backend, Compression>;

    explicit teller(std::string name, const setting& how = {}) {
        out_.name = std::move(name);
        opts_.segment_size = 4096;
        opts_.spare_segments = how.spares;
        opts_.sync_alignment = how.alignment;
        opts_.witness_interval = tusk::nanoseconds(0);
        opts_.background = how.in_background ? tusk::background::own(1) : tusk::background::inline_();
        open();
    }

    void append(std::size_t size = 20, term_t term = 0, std::string key = "",
                tusk::entry_kind kind = tusk::entry_kind::data) {
        const record r = note(size, term, std::move(key), kind);
        must(log_->append(view(r), {.expect_index = r.index}));
    }
    void batch(std::size_t count, std::size_t size = 20, term_t term = 0) {
        many(count, size, term, [&](auto& views) { must(log_->append_batch(views)); });
    }
    void replace(index_t first, std::size_t count, term_t term) {
        out_.last.cut(first - 1);
        many(count, 24, term, [&](auto& views) { must(log_->replace_from(first, views)); });
    }
    void cut(index_t keep) {
        must(log_->truncate(keep));
        out_.last.cut(keep);
    }
    void reset(index_t next, term_t previous) {
        must(log_->reset(next, previous));
        out_.last = {.first = next, .previous_term = previous, .items = {}};
    }
    void drop(index_t first) {
        must(log_->drop_before(first));
        const auto gone = static_cast<std::ptrdiff_t>(first - out_.last.first);
        out_.last.previous_term = out_.appended[out_.last.items[static_cast<std::size_t>(gone) - 1]].term;
        out_.last.items.erase(out_.last.items.begin(), out_.last.items.begin() + gone);
        out_.last.first = first;
        out_.durable = out_.appended.size();
    }
    void roll() { must(log_->roll()); }
    void sync() {
        must(log_->sync());
        out_.durable = out_.appended.size();
    }
    void close() {
        count();
        must(log_->close());
        out_.durable = out_.appended.size();
        log_.reset();
    }
    void reopen(tusk::open_mode mode = tusk::open_mode::strict) {
        opts_.mode = mode;
        open();
        opts_.mode = tusk::open_mode::strict;
        out_.durable = out_.appended.size(); // what it serves is durable
    }
    /// The process is gone; what is left of it are its files.
    void kill() {
        rest();
        if (log_)
            count();
        image left = files_;
        log_.reset();
        files_ = std::move(left);
    }
    /// A bit of the record appended last is not what it was, and nothing proves that it ever was: the next open drops it.
    void tear_last() {
        spoil(out_.last.items.back());
        out_.last.items.pop_back();
    }
    /// A bit of an entry is not what it was: salvage will give it up.
    void lose(index_t index) {
        spoil(out_.last.items[static_cast<std::size_t>(index - out_.last.first)]);
        out_.lost.push_back(index);
    }

    [[nodiscard]] reference_log end() {
        kill();
        if (compresses && compressed_ == 0)
            throw std::runtime_error(out_.name + ": nothing in it was made smaller");
        out_.files = std::move(files_);
        return std::move(out_);
    }

private:
    template<class T>
    T must(tusk::result<T> r) const {
        if (!r)
            throw std::runtime_error("a reference log cannot be made: " + r.error().message());
        rest();
        if constexpr (!std::is_void_v<T>)
            return std::move(r).value();
    }
    // Nothing is left to be done in the background, so that the same story always makes the same bytes.
    void rest() const {
        for (int round = 0; round < 3 && !opts_.background.is_inline(); ++round) {
            std::promise<void> done;
            tusk::background_task last(opts_.background, [&] { done.set_value(); });
            (void)last.schedule(tusk::nanoseconds(0));
            done.get_future().wait();
        }
    }
    static constexpr bool compresses = Compression::id != tusk::codec::none;

    void count() {
        const auto c = log_->compression_counts().of(Compression::id);
        compressed_ += compresses ? c.records : 0;
    }
    void open() { log_.emplace(must(log_type::open(image_backend(files_), opts_))); }

    record note(std::size_t size, term_t term, std::string key, tusk::entry_kind kind) {
        const std::size_t id = out_.appended.size();
        size *= compresses ? 4 : 1; // enough for a codec to make it smaller
        record r{.key = std::move(key),
                 .data = "record " + std::to_string(id) + " ",
                 .term = term,
                 .kind = kind,
                 .time = first_time + id,
                 .index = out_.last.next()};
        while (r.data.size() < size)
            r.data += compresses ? "and then again " : std::to_string(r.data.size() * 7919 % 1000) + " and then ";
        r.data.resize(std::max<std::size_t>(size, 12));
        if (r.term == 0)
            r.term = out_.last.items.empty() ? out_.last.previous_term : out_.appended[out_.last.items.back()].term;
        out_.last.items.push_back(id);
        out_.appended.push_back(r);
        return r;
    }
    template<class Call>
    void many(std::size_t count, std::size_t size, term_t term, Call call) {
        std::vector<record> records;
        for (std::size_t i = 0; i < count; ++i)
            records.push_back(note(size + i, term, i % 2 == 0 ? "key" : "",
                                   i % 3 == 2 ? tusk::entry_kind::tombstone : tusk::entry_kind::data));
        std::vector<tusk::record_view> views;
        for (const record& r : records)
            views.push_back(view(r));
        call(views);
    }
    static tusk::record_view view(const record& r) { return {r.data, r.key, r.term, r.kind, r.time}; }

    // Only for records that are stored as they are: their text is looked for.
    void spoil(std::size_t id) {
        const tusk::byte_view text = tusk::to_bytes(out_.appended[id].data);
        for (auto& [name, bytes] : files_.all()) {
            const auto at = std::search(bytes->begin(), bytes->end(), text.begin(), text.end());
            if (at != bytes->end()) {
                *at ^= std::byte{1};
                return;
            }
        }
        throw std::runtime_error("a record is not there to be spoilt");
    }

    image files_;
    tusk::options opts_;
    std::optional<log_type> log_;
    reference_log out_;
    std::uint64_t compressed_ = 0;
};

} // namespace damage
