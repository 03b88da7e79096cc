#pragma once

#include <tusk/concept/fsync_policy.hpp>
#include <tusk/log/company.hpp>
#include <tusk/log/group_writer.hpp>
#include <tusk/log/log_tail.hpp>

#include <thread>

namespace tusk::inline v0 {

/// Writes groups, and syncs them for all who wait in them. One thread at a time leads: any of those who have appended.
template<format Format, fsync_policy Policy, backend Backend>
class group_leader {
public:
    using group = commit_group<Backend>;
    using segment_ptr = tusk::segment_ptr<Backend>;
    /// While one is held, nobody else leads.
    using lead_lock = std::unique_lock<std::mutex>;

    group_leader(log_store<Format, Backend>& store, syncer<Backend>& sync, log_tail<Format, Backend>& tail,
                 Policy policy, std::uint32_t alignment)
        : store_(store),
          sync_(sync),
          tail_(tail),
          policy_(std::move(policy)),
          sealer_(store, sync, alignment),
          writer_(store, sync, sealer_, tail.fills_in_place()) {}

    [[nodiscard]] lead_lock take_lead() noexcept {
        waiting_.fetch_add(1, std::memory_order_relaxed);
        const std::scoped_lock first(
            first_in_line_); // who is being woken is overtaken by nobody who would wait as well
        lead_lock lock(mutex_);
        waiting_.fetch_sub(1, std::memory_order_relaxed);
        passed_.store(0, std::memory_order_relaxed);
        return lock;
    }
    /// Not held if it is not free, or not for long: who has just led would take it again before those are awake who wait.
    /// Where leaders do not sync what they write, some may do so: to wake somebody takes as long as tens of writes.
    [[nodiscard]] lead_lock take_lead_if_free() noexcept {
        const bool passes = waiting_.load(std::memory_order_relaxed) != 0;
        if (passes && (Policy::append_waits || passed_.load(std::memory_order_relaxed) >= most_passes))
            return {};
        lead_lock lock(mutex_, std::try_to_lock);
        if (lock && passes)
            passed_.fetch_add(1, std::memory_order_relaxed);
        return lock;
    }

    /// True if others are about to append who can share a sync.
    [[nodiscard]] bool has_company() const noexcept { return company_.expected() > 1; }

    /// Writes the group and all before it, unless another leader has seen to it.
    void lead(group& target, lead_lock lock) noexcept {
        if (target.taken || target.reached() != group_state::filling)
            return;
        gather(target);
        (void)write(tail_.take_up_to(target), target, std::move(lock));
    }

    /// Writes groups that were taken out of those that wait, from `first` to `target`, and syncs them if somebody in them
    /// waits for that. What became of the last.
    std::error_code write(group* const first, group& target, lead_lock lock) noexcept {
        group* last_written = nullptr;
        group* unwritten = first;
        bool durable = false;
        std::error_code failed;
        const steady_time begun_at = Policy::append_waits ? steady_clock::now() : steady_time();
        std::uint32_t told = 0; // will be, of the sync
        for (group* g = first; g != nullptr; g = g->next) {
            g->taken = true;
            told += g->callers;
        }
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
        if (Policy::append_waits && durable && told > 0 && !failed && !unsynced)
            company_.synced(told, tail_.groups().callers(), steady_clock::now() - begun_at);
        std::vector<segment_ptr> begun; // by those who wait behind what failed, in vain
        group* const put_back =
            failed && tail_.put_back(*unwritten, target, failed, /*for_good=*/sync_.poisoned(), begun) ? unwritten
                                                                                                       : nullptr;
        put_off_.store(put_back != nullptr, std::memory_order_release);
        if (failed && put_back == nullptr)
            clear_away(*unwritten, std::move(begun));
        const bool rolled = writer_.has_rolled();
        lock.unlock();

        bool behind = last_written == nullptr; // of what was written
        for (group* g = first; g != put_back; g = g->next) {
            if (behind)
                tail_.groups().fail(*g, failed);
            else if (unsynced)
                tail_.groups().fail(*g, errc::indeterminate);
            else
                g->reach(durable ? group_state::durable : group_state::written);
            behind = behind || g == last_written;
        }
        tail_.groups().settled(first, put_back, target);
        if (last_written != nullptr && !durable)
            see_to_sync(rolled);
        if (rolled && on_roll_)
            on_roll_();
        if (failed)
            return failed;
        return unsynced ? make_error_code(errc::indeterminate) : std::error_code();
    }

    /// The end of a clean close that has nothing to add: the unused space is given back alone.
    void give_back(segment<Backend>& last) noexcept {
        const lead_lock alone = take_lead();
        if (sealer_.may_finish(last))
            trim_unused(last);
    }

