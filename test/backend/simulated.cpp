#include <tusk/backend/simulated.hpp>

#include <conformance/backend.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <stdexcept>

using namespace tusk;
using namespace backend_suite;

static_assert(backend<simulated_backend>);
static_assert(!std::copyable<simulated_file> && !std::copyable<simulated_lock>);

namespace {

class simulated_place {
public:
    using backend_type = simulated_backend;
    simulated_backend backend() const { return simulated_backend(disk); }

    simulated_disk disk;
};

/// A disk and a process that uses it.
class machine {
public:
    machine() { boot(); }
    explicit machine(const simulated_disk& other) : disk(other) { boot(); }

    void power_cycle(disk_loss loss = disk_loss::drop_unsynced()) {
        disk.power_cycle(loss);
        boot();
    }
    void kill() {
        disk.kill();
        boot();
    }

    /// A file whose name and contents are durable.
    simulated_file durable(const char* name, std::string_view text) {
        auto f = must(directory().create(name, text.size()));
        must(write_text(f, 0, text));
        must(f.sync());
        must(directory().sync_directory());
        return f;
    }
    simulated_file open(const char* name) { return must(directory().open(name, open_for::write)); }
    std::string text(const char* name) const { return std::string(to_text(disk.contents(name))); }
    simulated_backend& directory() { return *directory_; }
    std::vector<std::string> names() const { return disk.names(); }

    simulated_disk disk;

private:
    void boot() {
        directory_.emplace(disk);
        must(directory_->attach(/*create=*/true));
    }

    std::optional<simulated_backend> directory_;
};

/// All that loss may make of the disk, each once. Many seeds stand for all.
std::set<std::string> outcomes(const simulated_disk& disk, disk_loss (*loss)(std::uint64_t),
                               const std::function<std::string(const machine&)>& look) {
    std::set<std::string> found;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        simulated_disk copy = disk.copy();
        copy.power_cycle(loss(seed));
        found.insert(look(machine(copy)));
    }
    return found;
}

std::string names_of(const machine& m) {
    std::string all;
    for (const std::string& name : m.names())
        all += name;
    return all;
}

using texts = std::set<std::string>;
const std::string sector_a(512, 'a');
const std::string sector_b(512, 'b');
const std::string sector_0(512, '\0');

} // namespace

BOOST_AUTO_TEST_SUITE(backend_simulated)

BOOST_DATA_TEST_CASE(conforms, boost::unit_test::data::make(backend_behaviours<simulated_place>()), behaviour) {
    behaviour.test();
}

// What survives.

BOOST_AUTO_TEST_CASE(what_was_synced_survives_every_loss) {
    machine m;
    auto f = m.durable("a", "text");
    must(f.trim(2));
    must(f.sync());
    must(m.directory().rename("a", "b"));
    must(m.directory().sync_directory());
    BOOST_TEST(m.disk.unsynced() == 0U);
    for (const auto loss : {disk_loss::torn, disk_loss::prefix, disk_loss::size_first, disk_loss::subset})
        BOOST_TEST(
            (outcomes(m.disk, loss, [](const machine& n) { return names_of(n) + n.text("b"); }) == texts{"bte"}));
    m.power_cycle();
    BOOST_TEST(m.text("b") == "te");
}

BOOST_AUTO_TEST_CASE(what_was_not_synced_is_lost_or_kept_as_one_asks) {
    machine m;
    auto f = m.durable("a", "old!");
    must(write_text(f, 0, "newer"));
    must(must(m.directory().create("b", 3)).close());
    BOOST_TEST(m.text("a") == "newer");
    machine lost(m.disk.copy());
    lost.power_cycle(disk_loss::drop_unsynced());
    BOOST_TEST(names_of(lost) == "a");
    BOOST_TEST(lost.text("a") == "old!");
    m.power_cycle(disk_loss::keep_all());
    BOOST_TEST(names_of(m) == "ab");
    BOOST_TEST(m.text("a") == "newer");
    BOOST_TEST(m.text("b") == std::string(3, '\0'));
    m.power_cycle(disk_loss::drop_unsynced()); // what a life began with is durable in it
    BOOST_TEST(m.text("a") == "newer");
}

BOOST_AUTO_TEST_CASE(a_sync_covers_its_file_alone) {
    machine m;
    auto a = m.durable("a", "old");
    auto b = m.durable("b", "old");
    must(write_text(a, 0, "new"));
    must(write_text(b, 0, "new"));
    must(b.sync());
    must(m.directory().sync_directory());
    m.power_cycle();
    BOOST_TEST(m.text("a") == "old");
    BOOST_TEST(m.text("b") == "new");
}

BOOST_AUTO_TEST_CASE(a_torn_sector_is_old_new_garbage_or_zeros) {
    machine m;
    auto f = m.durable("a", sector_a);
    must(write_text(f, 0, sector_b));
    bool garbage = false;
    texts found = outcomes(m.disk, disk_loss::torn, [](const machine& n) { return n.text("a"); });
    std::erase_if(found, [&](const std::string& t) {
        const bool known = t == sector_a || t == sector_b || t == sector_0;
        garbage = garbage || !known;
        return !known;
    });
    BOOST_TEST((found == texts{sector_a, sector_b, sector_0}));
    BOOST_TEST(garbage);
}

BOOST_AUTO_TEST_CASE(bytes_that_were_not_written_are_never_touched) {
    machine m;
    auto f = m.durable("a", std::string(2000, 'a'));
    must(write_text(f, 700, std::string(50, 'b')));
    const texts found = outcomes(m.disk, disk_loss::torn,
                                 [](const machine& n) { return n.text("a").substr(0, 700) + n.text("a").substr(750); });
    BOOST_TEST((found == texts{std::string(1950, 'a')}));
}

BOOST_AUTO_TEST_CASE(sectors_are_torn_one_by_one) {
    machine m;
    auto f = m.durable("a", sector_a + sector_a);
    must(write_text(f, 0, sector_b + sector_b));
    BOOST_TEST(m.disk.unsynced() == 2U);
    const texts found = outcomes(m.disk, disk_loss::subset, [](const machine& n) { return n.text("a"); });
    BOOST_TEST((found == texts{sector_a + sector_a, sector_a + sector_b, sector_b + sector_a, sector_b + sector_b}));
}

