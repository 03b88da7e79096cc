// Calls of a log on a simulated disk, which is killed and loses its power, beside a plain model of what it is to hold.
//
// The input: which log, and then calls, each a byte that names it and what it is called with.

#include <fuzz/finding.hpp>
#include <fuzz/input.hpp>

#include <tusk/backend/simulated.hpp>
#include <tusk/compression/compressions.hpp>
#include <tusk/compression/lz4.hpp>
#include <tusk/compression/zstd.hpp>
#include <tusk/format/binary.hpp>
#include <tusk/format/json.hpp>
#include <tusk/format/protobuf.hpp>
#include <tusk/fsync/always.hpp>
#include <tusk/fsync/never.hpp>
#include <tusk/log/basic_wal.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace {

using namespace tusk;
using fuzz::must;
using fuzz::require;
using codecs = compressions<zstd_compression, lz4_compression>;

/// All that an entry has.
struct item {
    std::string text;
    std::string key;
    term_t term = 0;
    entry_kind kind = entry_kind::data;
    timestamp_t time = 1;

    [[nodiscard]] record_view record() const { return {text, key, term, kind, time}; }
    friend bool operator==(const item&, const item&) = default;
};
using items = std::vector<item>;

item item_of(const entry& e) {
    return {std::string(e.text()), std::string(to_text(e.key())), e.term(), e.kind(), e.time()};
}

/// What a log is to hold.
struct model {
    index_t first = 1;
    term_t previous = 0;
    std::vector<std::shared_ptr<const item>> all;

    [[nodiscard]] index_t next() const { return first + all.size(); }
    [[nodiscard]] term_t term(index_t i) const { return i < first ? previous : all[i - first]->term; }
    [[nodiscard]] term_t last_term() const { return term(next() - 1); }
    void add(const items& some) {
        for (const item& i : some)
            all.push_back(std::make_shared<const item>(i));
    }
    void cut(index_t keep) { all.resize(static_cast<std::size_t>(keep + 1 - first)); }
    void drop(index_t below) {
        previous = below > first ? term(below - 1) : previous;
        all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(below - first));
        first = below;
    }
};

template<class Format, class FsyncPolicy>
class life {
    using log_type = basic_wal<Format, FsyncPolicy, simulated_backend, codecs>;

public:
    explicit life(fuzz::input& in) : in_(in) { open(); }

    void run() {
        for (int calls = 0; !in_.empty() && calls < 200; ++calls)
            call();
        check();
        must(log_->close(), "close");
        log_.reset();
        open();
        require(is(now()), "what was closed is there");
    }

private:
    // ---- the history: what the log may be found to be after a loss of power is one of its steps ----

    [[nodiscard]] const model& now() const { return steps_.back(); }
    void step(model next) { steps_.push_back(std::move(next)); }
    // Of the steps before the last, none can come back.
    void durable() {
        steps_.erase(steps_.begin(), steps_.end() - 1);
        written_ = 0;
    }
    void written() { written_ = steps_.size() - 1; }
    void after_append(durability wait) {
        if (wait == durability::durable || (wait == durability::policy && FsyncPolicy::append_waits))
            durable();
        else if (write_buffer_ == 0)
            written();
    }

    // ---- what is called ----

    void call() {
        switch (in_.below(24)) {
        case 0: return truncate();
        case 1: return replace();
        case 2: return drop();
        case 3: return reset();
        case 4: return roll();
        case 5: must(log_->sync(), "sync"); return durable();
        case 6: return submit();
        case 7: return transact();
        case 8: return reopen();
        case 9: return kill();
        case 10: return lose_power();
        case 11: return check();
        case 12: return refused();
        case 13: return keep_entry();
        case 14: return hold();
        case 15: require(must(log_->verify(), "verify").sound(), "a log is sound"); return;
        case 16: return append_pieces();
        case 17:
        case 18:
        case 19: return batch();
        default: append();
        }
    }

