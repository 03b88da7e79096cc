#include <tusk/log/log_engine.hpp>

#include <log/chronicle.hpp>
#include <log/steered_log.hpp>

#include <tusk/fsync/interval.hpp>
#include <tusk/wal.hpp>

#include <cstdlib>
#include <thread>

#include <unistd.h>

using namespace log_test;

namespace log_threads {

template<class FsyncPolicy>
struct beside : steered_log<FsyncPolicy> {
    // From now on such a call on this file waits until `held` is opened. Set while nobody calls.
    void hold_up_on(const std::string& file, disk_call which) {
        this->held.close();
        this->calls.refuse([this, file, which](disk_call call, const std::string& name) {
            if (call == which && name == file)
                this->held.pass();
            return std::error_code();
        });
    }
    void go_on() { this->held.open(); }
};
using lazy = beside<fsync_never>;

// Compresses nothing, and has something else happen while an append is under way.
struct interrupted : no_compression {
    static constexpr std::uint8_t id = codec::user;
    static inline std::function<void()> meanwhile;

    [[nodiscard]] static constexpr bool reads(std::uint8_t codec) noexcept { return codec == id; }
    [[nodiscard]] std::size_t compress(byte_view, byte_span) const noexcept {
        if (const auto f = std::exchange(meanwhile, nullptr))
            f();
        return 0;
    }
};
template<class FsyncPolicy = fsync_never>
struct interruptible : steered_log<FsyncPolicy, interrupted> {};

// A directory of its own under TMPDIR, gone at the end.
class scratch_directory {
public:
    scratch_directory() {
        const char* const base = std::getenv("TMPDIR");
        path_ = std::string(base != nullptr ? base : "/tmp") + "/tusk_threads_XXXXXX";
        BOOST_REQUIRE(::mkdtemp(path_.data()) != nullptr);
    }
    scratch_directory(const scratch_directory&) = delete;
    ~scratch_directory() {
        (void)wal::destroy(path_);
        ::rmdir(path_.c_str());
    }
    [[nodiscard]] posix_backend backend() const { return posix_backend(path_); }

private:
    std::string path_;
};

// Many threads that do everything that can be done with a log, each a number of times, until it is closed.
template<class Log>
class crowd {
public:
    crowd(Log& log, unsigned appends) : log_(log), appends_(appends) {}

    /// With cuts and drops, or else everything that is appended stays.
    void work(bool cutting) {
        cutting_ = cutting;
        {
            std::vector<std::jthread> writers;
            std::vector<std::jthread> others;
            for (unsigned t = 0; t < 3; ++t)
                writers.emplace_back([this, t, cutting] { append(t, /*strict=*/!cutting); });
            if (cutting) {
                writers.emplace_back([this] { cut(); });
                others.emplace_back([this] { drop(); });
                others.emplace_back([this] { hold(); });
            }
            others.emplace_back([this] { roll_and_sync(); });
            others.emplace_back([this] { read(); });
            others.emplace_back([this] { ask(); });
            std::vector<std::jthread> followers;
            for (const visible what : {visible::written, visible::durable})
                followers.emplace_back([this, what](const std::stop_token& stop) { follow(what, stop); });
            while (!closing_ && calls_ < close_at_)
                if (writers_done() == writers.size())
                    break;
                else
                    std::this_thread::yield();
            if (calls_ >= close_at_)
                must(log_.close());
            writers.clear();
            finished_ = true;
            others.clear();
            if (log_.is_open()) {
                must(log_.sync());
                end_ = must(log_.next_index());
                // A follower that has read up to the end may be told of no further cut: it stops there.
                for (std::jthread& f : followers)
                    f.request_stop();
            }
        }
        for (const std::string& w : wrong_)
            BOOST_ERROR(w);
    }
    /// Closes the log as soon as so many calls were made.
    void close_after(std::uint64_t calls) { close_at_ = calls; }

