#include <tusk/log/recovery_table.hpp>

#include "fixture.hpp"

namespace log_recovery_table {

using namespace log_test;

constexpr std::array modes{open_mode::strict, open_mode::salvage, open_mode::read_only};
constexpr std::array ends{history_end::unused, history_end::damaged, history_end::early};
constexpr std::array proofs{proof::before, proof::at, proof::beyond};
constexpr std::array tails{tail_policy::repair, tail_policy::refuse};

template<class F>
constexpr void for_each_input(F&& f) {
    for (const open_mode m : modes)
        for (const history_end e : ends)
            for (const proof w : proofs)
                for (const tail_policy t : tails)
                    if (m != open_mode::salvage || t == tail_policy::repair) // the other contradicts itself
                        f(m, e, w, t);
}

constexpr bool every_input_is_in_one_row() {
    bool one = true;
    for_each_input([&](auto... in) {
        int rows = 0;
        for (const recovery_row& row : recovery_table)
            rows += row.is(in...) ? 1 : 0;
        one = one && rows == 1;
    });
    return one;
}
static_assert(every_input_is_in_one_row());

constexpr bool every_row_is_of_use() {
    std::size_t used = 0;
    for (const recovery_row& row : recovery_table) {
        bool any = false;
        for_each_input([&](auto... in) { any = any || row.is(in...); });
        used += any ? 1 : 0;
    }
    return used == recovery_table.size();
}
static_assert(every_row_is_of_use());

// What is to become of a log, said once more and in other words than the table's.
struct verdicts {
    recovery_verdict strict;
    recovery_verdict strict_refusing; // an unproven tail
    recovery_verdict salvage;
    recovery_verdict read_only;

