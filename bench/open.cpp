// What does opening a log cost: its bytes, its segments, or its tail?
#include "machine_use.hpp"
#include "scratch.hpp"
#include "statistics.hpp"

#include <tusk/wal.hpp>

#include <tusk/fsync/interval.hpp>
#include <tusk/fsync/never.hpp>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <stdexcept>

#include <sys/wait.h>

namespace {

namespace fs = std::filesystem;

enum class ending { closed, killed };

struct shape {
    const char* name;
    std::uint64_t segment_size;
    std::uint64_t segments;
};

constexpr std::size_t record_size = 1024;

/// Makes a log of one shape, its last segment nearly full. Gives the last index; what is to be killed is still open.
template<class FsyncPolicy>
tusk::index_t fill(const std::string& path, const shape& s, ending how) {
    using log_type = tusk::basic_wal<tusk::binary_format, FsyncPolicy, tusk::posix_backend, tusk::no_compression>;
    tusk::options opts;
    opts.segment_size = s.segment_size;
    auto* const log = new log_type(log_type::open(path, opts).value()); // not closed by the end of a scope
    const std::string record(record_size, '\x5a');
    tusk::index_t last = 0;
    do
        last = log->append(record).value();
    while (log->segment_count().value() < s.segments);
    const std::uint64_t full = log->size_bytes().value() + s.segment_size / 32 * 31;
    while (log->size_bytes().value() + 2 * record_size < full)
        last = log->append(record).value();
    if (how == ending::closed)
        log->close().value();
    return last;
}

struct test_case {
    shape what;
    const char* ended;
    ending how;
    tusk::index_t (*fill)(const std::string& path, const shape& s, ending how);
};

std::vector<test_case> cases(bool quick) {
    const std::uint64_t large = quick ? tusk::mebibyte : 64 * tusk::mebibyte;
    const shape many{quick ? "16 MiB in 16 segments" : "1 GiB in 16 segments", large, 16};
    const shape one{quick ? "1 MiB in one segment" : "64 MiB in one segment", large, 1};
    const shape small{quick ? "100 segments of 4 KiB" : "10,000 segments of 4 KiB", tusk::min_segment_size,
                      quick ? 100U : 10'000U};
    constexpr auto interval = &fill<tusk::fsync_interval>;
    return {{one, "closed", ending::closed, interval},
            {many, "closed", ending::closed, interval},
            {small, "closed", ending::closed, interval},
            {one, "killed, fsync_interval", ending::killed, interval},
            {many, "killed, fsync_interval", ending::killed, interval},
            {small, "killed, fsync_interval", ending::killed, interval},
            {many, "killed, fsync_never", ending::killed, &fill<tusk::fsync_never>}};
}

/// Lets a process of its own make the log and end without cleaning up. Gives the last index that it was told.
tusk::index_t make_in_child(const test_case& c, const std::string& path) {
    std::array<int, 2> pipe{};
    bench::require(::pipe(pipe.data()), "pipe");
    const ::pid_t child = bench::require(::fork(), "fork");
    if (child == 0) {
        try {
            const tusk::index_t last = c.fill(path, c.what, c.how);
            ::_exit(::write(pipe[1], &last, sizeof last) == sizeof last ? 0 : 1);
        } catch (const std::exception& failure) {
            fmt::print(stderr, "{}\n", failure.what());
            ::_exit(1);
        }
    }
    ::close(pipe[1]);
    tusk::index_t last = 0;
    const bool told = ::read(pipe[0], &last, sizeof last) == sizeof last;
    ::close(pipe[0]);
    int status = 0;
    bench::require(::waitpid(child, &status, 0), "waitpid");
    if (!told || status != 0)
        throw std::runtime_error(fmt::format("cannot make the log: {}, {}", c.what.name, c.ended));
    return last;
}

/// Lets the system forget what it knows of the files' contents. Of the directory it may still know all.
void forget_contents(const std::string& directory) {
    for (const fs::directory_entry& e : fs::directory_iterator(directory)) {
        const int descriptor = bench::require(::open(e.path().c_str(), O_RDONLY | O_CLOEXEC), "open");
        const int outcome = ::posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
        ::close(descriptor);
        if (outcome != 0)
            throw std::system_error(outcome, std::generic_category(), "posix_fadvise");
    }
}

struct figures {
    double ms = 0;
    double others = 0;
    double index_bytes = 0; ///< for each entry
    tusk::recovery_report report;
};

figures open_once(const std::string& path, tusk::index_t expected, const shape& s) {
    tusk::options opts;
    opts.segment_size = s.segment_size;
    figures f;
    const bench::machine_use use;
    const auto start = std::chrono::steady_clock::now();
    auto log = tusk::wal::open(path, opts, &f.report).value();
    f.ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    f.others = use.by_others();
    if (log.last_index().value() != expected || log.get(expected).value().data().size() != record_size)
        throw std::runtime_error("the log lacks what was appended");
    f.index_bytes = static_cast<double>(log.index_memory()) / static_cast<double>(expected);
    log.close().value();
    return f;
}

void print_row(const test_case& c, const std::vector<figures>& rounds) {
    std::vector<double> ms;
    std::vector<double> others;
    for (const figures& f : rounds) {
        ms.push_back(f.ms);
        others.push_back(f.others);
    }
    const figures& last = rounds.back();
    fmt::print("| {:24} | {:22} | {:9.1f} | {:4.0f} % | {:4.0f} % | {:8} | {:9} | {:11.1f} | {:8} | {:11.2f} |\n",
               c.what.name, c.ended, bench::median(ms), bench::spread(ms), bench::median(others), last.report.segments,
               last.report.last_index, static_cast<double>(last.report.scanned_bytes) / 1024,
               last.report.unproven_entries, last.index_bytes);
}

// What was reserved and never written to stays so; any other copy would write zeros there.
void copy_as_left(const std::string& from, const std::string& to) {
    tusk::posix_backend source(from);
    tusk::posix_backend copy(to);
    source.attach(/*create=*/false).value();
    copy.attach(/*create=*/true).value();
    std::vector<std::string> names;
    source.list(names).value();
    std::vector<std::byte> bytes(std::size_t{1} << 20);
    for (const std::string& name : names) {
        const tusk::posix_file in = source.open(name.c_str(), tusk::open_for::read).value();
        tusk::posix_file out = copy.create(name.c_str(), 0).value();
        const std::uint64_t size = in.size().value();
        const std::uint64_t end = std::min(in.data_end(), size);
        for (std::uint64_t at = 0; at < end; at += bytes.size()) {
            const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), end - at));
            const tusk::byte_view piece(bytes.data(), in.read(at, tusk::byte_span(bytes).first(wanted)).value());
            out.write(at, {&piece, 1}).value();
        }
        out.reserve(size).value();
    }
}

