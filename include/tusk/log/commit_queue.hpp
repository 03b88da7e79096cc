#pragma once

#include <tusk/concept/fsync_policy.hpp>
#include <tusk/log/group_writer.hpp>
#include <tusk/log/held_back.hpp>
#include <tusk/log/log_tail.hpp>

#include <thread>

namespace tusk::inline v0 {

/// Appends frames: appenders reserve places in groups and fill them in parallel; one thread leads, and writes and syncs a
/// group for all who are in it while the next one gathers. Any number of threads.
template<format Format, fsync_policy Policy, backend Backend>
class commit_queue {
public:
    using group = commit_group<Backend>;
    using segment_ptr = tusk::segment_ptr<Backend>;

    /// Frames above this are put together in memory of their own, before they have a place: a copy of so many bytes is
    /// the longest that anybody waits for another's.
    static constexpr std::size_t large_frame = 64 * kibibyte;

    commit_queue(log_store<Format, Backend>& store, Policy policy, const options& opts)
        : store_(store),
          policy_(std::move(policy)),
          buffered_(opts.write_buffer > 0),
          tail_(store, sync_, opts),
          sealer_(store, sync_, opts.sync_alignment),
          writer_(store, sync_, sealer_) {}

    /// Takes up a log where recovery left it.
    [[nodiscard]] result<void> start(std::uint64_t segment_size) {
        const segment_ptr last = store_.contents.last_segment();
        if (last) {
            TUSK_TRY(auto file, store_.directory.open(segment_name(last->number).data(), open_for::write));
            // A clean close has given the unused space back. Without it the segment grows, as long as there is room.
            if constexpr (Format::fill == std::byte{0} && requires {
                              { file.reserve(segment_size) } -> std::same_as<result<void>>;
                          }) {
                const result<void> reserved = file.reserve(segment_size);
                if (!reserved && reserved.error() != errc::no_space)
                    return reserved;
            }
            last->file = std::make_shared<typename Backend::file>(std::move(file));
            last->kept_open = true;
            last->capacity = segment_size;
            store_.contents.set_continued(*last);
        }
        for (const segment_ptr& s : store_.contents.all_segments())
            if (s != last)
                store_.contents.set_indexed(*s); // sealed in an earlier life
        tail_.start(last);
        sync_.reached().start({last ? last->lsn(last->end) : 0, store_.contents.edges().next}, last);
        return success();
    }

    /// Appends a frame. Returns when it is as durable as `wait` asks. Errors before anything has happened: term_regressed,
    /// index_mismatch, beyond_end, dropped, too_many_segments, closed, poisoned, no_space for a segment's file. Afterwards
    /// the outcome is unknown: no_space or the system's error of a write, indeterminate for a sync.
    [[nodiscard]] result<append_place> append(append_request request, durability wait) noexcept {
        const bool durable = wait == durability::durable || (wait == durability::policy && Policy::append_waits);
        request.held_back = buffered_ && !durable && wait == durability::policy;
        request.may_stay = stays_in_place && !durable && request.type == frame_type::batch;
        TUSK_TRY(write_put_off());
        TUSK_TRY(const placed at, place(request, durable, /*written=*/!durable || !Policy::append_waits));
        group& g = *at.where;
        std::error_code failed;
        const bool left = request.may_stay && at.in_place && leave_to_others();
        if (!left && request.held_back) {
            failed = settle_later(g, request, at.out.entries.first);
        } else if (!left) {
            failed = settle(g, durable && Policy::append_waits ? group_state::durable : group_state::written);
            if (!failed && durable && !Policy::append_waits)
                failed = code_of(sync_.sync_to(at.out.end));
        }
        tail_.groups().release(g);
        if (failed)
            return failed;
        return at.out;
    }

    /// Gives a frame its place and returns: it is written when somebody waits for it, reads, syncs or appends behind it.
    [[nodiscard]] result<append_place> submit(append_request request) noexcept {
        request.held_back = true;
        TUSK_TRY(write_put_off());
        TUSK_TRY(const placed at, place(request, /*durable=*/Policy::append_waits, /*written=*/false));
        held_.add();
        tail_.groups().release(*at.where);
        return at.out;
    }

