#include <tusk/log/log_engine.hpp>

#include <log/steered_log.hpp>

#include <thread>

using namespace log_test;

namespace log_beside_a_write {

std::optional<steady_time> in_an_hour() { return steady_clock::now() + std::chrono::hours(1); }

// A log with two entries, and a third whose write does not end before the test says so.
template<class FsyncPolicy>
struct writing : steered_log<FsyncPolicy> {
    std::jthread writer;

    writing() {
        this->opts.segment_size = mebibyte;
        this->open();
        this->append("a");
        this->append("b");
    }
    ~writing() { go_on(); } // nobody waits for what will not come if the test ends early

    // Somebody has begun such a call: an append whose write or sync is held up.
    void begin_append(std::string_view text, disk_call held_up = disk_call::write) {
        this->hold_up(held_up);
        begin([this, text] { must(this->log->append(text)); });
    }
    template<class Call>
    void begin(Call&& call) {
        writer = std::jthread(std::forward<Call>(call));
        this->held.await(1);
    }
    void go_on() {
        this->held.open();
        if (writer.joinable())
            writer.join();
    }
};

using fixture = writing<fsync_always>;
using lazy = writing<fsync_never>;

} // namespace log_beside_a_write

BOOST_FIXTURE_TEST_SUITE(log_beside_a_write, fixture)

// ---- who reads waits for nobody who writes ----

BOOST_AUTO_TEST_CASE(what_is_written_is_read_while_more_is_being_written) {
    begin_append("c");
    BOOST_TEST(must(log->get(2)).text() == "b");
    BOOST_TEST(must(log->last_index()) == 2U);
    BOOST_TEST(must(log->next_index()) == 3U);
    BOOST_TEST(must(log->term_at(2)) == 0U);
    BOOST_TEST(fails_with(log->get(3), errc::beyond_end));
    BOOST_TEST(all() == (texts{"a", "b"}), boost::test_tools::per_element());
    auto r = must(log->read_from(2));
    BOOST_TEST(must(r.next()).text() == "b");
    BOOST_TEST(fails_with(r.next(), errc::beyond_end));
    BOOST_TEST(must(log->verify()).entries == 2U);
    go_on();
    BOOST_TEST(must(r.next()).text() == "c");
    BOOST_TEST(must(log->get(3)).text() == "c");
}

BOOST_AUTO_TEST_CASE(what_is_written_and_not_yet_synced_is_shown_to_those_who_want_it) {
    begin_append("c", disk_call::sync);
    auto written = must(log->read_from(3));
    auto safe = must(log->read_from(3, visible::durable));
    BOOST_TEST(must(written.next()).text() == "c");
    BOOST_TEST(fails_with(safe.next(), errc::beyond_end));
    BOOST_TEST(durable() == 2U);
    go_on();
    BOOST_TEST(must(safe.next()).text() == "c");
    BOOST_TEST(durable() == 3U);
}

BOOST_AUTO_TEST_CASE(a_follower_is_woken_when_the_write_has_ended) {
    auto f = must(log->follow(3));
    begin_append("c");
    BOOST_TEST(fails_with(f.next({}, steady_clock::now()), errc::timed_out));
    std::string seen;
    std::jthread following([&] { seen = must(f.next({}, in_an_hour())).text(); });
    go_on();
    following.join();
    BOOST_TEST(seen == "c");
}

BOOST_FIXTURE_TEST_CASE(who_reads_what_was_submitted_waits_for_the_write_that_somebody_else_has_begun, lazy) {
    must(log->submit(records({"c"})));
    hold_up(disk_call::write);
    begin([this] { must(log->sync()); });
    std::string seen;
    std::jthread reading([&] { seen = must(log->get(3)).text(); });
    go_on();
    reading.join();
    BOOST_TEST(seen == "c");
}

// ---- who syncs waits for what was begun before ----

BOOST_FIXTURE_TEST_CASE(a_sync_covers_what_another_thread_is_in_the_middle_of_writing, lazy) {
    begin_append("c");
    std::atomic<bool> asked{false};
    index_t durable_then = 0;
    std::jthread syncing([&] {
        asked = true;
        must(log->sync());
        durable_then = durable();
    });
    while (!asked)
        std::this_thread::yield();
    BOOST_TEST(durable() == 0U);
    go_on();
    syncing.join();
    BOOST_TEST(durable_then == 3U);
}

