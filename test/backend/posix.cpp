#include <tusk/backend/posix.hpp>

#include <backend/real_disk.hpp>
#include <conformance/backend.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>
#include <utility>

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

using namespace tusk;
using namespace backend_suite;
using namespace real_disk;

static_assert(backend<posix_backend>);
static_assert(!std::copyable<posix_backend> && !std::copyable<posix_file> && !std::copyable<posix_lock>);

// The calls that are watched stand before the C library's, in this program alone.

extern "C" int flock(int descriptor, int operation) {
    if (watching != nullptr && !watching->removed_before_lock.empty()) {
        const std::string path = std::exchange(watching->removed_before_lock, {});
        ::rename(path.c_str(), (path + ".old").c_str()); // still there, or its number would be given again
        if (watching->made_anew)
            ::close(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
        else
            ::unlink((path + ".old").c_str());
    }
    return static_cast<int>(::syscall(SYS_flock, descriptor, operation));
}

extern "C" int fsync(int descriptor) {
    if (watching != nullptr) {
        if (watching->take(watching->sync_errors))
            return -1;
        struct ::stat status {};
        if (::fstat(descriptor, &status) == 0)
            watching->synced.emplace_back(status.st_dev, status.st_ino);
    }
    return static_cast<int>(::syscall(SYS_fsync, descriptor));
}

extern "C" int fdatasync(int descriptor) {
    if (watching != nullptr) {
        if (watching->take(watching->sync_errors))
            return -1;
        ++watching->data_syncs;
    }
    return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}

static ::ssize_t write_watched(int descriptor, const ::iovec* vectors, int count, ::off_t at, int flags) {
    ::iovec first{};
    if (watching != nullptr) {
        if (watching->before_write)
            std::exchange(watching->before_write, nullptr)();
        if (watching->take(watching->write_errors))
            return -1;
        watching->synced_writes += (flags & RWF_DSYNC) != 0 ? 1 : 0;
        if (watching->write_at_most != 0) {
            first = {vectors[0].iov_base, std::min(vectors[0].iov_len, watching->write_at_most)};
            vectors = &first;
            count = 1;
        }
    }
    return ::syscall(SYS_pwritev2, descriptor, vectors, count, at, 0L, flags);
}

extern "C" ::ssize_t pwrite(int descriptor, const void* data, std::size_t size, ::off_t at) {
    const ::iovec all{const_cast<void*>(data), size};
    return write_watched(descriptor, &all, 1, at, 0);
}

extern "C" ::ssize_t pwritev(int descriptor, const ::iovec* vectors, int count, ::off_t at) {
    return write_watched(descriptor, vectors, count, at, 0);
}

extern "C" ::ssize_t pwritev2(int descriptor, const ::iovec* vectors, int count, ::off_t at, int flags) {
    return write_watched(descriptor, vectors, count, at, flags);
}

extern "C" int fallocate(int descriptor, int mode, ::off_t at, ::off_t size) {
    if (watching != nullptr && watching->take(watching->reserve_errors))
        return -1;
    return static_cast<int>(::syscall(SYS_fallocate, descriptor, mode, at, size));
}

namespace {

using on_disk = place_on_disk<posix_backend>;

/// While it lives, relative paths begin at `path`.
class working_directory {
public:
    explicit working_directory(const std::string& path) : before_(fs::current_path()) { fs::current_path(path); }
    ~working_directory() { fs::current_path(before_); }
    working_directory(const working_directory&) = delete;
    working_directory& operator=(const working_directory&) = delete;

private:
    fs::path before_;
};

/// Another process that holds a lock until it is killed.
class lock_holder {
public:
    explicit lock_holder(const on_disk& place) {
        int ends[2];
        BOOST_REQUIRE(::pipe(ends) == 0);
        child_ = ::fork();
        BOOST_REQUIRE(child_ >= 0);
        if (child_ == 0) {
            posix_backend b = place.backend();
            const bool attached = b.attach(/*create=*/true).has_value();
            const auto lock = b.lock("state");
            const char ready = attached && lock ? 'y' : 'n';
            if (::write(ends[1], &ready, 1) == 1)
                ::pause();
            ::_exit(0);
        }
        char ready = 'n';
        const bool told = ::read(ends[0], &ready, 1) == 1;
        ::close(ends[0]);
        ::close(ends[1]);
        BOOST_REQUIRE((told && ready == 'y'));
    }
    ~lock_holder() { kill(); }
    lock_holder(const lock_holder&) = delete;
    lock_holder& operator=(const lock_holder&) = delete;

    void kill() {
        if (child_ <= 0)
            return;
        ::kill(child_, SIGKILL);
        ::waitpid(std::exchange(child_, 0), nullptr, 0);
    }

private:
    ::pid_t child_ = 0;
};

::mode_t mode_of(const fs::path& path) {
    struct ::stat status {};
    BOOST_REQUIRE(::stat(path.c_str(), &status) == 0);
    return status.st_mode & 07777;
}

std::size_t open_descriptors() {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator("/proc/self/fd"), {}));
}

} // namespace