BOOST_AUTO_TEST_CASE(a_sector_is_one_change_whatever_pieces_it_was_written_in) {
    machine m;
    auto f = m.durable("a", sector_a + sector_a);
    const std::vector<byte_view> pieces{to_bytes("1"), to_bytes("23"), to_bytes("45678")};
    must(f.write(510, pieces));
    BOOST_TEST(m.disk.unsynced() == 2U);
    must(f.sync());
    m.power_cycle();
    BOOST_TEST(m.text("a").substr(509, 10) == "a12345678a");
}

BOOST_AUTO_TEST_CASE(a_size_may_be_lost_though_the_data_arrived) {
    machine m;
    auto f = m.durable("a", "");
    must(write_text(f, 0, "text"));
    const texts found = outcomes(m.disk, disk_loss::subset, [](const machine& n) { return n.text("a"); });
    BOOST_TEST((found == texts{"", std::string(4, '\0'), "text"}));
}

BOOST_AUTO_TEST_CASE(data_that_arrived_beyond_a_lost_size_does_not_show_later) {
    machine m;
    auto f = m.durable("a", "");
    must(write_text(f, 0, sector_b + sector_b));
    m.power_cycle(disk_loss::subset(0b011)); // both sectors, not the size
    BOOST_TEST(m.text("a").empty());
    auto again = m.open("a");
    must(write_text(again, 1024, "x"));
    BOOST_TEST((m.text("a") == sector_0 + sector_0 + "x"));
}

BOOST_AUTO_TEST_CASE(a_size_that_was_given_back_may_be_there_again) {
    machine m;
    auto f = m.durable("a", "text");
    must(f.trim(1));
    const texts found = outcomes(m.disk, disk_loss::torn, [](const machine& n) { return n.text("a"); });
    BOOST_TEST((found == texts{"t", "text"}));
    must(f.sync());
    m.power_cycle();
    BOOST_TEST(m.text("a") == "t");
}

BOOST_AUTO_TEST_CASE(what_was_trimmed_stays_away_when_the_file_grows_again) {
    machine m;
    auto f = m.durable("a", sector_a + sector_a);
    must(f.trim(100));
    must(write_text(f, 1000, "end"));
    must(f.sync());
    m.power_cycle();
    BOOST_TEST((m.text("a") == sector_a.substr(0, 100) + std::string(900, '\0') + "end"));
}

BOOST_AUTO_TEST_CASE(an_ordered_journal_keeps_what_was_done_first) {
    machine m;
    auto a = m.durable("a", "0");
    auto b = m.durable("b", "0");
    must(write_text(a, 0, "1"));
    must(write_text(b, 0, "1"));
    must(m.directory().rename("a", "c"));
    must(write_text(b, 0, "2"));
    bool torn = false;
    texts found = outcomes(m.disk, disk_loss::prefix, [](const machine& n) {
        return names_of(n) + n.text(n.names().back() == "c" ? "c" : "a") + n.text("b");
    });
    std::erase_if(found, [&](const std::string& t) { // the one at the edge may be spoiled
        const bool whole = t.find_first_not_of("abc012") == std::string::npos;
        torn = torn || !whole;
        return !whole;
    });
    BOOST_TEST(torn);
    // Garbage of one byte may look like a digit, too: what must not be is the later without the earlier.
    for (const std::string bad : {"ab01", "ab02", "ab12", "bc01", "bc10"})
        BOOST_TEST(!found.contains(bad), bad);
    for (const std::string good : {"ab00", "ab10", "ab11", "bc11", "bc12"})
        BOOST_TEST(found.contains(good), good);
}

BOOST_AUTO_TEST_CASE(sizes_and_names_may_arrive_before_the_data) {
    machine m;
    auto f = must(m.directory().create("a", 0));
    must(write_text(f, 0, sector_b));
    const texts found = outcomes(m.disk, disk_loss::size_first, [](const machine& n) {
        return names_of(n) + std::to_string(n.text("a").size()) + (n.text("a") == sector_b ? "whole" : "");
    });
    BOOST_TEST((found == texts{"a512", "a512whole"}));
}

BOOST_AUTO_TEST_CASE(all_subsets_of_what_is_not_synced_can_be_tried) {
    machine m;
    auto f = m.durable("a", "...");
    for (std::uint64_t i = 0; i < 3; ++i)
        must(write_text(f, i, "x"));
    BOOST_REQUIRE(m.disk.unsynced() == 3U);
    texts found;
    for (std::uint64_t bits = 0; bits < 8; ++bits) {
        machine n(m.disk.copy());
        n.power_cycle(disk_loss::subset(bits));
        found.insert(n.text("a"));
        BOOST_TEST((n.text("a")[1] == 'x') == ((bits & 2) != 0));
    }
    BOOST_TEST(found.size() == 8U);
}

BOOST_AUTO_TEST_CASE(a_subset_names_the_first_64_changes_and_loses_the_rest) {
    machine m;
    auto f = m.durable("a", std::string(70 * disk_sector_size, 'a'));
    must(write_text(f, 0, std::string(70 * disk_sector_size, 'b')));
    BOOST_REQUIRE(m.disk.unsynced() == 70U);
    m.power_cycle(disk_loss::subset(~std::uint64_t{0}));
    BOOST_TEST((m.text("a") == std::string(64 * disk_sector_size, 'b') + std::string(6 * disk_sector_size, 'a')));
}

BOOST_AUTO_TEST_CASE(an_ordered_journal_keeps_the_data_before_a_name_that_it_keeps) {
    machine m;
    auto a = m.durable("a", "0");
    must(write_text(a, 0, "1"));
    must(m.directory().rename("a", "b"));
    must(write_text(a, 0, "2"));
    must(m.directory().rename("b", "c"));
    const texts found = outcomes(m.disk, disk_loss::ordered,
                                 [](const machine& n) { return names_of(n) + n.text(n.names().front().c_str()); });
    for (const std::string bad : {"b0", "c0", "c1"})
        BOOST_TEST(!found.contains(bad), bad);
    for (const std::string good : {"a0", "a1", "a2", "b1", "b2", "c2"})
        BOOST_TEST(found.contains(good), good);
}

BOOST_AUTO_TEST_CASE(the_fate_of_each_change_can_be_chosen) {
    machine m;
    auto f = m.durable("a", "....");
    for (std::uint64_t i = 0; i < 4; ++i)
        must(write_text(f, i, "x"));
    must(m.directory().rename("a", "b"));
    m.power_cycle(disk_loss::each(0b11'11'10'01'00)); // lost, kept, garbage, zeros, and a name that cannot be zeros
    BOOST_TEST(m.names().front() == "a");
    const std::string found = m.text("a");
    BOOST_TEST(found.substr(0, 2) == ".x");
    BOOST_TEST((found[2] != '.' && found[2] != 'x'));
    BOOST_TEST(found[3] == '\0');
}

