#include <tusk/log/frame_reading.hpp>

#include <log/backend_of.hpp>
#include <log/forgery.hpp>

using namespace log_test;

namespace log_frame_reading {

/// A Format that passes what ours would refuse: somebody's own may do that.
struct lax_format : binary_format {
    enum lie { none, another_index, lower_term, too_few, much_room, more_numbers, no_numbers };
    static inline lie told = none;

    [[nodiscard]] static result<bool> next(byte_view in, const frame_info& info, frame_cursor& cursor,
                                           stored_entry& e) noexcept {
        if (told == too_few && cursor.done + 1 == info.count)
            return false;
        TUSK_TRY(const bool more, binary_format::next(in, info, cursor, e));
        if (told == another_index && cursor.done == 2)
            ++e.index;
        if (told == lower_term)
            e.term = 10 - cursor.done;
        if (told == much_room)
            e.room = e.size + 1;
        return more;
    }
    [[nodiscard]] static result<std::size_t> numbers(byte_view in, const frame_info& info,
                                                     std::span<std::uint64_t> out) noexcept {
        TUSK_TRY(const std::size_t count, binary_format::numbers(in, info, out));
        if (told == no_numbers)
            return errc::corrupt;
        return told == more_numbers ? out.size() + 1 : count;
    }
};

struct lying {
    explicit lying(lax_format::lie l) { lax_format::told = l; }
    lying(const lying&) = delete;
    ~lying() { lax_format::told = lax_format::none; }
};

constexpr frame_place here{.log = 4711, .segment = 1, .offset = 0, .first_index = 5};

/// A file with one frame in it.
struct one_frame {
    memory_disk disk;
    std::string bytes;
    frame_info info;
    buffer_pool pool;
    std::vector<term_run> terms;

    one_frame(const frame_view& f, std::uint64_t offset = 0) : bytes(forgery::encoded(f)) {
        stamp(offset);
        disk.write("frames", offset, bytes);
    }
    void stamp(std::uint64_t offset) {
        frame_place place = here;
        place.offset = offset;
        binary_format::stamp(std::as_writable_bytes(std::span(bytes)), place);
        BOOST_REQUIRE((binary_format::probe(to_bytes(bytes), place, info) == verdict::frame));
    }
    template<class Format = lax_format>
    [[nodiscard]] result<placed_frame> described() {
        return describe_frame<Format>(to_bytes(bytes), info, here.offset, terms);
    }
    template<class Format = lax_format>
    [[nodiscard]] auto window() {
        memory_backend backend = disk.backend();
        must(backend.attach(/*create=*/true));
        auto file = std::make_shared<memory_file>(must(backend.open("frames", open_for::read)));
        return frame_window<Format, memory_backend>(std::move(file), pool, 4096);
    }
    template<class Format = lax_format>
    [[nodiscard]] auto finder() {
        return entry_finder<Format, memory_backend>(window<Format>(), here.log, here.segment, /*checks=*/true);
    }
};

const std::array<std::string, 3> texts_of_three{"one", "two", "three"};

one_frame batch_of_three() {
    std::vector<stored_record> records;
    for (const std::string& text : texts_of_three)
        records.push_back({.data = to_bytes(text),
                           .key = {},
                           .term = 3 + records.size(),
                           .raw_size = static_cast<std::uint32_t>(text.size())});
    return {{.records = records}};
}

one_frame numbered(frame_type type, const std::vector<std::uint64_t>& numbers) {
    return {{.type = type, .records = {}, .numbers = numbers}};
}

/// What an index frame says of a segment without entries.
index_frame of_nothing() {
    index_frame f;
    f.next_index = 5;
    return f;
}

} // namespace log_frame_reading

BOOST_AUTO_TEST_SUITE(log_frame_reading)

// ---- what a frame says ----

