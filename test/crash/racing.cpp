#include <tusk/log/syncer.hpp>

#include "contents.hpp"
#include "settings.hpp"
#include "steered_disk.hpp"

#include <log/steered_log.hpp>

#include <map>
#include <mutex>
#include <set>
#include <thread>

#include <boost/test/unit_test.hpp>

namespace crash_racing {

using namespace crash;

template<class Policy>
using steered_on = tusk::basic_wal<tusk::binary_format, Policy, steered_backend, tusk::no_compression>;

// A log that nobody syncs unasked, on a disk whose calls can be held up, before they are made or after.
struct unhurried {
    simulated_disk disk;
    log_test::gate held;
    std::function<bool(tusk::disk_call, const std::string&, bool done)> stops;
    std::optional<steered_on<tusk::fsync_never>> log;

    unhurried() { open(); }
    void open() {
        tusk::recovery_report report;
        auto opened = steered_on<tusk::fsync_never>::open(
            steered_backend(disk,
                            [this](tusk::disk_call call, const std::string& name, bool done) {
                                if (stops && stops(call, name, done))
                                    held.pass();
                            }),
            small_log(), &report);
        BOOST_REQUIRE_MESSAGE(opened, why(opened) << ": " << report.message);
        log.emplace(std::move(opened).value());
    }
    // From now on syncs of the first segment wait, before they are made or when they are done. Set while nobody calls.
    void hold_up_syncs(bool done) {
        held.close();
        stops = [done](tusk::disk_call call, const std::string& name, bool now) {
            return call == tusk::disk_call::sync && name == "0000000001.wal" && now == done;
        };
    }
    void go_on(std::jthread& caller) {
        held.open();
        caller.join();
    }
    // Returns when the segment before is synced.
    void roll() { log->roll().value(); }
    void await_segments(std::uint64_t count) {
        while (log->segment_count().value() < count)
            std::this_thread::yield();
    }
    void lose_power_and_open() {
        disk.power_cycle(disk_loss::drop_unsynced());
        open();
    }
    [[nodiscard]] contents all() { return read_all(*log).value(); }
};

contents of(std::initializer_list<const char*> texts) {
    contents c;
    for (const char* t : texts)
        c.items.push_back({0, t});
    return c;
}

// What threads were told by a log, to be held against what is found after a crash. Each entry says who appended it and as
// which of its own.
class witnesses {
public:
    explicit witnesses(std::size_t threads) : asked_(threads) {}

    /// The text of the next entry of a thread, which is about to be appended.
    [[nodiscard]] std::string ask(std::size_t thread) {
        const std::scoped_lock lock(mutex_);
        return std::to_string(thread) + ":" + std::to_string(++asked_[thread]) +
               std::string(asked_[thread] * 131 % 300, '.');
    }
    void told(tusk::index_t index, const std::string& text, bool durable) {
        const std::scoped_lock lock(mutex_);
        given_[index] = text;
        if (durable)
            promised_ = std::max(promised_, index);
    }
    /// The highest index that anybody was told of.
    [[nodiscard]] tusk::index_t last() const {
        const std::scoped_lock lock(mutex_);
        return given_.empty() ? 0 : given_.rbegin()->first;
    }
    void promise(tusk::index_t index) {
        const std::scoped_lock lock(mutex_);
        promised_ = std::max(promised_, index);
    }
    void drop(tusk::index_t first, bool sure) {
        const std::scoped_lock lock(mutex_);
        (sure ? dropped_ : perhaps_dropped_) = first;
    }

    /// A new life, which begins with what was found.
    void start_over(const contents& found) {
        given_.erase(given_.lower_bound(found.next()), given_.end());
        promised_ = found.next() - 1;
        dropped_ = perhaps_dropped_ = found.first;
    }

    void check(const contents& found) const {
        BOOST_REQUIRE_GE(found.next(), promised_ + 1);
        BOOST_REQUIRE_GE(found.first, dropped_);
        BOOST_REQUIRE_LE(found.first, std::max({dropped_, perhaps_dropped_, tusk::index_t{1}}));
        std::vector<std::size_t> seen(asked_.size());
        for (tusk::index_t i = found.first; i < found.next(); ++i) {
            const std::string& text = found.items[static_cast<std::size_t>(i - found.first)].text;
            if (const auto given = given_.find(i); given != given_.end())
                BOOST_REQUIRE_EQUAL(text, given->second);
            const std::size_t thread = std::stoul(text);
            const std::size_t number = std::stoul(text.substr(text.find(':') + 1));
            BOOST_REQUIRE_LE(number, asked_.at(thread)); // nothing is invented,
            BOOST_REQUIRE_GT(number, seen.at(thread));   // nothing comes twice, and all in their order
            seen[thread] = number;
        }
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::size_t> asked_; // by each thread
    std::map<tusk::index_t, std::string> given_;
    tusk::index_t promised_ = 0;
    tusk::index_t dropped_ = 0;
    tusk::index_t perhaps_dropped_ = 0;
};

constexpr std::size_t appenders = 3;

// Several threads at work until the power goes, or until each has done its share.
template<class Log>
void live_in_threads(Log& log, witnesses& facts) {
    std::atomic<std::size_t> busy{appenders};
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < appenders; ++t)
        threads.emplace_back([&, t] {
            for (int i = 0; i < 40; ++i) {
                const bool durable = i % 8 == static_cast<int>(t);
                const tusk::append_options how{.wait = durable ? tusk::durability::durable : tusk::durability::policy};
                const std::string text = facts.ask(t);
                if (i % 5 == 1) {
                    const std::string second = facts.ask(t);
                    const std::vector<tusk::record_view> records{text, second};
                    const auto at = log.append_batch(records, how);
                    if (!at)
                        break;
                    facts.told(at.value().first, text, durable || Log::fsync_type::append_waits);
                    facts.told(at.value().last, second, durable || Log::fsync_type::append_waits);
                } else {
                    const auto at = log.append(text, how);
                    if (!at)
                        break;
                    facts.told(at.value(), text, durable || Log::fsync_type::append_waits);
                }
            }
            --busy;
        });
    threads.emplace_back([&] {
        while (busy > 0 && log.roll())
            std::this_thread::yield();
    });
    threads.emplace_back([&] {
        for (tusk::index_t seen = facts.last(); busy > 0 && log.sync(); seen = facts.last())
            facts.promise(seen);
    });
    threads.emplace_back([&] {
        while (busy > 0) {
            facts.promise(log.durable_index().value());
            const tusk::index_t last = log.last_index().value();
            if (last % 16 != 15)
                continue;
            facts.drop(last - 14, /*sure=*/false);
            if (!log.drop_before(last - 14))
                return;
            facts.drop(last - 14, /*sure=*/true);
        }
    });
}

} // namespace crash_racing

