#pragma once

#include <tusk/concept/usable.hpp>
#include <tusk/log/check_options.hpp>
#include <tusk/log/packing.hpp>
#include <tusk/log/reader.hpp>
#include <tusk/log/ticket.hpp>
#include <tusk/log/transaction.hpp>
#include <tusk/log/verify.hpp>

namespace tusk::inline v0 {

/// A write-ahead log. All calls but open, destroy and close may be made by any number of threads at once; readers never
/// block writers. Every call after close gives errc::closed; one that writes to a log opened for reading gives
/// errc::read_only; after a failed sync every append gives errc::poisoned. Other errors are listed with each call; the
/// operating system's are passed on. Movable; destroying it closes it, without saying whether that went well. It belongs
/// to the process that opened it: in a child made by fork, closing and destroying it leave the log to the parent, and
/// nothing else may be called.
template<class Format, class FsyncPolicy, class Backend, class Compression>
    requires usable_policies<Format, FsyncPolicy, Backend, Compression>
class basic_wal {
    using engine = log_engine<Format, FsyncPolicy, Backend, Compression>;

public:
    using format_type = Format;
    using fsync_type = FsyncPolicy;
    using backend_type = Backend;
    using compression_type = Compression;
    using reader_type = reader<engine>;
    using follower_type = follower<engine>;
    using transaction_type = transaction<basic_wal>;

    /// The most records of a batch.
    static constexpr std::uint32_t max_batch_entries = Format::max_entries;

    // ---- life ----

    /// Opens the log in `directory`, or makes it. Returns with everything that it serves durable. Reads the number of
    /// segments and the tail, not the bytes. errc::invalid_option, busy, no_log, wrong_format, wrong_compression,
    /// unsupported_version, corrupt, missing, misplaced, unproven_tail, no_space; `report` says more, on failure too.
    [[nodiscard]] static result<basic_wal> open(Backend directory, options opts = {}, FsyncPolicy policy = {},
                                                Compression codec = {}, recovery_report* report = nullptr) noexcept {
        recovery_report own;
        recovery_report& facts = report != nullptr ? *report : own;
        facts = {};
        TUSK_TRY(check_options(opts, FsyncPolicy::append_waits, facts.message));
        if constexpr (!fills_in_place<FsyncPolicy, Backend>)
            opts.window_ahead = 0;
        else if constexpr (!never_syncing<FsyncPolicy>)
            opts.window_ahead = std::min(opts.window_ahead, max_synced_window_ahead);
        TUSK_TRY(auto store,
                 (log_store<Format, Backend>::open(std::move(directory), opts, codecs_of<Compression>(), facts)));
        basic_wal log(std::make_shared<engine>(std::move(store), std::move(policy), std::move(codec), opts));
        TUSK_TRY(log.engine_->start());
        return log;
    }

    /// Likewise, for a Backend that is made from a path.
    [[nodiscard]] static result<basic_wal> open(std::string path, options opts = {},
                                                recovery_report* report = nullptr) noexcept
        requires std::constructible_from<Backend, std::string> && std::default_initializable<FsyncPolicy> &&
                 std::default_initializable<Compression>
    {
        return open(Backend(std::move(path)), std::move(opts), FsyncPolicy(), Compression(), report);
    }
    [[nodiscard]] static result<basic_wal> open(Backend directory, options opts, recovery_report* report) noexcept
        requires std::default_initializable<FsyncPolicy> && std::default_initializable<Compression>
    {
        return open(std::move(directory), std::move(opts), FsyncPolicy(), Compression(), report);
    }

    /// Removes the log's own files, and nothing else: the directory and what is not the log's stay. errc::busy, no_log.
    [[nodiscard]] static result<void> destroy(Backend directory) noexcept {
        return log_store<Format, Backend>::destroy(std::move(directory));
    }
    [[nodiscard]] static result<void> destroy(std::string path) noexcept
        requires std::constructible_from<Backend, std::string>
    {
        return destroy(Backend(std::move(path)));
    }