BOOST_AUTO_TEST_CASE(a_frame_says_what_it_does_to_the_log) {
    one_frame three = batch_of_three();
    const placed_frame batch = must(three.described());
    BOOST_TEST(batch.first_index == 5U);
    BOOST_TEST(batch.count == 3U);
    BOOST_TEST((three.terms == std::vector<term_run>{{5, 3}, {6, 4}, {7, 5}}));
    BOOST_TEST(batch.terms.size() == 3U);
    BOOST_TEST(must(numbered(frame_type::cut, {4}).described()).keep == 4U);
    BOOST_TEST(must(numbered(frame_type::lost, {7}).described()).count == 7U);
    const placed_frame reset = must(numbered(frame_type::reset, {100, 9}).described());
    BOOST_TEST(reset.first_index == 100U);
    BOOST_TEST(reset.previous_term == 9U);
}

BOOST_AUTO_TEST_CASE(a_control_frame_has_exactly_its_numbers) {
    for (const frame_type type : {frame_type::cut, frame_type::lost}) {
        BOOST_TEST(numbered(type, {4}).described().has_value());
        BOOST_TEST(fails_with(numbered(type, {}).described(), errc::corrupt));
        BOOST_TEST(fails_with(numbered(type, {4, 4}).described(), errc::corrupt));
    }
    BOOST_TEST(numbered(frame_type::reset, {4, 1}).described().has_value());
    for (const std::vector<std::uint64_t>& wrong :
         {std::vector<std::uint64_t>{}, {4}, {4, 1, 1}, {0, 1}, {UINT64_MAX, 1}})
        BOOST_TEST(fails_with(numbered(frame_type::reset, wrong).described(), errc::corrupt));
}

BOOST_AUTO_TEST_CASE(what_a_format_lets_pass_is_looked_at_again) {
    one_frame batch = batch_of_three();
    for (const lax_format::lie told : {lax_format::another_index, lax_format::lower_term, lax_format::too_few}) {
        const lying l(told);
        BOOST_TEST(fails_with(batch.described(), errc::corrupt));
    }
    const std::string text = "alone";
    const std::vector<stored_record> one{{.data = to_bytes(text), .key = {}, .raw_size = 5}};
    one_frame alone({.records = one});
    BOOST_TEST(alone.described().has_value());
    const lying none_at_all(lax_format::too_few);
    BOOST_TEST(fails_with(alone.described(), errc::corrupt));
}

// ---- what may follow what ----

BOOST_AUTO_TEST_CASE(a_frame_follows_if_it_goes_on_where_history_is) {
    catalog<memory_backend> history;
    history.start(/*next=*/10, /*previous=*/5);
    std::vector<term_run> terms(1);
    const auto frame = [&](frame_type type, index_t first, index_t keep, term_t term, std::uint64_t count = 1) {
        terms.front() = {first, term};
        return placed_frame{.type = type, .first_index = first, .count = count, .keep = keep, .terms = terms};
    };
    const auto goes_on = [&](const placed_frame& f) { return follows(history, history.tip(), f); };
    BOOST_TEST(goes_on(frame(frame_type::batch, 10, 0, 5)));
    BOOST_TEST(!goes_on(frame(frame_type::batch, 11, 0, 5)));
    BOOST_TEST(!goes_on(frame(frame_type::batch, 10, 0, 4)));
    BOOST_TEST(goes_on(frame(frame_type::replace, 10, 9, 5)));
    BOOST_TEST(!goes_on(frame(frame_type::replace, 11, 10, 5))); // keeps what is not there
    BOOST_TEST(!goes_on(frame(frame_type::replace, 9, 9, 5)));   // goes on elsewhere than behind what it keeps
    BOOST_TEST(!goes_on(frame(frame_type::replace, 10, 9, 4)));
    BOOST_TEST(goes_on(frame(frame_type::cut, 10, 9, 0)));
    BOOST_TEST(!goes_on(frame(frame_type::cut, 10, 10, 0)));
    BOOST_TEST(goes_on(frame(frame_type::lost, 10, 0, 0)));
    BOOST_TEST(!goes_on(frame(frame_type::lost, 11, 0, 0)));
    BOOST_TEST(!goes_on(frame(frame_type::lost, 10, 0, 0, 0)));
    BOOST_TEST(!goes_on(frame(frame_type::lost, 10, 0, 0, max_lost + 1)));
    for (const frame_type any : {frame_type::reset, frame_type::index, frame_type::pad})
        BOOST_TEST(goes_on(frame(any, 99, 0, 0)));
    BOOST_TEST(!goes_on(frame(frame_type::header, 10, 0, 5))); // which begins a segment, and is no step in one
}

