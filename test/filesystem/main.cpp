// What a log does on a real file system: full, and there is room again; killed; and when the power goes.
//
// usage: tusk_filesystem <ext4, xfs, btrfs, tmpfs or limit> [<rounds>]

#include <filesystem/mounted.hpp>

#include <tusk/backend/mmap.hpp>
#include <tusk/backend/posix.hpp>
#include <tusk/backend/uring.hpp>
#include <tusk/compression/none.hpp>
#include <tusk/format/binary.hpp>
#include <tusk/fsync/always.hpp>
#include <tusk/log/basic_wal.hpp>

#include <atomic>
#include <csignal>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <random>

#include <sys/mman.h>
#include <sys/resource.h>

namespace {

using namespace tusk;
using filesystem_test::fail;
using filesystem_test::mounted_disk;
using filesystem_test::require;
namespace fs = std::filesystem;

std::string sample(index_t i) {
    std::string text = "entry " + std::to_string(i) + " ";
    text.resize(std::max<std::size_t>(text.size(), 10 + i * 7919 % 2000), '.');
    return text;
}

/// A log in a folder of a file system that can be made full.
template<class Backend>
class log_on {
public:
    using log_type = basic_wal<binary_format, fsync_always, Backend, no_compression>;

    log_on(fs::path folder, const char* backend) : folder_(std::move(folder)), name_(backend) {}

    [[nodiscard]] result<void> try_open() {
        log_.reset();
        options o;
        o.segment_size = 64 * kibibyte;
        o.background = background::inline_();
        TUSK_TRY(auto opened, log_type::open(Backend(folder_.string()), o, &report));
        log_.emplace(std::move(opened));
        return success();
    }
    void open() {
        const result<void> opened = try_open();
        must(opened, "open: " + report.message);
    }

    /// Appends until it fails, at most so many; gives the error. What was appended stays the last.
    result<void> append(index_t count) {
        for (; count > 0; --count) {
            TUSK_TRY(const index_t at, log_->append(sample(last_ + 1)));
            require(at == last_ + 1, where("an append gets the next index"));
            last_ = at;
        }
        return success();
    }
    void append_all(index_t count) { must(append(count), "append"); }

    /// Everything that was promised is there, and nothing else.
    void check() {
        require(log_->last_index().value() == last_,
                where("the last index is that of the last append: " + std::to_string(log_->last_index().value()) +
                      ", not " + std::to_string(last_)));
        require(log_->first_index().value() == first_, where("the first index is what it was set to"));
        for (index_t i = first_; i <= last_; ++i) {
            const auto e = log_->get(i);
            must(e, "entry " + std::to_string(i));
            require(e.value().text() == sample(i), where("an entry is what was appended"));
        }
    }

    void truncate(index_t by, bool may_fail) {
        const result<void> done = log_->truncate(last_ - by);
        if (!may_fail)
            must(done, "truncate");
        if (done)
            last_ -= by;
    }
    result<void> drop(index_t below) {
        TUSK_TRY(log_->drop_before(below));
        first_ = below;
        return success();
    }
    /// What `f` gives is good, or that there is no room.
    template<class T>
    void no_space_at_most(const result<T>& r, const char* what) {
        require(r || r.error() == errc::no_space || r.error() == errc::poisoned || r.error() == errc::indeterminate,
                where(std::string(what) + " fails with " + (r ? "" : r.error().message())));
    }
    template<class T>
    void must(const result<T>& r, const std::string& what) const {
        if (!r)
            fail(where(what + ": " + r.error().message()));
    }
    [[nodiscard]] std::string where(const std::string& what) const { return std::string(name_) + ": " + what; }
    [[nodiscard]] log_type& log() { return *log_; }
    [[nodiscard]] index_t first() const { return first_; }
    [[nodiscard]] index_t last() const { return last_; }
    void set_first(index_t first) { first_ = first; }
    void set_last(index_t last) { last_ = last; }
    void gone() { log_.reset(); }

