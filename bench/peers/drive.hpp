#pragma once

#include "../race.hpp"
#include "../scratch.hpp"
#include "task.hpp"

#include <fmt/format.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <span>
#include <sstream>

#include <malloc.h>
#include <unistd.h>

namespace bench {

/// A driver that cannot do what it is asked for says so, and the table shows it.
struct cannot : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Records that are read are believed only if somebody looked at them.
inline std::atomic<unsigned> looked_at{0};
inline void look_at(tusk::byte_view record, unsigned& sum) noexcept {
    if (!record.empty())
        sum += static_cast<unsigned>(record.front()) + static_cast<unsigned>(record.back());
}

/// What the system says of this process's memory, in KiB: RssAnon is what is neither a file's nor the program's, VmHWM the
/// most that it ever had.
inline std::uint64_t memory(std::string_view which) {
    std::ifstream in("/proc/self/status");
    std::string line;
    while (std::getline(in, line))
        if (line.starts_with(which))
            return std::stoull(line.substr(which.size() + 1));
    return 0;
}
inline std::uint64_t memory_in_use() { return memory("RssAnon"); }

/// Nothing of what went before is left to be written, or to be used again in place of fresh memory.
inline void clear_away(const std::string& directory) {
    settle(directory);
    ::malloc_trim(0);
}

inline void print_figures(const outcome& done, const tally& found, const tally& expected, std::uint64_t in_use,
                          clock::duration first_read) {
    fmt::print("{{\"ops\":{},\"bytes\":{},\"seconds\":{:.9f},\"p50\":{:.3f},\"p99\":{:.3f},\"p999\":{:.3f},"
               "\"read_ops\":{},\"read_bytes\":{},\"same\":{},\"memory_kib\":{},\"peak_kib\":{},\"others\":{:.1f},"
               "\"first_read\":{:.3f}}}\n",
               done.appended.records, done.appended.bytes, done.seconds, done.times.quantile(0.5),
               done.times.quantile(0.99), done.times.quantile(0.999), found.records, found.bytes, found == expected,
               in_use, memory("VmHWM"), done.used_by_others,
               std::chrono::duration<double, std::micro>(first_read).count());
}

/// Runs one task on a store, which is made from a task and opens, or makes, `logs` logs in its directory:
///   append(log, thread, records, first, n)   appends n records, the payloads from `first` on, as one call
///   read_all(visit)                          every record of every log
///   get(i, visit), scan(first, n, visit)     of the first log, counted from 0
///   view(i, visit)                           likewise, without a copy
///   replace(records, first, n)               n records in place of the last n of the first log, all at once
///   drop(keep)                               removes all segments but those that hold the last `keep` records
///   flush()                                  hands to the operating system what it has not got yet
/// What it has not, it cannot. Its destructor closes it. One that `checks_all` reads and checks everything when it is made
/// for the work `check`.
template<class Store>
class drive {
public:
    explicit drive(const task& t) : task_(t), records_(t.least, t.most, t.batch) {}

    void run() {
        const std::string& work = task_.work;
        if (work == "append")
            return append();
        if (work == "replace")
            return replace();
        fill();
        if (work == "fill") {
            std::puts("{}");
            std::fflush(stdout);
            ::_exit(0); // as a kill does it: nothing is closed
        }
        if (work == "check")
            if constexpr (!requires { Store::checks_all; })
                throw cannot("does not read all when it is opened");
        if (work == "open" || work == "check")
            return open();
        if (work == "drop")
            return drop();
        store_.reset();
        clear_away(task_.directory);
        memory_ = memory_in_use();
        store_ = std::make_unique<Store>(task_);
        const tally found = read_back();
        unsigned sum = 0;
        outcome done;
        if (work == "read")
            done = read(sum);
        else if (work == "get")
            done = get(sum);
        else if (work == "view")
            done = view(sum);
        else if (work == "scan")
            done = scan(sum);
        else
            throw cannot("unknown work: " + work);
        looked_at += sum;
        report(done, found);
    }

private:
    using store_pointer = std::unique_ptr<Store>;