    /// Hands everything that was appended before the call to the operating system.
    [[nodiscard]] result<void> write_all() noexcept {
        const std::uint64_t before = held_.count();
        std::error_code failed;
        if (group* const last = tail_.groups().youngest()) {
            failed = settle(*last, group_state::written);
            tail_.groups().release(*last);
        }
        if (failed && is_put_off())
            return failed;
        held_.written(before);
        return failed ? result<void>(failed) : success();
    }
    /// True while what was acknowledged could not be written and waits for another try.
    [[nodiscard]] bool is_put_off() const noexcept { return put_off_.load(std::memory_order_acquire); }
    /// Likewise, if anything is held back in memory: for those who read.
    [[nodiscard]] result<void> write_held_back() noexcept { return held_.any() ? write_all() : success(); }

    /// Makes everything that was appended before the call durable.
    [[nodiscard]] result<void> sync() noexcept {
        TUSK_TRY(write_all());
        return sync_.sync_written();
    }

    /// Seals the segment that is written to, if it holds any frame. Gives the index of the next entry, which will go to
    /// another segment.
    [[nodiscard]] result<index_t> roll() noexcept {
        for (;;) {
            TUSK_TRY(const auto at, tail_.roll());
            if (at.second.again) {
                TUSK_TRY(lead_first(at.second));
                continue;
            }
            if (at.second.where == nullptr)
                return at.first;
            const std::error_code failed = settle(*at.second.where, group_state::written);
            tail_.groups().release(*at.second.where);
            if (failed)
                return failed;
            return at.first;
        }
    }

    /// The end of a clean close, after everything is written and sealed: an index frame, so that the next open need not
    /// read the segment, and the unused space given back. Gives where it begins, 0 if it could not be written.
    [[nodiscard]] std::uint64_t finish(segment<Backend>& last) noexcept {
        const std::scoped_lock lock(write_mutex_);
        if (last.failed_write)
            return 0;
        const std::uint64_t at = last.end;
        const auto edges = store_.contents.edges();
        const result<placed_frame> f = sealer_.write_index(last, *last.file, edges.next);
        if (!f)
            return 0;
        store_.contents.apply(f.value());
        if (const std::size_t pad = tail_.pad_at(last.end); pad != 0) {
            const result<placed_frame> p = sealer_.write_pad(last, *last.file, pad, edges.next);
            if (p) // else the log ends behind the index all the same, and that has to be synced
                store_.contents.apply(p.value());
        }
        sync_.reached().wrote({last.lsn(last.end), edges.next}, store_.contents.last_segment(), std::nullopt);
        (void)last.file->trim(last.end); // not given back, it only takes room
        return at;
    }

    /// The files are about to be closed: who is still under way, and finds something that is not written or not synced,
    /// gets errc::closed.
    void shut() noexcept {
        const std::scoped_lock lock(write_mutex_);
        tail_.fail_waiting(errc::closed);
        put_off_.store(false, std::memory_order_release);
        sync_.close();
    }

    /// Called after a roll, and when bytes begin to wait for a sync; none may block. Set before use.
    void on_roll(callable<void()> f) noexcept { on_roll_ = std::move(f); }
    void on_pending(callable<void(nanoseconds)> f) noexcept { on_pending_ = std::move(f); }

    [[nodiscard]] log_tail<Format, Backend>& tail() noexcept { return tail_; }
    [[nodiscard]] syncer<Backend>& syncing() noexcept { return sync_; }
    [[nodiscard]] sealer<Format, Backend>& sealing() noexcept { return sealer_; }
    /// Everything below is durable, and no cut that was acknowledged has taken it away.
    [[nodiscard]] index_t durable_next() const noexcept {
        const index_t next = sync_.reached().durable_next();
        return buffered_ ? std::min(next, held_.lowest_cut()) : next;
    }
    /// How long the policy lets the next sync wait.
    [[nodiscard]] nanoseconds due_in() const noexcept {
        return policy_.due_in(sync_.reached().state(steady_clock::now()));
    }

private:
    struct placed {
        group* where = nullptr;
        append_place out;
        bool in_place = false; // it is in the file, and so is all before it
    };
    // A store into the file's own pages is as good as a write: nobody has to lead, and no policy is asked.
    static constexpr bool stays_in_place = never_syncing<Policy> && gives_window<typename Backend::file>;

    [[nodiscard]] static std::error_code code_of(const result<void>& r) noexcept {
        return r ? std::error_code() : r.error();
    }