    basic_wal(basic_wal&&) noexcept = default;
    basic_wal& operator=(basic_wal&& other) noexcept {
        if (engine_)
            (void)engine_->close();
        engine_ = std::move(other.engine_);
        return *this;
    }
    ~basic_wal() {
        if (engine_) // readers may share it, and keep nobody out
            (void)engine_->close();
    }

    /// Makes everything durable and lets go of the log. Calls that are under way finish first. Blocks for a write and
    /// two syncs. If it fails, nothing is lost that was promised; the next open has more to read.
    [[nodiscard]] result<void> close() noexcept { return engine_->close(); }

    // ---- writing ----

    /// Appends a record and gives its index. Blocks as the FsyncPolicy or `opts.wait` says: for its write, or for a sync
    /// that it shares with others. errc::too_large, term_regressed, index_mismatch, too_many_segments; invalid_argument
    /// for a codec that the log was not given: nothing was written. errc::no_space and the system's errors of a write, errc::indeterminate of a sync: it may or may not have
    /// been kept; make sure before its index is used for something else. Does not allocate in steady state.
    [[nodiscard]] result<index_t> append(const record_view& record, const append_options& opts = {}) noexcept {
        return first_of(append_stored(record, record.data, opts));
    }
    /// Likewise; the data is the pieces one behind the other.
    [[nodiscard]] result<index_t> append(std::span<const byte_view> pieces, const append_options& opts = {},
                                         record_view like = {}) noexcept {
        return first_of(append_stored(like, pieces, opts));
    }
    /// Likewise; `fill(byte_span of n)` writes the data, or as much of it as it says if it returns a size. Nothing is
    /// held while it runs.
    template<class Fill>
        requires std::invocable<Fill&, byte_span>
    [[nodiscard]] result<index_t> append_with(std::size_t n, Fill&& fill, const append_options& opts = {},
                                              record_view like = {}) noexcept {
        TUSK_TRY(engine_->open_for_writing());
        if (n > limits().max_record_size)
            return errc::too_large;
        buffer out = engine_->store().pool.acquire(std::max<std::size_t>(n, 1));
        const byte_span room(out.data(), n);
        if constexpr (std::convertible_to<std::invoke_result_t<Fill&, byte_span>, std::size_t>)
            n = std::min(n, static_cast<std::size_t>(fill(room)));
        else
            fill(room);
        return first_of(append_stored(like, byte_view(room).first(n), opts));
    }
    /// Appends records as one: all of them or none, whatever happens. Errors as for append; errc::invalid_argument if
    /// there are none.
    [[nodiscard]] result<index_range> append_batch(std::span<const record_view> records,
                                                   const append_options& opts = {}) noexcept {
        return append_many({.type = frame_type::batch, .expect_index = opts.expect_index}, records, opts);
    }
    /// Drops the entries from `first` on and appends `records` in their place, all at once, for the cost of an append.
    /// errc::dropped if `first` lies below first_index(), beyond_end if above next_index(); else as append_batch.
    [[nodiscard]] result<index_range> replace_from(index_t first, std::span<const record_view> records,
                                                   const append_options& opts = {}) noexcept {
        TUSK_TRY(engine_->open_for_writing());
        if (first == 0)
            return errc::dropped;
        return append_many({.type = frame_type::replace, .number = first - 1, .expect_index = opts.expect_index},
                           records, opts);
    }
    /// Appends as append_batch does, but waits for nothing: the entries are written soon, or when somebody reads, syncs or
    /// appends behind them. They have their indexes at once, and are durable when wait_durable says so.
    [[nodiscard]] result<ticket> submit(std::span<const record_view> records,
                                        const append_options& opts = {}) noexcept {
        TUSK_TRY(engine_->open_for_writing());
        std::vector<stored_record> stored;
        std::vector<buffer> packed;
        TUSK_TRY(engine_->packing().pack(records, max_batch_entries, opts.compress, stored, packed));
        TUSK_TRY(const append_place at, with_room([&] {
                     give_terms(records, stored);
                     return engine_->queue().submit(
                         {.type = frame_type::batch, .records = stored, .expect_index = opts.expect_index});
                 }));
        engine_->packing().count(stored);
        engine_->nudge();
        return ticket{at.entries, at.begin, at.end};
    }
    /// Blocks until what the ticket stands for is durable. errc::truncated if it was cut, whatever stands at its indexes
    /// now; timed_out, cancelled; indeterminate if its write or sync failed.
    [[nodiscard]] result<void> wait_durable(const ticket& t, const std::stop_token& stop = {},
                                            std::optional<steady_time> deadline = std::nullopt) noexcept {
        TUSK_TRY(engine_->open_for_writing());
        TUSK_TRY(engine_->wait_durable(t.end, stop, deadline));
        return engine_->still_there(t.entries.last, t.begin) ? success() : result<void>(errc::truncated);
    }
    /// Starts a transaction: records gathered in memory, up to max_batch_bytes of them, to be appended as one batch by
    /// commit(), which refuses after `timeout`. The log must outlive it, and not be moved meanwhile.
    [[nodiscard]] transaction_type begin(nanoseconds timeout = std::chrono::minutes(1)) noexcept {
        const steady_time now = steady_clock::now();
        return transaction_type(*this, timeout < steady_time::max() - now ? now + timeout : steady_time::max());
    }
    /// Makes everything that was appended before the call durable, whatever the policy. Blocks for a write and a sync of
    /// each segment concerned. errc::indeterminate if the sync fails: what was not durable may or may not have been kept.
    /// If a write fails, its error: what is held back in memory stays there, to be tried again.
    [[nodiscard]] result<void> sync() noexcept {
        TUSK_TRY(engine_->open_for_writing());
        return engine_->queue().sync();
    }
    /// Seals the segment that is written to. Gives the index of the next entry, which goes to another segment.
    [[nodiscard]] result<index_t> roll() noexcept {
        TUSK_TRY(engine_->open_for_writing());
        return with_room([&] { return engine_->queue().roll(); });
    }

