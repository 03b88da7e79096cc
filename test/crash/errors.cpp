#include <tusk/backend/simulated.hpp>

#include "power_disk.hpp"

namespace crash_errors {

using namespace crash;
using tusk::disk_call;
using tusk::disk_fault;

struct fault_kind {
    disk_call on;
    int error;
    std::size_t written;
};

const std::vector<fault_kind>& fault_kinds() {
    static const std::vector<fault_kind> all{
        {disk_call::write, ENOSPC, 0}, {disk_call::write, ENOSPC, 100},     {disk_call::write, EIO, 600},
        {disk_call::sync, EIO, 0},     {disk_call::create, ENOSPC, 0},      {disk_call::create, EMFILE, 0},
        {disk_call::remove, EIO, 0},   {disk_call::sync_directory, EIO, 0}, {disk_call::rename, EACCES, 0},
        {disk_call::trim, EIO, 0},     {disk_call::read, EIO, 0},           {disk_call::open, EMFILE, 0},
    };
    return all;
}

// A call has failed: the log holds what it held before or what it would have held, or, if it is poisoned, what was durable.
// Then it either goes on, or refuses for good.
template<class Policy>
void look_after_failure(log_on<Policy>& log, history& past) {
    const contents wanted = past.now();
    const auto held = read_all(log);
    if (!held) // reading was what failed: once, or because it is closed
        return;
    const auto next = log.append("next", {.wait = tusk::durability::durable});
    if (!next) {
        BOOST_TEST_INFO(why(next));
        BOOST_REQUIRE(next.error() == tusk::errc::poisoned || next.error() == tusk::errc::closed);
        return; // what is served then is looked at when it is opened again
    }
    const auto step = past.find(held.value());
    BOOST_REQUIRE_MESSAGE(step, "held " << held.value() << "\nwanted " << wanted);
    contents now = held.value();
    now.items.push_back({now.last_term(), "next"});
    BOOST_REQUIRE_EQUAL(next.value(), now.next() - 1);
    past.step(now);
    past.promise(); // what the failed call left is not to come back
}

} // namespace crash_errors

BOOST_AUTO_TEST_SUITE(crash_errors)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_call_of_the_disk_that_fails_loses_nothing_that_was_promised, Policy, policies) {
    using log_type = log_on<Policy>;
    for (const auto& w : workloads<log_type>()) {
        for (const fault_kind& kind : fault_kinds()) {
            for (const bool sticky : {false, true}) {
                for (std::uint64_t nth = 1, more = 1; more != 0; ++nth) {
                    BOOST_TEST_CONTEXT(w.name << ", call of kind " << static_cast<int>(kind.on) << " number " << nth
                                              << " fails, errno " << kind.error << (sticky ? " for good" : "") << ", "
                                              << kind.written << " bytes written") {
                        simulated_disk disk;
                        history past;
                        disk.fail({.on = kind.on,
                                   .nth = nth,
                                   .error = kind.error,
                                   .sticky = sticky,
                                   .written = kind.written});
                        (void)live<Policy>(disk, w, plain, past, [&](log_type& log, bool told) {
                            if (disk.count(kind.on) < nth)
                                more = 0; // the fault is beyond the story's end
                            disk.heal();
                            if (!told)
                                look_after_failure<Policy>(log, past);
                        });
                        disk.heal();
                        disk.kill();
                        simulated_disk cut = disk.copy();
                        cut.power_cycle(disk_loss::torn(nth));
                        check<Policy>(disk, past);
                        check<Policy>(cut, past);
                    }
                }
            }
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
