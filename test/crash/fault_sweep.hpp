#pragma once

#include "log_subject.hpp"
#include "story_list.hpp"

#include <boost/test/unit_test.hpp>

namespace crash {

using tusk::disk_call;
using tusk::disk_fault;

// Every kind of call that a backend has, failing with every error, once and for good; writes also stop short.
inline std::vector<disk_fault> all_faults() {
    std::vector<disk_fault> all;
    for (std::size_t kind = 0; kind < tusk::disk_call_kinds; ++kind)
        for (const int error : {EIO, ENOSPC, EDQUOT, EINTR, EMFILE, EACCES})
            for (const bool sticky : {false, true}) {
                const auto on = static_cast<disk_call>(kind);
                all.push_back({.on = on, .nth = 1, .error = error, .sticky = sticky, .written = 0});
                if (on == disk_call::write && (error == ENOSPC || error == EIO))
                    for (const std::size_t written : {100U, 600U})
                        all.push_back({.on = on, .nth = 1, .error = error, .sticky = sticky, .written = written});
            }
    return all;
}

// Those of which the log's answers differ most, for longer lives.
inline std::vector<disk_fault> some_faults() {
    std::vector<disk_fault> some;
    for (const disk_fault& f : all_faults())
        if (f.error == (f.on == disk_call::write || f.on == disk_call::create ? ENOSPC : EIO) || f.written == 600)
            some.push_back(f);
    return some;
}

// One in `n` of them, another one for each `turn`.
inline std::vector<disk_fault> every_nth(const std::vector<disk_fault>& faults, std::size_t n, std::size_t turn) {
    std::vector<disk_fault> some;
    for (std::size_t i = turn % n; i < faults.size(); i += n)
        some.push_back(faults[i]);
    return some;
}

inline std::string text(const disk_fault& f, std::uint64_t nth) {
    return "call of kind " + std::to_string(static_cast<int>(f.on)) + " number " + std::to_string(nth) +
           " fails, errno " + std::to_string(f.error) + (f.sticky ? " for good, " : ", ") + std::to_string(f.written) +
           " bytes written";
}

// What is there after the process or the machine has died, now that nothing fails any more.
template<class Log>
void check_both_ends(simulated_disk disk, history::mark promised, std::uint64_t seed) {
    disk.heal();
    simulated_disk cut = disk.copy();
    cut.power_cycle(disk_loss::torn(seed));
    disk.kill();
    history::mark killed = promised;
    killed.kill();
    BOOST_REQUIRE_EQUAL(check<Log>(disk, killed, /*goes_on=*/true), "");
    BOOST_REQUIRE_EQUAL(check<Log>(cut, promised, /*goes_on=*/true), "");
}

// So many different lives of each kind were looked at after a call had failed.
struct lives_with_faults {
    std::uint64_t all = 0;
    std::uint64_t closed = 0;   // the log was, when it failed
    std::uint64_t poisoned = 0; // it served what was durable
    std::uint64_t went_on = 0;

    lives_with_faults& operator+=(const lives_with_faults& more) {
        all += more.all;
        closed += more.closed;
        poisoned += more.poisoned;
        went_on += more.went_on;
        return *this;
    }
    friend std::ostream& operator<<(std::ostream& out, const lives_with_faults& n) {
        return out << n.all << " lives with a fault; after a call had failed, the log was closed in " << n.closed
                   << ", poisoned in " << n.poisoned << ", and went on in " << n.went_on;
    }
};

// A call has failed, and no more do: the log is closed, or it is poisoned and serves what was durable, or it holds what it
// held before or what it would have held, and goes on. Whatever it serves has to be there when it is opened again.
template<class Log>
void look_after_failure(Log& log, history& past, lives_with_faults& counts) {
    const auto holds = read_all(log);
    if (!holds) {
        BOOST_TEST_INFO("it cannot be read: " << why(holds));
        BOOST_REQUIRE(holds.error() == tusk::errc::closed);
        ++counts.closed;
        return;
    }
    const auto next = log.append("next", {.wait = tusk::durability::durable});
    if (!next) {
        BOOST_TEST_INFO("it does not go on: " << why(next));
        BOOST_REQUIRE(next.error() == tusk::errc::poisoned);
        BOOST_REQUIRE_MESSAGE(past.serve_part(holds.value()), "poisoned, it serves " << holds.value() << "\npromised "
                                                                                     << past.promised() << "\nlast "
                                                                                     << past.now());
        ++counts.poisoned;
        return;
    }
    BOOST_REQUIRE_MESSAGE(past.find(holds.value()), "holds " << holds.value() << "\nwanted " << past.now());
    contents now = holds.value();
    now.items.push_back({now.last_term(), "next"});
    BOOST_REQUIRE_EQUAL(next.value(), now.next() - 1);
    if (const tusk::index_t oldest = log.first_index().value(); oldest > now.first) // it has made room for that
        now.drop(oldest);
    past.step(now);
    past.promise(); // what the failed call left is not to come back
    ++counts.went_on;
}

// A life in which a fault strikes at the n-th such call of what comes behind `before`; without that, of all of it. False if
// there are less such calls. `usual` is the same life without the fault.
template<class Log>
bool live_with(disk_fault fault, const std::vector<call>& before, const std::vector<call>& then, const setting& where,
               const history& usual, lives_with_faults& counts) {
    const simulated_disk disk;
    history past;
    past.may_forget_as(usual);
    const tusk::options o = where.options();
    ++counts.all;
    std::uint64_t first = 0;
    const auto strike = [&] {
        first = disk.count(fault.on);
        simulated_disk(disk).fail(fault);
    };
    const auto has_struck = [&] { return disk.count(fault.on) - first >= fault.nth; };
    bool struck = false;
    if (before.empty())
        strike();
    const auto open = [&] {
        return Log::open(tusk::simulated_backend(disk), o, where.policy<typename Log::fsync_type>());
    };
    if (auto opened = open(); !opened) {
        struck = has_struck();
    } else {
        story<Log> s(opened.value(), past, open, [&] { rest(o.background); });
        BOOST_REQUIRE(before.empty() || s.tell(before));
        if (!before.empty())
            strike();
        const bool told = s.tell(then);
        BOOST_REQUIRE_EQUAL(s.wrong(), "");
        struck = has_struck();
        simulated_disk(disk).heal();
        rest(o.background);
        if (!told)
            look_after_failure(opened.value(), past, counts);
        rest(o.background);
    }
    check_both_ends<Log>(disk, past.here(), fault.nth);
    return struck;
}

// Each of the faults, at each call in turn.
template<class Log>
lives_with_faults sweep(const std::vector<disk_fault>& faults, const std::vector<call>& before,
                        const std::vector<call>& then, const setting& where = plain) {
    lives_with_faults counts;
    history usual;
    if (where.options().max_segments != 0) {
        const simulated_disk disk;
        const tusk::options o = where.options();
        const auto open = [&] {
            return Log::open(tusk::simulated_backend(disk), o, where.policy<typename Log::fsync_type>());
        };
        Log log = open().value();
        story<Log> s(log, usual, open, [&] { rest(o.background); });
        (void)(s.tell(before) && s.tell(then));
        BOOST_REQUIRE(s.is_fine());
    }
    for (disk_fault f : faults)
        for (bool more = true; more; ++f.nth)
            BOOST_TEST_CONTEXT(where.name << ":\n" << crash::text(before) << crash::text(then) << text(f, f.nth))
    more = live_with<Log>(f, before, then, where, usual, counts);
    return counts;
}

} // namespace crash