    /// The end of a clean close, after everything is written and sealed: an index frame, so that the next open need not
    /// read the segment, and the unused space given back. Gives where it begins, 0 if it could not be written.
    [[nodiscard]] std::uint64_t finish(segment<Backend>& last) noexcept {
        const lead_lock alone = take_lead();
        if (!sealer_.may_finish(last))
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
        sync_.reached().wrote({last.lsn(last.end), edges.next}, store_.contents.last_segment());
        trim_unused(last);
        return at;
    }

    /// True while what was acknowledged could not be written and waits for another try.
    [[nodiscard]] bool is_put_off() const noexcept { return put_off_.load(std::memory_order_acquire); }
    void give_up_put_off() noexcept { put_off_.store(false, std::memory_order_release); }

    /// How long the policy lets the next sync wait.
    [[nodiscard]] nanoseconds due_in() const noexcept {
        return policy_.due_in(sync_.reached().state(steady_clock::now()));
    }
    [[nodiscard]] const Policy& policy() const noexcept { return policy_; }
    [[nodiscard]] sealer<Format, Backend>& sealing() noexcept { return sealer_; }

    /// Called after a roll, and when bytes begin to wait for a sync; neither may block. Set before use.
    void on_roll(callable<void()> f) noexcept { on_roll_ = std::move(f); }
    void on_pending(callable<void(nanoseconds)> f) noexcept { on_pending_ = std::move(f); }
    void ask_for_sync(nanoseconds due) noexcept {
        if (due != never_due && on_pending_)
            on_pending_(due);
    }

private:
    // Not given back, it only takes room, and where the system has fetched it, time to look through.
    static void trim_unused(segment<Backend>& last) noexcept { (void)last.file->trim(last.end); }

    // Sees to it that nothing of what could not be written, from `first` on, comes to light later: what was read and
    // synced since must not be undone by it. If that fails too, it may. Segments that were begun by then are removed.
    void clear_away(group& first, std::vector<segment_ptr> begun) noexcept {
        for (group* g = &first; g != nullptr; g = g->next)
            g->abandon(begun); // the file is to end before them
        if (const segment_ptr last = store_.contents.last_segment(); last && !first.starts_segment)
            (void)last->file->trim(last->end);
        (void)store_.files->remove(begun); // if one stays, it is found to follow nothing
    }

    // Lets a group grow for as long as the policy allows while its first append waits. Where that is over at once, until
    // those are in it whom the sync before has told, if that is soon.
    void gather(const group& target) noexcept {
        if constexpr (Policy::append_waits) {
            for (bool slept = false;; slept = true) {
                const std::optional<sync_state> s = tail_.gathering(target);
                const nanoseconds due = s ? policy_.due_in(*s) : never_due;
                if (due <= nanoseconds(0) && !slept && has_company())
                    wait_for_company(target);
                if (due <= nanoseconds(0) || due == never_due)
                    return;
                std::this_thread::sleep_for(due);
            }
        }
    }

    void wait_for_company(const group& target) noexcept {
        const steady_time until = steady_clock::now() + company_.patience();
        for (;;) {
            const std::optional<std::uint32_t> here = tail_.groups().callers_beside(target);
            const bool came = here && *here >= company_.expected();
            const bool late = steady_clock::now() >= until;
            if (!here)
                return; // full, of them
            if (came || late)
                return company_.waited(came && !late);
            std::this_thread::yield(); // to them, if there is no other processor
        }
    }

    // After a write that nobody waits to see synced: when does the policy want it? If a sync fails, the next append says so.
    void see_to_sync(bool rolled) noexcept {
        if (never_syncing<Policy> && !rolled)
            return;
        const nanoseconds due = due_in();
        if (due <= nanoseconds(0) && !Policy::append_waits) { // else whoever did not wait need not wait here
            (void)sync_.sync_written();
            return;
        }
        if (sync_.reached().unsynced_segments() > max_unsynced_segments)
            (void)sync_.sync_to(sync_.reached().finished_lsn());
        ask_for_sync(due);
    }

    static constexpr std::uint32_t most_passes = 64;
    static constexpr std::size_t max_unsynced_segments = 3; // the active one and two behind it

    log_store<Format, Backend>& store_;
    syncer<Backend>& sync_;
    log_tail<Format, Backend>& tail_;
    const Policy policy_;
    sealer<Format, Backend> sealer_;
    std::mutex mutex_;                      // the leader's, who has the writer
    std::mutex first_in_line_;              // of the one who is the next to lead
    std::atomic<std::uint32_t> waiting_{0}; // to lead
    std::atomic<std::uint32_t> passed_{0};  // since one of those has led
    group_writer<Format, Backend> writer_;
    company company_;
    std::atomic<bool> put_off_{false};
    callable<void()> on_roll_;
    callable<void(nanoseconds)> on_pending_;
};

} // namespace tusk::inline v0
