#pragma once

#include "expect.hpp"
#include "fault_sweep.hpp"

#include <tusk/log/segment_files.hpp>

/// What is done to binary logs elsewhere, for a log of any Format, FsyncPolicy and Compression, with some of the settings
/// and losses.
namespace crash {

/// What a tool that knows the Format says about a segment that was not torn: by default nobody looks.
template<class Format>
struct segment_reader {
    static std::string wrong(std::string_view) { return ""; }
};

/// A log as log_subject has it, of which others can read the segment that was made last.
template<class Log>
class readable_log : public log_subject<Log> {
public:
    using log_subject<Log>::log_subject;

    [[nodiscard]] std::string check(const simulated_disk& disk, history::mark& promised) {
        if (std::string wrong = log_subject<Log>::check(disk, promised); !wrong.empty())
            return wrong;
        std::string newest;
        for (const std::string& name : disk.names())
            if (tusk::segment_number(name) != 0 && (newest.empty() || newest < name))
                newest = name;
        const std::vector<std::byte> bytes = newest.empty() ? std::vector<std::byte>() : disk.contents(newest);
        return segment_reader<typename Log::format_type>::wrong(tusk::to_text(bytes));
    }
};

/// Every story under one of the settings, and some short workloads.
template<class Log>
void survive_all_crashes(std::uint64_t images) {
    tusk::crash_prover prove(thoroughly(7, 6, 2));
    const auto survive = [&](const workload& calls, const setting& where) {
        readable_log<Log> subject(calls, where);
        if (const auto found = first_finding(prove, subject))
            BOOST_FAIL(where.name << ":\n" << crash::text(calls) << *found);
    };
    const auto where = settings_for<typename Log::fsync_type>();
    for (std::size_t i = 0; i < stories().size(); ++i)
        survive(stories()[i].calls, *where[i % where.size()]);
    tusk::disk_dice dice(7);
    for (std::size_t i = 0; i < 20; ++i)
        survive(any_workload(2 + i % 3, dice), plain);
    expect_at_least(images, prove.counts());
}

/// Each story under one of the settings, with a third of the faults at each of its calls in turn.
template<class Log>
void survive_failing_calls() {
    const auto where = settings_for<typename Log::fsync_type>();
    for (std::size_t i = 0; i < stories().size(); ++i)
        (void)sweep<Log>(every_nth(some_faults(), 3, i), {}, stories()[i].calls, *where[i % where.size()]);
}

} // namespace crash
