#pragma once

#include <conformance/backend_place.hpp>

#include <atomic>
#include <concepts>
#include <cstring>
#include <limits>
#include <optional>
#include <ostream>
#include <thread>

/// What a model of `backend` has to do that has refinements: window(), view(), write_synced() or note(). A part of
/// conformance/backend.hpp.
namespace backend_suite {

using tusk::pinned_bytes;

/// A file that can be given real blocks later. What cannot has nothing to prove.
template<class F>
concept reservable = requires(F file, std::uint64_t size) {
    { file.reserve(size) } noexcept -> std::same_as<result<void>>;
};

inline std::string text_of(const pinned_bytes& view) { return std::string(tusk::to_text(view.bytes)); }
inline std::string text_of(byte_span window) { return std::string(tusk::to_text(byte_view(window))); }

/// Puts text into the file as a log does: into a window as far as that can be had, else by a write.
template<class File>
void put_in_place(File& file, std::uint64_t at, std::string_view text) {
    const byte_span window = file.window(at, text.size());
    BOOST_TEST(window.size() <= text.size());
    if (!window.empty())
        std::memcpy(window.data(), text.data(), window.size());
    if (window.size() < text.size())
        must(write_text(file, at + window.size(), text.substr(window.size())));
}

inline std::string letters(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        text[i] = static_cast<char>('a' + i % 23);
    return text;
}

// ---- window ----

template<class Place>
void what_is_put_into_a_window_is_written() {
    made<Place> here;
    auto f = must(here.directory.create("a", 20000));
    put_in_place(f, 0, "at the beginning");
    put_in_place(f, 4090, "where pages and sectors meet");
    put_in_place(f, 19997, "end");
    must(f.sync());
    const auto check = [](const auto& file) {
        BOOST_TEST(read_text(file, 0, 16) == "at the beginning");
        BOOST_TEST(read_text(file, 4090, 28) == "where pages and sectors meet");
        BOOST_TEST(read_text(file, 19997, 10) == "end");
        BOOST_TEST((read_text(file, 5000, 1000) == zeros));
    };
    check(f);
    check(must(here.directory.open("a", open_for::read)));
    must(f.close());
    auto again = here.place.backend();
    must(again.attach(/*create=*/false));
    check(must(again.open("a", open_for::read)));
}

template<class Place>
void a_window_shows_what_the_file_holds() {
    made<Place> here;
    const std::string text = letters(9000);
    auto f = here.file("a", text);
    for (const std::size_t at : {0U, 1U, 4095U, 8000U}) {
        const std::string shown = text_of(f.window(at, 1000));
        BOOST_TEST(shown == text.substr(at, shown.size()));
    }
    must(write_text(f, 100, "TEXT")); // and what is written by a call
    const std::string shown = text_of(f.window(98, 8));
    BOOST_TEST(shown == (text.substr(98, 2) + "TEXT" + text.substr(104, 2)).substr(0, shown.size()));
}

template<class Place>
void a_window_never_reaches_beyond_the_file() {
    made<Place> here;
    auto f = must(here.directory.create("a", 1000));
    BOOST_TEST(f.window(0, 1001).size() <= 1000U);
    BOOST_TEST(f.window(990, 100).size() <= 10U);
    BOOST_TEST(f.window(10, 5).size() <= 5U);
    for (const std::uint64_t beyond : {std::uint64_t{1000}, std::uint64_t{1} << 63, UINT64_MAX})
        BOOST_TEST(f.window(beyond, 10).empty());
    BOOST_TEST(f.window(0, SIZE_MAX).size() <= 1000U);
    BOOST_TEST(must(f.size()) == 1000U);
    must(f.trim(100));
    BOOST_TEST(f.window(0, 1000).size() <= 100U);
    BOOST_TEST(f.window(100, 10).empty());
    BOOST_TEST(must(here.directory.create("empty", 0)).window(0, 10).empty());
}

template<class Place>
void a_window_stays_where_it_is_when_its_file_grows_and_moves() {
    made<Place> here;
    auto f = must(here.directory.create("a", 4096));
    const byte_span window = f.window(10, 20);
    must(write_text(f, 4096, std::string(20000, 'x')));
    if constexpr (reservable<decltype(f)>)
        must(f.reserve(100000));
    auto moved = std::move(f);
    (void)moved.window(5000, 100);
    if (window.empty())
        return;
    BOOST_TEST(moved.window(10, 20).data() == window.data());
    window[0] = std::byte{'x'};
    BOOST_TEST(read_text(moved, 10, 1) == "x");
}

template<class Place>
void what_cannot_be_written_has_no_window() {
    made<Place> here;
    auto f = here.file("a", "text");
    BOOST_TEST(must(here.directory.open("a", open_for::read)).window(0, 4).empty());
    (void)f.window(0, 4);
    must(f.close());
    BOOST_TEST(f.window(0, 4).empty());
}

template<class Place>
void several_threads_fill_a_window_beside_syncs_and_reads() {
    made<Place> here;
    constexpr std::size_t part = 10000;
    auto f = must(here.directory.create("a", 4 * part));
    const byte_span window = f.window(0, 4 * part);
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 4 && window.size() == 4 * part; ++t)
        threads.emplace_back([own = window.subspan(t * part, part), t] {
            for (std::byte& b : own)
                b = static_cast<std::byte>('a' + t);
        });
    for (int i = 0; i < 10; ++i) {
        must(f.sync());
        BOOST_TEST(whole(f).size() == 4 * part);
    }
    for (std::thread& t : threads)
        t.join();
    if (threads.empty())
        return;
    for (std::size_t t = 0; t < 4; ++t)
        BOOST_TEST((read_text(f, t * part, part) == std::string(part, static_cast<char>('a' + t))));
}

