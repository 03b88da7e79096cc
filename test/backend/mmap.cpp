#include <tusk/backend/mmap.hpp>

#include <backend/real_disk.hpp>
#include <conformance/backend.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <csignal>
#include <cstring>
#include <fstream>

#include <sys/resource.h>
#include <sys/syscall.h>

using namespace tusk;
using namespace backend_suite;
using namespace real_disk;

static_assert(backend<mmap_backend>);
static_assert(gives_window<mmap_file> && gives_view<mmap_file> && writes_synced<mmap_file>);
static_assert(!std::copyable<mmap_backend> && !std::copyable<mmap_file>);

extern "C" int fstatfs(int descriptor, struct ::statfs* status) noexcept {
    const auto outcome = static_cast<int>(::syscall(SYS_fstatfs, descriptor, status));
    if (outcome == 0 && watching != nullptr && watching->file_system != 0)
        status->f_type = watching->file_system;
    return outcome;
}

namespace {

using on_disk = place_on_disk<mmap_backend>;

/// Puts text into a window; true if there was room for it.
bool put_text(mmap_file& file, std::uint64_t at, std::string_view text) {
    const byte_span window = file.window(at, text.size());
    if (window.size() != text.size())
        return false;
    std::memcpy(window.data(), text.data(), text.size());
    return true;
}

/// How many mappings this process has of files whose path begins so.
std::size_t mappings_below(const std::string& path) {
    std::ifstream maps("/proc/self/maps");
    std::size_t count = 0;
    for (std::string line; std::getline(maps, line);)
        count += line.find(path) != std::string::npos ? 1U : 0U;
    return count;
}

std::uint64_t blocks_of(const std::string& path) {
    struct ::stat status {};
    BOOST_REQUIRE(::stat(path.c_str(), &status) == 0);
    return static_cast<std::uint64_t>(status.st_blocks) * 512;
}

constexpr std::uint64_t page = 4096;

} // namespace

BOOST_AUTO_TEST_SUITE(backend_mmap)

BOOST_DATA_TEST_CASE(conforms, boost::unit_test::data::make(backend_behaviours<on_disk>()), behaviour) {
    behaviour.test();
}

// ---- windows ----

BOOST_AUTO_TEST_CASE(what_is_put_into_a_window_is_written) {
    made<on_disk> here;
    auto f = must(here.directory.create("a", 3 * page));
    BOOST_TEST(put_text(f, page - 3, "across the edge of a page"));
    BOOST_TEST(read_text(f, page - 3, 25) == "across the edge of a page");
    BOOST_TEST(read_text(must(here.directory.open("a", open_for::read)), page - 3, 25) == "across the edge of a page");
    must(write_text(f, page + 2, "EDGE")); // and a write is seen in the window
    BOOST_TEST(std::memcmp(f.window(page + 2, 4).data(), "EDGE", 4) == 0);
}

BOOST_AUTO_TEST_CASE(a_window_ends_with_the_file) {
    made<on_disk> here;
    auto f = must(here.directory.create("a", 1000));
    BOOST_TEST(f.window(0, 1000).size() == 1000U);
    BOOST_TEST(f.window(0, 1001).size() == 1000U);
    BOOST_TEST(f.window(990, 100).size() == 10U);
    BOOST_TEST(f.window(10, 0).empty());
    for (const std::uint64_t beyond : {std::uint64_t{1000}, page, std::uint64_t{1} << 63, UINT64_MAX})
        BOOST_TEST(f.window(beyond, 10).empty());
    auto empty = must(here.directory.create("b", 0));
    BOOST_TEST(empty.window(0, 10).empty());
}

BOOST_AUTO_TEST_CASE(a_window_stays_where_it_is_when_its_file_moves_and_grows) {
    made<on_disk> here;
    auto f = must(here.directory.create("a", page));
    const byte_span window = f.window(10, 20);
    must(write_text(f, page, std::string(5 * page, 'x')));
    must(f.reserve(20 * page));
    auto moved = std::move(f);
    BOOST_TEST(moved.window(10, 20).data() == window.data());
    std::memcpy(window.data(), "text", 4);
    BOOST_TEST(read_text(moved, 10, 4) == "text");
    BOOST_TEST(moved.window(page, 10).empty()); // what it has grown by is for writes
}

