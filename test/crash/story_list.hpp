#pragma once

#include "call.hpp"

namespace crash {

/// A longer life of a log, and what it is about.
struct named_story {
    const char* name;
    std::vector<call> calls;
};

/// Each reaches the edges that others do not: rolls, cuts over segments, resets, drops.
inline const std::vector<named_story>& stories() {
    using enum call::verb;
    static constexpr std::size_t medium = 700;
    static constexpr std::size_t large = 6000; // more than a segment of the test holds
    static constexpr call a{.what = append};
    static constexpr call new_term{.what = append, .term = 2};
    static constexpr call close_it{.what = close};
    static constexpr call reopen_it{.what = reopen};
    static constexpr call roll_it{.what = roll};
    static constexpr call sync_it{.what = sync};
    static constexpr call wait_for_it{.what = wait};
    static constexpr auto some = [](std::size_t n, std::size_t size = 1) {
        return call{.what = batch, .count = n, .size = size};
    };
    static constexpr auto submitted = [](std::size_t n, std::size_t size = 1) {
        return call{.what = submit, .count = n, .size = size};
    };
    static constexpr auto together = [](std::size_t n, std::size_t size = 1) {
        return call{.what = transaction, .count = n, .size = size};
    };
    static constexpr auto one = [](std::size_t size) { return call{.what = append, .size = size}; };
    static constexpr auto keep = [](std::int64_t last) {
        return call{.what = truncate, .where = last, .absolute = true};
    };
    static constexpr auto instead = [](std::int64_t first, std::size_t n, tusk::term_t more, std::size_t size = 1) {
        return call{.what = replace, .count = n, .size = size, .where = first, .term = more, .absolute = true};
    };
    static constexpr auto drop_below = [](std::int64_t first) {
        return call{.what = drop, .where = first, .absolute = true};
    };
    static constexpr auto reset_to = [](std::int64_t next, tusk::term_t more) {
        return call{.what = reset, .where = next, .term = more, .absolute = true};
    };
    static const std::vector<named_story> all{
        {"appends, a sync and a close", {a, new_term, sync_it, some(3), a, close_it}},
        {"batches over several segments",
         {some(4, medium), some(4, medium), some(4, medium), a, sync_it, some(5, medium), a}},
        {"a record larger than a segment", {a, one(large), a, sync_it, one(large)}},
        {"truncate within a segment and at its edge",
         {some(3), keep(2), new_term, roll_it, some(2), keep(3), a, keep(0), new_term}},
        {"truncate over several segments",
         {some(4, medium), some(4, medium), some(4, medium), keep(2), new_term, sync_it, a}},
        {"replace", {some(4), sync_it, instead(3, 3, 5), instead(1, 1, 0), a, instead(3, 2, 2, medium)}},
        {"drop from the front",
         {some(4, medium), some(4, medium), drop_below(3), some(4, medium), drop_below(10), a, drop_below(14), a}},
        {"drop everything, then go on", {some(4, medium), roll_it, new_term, drop_below(6), a, keep(5), new_term}},
        {"drop, then cut to nothing", {some(5), drop_below(3), keep(2), sync_it, new_term, roll_it, a}},
        {"reset forward", {some(4, medium), some(4, medium), reset_to(100, 7), a, roll_it, new_term, drop_below(101)}},
        {"reset backward", {some(6, medium), drop_below(4), reset_to(2, 1), some(2), keep(2), a, close_it}},
        {"rolls with nothing between", {a, roll_it, roll_it, a, roll_it, keep(1), roll_it, a, close_it}},
        {"a long tail that nobody syncs",
         {one(medium), one(medium), one(medium), one(medium), one(medium), one(medium), one(medium), one(medium),
          one(medium), one(medium), one(medium), one(medium), keep(5), new_term, one(medium), a}},
        {"what is submitted, and waited for or not",
         {submitted(2), submitted(1, medium), new_term, submitted(3, medium), wait_for_it, submitted(4, medium),
          keep(6), wait_for_it, submitted(1), sync_it, submitted(2)}},
        {"transactions",
         {together(3),
          {.what = rollback, .count = 2},
          new_term,
          together(4, medium),
          together(4, medium),
          sync_it,
          together(1, large)}},
        {"three lives",
         {some(4, medium), some(3, medium), reopen_it, new_term, some(4, medium), keep(6), reopen_it, a, sync_it, a}},
        {"lives whose beginning is dropped",
         {a, reopen_it, a, roll_it, a, drop_below(3), a, reopen_it, roll_it, drop_below(5), a, drop_below(6), a}},
        {"lives that are reset",
         {some(5, medium), reset_to(50, 4), reopen_it, a, reset_to(7, 0), a, reopen_it, a, keep(6), a}},
    };
    return all;
}

} // namespace crash
