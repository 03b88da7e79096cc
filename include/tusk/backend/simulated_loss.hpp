#pragma once

#include <tusk/version.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tusk::inline v0 {

/// Numbers that a seed decides, the same everywhere.
class disk_dice {
public:
    explicit disk_dice(std::uint64_t seed) noexcept : state_(seed) {}

    std::uint64_t operator()() noexcept { // splitmix64
        std::uint64_t z = state_ += 0x9E3779B97F4A7C15U;
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31U);
    }
    /// Below `limit`, which is not 0.
    std::uint64_t below(std::uint64_t limit) noexcept { return (*this)() % limit; }

private:
    std::uint64_t state_;
};

/// A hash of numbers and texts in their order.
class disk_hash {
public:
    void add(std::uint64_t number) noexcept { sum_ = disk_dice(sum_ ^ disk_dice(number)())(); }
    void add(std::string_view text) noexcept {
        add(text.size());
        for (const char c : text)
            add(static_cast<unsigned char>(c));
    }
    [[nodiscard]] std::uint64_t value() const noexcept { return sum_; }

private:
    std::uint64_t sum_ = 0;
};

/// What the disk knows about a change.
enum class change_state : std::uint8_t {
    unsynced,
    synced,    ///< certain, though it may have to wait behind one that is not
    failed,    ///< a sync failed: no later one covers it, and nobody knows whether it arrived
    in_flight, ///< the power went in the middle of it: nobody saw it done
};

/// What becomes of a change when the power goes.
enum class change_fate : std::uint8_t { lost, kept, garbage, zeros };

/// A change of the disk that a loss of power keeps, loses or spoils as a whole.
struct disk_change {
    std::uint64_t order = 0; ///< among all changes of the disk
    change_state state = change_state::unsynced;
    bool is_data = false; ///< bytes, which may be spoiled; else a size or a name
    change_fate fate = change_fate::lost;
};

/// What a loss of power does to what no sync covers. The same seed does the same again.
class disk_loss {
public:
    /// All arrived that was done, whether synced or not.
    static disk_loss keep_all() noexcept { return {model::keep_all, 0}; }
    /// Nothing arrived that was not synced.
    static disk_loss drop_unsynced() noexcept { return {model::drop_unsynced, 0}; }
    /// Any of it may be lost, and bytes may be spoiled: the most that POSIX allows.
    static disk_loss torn(std::uint64_t seed) noexcept { return {model::torn, seed}; }
    /// Everything in order: what was done first arrived, up to some change, of which bytes may be spoiled.
    static disk_loss prefix(std::uint64_t seed) noexcept { return {model::prefix, seed}; }
    /// An ordered journal: names and sizes arrived in order, up to some change; data that was written before the last of
    /// these did too, of the rest any may be lost or spoiled.
    static disk_loss ordered(std::uint64_t seed) noexcept { return {model::ordered, seed}; }
    /// A journal of names and sizes alone: these arrived, of the data any may be lost or spoiled.
    static disk_loss size_first(std::uint64_t seed) noexcept { return {model::size_first, seed}; }
    /// The n-th change arrived if bit n is set, counted from the oldest: to try all subsets of a few. Those from the
    /// 64th on are lost.
    static disk_loss subset(std::uint64_t bits) noexcept { return {model::subset, bits}; }
    /// What becomes of the n-th change say the bits 2n and 2n + 1, as a `change_fate`. Those from the 32nd on are lost, and
    /// sizes and names that cannot be spoiled.
    static disk_loss each(std::uint64_t fates) noexcept { return {model::each, fates}; }

    /// Decides the fate of all changes that are not certain, the oldest first.
    void decide(std::span<disk_change* const> changes) const noexcept {
        disk_dice dice(seed_);
        const std::uint64_t kept_of_16 = 1 + dice.below(15); // else seeds would hardly ever lose much or little
        const std::uint64_t first_lost = dice.below(changes.size() + 1);
        std::uint64_t in_journal = first_lost; // behind the last name or size that arrived
        while (in_journal > 0 && changes[in_journal - 1]->is_data)
            --in_journal;
        for (std::size_t i = 0; i < changes.size(); ++i) {
            disk_change& c = *changes[i];
            switch (model_) {
            case model::keep_all:
                c.fate = c.state == change_state::in_flight ? change_fate::lost : change_fate::kept;
                break;
            case model::drop_unsynced: c.fate = change_fate::lost; break;
            case model::torn: c.fate = dice.below(16) < kept_of_16 ? change_fate::kept : spoiled(c, dice); break;
            case model::size_first:
                c.fate = !c.is_data || dice.below(16) < kept_of_16 ? change_fate::kept : spoiled(c, dice);
                break;
            case model::prefix:
                if (c.state == change_state::failed) // what a failed sync gave up is in no journal
                    c.fate = dice.below(2) == 0 ? change_fate::kept : spoiled(c, dice);
                else
                    c.fate = i < first_lost    ? change_fate::kept
                             : i == first_lost ? spoiled(c, dice)
                                               : change_fate::lost;
                break;
            case model::ordered:
                if (c.state == change_state::failed)
                    c.fate = dice.below(2) == 0 ? change_fate::kept : spoiled(c, dice);
                else if (i < in_journal || (c.is_data && dice.below(16) < kept_of_16))
                    c.fate = change_fate::kept;
                else
                    c.fate = spoiled(c, dice);
                break;
            case model::subset:
                c.fate = i < 64 && (seed_ >> i & 1U) != 0 ? change_fate::kept : change_fate::lost;
                break;
            case model::each:
                c.fate = i < 32 ? static_cast<change_fate>(seed_ >> 2 * i & 3U) : change_fate::lost;
                if (!c.is_data && c.fate != change_fate::kept)
                    c.fate = change_fate::lost;
                break;
            }
        }
    }

    [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
    /// Which it is, in words.
    [[nodiscard]] std::string text() const {
        switch (model_) {
        case model::keep_all: return "all is kept";
        case model::drop_unsynced: return "nothing unsynced is kept";
        case model::torn: return "torn(" + std::to_string(seed_) + ")";
        case model::prefix: return "prefix(" + std::to_string(seed_) + ")";
        case model::ordered: return "ordered(" + std::to_string(seed_) + ")";
        case model::size_first: return "size_first(" + std::to_string(seed_) + ")";
        case model::subset: return "subset(" + std::to_string(seed_) + ")";
        case model::each: return "each(" + std::to_string(seed_) + ")";
        }
        return {};
    }

private:
    enum class model : std::uint8_t { keep_all, drop_unsynced, torn, prefix, ordered, size_first, subset, each };

    disk_loss(model m, std::uint64_t seed) noexcept : model_(m), seed_(seed) {}

    static change_fate spoiled(const disk_change& c, disk_dice& dice) noexcept {
        constexpr std::array fates{change_fate::lost, change_fate::garbage, change_fate::zeros};
        return c.is_data ? fates[dice.below(fates.size())] : change_fate::lost;
    }

    model model_;
    std::uint64_t seed_;
};

} // namespace tusk::inline v0