BOOST_AUTO_TEST_CASE(a_window_follows_the_end_of_the_file) {
    made<on_disk> here;
    auto f = must(here.directory.create("a", 2 * page));
    BOOST_TEST(f.window(0, 2 * page).size() == 2 * page);
    must(f.trim(100));
    BOOST_TEST(f.window(0, 2 * page).size() == 100U);
    must(f.reserve(page));
    BOOST_TEST(f.window(0, 2 * page).size() == page);
    BOOST_TEST(put_text(f, page - 4, "text"));
    BOOST_TEST(read_text(f, page - 4, 10) == "text");
}

BOOST_AUTO_TEST_CASE(what_is_opened_for_reading_has_no_window) {
    made<on_disk> here;
    must(here.file("a", "text").close());
    auto f = must(here.directory.open("a", open_for::read));
    BOOST_TEST(f.window(0, 4).empty());
    auto closed = here.file("b", "text");
    must(closed.close());
    BOOST_TEST(closed.window(0, 4).empty());
}

BOOST_AUTO_TEST_CASE(a_sync_covers_windows_and_writes_in_one_call) {
    made<on_disk> here;
    auto f = must(here.directory.create("a", page));
    BOOST_TEST(put_text(f, 0, "text"));
    watched calls;
    must(f.sync());
    BOOST_TEST(calls->data_syncs == 1U);
    calls->sync_errors = {EIO};
    BOOST_TEST(fails_with(f.sync(), std::errc::io_error));
}

BOOST_AUTO_TEST_CASE(what_is_written_and_synced_in_one_step_is_seen_in_windows_and_views) {
    made<on_disk> here;
    auto f = must(here.directory.create("a", page));
    const byte_span window = f.window(0, 10);
    BOOST_TEST(put_text(f, 0, "01"));
    const byte_view text = to_bytes("2345");
    result<void> synced = errc::closed;
    must(f.write_synced(2, {&text, 1}, synced));
    must(synced);
    BOOST_TEST(to_text(window).substr(0, 6) == "012345");
    BOOST_TEST(text_of(f.view(0, 6)) == "012345");
}

// ---- views ----

BOOST_AUTO_TEST_CASE(a_view_shows_the_file_up_to_its_end) {
    made<on_disk> here;
    must(here.file("a", "0123456789").close());
    const auto f = must(here.directory.open("a", open_for::read));
    BOOST_TEST(text_of(f.view(0, 10)) == "0123456789");
    BOOST_TEST(text_of(f.view(2, 3)) == "234");
    BOOST_TEST(text_of(f.view(8, 100)) == "89");
    for (const std::uint64_t beyond : {std::uint64_t{10}, page, std::uint64_t{1} << 63, UINT64_MAX})
        BOOST_TEST(f.view(beyond, 10).bytes.empty());
    BOOST_TEST(f.view(0, SIZE_MAX).bytes.size() == 10U);
    BOOST_TEST(must(here.directory.create("empty", 0)).view(0, 10).bytes.empty());
}

BOOST_AUTO_TEST_CASE(a_view_shows_what_is_written_by_whatever_way) {
    made<on_disk> here;
    auto f = must(here.directory.create("a", page));
    const auto reader = must(here.directory.open("a", open_for::read));
    const pinned_bytes view = reader.view(0, 8);
    BOOST_TEST(put_text(f, 0, "text"));
    must(write_text(f, 4, "TEXT"));
    BOOST_TEST(text_of(view) == "textTEXT");
}