BOOST_AUTO_TEST_SUITE(backend_posix)

BOOST_DATA_TEST_CASE(conforms, boost::unit_test::data::make(backend_behaviours<on_disk>()), behaviour) {
    behaviour.test();
}

BOOST_AUTO_TEST_CASE(a_lock_keeps_out_other_processes) {
    made<on_disk> here;
    const auto lock = must(here.directory.lock("state"));
    BOOST_TEST(in_child([&] {
                   posix_backend b = here.place.backend();
                   return b.attach(/*create=*/false) && error_of(b.lock("state")) == errc::busy ? 0 : 1;
               }) == 0);
}

BOOST_AUTO_TEST_CASE(a_lock_goes_with_the_process_that_is_killed) {
    made<on_disk> here;
    lock_holder other(here.place);
    BOOST_TEST(fails_with(here.directory.lock("state"), errc::busy));
    other.kill();
    must(here.directory.lock("state"));
}

BOOST_AUTO_TEST_CASE(a_file_that_is_removed_while_it_is_being_locked_is_made_again) {
    made<on_disk> here;
    watched calls;
    calls->removed_before_lock = here.place.path("state");
    const auto lock = must(here.directory.lock("state"));
    BOOST_TEST((names(here.directory) == std::vector<std::string>{"state"}));
    BOOST_TEST(fails_with(here.directory.lock("state"), errc::busy)); // what has the name is what is locked
}

BOOST_AUTO_TEST_CASE(a_file_that_takes_the_name_while_the_old_one_is_being_locked_is_the_one_that_is_locked) {
    made<on_disk> here;
    watched calls;
    calls->removed_before_lock = here.place.path("state");
    calls->made_anew = true;
    const auto lock = must(here.directory.lock("state"));
    BOOST_TEST(fails_with(here.directory.lock("state"), errc::busy));
    fs::rename(here.place.path("state.old"), here.place.path("other"));
    must(here.directory.lock("other")); // nobody has that
}

BOOST_AUTO_TEST_CASE(a_system_that_does_not_lock_or_list_says_why) {
    const on_disk place;
    skip_or_check(in_child([&] {
                      posix_backend b = place.backend();
                      if (!b.attach(/*create=*/true) || !refuse_call(SYS_flock, ENOLCK))
                          return 77;
                      return !b.lock("state") && b.lock("state").error() == std::errc::no_lock_available ? 0 : 1;
                  }),
                  "seccomp");
    skip_or_check(in_child([&] {
                      posix_backend b = place.backend();
                      if (!b.attach(/*create=*/true) || !refuse_call(SYS_getdents64, EIO))
                          return 77;
                      std::vector<std::string> names;
                      const result<void> listed = b.list(names);
                      return !listed && listed.error() == std::errc::io_error ? 0 : 1;
                  }),
                  "seccomp");
}

BOOST_AUTO_TEST_CASE(no_file_is_cut_beyond_where_it_could_end) {
    made<on_disk> here;
    auto f = here.file("a", "text");
    BOOST_TEST(fails_with(f.trim(UINT64_MAX), errc::no_space));
    BOOST_TEST(whole(f) == "text");
}

