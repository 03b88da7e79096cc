#pragma once

#include <tusk/core/home_process.hpp>
#include <tusk/log/dropper.hpp>
#include <tusk/log/packing.hpp>
#include <tusk/log/reading.hpp>

namespace tusk::inline v0 {

/// An open log: what basic_wal and its readers share. Joins the store, the queue and the background work; lives as long
/// as anybody refers to it, but does nothing once it is closed.
template<format Format, fsync_policy Policy, backend Backend, compression Compression>
class log_engine : public std::enable_shared_from_this<log_engine<Format, Policy, Backend, Compression>> {
public:
    using format_type = Format;
    using backend_type = Backend;
    using store_type = log_store<Format, Backend>;
    using queue_type = commit_queue<Format, Policy, Backend>;

    log_engine(std::unique_ptr<store_type> store, Policy policy, Compression codec, const options& opts)
        : store_(std::move(store)), options_(opts), packing_(std::move(codec), options_, store_->pool) {
        if (opts.mode == open_mode::read_only)
            return;
        queue_.emplace(*store_, std::move(policy), opts);
        dropping_.emplace(*store_, *queue_);
    }
    log_engine(const log_engine&) = delete;
    ~log_engine() { (void)close(); } // those who want to know call close()

    [[nodiscard]] result<void> start() noexcept {
        if (!queue_)
            return success();
        if (const result<void> started = queue_->start(options_.segment_size); !started) {
            queue_.reset(); // nothing was written, so there is nothing for close() to finish
            return started;
        }
        if (options_.background.is_inline()) {
            queue_->leader().on_roll([this] { (void)keep_house(); });
            return success();
        }
        ticking_.emplace(options_.background, [this] { tick(); });
        housekeeping_.emplace(options_.background, [this] { (void)keep_house(); });
        witnessing_.emplace(options_.background, [this] { witness(); });
        if (touches_window<typename Backend::file> && options_.window_ahead > 0) {
            touching_.emplace(options_.background, [this] { queue_->tail().touch_ahead(); });
            queue_->tail().on_window([this] { ask(touching_, nanoseconds(0)); });
        }
        if (options_.on_durable)
            telling_.emplace(options_.background, [this] { tell(); });
        told_ = queue_->syncing().reached().durable_next();
        queue_->leader().on_pending([this](nanoseconds due) { schedule_tick(due); });
        queue_->leader().on_roll([this] { ask(housekeeping_, nanoseconds(0)); });
        queue_->syncing().on_durable([this] {
            if (!witness_asked_.exchange(true, std::memory_order_acq_rel))
                ask(witnessing_, options_.witness_interval);
            if (telling_)
                ask(telling_, nanoseconds(0));
        });
        if (options_.spare_segments > 0)
            ask(housekeeping_, nanoseconds(0));
        return success();
    }

    /// What every call begins with: errc::closed or read_only.
    [[nodiscard]] result<void> open_for_reading() const noexcept {
        return closed_.load(std::memory_order_acquire) ? result<void>(errc::closed) : success();
    }
    [[nodiscard]] result<void> open_for_writing() const noexcept {
        TUSK_TRY(open_for_reading());
        return queue_ ? success() : result<void>(errc::read_only);
    }

    [[nodiscard]] store_type& store() noexcept { return *store_; }
    [[nodiscard]] queue_type& queue() noexcept { return *queue_; }
    [[nodiscard]] packer<Compression>& packing() noexcept { return packing_; }
    [[nodiscard]] const options& opts() const noexcept { return options_; }
    /// What drops entries from the front; only if the log is open for writing.
    [[nodiscard]] dropper<Format, Policy, Backend>& dropping() noexcept { return *dropping_; }

    /// True if what edges() said before need not hold any more, for another reason than a cut or a drop.
    [[nodiscard]] bool has_news() const noexcept {
        return !open_for_reading() || (queue_ && (queue_->holds_back() || queue_->syncing().poisoned()));
    }
    /// What readers see: everything that was appended, once it is written.
    [[nodiscard]] result<typename catalog<Backend>::bounds> edges() noexcept {
        TUSK_TRY(write_for_reading());
        auto e = store_->contents.edges();
        if (queue_ && queue_->syncing().poisoned()) // what was not durable when the sync failed is not served
            e.next = std::max(e.first, std::min(e.next, queue_->syncing().reached().durable_next()));
        return e;
    }

    [[nodiscard]] index_t durable_next() noexcept { return queue_ ? queue_->durable_next() : store_->durable_next(); }
    /// Reads one entry.
    [[nodiscard]] result<entry> get(index_t index) noexcept {
        TUSK_TRY(write_for_reading());
        if (queue_ && queue_->syncing().poisoned()) {
            TUSK_TRY(const auto served, edges());
            if (index >= served.next)
                return index < store_->contents.edges().next ? errc::poisoned : errc::beyond_end;
        }
        entry_walk<Format, Backend> walk(*store_, read_ahead);
        pinned_entry stored;
        const result<void> found = walk.read(index, stored);
        if (!found && found.error() == errc::dropped && !queue_) {
            TUSK_TRY(store_->refresh()); // so that first_index() says what there is
        }
        TUSK_TRY(found);
        return unpack(packing_.codec(), std::move(stored), store_->max_record_size, store_->pool);
    }