BOOST_AUTO_TEST_CASE(one_run_shows_what_every_call_may_leave) {
    machine m;
    std::vector<std::string> shown;
    const auto show = [&](const tusk::simulated_disk& cut) {
        tusk::simulated_disk after = cut.copy();
        after.power_cycle(disk_loss::drop_unsynced());
        shown.push_back(std::to_string(cut.calls()) + names_of(machine(after)));
    };
    m.disk.watch(show);
    auto f = must(m.directory().create("a", 1));
    must(write_text(f, 0, "x"));
    must(m.directory().sync_directory());
    must(f.sync());
    BOOST_TEST(f.size().value() == 1U);
    must(m.directory().remove("a"));
    BOOST_TEST(shown.size() == 5U);
    BOOST_TEST(shown[3] == "4a"); // the name is certain when the file is synced
    BOOST_TEST(shown[4] == "5a");
    m.disk.watch({});
    must(m.directory().create("b", 1));
    BOOST_TEST(shown.size() == 5U);
}

BOOST_AUTO_TEST_CASE(a_write_that_is_watched_may_have_arrived_in_part) {
    machine m;
    auto f = m.durable("a", sector_a + sector_a);
    texts found;
    m.disk.watch([&](const tusk::simulated_disk& cut) {
        BOOST_TEST(cut.unsynced() == 2U);
        for (std::uint64_t bits = 0; bits < 4; ++bits) {
            tusk::simulated_disk after = cut.copy();
            after.power_cycle(disk_loss::subset(bits));
            found.insert(machine(after).text("a"));
        }
    });
    must(write_text(f, 0, sector_b + sector_b));
    m.disk.watch({});
    BOOST_TEST((found == texts{sector_a + sector_a, sector_a + sector_b, sector_b + sector_a, sector_b + sector_b}));
    BOOST_TEST((m.text("a") == sector_b + sector_b)); // it goes on as if nobody had looked
}

BOOST_AUTO_TEST_CASE(garbage_is_not_the_same_in_two_sectors) {
    machine m;
    auto f = m.durable("a", sector_a + sector_a);
    must(write_text(f, 0, sector_b + sector_b));
    const auto spoiled = [](const std::string& s) { return s != sector_a && s != sector_b && s != sector_0; };
    std::size_t seen = 0;
    for (const std::string& t : outcomes(m.disk, disk_loss::torn, [](const machine& n) { return n.text("a"); }))
        if (spoiled(t.substr(0, 512)) && spoiled(t.substr(512))) {
            ++seen;
            BOOST_TEST((t.substr(0, 512) != t.substr(512)));
        }
    BOOST_TEST(seen > 0U);
}

BOOST_AUTO_TEST_CASE(a_loss_leaves_nothing_to_be_lost_later) {
    machine m;
    auto f = m.durable("a", sector_a);
    must(write_text(f, 0, sector_b));
    must(m.directory().rename("a", "b"));
    must(must(m.directory().create("c", 10)).close());
    m.power_cycle(disk_loss::drop_unsynced());
    BOOST_TEST(m.disk.unsynced() == 0U);
    must(m.directory().sync_directory());
    must(m.open("a").sync());
    m.power_cycle(disk_loss::keep_all());
    BOOST_TEST(names_of(m) == "a");
    BOOST_TEST((m.text("a") == sector_a));
}

BOOST_AUTO_TEST_CASE(a_size_that_stays_as_it_is_is_no_change) {
    machine m;
    auto f = m.durable("a", "text");
    must(f.trim(4));
    BOOST_TEST(m.disk.unsynced() == 0U);
}

BOOST_AUTO_TEST_CASE(what_is_written_to_a_file_that_is_gone_for_good_cannot_be_lost) {
    machine m;
    auto f = m.durable("a", "text");
    must(m.directory().remove("a"));
    must(m.directory().sync_directory());
    must(write_text(f, 0, "next"));
    BOOST_TEST(read_text(f, 0, 4) == "next");
    BOOST_TEST(m.disk.unsynced() == 0U);
}

// Names.

BOOST_AUTO_TEST_CASE(a_new_name_may_vanish_until_the_directory_is_synced) {
    machine m;
    auto f = must(m.directory().create("a", 4));
    must(f.sync()); // of the file, which says nothing about its name
    BOOST_TEST((outcomes(m.disk, disk_loss::torn, names_of) == texts{"", "a"}));
    must(m.directory().sync_directory());
    BOOST_TEST((outcomes(m.disk, disk_loss::torn, names_of) == texts{"a"}));
}

BOOST_AUTO_TEST_CASE(a_name_without_a_synced_file_may_be_empty) {
    machine m;
    auto f = must(m.directory().create("a", 4));
    must(m.directory().sync_directory());
    m.power_cycle();
    BOOST_TEST(m.text("a").empty());
}

BOOST_AUTO_TEST_CASE(a_lock_file_may_vanish_too) {
    machine m;
    const auto lock = must(m.directory().lock("state"));
    BOOST_TEST((outcomes(m.disk, disk_loss::torn, names_of) == texts{"", "state"}));
}

BOOST_AUTO_TEST_CASE(a_removed_file_may_come_back_until_the_directory_is_synced) {
    machine m;
    m.durable("a", "text");
    must(m.directory().remove("a"));
    const auto look = [](const machine& n) { return n.names().empty() ? "" : names_of(n) + n.text("a"); };
    BOOST_TEST((outcomes(m.disk, disk_loss::torn, look) == texts{"", "atext"}));
    must(m.directory().sync_directory());
    BOOST_TEST((outcomes(m.disk, disk_loss::torn, look) == texts{""}));
}

BOOST_AUTO_TEST_CASE(a_removed_file_that_is_still_open_may_come_back_with_what_was_synced) {
    machine m;
    auto f = m.durable("a", "old");
    must(m.directory().remove("a"));
    must(write_text(f, 0, "new"));
    must(f.sync());
    must(write_text(f, 0, "too"));
    m.power_cycle();
    BOOST_TEST(m.text("a") == "new");
}