BOOST_AUTO_TEST_CASE(a_view_outlives_the_file_its_name_and_its_backend) {
    pinned_bytes view;
    pinned_bytes copy;
    std::string path;
    {
        made<on_disk> here;
        path = here.place.top();
        auto f = here.file("a", "text" + zeros);
        view = f.view(0, 4);
        must(f.trim(4));
        must(here.directory.rename("a", "b"));
        must(here.directory.remove("b"));
        copy = f.view(1, 2);
        must(f.close());
        BOOST_TEST(f.view(0, 4).bytes.empty());
    }
    BOOST_TEST(text_of(view) == "text");
    view = {};
    BOOST_TEST(text_of(copy) == "ex");
    BOOST_TEST(mappings_below(path) == 1U);
    copy = {};
    BOOST_TEST(mappings_below(path) == 0U); // the last one takes the mapping with it
}

BOOST_AUTO_TEST_CASE(a_file_is_not_cut_under_a_view) {
    made<on_disk> here;
    auto f = here.file("a", std::string(3 * page, 'x'));
    {
        const pinned_bytes view = f.view(page, page);
        must(f.trim(2 * page + 10)); // nobody looks at that
        BOOST_TEST(fails_with(f.trim(2 * page - 1), std::errc::device_or_resource_busy));
        BOOST_TEST(must(f.size()) == 2 * page + 10);
        must(f.trim(2 * page));
        BOOST_TEST(fails_with(f.trim(0), std::errc::device_or_resource_busy));
        BOOST_TEST(text_of(view) == std::string(page, 'x'));
    }
    must(f.trim(100)); // it is gone
    BOOST_TEST(text_of(f.view(90, page)) == std::string(10, 'x'));
    BOOST_TEST(f.view(100, page).bytes.empty());
    must(write_text(f, 100, "more"));
    BOOST_TEST(text_of(f.view(99, page)) == "xmore");
}

BOOST_AUTO_TEST_CASE(views_go_on_in_a_file_that_grows_a_few_times) {
    made<on_disk> here;
    auto f = here.file("a", "0");
    const pinned_bytes first = f.view(0, 1);
    std::vector<pinned_bytes> views;
    for (int i = 1; i <= 6; ++i) {
        must(write_text(f, static_cast<std::uint64_t>(i) * page, "x"));
        views.push_back(f.view(static_cast<std::uint64_t>(i) * page, 1));
        BOOST_TEST(text_of(views.back()) == "x");
    }
    for (int i = 7; i <= 100; ++i) { // who reads has to be content with copies, sooner or later, but never goes wrong
        must(write_text(f, static_cast<std::uint64_t>(i) * page, "x"));
        const pinned_bytes view = f.view(static_cast<std::uint64_t>(i) * page, 1);
        BOOST_TEST((view.bytes.empty() || text_of(view) == "x"));
    }
    BOOST_TEST(text_of(first) == "0");
    BOOST_TEST(mappings_below(here.place.top()) < 12U);
}

BOOST_AUTO_TEST_CASE(what_a_view_shows_cannot_be_written_to) {
    made<on_disk> here;
    const auto f = here.file("a", "text");
    const pinned_bytes view = f.view(0, 4);
    BOOST_TEST(in_child([&] {
                   std::signal(SIGSEGV, SIG_DFL);
                   *const_cast<std::byte*>(view.bytes.data()) = std::byte{'T'};
                   return 0;
               }) != 0);
    BOOST_TEST(whole(f) == "text");
}

BOOST_AUTO_TEST_CASE(views_are_taken_while_the_file_is_written_trimmed_and_enlarged) {
    made<on_disk> here;
    constexpr std::size_t line = 100;
    auto f = must(here.directory.create("a", 40 * page));
    const pinned_bytes first = f.view(0, 1); // the file is mapped while it is large
    std::atomic<std::uint64_t> written{0};
    std::atomic<bool> wrong{false};
    std::vector<std::thread> readers;
    for (int t = 0; t < 3; ++t)
        readers.emplace_back([&] {
            std::vector<pinned_bytes> kept;
            for (std::uint64_t seen = 0; seen < 1000; seen = written.load(std::memory_order_acquire)) {
                if (seen == 0)
                    continue;
                kept.push_back(f.view((seen - 1) * line, line));
                wrong = wrong || kept.back().bytes.size() != line;
                for (const pinned_bytes& k : kept)
                    wrong = wrong || k.bytes.empty() || k.bytes.front() != k.bytes.back();
                if (kept.size() == 10)
                    kept.clear();
            }
        });
    for (std::uint64_t i = 0; i < 1000; ++i) {
        const std::string text(line, static_cast<char>('a' + i % 20));
        const bool put = put_text(f, i * line, text) || write_text(f, i * line, text);
        wrong = wrong || !put;
        written.store(i + 1, std::memory_order_release);
        if (i % 50 == 49) {
            const auto cut = f.trim((i + 1) * line); // no view reaches further
            BOOST_TEST(cut.has_value(), error_of(cut).message());
            must(f.reserve(40 * page));
        }
    }
    for (std::thread& t : readers)
        t.join();
    BOOST_TEST(!wrong);
}

