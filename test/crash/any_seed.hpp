#pragma once

#include <tusk/compression/lz4.hpp>
#include <tusk/compression/zstd.hpp>
#include <tusk/format/json.hpp>
#include <tusk/format/protobuf.hpp>

#include "exploring.hpp"
#include "story_list.hpp"

namespace crash {

/// What a seed decides to look at: a log of some policy, format and codec, with some setting, and some calls of one or two
/// threads on it.
class any_seed {
public:
    /// How thoroughly. Up to so many unsynced changes, a seed in 16 looks at all subsets of them, the others at those of
    /// half as many.
    any_seed(unsigned exhaustive, unsigned samples, unsigned nested_in)
        : explore_({}), exhaustive_(exhaustive), samples_(samples), nested_in_(nested_in) {}

    /// Looks at all crashes in one life, or in as many as two calls have places. The first that is not survived, as a
    /// story; or nothing.
    [[nodiscard]] std::optional<std::string> find(std::uint64_t seed) {
        tusk::disk_dice dice(seed);
        explore_.search({.seed = seed,
                         .exhaustive = dice.below(16) == 0 ? exhaustive_ : exhaustive_ / 2,
                         .samples = samples_,
                         .nested_in = nested_in_});
        using namespace tusk;
        switch (dice.below(12)) {
        case 0: return find_in<log_on<fsync_never, json_format, zstd_compression>>(dice);
        case 1: return find_in<log_on<fsync_always, protobuf_format, lz4_compression>>(dice);
        case 2:
        case 3: return find_beside<fsync_always>(dice);
        case 4: return find_beside<fsync_interval>(dice);
        case 5: return find_beside<fsync_never>(dice);
        case 6:
        case 7:
        case 8: return find_in<log_on<fsync_always>>(dice);
        case 9: return find_in<log_on<fsync_interval>>(dice);
        default: return find_in<log_on<fsync_never>>(dice);
        }
    }

    [[nodiscard]] const tusk::crash_counts& counts() const noexcept { return explore_.counts(); }

private:
    template<class Log>
    std::optional<std::string> find_in(tusk::disk_dice& dice) {
        const setting& where = any_setting<typename Log::fsync_type>(dice);
        const std::size_t calls = 2 + dice.below(3) + (dice.below(4) == 0 ? dice.below(8) : 0);
        return explore_.find<Log>(
            dice.below(5) == 0 ? stories()[dice.below(stories().size())].calls : any_workload(calls, dice), where);
    }

    template<class Policy>
    std::optional<std::string> find_beside(tusk::disk_dice& dice) {
        const setting& chosen = any_setting<Policy>(dice);
        // What room has been made for in the middle of two calls is what neither of their orders makes.
        const setting& where = chosen.options().max_segments == 0 ? chosen : plain;
        call_beside_call calls{any_workload(dice.below(3), dice), any_call(dice), any_call(dice)};
        for (;; ++calls.place) {
            two_writers<Policy> subject(calls, where);
            if (auto found = explore_.find(subject))
                return found;
            if (!subject.reached())
                return std::nullopt;
        }
    }

    template<class Policy>
    static const setting& any_setting(tusk::disk_dice& dice) {
        const auto fitting = settings_for<Policy>();
        return dice.below(2) == 0 ? plain : *fitting[dice.below(fitting.size())];
    }
    // That can be made beside another: anything but closing and opening.
    static call any_call(tusk::disk_dice& dice) {
        for (;;)
            if (const call& c = alphabet()[dice.below(alphabet().size())]; c.what != call::verb::reopen)
                return c;
    }

    exploration explore_;
    unsigned exhaustive_;
    unsigned samples_;
    unsigned nested_in_;
};

} // namespace crash
