#pragma once

#include <tusk/compression/none.hpp>
#include <tusk/format/binary.hpp>
#include <tusk/fsync/always.hpp>
#include <tusk/fsync/interval.hpp>
#include <tusk/fsync/never.hpp>
#include <tusk/log/basic_wal.hpp>

#include <atomic>
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <csignal>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/// Programs that use a log on real files and are killed.
namespace kill_loop {

// Something is not as it must be.
template<class... Parts>
void require_that(bool right, const Parts&... parts) {
    if (right)
        return;
    std::ostringstream what;
    (what << ... << parts);
    throw std::runtime_error(what.str());
}

// A directory of its own under TMPDIR, gone at the end, when the log in it is destroyed.
class scratch_directory {
public:
    scratch_directory() {
        const char* const base = std::getenv("TMPDIR");
        path_ = std::string(base != nullptr ? base : "/tmp") + "/tusk_kill_XXXXXX";
        require_that(::mkdtemp(path_.data()) != nullptr, "no directory ", path_);
    }
    scratch_directory(const scratch_directory&) = delete;
    ~scratch_directory() {
        ::rmdir(log().c_str());
        ::rmdir(path_.c_str());
    }
    [[nodiscard]] std::string log() const { return path_ + "/log"; }

private:
    std::string path_;
};

// Appended entries have identities, which are never used twice. Their data says which, and varies in size.
using identity = std::uint64_t;

inline std::string data_of(identity id) {
    return std::to_string(id) + ' ' + std::string(static_cast<std::size_t>(id * 7919 % 700), 'x');
}

// One call of the child: written down before it is made, and when it has returned.
struct call {
    enum class kind : std::uint8_t { append, cut, drop };

    kind what = kind::append;
    identity first = 0;      ///< append: of its first entry
    std::uint64_t count = 0; ///< append: entries
    tusk::index_t index =
        0; ///< append: of its first entry, once it has returned; cut: the last that stays; drop: the first
    std::atomic<std::uint64_t> begin{0}; ///< when it was made; 0 until all that is known before stands here
    std::atomic<std::uint64_t> end{0};   ///< when it returned; 0 if it never did, or was refused
};

// What the child is told by the log, seen by the parent after the child's death.
struct shared_facts {
    static constexpr std::size_t most = 1 << 14;

    std::atomic<std::uint64_t> clock{0};
    std::atomic<identity> identities{0};
    std::atomic<std::size_t> calls{0};
    call all[most];

    void forget() {
        for (std::size_t i = 0; i < made(); ++i)
            all[i].begin = 0;
        calls = 0;
        clock = 0;
    }
    // Null when there is no room for more.
    call* begin(call::kind what, identity first, std::uint64_t count, tusk::index_t index) {
        const std::size_t at = calls.fetch_add(1);
        if (at >= most)
            return nullptr;
        call& c = all[at];
        c.what = what;
        c.first = first;
        c.count = count;
        c.index = index;
        c.end = 0;
        c.begin = ++clock;
        return &c;
    }
    void end(call& c) { c.end = ++clock; }
    [[nodiscard]] std::size_t made() const { return std::min(calls.load(), most); }
};

class shared_memory {
public:
    shared_memory() : memory_(::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) {
        require_that(memory_ != MAP_FAILED, "no memory to share");
        facts_ = new (memory_) shared_facts;
    }
    shared_memory(const shared_memory&) = delete;
    ~shared_memory() { ::munmap(memory_, size); }
    [[nodiscard]] shared_facts& facts() const { return *facts_; }

private:
    static constexpr std::size_t size = sizeof(shared_facts);
    void* memory_;
    shared_facts* facts_;
};

inline tusk::options small_segments(tusk::background where) {
    tusk::options o;
    o.segment_size = 16 * tusk::kibibyte;
    o.background = std::move(where);
    o.witness_interval = std::chrono::milliseconds(1);
    return o;
}

// In the child: what must not be is told by how it ends.
inline void require(bool right, int status) {
    if (!right)
        ::_exit(status);
}

template<class Log>
void append_for_ever(Log& log, shared_facts& facts, unsigned thread) {
    for (unsigned i = thread;; ++i) {
        const std::uint64_t count = 1 + i % 3;
        const identity first = facts.identities.fetch_add(count);
        std::vector<std::string> texts;
        for (identity id = first; id < first + count; ++id)
            texts.push_back(data_of(id));
        const std::vector<tusk::record_view> records(texts.begin(), texts.end());
        call* const c = facts.begin(call::kind::append, first, count, 0);
        if (c == nullptr)
            return;
        if (i % 5 == 0) {
            const auto t = log.submit(records);
            require(static_cast<bool>(t), 3);
            const auto waited = log.wait_durable(t.value());
            require(waited || waited.error() == tusk::errc::truncated, 3);
            c->index = t.value().entries.first;
        } else {
            const bool sure = i % 7 == 0;
            const auto at =
                log.append_batch(records, {.wait = sure ? tusk::durability::durable : tusk::durability::policy});
            require(static_cast<bool>(at), 4);
            c->index = at.value().first;
        }
        facts.end(*c);
    }
}

template<class Log>
void cut_and_drop_for_ever(Log& log, shared_facts& facts) {
    for (unsigned i = 0;; ++i) {
        const tusk::index_t first = log.first_index().value();
        const tusk::index_t last = log.last_index().value();
        if (last < first + 20)
            continue;
        const bool drops = i % 3 == 0;
        const tusk::index_t at = drops ? std::max(first, last - std::min<tusk::index_t>(last, 150)) : last - i % 5;
        call* const c = facts.begin(drops ? call::kind::drop : call::kind::cut, 0, 0, at);
        if (c == nullptr)
            return;
        const auto done = drops ? log.drop_before(at) : log.truncate(at);
        require(done || done.error() == tusk::errc::beyond_end, 5);
        if (done)
            facts.end(*c);
    }
}

// In the child: several threads use the log until it is killed.
template<class Log>
[[noreturn]] void live_until_killed(const std::string& path, shared_facts& facts) {
    auto opened = Log::open(path, small_segments(tusk::background::own(2)));
    require(static_cast<bool>(opened), 2);
    auto& log = opened.value();
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 3; ++t)
        threads.emplace_back([&, t] { append_for_ever(log, facts, t); });
    threads.emplace_back([&] { cut_and_drop_for_ever(log, facts); });
    threads.emplace_back([&] {
        for (unsigned i = 0;; ++i)
            require(i % 4 == 0 ? static_cast<bool>(log.roll()) : static_cast<bool>(log.sync()), 6);
    });
    for (;;)
        ::pause();
}