// ---- full disks, files that were cut ----

BOOST_AUTO_TEST_CASE(a_file_that_was_cut_is_mapped_up_to_where_it_ends) {
    made<on_disk> here;
    must(here.file("a", std::string(10 * page, 'x')).close());
    fs::resize_file(here.place.path("a"), page + 10);
    auto f = must(here.directory.open("a", open_for::write));
    BOOST_TEST(f.view(page, 10 * page).bytes.size() == 10U);
    BOOST_TEST(f.window(page, 10 * page).size() == 10U);
    BOOST_TEST(f.view(5 * page, 1).bytes.empty());
    BOOST_TEST(f.window(5 * page, 1).empty());
}

BOOST_AUTO_TEST_CASE(holes_are_filled_before_a_window_shows_them) {
    made<on_disk> here;
    must(here.file("a", "text").close());
    fs::resize_file(here.place.path("a"), 100 * page); // as a copy that leaves out zeros would be
    BOOST_REQUIRE(blocks_of(here.place.path("a")) < 100 * page);
    auto f = must(here.directory.open("a", open_for::write));
    BOOST_TEST(text_of(f.view(0, 4)) == "text"); // for which none are needed
    BOOST_TEST(blocks_of(here.place.path("a")) < 100 * page);
    BOOST_TEST(f.window(50 * page, 10).size() == 10U);
    BOOST_TEST(blocks_of(here.place.path("a")) >= 100 * page);
    BOOST_TEST(read_text(f, 0, 5) == std::string("text\0", 5));
}

BOOST_AUTO_TEST_CASE(without_blocks_there_is_no_window) {
    made<on_disk> here;
    must(here.file("a", "text").close());
    for (const int error : {ENOSPC, EDQUOT, EOPNOTSUPP, EIO}) {
        auto f = must(here.directory.open("a", open_for::write));
        watched calls;
        calls->reserve_errors = {error};
        BOOST_TEST(f.window(0, 4).empty());
        must(write_text(f, 0, "TEXT"));
    }
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_an_error_and_no_signal) {
    const on_disk place;
    const int outcome = in_child([&] {
        if (!mount_small_disk(place.top()))
            return 77;
        mmap_backend b = place.backend();
        if (!b.attach(/*create=*/true))
            return 1;
        if (error_of(b.create("large", 4 << 20)) != errc::no_space || b.open("large", open_for::read))
            return 2;
        constexpr std::size_t size = 400 << 10;
        result<mmap_file> f = b.create("a", size);
        const result<mmap_file> sparse = b.create("sparse", 0);
        if (!f || !sparse || ::truncate(place.path("sparse").c_str(), size) != 0)
            return 3;
        result<mmap_file> ballast = b.create("ballast", 0);
        const std::string text(1 << 20, 'x');
        if (!ballast || error_of(write_text(ballast.value(), 0, text)) != errc::no_space)
            return 4;
        if (!put_text(f.value(), 0, text.substr(0, size)) || !f.value().sync()) // its blocks were there before
            return 5;
        result<mmap_file> holes = b.open("sparse", open_for::write);
        if (!holes || !holes.value().window(0, size).empty())
            return 6;
        if (error_of(write_text(holes.value(), 0, text.substr(0, size))) != errc::no_space)
            return 7;
        return ballast.value().close() && b.remove("ballast") && write_text(holes.value(), 0, text.substr(0, size)) ? 0
                                                                                                                    : 8;
    });
    if (outcome == 77)
        BOOST_TEST_MESSAGE("skipped: mounting a file system is not allowed");
    else
        BOOST_TEST(outcome == 0);
}

