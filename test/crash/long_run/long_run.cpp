// Looks for crashes that a log does not survive, for as long as it is told to, on all cores; before that, kills programs
// that use logs on real files. usage: long_run [hours=1] [from=<seed>] [kills=1000] [jobs=<cores>], or long_run seed=<n> for
// what a seed decides, once.
#include <tusk/backend/mmap.hpp>
#include <tusk/backend/posix.hpp>
#include <tusk/backend/uring.hpp>

#include <crash/any_seed.hpp>
#include <crash/kill_loop.hpp>

#include <chrono>
#include <cstring>
#include <iostream>
#include <map>

namespace {

using seconds_type = std::chrono::duration<double>;
using clock_type = std::chrono::steady_clock;

constexpr unsigned exhaustive = 16;
constexpr unsigned samples = 6;
constexpr unsigned nested_in = 50;
constexpr unsigned longest_look = 1800; // in seconds: a seed that takes longer hangs

// What a worker tells its parent. In memory that they share.
struct worker_facts {
    std::atomic<std::uint64_t> seed{0}; // that it looks at
    std::atomic<std::uint64_t> seeds{0};
    std::atomic<std::uint64_t> lives{0};
    std::atomic<std::uint64_t> checked{0};
    std::atomic<std::uint64_t> distinct{0};
    std::atomic<std::uint64_t> nested{0};
    char found[1 << 16]{};
};

struct facts_of_all {
    static constexpr std::size_t most = 256;

    std::atomic<std::uint64_t> next_seed{1};
    worker_facts each[most];
};

[[noreturn]] void work(facts_of_all& all, worker_facts& own) {
    crash::any_seed any(exhaustive, samples, nested_in);
    for (;;) {
        own.seed = all.next_seed.fetch_add(1);
        ::alarm(longest_look);
        const auto found = any.find(own.seed);
        const tusk::crash_counts& n = any.counts();
        own.lives = n.lives;
        own.checked = n.checked;
        own.distinct = n.distinct;
        own.nested = n.nested;
        ++own.seeds;
        if (found) {
            std::strncpy(own.found, found->c_str(), sizeof own.found - 1);
            ::_exit(1);
        }
    }
}

void print(const facts_of_all& all, std::size_t jobs, double seconds) {
    std::uint64_t seeds = 0;
    tusk::crash_counts sum;
    for (std::size_t i = 0; i < jobs; ++i) {
        const worker_facts& w = all.each[i];
        seeds += w.seeds;
        sum.lives += w.lives;
        sum.checked += w.checked;
        sum.distinct += w.distinct;
        sum.nested += w.nested;
    }
    std::cout << static_cast<std::uint64_t>(seconds) << " s: " << seeds << " seeds, " << sum.lives << " lives, "
              << sum.checked << " images checked, " << static_cast<std::uint64_t>(double(sum.checked) / seconds)
              << " a second; " << sum.distinct << " of them different, " << sum.nested << " of crashed recoveries"
              << std::endl;
}

// On all cores. False if something was found.
bool explore(double hours, std::uint64_t from, std::size_t jobs) {
    void* const memory =
        ::mmap(nullptr, sizeof(facts_of_all), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    kill_loop::require_that(memory != MAP_FAILED, "no memory to share");
    auto& all = *new (memory) facts_of_all;
    all.next_seed = from;
    std::vector<pid_t> workers;
    for (std::size_t i = 0; i < jobs; ++i) {
        workers.push_back(::fork());
        kill_loop::require_that(workers.back() >= 0, "no process");
        if (workers.back() == 0)
            work(all, all.each[i]);
    }
    const auto began = clock_type::now();
    const auto passed = [&] { return seconds_type(clock_type::now() - began).count(); };
    bool sound = true;
    for (double next = 60; sound && passed() < hours * 3600;) {
        ::usleep(100'000);
        if (passed() >= next) {
            print(all, jobs, passed());
            next += 60;
        }
        for (std::size_t i = 0; i < jobs; ++i) {
            int status = 0;
            if (::waitpid(workers[i], &status, WNOHANG) != workers[i])
                continue;
            workers[i] = 0;
            sound = false;
            std::cout << "NOT SURVIVED: make crash SEED=" << all.each[i].seed << '\n';
            if (WIFSIGNALED(status))
                std::cout << "the search dies of signal " << WTERMSIG(status) << '\n';
            std::cout << all.each[i].found << std::endl;
        }
    }
    for (const pid_t worker : workers)
        if (worker > 0) {
            ::kill(worker, SIGKILL);
            ::waitpid(worker, nullptr, 0);
        }
    print(all, jobs, passed());
    return sound;
}

// A third of the rounds under each policy. False if something was found.
template<class Backend>
bool kill_often(const char* name, std::size_t rounds) {
    const unsigned seed = std::random_device{}();
    std::size_t done = 0;
    std::size_t calls = 0;
    const auto under = [&]<class Policy>(Policy, std::size_t goal) {
        kill_loop::killed_log<Backend, Policy> killed(seed);
        std::string note;
        if (!killed.is_possible(note)) {
            std::cout << name << ": SKIPPED: " << note << std::endl;
            return;
        }
        if (!note.empty())
            std::cout << name << ": " << note << std::endl;
        for (; done < goal; ++done)
            killed.live_and_die();
        killed.look();
        calls += killed.calls();
    };
    try {
        under(tusk::fsync_always{}, rounds / 3);
        under(tusk::fsync_interval{}, rounds * 2 / 3);
        under(tusk::fsync_never{}, rounds);
    } catch (const std::exception& e) {
        std::cout << name << ", round " << done << ": " << e.what() << std::endl;
        return false;
    }
    std::cout << name << ": " << done << " kills in the middle of " << calls << " calls, nothing lost" << std::endl;
    return true;
}

} // namespace

int main(int argc, char** argv) {
    std::map<std::string, double> given{{"hours", 1},
                                        {"from", std::random_device{}()},
                                        {"kills", 1000},
                                        {"jobs", std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN))},
                                        {"seed", 0}};
    for (int i = 1; i < argc; ++i) {
        const std::string text = argv[i];
        const std::size_t split = text.find('=');
        if (split == std::string::npos || !given.contains(text.substr(0, split))) {
            std::cerr << "usage: long_run [hours=1] [from=<seed>] [kills=1000] [jobs=<cores>], or long_run seed=<n>\n";
            return 2;
        }
        given[text.substr(0, split)] = std::atof(text.c_str() + split + 1);
    }
    if (given["seed"] != 0) {
        crash::any_seed any(exhaustive, samples, nested_in);
        const auto found = any.find(static_cast<std::uint64_t>(given["seed"]));
        std::cout << found.value_or("survived") << '\n' << any.counts() << std::endl;
        return found ? 1 : 0;
    }
    const auto kills = static_cast<std::size_t>(given["kills"]);
    const bool outlives = kills == 0 || (kill_often<tusk::posix_backend>("posix_backend", kills) &&
                                         kill_often<tusk::mmap_backend>("mmap_backend", kills) &&
                                         kill_often<tusk::uring_backend>("uring_backend", kills));
    if (outlives)
        std::cout << "from seed " << static_cast<std::uint64_t>(given["from"]) << std::endl;
    const auto jobs = std::min(facts_of_all::most, static_cast<std::size_t>(given["jobs"]));
    return outlives && explore(given["hours"], static_cast<std::uint64_t>(given["from"]), jobs) ? 0 : 1;
}