    // ---- cutting ----

    /// Keeps `keep` and drops all later entries, for the cost of an append. errc::dropped if first_index() is above
    /// keep + 1, beyond_end if `keep` is above last_index(). no_space and the system's errors of a write, indeterminate of
    /// a sync: it may come about or not.
    [[nodiscard]] result<void> truncate(index_t keep, durability wait = durability::policy) noexcept {
        TUSK_TRY(engine_->open_for_writing());
        TUSK_TRY(with_room([&] { return engine_->queue().append({.type = frame_type::cut, .number = keep}, wait); }));
        return success();
    }
    /// Drops the entries below `first`: first_index() is `first` exactly, durably. Files that hold nothing else are
    /// removed. Below first_index() there is nothing to do; errc::beyond_end above next_index(); errc::held if a hold
    /// keeps what would go. If the state file cannot be written, they may be gone or not, now and at the next open.
    /// Blocks for a sync, and two of the state file; needs no space, but while a reset waits for some: errc::no_space.
    [[nodiscard]] result<void> drop_before(index_t first) noexcept {
        TUSK_TRY(engine_->open_for_writing());
        return engine_->dropping().drop_before(first);
    }
    /// Drops every entry and goes on at `next`, as after an entry of term `previous`. errc::held; invalid_argument for 0.
    [[nodiscard]] result<void> reset(index_t next, term_t previous = 0, durability wait = durability::policy) noexcept {
        TUSK_TRY(engine_->open_for_writing());
        if (next == 0 || next > UINT64_MAX / 2)
            return errc::invalid_argument;
        return engine_->reset(next, previous, wait);
    }
    /// Keeps the entries from `from` on from being dropped for as long as the result lives. errc::dropped if they are
    /// gone or going.
    [[nodiscard]] result<tusk::hold> hold(index_t from) noexcept {
        TUSK_TRY(engine_->open_for_writing());
        if (!engine_->dropping().holds()->add(from))
            return errc::dropped;
        tusk::hold h(engine_->dropping().holds(), from); // first held, then looked at: no drop can come between
        TUSK_TRY(const auto e, engine_->edges());
        if (from < e.first)
            return errc::dropped;
        return h;
    }

