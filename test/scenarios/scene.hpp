#pragma once

#include <tusk/backend/simulated.hpp>

#include <log/fixture.hpp>

/// What the scenarios share: logs in memory, as log/fixture.hpp has them, and logs on a disk that loses power.
namespace scenario {

using namespace log_test;
using call_of_disk = tusk::disk_call;

/// A log on a simulated disk: opened, killed, cut off from its power as often as the test likes.
template<class FsyncPolicy = fsync_always>
struct simulated_log {
    using log_type = basic_wal<binary_format, FsyncPolicy, simulated_backend, no_compression>;

    simulated_disk disk;
    options opts = small_options();
    recovery_report report;
    std::optional<log_type> log;

    [[nodiscard]] result<void> try_open() {
        log.reset();
        TUSK_TRY(auto opened, log_type::open(simulated_backend(disk), opts, {}, {}, &report));
        log.emplace(std::move(opened));
        return success();
    }
    void open() {
        const result<void> opened = try_open();
        if (!opened)
            BOOST_FAIL(opened.error().message() + ": " + report.message);
    }
    void reopen() {
        must(log->close());
        open();
    }
    void kill_and_open() {
        disk.kill();
        open();
    }
    void lose_power_and_open(const disk_loss& loss = disk_loss::drop_unsynced()) {
        disk.power_cycle(loss);
        open();
    }
    /// Another log of the same kind on a copy of the disk.
    [[nodiscard]] simulated_log twin() const {
        simulated_log other;
        other.disk = disk.copy();
        other.opts = opts;
        return other;
    }

    index_t append(std::string_view text) { return must(log->append(text)); }
    void append_samples(std::size_t count) {
        for (; count > 0; --count)
            append(sample(must(log->next_index())));
    }
    [[nodiscard]] texts all() {
        texts out;
        for (const entry& e : must(log->get_range(0, UINT64_MAX)))
            out.emplace_back(e.text());
        return out;
    }
    void holds(const texts& wanted) { BOOST_TEST(all() == wanted, boost::test_tools::per_element()); }
};

/// Lets the power go in each of the calls that `story` makes on the disk of a log that `begin` has made, one after the other,
/// and gives the log that is opened afterwards to `check`, with what the story had said before. How often that was.
template<class Log, class Story, class Check>
std::size_t at_every_call(const Log& begin, const disk_loss& loss, Story&& story, Check&& check) {
    for (std::size_t n = 1;; ++n) {
        Log l = begin.twin();
        l.disk.stop_at(l.disk.calls() + n);
        auto said = story(l);
        if (l.disk.has_power())
            return n - 1;
        l.disk.power_cycle(loss);
        l.open();
        BOOST_TEST_CONTEXT("power lost in call " << n) { check(l, said); }
    }
}

/// `a`, and `b` behind it.
inline texts operator+(texts a, const texts& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

} // namespace scenario
