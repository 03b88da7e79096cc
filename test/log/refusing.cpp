#include <tusk/log/log_store.hpp>

#include <log/fixture.hpp>

#include <tusk/backend/posix.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace log_test;

namespace log_refusing {

namespace fs = std::filesystem;

using file_log = basic_wal<binary_format, fsync_always, posix_backend, no_compression>;

// A log in a directory of the file system, and what other processes see of it.
struct fixture {
    fs::path scratch;
    std::string path;
    options opts = small_options();
    recovery_report report;

    fixture() {
        std::string name = (fs::temp_directory_path() / "tusk-refusing-XXXXXX").string();
        BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
        scratch = name;
        path = (scratch / "log").string();
    }
    fixture(const fixture&) = delete;
    ~fixture() {
        fs::permissions(scratch, fs::perms::owner_all);
        for (const auto& entry : fs::recursive_directory_iterator(scratch))
            if (entry.is_directory())
                fs::permissions(entry, fs::perms::owner_all);
        fs::remove_all(scratch);
    }

    [[nodiscard]] result<file_log> open() { return file_log::open(path, opts, &report); }
    void make(int entries) {
        file_log log = must(open());
        for (int i = 1; i <= entries; ++i)
            must(log.append(sample(static_cast<index_t>(i))));
        must(log.close());
    }

    // Every file below the scratch directory with what it holds, its mode and its time.
    [[nodiscard]] std::map<std::string, std::string> everything() const {
        std::map<std::string, std::string> out;
        for (const auto& entry : fs::recursive_directory_iterator(scratch)) {
            std::string& what = out[entry.path().string()];
            what = std::to_string(static_cast<unsigned>(entry.status().permissions())) + " " +
                   std::to_string(entry.last_write_time().time_since_epoch().count()) + " ";
            if (entry.is_regular_file()) {
                std::ifstream file(entry.path(), std::ios::binary);
                what.append(std::istreambuf_iterator<char>(file), {});
            }
        }
        return out;
    }

    // The error that another process gets, perhaps one that may do no more than anybody; nothing if there can be none
    // that may not.
    enum class as { itself, nobody };
    [[nodiscard]] std::optional<std::error_code> error_elsewhere(as who) {
        struct said {
            bool any;
            bool own; // of errc
            int value;
        };
        std::array<int, 2> told{};
        BOOST_REQUIRE(::pipe(told.data()) == 0);
        const pid_t child = ::fork();
        BOOST_REQUIRE(child >= 0);
        if (child == 0) {
            said s{};
            const bool privileged = who == as::nobody && ::geteuid() == 0;
            if ((!privileged || (::setegid(65534) == 0 && ::seteuid(65534) == 0)) &&
                ::euidaccess(scratch.c_str(), X_OK) == 0) {
                const auto opened = open();
                s = {true, !opened && opened.error().category() == category(), opened ? 0 : opened.error().value()};
            }
            ::_exit(::write(told[1], &s, sizeof s) == sizeof s ? 0 : 1);
        }
        ::close(told[1]);
        said s{};
        const bool heard = ::read(told[0], &s, sizeof s) == sizeof s;
        ::close(told[0]);
        int status = 0;
        ::waitpid(child, &status, 0);
        BOOST_REQUIRE(heard);
        if (!s.any)
            return std::nullopt;
        return std::error_code(s.value, s.own ? category() : std::system_category());
    }
    // Another process opens it, with this outcome, and nothing is another than before.
    void opened_elsewhere(as who, std::error_code outcome) {
        const auto before = everything();
        const std::optional<std::error_code> got = error_elsewhere(who);
        if (!got) {
            BOOST_WARN_MESSAGE(false, "skipped: there is no user here who may not do everything");
            return;
        }
        BOOST_TEST_INFO("got: " << got->message());
        BOOST_TEST((*got == outcome));
        BOOST_TEST((everything() == before));
    }
};

const std::error_code fine(0, std::system_category());
const std::error_code no_permission(EACCES, std::system_category());
const std::error_code no_directory(ENOTDIR, std::system_category());

} // namespace log_refusing

BOOST_FIXTURE_TEST_SUITE(log_refusing, fixture)

// ---- what is no directory for a log ----

BOOST_AUTO_TEST_CASE(a_directory_that_is_a_file_is_refused_and_left_alone) {
    std::ofstream(path) << "mine";
    const auto before = everything();
    for (const open_mode mode : {open_mode::strict, open_mode::salvage, open_mode::read_only}) {
        opts.mode = mode;
        BOOST_TEST(fails_with(open(), no_directory));
    }
    BOOST_TEST(fails_with(file_log::destroy(path), no_directory));
    BOOST_TEST((everything() == before));
}

BOOST_AUTO_TEST_CASE(a_parent_that_is_a_file_is_refused_and_left_alone) {
    std::ofstream(path) << "mine";
    path += "/log";
    const auto before = everything();
    BOOST_TEST(fails_with(open(), no_directory));
    opts.create = false;
    BOOST_TEST(!open().has_value());
    BOOST_TEST((everything() == before));
}

