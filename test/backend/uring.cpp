#include <tusk/backend/uring.hpp>

#include <backend/real_disk.hpp>
#include <conformance/backend.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/results_collector.hpp>

#include <csignal>
#include <cstdlib>
#include <functional>
#include <optional>
#include <thread>

#include <dlfcn.h>
#include <sys/resource.h>
#include <sys/syscall.h>

using namespace tusk;
using namespace backend_suite;
using namespace real_disk;

static_assert(backend<uring_backend> && gives_note<uring_backend>);
static_assert(writes_synced<uring_file> && !gives_window<uring_file> && !gives_view<uring_file>);
static_assert(!std::copyable<uring_backend> && !std::copyable<uring_file>);

namespace {

/// What is handed over to a ring; in front of the library's call.
struct handed_over {
    std::vector<std::pair<unsigned, int>> requests; // which, and with what flags
    std::size_t write_at_most = 0;                  // 0 is no limit
    std::vector<int> answers;                       // given in place of what the system would say
    bool wait = true;                               // false: returns while they are under way
    std::function<void()> meanwhile;                // once
    std::optional<std::int32_t> outcome;            // of requests, in place of their own
    std::vector<int> looks;                         // answers to who looks for completions and finds none yet
    bool knows_nothing = false;                     // the system has rings, but none of the requests
};
handed_over* watched_ring = nullptr;

} // namespace

extern "C" int io_uring_submit_and_wait(::io_uring* ring, unsigned count) {
    static const auto original =
        reinterpret_cast<int (*)(::io_uring*, unsigned)>(::dlsym(RTLD_NEXT, "io_uring_submit_and_wait"));
    if (watched_ring != nullptr)
        for (unsigned i = ring->sq.sqe_head; i != ring->sq.sqe_tail; ++i) {
            const ::io_uring_sqe& request = ring->sq.sqes[i & ring->sq.ring_mask];
            watched_ring->requests.emplace_back(request.opcode, request.rw_flags);
            if (request.opcode == IORING_OP_WRITEV && watched_ring->write_at_most != 0)
                reinterpret_cast<::iovec*>(request.addr)->iov_len = watched_ring->write_at_most;
        }
    if (watched_ring == nullptr)
        return original(ring, count);
    if (const auto meanwhile = std::exchange(watched_ring->meanwhile, nullptr))
        meanwhile();
    if (!watched_ring->answers.empty()) {
        const int answer = watched_ring->answers.front();
        watched_ring->answers.erase(watched_ring->answers.begin());
        return answer;
    }
    const int begun = original(ring, watched_ring->wait ? count : 0);
    if (watched_ring->outcome)
        for (unsigned i = *ring->cq.khead; i != *ring->cq.ktail; ++i)
            ring->cq.cqes[i & *ring->cq.kring_mask].res = *watched_ring->outcome;
    return begun;
}

extern "C" int __io_uring_get_cqe(::io_uring* ring, ::io_uring_cqe** found, unsigned submit, unsigned wait,
                                  ::sigset_t* mask) { // NOLINT
    static const auto original =
        reinterpret_cast<decltype(&__io_uring_get_cqe)>(::dlsym(RTLD_NEXT, "__io_uring_get_cqe"));
    if (watched_ring == nullptr || watched_ring->looks.empty())
        return original(ring, found, submit, wait, mask);
    *found = nullptr;
    const int answer = watched_ring->looks.front();
    watched_ring->looks.erase(watched_ring->looks.begin());
    return answer;
}

extern "C" ::io_uring_probe* io_uring_get_probe_ring(::io_uring* ring) {
    static const auto original =
        reinterpret_cast<decltype(&io_uring_get_probe_ring)>(::dlsym(RTLD_NEXT, "io_uring_get_probe_ring"));
    if (watched_ring == nullptr || !watched_ring->knows_nothing)
        return original(ring);
    return static_cast<::io_uring_probe*>(std::calloc(1, sizeof(::io_uring_probe))); // who asked frees it
}

