#pragma once

#include <tusk/backend/simulated_image.hpp>
#include <tusk/backend/simulated_loss.hpp>

#include <utility>
#include <vector>

namespace tusk::inline v0 {

/// Applies the changes up to the first that is not certain. Those behind it wait, so that all are applied in order.
template<class Change, class Apply>
void settle_front(std::vector<Change>& changes, Apply&& apply) {
    auto at = changes.begin();
    for (; at != changes.end() && at->state == change_state::synced; ++at)
        apply(*at);
    changes.erase(changes.begin(), at);
}

/// Those that no sync has met and that this one, which `covers(change)`, does are `now` in that state.
template<class Change, class Covers>
void mark_unsynced(std::vector<Change>& changes, change_state now, Covers&& covers) {
    for (Change& c : changes)
        if (c.state == change_state::unsynced && covers(c))
            c.state = now;
}

inline void add_change(disk_hash& sum, const disk_change& c) noexcept {
    sum.add(c.order);
    sum.add(static_cast<std::uint64_t>(c.state) << 1U | (c.is_data ? 1U : 0U));
}

/// A file of a simulated disk: what reads see, what is certain to survive, and the changes in between.
class simulated_contents {
public:
    [[nodiscard]] const disk_image& seen() const noexcept { return seen_; }

    /// Writes the first `limit` bytes of the pieces. `order` numbers the changes.
    void write(std::uint64_t at, std::span<const byte_view> pieces, std::size_t limit, std::uint64_t& order) {
        const std::size_t first = changes_.size();
        for (byte_view piece : pieces) {
            piece = piece.first(std::min(piece.size(), limit));
            limit -= piece.size();
            while (!piece.empty()) {
                const std::uint64_t number = at / disk_sector_size;
                const auto from = static_cast<std::size_t>(at % disk_sector_size);
                const byte_view part = piece.first(std::min(piece.size(), disk_sector_size - from));
                if (changes_.size() == first || changes_.back().where != number)
                    changes_.push_back(
                        {{.order = ++order, .is_data = true}, number, from, from, nullptr, /*shrinks=*/false});
                changes_.back().bytes = seen_.put(number, from, part);
                changes_.back().to = from + part.size();
                piece = piece.subspan(part.size());
                at += part.size();
            }
        }
        if (changes_.size() != first && at > seen_.size()) {
            seen_.grow(at);
            changes_.push_back({{.order = ++order}, at, 0, 0, nullptr, /*shrinks=*/false});
        }
    }

    /// Likewise for a write that the power cut short: it is not seen, but may have arrived.
    void write_in_flight(std::uint64_t at, std::span<const byte_view> pieces, std::size_t limit, std::uint64_t& order) {
        const disk_image before = seen_;
        const std::size_t first = changes_.size();
        write(at, pieces, limit, order);
        seen_ = before;
        for (std::size_t i = first; i < changes_.size(); ++i)
            changes_[i].state = change_state::in_flight;
    }

    void resize(std::uint64_t size, std::uint64_t& order) {
        if (size == seen_.size())
            return;
        changes_.push_back({{.order = ++order}, size, 0, 0, nullptr, size < seen_.size()});
        seen_.resize(size);
    }

    /// Covers what was changed after the change `since`, and no more than has to be for that to be found.
    void sync(std::uint64_t since) {
        mark_since(since, change_state::synced);
        settle_front(changes_, [this](const change& c) { apply(c, change_fate::kept, 0); });
    }
    /// What it would have covered is given up: still seen, but covered by no sync any more.
    void fail_sync(std::uint64_t since) { mark_since(since, change_state::failed); }

    [[nodiscard]] bool certain() const noexcept { return changes_.empty(); }

    /// Adds all changes that are not certain.
    template<class Found>
    void uncertain(Found&& found) {
        for (change& c : changes_)
            if (c.state != change_state::synced)
                found(c);
    }