template<class Place>
void a_window_that_is_made_ready_shows_what_it_did() {
    made<Place> here;
    auto f = must(here.directory.create("a", 1 << 20));
    f.touch_window(UINT64_MAX); // nothing has been shown of it yet
    put_in_place(f, 4090, "where pages meet");
    f.touch_window(0);
    f.touch_window(5000);
    f.touch_window(UINT64_MAX);
    BOOST_TEST((whole(f) == std::string(4090, '\0') + "where pages meet" + std::string((1 << 20) - 4106, '\0')));
    must(f.trim(8192)); // the file is shorter than what was ready
    f.touch_window(UINT64_MAX);
    must(f.close());
    f.touch_window(UINT64_MAX);
}

template<class Place>
void a_window_is_made_ready_beside_those_who_fill_it() {
    made<Place> here;
    constexpr std::size_t part = 4096 + 8;
    auto f = must(here.directory.create("a", 500 * part));
    (void)f.window(0, 1);
    std::thread beside([&] {
        for (std::size_t i = 0; i < 500; ++i)
            f.touch_window(2 * i * part);
    });
    for (std::size_t i = 0; i < 500; ++i) {
        const byte_span window = f.window(i * part, part);
        std::fill(window.begin(), window.end(), static_cast<std::byte>('a' + i % 26));
    }
    beside.join();
    const std::string found = whole(f);
    for (std::size_t i = 0; i < 500 && found[0] == 'a'; ++i)
        BOOST_TEST((found.substr(i * part, part) == std::string(part, static_cast<char>('a' + i % 26))));
}

// ---- prewrite ----