namespace {

using on_disk = place_on_disk<uring_backend>;

class watched_requests {
public:
    watched_requests() { watched_ring = &seen_; }
    ~watched_requests() { watched_ring = nullptr; }
    watched_requests(const watched_requests&) = delete;
    watched_requests& operator=(const watched_requests&) = delete;
    handed_over* operator->() { return &seen_; }

private:
    handed_over seen_;
};

/// Whether this machine lets a ring be used at all. Says so if not: then the tests see the calls that take its place.
bool has_rings() {
    const bool has = uring_ring::make().has_value();
    if (!has)
        BOOST_TEST_MESSAGE("this system refuses io_uring: only what takes its place is tested");
    return has;
}

/// What write_synced() gave: of the write, then of the sync.
struct outcome_of_both {
    std::error_code written;
    std::error_code synced;
    friend bool operator==(const outcome_of_both&, const outcome_of_both&) = default;
    friend std::ostream& operator<<(std::ostream& out, const outcome_of_both& o) {
        return out << "written: " << o.written.message() << ", synced: " << o.synced.message();
    }
};
const outcome_of_both all_well;

outcome_of_both write_synced(uring_file& file, std::uint64_t at, std::span<const byte_view> pieces) {
    result<void> synced = errc::corrupt; // to be replaced
    const result<void> written = file.write_synced(at, pieces, synced);
    return {error_of(written), written ? error_of(synced) : std::error_code()};
}
outcome_of_both write_synced(uring_file& file, std::uint64_t at, std::string_view text) {
    const byte_view piece = to_bytes(text);
    return write_synced(file, at, {&piece, 1});
}

bool limit_file_size(std::uint64_t bytes) {
    const ::rlimit limit{bytes, RLIM_INFINITY};
    return ::setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

std::size_t open_descriptors() {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator("/proc/self/fd"), {}));
}

/// A file, and what is asked of the ring and by calls to write it.
struct watched_file {
    const bool has_ring = has_rings(); // asked before anything is watched
    made<on_disk> here;
    uring_file f = here.file("a");
    watched_requests seen;
    watched calls;
};

} // namespace

BOOST_AUTO_TEST_SUITE(backend_uring)

BOOST_DATA_TEST_CASE(conforms, boost::unit_test::data::make(backend_behaviours<on_disk>()), behaviour) {
    behaviour.test();
}

BOOST_AUTO_TEST_CASE(conforms_where_io_uring_is_forbidden) {
    const int outcome = in_child([] {
        if (!refuse_call(SYS_io_uring_setup, EPERM))
            return 77;
        backend_conformance<on_disk>();
        const auto& own =
            boost::unit_test::results_collector.results(boost::unit_test::framework::current_test_case_id());
        return own.p_assertions_failed == 0U ? 0 : 1;
    });
    skip_or_check(outcome, "seccomp");
}

// ---- writing and syncing in one step ----

BOOST_AUTO_TEST_CASE(a_write_and_its_sync_are_one_step) {
    made<on_disk> here;
    auto f = here.file("a", "0123456789");
    watched calls;
    BOOST_TEST(write_synced(f, 3, "xyz") == all_well);
    BOOST_TEST(whole(f) == "012xyz6789");
    BOOST_TEST(write_synced(f, 1010, "far") == all_well);
    BOOST_TEST((whole(f) == "012xyz6789" + zeros + "far"));
    constexpr std::uint64_t far_away = (std::uint64_t{5} << 30) + 7; // the file is full of holes
    BOOST_TEST(write_synced(f, far_away, "farther") == all_well);
    BOOST_TEST(read_text(f, far_away, 10) == "farther");
    BOOST_TEST(read_text(f, far_away & UINT32_MAX, 3) == std::string(3, '\0'));
    BOOST_TEST(calls->synced_writes == (has_rings() ? 0U : 3U));
}

BOOST_AUTO_TEST_CASE(a_write_that_fails_is_told) {
    made<on_disk> here;
    auto f = here.file("a", "text");
    auto reader = must(here.directory.open("a", open_for::read));
    BOOST_TEST((write_synced(reader, 0, "x").synced == std::errc::bad_file_descriptor));
    BOOST_TEST((write_synced(f, std::uint64_t{1} << 63, "x").written == errc::no_space));
    must(f.close());
    BOOST_TEST((write_synced(f, 0, "x").synced == std::errc::bad_file_descriptor));
    BOOST_TEST(whole(reader) == "text");
}

BOOST_FIXTURE_TEST_CASE(one_request_writes_and_syncs, watched_file) {
    if (!has_ring)
        return;
    BOOST_TEST(write_synced(f, 0, "text") == all_well);
    const std::vector<std::pair<unsigned, int>> expected{{IORING_OP_WRITEV, RWF_DSYNC}};
    BOOST_TEST((seen->requests == expected));
}

