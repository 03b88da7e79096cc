#pragma once

#include <tusk/log/fills_in_place.hpp>
#include <tusk/log/group_leader.hpp>
#include <tusk/log/held_back.hpp>

namespace tusk::inline v0 {

/// Appends frames: appenders reserve places in groups and fill them in parallel; one thread leads, and writes and syncs a
/// group for all who are in it while the next one gathers. Any number of threads.
template<format Format, fsync_policy Policy, backend Backend>
class commit_queue {
public:
    using group = commit_group<Backend>;
    using segment_ptr = tusk::segment_ptr<Backend>;

    commit_queue(log_store<Format, Backend>& store, Policy policy, const options& opts)
        : store_(store),
          buffered_(opts.write_buffer > 0),
          tail_(store, sync_, /*fills_in_place=*/fills_in_place<Policy, Backend>, stays_in_place ? &held_ : nullptr,
                opts),
          leader_(store, sync_, tail_, std::move(policy), opts.sync_alignment) {}

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
        tail_.take_up();
        sync_.reached().start({last ? last->lsn(last->end) : 0, store_.contents.edges().next}, last);
        return success();
    }

    /// Appends a frame. Returns when it is as durable as `wait` asks. Errors before anything has happened: term_regressed,
    /// index_mismatch, beyond_end, dropped, too_many_segments, closed, poisoned, no_space for a segment's file. Afterwards
    /// the outcome is unknown: no_space or the system's error of a write, indeterminate for a sync.
    [[nodiscard]] result<append_place> append(append_request&& request, durability wait) noexcept {
        const bool durable = wait == durability::durable || (wait == durability::policy && Policy::append_waits);
        request.held_back = buffered_ && !durable && wait == durability::policy;
        request.may_stay = stays_in_place && !durable && request.type == frame_type::batch;
        TUSK_TRY(write_put_off());
        if (request.may_stay && !request.held_back)
            if (const std::optional<append_place> at = tail_.sharing().join(request)) {
                if (sync_.reached().has_attention())
                    (void)write_all(); // which is to make it known: it is where it belongs
                return *at;
            }
        // Who finds nobody at work leads: with its own frame alone, if no others wait, else with the group that it joins.
        // Where others are to share its sync, it joins one too.
        lead_lock lead;
        const bool gathers_more = durable && Policy::append_waits && (leader_.has_company() || gathers());
        if (!request.held_back && !request.may_stay && !gathers_more)
            lead = leader_.take_lead_if_free();
        TUSK_TRY(const placed at, place(request, lead, durable, /*written=*/!durable || !Policy::append_waits));
        std::error_code failed;
        if (at.alone)
            failed = leader_.write(at.where, *at.where, std::move(lead));
        else
            failed = settle(at, request, durable, std::move(lead));
        if (!failed && durable && !Policy::append_waits)
            failed = code_of(sync_.sync_to(at.out.end));
        if (failed)
            return failed;
        return at.out;
    }