template<class Place>
void zeros_that_are_written_ahead_change_nothing() {
    made<Place> here;
    auto f = must(here.directory.create("a", 1 << 20));
    must(write_text(f, 0, "text"));
    for (const std::uint64_t size : {0U, 1U, 4096U, 65536U, 65537U, 900000U})
        f.prewrite(4096, size);
    BOOST_TEST((whole(f) == "text" + std::string((1 << 20) - 4, '\0')));
    f.prewrite((1 << 20) - 10, 100000);
    for (const std::uint64_t beyond : {std::uint64_t{1} << 20, std::uint64_t{1} << 40, UINT64_MAX})
        f.prewrite(beyond, UINT64_MAX);
    BOOST_TEST(must(f.size()) == 1U << 20);
    must(write_text(f, 100000, "later"));
    must(f.sync());
    BOOST_TEST(read_text(f, 100000, 5) == "later");
    auto reader = must(here.directory.open("a", open_for::read));
    reader.prewrite(0, 4096); // cannot
    must(f.close());
    f.prewrite(0, 4096);
    BOOST_TEST(read_text(reader, 0, 4) == "text");
}

// ---- data_end ----

template<class Place>
void behind_the_end_of_its_data_a_file_has_zeros() {
    made<Place> here;
    constexpr std::uint64_t size = 3 << 20;
    auto f = must(here.directory.create("a", size));
    const auto only_zeros_follow = [&] {
        const std::uint64_t end = f.data_end();
        const std::string text = whole(f);
        BOOST_TEST((end >= text.size() || text.find_first_not_of('\0', end) == std::string::npos));
    };
    only_zeros_follow();
    for (const std::uint64_t at : {std::uint64_t{0}, std::uint64_t{5000}, std::uint64_t{1} << 20, size - 1, size}) {
        must(write_text(f, at, "x"));
        BOOST_TEST(f.data_end() > at); // while only the system's memory has it
        only_zeros_follow();
        must(f.sync());
        only_zeros_follow();
    }
    if constexpr (tusk::gives_window<typename Place::backend_type::file>) {
        auto own = must(here.directory.create("b", size));
        for (const std::uint64_t at : {std::uint64_t{10}, std::uint64_t{2 << 20}}) {
            const byte_span window = own.window(at, 1);
            BOOST_TEST_REQUIRE(window.size() == 1U);
            window[0] = std::byte{'z'};
            BOOST_TEST(must(here.directory.open("b", open_for::read)).data_end() > at);
        }
    }
}

template<class Place>
void where_no_file_is_nothing_is_known_of_its_data() {
    made<Place> here;
    auto f = here.file("a", "text");
    BOOST_TEST(must(here.directory.open("a", open_for::read)).data_end() >= 4U);
    must(f.close());
    BOOST_TEST(f.data_end() == UINT64_MAX);
}

// ---- view ----

template<class Place>
void a_view_shows_the_file_and_never_more() {
    made<Place> here;
    const std::string text = letters(9000);
    must(here.file("a", text).close());
    const auto f = must(here.directory.open("a", open_for::read));
    for (const std::size_t at : {0U, 1U, 4095U, 8000U, 8999U}) {
        const pinned_bytes view = f.view(at, 2000);
        BOOST_TEST(view.bytes.size() <= std::min<std::size_t>(2000, 9000 - at));
        BOOST_TEST(text_of(view) == text.substr(at, view.bytes.size()));
        BOOST_TEST((view.bytes.empty() || view.kept)); // and something keeps it there
    }
    for (const std::uint64_t beyond : {std::uint64_t{9000}, std::uint64_t{1} << 63, UINT64_MAX})
        BOOST_TEST(f.view(beyond, 10).bytes.empty());
    BOOST_TEST(f.view(0, SIZE_MAX).bytes.size() <= 9000U);
    BOOST_TEST(must(here.directory.create("empty", 0)).view(0, 10).bytes.empty());
}

