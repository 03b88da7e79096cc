#include <tusk/log/log_store.hpp>

#include <log/steered_log.hpp>

using namespace log_test;

namespace log_second_life {

struct lazy : steered_log<fsync_never> {
    void append_batch_of(std::size_t count) {
        const std::string text = sample(1);
        const std::vector<record_view> batch(count, record_view(text));
        must(log->append_batch(batch));
    }
};

// A disk that spoils all of the block in which it is writing when the power goes.
struct aligned : steered_log<> {
    static constexpr std::uint64_t block = 4096;
    std::map<std::string, std::uint64_t> written;
    std::map<std::string, std::uint64_t> durable;
    int shared = 0;

    aligned() {
        opts.segment_size = 64 * kibibyte;
        opts.sync_alignment = block;
    }
    // From now on counts the writes into blocks that hold what was synced before, and the cuts: they blank what is left.
    void watch() {
        calls.refuse([this](disk_call call, const std::string& name) {
            const bool changes =
                call == disk_call::write || (call == disk_call::trim && calls.writing_at() % block != 0);
            if (name != "state" && changes)
                shared += disk.has(name) && calls.writing_at() / block * block < durable[name] ? 1 : 0;
            if (name != "state" && call == disk_call::write)
                written[name] = std::max(written[name], calls.writing_at() + calls.writing());
            if (name != "state" && call == disk_call::sync)
                durable[name] = written[name];
            return std::error_code();
        });
    }
};

} // namespace log_second_life

BOOST_AUTO_TEST_SUITE(log_second_life)

// ---- cuts ----

BOOST_FIXTURE_TEST_CASE(what_a_lost_replacement_would_have_cut_is_there_in_a_segment_of_two_lives,
                        memory_log<fsync_never>) {
    open();
    append_samples(1);
    reopen();
    append_samples(19);
    must(log->sync());
    const std::string large(4000, 'l');
    must(log->replace_from(11, records({large}))); // goes to the next segment, with which this one is sealed
    kill();
    disk.damage(large); // the power went before the replacement was whole
    open();
    BOOST_TEST(all() == samples(1, 20), boost::test_tools::per_element());
}

// ---- drops ----

BOOST_FIXTURE_TEST_CASE(what_was_dropped_stays_dropped_when_a_reset_before_it_was_proven_by_nothing_else, lazy) {
    opts.background = background::own(1); // the reset leaves its own drop to another time
    opts.segment_size = mebibyte;
    open();
    append_samples(5);
    hold_up(disk_call::sync);
    must(log->reset(100));
    append_batch_of(100);
    held.open();
    must(log->drop_before(150));
    kill_and_open();
    BOOST_TEST(must(log->first_index()) == 150U);
    BOOST_TEST(must(log->last_index()) == 199U);
    BOOST_TEST(fails_with(log->get(120), errc::dropped));
}

BOOST_FIXTURE_TEST_CASE(a_drop_that_failed_and_is_tried_again_outlives_a_kill, steered_log<>) {
    open();
    append_samples(10);
    must(log->drop_before(5));
    calls.refuse([](disk_call call, const std::string& name) {
        return call == disk_call::write && name == "state" ? io_error : std::error_code();
    });
    BOOST_TEST(fails_with(log->drop_before(8), io_error));
    calls.refuse_nothing();
    must(log->drop_before(8));
    kill_and_open();
    BOOST_TEST(must(log->first_index()) == 8U);
}

// ---- writes that failed ----