BOOST_AUTO_TEST_CASE(a_rename_is_done_or_not_until_the_directory_is_synced) {
    machine m;
    m.durable("a", "new");
    m.durable("b", "old");
    must(m.directory().rename("a", "b"));
    const auto look = [](const machine& n) { return names_of(n) + n.text("b"); };
    BOOST_TEST((outcomes(m.disk, disk_loss::torn, look) == texts{"abold", "bnew"}));
    must(m.directory().sync_directory());
    BOOST_TEST((outcomes(m.disk, disk_loss::torn, look) == texts{"bnew"}));
}

BOOST_AUTO_TEST_CASE(a_file_keeps_both_names_when_only_the_last_of_its_renames_is_kept) {
    machine m;
    m.durable("a", "text");
    must(m.directory().rename("a", "b"));
    must(m.directory().rename("b", "c"));
    m.power_cycle(disk_loss::subset(0b10));
    BOOST_TEST(names_of(m) == "ac");
    auto f = m.open("a");
    must(write_text(f, 0, "next"));
    BOOST_TEST(m.text("c") == "next"); // it is one file
}

BOOST_AUTO_TEST_CASE(changes_of_names_are_lost_each_on_its_own) {
    machine m;
    must(must(m.directory().create("a", 0)).close());
    must(must(m.directory().create("b", 0)).close());
    BOOST_TEST((outcomes(m.disk, disk_loss::torn, names_of) == texts{"", "a", "b", "ab"}));
}

BOOST_AUTO_TEST_CASE(a_removal_takes_no_other_file_of_the_same_name) {
    machine m;
    m.durable("a", "old");
    must(m.directory().remove("a"));
    auto f = must(m.directory().create("a", 3));
    must(write_text(f, 0, "new"));
    must(f.sync());
    const texts found =
        outcomes(m.disk, disk_loss::torn, [](const machine& n) { return n.names().empty() ? "" : n.text("a"); });
    BOOST_TEST((found == texts{"", "old", "new"}));
    must(m.directory().sync_directory());
    m.power_cycle();
    BOOST_TEST(m.text("a") == "new");
}

BOOST_AUTO_TEST_CASE(a_rename_takes_no_other_file_of_the_same_name) {
    machine m;
    m.durable("a", "old");
    must(m.directory().remove("a"));
    auto f = must(m.directory().create("a", 3));
    must(write_text(f, 0, "new"));
    must(f.sync());
    must(m.directory().rename("a", "b"));
    BOOST_REQUIRE(m.disk.unsynced() == 3U);
    m.power_cycle(disk_loss::subset(0b100)); // the rename alone
    BOOST_TEST(names_of(m) == "ab");
    BOOST_TEST(m.text("a") == "old");
    BOOST_TEST(m.text("b") == "new");
}

BOOST_AUTO_TEST_CASE(a_write_in_one_step_with_its_sync_makes_durable_what_it_has_written_and_no_more) {
    machine m;
    auto f = m.durable("a", "......");
    auto other = m.durable("b", ".");
    must(write_text(f, 0, "1"));
    must(write_text(other, 0, "1"));
    BOOST_TEST(!in_one_step(f, 1, "2"));
    must(write_text(f, 2, "3"));
    const auto look = [](const machine& n) { return n.text("a") + n.text("b"); };
    const texts found = outcomes(m.disk, disk_loss::subset, look);
    BOOST_TEST(
        (found == texts{".2.....", "12.....", ".23....", "123....", ".2....1", "12....1", ".23...1", "123...1"}));
    must(f.sync());
    BOOST_TEST(m.disk.unsynced() == 1U); // of the other file
}

BOOST_AUTO_TEST_CASE(what_is_written_and_synced_in_one_step_is_found_though_the_size_was_not_synced) {
    machine m;
    auto f = m.durable("a", "1");
    must(f.trim(4));
    BOOST_TEST(!in_one_step(f, 2, "x"));
    const auto look = [](const machine& n) { return n.text("a"); };
    BOOST_TEST((outcomes(m.disk, disk_loss::torn, look) == texts{std::string("1\0x\0", 4)}));
}

BOOST_AUTO_TEST_CASE(a_write_in_one_step_with_its_sync_needs_no_size_that_it_lies_within) {
    machine m;
    auto f = m.durable("a", "12345678");
    must(f.trim(4));
    BOOST_TEST(!in_one_step(f, 2, "x"));
    const auto look = [](const machine& n) { return n.text("a"); };
    BOOST_TEST((outcomes(m.disk, disk_loss::torn, look) == texts{"12x4", "12x45678"}));
}

BOOST_AUTO_TEST_CASE(the_power_may_go_between_a_write_and_its_sync_in_one_step) {
    for (const std::uint64_t calls : {1U, 2U}) {
        machine m;
        auto f = m.durable("a", ".");
        m.disk.stop_at(m.disk.calls() + calls);
        BOOST_TEST((in_one_step(f, 0, "1") == std::errc::io_error));
        BOOST_TEST(m.text("a") == (calls == 1 ? "." : "1"));
        const auto look = [](const machine& n) { return n.text("a"); };
        BOOST_TEST((outcomes(m.disk, disk_loss::subset, look) == texts{".", "1"}));
    }
}

BOOST_AUTO_TEST_CASE(a_failed_sync_in_one_step_with_its_write_gives_up_what_that_has_written) {
    machine m;
    auto f = m.durable("a", "..");
    must(write_text(f, 0, "1"));
    m.disk.fail({.on = disk_call::sync});
    result<void> synced = success();
    const byte_view piece = to_bytes("2");
    must(f.write_synced(1, {&piece, 1}, synced));
    BOOST_TEST(fails_with(synced, std::errc::io_error));
    must(f.sync());
    m.power_cycle();
    BOOST_TEST(m.text("a") == "1.");
}

BOOST_AUTO_TEST_CASE(of_the_errors_in_one_step_no_room_is_the_writes_and_the_rest_are_the_syncs) {
    for (const disk_call on : {disk_call::write, disk_call::sync})
        for (const int error : {EIO, ENOSPC, EDQUOT}) {
            machine m;
            auto f = m.durable("a", "..");
            m.disk.fail({.on = on, .error = error, .written = 1});
            result<void> synced = success();
            const byte_view piece = to_bytes("12");
            const result<void> written = f.write_synced(0, {&piece, 1}, synced);
            BOOST_TEST(error_of(error == EIO ? synced : written) == system_code(error));
            BOOST_TEST((error == EIO ? written : synced).has_value());
            BOOST_TEST(m.text("a") == (on == disk_call::write ? "1." : "12"));
            if (error == EIO)
                must(f.sync()); // covers nothing of it
            m.power_cycle();
            BOOST_TEST(m.text("a") == "..");
        }
}