    // Reserves a place and fills it; the group is referenced once for the caller.
    [[nodiscard]] result<placed> place(append_request& request, bool durable, bool written) noexcept {
        const std::array<std::uint64_t, 2> numbers{request.number, request.previous_term};
        const std::size_t count = request.type == frame_type::reset ? 2 : request.type == frame_type::batch ? 0 : 1;
        const frame_view view{.type = request.type,
                              .records = request.records,
                              .numbers = std::span(numbers).first(count),
                              .pad_size = 0};
        const std::span<stored_record> heirs = inherit_terms(request.records);
        term_t assumed = tail_.term_hint();
        if (heirs.size() < request.records.size()) // a guess that is too high must not make terms go back in the frame
            assumed = std::min(assumed, request.records[heirs.size()].term);
        for (;;) {
            // The size of a frame depends on its terms, and so on the entry before it: it is worked out outside of the
            // lock, for a guess that is nearly always right.
            for (stored_record& r : heirs)
                r.term = assumed;
            const std::size_t size = Format::size(view);
            buffer own;
            if (size > large_frame) {
                own = store_.pool.acquire(size + tail_.slack());
                Format::encode(view, byte_span(own.data(), size));
            }
            const bool encoded = static_cast<bool>(own);
            TUSK_TRY(const auto at, tail_.reserve(request, heirs, assumed, size, own, durable, written));
            if (at.again) {
                TUSK_TRY(lead_first(at));
                continue;
            }
            const byte_span bytes(at.where->memory() + at.at, size);
            if (!encoded)
                Format::encode(view, bytes);
            Format::stamp(bytes, at.place);
            const bool whole = at.where->fill(size);
            return placed{at.where, at.out, at.in_place && whole};
        }
    }

    // No group is free: the oldest has to be written. Its own members learn of an error, unless it stays in the way.
    [[nodiscard]] result<void> lead_first(const typename log_tail<Format, Backend>::reservation& at) noexcept {
        if (at.lead_first == nullptr)
            return success();
        const std::error_code failed = settle(*at.lead_first, group_state::written);
        tail_.groups().release(*at.lead_first);
        return failed && is_put_off() ? result<void>(failed) : success();
    }

    // While what was acknowledged before cannot be written, nothing more is taken.
    [[nodiscard]] result<void> write_put_off() noexcept { return is_put_off() ? write_all() : success(); }

    // Sees to it that the group gets as far as is wanted: leads it if nobody does, else waits for who does.
    [[nodiscard]] std::error_code settle(group& g, group_state wanted) noexcept {
        const int before = g.state.load(std::memory_order_acquire);
        if (!g.claimed.exchange(true, std::memory_order_acq_rel))
            lead(g);
        return g.wait(wanted, before) ? std::error_code() : tail_.groups().error_of(g);
    }

    // Whoever reads, syncs or goes on to another group makes it known. False if somebody waits to be told: either who
    // waits sees the count, or this sees who waits.
    [[nodiscard]] bool leave_to_others() noexcept {
        held_.add();
        return !sync_.reached().has_attention();
    }

    // With a write buffer, a group is written when it is full, or when the policy's time is over.
    [[nodiscard]] std::error_code settle_later(group& g, const append_request& request, index_t next) noexcept {
        held_.add(request.type == frame_type::batch ? held_back::no_cut : next);
        // It has its place: if it cannot be written now, it will be later, and the next append says why not yet.
        const auto unless_put_off = [this](const result<void>& done) {
            return is_put_off() ? std::error_code() : code_of(done);
        };
        if (tail_.is_full(g))
            return unless_put_off(write_all());
        const nanoseconds due = policy_.due_in(sync_.reached().gathering(steady_clock::now()));
        if (due <= nanoseconds(0))
            return unless_put_off(sync());
        if (due != never_due && on_pending_)
            on_pending_(due);
        return {};
    }