BOOST_FIXTURE_TEST_CASE(a_cut_that_could_not_be_written_whole_does_not_come_to_light_later, steered_log<>) {
    opts.sync_alignment = 512; // so that the frame can be written and its padding not
    open();
    append_samples(10);
    refuse(disk_call::write, errc::no_space, 100);
    BOOST_TEST(fails_with(log->truncate(5), errc::no_space));
    calls.refuse_nothing();
    BOOST_TEST(must(log->last_index()) == 10U);
    must(log->sync());
    close();
    open();
    BOOST_TEST(all() == samples(1, 10), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(an_entry_that_could_not_be_written_whole_does_not_come_to_light_later, steered_log<>) {
    opts.sync_alignment = 512;
    open();
    append_samples(3);
    refuse(disk_call::write, errc::no_space, 150);
    BOOST_TEST(fails_with(log->append("in vain"), errc::no_space));
    calls.refuse_nothing();
    must(log->sync());
    kill_and_open();
    BOOST_TEST(all() == samples(1, 3), boost::test_tools::per_element());
}

// ---- opens that fail late, and limits ----

BOOST_FIXTURE_TEST_CASE(an_open_whose_last_segment_may_not_be_written_fails_and_changes_nothing, steered_log<>) {
    open();
    append_samples(3);
    close();
    const auto before = disk.contents();
    calls.refuse([this](disk_call call, const std::string& name) {
        return call == disk_call::open && calls.opening_to_write() && name != "state"
                   ? std::make_error_code(std::errc::permission_denied)
                   : std::error_code();
    });
    const auto opened = log_type::open(counting_backend(disk.backend(), calls), opts);
    BOOST_TEST(fails_with(opened, std::make_error_code(std::errc::permission_denied)));
    BOOST_TEST((disk.contents() == before));
    calls.refuse_nothing();
    open();
    BOOST_TEST(all() == samples(1, 3), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_log_whose_segment_numbers_are_used_up_takes_no_more, steered_log<>) {
    open();
    append_samples(3);
    close();
    {
        memory_backend files = disk.backend();
        must(files.attach(/*create=*/false));
        state_file<memory_backend> state(must(files.open("state", open_for::write)));
        log_state s = must(state.read()).state;
        s.next_segment = UINT32_MAX;
        must(state.commit(s, /*both=*/true));
    }
    open();
    result<index_t> last = index_t{0};
    while (last)
        last = log->append(sample(1));
    BOOST_TEST(fails_with(last, errc::too_many_segments));
    const texts before = all();
    close();
    open();
    BOOST_TEST(all() == before, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(salvage_of_a_lost_reset_to_a_high_index_takes_no_more_room_than_the_log, lazy) {
    open();
    append_samples(1);
    must(log->sync());
    const auto before = disk.contents();
    calls.refuse([](disk_call call, const std::string& name) { // the reset's own drop
        return call == disk_call::write && name == "state" ? io_error : std::error_code();
    });
    constexpr index_t far = 1'000'000'000'000;
    BOOST_TEST(!log->reset(far));
    calls.refuse_nothing();
    append("beyond");
    must(log->sync());
    append("witness");
    auto left = disk.now();
    log.reset();
    disk.go_back_to(std::move(left));
    const std::string name = disk.segments().front();
    std::uint64_t at = 0; // where the reset begins: behind what there was before
    for (const std::string &then = before.at(name), now = disk.read(name); then[at] == now[at];)
        ++at;
    disk.flip(name, at + 1);
    const auto refused = log_type::open(counting_backend(disk.backend(), calls), opts, {}, {}, &report);
    BOOST_TEST(fails_with(refused, errc::corrupt));
    opts.mode = open_mode::salvage;
    open();
    BOOST_TEST(must(log->last_index()) == far + 1);
    BOOST_TEST(must(log->get(far)).text() == "beyond");
    BOOST_TEST(log->index_memory() < mebibyte);
    close();
    opts.mode = open_mode::strict;
    open();
    BOOST_TEST(must(log->get(far)).text() == "beyond");
}

// ---- alignment ----

BOOST_FIXTURE_TEST_CASE(no_write_shares_a_block_with_what_was_synced, aligned) {
    watch();
    open();
    append("a");
    append("b");
    must(log->roll());
    must(log->sync());
    append("c");
    close();
    open();
    watch();
    append("d");
    must(log->submit(records({"e"})));
    BOOST_TEST(must(log->last_index()) == 5U); // written, and proven by nothing
    kill_and_open();
    watch();
    append("f");
    must(log->roll());
    append("g");
    close();
    BOOST_TEST(shared == 0);
    open();
    BOOST_TEST(all() == (texts{"a", "b", "c", "d", "e", "f", "g"}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_close_with_nothing_to_add_changes_no_block_with_what_was_synced, aligned) {
    watch();
    open();
    append("proven by nothing");
    kill_and_open();
    durable[disk.segments().back()] = must(log->size_bytes()); // by the repair, which pads nothing
    watch();
    close();
    BOOST_TEST(shared == 0);
    open();
    BOOST_TEST(all() == texts{"proven by nothing"}, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_close_of_what_was_not_aligned_changes_no_block_with_what_was_synced, aligned) {
    opts.sync_alignment = 0;
    opts.background = background::own(1);
    opts.spare_segments = 0;
    opts.witness_interval = nanoseconds(0);
    open();
    append("the segment is made");
    const std::string before = disk.read("state");
    append("proven by the state file");
    while (disk.read("state") == before)
        std::this_thread::yield();
    opts.sync_alignment = block;
    opts.background = background::inline_();
    kill_and_open();
    BOOST_TEST(!report.repaired);
    durable[disk.segments().back()] = must(log->size_bytes());
    watch();
    close();
    BOOST_TEST(shared == 0);
    open();
    BOOST_TEST(all() == (texts{"the segment is made", "proven by the state file"}), boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_block_that_is_spoilt_while_it_is_written_takes_nothing_durable_with_it, aligned) {
    open();
    append_samples(5);
    close();
    auto before = disk.now();
    std::optional<std::pair<std::string, std::uint64_t>> first;
    calls.refuse([&](disk_call call, const std::string& name) {
        if (call == disk_call::write && name != "state" && !first)
            first.emplace(name, calls.writing_at());
        return std::error_code();
    });
    open();
    append("not acknowledged");
    log.reset();
    calls.refuse_nothing();
    disk.go_back_to(std::move(before));
    BOOST_REQUIRE(first);
    disk.write(first->first, first->second / block * block, std::string(block, '\xA5'));
    open();
    BOOST_TEST(all() == samples(1, 5), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