BOOST_AUTO_TEST_CASE(zeros_that_are_written_ahead_may_be_spoiled_until_the_file_is_synced) {
    machine m;
    auto f = m.durable("a", "1" + sector_0);
    f.prewrite(512, 1);
    BOOST_TEST(!in_one_step(f, 0, "2"));
    const auto is_clean = [](const machine& n) -> std::string { return n.text("a") == "2" + sector_0 ? "yes" : "no"; };
    BOOST_TEST((outcomes(m.disk, disk_loss::torn, is_clean) == texts{"no", "yes"}));
    must(f.sync());
    BOOST_TEST((outcomes(m.disk, disk_loss::torn, is_clean) == texts{"yes"}));
}

BOOST_AUTO_TEST_CASE(zeros_are_no_data_wherever_they_come_from) {
    machine m;
    auto f = m.durable("a", sector_0 + sector_0 + "1" + sector_0);
    BOOST_TEST(f.data_end() == 1536U);
    must(write_text(f, 1024, sector_0));
    BOOST_TEST(f.data_end() == 0U);
    m.disk.make_unreadable("a", 600, 10);
    BOOST_TEST(f.data_end() == 610U); // who knows
}

BOOST_AUTO_TEST_CASE(who_is_of_an_earlier_life_writes_no_zeros_and_knows_nothing_of_data) {
    machine m;
    auto f = m.durable("a", "1");
    auto gone = m.durable("b", "1");
    m.kill();
    f.prewrite(0, 1);
    BOOST_TEST(m.text("a") == "1");
    BOOST_TEST(f.data_end() == UINT64_MAX);
    must(m.directory().remove("b"));
    must(m.directory().sync_directory());
    gone.prewrite(0, 1);
    BOOST_TEST(gone.data_end() == UINT64_MAX);
}

// Faults.

BOOST_AUTO_TEST_CASE(a_failed_sync_covers_nothing_even_if_a_later_one_succeeds) {
    machine m;
    auto f = m.durable("a", "..");
    must(write_text(f, 0, "1"));
    m.disk.fail({.on = disk_call::sync});
    BOOST_TEST(fails_with(f.sync(), std::errc::io_error));
    BOOST_TEST(m.text("a") == "1."); // still seen
    must(write_text(f, 1, "2"));
    must(f.sync());
    BOOST_TEST(m.disk.unsynced() == 1U);
    machine lost(m.disk.copy());
    lost.power_cycle(disk_loss::drop_unsynced());
    BOOST_TEST(lost.text("a") == ".2");
    machine kept(m.disk.copy());
    kept.power_cycle(disk_loss::keep_all());
    BOOST_TEST(kept.text("a") == "12");
    texts found = outcomes(m.disk, disk_loss::prefix, [](const machine& n) { return n.text("a"); });
    BOOST_TEST((found.contains(".2") && found.contains("12")));
}

BOOST_AUTO_TEST_CASE(what_a_failed_sync_gave_up_never_overwrites_what_was_synced_later) {
    machine m;
    auto f = m.durable("a", "0");
    must(write_text(f, 0, "1"));
    m.disk.fail({.on = disk_call::sync});
    BOOST_TEST(f.sync().has_error());
    must(write_text(f, 0, "2"));
    must(f.sync());
    BOOST_TEST((outcomes(m.disk, disk_loss::torn, [](const machine& n) { return n.text("a"); }) == texts{"2"}));
}

BOOST_AUTO_TEST_CASE(a_failed_sync_of_the_directory_covers_nothing_even_if_a_later_one_succeeds) {
    machine m;
    must(must(m.directory().create("a", 0)).close());
    m.disk.fail({.on = disk_call::sync_directory});
    BOOST_TEST(fails_with(m.directory().sync_directory(), std::errc::io_error));
    must(must(m.directory().create("b", 0)).close());
    must(m.directory().sync_directory());
    BOOST_TEST((outcomes(m.disk, disk_loss::torn, names_of) == texts{"b", "ab"}));
    m.power_cycle();
    BOOST_TEST(names_of(m) == "b");
}

BOOST_AUTO_TEST_CASE(what_a_failed_sync_gave_up_is_in_no_journal) {
    machine m;
    auto a = m.durable("a", "0");
    auto b = m.durable("b", "0");
    must(write_text(b, 0, "1"));
    must(write_text(a, 0, "1"));
    m.disk.fail({.on = disk_call::sync});
    BOOST_TEST(a.sync().has_error());
    must(m.directory().rename("b", "c"));
    const texts found = outcomes(m.disk, disk_loss::prefix, [](const machine& n) {
        const char* const second = n.names().back() == "c" ? "c" : "b";
        return n.text("a") + second + n.text(second);
    });
    BOOST_TEST(found.contains("1b0")); // there without what was done before it
    BOOST_TEST(found.contains("0c1")); // lost, though what was done after it is there
}

BOOST_AUTO_TEST_CASE(a_fault_strikes_the_call_that_was_named_once) {
    machine m;
    auto f = m.durable("a", "....");
    m.disk.fail({.on = disk_call::write, .nth = 2, .error = EROFS});
    must(write_text(f, 0, "1"));
    must(f.sync());
    BOOST_TEST(fails_with(write_text(f, 1, "2"), std::errc::read_only_file_system));
    must(write_text(f, 2, "3"));
    BOOST_TEST(m.text("a") == "1.3.");
}

BOOST_AUTO_TEST_CASE(a_sticky_fault_stays_until_it_is_healed) {
    machine m;
    auto f = m.durable("a", "....");
    m.disk.fail({.on = disk_call::write, .nth = 2, .sticky = true});
    must(write_text(f, 0, "1"));
    for (int i = 0; i < 3; ++i)
        BOOST_TEST(fails_with(write_text(f, 1, "2"), std::errc::io_error));
    m.power_cycle();
    auto g = m.open("a");
    BOOST_TEST(write_text(g, 1, "2").has_error());
    m.disk.heal();
    must(write_text(g, 1, "2"));
}

BOOST_AUTO_TEST_CASE(a_failing_write_may_have_written_a_part) {
    machine m;
    auto f = m.durable("a", "");
    m.disk.fail({.on = disk_call::write, .error = ENOSPC, .written = 3});
    const std::vector<byte_view> pieces{to_bytes("ab"), to_bytes("cd")};
    BOOST_TEST(fails_with(f.write(0, pieces), errc::no_space));
    BOOST_TEST(m.text("a") == "abc");
}