    recovery_report report;

private:
    fs::path folder_;
    const char* name_;
    std::optional<log_type> log_;
    index_t first_ = 1;
    index_t last_ = 0;
};

/// Where there may be no room.
struct place {
    fs::path folder;
    std::function<void()> fill;
    std::function<void()> make_room;
    bool removing_needs_room = false; ///< copy on write: the page of the backend says so
    bool keeps_a_reserve = false;     ///< which takes the first that becomes free
};

// Every call meets a full disk, gives no_space at most, and loses nothing; where there is room, it goes on.
template<class Backend>
void full(const place& p, const char* name) {
    log_on<Backend> log(p.folder / (std::string("full_") + name), name);
    log.open();
    log.append_all(300); // several segments
    p.fill();
    result<void> appended = log.append(100'000);
    require(!appended, log.where("a disk is full at some time"));
    log.no_space_at_most(appended, "append");
    const bool poisoned = appended.error() != errc::no_space; // a file system may find it out as late as in a sync
    require(p.removing_needs_room || !poisoned, log.where("a full disk fails no sync"));
    if (!poisoned) {
        log.check();
        log.no_space_at_most(log.log().append(std::string(200 * kibibyte, 'x')), "a large append");
        log.no_space_at_most(log.log().roll(), "roll");
        log.check();
        log.truncate(3, /*may_fail=*/true);
        log.check();
        const result<void> dropped = log.drop(log.last() / 2);
        if (!p.removing_needs_room)
            log.must(dropped, "drop_before at 0 bytes free");
        log.no_space_at_most(dropped, "drop_before");
    }
    if (poisoned || p.removing_needs_room) {
        p.make_room();
        log.open();
        if (log.first() == 1)
            log.must(log.drop(log.last() / 2), "drop_before");
    }
    log.check();
    result<void> again = log.append(20); // there is room again, by the drop alone
    if (!again && p.keeps_a_reserve) {
        log.no_space_at_most(again, "append");
        p.make_room();
        again = log.append(20);
    }
    log.must(again, "append behind a drop");
    log.check();

    p.fill();
    (void)log.append(100'000);
    log.no_space_at_most(log.log().close(), "close");
    // Perhaps with something to repair, for which there is no room.
    const result<void> opened = log.try_open();
    log.no_space_at_most(opened, "open");
    if (opened)
        log.check();
    log.gone();
    p.make_room();
    log.open();
    log.check();
    log.append_all(100);
    log.must(log.log().close(), "close");
    log.open();
    log.check();
    require(log.log().verify().value().sound(), log.where("a log is sound"));
    require(log.report.dropped_bytes == 0, log.where("a close leaves nothing to drop"));
    log.must(log.log().close(), "close");
    std::printf("%s: full, and room again: %llu entries\n", name, static_cast<unsigned long long>(log.last()));
}

/// What a child has been told by its log, seen by its parent.
struct shared_facts {
    std::atomic<std::uint64_t> acknowledged{0};
    std::atomic<std::uint64_t> opened{0};
    std::atomic<std::uint64_t> stopped{0}; // it appends no more: there is no room, or it was enough
};

// Rounds of a process that appends until it is killed, or until its file system stops.
template<class Backend>
void killed(const fs::path& folder, const char* name, shared_facts& facts, unsigned rounds, mounted_disk* power) {
    facts.acknowledged = 0;
    std::minstd_rand random(rounds);
    for (unsigned round = 0; round < rounds; ++round) {
        facts.opened = facts.stopped = 0;
        const ::pid_t child = ::fork();
        require(child >= 0, "a process");
        if (child == 0) {
            log_on<Backend> log(folder, name);
            log.set_last(facts.acknowledged);
            if (!log.try_open())
                ::_exit(2);
            facts.opened = 1;
            log.set_last(log.log().last_index().value());
            for (int left = 300; left > 0 && log.append(1); --left)
                facts.acknowledged = log.last();
            facts.stopped = 1;
            for (;;) // the file system has stopped, or there is enough
                ::pause();
        }
        const std::uint64_t goal = facts.acknowledged + random() % 100;
        while (((facts.acknowledged < goal && facts.stopped == 0) || (power != nullptr && facts.opened == 0)) &&
               ::waitpid(child, nullptr, WNOHANG) == 0)
            ::usleep(100);
        ::usleep(static_cast<::useconds_t>(random() % 2000));
        std::uint64_t promised = facts.acknowledged; // later, a sync may meet a file system that is half stopped
        const bool stopped = power != nullptr && power->lose_power();
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        if (power == nullptr)
            promised = facts.acknowledged;
        require(!WIFEXITED(status), std::string(name) + ": the child ended by itself");
        if (power != nullptr) {
            if (!stopped) {
                std::printf("%s: skipped: %s cannot be stopped (%s)\n", name, power->kind().c_str(),
                            std::strerror(errno));
                return;
            }
            power->unmount();
            power->mount();
        }
        log_on<Backend> log(folder, name);
        log.open();
        const index_t last = log.log().last_index().value();
        require(last >= promised && last <= facts.acknowledged + 1,
                log.where("what was acknowledged is there, and no more than one that was not: " + std::to_string(last) +
                          " of " + std::to_string(promised)));
        log.set_last(last);
        log.set_first(log.log().first_index().value());
        log.check();
        log.must(log.drop(last), "drop_before"); // a disk may be small
        require(log.log().verify().value().sound(), log.where("a log is sound"));
        log.must(log.log().close(), "close");
        facts.acknowledged = last;
    }
    std::printf("%s: %u rounds of %s: %llu entries, none lost\n", name, rounds,
                power != nullptr ? "a loss of power" : "kill -9",
                static_cast<unsigned long long>(facts.acknowledged.load()));
}

template<class Backend>
void live_on(mounted_disk& disk, const place& p, const char* name, shared_facts& facts, unsigned rounds) {
    full<Backend>(p, name);
    killed<Backend>(disk.path() / (std::string("killed_") + name), name, facts, rounds, nullptr);
    fs::remove_all(disk.path() / (std::string("full_") + name));
    if (disk.kind() != "tmpfs")
        killed<Backend>(disk.path() / (std::string("power_") + name), name, facts, rounds, &disk);
    fs::remove_all(disk.path() / (std::string("killed_") + name));
}

void refused_where_blocks_are_copied(const fs::path& folder) {
    log_on<mmap_backend> log(folder, "mmap_backend");
    const result<void> opened = log.try_open();
    require(!opened && opened.error() == std::errc::operation_not_supported, "mmap_backend is refused on btrfs");
    require(!log.report.message.empty(), "mmap_backend says why it is refused");
    std::printf("mmap_backend: refused: %s\n", log.report.message.c_str());
}

void on_a_disk(const std::string& kind, unsigned rounds) {
    mounted_disk disk(kind);
    const place p{.folder = disk.path(),
                  .fill = [&] { disk.fill(); },
                  .make_room = [&] { disk.make_room(); },
                  .removing_needs_room = kind == "btrfs",
                  .keeps_a_reserve = kind == "xfs"};
    void* const memory =
        ::mmap(nullptr, sizeof(shared_facts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    require(memory != MAP_FAILED, "memory for two processes");
    auto& facts = *::new (memory) shared_facts;
    live_on<posix_backend>(disk, p, "posix_backend", facts, rounds);
    live_on<uring_backend>(disk, p, "uring_backend", facts, rounds);
    if (kind == "btrfs")
        refused_where_blocks_are_copied(disk.path() / "refused");
    else
        live_on<mmap_backend>(disk, p, "mmap_backend", facts, rounds);
}

// Files that may not grow are as good as a full disk.
void under_a_limit() {
    std::string pattern = (fs::temp_directory_path() / "tusk_limit_XXXXXX").string();
    require(::mkdtemp(pattern.data()) != nullptr, "a temporary folder");
    std::signal(SIGXFSZ, SIG_IGN);
    const auto limit = [](::rlim_t bytes) {
        const ::rlimit now{bytes, RLIM_INFINITY};
        require(::setrlimit(RLIMIT_FSIZE, &now) == 0, "a limit of the size of files");
    };
    const place p{.folder = pattern,
                  .fill = [&] { limit(20 * kibibyte); },
                  .make_room = [&] { limit(RLIM_INFINITY); },
                  .removing_needs_room = true};
    full<posix_backend>(p, "posix_backend");
    full<uring_backend>(p, "uring_backend");
    full<mmap_backend>(p, "mmap_backend");
    fs::remove_all(pattern);
}

} // namespace

int main(int argc, char** argv) {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    const std::string kind = argc > 1 ? argv[1] : "";
    if (kind == "limit")
        under_a_limit();
    else if (kind == "ext4" || kind == "xfs" || kind == "btrfs" || kind == "tmpfs")
        on_a_disk(kind, argc > 2 ? static_cast<unsigned>(std::atoi(argv[2])) : 10);
    else
        fail("which file system?");
    return 0;
}