    [[nodiscard]] constexpr recovery_verdict of(open_mode mode, tail_policy tail) const {
        return mode == open_mode::salvage     ? salvage
               : mode == open_mode::read_only ? read_only
               : tail == tail_policy::refuse  ? strict_refusing
                                              : strict;
    }
};
using enum recovery_verdict;
constexpr verdicts goes_on{clean, clean, clean, serve};
constexpr verdicts is_copied{copy, copy, copy, serve};
constexpr verdicts loses_its_tail{cut, unproven_tail, recovery_verdict::salvage, serve};
constexpr verdicts is_refused{corrupt, corrupt, recovery_verdict::salvage, corrupt};

// Files of a log of five samples, of which something may be left to prove, and something may be damaged.
struct situation {
    const char* name;
    history_end end;
    proof witness;
    verdicts then;
    void (*make)(memory_log<fsync_never>&);
    index_t kept;     // the last index when nothing is refused
    index_t salvaged; // the last index that salvage keeps
};

// The state file says that the log begins behind its end.
void begin_too_late(memory_log<fsync_never>& l) {
    for (const std::uint64_t at : state_layout::slot) {
        const std::string bytes = l.disk.read("state").substr(at, state_layout::slot_size);
        result<log_state> state = decode_slot(to_bytes(bytes));
        if (!state)
            continue;
        state.value().first_index = 5;
        const auto slot = encode_slot(state.value());
        l.disk.write("state", at, to_text(slot));
    }
}

// What was written after `then` is gone from the segment, as if it had never arrived.
void forget(memory_log<fsync_never>& l, const std::string& name, const std::string& then) {
    l.disk.write(name, 0, then);
    l.disk.cut(name, then.size());
}

const std::vector<situation>& situations() {
    using log = memory_log<fsync_never>;
    static const std::vector<situation> all{
        {"all is proven", history_end::unused, proof::at, goes_on,
         [](log& l) {
             l.append_samples(5);
             l.close();
         },
         5, 5},
        {"nothing is proven", history_end::unused, proof::before, is_copied,
         [](log& l) {
             l.append_samples(5);
             l.kill();
         },
         5, 5},
        {"what was proven is unused space", history_end::unused, proof::beyond, is_refused,
         [](log& l) {
             l.append_samples(3);
             must(l.log->sync());
             const std::string name = l.disk.segments().back();
             const std::string then = l.disk.read(name);
             l.append_samples(2);
             l.close();
             forget(l, name, then);
         },
         0, 3},
        {"an unproven tail is damaged in its middle", history_end::damaged, proof::before, loses_its_tail,
         [](log& l) {
             l.append_samples(5);
             l.kill();
             l.disk.damage(sample(4));
         },
         3, 5},
        {"an unproven tail is damaged where it begins", history_end::damaged, proof::at, loses_its_tail,
         [](log& l) {
             l.append_samples(3);
             l.close();
             l.open();
             l.append_samples(2);
             l.kill();
             l.disk.damage(sample(4));
         },
         3, 5},
        {"what was proven is damaged", history_end::damaged, proof::beyond, is_refused,
         [](log& l) {
             l.append_samples(5);
             l.close();
             l.disk.damage(sample(4));
             l.opts.verify_all = true; // else what was proven is not read
         },
         0, 5},
        {"the first entry is not there", history_end::early, proof::beyond, is_refused,
         [](log& l) {
             l.append_samples(3);
             must(l.log->sync());
             const std::string name = l.disk.segments().back();
             const std::string then = l.disk.read(name);
             l.append_samples(2);
             must(l.log->drop_before(5));
             l.close();
             forget(l, name, then);
         },
         0, 4},
        {"the first entry is not there, and all else is proven", history_end::early, proof::at, is_refused,
         [](log& l) {
             l.append_samples(3);
             l.close();
             begin_too_late(l);
         },
         0, 4},
        {"the first entry is not there, and nothing is proven", history_end::early, proof::before, is_refused,
         [](log& l) {
             l.append_samples(3);
             l.kill();
             begin_too_late(l);
         },
         0, 4},
    };
    return all;
}

index_t last_of(memory_log<fsync_never>& l) { return must(l.log->last_index()); }

// Makes the situation, opens the log, and holds what happens against the table.
void try_out(const situation& found, open_mode mode, tail_policy tail) {
    memory_log<fsync_never> l;
    l.opts.witness_interval = std::chrono::hours(1);
    l.open();
    found.make(l);
    l.log.reset();
    const auto before = l.disk.contents();
    l.opts.mode = mode;
    l.opts.unproven_tail = tail;
    const result<void> opened = l.try_open();
    const recovery_verdict wanted = found.then.of(mode, tail);
    BOOST_TEST((judge(mode, found.end, found.witness, tail) == wanted));
    switch (wanted) {
    case clean:
        must(opened);
        BOOST_TEST(!l.report.repaired);
        BOOST_TEST(last_of(l) == found.kept);
        break;
    case copy:
        must(opened);
        BOOST_TEST(l.report.repaired);
        BOOST_TEST(l.report.damages.empty());
        BOOST_TEST(l.report.unproven_entries == found.kept);
        BOOST_TEST(last_of(l) == found.kept);
        break;
    case cut:
        must(opened);
        BOOST_TEST(l.report.repaired);
        BOOST_TEST(l.report.damages.size() == 1U);
        BOOST_TEST(last_of(l) == found.kept);
        break;
    case recovery_verdict::salvage:
        must(opened);
        BOOST_TEST(l.report.repaired);
        BOOST_TEST(!l.report.damages.empty());
        BOOST_TEST(last_of(l) == found.salvaged);
        break;
    case serve:
        must(opened);
        BOOST_TEST(last_of(l) == found.kept);
        BOOST_TEST((l.disk.contents() == before));
        return;
    case unproven_tail:
        BOOST_TEST(fails_with(opened, errc::unproven_tail));
        BOOST_TEST((l.disk.contents() == before));
        return;
    case corrupt:
        BOOST_TEST(fails_with(opened, errc::corrupt));
        BOOST_TEST(!l.report.damages.empty());
        BOOST_TEST((l.disk.contents() == before));
        return;
    }
    // Whatever was repaired needs no repair again, and the log goes on.
    l.append("afterwards");
    l.close();
    l.opts.mode = open_mode::strict;
    l.opts.unproven_tail = tail_policy::refuse;
    l.open();
    BOOST_TEST(!l.report.repaired);
    BOOST_TEST(l.text(last_of(l)) == "afterwards");
}

} // namespace log_recovery_table

BOOST_AUTO_TEST_SUITE(log_recovery_table)

BOOST_AUTO_TEST_CASE(every_situation_is_tried) {
    for_each_input([](open_mode, history_end end, proof witness, tail_policy) {
        BOOST_TEST(std::any_of(situations().begin(), situations().end(),
                               [&](const situation& s) { return s.end == end && s.witness == witness; }));
    });
}

BOOST_AUTO_TEST_CASE(what_no_options_allow_is_refused) {
    for (const history_end end : ends)
        for (const proof witness : proofs)
            BOOST_TEST((judge(open_mode::salvage, end, witness, tail_policy::refuse) == recovery_verdict::corrupt));
}

BOOST_AUTO_TEST_CASE(a_log_is_opened_as_the_table_says) {
    for (const situation& found : situations())
        for (const open_mode mode : modes)
            for (const tail_policy tail : tails)
                if (mode != open_mode::salvage || tail == tail_policy::repair)
                    BOOST_TEST_CONTEXT(found.name << ", mode " << static_cast<int>(mode) << ", tail policy "
                                                  << static_cast<int>(tail))
    try_out(found, mode, tail);
}

BOOST_AUTO_TEST_SUITE_END()