BOOST_AUTO_TEST_CASE(every_kind_of_call_can_fail_and_then_does_nothing) {
    machine m;
    auto f = m.durable("a", "text");
    std::byte b{};
    std::vector<std::string> listed;
    const std::vector<std::pair<disk_call, std::function<std::error_code()>>> calls{
        {disk_call::create, [&] { return error_of(m.directory().create("b", 1)); }},
        {disk_call::rename, [&] { return error_of(m.directory().rename("a", "b")); }},
        {disk_call::remove, [&] { return error_of(m.directory().remove("a")); }},
        {disk_call::sync_directory, [&] { return error_of(m.directory().sync_directory()); }},
        {disk_call::write, [&] { return error_of(write_text(f, 0, "x")); }},
        {disk_call::sync, [&] { return error_of(f.sync()); }},
        {disk_call::trim, [&] { return error_of(f.trim(0)); }},
        {disk_call::attach, [&] { return error_of(simulated_backend(m.disk).attach(true)); }},
        {disk_call::open, [&] { return error_of(m.directory().open("a", open_for::read)); }},
        {disk_call::list, [&] { return error_of(m.directory().list(listed)); }},
        {disk_call::lock, [&] { return error_of(m.directory().lock("b")); }},
        {disk_call::size, [&] { return error_of(f.size()); }},
        {disk_call::read,
         [&] {
             return error_of(f.read(0, {&b, 1}));
         }},
        {disk_call::close, [&] { return error_of(f.close()); }},
    };
    BOOST_REQUIRE(calls.size() == disk_call_kinds);
    for (const auto& [kind, call] : calls) {
        const std::uint64_t before = m.disk.count(kind);
        m.disk.fail({.on = kind, .error = EACCES});
        BOOST_TEST((call() == std::errc::permission_denied), "call " << static_cast<int>(kind));
        BOOST_TEST(m.disk.count(kind) == before + 1);
    }
    BOOST_TEST(names_of(m) == "a");
    BOOST_TEST(m.text("a") == "text");
    BOOST_TEST(listed.empty());
    BOOST_TEST(m.disk.unsynced() == 0U);
}

BOOST_AUTO_TEST_CASE(a_full_disk_takes_what_fits_and_works_again_when_there_is_room) {
    machine m;
    m.disk.capacity(1000);
    must(must(m.directory().create("a", 600)).close());
    BOOST_TEST(fails_with(m.directory().create("b", 401), errc::no_space));
    auto f = must(m.directory().create("b", 390));
    BOOST_TEST(fails_with(write_text(f, 380, std::string(30, 'x')), errc::no_space));
    BOOST_TEST(must(f.size()) == 400U);
    BOOST_TEST(fails_with(f.trim(401), errc::no_space));
    must(write_text(f, 0, std::string(400, 'y'))); // what the file has it may use
    must(m.directory().remove("a"));
    must(write_text(f, 400, std::string(600, 'z')));
    BOOST_TEST(fails_with(write_text(f, 1000, "!"), errc::no_space));
}

BOOST_AUTO_TEST_CASE(unreadable_bytes_are_an_error_and_never_an_end) {
    machine m;
    auto f = m.durable("a", std::string(2000, 'a'));
    m.disk.make_unreadable("a", 1000, 10);
    m.power_cycle();
    f = m.open("a");
    std::vector<std::byte> bytes(500);
    const auto read = [&](std::uint64_t at) { return f.read(at, bytes); };
    must(read(500));
    must(read(1010));
    for (const std::uint64_t at : {501U, 1000U, 1009U})
        BOOST_TEST(fails_with(read(at), std::errc::io_error));
}

BOOST_AUTO_TEST_CASE(a_file_may_be_unreadable_up_to_wherever_it_ends) {
    machine m;
    auto f = m.durable("a", std::string(2000, 'a'));
    m.disk.make_unreadable("a", 100, std::numeric_limits<std::uint64_t>::max());
    std::vector<std::byte> bytes(100);
    must(f.read(0, bytes));
    BOOST_TEST(fails_with(f.read(1, bytes), std::errc::io_error));
    BOOST_TEST(fails_with(f.read(1900, bytes), std::errc::io_error));
}

// Lives.

BOOST_AUTO_TEST_CASE(the_power_goes_at_the_call_that_was_named) {
    machine m;
    auto f = m.durable("a", "old");
    m.disk.stop_at(m.disk.calls() + 2);
    must(write_text(f, 0, "n"));
    BOOST_TEST(m.disk.has_power());
    BOOST_TEST(fails_with(f.sync(), std::errc::io_error));
    BOOST_TEST(!m.disk.has_power());
    std::vector<std::string> listed;
    const std::uint64_t calls = m.disk.calls();
    BOOST_TEST(fails_with(f.size(), std::errc::io_error));
    BOOST_TEST(fails_with(m.directory().create("b", 0), std::errc::io_error));
    BOOST_TEST(fails_with(m.directory().list(listed), std::errc::io_error));
    BOOST_TEST(m.disk.calls() == calls); // nothing arrives any more
    m.power_cycle();
    BOOST_TEST(m.text("a") == "old");
    must(m.open("a").sync()); // the next life has power
}

BOOST_AUTO_TEST_CASE(a_life_that_ends_before_its_stop_leaves_none_to_the_next) {
    for (const bool power : {true, false}) {
        machine m;
        m.disk.stop_at(m.disk.calls() + 1);
        power ? m.power_cycle() : m.kill();
        must(m.directory().sync_directory());
        BOOST_TEST(m.disk.has_power());
    }
}

BOOST_AUTO_TEST_CASE(every_call_that_changes_the_disk_can_be_the_last) {
    const auto run = [](machine& m) {
        (void)[&]()->result<void> {
            TUSK_TRY(auto f, m.directory().create("a", 4));
            TUSK_TRY(write_text(f, 0, "text"));
            TUSK_TRY(f.sync());
            TUSK_TRY(f.trim(2));
            TUSK_TRY(m.directory().rename("a", "b"));
            TUSK_TRY(m.directory().sync_directory());
            return m.directory().remove("b");
        }
        ();
    };
    machine whole;
    run(whole);
    BOOST_REQUIRE(whole.disk.calls() == 7U);
    const std::vector<std::string> expected{"", "a:0", "a:4", "a:4", "a:2", "b:2", "b:2"};
    for (std::uint64_t n = 1; n <= 7; ++n) {
        machine m;
        m.disk.stop_at(n);
        run(m);
        BOOST_TEST(m.disk.calls() == n);
        m.power_cycle(disk_loss::keep_all());
        const std::string found =
            m.names().empty() ? "" : names_of(m) + ":" + std::to_string(m.text(names_of(m).c_str()).size());
        BOOST_TEST(found == (n == 2 ? "a:4" : expected[n - 1]));
        BOOST_TEST((n != 3 || m.text("a") == "text"));
        BOOST_TEST((n != 2 || m.text("a") == std::string(4, '\0')));
    }
}