    [[nodiscard]] std::uint64_t average() const noexcept { return (task_.least + task_.most) / 2; }
    [[nodiscard]] std::chrono::nanoseconds time() const noexcept {
        return std::chrono::nanoseconds(static_cast<std::int64_t>(task_.seconds * 1e9));
    }

    /// A thread keeps to one log, unless there are more logs than threads.
    [[nodiscard]] unsigned log_of(std::uint64_t first, unsigned thread) const noexcept {
        const std::uint64_t round = task_.logs > task_.threads ? first / task_.batch : 0;
        return static_cast<unsigned>((thread + round * task_.threads) % task_.logs);
    }

    void append() {
        memory_ = memory_in_use();
        store_ = std::make_unique<Store>(task_);
        for (unsigned i = 0; i < task_.logs; ++i) { // makes what is made for the first one only
            store_->append(i, i % task_.threads, records_, 0, 1);
            expected_ += records_.of(0, 1);
        }
        store_->flush();
        const std::uint64_t most_each = task_.bytes / (average() + 64) / task_.threads;
        const outcome done = race(records_,
                                  {.threads = task_.threads,
                                   .group = task_.batch,
                                   .time = time(),
                                   .most_each = std::max<std::uint64_t>(most_each, task_.batch),
                                   .timed = task_.synced() || average() * task_.batch > 65536 ? 1U : 16U},
                                  [&](std::uint64_t first, unsigned thread) {
                                      store_->append(log_of(first, thread), thread, records_, first, task_.batch);
                                      return true;
                                  });
        const auto before = clock::now();
        store_->flush();
        outcome all = done;
        all.seconds += std::chrono::duration<double>(clock::now() - before).count();
        expected_ += done.appended;
        used_ = memory_in_use();
        store_.reset();
        store_ = std::make_unique<Store>(task_);
        report(all, read_back());
    }

    void replace() {
        if constexpr (requires { store_->replace(records_, 0, 1U); }) {
            memory_ = memory_in_use();
            store_ = std::make_unique<Store>(task_);
            store_->append(0, 0, records_, 0, task_.batch);
            const outcome done =
                race(records_, {.group = task_.batch, .time = time(), .most_each = task_.bytes / average()},
                     [&](std::uint64_t first) {
                         store_->replace(records_, first, task_.batch);
                         return true;
                     });
            used_ = memory_in_use();
            expected_ = records_.of(done.appended.records - task_.batch, task_.batch);
            store_.reset();
            store_ = std::make_unique<Store>(task_);
            report(done, read_back());
        } else
            throw cannot("does not cut and append at once");
    }

    void fill() {
        expected_ = records_.of(0, task_.count);
        if (task_.filled)
            return;
        task quick = task_;
        quick.sync = "none";
        store_ = std::make_unique<Store>(quick);
        const auto most = static_cast<std::uint64_t>(std::min<std::size_t>(task_.batch, 100));
        for (std::uint64_t i = 0; i < task_.count; i += most)
            store_->append(0, 0, records_, i, static_cast<unsigned>(std::min(most, task_.count - i)));
        store_->flush();
    }

    void open() {
        store_.reset();
        clear_away(task_.directory);
        memory_ = memory_in_use();
        const machine_use use;
        outcome done;
        const auto start = clock::now();
        store_ = std::make_unique<Store>(task_);
        done.times.add(clock::now() - start);
        done.seconds = std::chrono::duration<double>(clock::now() - start).count();
        done.appended = expected_;
        done.used_by_others = use.by_others();
        used_ = memory_in_use();
        if constexpr (requires(void (*visit)(tusk::byte_view)) { store_->get(0, visit); }) {
            const auto opened = clock::now(); // what is loaded for the first look-up is part of this
            unsigned sum = 0;
            store_->get(task_.count / 2, [&](tusk::byte_view record) { look_at(record, sum); });
            first_read_ = clock::now() - opened;
            looked_at += sum;
        }
        report(done, read_back());
    }