    void append() {
        const items one = make(1, now().last_term());
        const durability wait = choose_wait();
        append_options o{
            .expect_index = in_.below(2) != 0 ? now().next() : 0, .wait = wait, .compress = choose_codec()};
        require(must(log_->append(one.front().record(), o), "append") == now().next(), "an append gets the next index");
        add(one, wait);
    }
    void append_pieces() {
        const items one = make(1, now().last_term());
        const byte_view all = to_bytes(one.front().text);
        const std::size_t cut = std::min<std::size_t>(in_.byte(), all.size());
        const std::array<byte_view, 3> pieces{all.first(cut), byte_view(), all.subspan(cut)};
        record_view like = one.front().record();
        like.data = {};
        require(must(log_->append(pieces, {.compress = choose_codec()}, like), "append in pieces") == now().next(),
                "an append gets the next index");
        add(one, durability::policy);
    }
    void batch() {
        const items some = make(1 + in_.below(6), now().last_term());
        const auto at = must(log_->append_batch(records(some), {.compress = choose_codec()}), "append_batch");
        require(at.first == now().next() && at.size() == some.size(), "a batch gets the next indexes");
        add(some, durability::policy);
    }
    void submit() {
        const items some = make(1 + in_.below(3), now().last_term());
        const ticket t = must(log_->submit(records(some)), "submit");
        require(t.entries.first == now().next(), "what is submitted gets the next indexes");
        model next = now();
        next.add(some);
        step(std::move(next));
        if (in_.below(2) != 0) {
            must(log_->wait_durable(t), "wait_durable");
            durable();
        }
    }
    void transact() {
        const items some = make(1 + in_.below(4), now().last_term());
        auto t = log_->begin();
        for (const item& i : some)
            must(t.add(i.record()), "add");
        if (in_.below(3) == 0)
            return t.rollback();
        require(must(t.commit(), "commit").first == now().next(), "a commit gets the next indexes");
        add(some, durability::policy);
    }
    void truncate() {
        const index_t keep = somewhere() - 1;
        must(log_->truncate(keep), "truncate");
        model next = now();
        next.cut(keep);
        step(std::move(next));
        after_append(durability::policy);
    }
    void replace() {
        const index_t first = somewhere();
        const items some = make(1 + in_.below(3), now().term(first - 1));
        require(must(log_->replace_from(first, records(some)), "replace_from").first == first, "a replace replaces");
        model next = now();
        next.cut(first - 1);
        next.add(some);
        step(std::move(next));
        after_append(durability::policy);
    }
    void drop() {
        const index_t below = somewhere();
        if (holds_ != 0 && below > holds_)
            return require(log_->drop_before(below).has_error(), "what is held is not dropped");
        must(log_->drop_before(below), "drop_before");
        if (below == now().first)
            return;
        model next = now();
        next.drop(below);
        step(std::move(next));
        durable();
    }
    void reset() {
        if (holds_ != 0)
            return;
        model next;
        next.first = 1 + in_.number(1 + in_.below(7));
        next.previous = in_.number(1 + in_.below(3));
        must(log_->reset(next.first, next.previous), "reset");
        step(std::move(next));
        after_append(durability::policy);
    }
    void roll() {
        require(must(log_->roll(), "roll") == now().next(), "a roll changes no index");
        if (write_buffer_ == 0)
            written();
    }
    // Calls that must change nothing.
    void refused() {
        const index_t next = now().next();
        require(log_->truncate(next + in_.byte()).has_error(), "nothing is cut behind the end");
        require(log_->drop_before(next + 1 + in_.byte()).has_error(), "nothing is dropped behind the end");
        require(log_->append("x", {.expect_index = next + 1}).has_error(),
                "an index that is not the next one is refused");
        if (now().last_term() > 1)
            require(log_->append(record_view("x", "", now().last_term() - 1)).has_error(), "a lower term is refused");
        require(log_->append_batch({}).has_error(), "a batch of nothing is refused");
        require(log_->replace_from(next + 1, records(make(1, UINT64_MAX))).has_error(),
                "nothing is replaced behind the end");
    }
    void hold() {
        if (hold_) {
            hold_.reset();
            holds_ = 0;
            return;
        }
        holds_ = somewhere();
        hold_ = must(log_->hold(holds_), "hold");
    }
    // An entry stays what it is, whatever becomes of its log.
    void keep_entry() {
        if (now().all.empty() || kept_.size() == 8)
            return;
        const index_t i = std::min(somewhere(), now().next() - 1);
        kept_.emplace_back(must(log_->get(i), "get"), *now().all[i - now().first]);
    }

    // ---- lives ----

    void open() {
        const unsigned how = in_.byte();
        options o;
        o.segment_size = min_segment_size << (how & 1);
        o.max_record_size = 16 * kibibyte;
        o.max_batch_bytes = 64 * kibibyte;
        o.spare_segments = how >> 1 & 1;
        o.sync_alignment = (how & 4) != 0 ? 512 : 0;
        o.max_open_segments = (how & 8) != 0 ? 1 : 64;
        o.background = background::inline_();
        o.witness_interval = nanoseconds(0);
        o.verify_all = (how & 16) != 0;
        write_buffer_ = !FsyncPolicy::append_waits && (how & 32) != 0 ? 512 : 0;
        o.write_buffer = write_buffer_;
        recovery_report report;
        auto log = log_type::open(simulated_backend(disk_), o, {}, {}, &report);
        if (!log)
            fuzz::finding("a log does not open: " + log.error().message() + ": " + report.message);
        log_.emplace(std::move(log).value());
    }
    void reopen() {
        must(log_->close(), "close");
        durable();
        gone();
        open();
        require(is(now()), "what was closed is there");
    }
    void kill() {
        disk_.kill();
        steps_.erase(steps_.begin(), steps_.begin() + static_cast<std::ptrdiff_t>(written_));
        written_ = 0;
        recover("what was written before a kill is there");
    }
    void lose_power() {
        const std::uint64_t seed = in_.number(2);
        switch (in_.below(6)) {
        case 0: disk_.power_cycle(disk_loss::keep_all()); break;
        case 1: disk_.power_cycle(disk_loss::drop_unsynced()); break;
        case 2: disk_.power_cycle(disk_loss::prefix(seed)); break;
        case 3: disk_.power_cycle(disk_loss::ordered(seed)); break;
        case 4: disk_.power_cycle(disk_loss::size_first(seed)); break;
        default: disk_.power_cycle(disk_loss::torn(seed));
        }
        recover("what was durable before a loss of power is there");
    }
    void gone() {
        hold_.reset();
        holds_ = 0;
        log_.reset();
    }
    // The log is one of the steps of its history; from now on that one, for good.
    void recover(const char* what) {
        gone();
        open();
        for (const model& m : steps_)
            if (is(m)) {
                const model found = m;
                steps_ = {found};
                written_ = 0;
                return;
            }
        fuzz::finding(what);
    }