BOOST_AUTO_TEST_SUITE(crash_racing)

// ---- one call in the middle of another ----

BOOST_FIXTURE_TEST_CASE(what_is_appended_while_a_sync_runs_is_not_covered_by_it, unhurried) {
    log->append("a").value();
    hold_up_syncs(/*done=*/true);
    std::jthread syncer([this] { log->sync().value(); });
    held.await(1);
    log->append("b").value();
    go_on(syncer);
    BOOST_TEST(log->durable_index().value() == 1U);
    lose_power_and_open();
    BOOST_TEST(all() == of({"a"}));
}

BOOST_AUTO_TEST_CASE(a_sync_after_one_that_ran_beside_a_roll_misses_nothing) {
    for (const bool done : {false, true}) {
        unhurried one;
        one.log->append("a").value();
        one.hold_up_syncs(done);
        std::jthread syncer([&] { one.log->sync().value(); });
        one.held.await(1);
        one.log->append("b").value(); // behind what the sync covers, in the same segment
        std::jthread roller([&] { one.roll(); });
        one.await_segments(2);
        one.go_on(syncer);
        roller.join();
        one.log->append("c").value();
        BOOST_TEST(one.log->durable_index().value() >= 1U);
        one.log->sync().value();
        one.lose_power_and_open();
        BOOST_TEST(one.all() == of({"a", "b", "c"}));
    }
}

BOOST_FIXTURE_TEST_CASE(an_append_that_waits_for_its_sync_beside_another_sync_is_there_when_it_returns, unhurried) {
    log->append("a").value();
    hold_up_syncs(/*done=*/true);
    std::jthread syncer([this] { log->sync().value(); });
    held.await(1);
    std::jthread appender([this] { log->append("b", {.wait = tusk::durability::durable}).value(); });
    while (log->last_index().value() < 2)
        std::this_thread::yield();
    go_on(syncer);
    appender.join();
    lose_power_and_open();
    BOOST_TEST(all() == of({"a", "b"}));
}

BOOST_FIXTURE_TEST_CASE(a_segment_that_is_begun_while_all_before_it_is_dropped_is_durable_before_they_go, unhurried) {
    log->append("a").value();
    log->close().value();
    open(); // which proves it
    log->append("b").value();
    hold_up_syncs(/*done=*/true);
    std::jthread dropper([this] { log->drop_before(3).value(); });
    held.await(1);
    std::jthread roller([this] { roll(); });
    await_segments(2); // written, and covered by no sync
    go_on(dropper);
    roller.join();
    lose_power_and_open();
    BOOST_TEST(log->first_index().value() == 3U);
    BOOST_TEST(log->append("c").value() == 3U);
}

// ---- all of them at once ----

BOOST_AUTO_TEST_CASE_TEMPLATE(power_lost_beside_threads_at_work_leaves_all_that_any_of_them_was_promised, Policy,
                              policies) {
    for (std::uint64_t seed = 1; seed <= 120; ++seed) {
        BOOST_TEST_CONTEXT("seed " << seed) {
            tusk::disk_dice dice(seed);
            simulated_disk disk;
            witnesses facts(appenders);
            for (int life = 0; life < 2; ++life) {
                tusk::options o = small_log();
                o.background = tusk::background::own(2);
                o.spare_segments = static_cast<std::uint32_t>(seed % 3);
                o.witness_interval = std::chrono::microseconds(dice.below(200));
                disk.stop_at(disk.calls() + 20 + dice.below(300)); // perhaps while it is opened
                {
                    auto log = log_on<Policy>::open(tusk::simulated_backend(disk), o);
                    if (log)
                        live_in_threads(log.value(), facts);
                    if (seed % 4 == 0)
                        disk.kill(); // before the log is closed
                }
                disk.stop_at(0);
                const disk_loss losses[]{disk_loss::drop_unsynced(), disk_loss::torn(seed), disk_loss::prefix(seed),
                                         disk_loss::keep_all()};
                disk.power_cycle(losses[dice.below(4)]);
                tusk::recovery_report report;
                auto log = log_on<Policy>::open(tusk::simulated_backend(disk), small_log(), &report);
                BOOST_REQUIRE_MESSAGE(log, why(log) << ": " << report.message);
                const contents found = read_all(log.value()).value();
                facts.check(found);
                BOOST_REQUIRE(log.value().verify().value().sound());
                facts.start_over(found);
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
