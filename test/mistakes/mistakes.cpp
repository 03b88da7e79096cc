// Switches on every mistake that was planted in the log, one after the other, and lets the proofs of the log look for it.
// All have to be found, and nothing where there is none. usage: mistakes [which of so many parts, such as 1/2]
#define BOOST_TEST_NO_MAIN // the fixtures complain to it; here somebody else looks at what comes of it
#include <boost/test/included/unit_test.hpp>

#include "scenes.hpp"

#include <crash/log_subject.hpp>
#include <crash/writers_subject.hpp>

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iomanip>
#include <iostream>
#include <iterator>

// In place of the C library's, for who wants to know which directories were synced.
extern "C" int fsync(int descriptor) {
    std::string path(4096, '\0');
    const ::ssize_t size =
        ::readlink(("/proc/self/fd/" + std::to_string(descriptor)).c_str(), path.data(), path.size());
    path.resize(static_cast<std::size_t>(std::max<::ssize_t>(size, 0)));
    scenes::synced_directories().insert(path);
    return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

namespace {

using namespace crash;

struct proof_of_log {
    const char* name;
    std::function<std::optional<std::string>()> look; // what is wrong, if anything
};

// Short lives under one policy.
template<class Policy>
std::optional<std::string> explore() {
    tusk::crash_search search{.seed = 3, .exhaustive = 4, .samples = 2, .nested_in = 16};
    tusk::crash_prover prove(search);
    for (const call& first : alphabet())
        for (const call& second : alphabet()) {
            const std::vector<call> calls{{.what = call::verb::batch, .count = 4, .size = 700},
                                          {.what = call::verb::append, .size = 20},
                                          first,
                                          second};
            log_subject<log_on<Policy>> subject(calls, plain);
            if (const auto found = prove(subject)) {
                std::ostringstream out;
                out << text(calls) << *found;
                return out.str();
            }
        }
    return std::nullopt;
}

// With all that the log does by itself, and witnesses whenever they can be had.
template<class Policy>
std::optional<std::string> explore_background() {
    const setting& busy = setting_named("witnesses at any time");
    tusk::crash_search search{.seed = 4, .exhaustive = 3, .samples = 2, .nested_in = 0};
    tusk::crash_prover prove(search);
    for (const call& last : alphabet()) {
        log_subject<log_on<Policy>> subject({{.what = call::verb::batch, .count = 4, .size = 700},
                                             {.what = call::verb::batch, .count = 4, .size = 700},
                                             {.what = call::verb::sync},
                                             last,
                                             {.what = call::verb::append, .size = 20}},
                                            busy);
        if (const auto found = prove(subject))
            return found->why;
    }
    return std::nullopt;
}

// Several threads, again and again, for they meet where they like.
template<class Policy>
std::optional<std::string> many_writers() {
    const tusk::crash_search search{.exhaustive = 2, .samples = 1, .nested_in = 0};
    for (int round = 0; round < 60; ++round) {
        writers_subject<log_on<Policy>> s({});
        tusk::crash_prover prove(search);
        if (const auto found = prove(s))
            return found->why;
    }
    return std::nullopt;
}

// Likewise, while each call of the disk fails in turn.
std::optional<std::string> many_writers_on_a_bad_disk() {
    const tusk::crash_search search{.exhaustive = 2, .samples = 1, .nested_in = 0};
    for (const tusk::disk_call on : {tusk::disk_call::sync, tusk::disk_call::write})
        for (std::uint64_t nth = 1; nth <= 12; ++nth)
            for (const bool sticky : {false, true})
                for (const std::size_t written : {std::size_t{0}, std::size_t{4096}}) {
                    writers_subject<log_on<tusk::fsync_always>> s(
                        {.fault = tusk::disk_fault{.on = on,
                                                   .nth = nth,
                                                   .error = on == tusk::disk_call::sync ? EIO : ENOSPC,
                                                   .sticky = sticky,
                                                   .written = written}});
                    tusk::crash_prover prove(search);
                    if (const auto found = prove(s))
                        return found->why;
                }
    return std::nullopt;
}

const std::vector<proof_of_log>& proofs() {
    using namespace scenes;
    static const std::vector<proof_of_log> all{
        {"an error of close()", close_fails},
        {"errors of reading", reading_fails},
        {"an append beside a sync", append_beside_a_sync},
        {"followers wait", followers_wait},
        {"followers of a failed sync",
         [] { return followers_of_a_failure(tusk::disk_call::sync, "what failed to be synced is acknowledged"); }},
        {"followers of a failed write",
         [] { return followers_of_a_failure(tusk::disk_call::write, "what was never written is acknowledged"); }},
        {"an append beside a slow one", append_beside_a_slow_one},
        {"a second sync", second_sync},
        {"a cut that failed", failed_cut},
        {"a rotten witness", rotten_witness},
        {"a rotten slot", rotten_slot},
        {"a rotten index", rotten_index},
        {"damage below a witness", damage_below_a_witness},
        {"damage before a repair", damage_before_a_repair},
        {"a hole in the tail", hole_in_the_tail},
        {"the ticket of a cut entry", ticket_of_a_cut_entry},
        {"a stale frame", [] { return stale_frame(/*of_another_log=*/false); }},
        {"a frame of another log", [] { return stale_frame(/*of_another_log=*/true); }},
        {"a witness of another log", witness_of_another_log},
        {"an absurd length", absurd_length},
        {"a doubled segment", doubled_segment},
        {"a missing segment", missing_segment},
        {"the number of a segment", number_of_a_segment},
        {"new directories", new_directories},
        {"crashes, fsync_always", explore<tusk::fsync_always>},
        {"crashes, fsync_never", explore<tusk::fsync_never>},
        {"crashes beside the background", explore_background<tusk::fsync_never>},
        {"several writers, fsync_always", many_writers<tusk::fsync_always>},
        {"several writers, fsync_never", many_writers<tusk::fsync_never>},
        {"several writers on a bad disk", many_writers_on_a_bad_disk},
    };
    return all;
}

enum outcome : int { found_nothing, found_it };

// In a process of its own, for who makes a mistake may take everything down: with what it prints as the reason.
std::string look(int mistake, const proof_of_log& proof, outcome& how) {
    int pipe_ends[2];
    if (::pipe(pipe_ends) != 0)
        std::abort();
    const ::pid_t child = ::fork();
    if (child == 0) {
        ::alarm(120); // whoever waits for ever is found as well
        planted::made = mistake;
        const auto found = proof.look();
        const std::string why = found.value_or("");
        [[maybe_unused]] const auto written =
            ::write(pipe_ends[1], why.data(), std::min<std::size_t>(why.size(), 4096));
        ::_exit(found ? found_it : found_nothing);
    }
    ::close(pipe_ends[1]);
    std::string why(4096, '\0');
    std::size_t size = 0;
    for (::ssize_t n = 1; n > 0; size += static_cast<std::size_t>(std::max<::ssize_t>(n, 0)))
        n = ::read(pipe_ends[0], why.data() + size, why.size() - size);
    ::close(pipe_ends[0]);
    why.resize(size);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFEXITED(status))
        how = static_cast<outcome>(WEXITSTATUS(status));
    else {
        how = found_it;
        why = WTERMSIG(status) == SIGALRM ? "it hangs" : "it dies of signal " + std::to_string(WTERMSIG(status));
    }
    return why;
}

// True if some proof finds the mistake.
bool is_found(int mistake, bool verbose) {
    for (const proof_of_log& proof : proofs()) {
        outcome how = found_nothing;
        const std::string why = look(mistake, proof, how);
        if (how == found_nothing)
            continue;
        const std::string last = why.substr(std::min(why.size(), why.find_last_of('\n') + 1));
        std::cout << "found by " << proof.name << ": " << (verbose ? why : last.substr(0, 100)) << std::endl;
        return true;
    }
    return false;
}

} // namespace

int main(int argc, char** argv) {
    int part = 1;
    int parts = 1;
    if (argc > 1 && (std::sscanf(argv[1], "%d/%d", &part, &parts) != 2 || part < 1 || part > parts)) {
        std::cerr << "usage: mistakes [which of so many parts, such as 1/2]\n";
        return 2;
    }
    int missed = 0;
    if (part == parts && is_found(0, /*verbose=*/true)) {
        std::cout << "something is found where no mistake is\n";
        ++missed;
    }
    for (int number = part; number <= static_cast<int>(std::size(planted::names)); number += parts) {
        std::cout << std::left << std::setw(70) << planted::names[number - 1] << std::flush;
        if (!is_found(number, /*verbose=*/false)) {
            std::cout << "NOT FOUND" << std::endl;
            ++missed;
        }
    }
    return missed == 0 ? 0 : 1;
}