// What the log holds, entry by entry.
struct held_entries {
    tusk::index_t first = 1;
    std::vector<identity> entries;

    [[nodiscard]] bool holds(tusk::index_t index, identity id) const {
        return index >= first && index - first < entries.size() && entries[index - first] == id;
    }
    [[nodiscard]] tusk::index_t next() const { return first + entries.size(); }
};

template<class Log>
held_entries read_all(Log& log) {
    held_entries there;
    there.first = std::max<tusk::index_t>(log.first_index().value(), 1);
    const tusk::entries all = log.get_range(0, UINT64_MAX).value();
    for (const tusk::entry& e : all) {
        require_that(e.index() == there.next(), "entry ", e.index(), " where ", there.next(), " belongs");
        const identity id = std::stoull(std::string(e.text()));
        require_that(e.text() == data_of(id), "entry ", e.index(), " holds what nobody appended");
        there.entries.push_back(id);
    }
    return there;
}

// Holds what was found after a kill against what was there before and what the child was told.
class judge {
public:
    judge(const held_entries& before, const shared_facts& facts) : before_(before), facts_(facts) {}

    void check(const held_entries& after) const {
        std::map<identity, const call*> appends;
        tusk::index_t dropped = before_.first;
        tusk::index_t perhaps_dropped = before_.first;
        for (std::size_t i = 0; i < facts_.made(); ++i) {
            const call& c = facts_.all[i];
            if (c.begin == 0)
                continue;
            for (identity id = c.first; c.what == call::kind::append && id < c.first + c.count; ++id)
                appends[id] = &c;
            if (c.what == call::kind::drop) {
                perhaps_dropped = std::max(perhaps_dropped, c.index);
                if (c.end != 0)
                    dropped = std::max(dropped, c.index);
            }
        }
        require_that(after.first >= dropped && after.first <= perhaps_dropped, "first index ", after.first,
                     ", dropped below ", dropped, ", perhaps below ", perhaps_dropped);
        for (std::size_t i = 0; i < before_.entries.size(); ++i) // nothing that was there is lost,
            require_there(after, before_.first + i, before_.entries[i], 0, 0);
        for (const auto& [id, c] : appends) // nor what was acknowledged;
            if (c->end != 0)
                require_there(after, c->index + (id - c->first), id, c->begin, c->end);
        std::map<identity, int> seen;
        for (std::size_t i = 0; i < after.entries.size(); ++i) { // nothing is invented, doubled, or torn from its batch
            const identity id = after.entries[i];
            require_that(++seen[id] == 1, "entry ", id, " is there twice");
            if (before_.holds(after.first + i, id))
                continue;
            const auto at = appends.find(id);
            require_that(at != appends.end(), "nobody appended ", id);
            const call& c = *at->second;
            if (c.end != 0)
                require_that(c.index + (id - c.first) == after.first + i, "entry ", id,
                             " is not where it was appended");
            if (id > c.first && i > 0)
                require_that(after.entries[i - 1] == id - 1, "entry ", id, " is torn from its batch");
            const bool ends_its_batch = id + 1 == c.first + c.count;
            require_that(ends_its_batch || i + 1 < after.entries.size() || may_end_at(after.first + i), "entry ", id,
                         " is the last, and the rest of its batch is gone");
        }
    }

private:
    // A cut may have left `index` as the last.
    [[nodiscard]] bool may_end_at(tusk::index_t index) const {
        for (std::size_t i = 0; i < facts_.made(); ++i)
            if (const call& c = facts_.all[i]; c.begin != 0 && c.what == call::kind::cut && c.index == index)
                return true;
        return false;
    }
    // It is there, unless a cut that did not end before it was appended may have taken it away; and it is gone if one has
    // that began afterwards.
    void require_there(const held_entries& after, tusk::index_t index, identity id, std::uint64_t begin,
                       std::uint64_t end) const {
        if (index < after.first)
            return;
        bool may = false;
        bool must = false;
        for (std::size_t i = 0; i < facts_.made(); ++i) {
            const call& c = facts_.all[i];
            if (c.begin == 0 || c.what != call::kind::cut || c.index >= index)
                continue;
            may = may || c.end == 0 || c.end > begin;
            must = must || (c.end != 0 && c.begin > end);
        }
        const bool there = after.holds(index, id);
        require_that(there || may, "entry ", id, " was acknowledged as ", index, " and is gone");
        require_that(!there || !must, "entry ", id, " was cut at ", index, " and is back");
    }

