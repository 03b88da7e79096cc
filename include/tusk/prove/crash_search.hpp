#pragma once

#include <tusk/backend/simulated.hpp>

#include <ostream>

namespace tusk::inline v0 {

/// How thoroughly crashes are looked for.
struct crash_search {
    /// Decides all that is left to chance: the same seed finds the same.
    std::uint64_t seed = 1;
    /// Where no more changes than this are unsynced, every subset of them is lost; where they are no more than half of it,
    /// each is kept, lost, garbage or zeros in all combinations. At most 20.
    unsigned exhaustive = 6;
    /// Where there are more, and of sectors that are spoiled: so many of each model of loss.
    unsigned samples = 4;
    /// One image in so many is crashed again at each call of its recovery, with half of the above. 0 is none.
    unsigned nested_in = 8;
    /// How often one image may be crashed again.
    unsigned depth = 1;

    /// Different for what looks in another way.
    [[nodiscard]] std::uint64_t key() const noexcept {
        disk_hash sum;
        for (const std::uint64_t n :
             {seed, std::uint64_t{exhaustive}, std::uint64_t{samples}, std::uint64_t{nested_in}})
            sum.add(n);
        return sum.value();
    }
    /// For a crash in a recovery: many recoveries say more than many crashes of one.
    [[nodiscard]] crash_search nested() const noexcept {
        crash_search less = *this;
        less.exhaustive /= 2;
        less.samples = (samples + 1) / 2;
        return less;
    }
};

/// What was looked at.
struct crash_counts {
    std::uint64_t lives = 0;   ///< runs of the program
    std::uint64_t points = 0;  ///< calls in which the power may have gone; where no earlier one was equal
    std::uint64_t images = 0;  ///< disks after a loss of power, or of the process
    std::uint64_t checked = 0; ///< of them those that no earlier one was equal to, with as much promised
    /// Of those the disks that were never seen before, whatever was promised: after one crash,
    std::uint64_t distinct = 0;
    std::uint64_t nested = 0; ///< and after more than one

    crash_counts& operator+=(const crash_counts& more) noexcept {
        lives += more.lives;
        points += more.points;
        images += more.images;
        checked += more.checked;
        distinct += more.distinct;
        nested += more.nested;
        return *this;
    }
    friend std::ostream& operator<<(std::ostream& out, const crash_counts& c) {
        return out << c.lives << " lives, " << c.points << " crash points, " << c.images << " images, " << c.checked
                   << " checked, " << c.distinct << " distinct, " << c.nested << " nested";
    }
};

/// A crash that a program does not survive.
struct crash_finding {
    std::string why;                ///< what is wrong after it
    std::vector<std::string> where; ///< one line for each crash, the first of the program, the others of its recovery
    simulated_disk disk;            ///< what was found on it, before it was looked at

    friend std::ostream& operator<<(std::ostream& out, const crash_finding& f) {
        for (const std::string& line : f.where)
            out << line << '\n';
        return out << f.why;
    }
};

/// What may become of a disk with so many unsynced changes when its power goes: nothing of them is there, all of them
/// are, every subset of a few, samples of each model for many.
inline std::vector<disk_loss> crash_losses(std::size_t unsynced, const crash_search& how, std::uint64_t seed) {
    std::vector<disk_loss> all{disk_loss::drop_unsynced(), disk_loss::keep_all()};
    disk_dice dice(how.seed ^ disk_dice(seed)());
    if (unsynced == 0)
        return {disk_loss::drop_unsynced()};
    const bool few = unsynced <= how.exhaustive;
    if (2 * unsynced <= how.exhaustive)
        for (std::uint64_t fates = 1; fates < std::uint64_t{1} << 2 * unsynced; ++fates)
            all.push_back(disk_loss::each(fates));
    else if (few)
        for (std::uint64_t bits = 1; bits < std::uint64_t{1} << unsynced; ++bits)
            all.push_back(disk_loss::subset(bits));
    for (unsigned i = 0; i < how.samples; ++i) {
        all.push_back(disk_loss::torn(dice()));
        all.push_back(disk_loss::ordered(dice()));
        all.push_back(disk_loss::size_first(dice()));
        all.push_back(disk_loss::prefix(dice()));
        if (!few)
            all.push_back(disk_loss::subset(dice()));
    }
    return all;
}

} // namespace tusk::inline v0