BOOST_FIXTURE_TEST_CASE(an_append_behind_a_write_comes_behind_it, lazy) {
    begin_append("c");
    std::jthread second([&] { BOOST_TEST(append("d") == 4U); });
    go_on();
    second.join();
    BOOST_TEST(all() == (texts{"a", "b", "c", "d"}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_ticket_can_be_waited_for_while_its_write_is_under_way, lazy) {
    opts.background = background::own(1);
    open();
    const ticket t = must(log->submit(records({"c"})));
    hold_up(disk_call::write);
    begin([this] { must(log->sync()); });
    BOOST_TEST(fails_with(log->wait_durable(t, {}, steady_clock::now()), errc::timed_out));
    std::stop_source stop;
    stop.request_stop();
    BOOST_TEST(fails_with(log->wait_durable(t, stop.get_token(), in_an_hour()), errc::cancelled));
    std::jthread waiting([&] {
        must(log->wait_durable(t));
        BOOST_TEST(durable() == 3U);
    });
    go_on();
    waiting.join();
    must(log->wait_durable(t));
}

BOOST_AUTO_TEST_CASE(a_cut_behind_a_write_cuts_what_is_being_written) {
    begin_append("c");
    std::jthread cutting([&] { must(log->truncate(2)); });
    go_on();
    cutting.join();
    // Whichever got its place first: "c" is there only if the cut came before it.
    const texts now = all();
    BOOST_TEST((now == texts{"a", "b"} || now == texts{"a", "b", "c"}));
    BOOST_TEST(after_a_kill() == now, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_close_waits_for_a_write_that_is_under_way) {
    begin_append("c");
    std::jthread closing([&] { must(log->close()); });
    go_on();
    closing.join();
    open();
    BOOST_TEST(all() == (texts{"a", "b", "c"}), boost::test_tools::per_element());
    BOOST_TEST(report.scanned_bytes == 0U);
}

BOOST_AUTO_TEST_CASE(assigning_over_an_open_log_closes_it) {
    steered_log<> other;
    other.open();
    other.append("of the other");
    auto r = must(log->read_from(1)); // keeps what it reads from alive, but nobody out
    *log = std::move(*other.log);
    BOOST_TEST(fails_with(r.next(), errc::closed));
    other.log.reset();
    BOOST_TEST(all() == texts{"of the other"}, boost::test_tools::per_element());
    other.disk = disk;
    other.open(); // nobody keeps it from being opened, and nothing has to be read again
    BOOST_TEST(other.report.scanned_bytes == 0U);
    BOOST_TEST(other.all() == (texts{"a", "b"}), boost::test_tools::per_element());
    log.reset(); // before the disk that it counts on goes
}

// ---- ranges beside cuts ----

BOOST_FIXTURE_TEST_CASE(a_range_beside_a_cut_is_what_is_left, lazy) {
    opts.segment_size = min_segment_size;
    disk = {};
    open();
    append_samples(150); // several segments
    hold_up(disk_call::read);
    texts seen;
    begin([&] { seen = all(); });
    calls.forget();
    must(log->truncate(10)); // the range has begun with the first of them
    for (index_t i = 11; i <= 200; ++i)
        append("new " + std::to_string(i));
    go_on();
    // What the log was before the cut, or at any time after it.
    BOOST_REQUIRE_GE(seen.size(), 10U);
    const bool old = seen.size() > 10 && seen[10] == sample(11);
    for (index_t i = 1; i <= seen.size(); ++i)
        BOOST_REQUIRE_EQUAL(seen[i - 1], i <= 10 || old ? sample(i) : "new " + std::to_string(i));
}

BOOST_FIXTURE_TEST_CASE(ranges_beside_many_cuts_are_logs_that_once_were, lazy) {
    constexpr unsigned rounds = 400;
    opts.segment_size = min_segment_size;
    disk = {};
    open();
    // In each round some entries are kept, and others, of the round's term, take the place of the rest.
    std::array<std::atomic<index_t>, rounds + 1> kept{};
    std::atomic<bool> done{false};
    std::jthread cutting([&] {
        for (unsigned round = 1; round <= rounds; ++round) {
            const index_t last = must(log->last_index());
            const index_t keep = std::min<index_t>(last, round * 7919 % 200);
            kept[round] = keep;
            must(log->truncate(keep));
            for (index_t i = keep + 1; i <= 200; i += 5) {
                const std::string text = std::to_string(round);
                must(log->append_batch(records({text, text, text, text, text})));
            }
        }
        done = true;
    });
    while (!done) {
        const entries range = must(log->get_range(1, UINT64_MAX));
        for (std::size_t i = 1; i < range.size(); ++i) {
            BOOST_REQUIRE_EQUAL(range[i].index(), range[i - 1].index() + 1);
            const unsigned before = static_cast<unsigned>(std::stoul(std::string(range[i - 1].text())));
            const unsigned round = static_cast<unsigned>(std::stoul(std::string(range[i].text())));
            BOOST_REQUIRE_LE(before, round);
            for (unsigned r = before + 1; r <= round; ++r) // so this one cannot have cut the entry before
                BOOST_REQUIRE_GE(kept[r].load(), range[i - 1].index());
        }
    }
}

// What is cut while a sync runs is not durable when it ends, and neither is what takes its place.
static void cut_beside_a_sync(const std::function<void(steered_log<fsync_never>::log_type&)>& cut) {
    steered_log<fsync_never> l;
    l.open();
    l.append_samples(5);
    l.hold_up(disk_call::sync);
    std::jthread syncing([&] { must(l.log->sync()); });
    l.held.await(1);
    cut(*l.log);
    l.held.open();
    syncing.join();
    BOOST_TEST(l.durable() == 2U);
    must(l.log->sync());
    BOOST_TEST(l.durable() == 3U);
}
BOOST_AUTO_TEST_CASE(what_is_cut_beside_a_sync_does_not_count_as_durable) {
    cut_beside_a_sync([](auto& l) {
        must(l.truncate(2));
        must(l.append("new"));
    });
}
BOOST_AUTO_TEST_CASE(what_is_replaced_beside_a_sync_does_not_count_as_durable) {
    cut_beside_a_sync([](auto& l) { must(l.replace_from(3, records({"new"}))); });
}

BOOST_AUTO_TEST_SUITE_END()