BOOST_FIXTURE_TEST_CASE(what_the_ring_has_left_out_is_written_and_synced_by_calls, watched_file) {
    if (!has_ring)
        return;
    seen->write_at_most = 3;
    BOOST_TEST(write_synced(f, 0, "a longer text") == all_well);
    BOOST_TEST(calls->synced_writes == 1U);
    BOOST_TEST(whole(f) == "a longer text");
}

BOOST_AUTO_TEST_CASE(what_the_ring_has_not_done_is_done_by_calls) {
    if (!has_rings())
        return;
    for (const std::int32_t why : {-ECANCELED, -EINTR, -EAGAIN, -EOPNOTSUPP}) {
        watched_file file;
        file.seen->outcome = why;
        BOOST_TEST(write_synced(file.f, 0, "text") == all_well);
        BOOST_TEST(file.calls->synced_writes == 1U);
        BOOST_TEST(whole(file.f) == "text");
    }
}

BOOST_FIXTURE_TEST_CASE(an_error_that_the_ring_tells_is_told_and_nothing_is_tried_again, watched_file) {
    if (!has_ring)
        return;
    seen->outcome = -ENOSPC;
    BOOST_TEST(write_synced(f, 0, "text").written == errc::no_space);
    seen->outcome = -EIO;
    BOOST_TEST((write_synced(f, 0, "text").synced == std::errc::io_error));
    BOOST_TEST(calls->synced_writes == 0U);
    BOOST_TEST(calls->data_syncs == 0U);
    seen->outcome.reset();
    BOOST_TEST(write_synced(f, 0, "text") == all_well);
}

BOOST_AUTO_TEST_CASE(a_ring_that_refuses_or_takes_nothing_is_used_no_more) {
    if (!has_rings())
        return;
    for (const int answer : {-EPERM, 0}) {
        watched_file file;
        file.seen->answers = {answer};
        BOOST_TEST(write_synced(file.f, 0, "text") == all_well);
        BOOST_TEST(file.calls->synced_writes == 1U);
        BOOST_TEST(file.seen->requests.size() == 1U);
        BOOST_TEST(write_synced(file.f, 4, "more") == all_well);
        BOOST_TEST(file.calls->synced_writes == 2U);
        BOOST_TEST(file.seen->requests.size() == 1U); // nobody asked it again
        BOOST_TEST(whole(file.f) == "textmore");
    }
}

BOOST_FIXTURE_TEST_CASE(a_ring_that_is_interrupted_is_asked_again, watched_file) {
    if (!has_ring)
        return;
    seen->answers = {-EINTR, -EINTR};
    BOOST_TEST(write_synced(f, 0, "text") == all_well);
    BOOST_TEST(calls->synced_writes == 0U);
    BOOST_TEST(whole(f) == "text");
}

