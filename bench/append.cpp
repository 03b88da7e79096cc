// How fast do appends get into one log, by how many threads, and how far is that from the bare system calls?
#include "contenders.hpp"
#include "statistics.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <utility>

namespace {

using bench::bare_file;

struct contender {
    const char* name;
    bench::outcome (*run)(const std::string& directory, const bench::payloads& records, const bench::workload& w);
    /// The bare rows that promise the same about each append: the only ones to compare with.
    std::vector<const char*> bases{};
};

constexpr const char* no_sync = "pwrite";
constexpr const char* ticking = "pwrite, sync every 10 ms";
constexpr const char* each_written = "pwrite + sync, written blocks";
constexpr const char* each_allocated = "pwrite + sync, allocated blocks";
constexpr const char* one_for_all = "one pwrite + sync for all";

std::vector<contender> contenders(unsigned threads) {
    std::vector<contender> all{
        {no_sync, &bench::bare_writes},
        {"log, fsync_never", &bench::logged<tusk::fsync_never>, {no_sync}},
        {ticking, &bench::bare_ticking},
        {"log, fsync_interval", &bench::logged<tusk::fsync_interval>, {ticking}},
        {each_written, &bench::bare_each_synced<bare_file::blocks::written>},
        {each_allocated, &bench::bare_each_synced<bare_file::blocks::allocated>},
    };
    if (threads > 1)
        all.push_back({one_for_all, &bench::bare_group_synced});
    all.push_back({"log, fsync_always", &bench::logged<tusk::fsync_always>, {each_allocated}});
    if (threads > 1)
        all.back().bases.push_back(one_for_all);
    return all;
}

/// What one contender did in one round.
struct figures {
    double appends = 0; ///< a second
    double megabytes = 0;
    double p50 = 0; ///< microseconds
    double p99 = 0;
    double others = 0; ///< per cent of the processors that others used
};

struct choices {
    double seconds = 0.25;
    unsigned rounds = 3;
    std::string csv;
    std::vector<std::size_t> sizes{100, 1024, 16384};
    std::vector<unsigned> threads{1, 2, 8, 64};
};

/// A size and a number of threads.
using cell = std::pair<std::size_t, unsigned>;
/// By contender: what came out, round by round.
using results = std::map<std::string, std::vector<figures>>;

figures measure(const contender& c, const bench::payloads& records, const bench::workload& w) {
    bench::outcome done;
    std::string parent;
    {
        const bench::scratch_directory scratch;
        parent = std::filesystem::path(scratch.path()).parent_path().string();
        bench::settle(parent);
        done = c.run(scratch.path(), records, w);
    }
    bench::settle(parent); // what is removed has nothing to write any more
    if (done.appended.records == 0)
        throw std::runtime_error(std::string("nothing was appended: ") + c.name);
    return {static_cast<double>(done.appended.records) / done.seconds,
            static_cast<double>(done.appended.bytes) / done.seconds / 1e6, done.times.quantile(0.5),
            done.times.quantile(0.99), done.used_by_others};
}

/// One round over everything. Who begins changes from round to round: no row is always the one behind the same other.
void run_round(unsigned round, const choices& choice, std::map<cell, results>& all) {
    for (const std::size_t size : choice.sizes) {
        const bench::payloads records(size);
        for (const unsigned threads : choice.threads) {
            const bench::workload w{size, threads,
                                    std::chrono::nanoseconds(static_cast<std::int64_t>(choice.seconds * 1e9))};
            const std::vector<contender> rows = contenders(threads);
            for (std::size_t i = 0; i < rows.size(); ++i) {
                const contender& c = rows[(i + round * 3) % rows.size()];
                all[{size, threads}][c.name].push_back(measure(c, records, w));
            }
            fmt::print(stderr, "\rround {} of {}: {} bytes, {} threads   ", round + 1, choice.rounds, size, threads);
        }
    }
}

std::vector<double> column(const std::vector<figures>& rounds, double figures::*which) {
    std::vector<double> values;
    for (const figures& f : rounds)
        values.push_back(f.*which);
    return values;
}

/// The rounds in which others left the machine to every row of a cell. A row alone cannot tell: one that keeps all
/// processors busy drives others away, and looks quiet for that.
std::vector<std::size_t> quiet_rounds(const results& rows) {
    std::vector<std::size_t> quiet;
    for (std::size_t round = 0; round < rows.begin()->second.size(); ++round)
        if (std::all_of(rows.begin(), rows.end(),
                        [round](const auto& row) { return row.second[round].others < bench::machine_use::disturbing; }))
            quiet.push_back(round);
    return quiet;
}

std::vector<figures> of_rounds(const std::vector<figures>& all, const std::vector<std::size_t>& wanted) {
    std::vector<figures> some;
    for (const std::size_t round : wanted)
        some.push_back(all[round]);
    return wanted.empty() ? all : some;
}

/// How many times as fast as the base, in quiet rounds.
std::string ratios(const contender& c, const results& rows, const std::vector<std::size_t>& quiet) {
    std::string text;
    for (const char* const base : c.bases) {
        std::vector<double> values;
        for (const std::size_t round : quiet)
            values.push_back(rows.at(c.name)[round].appends / rows.at(base)[round].appends);
        text += text.empty() ? "" : "; ";
        text += values.empty() ? fmt::format("disturbed: {}", base)
                               : fmt::format("{:.2f} of {}", bench::median(values), base);
    }
    return text;
}

void print_table(const std::map<cell, results>& all) {
    fmt::print(
        "| bytes | threads | what                            | appends/s |   MB/s | spread |   p50 us |   p99 us "
        "| others | quiet | compared |\n");
    fmt::print(
        "|------:|--------:|---------------------------------|----------:|-------:|-------:|---------:|---------:"
        "|-------:|------:|---|\n");
    for (const auto& [which, rows] : all) {
        const std::vector<std::size_t> quiet = quiet_rounds(rows);
        for (const contender& c : contenders(which.second)) {
            const std::vector<figures>& all_rounds = rows.at(c.name);
            const std::vector<figures> rounds = of_rounds(all_rounds, quiet);
            const std::vector<double> appends = column(rounds, &figures::appends);
            fmt::print("| {:5} | {:7} | {:31} | {:9.0f} | {:6.1f} | {:4.0f} % | {:8.1f} | {:8.1f} | {:4.0f} % | {}/{} "
                       "| {} |\n",
                       which.first, which.second, c.name, bench::median(appends),
                       bench::median(column(rounds, &figures::megabytes)), bench::spread(appends),
                       bench::median(column(rounds, &figures::p50)), bench::median(column(rounds, &figures::p99)),
                       bench::median(column(rounds, &figures::others)), quiet.size(), all_rounds.size(),
                       ratios(c, rows, quiet));
        }
    }
}

void write_csv(const std::string& path, const std::map<cell, results>& all) {
    std::string text = "bytes,threads,row,round,appends_per_second,megabytes_per_second,p50_us,p99_us,others_percent\n";
    for (const auto& [which, rows] : all)
        for (const auto& [name, rounds] : rows)
            for (std::size_t round = 0; round < rounds.size(); ++round)
                text += fmt::format("{},{},\"{}\",{},{:.0f},{:.2f},{:.2f},{:.2f},{:.0f}\n", which.first, which.second,
                                    name, round + 1, rounds[round].appends, rounds[round].megabytes, rounds[round].p50,
                                    rounds[round].p99, rounds[round].others);
    std::ofstream out(path);
    out << text;
    out.close();
    if (!out)
        throw std::runtime_error("cannot write " + path);
}

} // namespace