BOOST_AUTO_TEST_CASE(a_limit_of_the_file_size_is_an_error_and_no_signal) {
    made<on_disk> here;
    auto f = must(here.directory.create("a", 10000));
    const int outcome = in_child([&] {
        const ::rlimit limit{10000, 10000};
        std::signal(SIGXFSZ, SIG_IGN);
        if (::setrlimit(RLIMIT_FSIZE, &limit) != 0)
            return 1;
        if (error_of(here.directory.create("b", 20000)) != errc::no_space || here.directory.open("b", open_for::read))
            return 2;
        if (!put_text(f, 0, std::string(10000, 'x')))
            return 3;
        if (error_of(f.reserve(20000)) != errc::no_space || error_of(write_text(f, 10000, "x")) != errc::no_space)
            return 4;
        return f.window(10000, 1).empty() && f.view(10000, 1).bytes.empty() ? 0 : 5;
    });
    BOOST_TEST(outcome == 0);
    BOOST_TEST((whole(f) == std::string(10000, 'x')));
}

// ---- file systems ----

BOOST_AUTO_TEST_CASE(file_systems_that_copy_on_write_are_refused) {
    const std::pair<long, std::string> systems[] = {
        {0x9123683e, "btrfs"}, {0x2fc12fc1, "zfs"}, {0xca451a4e, "bcachefs"}, {0x3434, "nilfs2"}};
    for (const auto& [number, name] : systems) {
        const on_disk place;
        watched calls;
        calls->file_system = number;
        mmap_backend b = place.backend();
        BOOST_TEST(fails_with(b.attach(/*create=*/true), std::errc::operation_not_supported));
        BOOST_TEST(b.note().find(name) != std::string::npos, b.note());
        BOOST_TEST(b.note().find("posix_backend") != std::string::npos, b.note());
    }
    made<on_disk> here;
    BOOST_TEST(here.directory.note().empty());
}

BOOST_AUTO_TEST_CASE(a_file_system_without_blocks_is_refused) {
    for (const int error : {EOPNOTSUPP, ENOSYS, EINVAL}) {
        const on_disk place;
        watched calls;
        calls->reserve_errors = {error, EINTR};
        mmap_backend b = place.backend();
        BOOST_TEST(fails_with(b.attach(/*create=*/true), std::errc::operation_not_supported));
        BOOST_TEST(!b.note().empty());
        BOOST_TEST(fs::is_empty(place.log()));
    }
    for (const int error :
         {ENOSPC, EDQUOT, EIO}) { // a full disk is no reason: a log may be opened to drop what is in it
        const on_disk place;
        watched calls;
        calls->reserve_errors = {error};
        mmap_backend b = place.backend();
        must(b.attach(/*create=*/true));
    }
}

BOOST_AUTO_TEST_CASE(a_real_file_system_without_blocks_is_refused) {
    const on_disk place;
    const int outcome = in_child([&] {
        if (!mount_small_disk(place.top(), "ramfs"))
            return 77;
        mmap_backend b = place.backend();
        return error_of(b.attach(/*create=*/true)) == std::errc::operation_not_supported ? 0 : 1;
    });
    if (outcome == 77)
        BOOST_TEST_MESSAGE("skipped: mounting a file system is not allowed");
    else
        BOOST_TEST(outcome == 0);
}

BOOST_AUTO_TEST_CASE(a_file_that_gets_no_blocks_is_not_left_behind) {
    made<on_disk> here;
    watched calls;
    for (const int error : {EOPNOTSUPP, ENOSYS, EINVAL}) { // where attach() could not find it out
        calls->reserve_errors = {error, error};
        BOOST_TEST(fails_with(here.directory.create("a", 1000), system_code(error)));
        BOOST_TEST(names(here.directory).empty());
    }
}

BOOST_AUTO_TEST_SUITE_END()