    /// Reads entries that follow each other, as many as are there and as `max_bytes` allows.
    [[nodiscard]] result<entries> get_range(index_t first, index_t last, std::uint64_t max_bytes) noexcept {
        return range_reading<Format, Backend, Compression>(*store_, packing_.codec(), max_bytes)
            .read(first, last, [this] { return edges(); });
    }

    /// True unless the entry that was given `index` by the frame at `lsn` has been cut since. Being dropped is no cut.
    [[nodiscard]] bool still_there(index_t index, lsn_t lsn) const noexcept {
        const auto edges = store_->contents.edges();
        if (index < edges.first)
            return !store_->contents.was_cut_after(lsn, index);
        const auto at = store_->contents.find(index);
        return at && at->segment->lsn(at->place.run_begin) <= lsn;
    }

    /// Drops everything and goes on at `next`.
    [[nodiscard]] result<void> reset(index_t next, term_t previous, durability wait) noexcept {
        TUSK_TRY(open_for_writing());
        TUSK_TRY(dropping_->reset(next, previous, wait));
        if (!options_.background.is_inline()) {
            ask(housekeeping_, nanoseconds(0));
            return success();
        }
        const result<void> gone = dropping_->finish_reset();
        return !gone && gone.error() == errc::closed ? success() : gone; // the reset itself came before the close
    }

    /// Blocks until `target` is durable, a stop is requested or the deadline passes; sees to it that a sync comes.
    [[nodiscard]] result<void> wait_durable(lsn_t target, const std::stop_token& stop,
                                            std::optional<steady_time> deadline) noexcept {
        if (queue_->syncing().reached().durable_lsn() >= target)
            return success();
        const bool patient = !stop.stop_possible() && !deadline;
        if (patient || options_.background.is_inline()) {
            TUSK_TRY(queue_->write_all());
            return queue_->syncing().sync_to(target);
        }
        sync_asked_.store(true, std::memory_order_release);
        if (!ticking_->schedule(nanoseconds(0))) { // no thread to be had: longer than was asked for, but not for ever
            TUSK_TRY(queue_->write_all());
            return queue_->syncing().sync_to(target);
        }
        const bool done = queue_->syncing().reached().wait(stop, deadline, [&] {
            return queue_->syncing().reached().durable_lsn() >= target || queue_->syncing().poisoned() ||
                   closed_.load(std::memory_order_acquire);
        });
        if (queue_->syncing().reached().durable_lsn() >= target)
            return success();
        if (!done)
            return stop.stop_requested() ? errc::cancelled : errc::timed_out;
        return queue_->syncing().poisoned() ? errc::indeterminate : errc::closed;
    }

    /// Sees to it that what was submitted does not wait for the next call.
    void nudge() noexcept {
        if (!options_.background.is_inline())
            schedule_tick(nanoseconds(0));
    }

    /// Refuses everything from now on, makes what was appended durable, and lets go of the log. The first error. In a
    /// child of the process that opened it, the log is its parent's, and is left as it is.
    [[nodiscard]] result<void> close() noexcept {
        if (!home_.is_this()) {
            closed_.store(true, std::memory_order_release);
            kept_ = this->weak_from_this().lock(); // for ever: its end would wait for threads that are not here
            return success();
        }
        const std::scoped_lock closing(closing_);
        if (closed_.exchange(true, std::memory_order_acq_rel))
            return errc::closed;
        result<void> outcome = success();
        const auto note = [&](const result<void>& r) {
            if (outcome && !r)
                outcome = r;
        };
        if (queue_) {
            note(dropping_->finish_reset()); // else the next open would find what it has made needless
            queue_->tail().refuse();
            queue_->syncing().reached().notify();
            if (!queue_->syncing().poisoned())
                note(queue_->write_all());
            for (job* const j : {&ticking_, &housekeeping_, &witnessing_, &touching_})
                stop(*j);
            const auto no_drop = dropping_->pause();
            if (!queue_->syncing().poisoned())
                note(finish());
            else
                note(errc::poisoned);
            queue_->shut();
            stop(telling_);
            if (telling_)
                tell();
        }
        note(store_->files->close(store_->contents.all_segments()));
        if (store_->state)
            note(store_->state->close());
        store_->unlock();
        return outcome;
    }

    /// Bytes that are read at once for one entry: most entries, and the frames before them, in one call.
    static constexpr std::size_t read_ahead = 4 * kibibyte;
    /// When what could not be written is tried again by itself.
    static constexpr nanoseconds next_try = std::chrono::seconds(1);

private:
    using job = std::optional<background_task>;

