#pragma once

#include <conformance/backend_refinements.hpp>

#include <atomic>
#include <limits>
#include <ostream>
#include <thread>

/// What every model of the concept `backend` has to do. Call backend_conformance<Place>() from a test case, or make one of
/// each behaviour in backend_behaviours<Place>(). A Place is a directory that does not exist yet and is gone when the
/// Place is; `place.backend()` gives another backend for it each time. Of the refinements, those that the model has are tried.
namespace backend_suite {

template<class Place>
void a_directory_that_is_not_there_is_no_log() {
    Place place;
    auto b = place.backend();
    BOOST_TEST(fails_with(b.attach(/*create=*/false), errc::no_log));
    auto again = place.backend(); // and is not made by asking
    BOOST_TEST(fails_with(again.attach(/*create=*/false), errc::no_log));
}

template<class Place>
void a_directory_is_made_once_and_found_again() {
    made<Place> here;
    BOOST_TEST(names(here.directory).empty());
    must(here.file("a", "text").close());
    for (const bool create : {true, false}) {
        auto again = here.place.backend();
        must(again.attach(create));
        BOOST_TEST(whole(must(again.open("a", open_for::read))) == "text");
    }
}

template<class Place>
void a_new_file_has_its_size_and_reads_as_zeros() {
    made<Place> here;
    auto f = must(here.directory.create("a", 1000));
    BOOST_TEST(must(f.size()) == 1000U);
    BOOST_TEST((whole(f) == zeros));
    BOOST_TEST(must(must(here.directory.create("empty", 0)).size()) == 0U);
}

template<class Place>
void a_file_is_created_once() {
    made<Place> here;
    must(here.file("a", "text").close());
    BOOST_TEST(fails_with(here.directory.create("a", 10), std::errc::file_exists));
    BOOST_TEST(whole(must(here.directory.open("a", open_for::read))) == "text");
}

template<class Place>
void a_size_that_no_file_can_have_is_no_space() {
    made<Place> here;
    BOOST_TEST(fails_with(here.directory.create("a", std::numeric_limits<std::uint64_t>::max()), errc::no_space));
    BOOST_TEST(names(here.directory).empty());
    auto f = here.file("b", "text");
    BOOST_TEST(fails_with(write_text(f, std::uint64_t{1} << 63, "x"), errc::no_space));
    BOOST_TEST(whole(f) == "text");
}

template<class Place>
void what_is_not_there_cannot_be_opened_renamed_or_removed() {
    made<Place> here;
    for (const open_for purpose : {open_for::read, open_for::write})
        BOOST_TEST(fails_with(here.directory.open("a", purpose), std::errc::no_such_file_or_directory));
    BOOST_TEST(fails_with(here.directory.rename("a", "b"), std::errc::no_such_file_or_directory));
    BOOST_TEST(fails_with(here.directory.remove("a"), std::errc::no_such_file_or_directory));
    BOOST_TEST(names(here.directory).empty());
}

template<class Place>
void what_was_written_is_read_by_all_who_have_the_file() {
    made<Place> here;
    auto f = here.file("a", "0123456789");
    const auto reader = must(here.directory.open("a", open_for::read));
    auto writer = must(here.directory.open("a", open_for::write));
    must(write_text(writer, 3, "xyz"));
    BOOST_TEST(whole(reader) == "012xyz6789");
    BOOST_TEST(whole(f) == "012xyz6789");
}

template<class Place>
void a_file_opened_for_reading_is_not_changed() {
    made<Place> here;
    must(here.file("a", "text").close());
    auto f = must(here.directory.open("a", open_for::read));
    BOOST_TEST(write_text(f, 0, "x").has_error());
    BOOST_TEST(f.trim(0).has_error());
    BOOST_TEST(whole(f) == "text");
}

template<class Place>
void reads_are_short_only_at_the_end() {
    made<Place> here;
    const auto f = here.file("a", "0123456789");
    BOOST_TEST(read_text(f, 0, 10) == "0123456789");
    BOOST_TEST(read_text(f, 2, 3) == "234");
    BOOST_TEST(read_text(f, 8, 5) == "89");
    constexpr std::uint64_t last_offset = (std::uint64_t{1} << 63) - 1; // of most systems
    for (const std::uint64_t beyond :
         {std::uint64_t{10}, std::uint64_t{1000000}, last_offset - 3, last_offset, last_offset + 1, UINT64_MAX})
        BOOST_TEST(read_text(f, beyond, 5).empty());
    BOOST_TEST(read_text(f, 2, 0).empty());
}

template<class Place>
void large_writes_arrive_whole_wherever_they_begin() {
    made<Place> here;
    std::string text(300000, '\0');
    for (std::size_t i = 0; i < text.size(); ++i)
        text[i] = static_cast<char>('a' + i % 23);
    for (const std::size_t at : {0U, 1U, 511U, 512U, 4095U, 65536U}) {
        auto f = must(here.directory.create("a", 0));
        must(write_text(f, at, text));
        BOOST_TEST(must(f.size()) == at + text.size());
        BOOST_TEST((read_text(f, at, text.size() + 1) == text));
        BOOST_TEST((read_text(f, at + 70000, 1000) == text.substr(70000, 1000)));
        BOOST_TEST((read_text(f, 0, at) == std::string(at, '\0')));
        must(here.directory.remove("a"));
    }
}

template<class Place>
void pieces_are_written_one_behind_the_other() {
    made<Place> here;
    auto f = here.file("a", "0123456789");
    const std::vector<byte_view> few{tusk::to_bytes("ab"), {}, tusk::to_bytes("c"), {}};
    must(f.write(2, few));
    BOOST_TEST(whole(f) == "01abc56789");
    // More than a system takes at once, some of them empty.
    std::vector<std::string> texts;
    std::string together;
    for (std::size_t i = 0; i < 5000; ++i) {
        texts.push_back(i % 7 == 0 || (i > 1000 && i < 2500) ? "" : std::to_string(i));
        together += texts.back();
    }
    const std::vector<byte_view> many = [&] {
        std::vector<byte_view> views;
        for (const std::string& t : texts)
            views.push_back(tusk::to_bytes(t));
        return views;
    }();
    must(f.write(5, many));
    BOOST_TEST((whole(f) == "01abc" + together));
}

template<class Place>
void writing_nothing_changes_nothing() {
    made<Place> here;
    auto f = here.file("a", "text");
    const std::vector<byte_view> empty(3);
    must(f.write(100, {}));
    must(f.write(100, empty));
    BOOST_TEST(whole(f) == "text");
}

template<class Place>
void writing_beyond_the_end_grows_the_file() {
    made<Place> here;
    auto f = here.file("a", "text");
    must(write_text(f, 4, "ual"));
    BOOST_TEST(whole(f) == "textual");
    must(write_text(f, 1007, "far"));
    BOOST_TEST((whole(f) == "textual" + zeros + "far"));
}

template<class Place>
void trimming_ends_the_file_and_what_grows_again_is_zeros() {
    made<Place> here;
    const std::string text(200000, 'x');
    for (const std::size_t at : {0U, 1U, 512U, 700U, 65536U, 100001U}) {
        auto f = here.file("a", text);
        must(f.trim(at));
        BOOST_TEST(must(f.size()) == at);
        BOOST_TEST((read_text(f, 0, text.size()) == text.substr(0, at)));
        must(write_text(f, at + 1000, "end"));
        BOOST_TEST((whole(f) == text.substr(0, at) + zeros + "end"));
        must(here.directory.remove("a"));
    }
}

template<class Place>
void reserving_leaves_what_is_written_and_adds_only_zeros() {
    made<Place> here;
    auto f = here.file("a", "text");
    if constexpr (reservable<decltype(f)>) {
        must(f.reserve(0));
        must(f.reserve(4));
        BOOST_TEST(whole(f) == "text");
        must(f.reserve(1004)); // where no blocks can be had, the size may stay
        BOOST_TEST((whole(f) == "text" || whole(f) == "text" + zeros));
        const std::uint64_t size = must(f.size());
        must(f.reserve(10));
        BOOST_TEST(must(f.size()) == size);
        must(write_text(f, 4, "ual"));
        BOOST_TEST(read_text(f, 0, 7) == "textual");
        BOOST_TEST(fails_with(f.reserve(std::numeric_limits<std::uint64_t>::max()), errc::no_space));
    }
}

template<class Place>
void syncing_succeeds_and_changes_nothing() {
    made<Place> here;
    auto f = here.file("a", "text");
    must(f.sync());
    must(f.sync());
    must(must(here.directory.open("a", open_for::read)).sync());
    must(here.directory.sync_directory());
    BOOST_TEST(whole(f) == "text");
    BOOST_TEST((names(here.directory) == std::vector<std::string>{"a"}));
}

template<class Place>
void a_closed_file_refuses_everything() {
    made<Place> here;
    auto f = here.file("a", "text");
    must(f.close());
    std::byte b{};
    BOOST_TEST(f.size().has_error());
    BOOST_TEST(f.read(0, {&b, 1}).has_error());
    BOOST_TEST(write_text(f, 0, "x").has_error());
    BOOST_TEST(f.sync().has_error());
    BOOST_TEST(f.trim(0).has_error());
    BOOST_TEST(f.close().has_error());
    BOOST_TEST(whole(must(here.directory.open("a", open_for::read))) == "text");
}

template<class Place>
void a_file_can_be_moved() {
    made<Place> here;
    auto f = here.file("a", "first");
    auto moved = std::move(f);
    BOOST_TEST(whole(moved) == "first");
    moved = here.file("b", "second");
    BOOST_TEST(whole(moved) == "second");
}

template<class Place>
void files_are_listed() {
    made<Place> here;
    must(here.file("b").close());
    must(here.file("a").close());
    must(here.file("c.aside").close());
    BOOST_TEST((names(here.directory) == std::vector<std::string>{"a", "b", "c.aside"}));
    std::vector<std::string> found{"before"};
    must(here.directory.list(found)); // again, and behind what is there
    BOOST_TEST(found.size() == 4U);
    BOOST_TEST(found.front() == "before");
}

template<class Place>
void renaming_replaces_what_had_the_name() {
    made<Place> here;
    const auto f = here.file("a", "new");
    const auto old = here.file("b", "old");
    must(here.directory.rename("a", "b"));
    BOOST_TEST((names(here.directory) == std::vector<std::string>{"b"}));
    BOOST_TEST(whole(must(here.directory.open("b", open_for::read))) == "new");
    BOOST_TEST(whole(f) == "new");
    BOOST_TEST(whole(old) == "old"); // for those who have it open
}

template<class Place>
void renaming_to_the_same_name_changes_nothing() {
    made<Place> here;
    must(here.file("a", "text").close());
    must(here.directory.rename("a", "a"));
    BOOST_TEST(whole(must(here.directory.open("a", open_for::read))) == "text");
}

template<class Place>
void a_removed_file_stays_readable_for_those_who_have_it() {
    made<Place> here;
    must(here.file("a", "text").close());
    const auto reader = must(here.directory.open("a", open_for::read));
    must(here.directory.remove("a"));
    must(here.directory.sync_directory());
    BOOST_TEST(names(here.directory).empty());
    BOOST_TEST(fails_with(here.directory.open("a", open_for::read), std::errc::no_such_file_or_directory));
    auto f = here.file("a", "other");
    BOOST_TEST(whole(reader) == "text");
    BOOST_TEST(whole(f) == "other");
}

template<class Place>
void a_lock_keeps_out_all_others() {
    made<Place> here;
    const auto lock = must(here.directory.lock("state"));
    BOOST_TEST(fails_with(here.directory.lock("state"), errc::busy)); // the same backend too
    auto other = here.attached();
    BOOST_TEST(fails_with(other.lock("state"), errc::busy));
    BOOST_TEST(fails_with(other.lock("state"), errc::busy)); // having been refused changes nothing
    must(other.lock("another"));
}

template<class Place>
void a_lock_is_given_back_by_its_destructor() {
    made<Place> here;
    auto other = here.attached();
    { const auto lock = must(here.directory.lock("state")); }
    {
        auto first = must(other.lock("state"));
        const auto lock = std::move(first);
        BOOST_TEST(fails_with(here.directory.lock("state"), errc::busy));
    }
    must(here.directory.lock("state"));
}

template<class Place>
void a_lock_makes_its_file_and_leaves_what_is_in_it() {
    made<Place> here;
    {
        const auto lock = must(here.directory.lock("state"));
        BOOST_TEST((names(here.directory) == std::vector<std::string>{"state"}));
        auto f = must(here.directory.open("state", open_for::write)); // a lock is no hindrance to its holder
        BOOST_TEST(must(f.size()) == 0U);
        must(write_text(f, 0, "text"));
    }
    const auto lock = must(here.directory.lock("state"));
    BOOST_TEST(whole(must(here.directory.open("state", open_for::read))) == "text");
}

template<class Place>
void a_lock_on_a_removed_file_keeps_nobody_from_the_next() {
    made<Place> here;
    const auto old = must(here.directory.lock("state"));
    must(here.directory.remove("state"));
    const auto lock = must(here.directory.lock("state"));
    BOOST_TEST(fails_with(here.directory.lock("state"), errc::busy));
}

template<class Place>
void reads_and_syncs_go_on_beside_the_writer() {
    made<Place> here;
    constexpr std::size_t line = 1000;
    auto writer = must(here.directory.create("a", 100 * line));
    std::atomic<std::uint64_t> written{0};
    std::atomic<bool> wrong{false};
    std::thread reader([&, file = must(here.directory.open("a", open_for::read))]() mutable {
        std::vector<std::byte> bytes(line);
        for (std::uint64_t seen = 0; seen < 100; seen = written.load(std::memory_order_acquire)) {
            if (seen == 0)
                continue;
            const auto n = file.read((seen - 1) * line, bytes);
            wrong =
                wrong || !n || n.value() != line || bytes != std::vector<std::byte>(line, static_cast<std::byte>(seen));
            wrong = wrong || !file.sync();
        }
    });
    for (std::uint64_t i = 1; i <= 100; ++i) {
        const std::string text(line, static_cast<char>(i));
        wrong = wrong || !write_text(writer, (i - 1) * line, text);
        written.store(i, std::memory_order_release);
    }
    reader.join();
    BOOST_TEST(!wrong);
}

template<class Place>
std::vector<behaviour> backend_behaviours() {
    std::vector<behaviour> all{
        {"a_directory_that_is_not_there_is_no_log", a_directory_that_is_not_there_is_no_log<Place>},
        {"a_directory_is_made_once_and_found_again", a_directory_is_made_once_and_found_again<Place>},
        {"a_new_file_has_its_size_and_reads_as_zeros", a_new_file_has_its_size_and_reads_as_zeros<Place>},
        {"a_file_is_created_once", a_file_is_created_once<Place>},
        {"a_size_that_no_file_can_have_is_no_space", a_size_that_no_file_can_have_is_no_space<Place>},
        {"what_is_not_there_cannot_be_opened_renamed_or_removed",
         what_is_not_there_cannot_be_opened_renamed_or_removed<Place>},
        {"what_was_written_is_read_by_all_who_have_the_file", what_was_written_is_read_by_all_who_have_the_file<Place>},
        {"a_file_opened_for_reading_is_not_changed", a_file_opened_for_reading_is_not_changed<Place>},
        {"reads_are_short_only_at_the_end", reads_are_short_only_at_the_end<Place>},
        {"large_writes_arrive_whole_wherever_they_begin", large_writes_arrive_whole_wherever_they_begin<Place>},
        {"pieces_are_written_one_behind_the_other", pieces_are_written_one_behind_the_other<Place>},
        {"writing_nothing_changes_nothing", writing_nothing_changes_nothing<Place>},
        {"writing_beyond_the_end_grows_the_file", writing_beyond_the_end_grows_the_file<Place>},
        {"trimming_ends_the_file_and_what_grows_again_is_zeros",
         trimming_ends_the_file_and_what_grows_again_is_zeros<Place>},
        {"reserving_leaves_what_is_written_and_adds_only_zeros",
         reserving_leaves_what_is_written_and_adds_only_zeros<Place>},
        {"syncing_succeeds_and_changes_nothing", syncing_succeeds_and_changes_nothing<Place>},
        {"a_closed_file_refuses_everything", a_closed_file_refuses_everything<Place>},
        {"a_file_can_be_moved", a_file_can_be_moved<Place>},
        {"files_are_listed", files_are_listed<Place>},
        {"renaming_replaces_what_had_the_name", renaming_replaces_what_had_the_name<Place>},
        {"renaming_to_the_same_name_changes_nothing", renaming_to_the_same_name_changes_nothing<Place>},
        {"a_removed_file_stays_readable_for_those_who_have_it",
         a_removed_file_stays_readable_for_those_who_have_it<Place>},
        {"a_lock_keeps_out_all_others", a_lock_keeps_out_all_others<Place>},
        {"a_lock_is_given_back_by_its_destructor", a_lock_is_given_back_by_its_destructor<Place>},
        {"a_lock_makes_its_file_and_leaves_what_is_in_it", a_lock_makes_its_file_and_leaves_what_is_in_it<Place>},
        {"a_lock_on_a_removed_file_keeps_nobody_from_the_next",
         a_lock_on_a_removed_file_keeps_nobody_from_the_next<Place>},
        {"reads_and_syncs_go_on_beside_the_writer", reads_and_syncs_go_on_beside_the_writer<Place>},
    };
    add_refinements<Place>(all);
    return all;
}

} // namespace backend_suite

/// Every behaviour, one after the other.
template<class Place>
void backend_conformance() {
    for (const backend_suite::behaviour& b : backend_suite::backend_behaviours<Place>())
        BOOST_TEST_CONTEXT(b.name) { b.test(); }
}