int main(int argc, char** argv) {
    choices choice;
    bool quick = false;
    CLI::App app("Appends to one log under each fsync policy, beside the same by bare system calls.");
    app.add_option("--seconds", choice.seconds, "time for each run")->capture_default_str()->check(CLI::PositiveNumber);
    app.add_option("--rounds", choice.rounds, "times that everything is run")
        ->capture_default_str()
        ->check(CLI::Range(1, 1000));
    app.add_option("--sizes", choice.sizes, "bytes of a record")->check(CLI::Range(1, 1 << 20));
    app.add_option("--threads", choice.threads, "how many append at the same time")
        ->check(CLI::Range(1U, bare_file::most_in_group));
    app.add_option("--csv", choice.csv, "a file that gets each round's figures");
    app.add_flag("--quick", quick, "one round of 0.05 s a run: whether it works, not how fast it is");
    CLI11_PARSE(app, argc, argv);
    if (quick) {
        choice.seconds = 0.05;
        choice.rounds = 1;
    }

    try {
        std::map<cell, results> all;
        for (unsigned round = 0; round < choice.rounds; ++round)
            run_round(round, choice, all);
        fmt::print(stderr, "\n");
        fmt::print("Appends: medians of {} rounds of {} s a run.\n\n", choice.rounds, choice.seconds);
        print_table(all);
        if (!choice.csv.empty())
            write_csv(choice.csv, all);
    } catch (const std::exception& failure) {
        fmt::print(stderr, "\n{}\n", failure.what());
        return 1;
    }
    return 0;
}