template<class Place>
void a_view_shows_what_was_written_before_it() {
    made<Place> here;
    auto f = must(here.directory.create("a", 100));
    const auto reader = must(here.directory.open("a", open_for::read));
    const auto check = [&](std::uint64_t at, std::string_view text) {
        for (const pinned_bytes& view : {f.view(at, text.size()), reader.view(at, text.size())})
            BOOST_TEST(text_of(view) == text.substr(0, view.bytes.size()));
    };
    check(0, std::string_view(zeros).substr(0, 100));
    must(write_text(f, 10, "by a call"));
    check(10, "by a call");
    if constexpr (tusk::gives_window<decltype(f)>) {
        put_in_place(f, 20, "in place");
        check(20, "in place");
    }
    for (std::uint64_t at = 100; at < 200000; at += 10000) { // as the file grows
        must(write_text(f, at, "and more"));
        check(at, "and more");
    }
}

template<class Place>
void a_view_outlives_its_file_the_name_and_the_backend() {
    pinned_bytes view;
    std::string expected = "text";
    {
        made<Place> here;
        auto f = here.file("a", expected + zeros);
        view = f.view(0, 4);
        must(f.trim(4));
        must(here.directory.rename("a", "b"));
        must(here.directory.remove("b"));
        must(here.directory.sync_directory());
        must(here.file("b", "next").close());
        must(f.close());
        BOOST_TEST(f.view(0, 4).bytes.empty());
        BOOST_TEST(text_of(view) == expected.substr(0, view.bytes.size()));
    }
    const pinned_bytes copy = view;
    std::thread([gone = std::move(view)] {}).join(); // one of them goes, on another thread
    BOOST_TEST(text_of(copy) == expected.substr(0, copy.bytes.size()));
}

template<class Place>
void what_a_view_shows_is_not_cut_off() {
    made<Place> here;
    const std::string text = letters(20000);
    auto f = here.file("a", text);
    {
        const pinned_bytes view = f.view(9000, 1000);
        must(f.trim(15000)); // behind it
        BOOST_TEST(must(f.size()) == 15000U);
        const bool cut = f.trim(9500).has_value(); // refused, or at least nothing that it shows
        BOOST_TEST(must(f.size()) == (cut ? 9500U : 15000U));
        BOOST_TEST(text_of(view) == text.substr(9000, view.bytes.size()));
    }
    must(f.trim(100)); // nobody looks any more
    BOOST_TEST(f.view(0, 1000).bytes.size() <= 100U);
    BOOST_TEST((whole(f) == text.substr(0, 100)));
}

template<class Place>
void views_are_taken_and_given_back_beside_the_writer() {
    made<Place> here;
    constexpr std::size_t line = 100;
    constexpr std::uint64_t lines = 300;
    auto f = must(here.directory.create("a", lines * line));
    std::atomic<std::uint64_t> written{0};
    std::atomic<bool> wrong{false};
    std::vector<std::thread> readers;
    for (int t = 0; t < 3; ++t)
        readers.emplace_back([&] {
            std::vector<pinned_bytes> kept;
            for (std::uint64_t seen = 0; seen < lines; seen = written.load(std::memory_order_acquire)) {
                if (seen == 0)
                    continue;
                kept.push_back(f.view((seen - 1) * line, line));
                for (const pinned_bytes& k : kept)
                    wrong = wrong ||
                            (!k.bytes.empty() && (k.bytes.front() == std::byte{} || k.bytes.front() != k.bytes.back()));
                if (kept.size() == 10)
                    kept.clear();
            }
        });
    for (std::uint64_t i = 0; i < lines; ++i) {
        wrong = wrong || !write_text(f, i * line, std::string(line, static_cast<char>('a' + i % 20)));
        written.store(i + 1, std::memory_order_release);
    }
    for (std::thread& t : readers)
        t.join();
    BOOST_TEST(!wrong);
}

// ---- write_synced ----

/// What the write gave and, if that went well, the sync.
template<class File>
std::error_code in_one_step(File& file, std::uint64_t at, std::span<const byte_view> pieces) {
    result<void> synced = errc::corrupt; // to be replaced
    const result<void> written = file.write_synced(at, pieces, synced);
    return written ? error_of(synced) : error_of(written);
}
template<class File>
std::error_code in_one_step(File& file, std::uint64_t at, std::string_view text) {
    const byte_view piece = tusk::to_bytes(text);
    return in_one_step(file, at, {&piece, 1});
}

