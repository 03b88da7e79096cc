#pragma once

#include "power_disk.hpp"

#include <tusk/log/segment_files.hpp>

#include <set>

/// What power.cpp and errors.cpp do, for a log of any Format, FsyncPolicy and Compression, with some of the settings and
/// losses.
namespace crash {

using tusk::disk_call;
using tusk::disk_fault;

/// The setting whose turn it is: not every story is told under all.
template<class Log>
const setting& setting_for(std::size_t story) {
    std::vector<const setting*> all;
    for_each_setting<typename Log::fsync_type>([&](const setting& s) { all.push_back(&s); });
    return *all[story % all.size()];
}

template<class Log>
std::uint64_t calls_of(const workload<Log>& w, const setting& how) {
    const simulated_disk whole;
    history unhurt;
    const bool told = live_as<Log>(whole, w, how, unhurt);
    BOOST_REQUIRE_MESSAGE(told || how.options().max_segments != 0, w.name << ", " << how.name);
    return whole.calls();
}

/// Calls `f` with every `step`-th call of each story, and not with the same of each.
template<class Log, class F>
void for_some_calls(std::uint64_t step, F&& f) {
    for (std::size_t i = 0; i < workloads<Log>().size(); ++i) {
        const workload<Log>& w = workloads<Log>()[i];
        const setting& how = setting_for<Log>(i);
        const std::uint64_t calls = calls_of<Log>(w, how);
        for (std::uint64_t call = 1 + i % step; call <= calls + 1; call += step)
            BOOST_TEST_CONTEXT(w.name << ", " << how.name << ", call " << call) { f(w, how, call); }
    }
}

/// What a tool that knows the Format finds in a segment that was not torn: by default nobody looks.
template<class Format>
struct segment_reader {
    static void read(std::string_view) {}
};

/// What was promised is there and so on; and others can read what stands in the segment that was made last.
template<class Log>
void check_all(const simulated_disk& disk, const history& past) {
    (void)check_as<Log>(disk, past);
    std::string newest;
    for (const std::string& name : disk.names())
        if (tusk::segment_number(name) != 0 && (newest.empty() || newest < name))
            newest = name;
    BOOST_REQUIRE(!newest.empty());
    const std::vector<std::byte> bytes = disk.contents(newest);
    segment_reader<typename Log::format_type>::read(tusk::to_text(bytes));
}

template<class Log>
void power_lost_at_any_call_leaves_a_prefix_of_the_history_with_all_that_was_promised() {
    for_some_calls<Log>(1, [](const workload<Log>& w, const setting& how, std::uint64_t call) {
        simulated_disk hurt;
        history past;
        hurt.stop_at(call);
        (void)live_as<Log>(hurt, w, how, past);
        hurt.stop_at(0);
        std::set<std::uint64_t> seen;
        for (const disk_loss& loss :
             {disk_loss::keep_all(), disk_loss::drop_unsynced(), disk_loss::torn(call), disk_loss::torn(call + 1),
              disk_loss::prefix(call), disk_loss::size_first(call), disk_loss::subset(tusk::disk_dice(call)())}) {
            simulated_disk disk = hurt.copy();
            disk.power_cycle(loss);
            if (seen.insert(disk.hash()).second)
                check_all<Log>(disk, past);
        }
    });
}

template<class Log>
void a_process_killed_at_any_call_loses_nothing_that_was_written() {
    for_some_calls<Log>(1, [](const workload<Log>& w, const setting& how, std::uint64_t call) {
        simulated_disk disk;
        history past;
        disk.stop_at(call);
        (void)live_as<Log>(disk, w, how, past);
        disk.kill();
        past.kill();
        disk.stop_at(0);
        check_all<Log>(disk, past);
    });
}

template<class Log>
void power_lost_again_while_the_log_is_recovered_changes_nothing() {
    for_some_calls<Log>(5, [](const workload<Log>& w, const setting& how, std::uint64_t call) {
        simulated_disk hurt;
        history past;
        hurt.stop_at(call);
        (void)live_as<Log>(hurt, w, how, past);
        hurt.stop_at(0);
        hurt.power_cycle(disk_loss::torn(call));
        const simulated_disk recovered = hurt.copy();
        const std::uint64_t before = recovered.calls();
        (void)Log::open(tusk::simulated_backend(recovered), small_log());
        for (std::uint64_t again = 1; again <= recovered.calls() - before; ++again) {
            simulated_disk disk = hurt.copy();
            disk.stop_at(disk.calls() + again);
            (void)Log::open(tusk::simulated_backend(disk), small_log());
            disk.stop_at(0);
            disk.power_cycle(disk_loss::torn(again));
            check_all<Log>(disk, past);
        }
    });
}

template<class Log>
void a_call_that_fails_once_or_for_good_loses_nothing_that_was_promised() {
    const std::vector<disk_fault> faults{{.on = disk_call::write, .error = ENOSPC, .written = 100},
                                         {.on = disk_call::sync, .error = EIO},
                                         {.on = disk_call::create, .error = ENOSPC},
                                         {.on = disk_call::sync_directory, .error = EIO}};
    for_some_calls<Log>(1, [&](const workload<Log>& w, const setting& how, std::uint64_t call) {
        disk_fault fault = faults[call % faults.size()];
        fault.nth = 1 + call / faults.size();
        fault.sticky = call / 3 % 2 == 0;
        simulated_disk disk;
        history past;
        disk.fail(fault);
        (void)live_as<Log>(disk, w, how, past, [&](auto&, bool) { disk.heal(); });
        disk.heal();
        disk.kill();
        simulated_disk cut = disk.copy();
        cut.power_cycle(disk_loss::torn(call));
        check_all<Log>(disk, past);
        check_all<Log>(cut, past);
    });
}

} // namespace crash