    void check(Log& log) {
        texts held;
        for (const entry& e : must(log.get_range(0, UINT64_MAX)))
            held.emplace_back(e.text());
        const index_t first = std::max<index_t>(must(log.first_index()), 1);
        facts_.check(first, held);
        BOOST_TEST(must(log.verify()).sound());
        if (end_ != 0)
            for (const auto& seen : followed_)
                for (std::size_t i = 0; i < held.size(); ++i) {
                    const auto at = seen.find(first + i);
                    BOOST_REQUIRE_MESSAGE(at != seen.end(), "a follower did not see " << first + i);
                    BOOST_REQUIRE_EQUAL(at->second, held[i]);
                }
    }
    [[nodiscard]] const chronicle& facts() const { return facts_; }

private:
    using moment = chronicle::moment;

    [[nodiscard]] std::size_t writers_done() const { return done_; }
    [[nodiscard]] std::string text_of(unsigned thread, unsigned number) const {
        std::string text = std::to_string(thread) + ":" + std::to_string(number) + " ";
        text.resize(text.size() + number * 7919 % 500, '.');
        return text;
    }
    // Boost.Test's own checks are for one thread.
    void expect(bool right, const std::string& what) {
        if (right)
            return;
        const std::scoped_lock lock(mutex_);
        wrong_.push_back(what);
    }
    template<class T>
    bool is_closed(const result<T>& r, const char* what) {
        ++calls_;
        expect(r || r.error() == errc::closed, std::string(what) + (r ? "" : ": " + r.error().message()));
        return !r;
    }
    template<class T>
    bool is_closed(const result<T>& r, const char* what, std::initializer_list<errc> allowed) {
        if (!r)
            for (const errc e : allowed)
                if (r.error() == e) {
                    ++calls_;
                    return false;
                }
        return is_closed(r, what);
    }
    void note(const std::vector<std::string>& batch, const result<index_range>& at, moment begin) {
        const moment end = facts_.now();
        for (std::size_t i = 0; i < batch.size(); ++i)
            at ? facts_.appended(batch[i], at.value().first + i, {begin, end}) : facts_.refused(batch[i]);
    }