    const held_entries& before_;
    const shared_facts& facts_;
};

inline bool has_ended(pid_t child) {
    siginfo_t info{};
    return ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == child;
}

/// One log that is killed again and again, among threads that append, cut, drop, roll and sync.
template<class Backend, class FsyncPolicy>
class killed_log {
public:
    using log_type = tusk::basic_wal<tusk::binary_format, FsyncPolicy, Backend, tusk::no_compression>;

    explicit killed_log(unsigned seed) : random_(seed) {}
    killed_log(const killed_log&) = delete;
    ~killed_log() { (void)log_type::destroy(directory_.log()); }

    /// Whether this machine can do it at all; if not, or not as it should, `note` says why.
    [[nodiscard]] bool is_possible(std::string& note) const {
        tusk::recovery_report report;
        auto opened = log_type::open(directory_.log(), small_segments(tusk::background::inline_()), &report);
        note = report.message;
        for (const std::string& n : report.notes)
            note += n;
        return static_cast<bool>(opened);
    }

    /// A life and its end, and two times in three a look at what it has left; else the next life finds it so, and dies
    /// perhaps while it repairs it. Throws std::runtime_error if something is wrong.
    void live_and_die() {
        live();
        if (random_() % 3 != 0 || memory_.facts().made() > shared_facts::most / 2)
            look();
    }
    /// What the lives since the last look have left is what it has to be. Throws std::runtime_error if it is not.
    void look() {
        shared_facts& facts = memory_.facts();
        tusk::recovery_report report;
        auto opened = log_type::open(directory_.log(), small_segments(tusk::background::inline_()), &report);
        require_that(static_cast<bool>(opened), "does not open: ", report.message);
        const held_entries found = read_all(opened.value());
        judge(found_, facts).check(found);
        require_that(opened.value().verify().value().sound(), "verify() finds damage");
        found_ = found;
        facts.forget();
        calls_before_ = 0;
        require_that(static_cast<bool>(opened.value().close()), "does not close");
    }

    [[nodiscard]] std::size_t rounds() const noexcept { return rounds_; }
    /// That the threads had made before they were killed.
    [[nodiscard]] std::size_t calls() const noexcept { return calls_; }

private:
    void live() {
        shared_facts& facts = memory_.facts();
        const std::uint64_t began = facts.clock.load();
        const pid_t child = ::fork();
        require_that(child >= 0, "no process");
        if (child == 0)
            live_until_killed<log_type>(directory_.log(), facts);
        const std::uint64_t goal = random_() % 5 == 0 ? 0 : random_() % 1000; // 0: perhaps while it still opens
        while (facts.clock.load() < began + goal && !has_ended(child))
            ::usleep(50);
        ::usleep(static_cast<useconds_t>(random_() % 300));
        ::kill(child, SIGKILL);
        int status = 0;
        require_that(::waitpid(child, &status, 0) == child, "the child is not there");
        require_that(!WIFEXITED(status), "the child ended by itself, with ", WEXITSTATUS(status));
        ++rounds_;
        calls_ += facts.made() - std::exchange(calls_before_, facts.made());
    }

    scratch_directory directory_;
    shared_memory memory_;
    std::minstd_rand random_;
    held_entries found_;
    std::size_t rounds_ = 0;
    std::size_t calls_ = 0;
    std::size_t calls_before_ = 0; // of them, since the last look
};

} // namespace kill_loop