BOOST_AUTO_TEST_CASE(a_directory_that_cannot_be_made_is_an_error) {
    const on_disk place;
    const std::string too_long(300, 'x');
    posix_backend below(place.top() + "/new/" + too_long); // the parent can be made
    BOOST_TEST(fails_with(below.attach(/*create=*/true), std::errc::filename_too_long));
    const int outcome = in_child([&] {
        const std::string gone = place.top() + "/gone";
        if (::mkdir(gone.c_str(), 0700) != 0 || ::chdir(gone.c_str()) != 0 || ::rmdir(gone.c_str()) != 0)
            return 1;
        posix_backend nowhere("log"); // there is no directory to make it in, nor one to make that in
        return nowhere.attach(/*create=*/true) ? 2 : 0;
    });
    BOOST_TEST(outcome == 0);
}

BOOST_AUTO_TEST_CASE(an_empty_directory_below_one_that_may_not_be_read_is_used_as_it_is) {
    const on_disk place;
    const std::string closed = place.top() + "/closed";
    const std::string own = closed + "/own";
    BOOST_REQUIRE(fs::create_directories(own));
    const int outcome = in_child([&] {
        if (::geteuid() != 0) // then it is its own, and may be closed to itself
            return ::chmod(closed.c_str(), 0300) == 0 && posix_backend(own).attach(/*create=*/true) ? 0 : 1;
        for (const std::string& path : {place.top(), closed})
            if (::chmod(path.c_str(), 0711) != 0)
                return 2;
        if (::chown(own.c_str(), 65534, 65534) != 0 || ::setgid(65534) != 0 || ::setuid(65534) != 0)
            return 77;
        return posix_backend(own).attach(/*create=*/true) ? 0 : 3;
    });
    ::chmod(closed.c_str(), 0700);
    skip_or_check(outcome, "being another user");
}

BOOST_AUTO_TEST_CASE(a_symbolic_link_is_never_followed_to_a_file) {
    made<on_disk> here;
    fs::create_symlink(here.place.top() + "/elsewhere", here.place.path("a"));
    BOOST_TEST(fails_with(here.directory.create("a", 1), std::errc::file_exists));
    BOOST_TEST(fails_with(here.directory.lock("a"), std::errc::too_many_symbolic_link_levels));
    BOOST_TEST(!fs::exists(here.place.top() + "/elsewhere"));
    must(here.file("b", "text").close());
    fs::create_symlink("b", here.place.path("c"));
    for (const open_for purpose : {open_for::read, open_for::write})
        BOOST_TEST(fails_with(here.directory.open("c", purpose), std::errc::too_many_symbolic_link_levels));
    BOOST_TEST(fails_with(here.directory.lock("c"), std::errc::too_many_symbolic_link_levels));
}

BOOST_AUTO_TEST_CASE(only_regular_files_are_opened) {
    made<on_disk> here;
    fs::create_directory(here.place.path("directory"));
    BOOST_REQUIRE(::mkfifo(here.place.path("pipe").c_str(), 0600) == 0);
    for (const open_for purpose : {open_for::read, open_for::write})
        BOOST_TEST(fails_with(here.directory.open("directory", purpose), std::errc::is_a_directory));
    BOOST_TEST(fails_with(here.directory.lock("directory"), std::errc::is_a_directory));
    BOOST_TEST(fails_with(here.directory.open("pipe", open_for::read), std::errc::not_supported));
    BOOST_TEST(here.directory.open("pipe", open_for::write).has_error());
    BOOST_TEST(fails_with(here.directory.lock("pipe"), std::errc::not_supported));
    BOOST_TEST((names(here.directory) == std::vector<std::string>{"directory", "pipe"})); // but listed they are
}

BOOST_AUTO_TEST_CASE(a_file_is_no_directory) {
    made<on_disk> here;
    must(here.file("a").close());
    for (const std::string& path : {here.place.path("a"), here.place.path("a/log")})
        for (const bool create : {true, false}) {
            posix_backend b(path);
            BOOST_TEST(fails_with(b.attach(create), std::errc::not_a_directory));
        }
}