    void append(unsigned thread, bool strict) {
        unsigned number = 0;
        index_t before = 0;
        for (unsigned i = 0; i < appends_; ++i) {
            std::vector<std::string> batch;
            for (unsigned n = 0; n <= i % 3; ++n)
                batch.push_back(text_of(thread, ++number));
            const std::vector<record_view> records(batch.begin(), batch.end());
            const moment begin = facts_.now();
            bool durable = Log::fsync_type::append_waits;
            result<index_range> at = errc::closed;
            switch (i % 6) {
            case 0:
            case 3: at = log_.append_batch(records); break;
            case 1: {
                durable = true;
                at = log_.append_batch(records, {.wait = durability::durable});
                break;
            }
            case 2: {
                const result<ticket> t = log_.submit(records);
                at = t ? result<index_range>(t.value().entries) : result<index_range>(t.error());
                if (t && i % 12 == 2) {
                    std::stop_source never; // a wait that could be stopped is another one than one that cannot
                    const result<void> waited =
                        i % 24 == 2 ? log_.wait_durable(t.value()) : log_.wait_durable(t.value(), never.get_token());
                    durable = static_cast<bool>(waited);
                    strict ? is_closed(waited, "wait_durable") : is_closed(waited, "wait_durable", {errc::truncated});
                } else {
                    durable = false;
                }
                break;
            }
            case 4: {
                auto t = log_.begin();
                for (const record_view& r : records)
                    must(t.add(r));
                at = t.commit();
                break;
            }
            default: {
                // One by one, written in place.
                for (const std::string& text : batch) {
                    const moment b = facts_.now();
                    const auto one = log_.append_with(text.size(), [&](byte_span out) { put(out, to_bytes(text)); });
                    note({text}, one ? result<index_range>(index_range{one.value(), one.value()}) : one.error(), b);
                    at = one ? result<index_range>(index_range{one.value(), one.value()}) : one.error();
                    if (!one)
                        break;
                }
                batch.clear();
                break;
            }
            }
            note(batch, at, begin);
            if (is_closed(at, "append"))
                break;
            if (strict) {
                expect(at.value().first > before, "indexes of one thread go back");
                if (durable) {
                    const auto reached = log_.durable_index();
                    expect(!reached || reached.value() >= at.value().last, "acknowledged above durable_index()");
                }
            }
            before = at.value().last;
        }
        ++done_;
    }
    void cut() {
        for (unsigned i = 0; i < appends_ / 3; ++i) {
            const auto last = log_.last_index();
            if (is_closed(last, "last_index"))
                break;
            const index_t keep = last.value() - std::min<index_t>(last.value(), i % 9);
            const moment begin = facts_.now();
            bool closed = false;
            if (i % 3 == 0) {
                const std::vector<std::string> batch{text_of(100, 2 * i), text_of(100, 2 * i + 1)};
                const std::vector<record_view> records(batch.begin(), batch.end());
                const auto at = log_.replace_from(keep + 1, records);
                if (at)
                    facts_.cut(keep, {begin, facts_.now()});
                closed = is_closed(at, "replace_from", {errc::beyond_end, errc::dropped});
                note(batch, at, begin);
            } else {
                const auto done = log_.truncate(keep);
                if (done)
                    facts_.cut(keep, {begin, facts_.now()});
                closed = is_closed(done, "truncate", {errc::beyond_end, errc::dropped});
            }
            if (closed)
                break;
        }
        ++done_;
    }
    void drop() {
        while (!finished_) {
            const auto last = log_.last_index();
            if (is_closed(last, "last_index"))
                return;
            if (last.value() < 60)
                continue;
            const index_t first = last.value() - 50;
            const moment begin = facts_.now();
            const auto done = log_.drop_before(first);
            if (done)
                facts_.dropped(first, {begin, facts_.now()});
            if (is_closed(done, "drop_before", {errc::beyond_end, errc::held}))
                return;
        }
    }
    void hold() {
        while (!finished_) {
            const auto first = log_.first_index();
            if (is_closed(first, "first_index"))
                return;
            const index_t from = first.value() + 3;
            const auto held = log_.hold(from);
            if (is_closed(held, "hold", {errc::dropped}))
                return;
            for (int i = 0; held && i < 5; ++i)
                if (const auto e = log_.get(from); !e)
                    expect(e.error() != errc::dropped, "what was held was dropped");
        }
    }
    void roll_and_sync() {
        for (unsigned i = 0; !finished_; ++i) {
            if (i % 2 == 0 ? is_closed(log_.roll(), "roll") : is_closed(log_.sync(), "sync"))
                return;
            std::this_thread::yield();
        }
    }
    void read() {
        for (unsigned i = 0; !finished_; ++i) {
            const auto last = log_.last_index();
            if (is_closed(last, "last_index"))
                return;
            const index_t index = 1 + (last.value() + 1 - std::min<index_t>(last.value(), i % 11)) % (last.value() + 1);
            const moment begin = facts_.now();
            if (i % 4 != 0) {
                const auto e = log_.get(index);
                facts_.read(index, e ? std::error_code() : e.error(), e ? std::string(e.value().text()) : "",
                            {begin, facts_.now()});
            } else if (const auto some = log_.get_range(index, index + 20); !is_closed(some, "get_range")) {
                const moment end = facts_.now();
                for (std::size_t k = 0; k < some.value().size(); ++k) {
                    const entry& e = some.value()[k];
                    expect(k == 0 || e.index() == some.value()[k - 1].index() + 1, "a range has gaps");
                    facts_.read(e.index(), {}, std::string(e.text()), {begin, end});
                }
            }
        }
    }
    void ask() {
        for (unsigned i = 0; !finished_; ++i) {
            const auto first = log_.first_index();
            if (is_closed(first, "first_index") ||
                is_closed(log_.term_at(first.value() + i % 50), "term_at", {errc::dropped, errc::beyond_end}) ||
                is_closed(log_.bytes_after(first.value() + i % 50), "bytes_after") ||
                is_closed(log_.size_bytes(), "size_bytes") || is_closed(log_.segment_count(), "segment_count") ||
                is_closed(log_.empty(), "empty"))
                return;
            if (!cutting_) {
                const auto durable = log_.durable_index();
                const auto last = log_.last_index();
                if (is_closed(durable, "durable_index") || is_closed(last, "last_index"))
                    return;
                expect(durable.value() <= last.value(), "durable_index() is above last_index()");
            }
            if (i % 16 == 0) {
                const auto report = log_.verify();
                if (is_closed(report, "verify"))
                    return;
                expect(report.value().sound(), "verify finds damage");
            }
        }
    }
    void follow(visible what, const std::stop_token& stop) {
        std::map<index_t, std::string> seen;
        index_t from = 1;
        for (;;) { // where it begins may be dropped before it has begun
            auto f = log_.follow(from, what);
            if (!f && f.error() == errc::dropped) {
                if (const auto first = log_.first_index(); first)
                    from = first.value();
                continue;
            }
            if (is_closed(f, "follow"))
                return;
            read_on(f.value(), stop, seen);
            break;
        }
        const std::scoped_lock lock(mutex_);
        followed_.push_back(std::move(seen));
    }
    template<class Follower>
    void read_on(Follower& f, const std::stop_token& stop, std::map<index_t, std::string>& seen) {
        for (;;) {
            const index_t wanted = f.next_index();
            const moment begin = facts_.now();
            const auto e = f.next(stop);
            if (e) {
                expect(e.value().index() == wanted, "a follower leaves something out");
                if (const auto before = seen.find(wanted - 1); before != seen.end())
                    facts_.followed(before->second, std::string(e.value().text()));
                seen[e.value().index()] = std::string(e.value().text());
                if (f.next_index() != wanted + 1)
                    expect(false, "a follower goes on elsewhere");
                facts_.read(e.value().index(), {}, std::string(e.value().text()), {begin, facts_.now()});
            } else if (e.error() == errc::truncated) {
                expect(f.next_index() < wanted, "a follower that is cut off does not go back");
                seen.erase(seen.lower_bound(f.next_index()), seen.end());
            } else if (e.error() == errc::dropped) {
                if (const auto first = log_.first_index())
                    f.seek(std::max(first.value(), f.next_index()));
            } else {
                expect(e.error() == errc::closed || e.error() == errc::cancelled, "follower: " + e.error().message());
                return;
            }
        }
    }