template<class Place>
void what_is_written_and_synced_in_one_step_is_what_a_write_would_have_written() {
    made<Place> here;
    auto f = here.file("a", "0123456789");
    BOOST_TEST(!in_one_step(f, 3, "xyz"));
    BOOST_TEST(whole(f) == "012xyz6789");
    BOOST_TEST(!in_one_step(f, 1010, "far"));
    BOOST_TEST((whole(f) == "012xyz6789" + zeros + "far"));
    const std::string large = letters(3000000);
    BOOST_TEST(!in_one_step(f, 511, large));
    BOOST_TEST((read_text(must(here.directory.open("a", open_for::read)), 511, large.size() + 1) == large));
}

template<class Place>
void pieces_are_written_and_synced_in_their_order() {
    for (const std::size_t count : {1U, 2U, 63U, 64U, 65U, 1023U, 1024U, 1025U, 5000U}) {
        made<Place> here;
        auto f = here.file("a");
        std::vector<std::string> texts;
        std::string together;
        for (std::size_t i = 0; i < count; ++i) {
            texts.push_back(i % 7 == 3 ? "" : std::to_string(i));
            together += texts.back();
        }
        const std::vector<byte_view> pieces = [&] {
            std::vector<byte_view> views;
            for (const std::string& t : texts)
                views.push_back(tusk::to_bytes(t));
            return views;
        }();
        BOOST_TEST(!in_one_step(f, 5, pieces));
        BOOST_TEST((whole(f) == std::string(5, '\0') + together));
    }
}

template<class Place>
void to_write_and_sync_nothing_changes_nothing() {
    made<Place> here;
    auto f = here.file("a", "text");
    BOOST_TEST(!in_one_step(f, 100, std::span<const byte_view>()));
    BOOST_TEST(!in_one_step(f, 100, std::vector<byte_view>(3)));
    BOOST_TEST(whole(f) == "text");
}

template<class Place>
void a_write_in_one_step_with_its_sync_fails_as_a_write_does() {
    made<Place> here;
    auto f = here.file("a", "text");
    auto reader = must(here.directory.open("a", open_for::read));
    BOOST_TEST(!!in_one_step(reader, 0, "x"));
    BOOST_TEST((in_one_step(f, std::uint64_t{1} << 63, "x") == errc::no_space));
    must(f.close());
    BOOST_TEST(!!in_one_step(f, 0, "x"));
    BOOST_TEST(whole(reader) == "text");
}

template<class Place>
void several_files_are_written_and_synced_at_once() {
    made<Place> here;
    std::atomic<bool> wrong{false};
    std::vector<typename Place::backend_type::file> files;
    for (const char* name : {"a", "b", "c", "d"})
        files.push_back(must(here.directory.create(name, 0)));
    std::vector<std::thread> threads;
    for (auto& file : files)
        threads.emplace_back([&] {
            for (std::uint64_t i = 0; i < 25; ++i)
                wrong = wrong || in_one_step(file, 100 * i, std::string(100, static_cast<char>('a' + i)));
        });
    for (std::thread& t : threads)
        t.join();
    BOOST_TEST(!wrong);
    for (const auto& file : files)
        for (std::uint64_t i = 0; i < 25; ++i)
            BOOST_TEST((read_text(file, 100 * i, 100) == std::string(100, static_cast<char>('a' + i))));
}

// ---- note ----

template<class Place>
void a_note_can_be_asked_for_however_attaching_went() {
    Place place;
    auto b = place.backend();
    BOOST_TEST(fails_with(b.attach(/*create=*/false), errc::no_log));
    (void)b.note();
    auto again = place.backend();
    must(again.attach(/*create=*/true));
    const std::string note = again.note();
    BOOST_TEST(note.find('\n') == std::string::npos); // a line of a report
    auto moved = std::move(again);
    BOOST_TEST(moved.note() == note);
}