    void drop() {
        if constexpr (requires { store_->drop(1); }) {
            store_.reset();
            clear_away(task_.directory);
            memory_ = memory_in_use();
            store_ = std::make_unique<Store>(task_);
            const std::uint64_t keep = 1;
            outcome done;
            const auto start = clock::now();
            store_->drop(keep);
            done.times.add(clock::now() - start);
            done.seconds = std::chrono::duration<double>(clock::now() - start).count();
            used_ = memory_in_use();
            done.appended = records_.of(0, task_.count - keep);
            const tally found = read_back();
            if (found.records < keep || found.records >= task_.count)
                throw std::runtime_error("nothing was removed, or too much");
            expected_ = records_.of(task_.count - found.records, found.records); // some remove whole segments only
            report(done, found);
        } else
            throw cannot("removes no segments");
    }

    template<class Call>
    outcome repeat(unsigned timed, std::uint64_t group, Call call) {
        return race(records_,
                    {.threads = task_.threads, .group = static_cast<unsigned>(group), .time = time(), .timed = timed},
                    call);
    }

    outcome read(unsigned& sum) {
        std::atomic<unsigned> all{0};
        const outcome done = repeat(1, task_.count, [&](std::uint64_t, unsigned) {
            unsigned mine = 0;
            store_->read_all([&](tusk::byte_view record) { look_at(record, mine); });
            all += mine;
            return true;
        });
        sum = all;
        return done;
    }

    outcome get(unsigned& sum) {
        if constexpr (requires(void (*visit)(tusk::byte_view)) { store_->get(0, visit); })
            return at_random(sum, [&](std::uint64_t i, auto visit) { store_->get(i, visit); });
        else
            throw cannot("reads nothing by its number");
    }
    outcome view(unsigned& sum) {
        if constexpr (requires(void (*visit)(tusk::byte_view)) { store_->view(0, visit); })
            return at_random(sum, [&](std::uint64_t i, auto visit) { store_->view(i, visit); });
        else
            throw cannot("copies what it reads");
    }
    template<class Read>
    outcome at_random(unsigned& sum, Read one) {
        struct alignas(64) padded {
            unsigned sum = 0;
        };
        std::vector<padded> sums(task_.threads);
        const outcome done = repeat(16, 1, [&](std::uint64_t i, unsigned thread) {
            one(scattered(i + thread * 7919U) % task_.count,
                [&](tusk::byte_view record) { look_at(record, sums[thread].sum); });
            return true;
        });
        for (const padded& each : sums)
            sum += each.sum;
        return done;
    }

    outcome scan(unsigned& sum) {
        if constexpr (requires(void (*visit)(tusk::byte_view)) { store_->scan(0, 1, visit); }) {
            std::atomic<unsigned> all{0};
            const outcome done = repeat(1, task_.span, [&](std::uint64_t i, unsigned) {
                unsigned mine = 0;
                store_->scan(scattered(i) % (task_.count - task_.span), task_.span,
                             [&](tusk::byte_view record) { look_at(record, mine); });
                all += mine;
                return true;
            });
            sum = all;
            return done;
        } else
            throw cannot("reads nothing from a number on");
    }

    /// Numbers without order, the same in each run.
    static std::uint64_t scattered(std::uint64_t i) noexcept {
        i = (i + 0x9e3779b97f4a7c15) * 0xbf58476d1ce4e5b9;
        i = (i ^ (i >> 27)) * 0x94d049bb133111eb;
        return i ^ (i >> 31);
    }

    tally read_back() {
        tally found;
        store_->read_all([&](tusk::byte_view record) { found.add(record); });
        return found;
    }

    void report(const outcome& done, const tally& found) {
        const std::uint64_t now = used_ != 0 ? used_ : memory_in_use();
        print_figures(done, found, expected_, now > memory_ ? now - memory_ : 0, first_read_);
    }

    task task_;
    payloads records_;
    store_pointer store_;
    tally expected_;
    std::uint64_t memory_ = 0;
    std::uint64_t used_ = 0;
    clock::duration first_read_{}; ///< of an entry in the middle, after an open
};

/// A program that does what its arguments say, by `run(task)`.
template<class Run>
int drive_main(int argc, char** argv, Run run) {
    try {
        run(task_of(argc, argv));
    } catch (const cannot& reason) {
        fmt::print("{{\"cannot\":\"{}\"}}\n", reason.what());
    } catch (const std::exception& failure) {
        fmt::print(stderr, "{}\n", failure.what());
        return 1;
    }
    return 0;
}

} // namespace bench