    Log& log_;
    const unsigned appends_;
    chronicle facts_;
    std::mutex mutex_;
    std::vector<std::string> wrong_;
    std::vector<std::map<index_t, std::string>> followed_;
    std::atomic<std::size_t> done_{0};
    std::atomic<std::uint64_t> calls_{0};
    std::uint64_t close_at_ = UINT64_MAX;
    std::atomic<bool> closing_{false};
    std::atomic<bool> finished_{false};
    bool cutting_ = false;
    index_t end_ = 0;
};

options crowded_options() {
    options o;
    o.segment_size = min_segment_size;
    o.background = background::own(2);
    o.max_open_segments = 1; // files come and go all the time
    o.witness_interval = nanoseconds(0);
    return o;
}

} // namespace log_threads

BOOST_AUTO_TEST_SUITE(log_threads)

// ---- one call in the middle of another ----

BOOST_FIXTURE_TEST_CASE(entries_that_are_being_dropped_cannot_be_held_any_more, lazy) {
    open();
    append_samples(10);
    hold_up(disk_call::sync);
    std::jthread dropper([this] { must(log->drop_before(6)); });
    held.await(1);
    BOOST_TEST(fails_with(log->hold(5), errc::dropped));
    auto kept = must(log->hold(6));
    held.open();
    dropper.join();
    BOOST_TEST(must(log->get(6)).text() == sample(6));
    BOOST_TEST(fails_with(log->drop_before(7), errc::held));
}

BOOST_FIXTURE_TEST_CASE(nothing_can_be_held_while_a_log_is_reset, lazy) {
    open();
    append_samples(10);
    hold_up(disk_call::write);
    std::jthread resetter([this] { must(log->reset(100)); });
    held.await(1);
    BOOST_TEST(fails_with(log->hold(5), errc::dropped));
    held.open();
    resetter.join();
    BOOST_TEST(must(log->first_index()) == 100U);
    (void)must(log->hold(100));
}

BOOST_FIXTURE_TEST_CASE(a_cut_and_a_roll_in_the_middle_of_a_drop_leave_the_segments_that_the_state_names, lazy) {
    open();
    append_samples(100); // three segments
    hold_up_on("state", disk_call::sync);
    std::jthread dropper([this] { must(log->drop_before(95)); });
    held.await(1);
    must(log->truncate(94));
    held.open(); // the roll changes the state too
    must(log->roll());
    append("new 95");
    dropper.join();
    calls.refuse_nothing();
    append("new 96");
    const auto left = all();
    kill_and_open();
    BOOST_TEST(all() == left, boost::test_tools::per_element());
    BOOST_TEST(must(log->first_index()) == 95U);
}