    // ---- reading ----

    /// The entry `index`. Blocks for a read or two. errc::dropped, beyond_end; lost, corrupt: this entry alone is damaged.
    [[nodiscard]] result<entry> get(index_t index) noexcept { return engine_->get(index); }
    /// The entries from `first` to `last` that are there, until `max_bytes` of data and keys have come together, at least
    /// one. None if there are none. errc::invalid_argument if first > last; corrupt, lost.
    [[nodiscard]] result<entries> get_range(index_t first, index_t last,
                                            std::uint64_t max_bytes = UINT64_MAX) noexcept {
        TUSK_TRY(engine_->open_for_reading());
        return first > last ? result<entries>(errc::invalid_argument) : engine_->get_range(first, last, max_bytes);
    }
    /// The term of an entry, or of the one before the first. Reads no record. errc::dropped, beyond_end.
    [[nodiscard]] result<term_t> term_at(index_t index) noexcept {
        TUSK_TRY(const auto e, engine_->edges());
        if (index >= e.next)
            return errc::beyond_end;
        if (const std::optional<term_t> term = engine_->store().contents.term_at(index))
            return *term;
        TUSK_TRY(const auto now, engine_->edges()); // or it was cut between the two looks
        return index + 1 < now.first ? errc::dropped : errc::beyond_end;
    }
    /// Reads forward from `from`. errc::dropped if it lies below first_index(), beyond_end if above next_index().
    [[nodiscard]] result<reader_type> read_from(index_t from, visible what = visible::written) noexcept {
        return make_reader<reader_type>(from, what);
    }
    /// Likewise, and waits for what is still to come.
    [[nodiscard]] result<follower_type> follow(index_t from, visible what = visible::written) noexcept {
        return make_reader<follower_type>(from, what);
    }

    // ---- asking ----

    /// The first and last index; 0 and 0 while next_index() is 1. Any other empty log has first_index() == next_index()
    /// and last_index() == first_index() - 1.
    [[nodiscard]] result<index_t> first_index() noexcept {
        TUSK_TRY(const auto e, engine_->edges());
        return e.next == 1 ? 0 : e.first;
    }
    [[nodiscard]] result<index_t> last_index() noexcept {
        TUSK_TRY(const auto e, engine_->edges());
        return e.next - 1;
    }
    /// The index that the next entry will get.
    [[nodiscard]] result<index_t> next_index() noexcept {
        TUSK_TRY(const auto e, engine_->edges());
        return e.next;
    }
    [[nodiscard]] result<bool> empty() noexcept {
        TUSK_TRY(const auto e, engine_->edges());
        return e.empty();
    }
    /// The last index that is on stable storage, for certain; first_index() - 1 or less if there is none. Does not block.
    [[nodiscard]] result<index_t> durable_index() const noexcept {
        TUSK_TRY(engine_->open_for_reading());
        return engine_->durable_next() - 1;
    }
    /// Bytes of all frames in the log's segments, those that were cut included.
    [[nodiscard]] result<std::uint64_t> size_bytes() noexcept {
        TUSK_TRY(engine_->edges());
        return engine_->store().contents.bytes();
    }
    /// Bytes of frames behind the entry `index`, to within a few entries: how far one who has read so far is behind.
    [[nodiscard]] result<std::uint64_t> bytes_after(index_t index) noexcept {
        TUSK_TRY(const auto e, engine_->edges());
        return index < e.next ? engine_->store().contents.bytes_from(std::max(index + 1, e.first)) : 0;
    }
    [[nodiscard]] result<std::uint64_t> segment_count() noexcept {
        TUSK_TRY(engine_->edges());
        return engine_->store().contents.segment_count();
    }
    /// Heap that is used for knowing where entries are, in bytes.
    [[nodiscard]] std::size_t index_memory() const noexcept { return engine_->store().contents.memory(); }
    [[nodiscard]] bool is_open() const noexcept { return static_cast<bool>(engine_->open_for_reading()); }