BOOST_AUTO_TEST_CASE(missing_parents_are_made) {
    const on_disk place;
    for (const char* path : {"/a/b/c", "/d//e///f//", "/g/./h", "/i/../j/k"}) {
        posix_backend b(place.top() + path);
        must(b.attach(/*create=*/true));
        must(must(b.create("x", 1)).close());
        BOOST_TEST(fs::exists(place.top() + path + "/x"));
    }
    posix_backend b(place.top() + "/l/m");
    BOOST_TEST(fails_with(b.attach(/*create=*/false), errc::no_log));
    BOOST_TEST(!fs::exists(place.top() + "/l"));
}

BOOST_AUTO_TEST_CASE(relative_paths_begin_at_the_working_directory) {
    const on_disk place;
    const working_directory there(place.top());
    for (const char* path : {"a", "b/", "c/d", "./e", ".", "f/.", "./g//"}) {
        posix_backend b(path);
        must(b.attach(/*create=*/true));
        must(must(b.create("x", 1)).close());
        BOOST_TEST(fs::exists(place.top() + "/" + path + "/x"));
    }
}

BOOST_AUTO_TEST_CASE(a_backend_stays_in_its_directory_when_the_working_directory_changes) {
    const on_disk place;
    posix_backend b("log");
    {
        const working_directory there(place.top());
        must(b.attach(/*create=*/true));
    }
    must(must(b.create("x", 1)).close());
    BOOST_TEST(fs::exists(place.path("x")));
}

BOOST_AUTO_TEST_CASE(a_path_that_names_nothing_is_refused) {
    posix_backend none("");
    BOOST_TEST(fails_with(none.attach(/*create=*/true), std::errc::no_such_file_or_directory));
    const on_disk place;
    posix_backend cut(place.top() + std::string("/a\0b", 4));
    BOOST_TEST(fails_with(cut.attach(/*create=*/true), std::errc::invalid_argument));
    BOOST_TEST(fs::is_empty(place.top()));
}

BOOST_AUTO_TEST_CASE(directories_and_files_are_for_their_owner_alone) {
    const on_disk place;
    posix_backend b(place.top() + "/a/b");
    must(b.attach(/*create=*/true));
    must(must(b.create("file", 1)).close());
    must(b.lock("state"));
    BOOST_TEST(mode_of(place.top() + "/a") == 0700U);
    BOOST_TEST(mode_of(place.top() + "/a/b") == 0700U);
    BOOST_TEST(mode_of(place.top() + "/a/b/file") == 0600U);
    BOOST_TEST(mode_of(place.top() + "/a/b/state") == 0600U);
}

BOOST_AUTO_TEST_CASE(each_new_directory_is_synced_in_its_parent) {
    const on_disk place;
    watched calls;
    posix_backend b(place.top() + "/a/b/c");
    must(b.attach(/*create=*/true));
    for (const char* parent : {"", "/a", "/a/b"})
        BOOST_TEST(calls.synced(place.top() + parent), "top" << parent);
}

BOOST_AUTO_TEST_CASE(an_empty_directory_may_have_been_made_by_one_who_died_before_syncing_it) {
    const on_disk place;
    fs::create_directories(place.top() + "/a/b");
    for (const bool filled : {false, true}) {
        watched calls;
        posix_backend b(place.top() + "/a/b");
        must(b.attach(/*create=*/true));
        BOOST_TEST(calls.synced(place.top() + "/a") == !filled); // in one that is in use, the sync was done before
        if (!filled)
            must(must(b.create("x", 1)).close());
    }
    watched calls;
    posix_backend b(place.top() + "/a");
    must(b.attach(/*create=*/false));
    BOOST_TEST(calls->synced.empty());
}

BOOST_AUTO_TEST_CASE(a_directory_that_cannot_be_synced_in_its_parent_is_an_error) {
    const on_disk place;
    watched calls;
    calls->sync_errors = {EIO};
    posix_backend b = place.backend();
    BOOST_TEST(fails_with(b.attach(/*create=*/true), std::errc::io_error));
}