BOOST_FIXTURE_TEST_CASE(threads_that_find_no_room_for_a_segment_drop_one_together, lazy) {
    opts.max_segments = 3;
    opts.at_limit = limit_policy::drop_oldest;
    open();
    while (must(log->segment_count()) < 3)
        append_samples(1);
    const std::string large(3000, 'x');
    append(large); // the next one needs another segment
    hold_up_on("state", disk_call::sync);
    std::atomic<int> asked{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            ++asked;
            append(std::string(800, 'y'));
        });
    held.await(1);
    while (asked < 4)
        std::this_thread::yield();
    for (int i = 0; i < 1000; ++i)
        std::this_thread::yield(); // most likely all of them stand where they wait by now
    held.open();
    threads.clear();
    BOOST_TEST(must(log->segment_count()) == 3U);
}

// The two meet in a moment between two calls of the disk, which nothing can hold up: again and again, then.
BOOST_FIXTURE_TEST_CASE(segments_are_counted_right_when_writes_fail_beside_drops, lazy) {
    opts.max_segments = 30;
    open();
    append("a");
    static thread_local bool unlucky = false;
    calls.refuse([](disk_call call, const std::string&) {
        return call == disk_call::write && unlucky ? make_error_code(errc::no_space) : std::error_code();
    });
    std::jthread failing([&](const std::stop_token& stop) {
        unlucky = true;
        while (!stop.stop_requested()) {
            (void)log->append("lost");
            std::this_thread::yield();
        }
    });
    // What it wants to be written may be told that the unlucky one could not.
    const auto fails = [](const auto& r) { return !r && r.error() != errc::no_space; };
    for (int i = 0; i < 10'000; ++i) {
        BOOST_TEST_REQUIRE(!fails(log->append("b")));
        BOOST_TEST_REQUIRE(!fails(log->roll()));
        BOOST_TEST_REQUIRE(!fails(log->append("c")));
        for (result<void> dropped = errc::no_space; !dropped;) {
            dropped = log->drop_before(must(log->next_index()) - 1);
            BOOST_TEST_REQUIRE(!fails(dropped));
        }
    }
    failing.request_stop();
    failing.join();
    calls.refuse_nothing();
    for (auto left = 30 - must(log->segment_count()); left > 0; --left)
        must(log->append(std::string(4000, 'x')));
    BOOST_TEST(fails_with(log->append(std::string(4000, 'x')), errc::too_many_segments));
}

BOOST_FIXTURE_TEST_CASE(more_threads_than_groups_submit_and_nobody_is_left_waiting, lazy) {
    open();
    const std::string large(200 * kibibyte, 'x'); // a group of its own
    const std::vector<record_view> one{large};
    append("before");
    for (int i = 0; i < 8; ++i)
        must(log->submit(one));
    hold_up(disk_call::write);
    const auto submit_small = [&] { must(log->submit(records({"small"}))); }; // quicker than the others in what follows
    std::jthread first(submit_small);                                         // writes the oldest group
    held.await(1);
    std::jthread second(submit_small); // will write the one after it
    for (int i = 0; i < 1000; ++i)
        std::this_thread::yield();
    std::atomic<int> asked{0};
    std::vector<std::jthread> threads;
    for (int i = 0; i < 12; ++i)
        threads.emplace_back([&] {
            ++asked;
            must(log->submit(one));
        });
    while (asked < 12)
        std::this_thread::yield();
    for (int i = 0; i < 1000; ++i)
        std::this_thread::yield();
    held.open();
    threads.clear(); // would never end
    first.join();
    second.join();
    BOOST_TEST(must(log->last_index()) == 23U);
}

// ---- a close beside other calls ----

