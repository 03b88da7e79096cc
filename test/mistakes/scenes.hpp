#pragma once

#include <crash/contents.hpp>
#include <crash/other_thread.hpp>
#include <crash/settings.hpp>
#include <crash/steered_disk.hpp>
#include <log/forgery.hpp>
#include <log/steered_log.hpp>

#include <tusk/backend/posix.hpp>

#include <sys/resource.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <thread>

/// Short scenes in which one rule of the log shows, for mistakes that neither a crash nor random damage brings to light.
namespace scenes {

using namespace crash;
using always = log_on<tusk::fsync_always>;
using never = log_on<tusk::fsync_never>;
using in_memory = log_test::memory_log<tusk::fsync_never>;

using outcome = std::optional<std::string>;

inline outcome unless(bool right, const char* wrong) { return right ? outcome() : outcome(wrong); }

/// An error of close() is told, whichever file it is of.
inline outcome close_fails() {
    for (std::uint64_t nth = 1;; ++nth) {
        simulated_disk disk;
        auto log = always::open(tusk::simulated_backend(disk), small_log());
        if (!log || !log.value().append("a"))
            return "cannot begin";
        const std::uint64_t before = disk.count(tusk::disk_call::close);
        disk.fail({.on = tusk::disk_call::close, .nth = nth});
        const bool closed = static_cast<bool>(log.value().close());
        if (disk.count(tusk::disk_call::close) - before < nth)
            return std::nullopt;
        if (closed)
            return "a file cannot be closed, and nobody is told";
    }
}

/// A failed sync is not made good by one that succeeds.
inline outcome second_sync() {
    simulated_disk disk;
    auto log = never::open(tusk::simulated_backend(disk), small_log());
    if (!log || !log.value().append("a"))
        return "cannot begin";
    disk.fail({.on = tusk::disk_call::sync});
    if (log.value().sync())
        return "a failed sync is no error";
    return unless(!log.value().sync(), "a second sync makes good what the first has lost");
}

/// A sync covers what was written before it, and not what was written meanwhile.
inline outcome append_beside_a_sync() {
    using log_type = tusk::basic_wal<tusk::binary_format, tusk::fsync_never, steered_backend, tusk::no_compression>;
    simulated_disk disk;
    std::function<void()> meanwhile;
    auto log = log_type::open(steered_backend(disk,
                                              [&](tusk::disk_call call, const std::string&, bool done) {
                                                  if (call == tusk::disk_call::sync && done && meanwhile)
                                                      std::exchange(meanwhile, {})();
                                              }),
                              small_log());
    if (!log || !log.value().append("a"))
        return "cannot begin";
    meanwhile = [&] { std::jthread([&] { (void)log.value().append("b"); }).join(); };
    if (!log.value().sync())
        return "cannot sync";
    return unless(log.value().durable_index().value() == 1, "what was written after a sync counts as synced");
}

/// Nobody is told that an entry is durable before the sync that makes it so, whoever leads. Two appends wait together
/// for the third one's sync to end; their own then waits for a moment, in which neither may return.
inline outcome followers_wait() {
    using log_type = tusk::basic_wal<tusk::binary_format, tusk::fsync_always, steered_backend, tusk::no_compression>;
    for (int round = 0; round < 20; ++round) {
        simulated_disk disk;
        std::atomic<std::uint64_t> told{1};
        std::atomic<bool> early{false};
        std::function<void()> look;
        auto log =
            log_type::open(steered_backend(disk,
                                           [&](tusk::disk_call call, const std::string& name, bool done) {
                                               if (call == tusk::disk_call::sync && !done && name != "state" && look)
                                                   look();
                                           }),
                           small_log());
        if (!log || !log.value().append("makes the segment"))
            return "cannot begin";
        look = [&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
            const std::uint64_t so_far = told; // looked at first: it only grows
            early = early || so_far > log.value().durable_index().value();
        };
        {
            std::vector<std::jthread> appenders;
            for (int i = 0; i < 3; ++i)
                appenders.emplace_back([&] {
                    (void)log.value().append("x");
                    ++told;
                });
        }
        look = {};
        if (early)
            return "an append returns before its sync";
    }
    return std::nullopt;
}

/// Nobody is told that all is well when the call of the disk failed that was made for several. Two appends wait together
/// while a third one's sync lasts; what is then written and synced for both fails.
inline outcome followers_of_a_failure(tusk::disk_call failing, const char* wrong) {
    using log_type = tusk::basic_wal<tusk::binary_format, tusk::fsync_always, steered_backend, tusk::no_compression>;
    simulated_disk disk;
    log_test::gate syncing;
    std::atomic<bool> holds{false};
    auto log = log_type::open(steered_backend(disk,
                                              [&](tusk::disk_call call, const std::string&, bool done) {
                                                  if (call == tusk::disk_call::sync && done && holds)
                                                      syncing.pass();
                                              }),
                              small_log());
    if (!log || !log.value().append("makes the segment"))
        return "cannot begin";
    syncing.close();
    holds = true;
    std::jthread first([&] {
        (void)log.value().append("first");
        syncing.pass(); // without a sync, too
    });
    syncing.await(1);
    std::atomic<int> told{0};
    {
        const auto append = [&] { told += log.value().append("x") ? 1 : 0; };
        const other_thread one(append);
        (void)one.done_or_asleep();
        const other_thread other(append);
        (void)other.done_or_asleep();
        disk.fail({.on = failing, .error = failing == tusk::disk_call::write ? ENOSPC : EIO});
        syncing.open();
    }
    return unless(told == 0, wrong);
}

/// An index frame of which any byte is another than it was is not believed.
inline outcome rotten_index() {
    in_memory begun;
    begun.open();
    begun.append_samples(10);
    log_test::must(begun.log->roll());
    begun.append_samples(1);
    begun.close();
    const log_test::forgery frames(begun.disk);
    const std::uint64_t end = frames.end();
    for (std::uint64_t at = frames.frame(12) + tusk::binary_layout::header_size; at < end; ++at) {
        in_memory l;
        l.disk.go_back_to(begun.disk.now());
        l.disk.flip("0000000001.wal", at);
        if (!l.try_open())
            return "a log does not open for want of an index";
        for (tusk::index_t i = 1; i <= 11; ++i)
            if (const auto e = l.log->get(i); !e || e.value().text() != log_test::sample(i))
                return "an entry is not found where a rotten index says";
    }
    return std::nullopt;
}

/// A format that holds up the first frame which is stamped while it is asked to.
struct hesitant_format : tusk::binary_format {
    static inline std::atomic<bool> holds{false};
    static inline std::atomic<bool> held{false};

