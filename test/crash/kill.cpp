#include <tusk/wal.hpp>

#include <tusk/fsync/interval.hpp>
#include <tusk/fsync/never.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <random>
#include <string>
#include <tuple>

#include <csignal>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

template<class Policy>
using log_on = tusk::basic_wal<tusk::binary_format, Policy, tusk::posix_backend, tusk::no_compression>;

using policies = std::tuple<tusk::fsync_always, tusk::fsync_interval, tusk::fsync_never>;

// A directory of its own under TMPDIR, gone at the end.
class scratch_directory {
public:
    scratch_directory() {
        const char* const base = std::getenv("TMPDIR");
        path_ = std::string(base != nullptr ? base : "/tmp") + "/tusk_kill_XXXXXX";
        BOOST_REQUIRE(::mkdtemp(path_.data()) != nullptr);
    }
    scratch_directory(const scratch_directory&) = delete;
    ~scratch_directory() {
        (void)tusk::wal::destroy(log());
        ::rmdir(log().c_str());
        ::rmdir(path_.c_str());
    }
    [[nodiscard]] std::string log() const { return path_ + "/log"; }

private:
    std::string path_;
};

// What the child has been told by the log, seen by the parent after the child's death.
struct shared_facts {
    std::atomic<std::uint64_t> acknowledged{0};
    std::atomic<std::uint64_t> started{0};
};

// The data of an entry says which index it has, so that a wrong one is noticed; its size varies.
std::string data_of(tusk::index_t index) {
    return std::to_string(index) + std::string(static_cast<std::size_t>(index * 7919 % 700), 'x');
}

tusk::options small_segments(tusk::background where) {
    tusk::options o;
    o.segment_size = 64 * tusk::kibibyte;
    o.background = std::move(where);
    return o;
}

// Appends from several threads until it is killed: one entry or a batch at a time, and now and then a sync.
template<class Policy>
[[noreturn]] void append_until_killed(const std::string& path, shared_facts& facts) {
    auto log = log_on<Policy>::open(path, small_segments(tusk::background::own(2)));
    if (!log)
        ::_exit(2);
    for (;;) {
        const tusk::index_t next = log.value().next_index().value();
        std::vector<std::string> texts;
        for (tusk::index_t i = next; i < next + 1 + next % 3; ++i)
            texts.push_back(data_of(i));
        const std::vector<tusk::record_view> records(texts.begin(), texts.end());
        facts.started.store(next + records.size() - 1);
        const auto at = log.value().append_batch(records);
        if (!at || at.value().first != next)
            ::_exit(3);
        facts.acknowledged.store(at.value().last);
    }
}

} // namespace

BOOST_AUTO_TEST_SUITE(crash_kill)

// Whatever was handed to the system before the kill is there, under every policy.
BOOST_AUTO_TEST_CASE_TEMPLATE(two_hundred_kills_lose_nothing, Policy, policies) {
    const scratch_directory directory;
    void* const memory =
        ::mmap(nullptr, sizeof(shared_facts), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    BOOST_REQUIRE(memory != MAP_FAILED);
    auto& facts = *new (memory) shared_facts;
    std::minstd_rand random(1);
    tusk::index_t checked = 0;
    for (int round = 0; round < 200; ++round) {
        const pid_t child = ::fork();
        BOOST_REQUIRE(child >= 0);
        if (child == 0)
            append_until_killed<Policy>(directory.log(), facts);
        const std::uint64_t goal = facts.acknowledged.load() + random() % 40; // 0: perhaps while it still opens
        while (facts.acknowledged.load() < goal && ::waitpid(child, nullptr, WNOHANG) == 0)
            ::usleep(50);
        ::usleep(static_cast<useconds_t>(random() % 300));
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        BOOST_REQUIRE_MESSAGE(!WIFEXITED(status), "the child ended by itself, with " << WEXITSTATUS(status));

        tusk::recovery_report report;
        auto log = log_on<Policy>::open(directory.log(), small_segments(tusk::background::inline_()), &report);
        BOOST_REQUIRE_MESSAGE(log, "round " << round << ": " << report.message);
        const tusk::index_t last = log.value().last_index().value();
        BOOST_REQUIRE_GE(last, facts.acknowledged.load());
        BOOST_REQUIRE_LE(last, std::max(facts.started.load(), facts.acknowledged.load()));
        for (tusk::index_t i = checked + 1; i <= last; ++i)
            BOOST_REQUIRE_EQUAL(log.value().get(i).value().text(), data_of(i));
        BOOST_REQUIRE(log.value().verify().value().sound());
        checked = last;
        facts.acknowledged.store(last);
        if (last > 2000) // keeps the files, and so the checks, small
            BOOST_REQUIRE(log.value().drop_before(last - 100));
        BOOST_REQUIRE(log.value().close());
    }
    BOOST_TEST(checked > 200U);
    ::munmap(memory, sizeof(shared_facts));
}

BOOST_AUTO_TEST_SUITE_END()