BOOST_AUTO_TEST_CASE(syncing_a_directory_syncs_just_that) {
    made<on_disk> here;
    watched calls;
    must(here.directory.sync_directory());
    BOOST_TEST(calls.synced(here.place.log()));
    BOOST_TEST(calls->synced.size() == 1U);
    calls->sync_errors = {EIO};
    BOOST_TEST(fails_with(here.directory.sync_directory(), std::errc::io_error));
    BOOST_TEST(calls->synced.size() == 1U); // once failed, it is not tried again
}

BOOST_AUTO_TEST_CASE(syncing_a_file_is_tried_again_only_when_interrupted) {
    made<on_disk> here;
    auto f = here.file("a", "text");
    watched calls;
    must(f.sync());
    BOOST_TEST(calls->data_syncs == 1U);
    calls->sync_errors = {EINTR, EINTR};
    must(f.sync());
    BOOST_TEST(calls->data_syncs == 2U);
    calls->sync_errors = {EIO};
    BOOST_TEST(fails_with(f.sync(), std::errc::io_error));
    BOOST_TEST(calls->data_syncs == 2U);
}

BOOST_AUTO_TEST_CASE(a_write_goes_on_where_it_stopped) {
    made<on_disk> here;
    auto f = here.file("a");
    watched calls;
    const std::vector<byte_view> pieces{to_bytes("abc"), {}, to_bytes("defghij"), to_bytes("k")};
    for (const std::size_t at_most : {1U, 2U, 3U, 5U}) {
        calls->write_at_most = at_most;
        calls->write_errors = {EINTR};
        must(f.trim(0));
        must(f.write(2, pieces));
        BOOST_TEST(read_text(f, 2, 100) == "abcdefghijk");
    }
    calls->write_errors = {EIO};
    BOOST_TEST(fails_with(f.write(0, pieces), std::errc::io_error));
}

BOOST_AUTO_TEST_CASE(a_write_with_its_sync_is_one_call) {
    made<on_disk> here;
    auto f = here.file("a", "text");
    watched calls;
    BOOST_TEST(!in_one_step(f, 2, "more text"));
    BOOST_TEST(calls->synced_writes == 1U);
    BOOST_TEST(calls->data_syncs == 0U);
    calls->write_at_most = 3;
    calls->write_errors = {EINTR};
    BOOST_TEST(!in_one_step(f, 2, "and more"));
    BOOST_TEST(calls->synced_writes == 4U); // each part with its own
    BOOST_TEST(read_text(f, 0, 20) == "teand moret");
}

BOOST_AUTO_TEST_CASE(where_a_write_cannot_sync_a_sync_follows_it) {
    made<on_disk> here;
    auto f = here.file("a", "text");
    for (const int error : {EOPNOTSUPP, ENOSYS}) {
        watched calls;
        calls->write_errors = {error};
        BOOST_TEST(!in_one_step(f, 0, "next"));
        BOOST_TEST(calls->synced_writes == 0U);
        BOOST_TEST(calls->data_syncs == 1U);
        calls->write_errors = {error};
        calls->sync_errors = {EIO};
        BOOST_TEST((in_one_step(f, 0, "next") == std::errc::io_error));
    }
}

// Nobody can tell whether it was the sync: then the system holds pages for clean that never arrived.
BOOST_AUTO_TEST_CASE(what_fails_in_a_write_with_its_sync_counts_as_the_sync_unless_there_is_no_room) {
    made<on_disk> here;
    auto f = here.file("a", "text");
    watched calls;
    const byte_view piece = to_bytes("x");
    for (const int error : {EIO, EROFS, ENOMEM}) {
        result<void> synced = success();
        calls->write_errors = {error};
        must(f.write_synced(0, {&piece, 1}, synced));
        BOOST_TEST(fails_with(synced, std::error_code(error, std::system_category())));
    }
    result<void> synced = success();
    calls->write_errors = {ENOSPC};
    BOOST_TEST(fails_with(f.write_synced(0, {&piece, 1}, synced), errc::no_space));
    BOOST_TEST(calls->data_syncs == 0U); // no sync is tried again
}

