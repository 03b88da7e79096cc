#include "crash_run.hpp"

#include "failure.hpp"
#include "writer_process.hpp"

#include <fmt/format.h>

#include <chrono>
#include <random>
#include <thread>

namespace {

std::uint64_t random_below(std::uint64_t end) {
    static std::mt19937_64 source(std::random_device{}());
    return std::uniform_int_distribution<std::uint64_t>(0, end - 1)(source);
}

// How a process that wrote has ended.
struct life {
    tusk::index_t acknowledged = 0; ///< the last line that it was told is in the log
    bool finished = false;
};

// Runs one process that writes. `kill_at` is the line from which on it is to be killed, 0 for never.
life live(const journal& where, const text_lines& text, tusk::index_t held, tusk::index_t kill_at, progress& shown) {
    writer_process writer(where, text);
    life seen{.acknowledged = held};
    bool doomed = false;
    while (const auto told = writer.next()) {
        if (*told < seen.acknowledged)
            throw disagreement(
                fmt::format("the log was opened with {} lines, and {} were acknowledged", *told, seen.acknowledged));
        seen.acknowledged = *told;
        shown.at(*told);
        if (kill_at == 0 || *told < kill_at || doomed)
            continue;
        // It goes on meanwhile, so that it dies anywhere: not only when it has just told something.
        std::this_thread::sleep_for(std::chrono::microseconds(random_below(1000)));
        writer.kill();
        doomed = true;
    }
    seen.finished = writer.finished();
    return seen;
}

} // namespace

crash_run journal_with_crashes(const journal& where, const text_lines& text, unsigned kills, progress& shown) {
    crash_run run{.held = compare(where, text)};
    if (run.held.lines > 0)
        shown.say(fmt::format("the log holds {} lines of an earlier run", run.held.lines));
    for (bool finished = false; !finished;) {
        // Kills are spread over what is left to write.
        const tusk::index_t held = run.held.lines;
        const unsigned left = kills - run.kills;
        const std::uint64_t share = (text.count() - held) / (left + 1);
        const tusk::index_t kill_at = left == 0 ? 0 : held + 1 + random_below(share + 1);

        const life seen = live(where, text, held, kill_at, shown);
        run.held = compare(where, text);
        if (run.held.lines < seen.acknowledged)
            throw disagreement(
                fmt::format("{} lines were acknowledged, and the log holds {}", seen.acknowledged, run.held.lines));
        finished = seen.finished;
        if (!finished) {
            ++run.kills;
            shown.say(
                fmt::format("killed: {} lines were acknowledged, the log holds {}", seen.acknowledged, run.held.lines));
        }
    }
    if (run.held.lines != text.count() || run.held.bytes != text.bytes().size())
        throw disagreement(fmt::format("the file has {} lines, and the log holds {}", text.count(), run.held.lines));
    return run;
}