    /// Gives a frame its place and returns: it is written when somebody waits for it, reads, syncs or appends behind it.
    [[nodiscard]] result<append_place> submit(append_request&& request) noexcept {
        request.held_back = true;
        TUSK_TRY(write_put_off());
        lead_lock none;
        TUSK_TRY(const placed at, place(request, none, /*durable=*/Policy::append_waits, /*written=*/false));
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
    [[nodiscard]] bool is_put_off() const noexcept { return leader_.is_put_off(); }
    /// True if anything may be held back in memory.
    [[nodiscard]] bool holds_back() const noexcept { return held_.any(); }
    /// As write_all(), if anything is: for those who read.
    [[nodiscard]] result<void> write_held_back() noexcept { return holds_back() ? write_all() : success(); }

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

    /// The files are about to be closed: who is still under way, and finds something that is not written or not synced,
    /// gets errc::closed.
    void shut() noexcept {
        const lead_lock alone = leader_.take_lead();
        (void)store_.files->remove(tail_.fail_waiting(errc::closed)); // if one stays, it is found to follow nothing
        leader_.give_up_put_off();
        sync_.close();
    }

    [[nodiscard]] log_tail<Format, Backend>& tail() noexcept { return tail_; }
    [[nodiscard]] syncer<Backend>& syncing() noexcept { return sync_; }
    [[nodiscard]] const syncer<Backend>& syncing() const noexcept { return sync_; }
    [[nodiscard]] group_leader<Format, Policy, Backend>& leader() noexcept { return leader_; }
    /// Everything below is durable, and no cut that was acknowledged has taken it away.
    [[nodiscard]] index_t durable_next() const noexcept {
        const index_t next = sync_.reached().durable_next();
        return buffered_ ? std::min(next, held_.lowest_cut()) : next;
    }

private:
    using lead_lock = typename group_leader<Format, Policy, Backend>::lead_lock;

    struct placed {
        group* where = nullptr; // referenced once for who appends, unless `alone`
        append_place out;
        bool in_place = false; // it is in the file, and so is all before it
        bool alone = false;    // the group was taken out of those that wait, to be written by who has the lead
    };
    // A store into the file's own pages is as good as a write: nobody has to lead, and no policy is asked.
    static constexpr bool stays_in_place = never_syncing<Policy> && fills_in_place<Policy, Backend>;

    // Reserves a place and fills it. Gives `lead` back, if it is held, where something else has to be done before that.
    [[nodiscard]] result<placed> place(append_request& request, lead_lock& lead, bool durable, bool written) noexcept {
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
        std::size_t most_in_file = request.may_stay ? large_frame_in_file : large_frame;
        for (;;) {
            // The size of a frame depends on its terms, and so on the entry before it: it is worked out outside of the
            // lock, for a guess that is nearly always right.
            for (stored_record& r : heirs)
                r.term = assumed;
            const std::size_t size = Format::size(view);
            buffer own;
            if (size > most_in_file) {
                own = store_.pool.acquire(size + tail_.slack());
                Format::encode(view, byte_span(own.data(), size));
            }
            const bool encoded = static_cast<bool>(own);
            TUSK_TRY(const auto at,
                     tail_.reserve(request, heirs, assumed, size, own, durable, written, lead.owns_lock()));
            if (at.again) {
                if (at.needs_memory)
                    most_in_file = large_frame;
                if (lead)
                    lead.unlock();
                TUSK_TRY(lead_first(at));
                continue;
            }
            if (at.shared) {
                const append_place out = tail_.sharing().fill(*at.where, *at.shared, view);
                if (at.lead_later != nullptr) {
                    if (lead_lock now = leader_.take_lead_if_free())
                        leader_.lead(*at.lead_later, std::move(now));
                    tail_.groups().release(*at.lead_later);
                }
                return placed{at.where, out, /*in_place=*/true};
            }
            if constexpr (touches_window<typename Backend::file>)
                if (size > large_frame && !encoded && at.where->in_place())
                    at.where->window_of->touch_window(at.place.offset + size);
            const byte_span bytes(at.where->memory() + at.at, size);
            if (!encoded)
                Format::encode(view, bytes);
            Format::stamp(bytes, at.place);
            const bool whole = at.where->fill(size);
            return placed{at.where, at.out, at.in_place && whole, at.alone};
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

    // What becomes of a frame in a group that others may be in; gives the reference back.
    [[nodiscard]] std::error_code settle(const placed& at, const append_request& request, bool durable,
                                         lead_lock lead) noexcept {
        std::error_code failed;
        const group_state wanted = durable && Policy::append_waits ? group_state::durable : group_state::written;
        if (!(request.may_stay && at.in_place && leave_to_others()))
            failed = request.held_back ? settle_later(*at.where, request, at.out.entries.first)
                                       : settle(*at.where, wanted, std::move(lead));
        tail_.groups().release(*at.where);
        return failed;
    }

    // Sees to it that the group gets as far as is wanted: leads it with `lead`, or if nobody else does, or waits for who does.
    [[nodiscard]] std::error_code settle(group& g, group_state wanted, lead_lock lead = {}) noexcept {
        const int before = g.state.load(std::memory_order_acquire);
        if (lead) {
            g.claimed.store(true, std::memory_order_relaxed); // nobody else need wait to lead it
            leader_.lead(g, std::move(lead));
        } else if (!g.claimed.exchange(true, std::memory_order_acq_rel)) {
            leader_.lead(g, leader_.take_lead());
        }
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
        const nanoseconds due = leader_.policy().due_in(sync_.reached().gathering(steady_clock::now()));
        if (due <= nanoseconds(0))
            return unless_put_off(sync());
        leader_.ask_for_sync(due);
        return {};
    }

    // True if the policy lets a group grow while those in it wait for their sync.
    [[nodiscard]] bool gathers() const noexcept {
        const nanoseconds due = leader_.policy().due_in({.unsynced_bytes = 1, .waiters = 1});
        return due > nanoseconds(0) && due != never_due;
    }

    log_store<Format, Backend>& store_;
    const bool buffered_;
    held_back held_; // frames that were left in memory with nobody to lead them
    syncer<Backend> sync_;
    log_tail<Format, Backend> tail_;
    group_leader<Format, Policy, Backend> leader_;
};

} // namespace tusk::inline v0