struct behaviour {
    const char* name;
    void (*test)();
    friend std::ostream& operator<<(std::ostream& out, const behaviour& b) { return out << b.name; }
};

/// Adds the behaviours of what the model has.
template<class Place>
void add_refinements(std::vector<behaviour>& all) {
    using backend_type = typename Place::backend_type;
    using file = typename backend_type::file;
    const auto add = [&](std::initializer_list<behaviour> more) { all.insert(all.end(), more); };
    if constexpr (tusk::gives_window<file>)
        add({
            {"what_is_put_into_a_window_is_written", what_is_put_into_a_window_is_written<Place>},
            {"a_window_shows_what_the_file_holds", a_window_shows_what_the_file_holds<Place>},
            {"a_window_never_reaches_beyond_the_file", a_window_never_reaches_beyond_the_file<Place>},
            {"a_window_stays_where_it_is_when_its_file_grows_and_moves",
             a_window_stays_where_it_is_when_its_file_grows_and_moves<Place>},
            {"what_cannot_be_written_has_no_window", what_cannot_be_written_has_no_window<Place>},
            {"several_threads_fill_a_window_beside_syncs_and_reads",
             several_threads_fill_a_window_beside_syncs_and_reads<Place>},
        });
    if constexpr (tusk::touches_window<file>)
        add({
            {"a_window_that_is_made_ready_shows_what_it_did", a_window_that_is_made_ready_shows_what_it_did<Place>},
            {"a_window_is_made_ready_beside_those_who_fill_it", a_window_is_made_ready_beside_those_who_fill_it<Place>},
        });
    if constexpr (tusk::prewrites<file>)
        add({{"zeros_that_are_written_ahead_change_nothing", zeros_that_are_written_ahead_change_nothing<Place>}});
    if constexpr (tusk::knows_data_end<file>)
        add({
            {"behind_the_end_of_its_data_a_file_has_zeros", behind_the_end_of_its_data_a_file_has_zeros<Place>},
            {"where_no_file_is_nothing_is_known_of_its_data", where_no_file_is_nothing_is_known_of_its_data<Place>},
        });
    if constexpr (tusk::gives_view<file>)
        add({
            {"a_view_shows_the_file_and_never_more", a_view_shows_the_file_and_never_more<Place>},
            {"a_view_shows_what_was_written_before_it", a_view_shows_what_was_written_before_it<Place>},
            {"a_view_outlives_its_file_the_name_and_the_backend",
             a_view_outlives_its_file_the_name_and_the_backend<Place>},
            {"what_a_view_shows_is_not_cut_off", what_a_view_shows_is_not_cut_off<Place>},
            {"views_are_taken_and_given_back_beside_the_writer",
             views_are_taken_and_given_back_beside_the_writer<Place>},
        });
    if constexpr (tusk::writes_synced<file>)
        add({
            {"what_is_written_and_synced_in_one_step_is_what_a_write_would_have_written",
             what_is_written_and_synced_in_one_step_is_what_a_write_would_have_written<Place>},
            {"pieces_are_written_and_synced_in_their_order", pieces_are_written_and_synced_in_their_order<Place>},
            {"to_write_and_sync_nothing_changes_nothing", to_write_and_sync_nothing_changes_nothing<Place>},
            {"a_write_in_one_step_with_its_sync_fails_as_a_write_does",
             a_write_in_one_step_with_its_sync_fails_as_a_write_does<Place>},
            {"several_files_are_written_and_synced_at_once", several_files_are_written_and_synced_at_once<Place>},
        });
    if constexpr (tusk::gives_note<backend_type>)
        add({{"a_note_can_be_asked_for_however_attaching_went",
              a_note_can_be_asked_for_however_attaching_went<Place>}});
}

} // namespace backend_suite
