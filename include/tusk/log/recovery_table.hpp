#pragma once

#include <tusk/core/options.hpp>

#include <array>
#include <initializer_list>

namespace tusk::inline v0 {

/// Some of the values of an enumeration.
template<class Enum>
class any_of {
public:
    constexpr any_of(std::initializer_list<Enum> values) noexcept {
        for (const Enum v : values)
            bits_ |= 1U << static_cast<unsigned>(v);
    }
    constexpr any_of(Enum value) noexcept : any_of({value}) {} // NOLINT(google-explicit-constructor)
    [[nodiscard]] constexpr bool has(Enum value) const noexcept {
        return (bits_ >> static_cast<unsigned>(value) & 1U) != 0;
    }

private:
    unsigned bits_ = 0;
};

/// What ends the history that can be read.
enum class history_end : std::uint8_t {
    unused,  ///< unused space, and nothing behind it
    damaged, ///< something that is no right frame, or anything behind unused space
    early,   ///< either of them, before the first index that the state file says the log has
};

/// Where the largest witness lies, seen from there.
enum class proof : std::uint8_t { before, at, beyond };

/// What open() does.
enum class recovery_verdict : std::uint8_t {
    clean,         ///< goes on in place
    copy,          ///< keeps all, and makes a copy of what nothing proves durable
    cut,           ///< the same, without what the damage begins with: nothing of that was proven
    salvage,       ///< the same with all that still checks: some of what was durable is gone
    serve,         ///< shows what is there, and changes nothing
    unproven_tail, ///< refuses with that error
    corrupt,       ///< refuses with that error
};

/// One line of the table: what was found, in which mode, and what is done about it.
struct recovery_row {
    any_of<open_mode> mode;
    any_of<history_end> end;
    any_of<proof> witness;
    any_of<tail_policy> tail;
    recovery_verdict verdict;

    [[nodiscard]] constexpr bool is(open_mode m, history_end e, proof w, tail_policy t) const noexcept {
        return mode.has(m) && end.has(e) && witness.has(w) && tail.has(t);
    }
};

/// The decisions of recovery. Every combination is in exactly one row, but salvage that refuses to repair: no options allow that.
inline constexpr std::array recovery_table = [] {
    using enum history_end;
    using enum proof;
    using mode = open_mode;
    using then = recovery_verdict;
    constexpr any_of<tail_policy> either{tail_policy::repair, tail_policy::refuse};
    constexpr any_of<proof> any{before, at, beyond};
    return std::array{
        recovery_row{mode::strict, unused, at, either, then::clean},
        recovery_row{mode::strict, unused, before, either, then::copy},
        recovery_row{mode::strict, damaged, {before, at}, tail_policy::repair, then::cut},
        recovery_row{mode::strict, damaged, {before, at}, tail_policy::refuse, then::unproven_tail},
        recovery_row{mode::strict, {unused, damaged}, beyond, either, then::corrupt},
        recovery_row{mode::strict, early, any, either, then::corrupt},
        recovery_row{mode::salvage, unused, at, tail_policy::repair, then::clean},
        recovery_row{mode::salvage, unused, before, tail_policy::repair, then::copy},
        recovery_row{mode::salvage, unused, beyond, tail_policy::repair, then::salvage},
        recovery_row{mode::salvage, {damaged, early}, any, tail_policy::repair, then::salvage},
        recovery_row{mode::read_only, {unused, damaged}, {before, at}, either, then::serve}, // more may follow later
        recovery_row{mode::read_only, {unused, damaged}, beyond, either, then::corrupt},
        recovery_row{mode::read_only, early, any, either, then::corrupt},
    };
}();

/// Looks it up.
[[nodiscard]] constexpr recovery_verdict judge(open_mode mode, history_end end, proof witness,
                                               tail_policy tail) noexcept {
    for (const recovery_row& row : recovery_table)
        if (row.is(mode, end, witness, tail))
            return row.verdict;
    return recovery_verdict::corrupt; // no such row: the test goes through all
}

} // namespace tusk::inline v0