    // What every look at entries begins with. What cannot be written is not there to be read; whoever writes is told why.
    [[nodiscard]] result<void> write_for_reading() noexcept {
        TUSK_TRY(open_for_reading());
        if (queue_)
            (void)queue_->write_held_back();
        return success();
    }

    // The end of a clean close: all is durable, and the state file says so, so that the next open reads nothing again.
    [[nodiscard]] result<void> finish() noexcept {
        TUSK_TRY(queue_->write_all());
        TUSK_TRY(queue_->leader().sealing().run());
        const segment_ptr<Backend> last = store_->contents.last_segment();
        if (!last)
            return queue_->sync();
        if (store_->state->get().proven.lsn == last->lsn(last->end)) {
            queue_->leader().give_back(*last);
            return queue_->sync();
        }
        const std::uint64_t index = queue_->leader().finish(*last);
        TUSK_TRY(queue_->syncing().sync_written());
        return store_->state->update(
            [&](log_state& s) {
                s.proven = {
                    .lsn = last->lsn(last->end), .segment = last->number, .offset = last->end, .index_frame = index};
            },
            /*both=*/false);
    }

    // Every job's errors: a failed sync has poisoned the log, and the next call says so; a segment that cannot be made
    // ahead is made by the append that needs it, which then reports; a witness that is not written is only missed.
    void tick() noexcept {
        tick_at_.store(INT64_MAX, std::memory_order_release);
        if (!queue_->write_held_back() && queue_->is_put_off())
            schedule_tick(next_try); // what is written is synced all the same
        if (sync_asked_.exchange(false, std::memory_order_acq_rel)) {
            (void)queue_->write_all();
            (void)queue_->syncing().sync_written();
            return;
        }
        const nanoseconds due = queue_->leader().due_in();
        if (due <= nanoseconds(0))
            (void)queue_->syncing().sync_written();
        else if (due != never_due)
            schedule_tick(due);
    }

    // An append asks each time; the executor's lock is taken only if the time would be an earlier one.
    void schedule_tick(nanoseconds due) noexcept {
        const nanoseconds now = steady_clock::now().time_since_epoch();
        const std::int64_t at = due < nanoseconds::max() - now ? (now + due).count() : nanoseconds::max().count();
        if (at >= tick_at_.load(std::memory_order_acquire))
            return;
        tick_at_.store(at, std::memory_order_release);
        if (ticking_ && !ticking_->schedule(due)) { // no thread to be had: better early than never
            tick_at_.store(INT64_MAX, std::memory_order_release);
            (void)queue_->syncing().sync_written();
        }
    }

    result<void> keep_house() noexcept {
        TUSK_TRY(queue_->leader().sealing().run());
        if (!options_.background.is_inline()) {
            TUSK_TRY(store_->files->prepare());
        }
        return options_.background.is_inline() ? success() : dropping_->finish_reset();
    }

    void witness() noexcept {
        witness_asked_.store(false, std::memory_order_release);
        const segment_ptr<Backend> last = store_->contents.last_segment();
        const lsn_t lsn = queue_->syncing().reached().durable_lsn();
        if (last && lsn >= last->base)
            (void)store_->state->write_witness({.lsn = lsn, .segment = last->number});
    }

    void tell() noexcept {
        const std::uint64_t cuts = queue_->syncing().reached().cuts();
        const index_t next = queue_->syncing().reached().durable_next();
        if (next == told_ && cuts == told_cuts_)
            return;
        told_ = next;
        told_cuts_ = cuts;
        options_.on_durable(next - 1);
    }

    // The job stays where it is, for calls that are still under way may ask for it, in vain.
    static void stop(job& j) noexcept {
        if (j)
            j->cancel_and_wait();
    }

    // If no thread can be had, what the job would have done is done by the calls that need it.
    static void ask(job& j, nanoseconds delay) noexcept {
        if (j)
            (void)j->schedule(delay);
    }

    std::unique_ptr<store_type> store_;
    std::optional<queue_type> queue_; // none if read only, as
    std::optional<dropper<Format, Policy, Backend>> dropping_;
    const options options_;
    packer<Compression> packing_;
    std::atomic<bool> closed_{false};
    std::mutex closing_;
    std::atomic<bool> sync_asked_{false};
    std::atomic<bool> witness_asked_{false};
    std::atomic<std::int64_t> tick_at_{INT64_MAX};
    index_t told_ = 0; // on_durable was called for what lies below, after so many cuts
    std::uint64_t told_cuts_ = 0;
    job ticking_;
    job housekeeping_;
    job witnessing_;
    job touching_;
    job telling_;
    home_process home_;
    std::shared_ptr<log_engine> kept_; // by itself
};

} // namespace tusk::inline v0