BOOST_FIXTURE_TEST_CASE(requests_that_are_still_under_way_are_waited_for, watched_file) {
    if (!has_ring)
        return;
    seen->wait = false;
    std::string all;
    for (std::uint64_t i = 0; i < 50; ++i) {
        seen->looks = {0, -EAGAIN, -EINTR, -EPERM, -EINTR}; // whatever they say, somebody reads what is to be written
        const std::string text(10'000, static_cast<char>('a' + i % 26));
        BOOST_TEST(write_synced(f, all.size(), text) == all_well);
        all += text;
    }
    BOOST_TEST(calls->synced_writes == 0U);
    BOOST_TEST((whole(f) == all));
}

BOOST_FIXTURE_TEST_CASE(who_finds_the_ring_in_use_makes_calls, watched_file) {
    if (!has_ring)
        return;
    auto other = here.file("b");
    outcome_of_both beside{.written = errc::corrupt, .synced = {}};
    std::size_t requests = 0;
    seen->meanwhile = [&] {
        requests = seen->requests.size();
        std::thread([&] { beside = write_synced(other, 0, "beside"); }).join();
    };
    BOOST_TEST(write_synced(f, 0, "text") == all_well);
    BOOST_TEST(beside == all_well);
    BOOST_TEST(requests == 1U);
    BOOST_TEST(seen->requests.size() == 1U);
    BOOST_TEST(whole(f) == "text");
    BOOST_TEST(whole(other) == "beside");
}

BOOST_AUTO_TEST_CASE(more_than_the_system_writes_at_once_is_not_handed_over) {
    made<on_disk> here;
    auto f = here.file("a");
    const std::string piece((std::size_t{1} << 24) + 1, 'x');
    const std::vector<byte_view> pieces(64, to_bytes(piece)); // 1 GiB, and 64 bytes
    const int outcome = in_child([&] {
        std::signal(SIGXFSZ, SIG_IGN);
        auto own = must(here.attached().open("a", open_for::write));
        watched_requests seen;
        if (!limit_file_size(10'000)) // of which there will be no more than this
            return 1;
        if (write_synced(own, 0, pieces).written != errc::no_space)
            return 2;
        return seen->requests.empty() ? 0 : 3;
    });
    BOOST_TEST(outcome == 0);
    BOOST_TEST(must(f.size()) <= 10'000U);
}

BOOST_AUTO_TEST_CASE(a_write_that_stops_short_goes_on_and_is_synced_as_a_whole) {
    made<on_disk> here;
    auto f = here.file("a");
    const std::string first(7000, 'x');
    const std::string second(13000, 'y');
    const std::vector<byte_view> pieces{to_bytes(first), {}, to_bytes(second), to_bytes("end")};
    for (const std::uint64_t limit : {5000U, 7000U, 10000U, 20000U, 20001U}) {
        must(f.trim(0));
        const int outcome = in_child([&] {
            std::signal(SIGXFSZ, SIG_IGN);
            auto own = must(here.attached().open("a", open_for::write)); // a ring is no child's
            watched calls;
            calls->before_write = [] { (void)limit_file_size(RLIM_INFINITY); };
            if (!limit_file_size(limit))
                return 1;
            if (write_synced(own, 0, pieces) != all_well)
                return 2;
            return !has_rings() || (calls->before_write == nullptr && calls->synced_writes > 0) ? 0 : 3;
        });
        BOOST_TEST(outcome == 0);
        BOOST_TEST((whole(f) == first + second + "end"));
    }
}

BOOST_AUTO_TEST_CASE(a_write_that_stops_short_and_cannot_go_on_is_an_error) {
    made<on_disk> here;
    auto f = here.file("a", "text");
    const int outcome = in_child([&] {
        std::signal(SIGXFSZ, SIG_IGN);
        auto own = must(here.attached().open("a", open_for::write));
        if (!limit_file_size(10000))
            return 1;
        if (write_synced(own, 4, std::string(20000, 'x')).written != errc::no_space)
            return 2;
        if (write_synced(own, 10000, "x").written != errc::no_space)
            return 3;
        watched calls;
        calls->before_write = [] { (void)limit_file_size(RLIM_INFINITY); }; // a second try would succeed
        if (has_rings() && write_synced(own, 10000, "x").written != errc::no_space)
            return 4;
        return write_synced(own, 4, "!") == all_well ? 0 : 5;
    });
    BOOST_TEST(outcome == 0);
    BOOST_TEST(read_text(f, 0, 5) == "text!");
    BOOST_TEST(must(f.size()) <= 10000U);
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_an_error_and_works_again_when_there_is_room) {
    const on_disk place;
    const int outcome = in_child([&] {
        if (!mount_small_disk(place.top()))
            return 77;
        uring_backend b = place.backend();
        if (!b.attach(/*create=*/true))
            return 1;
        result<uring_file> ballast = b.create("ballast", 512 << 10);
        result<uring_file> f = b.create("a", 0);
        if (!ballast || !f || !ballast.value().close())
            return 2;
        const std::string text(800 << 10, 'x');
        if (write_synced(f.value(), 0, text).written != errc::no_space)
            return 3;
        return b.remove("ballast") && write_synced(f.value(), 0, text) == all_well ? 0 : 4;
    });
    skip_or_check(outcome, "mounting a file system");
}

BOOST_AUTO_TEST_CASE(a_file_outlives_its_backend_and_the_ring_all_of_them) {
    const on_disk place;
    const std::size_t before = open_descriptors();
    {
        std::optional<uring_file> f;
        {
            uring_backend b = place.backend();
            must(b.attach(/*create=*/true));
            f.emplace(must(b.create("a", 0)));
        }
        BOOST_TEST(write_synced(*f, 0, "text") == all_well);
        BOOST_TEST(whole(*f) == "text");
        for (const auto& entry : fs::directory_iterator("/proc/self/fd")) { // no program that is started has any of it
            std::error_code gone;
            if (fs::read_symlink(entry.path(), gone).string().find("io_uring") != std::string::npos)
                BOOST_TEST((::fcntl(std::stoi(entry.path().filename()), F_GETFD) & FD_CLOEXEC) != 0);
        }
    }
    BOOST_TEST(open_descriptors() == before);
}

// ---- systems that refuse ----

BOOST_AUTO_TEST_CASE(where_no_ring_can_be_made_or_used_calls_take_its_place) {
    for (const long call : {SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register})
        for (const int error : {EPERM, ENOSYS, ENOMEM}) {
            const on_disk place;
            const int outcome = in_child([&] {
                if (!refuse_call(call, error))
                    return 77;
                const std::size_t before = open_descriptors();
                uring_backend b = place.backend();
                if (!b.attach(/*create=*/true))
                    return 1;
                if (b.note().find("io_uring") == std::string::npos || b.note().find("posix") == std::string::npos)
                    return 2;
                if (open_descriptors() != before + 1) // the directory
                    return 3;
                result<uring_file> f = b.create("a", 0);
                watched calls;
                if (!f || write_synced(f.value(), 0, "text") != all_well || calls->synced_writes != 1)
                    return 4;
                calls->write_errors = {EIO};
                if (write_synced(f.value(), 4, "text").synced != std::errc::io_error)
                    return 5;
                calls->write_errors = {ENOSPC};
                if (write_synced(f.value(), 8, "text").written != errc::no_space)
                    return 6;
                return whole(f.value()) == "text" ? 0 : 7;
            });
            BOOST_TEST_CONTEXT("call " << call << ", error " << error) { skip_or_check(outcome, "seccomp"); }
        }
    if (!has_rings())
        return;
    made<on_disk> here;
    BOOST_TEST(here.directory.note().empty());
}

BOOST_AUTO_TEST_CASE(a_ring_that_does_not_know_the_requests_is_not_used) {
    if (!has_rings())
        return;
    watched_requests seen;
    seen->knows_nothing = true;
    BOOST_TEST((uring_ring::make().error() == std::errc::function_not_supported));
    made<on_disk> here;
    BOOST_TEST(here.directory.note().find("io_uring") != std::string::npos);
    auto f = here.file("a");
    watched calls;
    BOOST_TEST(write_synced(f, 0, "text") == all_well);
    BOOST_TEST(calls->synced_writes == 1U);
    BOOST_TEST(seen->requests.empty());
}

BOOST_AUTO_TEST_CASE(a_ring_that_is_forbidden_later_is_used_no_more) {
    made<on_disk> here;
    must(here.file("a").close());
    const int outcome = in_child([&] {
        auto f = must(here.attached().open("a", open_for::write));
        if (write_synced(f, 0, "text") != all_well)
            return 1;
        if (!refuse_call(SYS_io_uring_enter, EPERM))
            return 77;
        watched calls;
        for (int i = 1; i <= 10; ++i)
            if (write_synced(f, static_cast<std::uint64_t>(4 * i), "more") != all_well)
                return 2;
        return calls->synced_writes == 10 ? 0 : 3;
    });
    skip_or_check(outcome, "seccomp");
    if (outcome == 0)
        BOOST_TEST(whole(must(here.directory.open("a", open_for::read))).starts_with("textmoremore"));
}

BOOST_AUTO_TEST_CASE(a_child_makes_calls_and_leaves_the_ring_to_its_parent) {
    made<on_disk> here;
    auto f = here.file("a");
    for (std::uint64_t i = 0; i < 5; ++i) {
        BOOST_TEST(in_child([&] {
                       watched calls;
                       return write_synced(f, 8 * i, "text") == all_well && calls->synced_writes == 1 ? 0 : 1;
                   }) == 0);
        BOOST_TEST(write_synced(f, 8 * i + 4, "TEXT") == all_well);
    }
    BOOST_TEST(whole(f) == "textTEXTtextTEXTtextTEXTtextTEXTtextTEXT");
}

BOOST_AUTO_TEST_SUITE_END()