BOOST_AUTO_TEST_CASE(an_index_frame_that_tells_terms_of_no_entries_does_not_follow) {
    catalog<memory_backend> history;
    history.start(/*next=*/10, /*previous=*/5);
    index_frame f;
    f.next_index = 10;
    BOOST_TEST(follows(history, f));
    f.terms = {{10, 6}};
    BOOST_TEST(!follows(history, f));
    f.next_index = 12;
    f.places.add(10, 2, 100);
    BOOST_TEST(follows(history, f));
    f.terms = {{10, 4}};
    BOOST_TEST(!follows(history, f)); // the term of the entry before is higher
    f.terms = {{12, 6}};
    BOOST_TEST(!follows(history, f)); // there is no such entry
}

// ---- entries ----

BOOST_AUTO_TEST_CASE(an_entry_is_found_as_often_as_one_likes) {
    one_frame batch = batch_of_three();
    auto finder = batch.finder();
    finder.seek(0);
    for (const index_t i : {6U, 6U, 7U, 7U}) {
        pinned_entry found;
        must(finder.find(i, 4096, found));
        BOOST_TEST(found.entry.index == i);
        BOOST_TEST(to_text(found.entry.data) == texts_of_three.at(static_cast<std::size_t>(i - 5)));
    }
}

BOOST_AUTO_TEST_CASE(an_entry_that_a_format_does_not_give_or_not_as_promised_is_corrupt) {
    one_frame batch = batch_of_three();
    for (const lax_format::lie told : {lax_format::too_few, lax_format::much_room}) {
        const lying l(told);
        auto finder = batch.finder();
        finder.seek(0);
        pinned_entry found;
        BOOST_TEST(fails_with(finder.find(7, 4096, found), errc::corrupt));
    }
}

BOOST_AUTO_TEST_CASE(entries_given_up_as_lost_read_as_lost_if_their_frame_makes_sense) {
    const auto read = [](const std::vector<std::uint64_t>& numbers, index_t index) {
        one_frame lost = numbered(frame_type::lost, numbers);
        auto finder = lost.finder<binary_format>();
        finder.seek(0);
        pinned_entry found;
        return finder.find(index, lost.bytes.size(), found);
    };
    BOOST_TEST(fails_with(read({3}, 5), errc::lost));
    BOOST_TEST(fails_with(read({3}, 7), errc::lost));
    BOOST_TEST(fails_with(read({3}, 8), errc::corrupt)); // there is nothing behind it
    BOOST_TEST(fails_with(read({}, 5), errc::corrupt));
    BOOST_TEST(fails_with(read({3, 3}, 5), errc::corrupt));
}

// ---- index frames ----

BOOST_AUTO_TEST_CASE(an_index_frame_is_believed_up_to_a_number_of_numbers) {
    const std::vector<std::uint64_t> right = of_nothing().numbers();
    const auto reads = [](const std::vector<std::uint64_t>& numbers) {
        one_frame index = numbered(frame_type::index, numbers);
        auto window = index.window();
        frame_info info;
        return must(read_index<lax_format, memory_backend>(window, here, index.bytes.size(), info)).has_value();
    };
    BOOST_TEST(reads(right));
    for (const lax_format::lie told : {lax_format::more_numbers, lax_format::no_numbers}) {
        const lying l(told);
        BOOST_TEST(!reads(right));
    }
    std::vector<std::uint64_t> many(max_index_numbers + 1);
    many[0] = 1; // and then one run after the other, all of them of lost entries
    many[1] = 2;
    many[10] = (many.size() - 11) / 3;
    BOOST_TEST(!reads(many));
}