    static void stamp(tusk::byte_span frame, const tusk::frame_place& place) noexcept {
        if (holds.exchange(false)) {
            held = true;
            held.notify_one();
            held.wait(true);
        }
        tusk::binary_format::stamp(frame, place);
    }
};

/// Nothing is written for as long as something before it is being filled.
inline outcome append_beside_a_slow_one() {
    using log_type = log_on<tusk::fsync_always, hesitant_format>;
    auto log = log_type::open(tusk::simulated_backend(simulated_disk()), small_log());
    if (!log || !log.value().append("makes the segment"))
        return "cannot begin";
    hesitant_format::holds = true;
    const std::array<tusk::record_view, 1> records{tusk::record_view("slow")};
    std::jthread slow([&] { (void)log.value().submit(records); }); // an append would lead, and keep all others waiting
    hesitant_format::held.wait(false);
    bool early = false;
    {
        const other_thread quick([&] { (void)log.value().append("quick"); });
        early = quick.done_or_asleep();
        hesitant_format::held = false;
        hesitant_format::held.notify_one();
    }
    return unless(!early, "an append is acknowledged, and what has its place before is not there yet");
}

/// A cut that could not be written does not come to light after entries behind it were promised.
inline outcome failed_cut() {
    simulated_disk disk;
    {
        auto log = never::open(tusk::simulated_backend(disk), small_log());
        for (int i = 0; log && i < 3; ++i)
            (void)log.value().append("a");
        disk.fail({.on = tusk::disk_call::write, .error = ENOSPC, .written = 4096});
        if (!log || log.value().truncate(1) || !log.value().sync())
            return "cannot begin";
    }
    disk.kill();
    disk.heal();
    auto log = never::open(tusk::simulated_backend(disk), small_log());
    return unless(log && log.value().last_index().value() == 3, "entries are gone by a cut that had failed");
}

/// A disk that cannot be read is no log that ends earlier.
inline outcome reading_fails() {
    simulated_disk whole;
    {
        auto log = never::open(tusk::simulated_backend(whole), small_log());
        for (int i = 0; log && i < 20; ++i)
            (void)log.value().append(std::string(300, 'a'));
        whole.kill();
    }
    for (std::uint64_t nth = 1; nth < 40; ++nth) {
        simulated_disk disk = whole.copy();
        disk.fail({.on = tusk::disk_call::read, .nth = nth});
        auto log = never::open(tusk::simulated_backend(disk), small_log());
        if (log ? log.value().last_index().value() != 20 : log.error() != std::errc::io_error)
            return "what cannot be read is taken for the end, or for damage";
    }
    return std::nullopt;
}

/// Whoever waits for an entry that was cut is not told that its successor is durable.
inline outcome ticket_of_a_cut_entry() {
    simulated_disk disk;
    auto log = always::open(tusk::simulated_backend(disk), small_log());
    const std::array<tusk::record_view, 1> records{tusk::record_view("a")};
    if (!log || !log.value().append("first"))
        return "cannot begin";
    const auto ticket = log.value().submit(records);
    if (!ticket || !log.value().truncate(1) || !log.value().append("another"))
        return "cannot go on";
    return unless(!log.value().wait_durable(ticket.value()), "the ticket of an entry that was cut is honoured");
}

/// A frame counts only where it was written, in its own segment and log.
inline outcome stale_frame(bool of_another_log) {
    in_memory here;
    here.open();
    in_memory there;
    there.open();
    in_memory& source = of_another_log ? there : here;
    for (in_memory* l : {&here, &there})
        l->append_samples(2);
    const log_test::forgery frames(source.disk);
    const std::uint64_t at = frames.end();
    source.append("stale");
    const std::string file = "0000000001.wal";
    const std::string frame = source.disk.read(file).substr(static_cast<std::size_t>(at), 64);
    if (!of_another_log) { // what was at this place before, in a file that is used again
        (void)here.log->truncate(2);
        here.kill();
        here.disk.write(file, log_test::forgery(here.disk).end(), frame);
    } else {
        here.kill();
        here.disk.write(file, at, frame);
    }
    const auto opened = here.try_open();
    if (!opened)
        return "does not open";
    for (const std::string& text : here.all())
        if (text == "stale")
            return "a stale frame has come to life";
    return std::nullopt;
}

inline std::string witness_page(const in_memory& l) {
    std::string state = l.disk.read("state");
    state.resize(8192 + 32);
    return state.substr(8192);
}

/// Opens it with witnesses, and appends until one is written.
inline void await_witness(in_memory& l) {
    l.opts.witness_interval = tusk::nanoseconds(0);
    l.opts.background = tusk::background::own(1);
    l.open();
    while (witness_page(l).find("TUSKWITN") != 0) {
        l.append_samples(1);
        log_test::must(l.log->sync());
    }
}

/// The page of witnesses counts for its own log alone.
inline outcome witness_of_another_log() {
    in_memory other;
    await_witness(other);
    in_memory l;
    l.open();
    l.append_samples(1);
    l.kill();
    l.disk.write("state", 8192, witness_page(other));
    return unless(static_cast<bool>(l.try_open()), "a witness of another log is believed");
}

/// A witness that rots is no witness.
inline outcome rotten_witness() {
    in_memory l;
    await_witness(l);
    l.kill();
    l.disk.write("state", 8192 + 16 + 5, "\x7f"); // of the LSN
    return unless(static_cast<bool>(l.try_open()), "a damaged witness is believed");
}

/// A slot that rots does not count.
inline outcome rotten_slot() {
    for (const std::uint64_t slot : tusk::state_layout::slot) {
        in_memory l;
        l.open();
        l.append_samples(5);
        l.close();
        l.disk.write("state", slot + 36, "\x03"); // the first index
        if (!l.try_open())
            return "a damaged slot keeps a log from opening";
        if (l.first() != 1)
            return "a damaged slot is believed";
        l.kill();
    }
    return std::nullopt;
}

/// Behind damage lies what proves that something durable is damaged.
inline outcome damage_below_a_witness() {
    in_memory l;
    l.open();
    l.append_samples(4);
    log_test::must(l.log->sync());
    l.append_samples(1);
    l.kill();
    l.disk.damage(log_test::sample(2));
    return unless(!l.try_open(), "what was durable is dropped");
}

/// An open that refuses has not begun a repair: what the last close lets it skip is looked at before.
inline outcome damage_before_a_repair() {
    in_memory l;
    l.open();
    l.append_samples(3);
    l.close();
    l.open();
    l.append_samples(3);
    l.kill();
    l.disk.damage(log_test::sample(2));
    const auto before = l.disk.contents();
    const bool opened = l.try_open().has_value();
    return unless(!opened && l.disk.contents() == before, "a log is changed, and refused");
}

/// What lies behind a hole is reported.
inline outcome hole_in_the_tail() {
    in_memory l;
    l.open();
    l.append_samples(2);
    const std::uint64_t from = log_test::forgery(l.disk).end();
    l.append_samples(1);
    const std::uint64_t to = log_test::forgery(l.disk).end();
    l.append_samples(2);
    l.kill();
    l.disk.write("0000000001.wal", from, std::string(static_cast<std::size_t>(to - from), '\0'));
    l.opts.unproven_tail = tusk::tail_policy::refuse;
    return unless(!l.try_open(), "nothing is said of what lies behind a hole");
}

/// Nothing is believed of a length before it is known to fit.
inline outcome absurd_length() {
    in_memory l;
    l.open();
    l.append_samples(2);
    const log_test::forgery forged(l.disk);
    const std::uint64_t end = forged.end();
    const std::array<std::uint64_t, 1> keep{1};
    l.kill();
    std::string f =
        log_test::forgery::encoded({.type = tusk::frame_type::cut, .records = {}, .numbers = keep, .pad_size = 0});
    forged.put(end, log_test::forgery::with_size(std::move(f), 0xF0000000), 3);
    // So much memory is not to be had.
    const ::rlimit few{std::uint64_t{2} << 30U, std::uint64_t{2} << 30U};
    ::setrlimit(RLIMIT_AS, &few);
    return unless(static_cast<bool>(l.try_open()), "does not open");
}

/// A segment that stands where another should is not taken for it.
inline outcome doubled_segment() {
    in_memory l;
    l.open();
    l.fill_segments(3);
    l.close();
    l.disk.copy("0000000002.wal", "0000000009.wal");
    const auto opened = l.try_open();
    return unless(!opened && opened.error() == tusk::errc::misplaced, "a segment is taken for another one");
}

/// What was durable is missed, even when all that is left is in order.
inline outcome missing_segment() {
    in_memory l;
    l.open();
    l.append_samples(3);
    l.close();
    l.disk.remove("0000000001.wal");
    const auto opened = l.try_open();
    return unless(!opened && opened.error() == tusk::errc::missing, "the only segment is not missed");
}

/// A number is taken in the state for certain before there is a file of that number, so that it is never given twice.
inline outcome number_of_a_segment() {
    outcome wrong;
    simulated_disk disk;
    disk.watch([&](const simulated_disk& cut) {
        simulated_disk after = cut.copy();
        after.power_cycle(disk_loss::drop_unsynced());
        tusk::segment_t last = 0;
        for (const std::string& name : after.names())
            last = std::max(last, tusk::segment_number(name));
        if (last == 0)
            return;
        tusk::segment_t next = 0;
        std::vector<std::byte> state = after.contents("state");
        state.resize(static_cast<std::size_t>(tusk::state_layout::file_size));
        for (const std::uint64_t at : tusk::state_layout::slot)
            if (const auto slot = tusk::decode_slot(tusk::byte_view(state).subspan(static_cast<std::size_t>(at))))
                next = std::max(next, slot.value().next_segment);
        if (last >= next)
            wrong = "there is a segment whose number may be given again";
    });
    auto log = always::open(tusk::simulated_backend(disk), small_log());
    for (int i = 0; log && i < 20; ++i)
        (void)log.value().append(std::string(700, 'a'));
    disk.watch({});
    return wrong;
}

/// The directories whose fsync was called for.
inline std::set<std::string>& synced_directories() {
    static std::set<std::string> paths;
    return paths;
}

/// A new directory is durable before anything is made in it.
inline outcome new_directories() {
    const char* const tmp = std::getenv("TMPDIR");
    std::string base = std::string(tmp != nullptr ? tmp : "/tmp") + "/tusk_mistakes_XXXXXX";
    if (::mkdtemp(base.data()) == nullptr)
        return "cannot make a directory";
    tusk::posix_backend directory(base + "/a/b");
    const bool attached = static_cast<bool>(directory.attach(/*create=*/true));
    std::filesystem::remove_all(base);
    const auto& synced = synced_directories();
    return unless(attached && synced.contains(base) && synced.contains(base + "/a"),
                  "a new directory is not durable in the one that holds it");
}

} // namespace scenes
