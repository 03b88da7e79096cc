#include <tusk/prove/crash_prover.hpp>

#include <boost/test/unit_test.hpp>

#include <sstream>

namespace prove_crash_prover {

using tusk::crash_search;
using tusk::simulated_disk;

// A counter kept in a file of two cells, written in turn. What it leaves out is what a prover must find.
struct counter {
    struct mark {
        unsigned promised = 0;
        unsigned begun = 0;
        [[nodiscard]] std::uint64_t key() const { return promised * 1000 + begun; }
    };

    bool syncs_file = true;
    bool syncs_name = true;
    bool takes_turns = true;
    bool recovery_promises_early = false;
    unsigned steps = 3;
    mark where{};

    void live(const simulated_disk& disk) {
        where = {};
        tusk::simulated_backend b(disk);
        if (!b.attach(true))
            return;
        auto f = b.create("counter", 2 * tusk::disk_sector_size);
        if (!f || (syncs_name && !b.sync_directory()))
            return;
        while (where.begun < steps) {
            ++where.begun;
            if (!put(f.value(), where.begun))
                return;
            where.promised = where.begun;
        }
    }
    [[nodiscard]] mark now() const { return where; }
    [[nodiscard]] std::string check(const simulated_disk& disk, mark& m) {
        tusk::simulated_backend b(disk);
        if (!b.attach(true))
            return "cannot attach";
        auto f = b.open("counter", tusk::open_for::write);
        const unsigned found = f ? read(f.value()) : 0;
        if (found < m.promised || found > m.begun)
            return "found " + std::to_string(found);
        if (recovery_promises_early)
            m = {found, found};
        if (f && (!f.value().sync() || !b.sync_directory())) // what is served is made certain first
            return "cannot sync";
        m = {found, found};
        return "";
    }

private:
    bool put(tusk::simulated_file& f, unsigned n) {
        const std::byte b{static_cast<unsigned char>(n)};
        const std::array<std::byte, 2> cell{b, ~b};
        const tusk::byte_view bytes(cell);
        const std::uint64_t at = takes_turns ? n % 2 * tusk::disk_sector_size : 0;
        return f.write(at, {&bytes, 1}) && (!syncs_file || f.sync());
    }
    static unsigned read(tusk::simulated_file& f) {
        unsigned best = 0;
        for (std::uint64_t i = 0; i < 2; ++i) {
            std::array<std::byte, 2> cell{};
            if (f.read(i * tusk::disk_sector_size, cell) && cell[0] == ~cell[1])
                best = std::max(best, static_cast<unsigned>(cell[0]));
        }
        return best;
    }
};

std::string finding(counter c, crash_search how = {}) {
    tusk::crash_prover prove(how);
    const auto found = prove(c);
    std::ostringstream out;
    if (found)
        out << *found;
    return out.str();
}

} // namespace prove_crash_prover

BOOST_AUTO_TEST_SUITE(prove_crash_prover)

BOOST_AUTO_TEST_CASE(a_program_that_keeps_its_promises_is_found_innocent) {
    counter right;
    BOOST_TEST(finding(right) == "");
    tusk::crash_prover prove;
    BOOST_REQUIRE(!prove(right));
    BOOST_TEST(right.where.promised == 3U); // the run itself went to its end
    const tusk::crash_counts& n = prove.counts();
    BOOST_TEST(n.lives == 1U);
    BOOST_TEST(n.points >= 9U); // create, sync of the name, three writes and syncs, the end
    BOOST_TEST(n.images > n.checked);
    BOOST_TEST(n.distinct > 20U);
    BOOST_TEST(n.checked >= n.distinct + n.nested);
}

BOOST_AUTO_TEST_CASE(a_missing_sync_is_found) { BOOST_TEST(finding({.syncs_file = false}) != ""); }

BOOST_AUTO_TEST_CASE(a_missing_sync_of_the_directory_is_found) { BOOST_TEST(finding({.syncs_name = false}) != ""); }

BOOST_AUTO_TEST_CASE(what_was_overwritten_in_place_is_found_torn) { BOOST_TEST(finding({.takes_turns = false}) != ""); }

BOOST_AUTO_TEST_CASE(what_a_recovery_serves_too_early_is_found_by_a_second_crash_alone) {
    const counter hasty{.recovery_promises_early = true};
    BOOST_TEST(finding(hasty, {.nested_in = 0}) == "");
    const std::string found = finding(hasty, {.nested_in = 1});
    BOOST_TEST(found.find("then, recovering, call") != std::string::npos, found);
}

BOOST_AUTO_TEST_CASE(the_same_seed_finds_the_same) {
    const counter wrong{.syncs_file = false, .steps = 20};
    BOOST_TEST(finding(wrong, {.seed = 7, .exhaustive = 2}) == finding(wrong, {.seed = 7, .exhaustive = 2}));
}

BOOST_AUTO_TEST_CASE(what_was_looked_at_is_not_looked_at_again) {
    counter right;
    tusk::crash_prover prove;
    BOOST_REQUIRE(!prove(right));
    const tusk::crash_counts once = prove.counts();
    BOOST_REQUIRE(!prove(right));
    BOOST_TEST(prove.counts().points == once.points);
    BOOST_TEST(prove.counts().checked == once.checked);
    counter more{.steps = 4};
    BOOST_REQUIRE(!prove(more));
    BOOST_TEST(prove.counts().checked > once.checked);
}

BOOST_AUTO_TEST_CASE(the_disk_of_a_finding_is_as_the_program_found_it) {
    counter wrong{.syncs_file = false};
    tusk::crash_prover prove;
    const auto found = prove(wrong);
    BOOST_REQUIRE(found);
    counter::mark least{.promised = 1, .begun = 3};
    BOOST_TEST(wrong.check(found->disk.copy(), least) == found->why);
}

BOOST_AUTO_TEST_SUITE_END()