    // ---- what is seen ----

    [[nodiscard]] bool is(const model& m) {
        if (must(log_->next_index(), "next_index") != m.next() ||
            must(log_->first_index(), "first_index") != (m.next() == 1 ? 0 : m.first))
            return false;
        const auto term = log_->term_at(m.first - 1);
        if (!term || term.value() != m.previous)
            return false;
        index_t i = m.first;
        for (const entry& e : must(log_->get_range(0, UINT64_MAX), "get_range"))
            if (i >= m.next() || e.index() != i || item_of(e) != *m.all[i++ - m.first])
                return false;
        return i == m.next();
    }
    void check() {
        require(is(now()), "a log holds what was put into it");
        auto reader = must(log_->read_from(now().first), "read_from");
        for (index_t i = now().first; i < now().next(); ++i) {
            require(item_of(must(reader.next(), "next")) == *now().all[i - now().first],
                    "a reader reads what is there");
            require(item_of(must(log_->get(i), "get")) == *now().all[i - now().first], "an entry is what was appended");
            require(must(log_->term_at(i), "term_at") == now().term(i), "a term is that of its entry");
        }
        require(reader.next().has_error(), "a reader ends where the log does");
        require(log_->get(now().next()).has_error(), "behind the end is nothing");
        for (const auto& [e, wanted] : kept_)
            require(item_of(e) == wanted, "an entry stays what it is");
    }

    // ---- choices ----

    [[nodiscard]] index_t somewhere() {
        return now().first + in_.below(static_cast<unsigned>(std::min<std::size_t>(now().all.size(), 255)) + 1);
    }
    [[nodiscard]] durability choose_wait() { return static_cast<durability>(in_.below(3)); }
    [[nodiscard]] codec_choice choose_codec() {
        switch (in_.below(4)) {
        case 0: return false;
        case 1: return codec::lz4;
        case 2: return codec::zstd;
        default: return {};
        }
    }
    [[nodiscard]] items make(std::size_t count, term_t term) {
        items out(count);
        for (item& i : out) {
            const unsigned what = in_.byte();
            i.text = to_text(in_.bytes(what & 15));
            if ((what & 16) != 0) {
                const std::size_t size = in_.number(2) % (10 * kibibyte);
                for (unsigned n = 0; i.text.size() < size; n += what)
                    i.text += static_cast<char>(n);
            }
            if ((what & 32) != 0)
                i.key = to_text(in_.bytes(in_.below(20)));
            if ((what & 64) != 0)
                term += std::min<term_t>(in_.byte(), UINT64_MAX - term);
            i.term = term;
            if ((what & 128) != 0)
                i.kind = static_cast<entry_kind>(in_.byte());
            i.time = ++clock_;
        }
        return out;
    }
    [[nodiscard]] static std::vector<record_view> records(const items& of) {
        std::vector<record_view> out;
        for (const item& i : of)
            out.push_back(i.record());
        return out;
    }
    void add(const items& some, durability wait) {
        model next = now();
        next.add(some);
        step(std::move(next));
        after_append(wait);
    }

    fuzz::input& in_;
    simulated_disk disk_;
    std::vector<model> steps_{model()}; // from what is durable on
    std::size_t written_ = 0;           // the step that a kill cannot take back
    std::uint64_t write_buffer_ = 0;
    timestamp_t clock_ = 0;
    std::vector<std::pair<entry, item>> kept_;
    std::optional<log_type> log_;
    std::optional<tusk::hold> hold_;
    index_t holds_ = 0;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::input in(std::as_bytes(std::span(data, size)));
    switch (in.below(4)) {
    case 0: life<binary_format, fsync_never>(in).run(); break;
    case 1: life<json_format, fsync_never>(in).run(); break;
    case 2: life<protobuf_format, fsync_never>(in).run(); break;
    default: life<binary_format, fsync_always>(in).run();
    }
    return 0;
}