BOOST_AUTO_TEST_CASE(no_room_is_told_apart_from_other_errors) {
    made<on_disk> here;
    auto f = here.file("a");
    watched calls;
    for (const int error : {ENOSPC, EDQUOT, EFBIG}) {
        calls->write_errors = {error};
        BOOST_TEST(fails_with(write_text(f, 0, "x"), errc::no_space));
    }
    calls->write_errors = {EROFS};
    BOOST_TEST(fails_with(write_text(f, 0, "x"), std::error_code(EROFS, std::system_category())));
}

BOOST_AUTO_TEST_CASE(a_file_gets_real_blocks) {
    made<on_disk> here;
    constexpr std::uint64_t size = 1 << 20;
    must(must(here.directory.create("a", size)).close());
    struct ::stat status {};
    BOOST_REQUIRE(::stat(here.place.path("a").c_str(), &status) == 0);
    const int probe = ::open(here.place.path("probe").c_str(), O_RDWR | O_CREAT, 0600);
    const bool can_reserve = ::fallocate(probe, 0, 0, 4096) == 0;
    ::close(probe);
    if (can_reserve)
        BOOST_TEST(static_cast<std::uint64_t>(status.st_blocks) * 512 >= size);
    else
        BOOST_TEST_MESSAGE("skipped: this file system does not reserve blocks");
}

BOOST_AUTO_TEST_CASE(a_file_system_that_reserves_nothing_still_gives_the_size) {
    made<on_disk> here;
    watched calls;
    for (const int error : {EOPNOTSUPP, ENOSYS, EINVAL}) {
        calls->reserve_errors = {error, EINTR};
        BOOST_TEST((whole(must(here.directory.create("a", 1000))) == zeros));
        must(here.directory.remove("a"));
    }
}

BOOST_AUTO_TEST_CASE(a_file_that_gets_no_blocks_is_not_left_behind) {
    made<on_disk> here;
    watched calls;
    for (const int error : {ENOSPC, EDQUOT, EFBIG, EIO}) {
        calls->reserve_errors = {error};
        BOOST_TEST(fails_with(here.directory.create("a", 1000), system_code(error)));
        BOOST_TEST(names(here.directory).empty());
    }
}

BOOST_AUTO_TEST_CASE(a_file_that_was_trimmed_gets_real_blocks_again) {
    made<on_disk> here;
    constexpr std::uint64_t size = 1 << 20;
    auto f = must(here.directory.create("a", size));
    must(write_text(f, 0, "text"));
    must(f.trim(4));
    must(f.reserve(size));
    if (must(f.size()) == 4U) {
        BOOST_TEST_MESSAGE("skipped: this file system does not reserve blocks");
        return;
    }
    struct ::stat status {};
    BOOST_REQUIRE(::stat(here.place.path("a").c_str(), &status) == 0);
    BOOST_TEST(static_cast<std::uint64_t>(status.st_blocks) * 512 >= size);
    BOOST_TEST((whole(f) == "text" + std::string(size - 4, '\0')));
}