    // Writes the group and all before it, and syncs them if somebody in them waits for that.
    void lead(group& target) noexcept {
        std::unique_lock write_lock(write_mutex_);
        if (target.taken || target.reached() != group_state::filling)
            return; // the leader of a later group, or a failure, has seen to it
        gather(target);
        group* const first = tail_.take_up_to(target);
        group* last_written = nullptr;
        group* unwritten = first;
        bool durable = false;
        std::error_code failed;
        for (group* g = first; g != nullptr; g = g->next)
            g->taken = true;
        while (unwritten != nullptr) {
            group* const g = unwritten;
            const bool with_this = durable || (g->wants_durable && Policy::append_waits);
            const bool refused = sync_.poisoned() && !g->only_to_be_known();
            failed =
                refused ? make_error_code(errc::poisoned) : code_of(writer_.write(*g, with_this && g->next == nullptr));
            if (failed)
                break;
            last_written = g;
            unwritten = g->next;
            durable = with_this;
            if (g->wants_written)
                g->reach(group_state::written);
        }
        std::error_code unsynced;
        if (durable)
            unsynced = code_of(sync_.sync_to(last_written->end_lsn()));
        group* const put_back =
            failed && tail_.put_back(*unwritten, target, failed, /*for_good=*/sync_.poisoned()) ? unwritten : nullptr;
        put_off_.store(put_back != nullptr, std::memory_order_release);
        if (failed && put_back == nullptr)
            clear_away(*unwritten);
        const bool rolled = writer_.has_rolled();
        write_lock.unlock();

        bool behind = last_written == nullptr; // of what was written
        for (group* g = first; g != put_back;) {
            group* const next = g->next;
            const bool last = g == last_written;
            if (behind)
                tail_.groups().fail(*g, failed);
            else if (unsynced)
                tail_.groups().fail(*g, errc::indeterminate);
            else
                g->reach(durable ? group_state::durable : group_state::written);
            behind = behind || last;
            if (g == &target)
                tail_.groups().settled(target);
            tail_.groups().release(*g);
            g = next;
        }
        if (last_written != nullptr && !durable)
            see_to_sync(rolled);
        if (rolled && on_roll_)
            on_roll_();
    }

    // Sees to it that nothing of what could not be written, from `first` on, comes to light later: what was read and
    // synced since must not be undone by it. If that fails too, it may.
    void clear_away(group& first) noexcept {
        if (const segment_ptr last = store_.contents.last_segment(); last && !first.starts_segment) {
            if constexpr (gives_window<typename Backend::file>) { // others may still be filling theirs
                first.wait_filled(); // at this very place, too: then the frame would be whole in spite of it
                std::array<std::byte, Format::probe_size> blank;
                blank.fill(Format::fill);
                const byte_view piece(blank);
                (void)last->file->write(last->end, {&piece, 1});
            } else {
                (void)last->file->trim(last->end);
            }
        }
        for (const group* g = &first; g != nullptr; g = g->next)
            if (g->starts_segment)
                (void)store_.files->remove({&g->segment, 1}); // if one stays, it is found to follow nothing
    }

    // Lets a group grow for as long as the policy allows while its first append waits.
    void gather(const group& target) noexcept {
        if constexpr (Policy::append_waits) {
            while (const std::optional<sync_state> s = tail_.gathering(target)) {
                const nanoseconds due = policy_.due_in(*s);
                if (due <= nanoseconds(0) || due == never_due)
                    return;
                std::this_thread::sleep_for(due);
            }
        }
    }

    // After a write that nobody waits to see synced: when does the policy want it? If a sync fails, the next append says so.
    void see_to_sync(bool rolled) noexcept {
        if (never_syncing<Policy> && !rolled)
            return;
        const nanoseconds due = due_in();
        const bool at_once =
            due <= nanoseconds(0) && !Policy::append_waits; // else whoever did not wait need not wait here
        if (at_once || sync_.reached().unsynced_segments() > max_unsynced_segments)
            (void)sync_.sync_written();
        else if (due != never_due && on_pending_)
            on_pending_(due);
    }

    static constexpr std::size_t max_unsynced_segments = 3; // the active one and two behind it

    log_store<Format, Backend>& store_;
    const Policy policy_;
    const bool buffered_;
    syncer<Backend> sync_;
    log_tail<Format, Backend> tail_;
    sealer<Format, Backend> sealer_;
    std::mutex write_mutex_; // the leader's, who has the writer
    group_writer<Format, Backend> writer_;
    std::atomic<bool> put_off_{false};
    held_back held_; // frames that were left in memory with nobody to lead them
    callable<void()> on_roll_;
    callable<void(nanoseconds)> on_pending_;
};

} // namespace tusk::inline v0
