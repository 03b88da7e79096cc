#pragma once

#include <tusk/log/commit_group.hpp>
#include <tusk/log/held_back.hpp>
#include <tusk/log/log_store.hpp>
#include <tusk/log/syncer.hpp>

#include <optional>

namespace tusk::inline v0 {

/// Lets appends that wait for nothing go on in one group without the queue's lock: they take places in it, fill them in the
/// file itself, and are acknowledged when all before them is filled too. Whoever reads, syncs or cuts closes the group with
/// the lock, and makes it known.
template<format Format, backend Backend>
class shared_places {
public:
    using group = commit_group<Backend>;

    /// What is acknowledged is counted in `left`; null where nothing ever is.
    shared_places(const log_store<Format, Backend>& store, const syncer<Backend>& sync, held_back* left) noexcept
        : store_(store), sync_(sync), left_(left) {}

    // ---- any thread, without the lock ----

    /// Appends a batch, if there is a place for it. Its records' terms are as they came if there is none.
    [[nodiscard]] std::optional<append_place> join(const append_request& r) noexcept {
        group* const g = group_.load(std::memory_order_acquire);
        if (g == nullptr || sync_.poisoned())
            return std::nullopt;
        const std::span<stored_record> heirs = inherit_terms(r.records);
        const frame_view view{.type = frame_type::batch, .records = r.records, .numbers = {}, .pad_size = 0};
        std::optional<term_t> sized_for;
        std::size_t size = 0;
        for (shared_room::look seen(g->places); seen.is_open();) {
            if (const term_t term = g->places.term(); sized_for != term) {
                for (stored_record& heir : heirs)
                    heir.term = term;
                if (!has_term(r, term) || (heirs.size() < r.records.size() && r.records[heirs.size()].term != term))
                    break;
                size = Format::size(view);
                sized_for = term;
                if (!can_hold(r, size))
                    break;
            }
            if (!is_expected(r, *g, seen))
                break;
            if (!g->places.fits(seen, size, r.records.size())) {
                g->places.wait_a_moment(seen); // then the next group can be shared as well
                break;
            }
            shared_room::frame f;
            if (g->places.take(seen, size, r.records.size(), f))
                return fill(*g, f, view);
        }
        for (stored_record& heir : heirs)
            heir.term = 0;
        return std::nullopt;
    }

    /// Fills a place that was taken. Without a reference, the group may be anybody's after that.
    [[nodiscard]] append_place fill(group& g, const shared_room::frame& f, const frame_view& view) noexcept {
        const append_place out = g.place_of(f);
        const byte_span bytes = g.window.subspan(f.at, f.size);
        Format::encode(view, bytes);
        Format::stamp(bytes, {.log = store_.id,
                              .segment = g.segment->number,
                              .offset = g.offset + f.at,
                              .first_index = f.first_index,
                              .witness = sync_.reached().durable_lsn()});
        g.places.fill(f);
        return out;
    }

    // ---- with the lock ----

    /// True if the new group may be opened for `r` and what follows it: where nothing that comes before is missing in the
    /// file, and nothing has to be put behind whoever is last.
    [[nodiscard]] bool may_open(const group& g, const append_request& r, std::size_t size,
                                bool all_before_is_there) const noexcept {
        return left_ != nullptr && r.may_stay && can_hold(r, size) && all_before_is_there && g.frames.empty() &&
               g.in_place() && !g.starts_segment && has_term(r, r.records.front().term);
    }
    /// At most `room` bytes of the group's memory.
    void open(group& g, index_t first, term_t term, std::size_t room) {
        left_->add(); // before anybody can be acknowledged: who reads sees to it that all of it is known
        g.share(first, term, room);
        group_.store(&g, std::memory_order_release);
    }
    /// A place, if there is one for `r`.
    [[nodiscard]] std::optional<shared_room::frame> take(group& g, const append_request& r, std::size_t size) noexcept {
        if (!r.may_stay || !can_hold(r, size) || !has_term(r, g.places.term()))
            return std::nullopt;
        shared_room::frame f;
        for (shared_room::look seen(g.places);;) {
            if (!is_expected(r, g, seen) || !g.places.fits(seen, size, r.records.size()))
                return std::nullopt;
            if (g.places.take(seen, size, r.records.size(), f))
                return f;
        }
    }
    shared_room::totals close(group& g) noexcept {
        group_.store(nullptr, std::memory_order_relaxed);
        return g.places.close();
    }

private:
    [[nodiscard]] static bool can_hold(const append_request& r, std::size_t size) noexcept {
        return size <= large_frame && shared_room::can_hold(size, r.records.size());
    }
    // Where terms do not go back, these are all.
    [[nodiscard]] static bool has_term(const append_request& r, term_t term) noexcept {
        return r.records.front().term == term && r.records.back().term == term;
    }
    [[nodiscard]] static bool is_expected(const append_request& r, const group& g,
                                          const shared_room::look& seen) noexcept {
        return r.expect_index == 0 || r.expect_index == g.places.next_index(seen);
    }

    const log_store<Format, Backend>& store_;
    const syncer<Backend>& sync_;
    held_back* const left_;
    std::atomic<group*> group_{nullptr};
};

} // namespace tusk::inline v0