BOOST_AUTO_TEST_CASE(reserving_has_no_effect_where_the_file_system_cannot) {
    made<on_disk> here;
    auto f = here.file("a", "text");
    watched calls;
    for (const int error : {EOPNOTSUPP, ENOSYS, EINVAL}) {
        calls->reserve_errors = {error, EINTR};
        must(f.reserve(1000));
        BOOST_TEST(calls->reserve_errors.empty());
        BOOST_TEST(whole(f) == "text");
    }
    for (const int error : {ENOSPC, EDQUOT, EFBIG, EIO}) {
        calls->reserve_errors = {error};
        BOOST_TEST(fails_with(f.reserve(1000), system_code(error)));
    }
    calls->reserve_errors = {EIO};
    must(f.reserve(4)); // there is nothing to do, and nothing is asked
    BOOST_TEST(calls->reserve_errors.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_limit_of_the_file_size_is_no_space) {
    made<on_disk> here;
    auto f = here.file("a", "text");
    const int outcome = in_child([&] {
        const ::rlimit limit{10000, 10000};
        std::signal(SIGXFSZ, SIG_IGN);
        if (::setrlimit(RLIMIT_FSIZE, &limit) != 0)
            return 1;
        const std::string text(20000, 'x');
        if (error_of(write_text(f, 4, text)) != errc::no_space)
            return 2;
        if (error_of(here.directory.create("b", 20000)) != errc::no_space)
            return 3;
        if (error_of(f.trim(20000)) != errc::no_space)
            return 4;
        return write_text(f, 4, "!") ? 0 : 5;
    });
    BOOST_TEST(outcome == 0);
    BOOST_TEST(read_text(f, 0, 5) == "text!");
    BOOST_TEST(must(f.size()) <= 10000U);
    BOOST_TEST((names(here.directory) == std::vector<std::string>{"a"}));
}

BOOST_AUTO_TEST_CASE(a_full_file_system_is_no_space_and_works_again_when_there_is_room) {
    const on_disk place;
    const int outcome = in_child([&] {
        if (!mount_small_disk(place.top()))
            return 77;
        posix_backend b = place.backend();
        if (!b.attach(/*create=*/true))
            return 1;
        if (error_of(b.create("large", 4 << 20)) != errc::no_space || b.open("large", open_for::read))
            return 2;
        result<posix_file> ballast = b.create("ballast", 512 << 10);
        result<posix_file> f = b.create("a", 0);
        if (!ballast || !f || !ballast.value().close())
            return 3;
        const std::string text(800 << 10, 'x');
        if (error_of(write_text(f.value(), 0, text)) != errc::no_space)
            return 4;
        if (!b.remove("ballast"))
            return 5;
        return write_text(f.value(), 0, text) && f.value().sync() ? 0 : 6;
    });
    if (outcome == 77)
        BOOST_TEST_MESSAGE("skipped: mounting a file system is not allowed");
    else
        BOOST_TEST(outcome == 0);
}

BOOST_AUTO_TEST_CASE(programs_that_are_started_inherit_nothing) {
    made<on_disk> here;
    const auto created = here.file("a");
    const auto opened = must(here.directory.open("a", open_for::read));
    const auto lock = must(here.directory.lock("state"));
    std::multiset<std::string> found;
    const std::string log = fs::canonical(here.place.log()).string();
    for (const auto& entry : fs::directory_iterator("/proc/self/fd")) {
        std::error_code gone; // the descriptor of this very loop
        const std::string target = fs::read_symlink(entry.path(), gone).string();
        if (gone || !target.starts_with(log))
            continue;
        BOOST_TEST((::fcntl(std::stoi(entry.path().filename()), F_GETFD) & FD_CLOEXEC) != 0, target);
        found.insert(target.substr(log.size()));
    }
    BOOST_TEST((found == std::multiset<std::string>{"", "/a", "/a", "/state"}));
}

BOOST_AUTO_TEST_CASE(no_descriptor_is_left_open) {
    const std::size_t before = open_descriptors();
    {
        made<on_disk> here;
        watched calls;
        auto f = here.file("a", "text");
        auto other = must(here.directory.open("a", open_for::read));
        other = must(here.directory.open("a", open_for::read)); // closes the first one when it goes
        const auto lock = must(here.directory.lock("state"));
        BOOST_TEST(here.directory.lock("state").has_error());
        BOOST_TEST(names(here.directory).size() == 2U);
        fs::create_directory(here.place.path("directory"));
        BOOST_TEST(here.directory.open("directory", open_for::read).has_error());
        calls->reserve_errors = {ENOSPC};
        BOOST_TEST(here.directory.create("b", 1000).has_error());
        must(f.close());
        BOOST_TEST(open_descriptors() == before + 3); // the directory, `other` and the lock
    }
    BOOST_TEST(open_descriptors() == before);
}

BOOST_AUTO_TEST_CASE(before_attach_there_is_no_directory) {
    const on_disk place;
    posix_backend b = place.backend();
    std::vector<std::string> found;
    BOOST_TEST(fails_with(b.create("a", 0), std::errc::bad_file_descriptor));
    BOOST_TEST(fails_with(b.list(found), std::errc::bad_file_descriptor));
    BOOST_TEST(fails_with(b.sync_directory(), std::errc::bad_file_descriptor));
}

BOOST_AUTO_TEST_SUITE_END()