    /// Reads and checks every byte of the log beside what else goes on. What is damaged is in the report.
    [[nodiscard]] result<verify_report> verify() noexcept {
        TUSK_TRY(engine_->edges());
        return verify_log(engine_->store());
    }

    /// What the Compression has made of the data of records appended since the log was opened: nothing is counted for one that
    /// never compresses. Allocates; does not block.
    [[nodiscard]] tusk::compression_counts compression_counts() const { return engine_->packing().counts(); }

    /// The options it was opened with.
    [[nodiscard]] const options& limits() const noexcept { return engine_->opts(); }

private:
    explicit basic_wal(std::shared_ptr<engine> e) noexcept : engine_(std::move(e)) {}

    static result<index_t> first_of(const result<append_place>& at) noexcept {
        return at ? result<index_t>(at.value().entries.first) : result<index_t>(at.error());
    }

    // What is passed on by value here would be copied for longer than a small entry is.
    [[nodiscard]] result<append_place> append_stored(const record_view& like, const pieces_view& data,
                                                     const append_options& opts) noexcept {
        TUSK_TRY(engine_->open_for_writing());
        buffer packed;
        stored_record stored;
        TUSK_TRY(engine_->packing().pack(like, data, opts.compress, stored, packed));
        TUSK_TRY(const append_place at, with_room([&] {
                     give_terms({&like, 1}, {&stored, 1});
                     return engine_->queue().append(
                         {.type = frame_type::batch, .records = {&stored, 1}, .expect_index = opts.expect_index},
                         opts.wait);
                 }));
        engine_->packing().count({&stored, 1});
        return at;
    }

    [[nodiscard]] result<index_range> append_many(append_request request, std::span<const record_view> records,
                                                  const append_options& opts) noexcept {
        TUSK_TRY(engine_->open_for_writing());
        std::vector<stored_record> stored;
        std::vector<buffer> packed;
        TUSK_TRY(engine_->packing().pack(records, max_batch_entries, opts.compress, stored, packed));
        TUSK_TRY(const append_place at, with_room([&] {
                     give_terms(records, stored);
                     request.records = stored;
                     return engine_->queue().append(append_request(request), opts.wait);
                 }));
        engine_->packing().count(stored);
        return at.entries;
    }

    // Each try starts with the terms that were given: the one before may have put in what has changed since.
    static void give_terms(std::span<const record_view> records, std::span<stored_record> stored) noexcept {
        for (std::size_t i = 0; i < records.size(); ++i)
            stored[i].term = records[i].term;
    }

    // With max_segments and limit_policy::drop_oldest, what finds no room for another segment makes some.
    template<class Call>
    [[nodiscard]] auto with_room(Call&& call) noexcept -> decltype(call()) {
        for (;;) {
            const std::uint64_t seen = engine_->dropping().times_made_room();
            auto outcome = call();
            if (outcome || outcome.error() != errc::too_many_segments || limits().at_limit != limit_policy::drop_oldest)
                return outcome;
            TUSK_TRY(engine_->dropping().make_room(seen));
        }
    }

    template<class Reader>
    [[nodiscard]] result<Reader> make_reader(index_t from, visible what) noexcept {
        TUSK_TRY(const auto e, engine_->edges());
        if (from < e.first)
            return errc::dropped;
        if (from > e.next)
            return errc::beyond_end;
        return Reader(engine_, from, what);
    }

    std::shared_ptr<engine> engine_;
};

} // namespace tusk::inline v0
