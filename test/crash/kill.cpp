#include <tusk/backend/mmap.hpp>
#include <tusk/backend/posix.hpp>
#include <tusk/backend/uring.hpp>

#include "kill_loop.hpp"

#include <boost/test/unit_test.hpp>

#include <iostream>

namespace crash_kill {

template<class Backend, class FsyncPolicy>
struct on {
    using type = kill_loop::killed_log<Backend, FsyncPolicy>;
};

using logs = std::tuple<on<tusk::posix_backend, tusk::fsync_always>, on<tusk::posix_backend, tusk::fsync_interval>,
                        on<tusk::posix_backend, tusk::fsync_never>, on<tusk::mmap_backend, tusk::fsync_always>,
                        on<tusk::mmap_backend, tusk::fsync_interval>, on<tusk::mmap_backend, tusk::fsync_never>,
                        on<tusk::uring_backend, tusk::fsync_always>, on<tusk::uring_backend, tusk::fsync_interval>,
                        on<tusk::uring_backend, tusk::fsync_never>>;

} // namespace crash_kill

BOOST_AUTO_TEST_SUITE(crash_kill)

// Whatever was handed to the system before the kill is there, under every policy.
BOOST_AUTO_TEST_CASE_TEMPLATE(seventy_kills_lose_and_invent_nothing, On, logs) {
    const unsigned seed = std::random_device{}();
    typename On::type log(seed);
    std::string note;
    if (!log.is_possible(note)) {
        std::cout << "SKIPPED: " << note << std::endl;
        return;
    }
    if (!note.empty())
        std::cout << note << std::endl;
    for (int round = 0; round < 70; ++round)
        BOOST_TEST_CONTEXT("round " << round << ", seed " << seed)
    log.live_and_die();
    log.look();
    BOOST_TEST(log.calls() > 70U);
}

BOOST_AUTO_TEST_SUITE_END()