BOOST_AUTO_TEST_CASE(a_write_that_the_power_cut_may_have_arrived_in_part) {
    machine m;
    auto f = m.durable("a", sector_a + sector_a);
    m.disk.stop_at(m.disk.calls() + 1);
    BOOST_TEST(write_text(f, 0, sector_b + sector_b).has_error());
    BOOST_TEST((m.text("a") == sector_a + sector_a)); // nobody saw it
    const auto look = [](const machine& n) { return n.text("a"); };
    BOOST_TEST((outcomes(m.disk, disk_loss::subset, look) ==
                texts{sector_a + sector_a, sector_a + sector_b, sector_b + sector_a, sector_b + sector_b}));
    simulated_disk kept = m.disk.copy();
    kept.power_cycle(disk_loss::keep_all()); // of what was done
    BOOST_TEST((machine(kept).text("a") == sector_a + sector_a));
    m.kill();
    BOOST_TEST(m.disk.unsynced() == 0U);
    BOOST_TEST((m.text("a") == sector_a + sector_a));
}

BOOST_AUTO_TEST_CASE(what_belongs_to_an_earlier_life_is_dead) {
    for (const bool power : {true, false}) {
        machine m;
        simulated_backend old(m.disk);
        must(old.attach(/*create=*/false));
        auto f = m.durable("a", "text");
        auto lock = std::make_optional(must(old.lock("state")));
        must(m.directory().sync_directory());
        power ? m.power_cycle() : m.kill();
        BOOST_TEST(fails_with(f.size(), std::errc::io_error));
        BOOST_TEST(fails_with(write_text(f, 0, "x"), std::errc::io_error));
        BOOST_TEST(fails_with(old.open("a", open_for::read), std::errc::io_error));
        const auto next = must(m.directory().lock("state")); // nobody holds it any more
        lock.reset();
        BOOST_TEST(fails_with(m.directory().lock("state"), errc::busy)); // and the old one gives back nothing
        BOOST_TEST(m.text("a") == "text");
    }
}

BOOST_AUTO_TEST_CASE(a_killed_process_leaves_all_that_it_did_but_nothing_more_durable) {
    machine m;
    auto f = m.durable("a", "old");
    must(write_text(f, 0, "new"));
    must(must(m.directory().create("b", 0)).close());
    m.kill();
    BOOST_TEST(m.text("a") == "new");
    BOOST_TEST(names_of(m) == "ab");
    machine lost(m.disk.copy());
    lost.power_cycle();
    BOOST_TEST(lost.text("a") == "old");
    BOOST_TEST(names_of(lost) == "a");
    must(m.open("a").sync()); // by the next process, as good as by the first
    m.power_cycle();
    BOOST_TEST(m.text("a") == "new");
}

BOOST_AUTO_TEST_CASE(calls_are_counted_by_kind) {
    machine m;
    auto f = m.durable("a", "text"); // create, write, sync, sync_directory
    BOOST_TEST(m.disk.calls() == 4U);
    must(write_text(f, 0, "x"));
    must(f.trim(1));
    BOOST_TEST(read_text(f, 0, 1) == "x");
    must(f.size());
    must(m.directory().lock("state"));
    must(m.directory().rename("a", "b"));
    must(m.directory().remove("b"));
    BOOST_TEST(m.disk.calls() == 8U);
    BOOST_TEST(m.disk.count(disk_call::write) == 2U);
    BOOST_TEST(m.disk.count(disk_call::read) == 1U);
    for (const disk_call once :
         {disk_call::create, disk_call::sync, disk_call::sync_directory, disk_call::trim, disk_call::rename,
          disk_call::remove, disk_call::size, disk_call::lock, disk_call::attach})
        BOOST_TEST(m.disk.count(once) == 1U);
    m.power_cycle();
    BOOST_TEST(m.disk.calls() == 8U); // goes on over the lives
}

// The same again.

BOOST_AUTO_TEST_CASE(the_same_seed_does_the_same_again) {
    const auto build = [] {
        machine m;
        auto f = m.durable("a", std::string(5000, 'a'));
        must(write_text(f, 100, std::string(4000, 'b')));
        must(must(m.directory().create("b", 100)).close());
        must(m.directory().rename("a", "c"));
        return m;
    };
    std::set<std::uint64_t> hashes;
    for (const auto loss : {disk_loss::torn, disk_loss::prefix, disk_loss::size_first, disk_loss::subset})
        for (std::uint64_t seed = 0; seed < 20; ++seed) {
            machine first = build();
            machine second = build();
            first.power_cycle(loss(seed));
            second.power_cycle(loss(seed));
            BOOST_TEST(first.disk.hash() == second.disk.hash());
            BOOST_TEST((first.names() == second.names()));
            for (const std::string& name : first.names())
                BOOST_TEST((first.disk.contents(name) == second.disk.contents(name)));
            hashes.insert(first.disk.hash());
        }
    BOOST_TEST(hashes.size() > 30U); // and others do other things
}

BOOST_AUTO_TEST_CASE(the_hash_is_that_of_what_is_certain) {
    machine m;
    const std::uint64_t empty = m.disk.hash();
    auto f = m.durable("a", "text");
    const std::uint64_t before = m.disk.hash();
    BOOST_TEST(before != empty);
    must(write_text(f, 0, "n"));
    must(must(m.directory().create("b", 0)).close());
    BOOST_TEST(m.disk.hash() == before);
    must(f.sync());
    const std::uint64_t written = m.disk.hash();
    BOOST_TEST(written != before);
    must(m.directory().sync_directory());
    BOOST_TEST(m.disk.hash() != written);
    machine same; // made in another way
    same.durable("b", "");
    auto g = same.durable("a", "");
    must(write_text(g, 0, "next"));
    must(write_text(g, 600, "x"));
    must(g.trim(4));
    must(g.sync());
    must(write_text(f, 2, "xt"));
    must(write_text(f, 600, std::string(8, '\0'))); // zeros, as if never written
    must(f.trim(4));
    must(f.sync());
    BOOST_TEST(m.disk.hash() == same.disk.hash());
}