BOOST_AUTO_TEST_CASE(an_index_frame_whose_file_is_cut_meanwhile_is_none) {
    one_frame index = numbered(frame_type::index, of_nothing().numbers());
    const std::uint64_t size = index.bytes.size();
    index.disk.cut("frames", size - 1);
    auto window = index.window();
    frame_info info;
    BOOST_TEST(!must(read_index<lax_format, memory_backend>(window, here, size, info)).has_value());
}

// ---- windows ----

BOOST_AUTO_TEST_CASE(a_window_without_bytes_holds_nothing_but_fill) {
    using window = frame_window<binary_format, memory_backend>;
    BOOST_TEST(window::all_fill({}));
    std::string bytes(100, '\0');
    BOOST_TEST(window::all_fill(to_bytes(bytes)));
    for (const std::size_t at : {0U, 50U, 99U}) {
        bytes[at] = 1;
        BOOST_TEST(!window::all_fill(to_bytes(bytes)));
        bytes[at] = 0;
    }
}

BOOST_AUTO_TEST_CASE(what_is_loaded_is_what_is_in_memory_and_before_the_limit) {
    one_frame any = batch_of_three();
    any.disk.write("frames", 0, std::string(8192, 'r'));
    auto window = any.window();
    const auto loaded = [&](std::uint64_t at, std::size_t size, std::uint64_t limit) {
        return window.loaded(at, size, limit).size();
    };
    BOOST_TEST(loaded(0, 1, 8192) == 0U);
    must(window.bytes(1000, 10, 8192)); // and 4096 ahead
    BOOST_TEST(loaded(1000, 4096, 8192) == 4096U);
    BOOST_TEST(loaded(999, 10, 8192) == 0U);
    BOOST_TEST(loaded(5095, 1, 8192) == 1U);
    BOOST_TEST(loaded(5095, 2, 8192) == 0U);
    BOOST_TEST(loaded(5097, 1, 8192) == 0U);
    BOOST_TEST(loaded(2000, 10, 2010) == 10U);
    BOOST_TEST(loaded(2000, 10, 2009) == 0U);
    BOOST_TEST(loaded(2000, 10, 1999) == 0U);
    BOOST_TEST((window.loaded(2000, 10, 8192).data() == must(window.bytes(2000, 10, 8192)).data()));
}

BOOST_AUTO_TEST_CASE(what_a_file_does_not_show_in_place_is_read) {
    struct shy_file : memory_file { // which shows the first half of itself
        shy_file(memory_file f) : memory_file(std::move(f)) {}
        [[nodiscard]] pinned_bytes view(std::uint64_t at, std::size_t size) const noexcept {
            shown = std::string("0123456789").substr(std::min<std::size_t>(at, 5), std::min<std::size_t>(size, 5 - at));
            return {to_bytes(shown), {}};
        }
        mutable std::string shown;
    };
    using shy_backend = backend_of<shy_file>;
    static_assert(gives_view<shy_file>);
    memory_disk disk;
    const std::string bytes(8192, 'r');
    disk.write("frames", 0, bytes);
    shy_backend backend{disk.backend()};
    must(backend.attach(/*create=*/true));
    buffer_pool pool;
    frame_window<binary_format, shy_backend> window(
        std::make_shared<shy_file>(must(backend.open("frames", open_for::read))), pool, 1, reading::in_place);
    BOOST_TEST(to_text(must(window.bytes(0, 100, bytes.size()))) == bytes.substr(0, 100));
}

BOOST_AUTO_TEST_SUITE_END()