    /// Adds the bytes and the size that survive if nothing does that is not certain to.
    void add_certain(disk_hash& sum) const {
        if (certain())
            return seen_.add_to(sum);
        simulated_contents left = *this;
        for (change& c : left.changes_)
            c.fate = change_fate::lost;
        left.lose_power(0);
        left.seen_.add_to(sum);
    }
    void add_changes(disk_hash& sum) const noexcept {
        for (const change& c : changes_) {
            add_change(sum, c);
            sum.add(c.where);
            sum.add(c.from << 32U | c.to);
            sum.add(c.bytes ? c.bytes->hash() : c.shrinks ? 1 : 2);
        }
    }

    /// The power went: each change that was not certain has met its fate, and what is left is certain.
    void lose_power(std::uint64_t garbage_seed) {
        for (const change& c : changes_)
            apply(c, c.state == change_state::synced ? change_fate::kept : c.fate, garbage_seed);
        changes_.clear();
        kept_.resize(kept_.size()); // data that arrived beyond the size is not in the file
        seen_ = kept_;
    }

    /// The process was killed: what was in flight was not done.
    void forget_in_flight() {
        std::erase_if(changes_, [](const change& c) { return c.state == change_state::in_flight; });
    }

    /// Changes the medium itself, below what is still to be synced.
    template<class F>
    void damage(F&& f) {
        f(seen_);
        f(kept_);
    }

    /// Behind the last sector that holds anything but zeros, and what cannot be read.
    [[nodiscard]] std::uint64_t data_end() const noexcept {
        std::uint64_t end = seen_.data_end();
        for (const auto& [from, to] : unreadable_)
            end = std::max(end, to);
        return end;
    }
    /// Makes bytes unreadable, whatever is written there.
    void spoil(std::uint64_t from, std::uint64_t to) { unreadable_.emplace_back(from, to); }
    [[nodiscard]] bool readable(std::uint64_t at, std::size_t size) const noexcept {
        return std::none_of(unreadable_.begin(), unreadable_.end(),
                            [&](const auto& bad) { return at < bad.second && bad.first < at + size; });
    }

private:
    struct change : disk_change {
        std::uint64_t where = 0; // the number of the sector, or the new size
        std::size_t from = 0;    // the bytes of the sector that were written
        std::size_t to = 0;
        disk_image::sector_ptr bytes; // none for a size
        bool shrinks = false;         // a size that was smaller than the one before
    };

    // Bytes beyond the size that is certain are found only if all changes of it are.
    void mark_since(std::uint64_t since, change_state now) {
        const bool beyond = std::any_of(changes_.begin(), changes_.end(), [&](const change& c) {
            return c.order > since && c.is_data && c.where * disk_sector_size + c.to > kept_.size();
        });
        mark_unsynced(changes_, now, [&](const change& c) { return c.order > since || (beyond && !c.is_data); });
    }

    void apply(const change& c, change_fate fate, std::uint64_t garbage_seed) {
        if (fate == change_fate::lost)
            return;
        if (!c.is_data)
            return c.shrinks ? kept_.resize(c.where) : kept_.grow(c.where);
        if (fate == change_fate::kept && c.to - c.from == disk_sector_size)
            return kept_.put(c.where, c.bytes);
        disk_image::sector spoiled{};
        if (fate == change_fate::garbage) {
            disk_dice dice(garbage_seed ^ c.order << 32U);
            for (std::byte& b : spoiled)
                b = static_cast<std::byte>(dice());
        }
        const disk_image::sector& from = fate == change_fate::kept ? c.bytes->bytes() : spoiled;
        kept_.put(c.where, c.from, byte_view(from).subspan(c.from, c.to - c.from));
    }

    disk_image seen_;
    disk_image kept_;
    std::vector<change> changes_; // the oldest first
    std::vector<std::pair<std::uint64_t, std::uint64_t>> unreadable_;
};

} // namespace tusk::inline v0