BOOST_FIXTURE_TEST_CASE(an_append_that_is_under_way_when_a_log_closes_is_refused, interruptible<>) {
    open();
    append("a");
    interrupted::meanwhile = [this] { must(log->close()); };
    BOOST_TEST(fails_with(log->append("late"), errc::closed));
    open();
    BOOST_TEST(all() == texts{"a"}, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(an_append_that_is_under_way_when_a_log_closes_on_a_full_disk_is_refused, interruptible<>) {
    opts.write_buffer = 16 * kibibyte;
    open();
    append("a");
    must(log->sync());
    append("b");
    refuse(disk_call::write, errc::no_space);
    BOOST_TEST(fails_with(log->sync(), errc::no_space));
    interrupted::meanwhile = [this] {
        BOOST_TEST(fails_with(log->close(), errc::no_space));
        calls.refuse_nothing();
    };
    BOOST_TEST(fails_with(log->append("late"), errc::closed));
    open();
    BOOST_TEST(all() == texts{"a"}, boost::test_tools::per_element());
}

// ---- everything at once ----

namespace {

template<class Policy, class Backend>
using log_on = basic_wal<binary_format, Policy, Backend, no_compression>;

// A crowd works on a log, which is then opened again; both times it holds what it should.
template<class Policy, class Backend, class Make>
void let_a_crowd_work(Make backend, options opts, unsigned appends, bool cutting,
                      std::uint64_t close_after = UINT64_MAX) {
    using log_type = log_on<Policy, Backend>;
    auto log = must(log_type::open(backend(), opts));
    crowd<log_type> all(log, appends);
    all.close_after(close_after);
    all.work(cutting);
    if (log.is_open()) {
        all.check(log);
        must(log.close());
    }
    auto again = must(log_type::open(backend(), opts));
    all.check(again);
}

using all_policies = std::tuple<fsync_always, fsync_interval, fsync_never>;

} // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(what_many_threads_append_in_memory_is_all_there, Policy, all_policies) {
    const memory_disk disk;
    let_a_crowd_work<Policy, memory_backend>([&] { return disk.backend(); }, crowded_options(), 300, /*cutting=*/false);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(many_threads_cut_and_drop_what_others_append_in_memory, Policy, all_policies) {
    const memory_disk disk;
    let_a_crowd_work<Policy, memory_backend>([&] { return disk.backend(); }, crowded_options(), 300, /*cutting=*/true);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(many_threads_use_a_log_with_a_write_buffer, Policy, std::tuple<fsync_interval>) {
    for (const bool cutting : {false, true}) {
        const memory_disk disk;
        options o = crowded_options();
        o.write_buffer = 4 * kibibyte;
        o.sync_alignment = 512;
        o.spare_segments = 2;
        let_a_crowd_work<Policy, memory_backend>([&] { return disk.backend(); }, o, 300, cutting);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(many_threads_use_a_log_in_files, Policy, all_policies) {
    for (const bool cutting : {false, true}) {
        const scratch_directory directory;
        let_a_crowd_work<Policy, posix_backend>([&] { return directory.backend(); }, crowded_options(), 100, cutting);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_close_beside_calls_of_every_kind_keeps_what_was_acknowledged, Policy, all_policies) {
    for (std::uint64_t calls = 20; calls < 2500; calls = calls * 3 / 2 + 7) {
        const memory_disk disk;
        let_a_crowd_work<Policy, memory_backend>([&] { return disk.backend(); }, crowded_options(), 1000,
                                                 /*cutting=*/calls % 2 == 0, calls);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_log_that_is_destroyed_lets_go_those_who_follow_it, Policy, all_policies) {
    for (int round = 0; round < 50; ++round) {
        using log_type = log_on<Policy, memory_backend>;
        std::optional<log_type> log(must(log_type::open(memory_backend(), crowded_options())));
        must(log->append("a"));
        std::atomic<int> waiting{0};
        std::atomic<int> let_go{0};
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&waiting, &let_go, f = must(log->follow(1))](const std::stop_token& stop) mutable {
                (void)f.next(stop);
                ++waiting;
                if (const auto e = f.next(stop); !e && e.error() == errc::closed)
                    ++let_go;
            });
        while (round % 2 == 0 && waiting < 4)
            std::this_thread::yield();
        log.reset();
        for (std::jthread& t : threads)
            t.join();
        BOOST_TEST(let_go == 4);
    }
}

BOOST_AUTO_TEST_SUITE_END()