BOOST_AUTO_TEST_CASE(the_hash_tells_sizes_and_names_apart_but_not_zeros_from_what_was_never_written) {
    const auto hash = [](const char* name, std::uint64_t size, std::string_view text) {
        machine m;
        auto f = must(m.directory().create(name, size));
        must(write_text(f, 0, text));
        must(f.sync());
        must(m.directory().sync_directory());
        return m.disk.hash();
    };
    BOOST_TEST(hash("a", 600, "") == hash("a", 600, std::string(600, '\0')));
    BOOST_TEST(hash("a", 600, "") != hash("a", 601, ""));
    BOOST_TEST(hash("a", 600, "") != hash("b", 600, ""));
}

BOOST_AUTO_TEST_CASE(the_hash_with_what_is_unsynced_tells_what_a_loss_may_still_leave) {
    const auto hash = [](std::string_view text, bool synced, bool other_order = false) {
        machine m;
        auto f = m.durable("a", "text");
        must(write_text(f, other_order ? 1 : 0, other_order ? text.substr(1) : text.substr(0, 1)));
        must(write_text(f, other_order ? 0 : 1, other_order ? text.substr(0, 1) : text.substr(1)));
        if (synced)
            must(f.sync());
        return m.disk.hash_with_unsynced();
    };
    BOOST_TEST(hash("next", false) == hash("next", false));
    BOOST_TEST(hash("next", false) != hash("nest", false));
    BOOST_TEST(hash("next", false) != hash("next", true));
    BOOST_TEST(hash("next", false) != hash("next", false, true)); // another one is lost first
    BOOST_TEST(hash("next", true) == hash("next", true, true));
    machine named;
    const std::uint64_t empty = named.disk.hash_with_unsynced();
    must(must(named.directory().create("a", 0)).close());
    BOOST_TEST(named.disk.hash_with_unsynced() != empty);
    BOOST_TEST(named.disk.hash() == machine().disk.hash());
}

BOOST_AUTO_TEST_CASE(a_copy_goes_its_own_way) {
    machine m;
    auto f = m.durable("a", "text");
    const auto lock = must(m.directory().lock("state"));
    must(write_text(f, 0, "T"));
    machine copy(m.disk.copy());
    const auto free = must(copy.directory().lock("state"));
    auto g = copy.open("a");
    must(write_text(g, 1, "copy"));
    must(write_text(f, 1, "first"));
    must(g.sync());
    copy.disk.fail({.on = disk_call::write, .sticky = true});
    BOOST_TEST(copy.text("a") == "Tcopy");
    BOOST_TEST(m.text("a") == "Tfirst");
    must(write_text(f, 0, "t"));
    m.power_cycle();
    copy.power_cycle();
    BOOST_TEST(m.text("a") == "text");
    BOOST_TEST(copy.text("a") == "Tcopy");
}

BOOST_AUTO_TEST_CASE(a_huge_file_takes_no_more_than_what_is_written) {
    machine m;
    constexpr std::uint64_t huge = std::uint64_t{1} << 60;
    auto f = must(m.directory().create("a", huge));
    must(write_text(f, huge - 4, "last"));
    BOOST_TEST(read_text(f, huge - 4, 10) == "last");
    BOOST_TEST(read_text(f, huge / 2, 3) == std::string(3, '\0'));
    must(f.sync());
    must(m.directory().sync_directory());
    m.power_cycle();
    f = m.open("a");
    BOOST_TEST(must(f.size()) == huge);
    BOOST_TEST(read_text(f, huge - 4, 10) == "last");
}

// Damage.

BOOST_AUTO_TEST_CASE(damage_is_seen_and_durable_at_once) {
    machine m;
    m.durable("a", std::string(1500, 'a'));
    m.durable("b", "text");
    m.disk.flip_bit("a", 600, 1);
    m.disk.overwrite("a", 510, to_bytes("1234"));
    m.disk.zero_sector("a", 2);
    m.disk.truncate("a", 1400);
    m.disk.erase("b");
    const std::string expected =
        std::string(510, 'a') + "1234" + std::string(86, 'a') + "c" + std::string(423, 'a') + std::string(376, '\0');
    BOOST_TEST((m.text("a") == expected));
    BOOST_TEST(names_of(m) == "a");
    m.power_cycle();
    BOOST_TEST((m.text("a") == expected));
    BOOST_TEST(names_of(m) == "a");
}

BOOST_AUTO_TEST_CASE(damage_lies_below_what_is_not_synced) {
    machine m;
    auto f = m.durable("a", std::string(1000, 'a'));
    must(write_text(f, 0, "b"));
    m.disk.flip_bit("a", 0, 3);
    m.disk.flip_bit("a", 600, 1);
    m.power_cycle(disk_loss::drop_unsynced());
    BOOST_TEST((m.text("a") == "i" + std::string(599, 'a') + "c" + std::string(399, 'a')));
}

BOOST_AUTO_TEST_CASE(an_erased_file_does_not_come_back) {
    machine m;
    must(must(m.directory().create("a", 1)).close());
    m.durable("b", "text");
    must(must(m.directory().create("c", 1)).close());
    m.disk.erase("a");
    m.disk.erase("b");
    m.disk.erase("c");
    m.power_cycle(disk_loss::keep_all());
    BOOST_TEST(names_of(m) == "");
}

BOOST_AUTO_TEST_CASE(damage_beyond_the_end_changes_nothing) {
    machine m;
    auto f = m.durable("a", "text");
    m.disk.flip_bit("a", 4, 0);
    m.disk.overwrite("a", 3, to_bytes("T12"));
    must(write_text(f, 10, "x"));
    BOOST_TEST(m.text("a") == "texT" + std::string(6, '\0') + "x");
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_there_cannot_be_damaged) {
    simulated_disk disk;
    BOOST_CHECK_THROW((void)disk.contents("a"), std::out_of_range);
    BOOST_CHECK_THROW(disk.flip_bit("a", 0, 0), std::out_of_range);
    BOOST_CHECK_THROW(disk.erase("a"), std::out_of_range);
}

BOOST_AUTO_TEST_SUITE_END()