struct master {
    test_case what;
    std::string path;
    tusk::index_t last = 0;
    std::vector<figures> rounds{};
};

void run(unsigned rounds, bool quick, bool cold) {
    const bench::scratch_directory scratch;
    std::vector<master> masters; // all before the first log is opened here: a child must not inherit its threads
    for (const test_case& c : cases(quick)) {
        const std::string path = scratch.path() + "/" + std::to_string(masters.size());
        masters.push_back({c, path, make_in_child(c, path)});
        fmt::print(stderr, "made {}, {}\n", c.what.name, c.ended);
    }
    const std::string copy = scratch.path() + "/copy";
    for (unsigned round = 0; round < rounds; ++round) {
        for (master& m : masters) {
            copy_as_left(m.path, copy); // an open after a kill repairs: each has its own
            bench::settle(scratch.path());
            if (cold)
                forget_contents(copy);
            m.rounds.push_back(open_once(copy, m.last, m.what.what));
            fs::remove_all(copy);
        }
        fmt::print(stderr, "round {} of {}\n", round + 1, rounds);
    }
    fmt::print("Opening: medians of {} rounds; the files' contents {} in the page cache.\n\n", rounds,
               cold ? "not" : "are");
    fmt::print(
        "| log                      | ended                  | opened ms | spread | others | segments |   entries | "
        "scanned KiB | unproven | index B/entry |\n");
    fmt::print(
        "|--------------------------|------------------------|----------:|-------:|-------:|---------:|----------:|-"
        "-----------:|---------:|------------:|\n");
    for (const master& m : masters)
        print_row(m.what, m.rounds);
}

} // namespace

int main(int argc, char** argv) {
    unsigned rounds = 3;
    bool quick = false;
    bool cold = false;
    CLI::App app("What opening a log costs, by its bytes, its segments and how it ended.");
    app.add_option("--rounds", rounds, "times that each is opened")->capture_default_str()->check(CLI::Range(1, 1000));
    app.add_flag("--cold", cold, "drops the files' contents from the page cache before each open");
    app.add_flag("--quick", quick, "small logs and one round: whether it works, not how fast it is");
    CLI11_PARSE(app, argc, argv);
    try {
        run(quick ? 1 : rounds, quick, cold);
    } catch (const std::exception& failure) {
        fmt::print(stderr, "{}\n", failure.what());
        return 1;
    }
    return 0;
}