BOOST_AUTO_TEST_CASE(a_missing_parent_is_made_only_if_a_log_may_be) {
    path = (scratch / "a/b/log").string();
    opts.create = false;
    BOOST_TEST(fails_with(open(), errc::no_log));
    opts.create = true;
    opts.mode = open_mode::read_only;
    BOOST_TEST(fails_with(open(), errc::no_log));
    BOOST_TEST(fs::is_empty(scratch));
    opts.mode = open_mode::strict;
    BOOST_TEST(open().has_value());
}

BOOST_AUTO_TEST_CASE(a_segment_that_is_a_directory_is_refused_and_left_alone) {
    make(10);
    fs::create_directory(path + "/0000000007.wal");
    const auto before = everything();
    BOOST_TEST(!open().has_value());
    BOOST_TEST_INFO(report.message);
    BOOST_TEST(report.message.find("0000000007.wal") != std::string::npos);
    BOOST_TEST((everything() == before));
}

BOOST_AUTO_TEST_CASE(a_state_file_that_is_a_directory_is_refused_and_left_alone) {
    fs::create_directories(path + "/state");
    const auto before = everything();
    BOOST_TEST(!open().has_value());
    BOOST_TEST((everything() == before));
}

// ---- what this user may not do ----

BOOST_AUTO_TEST_CASE(a_directory_that_may_not_be_written_to_is_refused_and_left_alone) {
    fs::permissions(scratch, fs::perms(0555));
    opened_elsewhere(as::nobody, no_permission); // no log can be made there
    fs::permissions(scratch, fs::perms(0755));
    make(100);
    for (const auto& entry : fs::directory_iterator(path))
        fs::permissions(entry, fs::perms(0444));
    fs::permissions(path, fs::perms(0555));
    opened_elsewhere(as::nobody, no_permission); // nor this one written
    opts.mode = open_mode::salvage;
    opened_elsewhere(as::nobody, no_permission);
}

BOOST_AUTO_TEST_CASE(who_may_read_the_files_and_no_more_can_open_them_to_read) {
    make(100);
    fs::permissions(scratch, fs::perms(0755));
    for (const auto& entry : fs::directory_iterator(path))
        fs::permissions(entry, fs::perms(0444));
    fs::permissions(path, fs::perms(0555));
    opts.mode = open_mode::read_only;
    opened_elsewhere(as::nobody, fine);
}

BOOST_AUTO_TEST_CASE(files_that_may_not_be_read_are_refused_and_left_alone) {
    make(100);
    fs::permissions(scratch, fs::perms(0755));
    fs::permissions(path, fs::perms(0755));
    for (const auto& entry : fs::directory_iterator(path))
        fs::permissions(entry, fs::perms(0666));
    fs::permissions(path + "/0000000002.wal", fs::perms(0000));
    for (const open_mode mode : {open_mode::strict, open_mode::read_only}) {
        opts.mode = mode;
        opened_elsewhere(as::nobody, no_permission);
    }
}

// ---- two processes ----

BOOST_AUTO_TEST_CASE(a_second_process_finds_the_log_busy_and_changes_not_a_byte) {
    file_log log = must(open());
    for (index_t i = 1; i <= 100; ++i)
        must(log.append(sample(i)));
    opened_elsewhere(as::itself, errc::busy);
    opts.mode = open_mode::salvage;
    opened_elsewhere(as::itself, errc::busy);
    opts.mode = open_mode::strict;
    BOOST_TEST(must(log.append("goes on")) == 101U);
    must(log.close());
    BOOST_TEST((error_elsewhere(as::itself) == fine));
    BOOST_TEST(must(must(open()).get(101)).text() == "goes on");
}

BOOST_AUTO_TEST_CASE(a_second_process_may_read_beside_the_writer) {
    file_log log = must(open());
    for (index_t i = 1; i <= 100; ++i)
        must(log.append(sample(i)));
    opts.mode = open_mode::read_only;
    opened_elsewhere(as::itself, fine);
}

BOOST_AUTO_TEST_CASE(a_process_that_was_killed_lets_go_of_the_log) {
    std::array<int, 2> told{};
    BOOST_REQUIRE(::pipe(told.data()) == 0);
    const pid_t child = ::fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
        auto log = open();
        const bool wrote = log && log.value().append("of the child");
        (void)!::write(told[1], &wrote, sizeof wrote);
        for (;;)
            ::pause();
    }
    bool wrote = false;
    BOOST_TEST((::read(told[0], &wrote, sizeof wrote) == sizeof wrote && wrote));
    BOOST_TEST(fails_with(open(), errc::busy));
    BOOST_TEST(fails_with(file_log::destroy(path), errc::busy));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(told[0]);
    ::close(told[1]);
    file_log log = must(open());
    BOOST_TEST(must(log.get(1)).text() == "of the child");
}

BOOST_AUTO_TEST_SUITE_END()
