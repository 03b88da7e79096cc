#pragma once

#include <rapidcheck.h>

#include <array>
#include <cstdint>
#include <ostream>

namespace model {

/// What is called.
enum class verb : std::uint8_t {
    append,
    batch,
    transaction,
    submit,
    wait,
    truncate,
    replace,
    drop_before,
    reset,
    roll,
    sync,
    hold,
    let_go,
    start_reading,
    read_on,
    look,
    wrong_argument,
    reopen,
    kill,
    lose_power,
    lose_power_soon,
};
inline constexpr std::array verb_names{
    "append",      "batch", "transaction",    "submit", "wait", "truncate",   "replace",
    "drop_before", "reset", "roll",           "sync",   "hold", "let_go",     "start_reading",
    "read_on",     "look",  "wrong_argument", "reopen", "kill", "lose_power", "lose_power_soon"};
static_assert(verb_names.size() == static_cast<std::size_t>(verb::lose_power_soon) + 1);

/// A call. Its numbers mean something only when it is made: an index is counted from where the log then begins, so that
/// calls before it may be left out.
struct call {
    verb what = verb::look;
    std::uint32_t a = 0;
    std::uint32_t b = 0;
    std::uint32_t c = 0;

    friend std::ostream& operator<<(std::ostream& out, const call& k) {
        return out << verb_names[static_cast<std::size_t>(k.what)] << '(' << k.a << ", " << k.b << ", " << k.c << ')';
    }
};

/// Under which options the log lives.
struct setting {
    bool buffered = false; ///< with a write buffer, if appends need not wait
    bool aligned = false;  ///< syncs to 512
    bool larger = false;   ///< segments that hold everything, else a few records each

    friend std::ostream& operator<<(std::ostream& out, const setting& s) {
        return out << (s.buffered ? "a write buffer, " : "") << (s.aligned ? "aligned syncs, " : "")
                   << (s.larger ? "large segments" : "small segments");
    }
};

} // namespace model

template<>
struct rc::Arbitrary<model::call> {
    static Gen<model::call> arbitrary() {
        using model::verb;
        // How often each comes.
        const auto what = gen::weightedElement<verb>(
            {{24, verb::append},        {8, verb::batch},         {4, verb::transaction}, {6, verb::submit},
             {3, verb::wait},           {8, verb::truncate},      {6, verb::replace},     {5, verb::drop_before},
             {2, verb::reset},          {5, verb::roll},          {6, verb::sync},        {2, verb::hold},
             {3, verb::let_go},         {2, verb::start_reading}, {8, verb::read_on},     {4, verb::look},
             {6, verb::wrong_argument}, {3, verb::reopen},        {3, verb::kill},        {3, verb::lose_power},
             {3, verb::lose_power_soon}});
        const auto number = gen::inRange<std::uint32_t>(0, 1000);
        return gen::build<model::call>(gen::set(&model::call::what, what), gen::set(&model::call::a, number),
                                       gen::set(&model::call::b, number), gen::set(&model::call::c, number));
    }
};

template<>
struct rc::Arbitrary<model::setting> {
    static Gen<model::setting> arbitrary() {
        return gen::build<model::setting>(gen::set(&model::setting::buffered), gen::set(&model::setting::aligned),
                                          gen::set(&model::setting::larger));
    }
};
