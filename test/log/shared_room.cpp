#include <tusk/log/shared_room.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <latch>
#include <optional>
#include <vector>

using namespace tusk;

namespace log_shared_room {

std::optional<shared_room::frame> take(shared_room& room, std::size_t size, std::uint64_t count = 1) {
    shared_room::frame f;
    for (shared_room::look seen(room); seen.is_open() && room.fits(seen, size, count);)
        if (room.take(seen, size, count, f))
            return f;
    return std::nullopt;
}

} // namespace log_shared_room
using log_shared_room::take;

BOOST_AUTO_TEST_SUITE(log_shared_room)

BOOST_AUTO_TEST_CASE(places_follow_each_other_and_end_with_the_room) {
    shared_room room;
    BOOST_TEST(!take(room, 100)); // nobody has opened it
    room.open(1000, 7, 3);
    BOOST_TEST(room.term() == 3U);
    const auto first = take(room, 400, 2);
    const auto second = take(room, 600);
    BOOST_REQUIRE((first && second));
    BOOST_TEST((first->at == 0U && first->first_index == 7U));
    BOOST_TEST((second->at == 400U && second->first_index == 9U));
    BOOST_TEST(room.next_index(shared_room::look(room)) == 10U);
    BOOST_TEST(!take(room, 32));
    room.fill(*first);
    room.fill(*second);
    const auto [bytes, entries] = room.close();
    BOOST_TEST((bytes == 1000U && entries == 3U));
    BOOST_TEST(!take(room, 32));
}

BOOST_AUTO_TEST_CASE(a_look_from_before_the_room_was_closed_gives_no_place) {
    shared_room room;
    room.open(1000, 1, 0);
    shared_room::look early(room);
    (void)room.close();
    room.open(1000, 50, 0);
    shared_room::frame f;
    BOOST_TEST(!room.take(early, 100, 1, f)); // though as much is taken as then: nothing
    BOOST_TEST(room.take(early, 100, 1, f));  // it has looked again
    BOOST_TEST(f.first_index == 50U);
}

BOOST_AUTO_TEST_CASE(frames_too_small_or_too_many_entries_have_no_place) {
    shared_room room;
    room.open(shared_room::most_bytes * 2, 1, 0);
    BOOST_TEST(!take(room, shared_room::least_frame - 1));
    BOOST_TEST(!take(room, shared_room::most_bytes + 1));
    BOOST_TEST(!take(room, 100, shared_room::most_entries + 1).has_value());
    BOOST_TEST(take(room, 100, shared_room::most_entries).has_value());
    BOOST_TEST(!take(room, 100, 1));
}

BOOST_AUTO_TEST_CASE(what_is_filled_first_counts_when_all_before_it_is_filled) {
    shared_room room;
    room.open(1000, 1, 0);
    const auto slow = *take(room, 100);
    const auto middle = *take(room, 200);
    const auto last = *take(room, 300);
    std::atomic<int> returned{0};
    {
        std::jthread one([&] { room.fill(last), ++returned; });
        std::jthread two([&] { room.fill(middle), ++returned; });
        for (int i = 0; i < 100; ++i)
            std::this_thread::yield();
        BOOST_TEST(returned == 0);
        BOOST_TEST(room.is_filled(0));
        room.fill(slow);
    }
    BOOST_TEST(returned == 2);
    BOOST_TEST(room.is_filled(600));
}

// Who was passed over may find the room used for something else already.
BOOST_AUTO_TEST_CASE(who_filled_a_place_returns_though_the_room_is_open_anew) {
    shared_room room;
    for (int round = 0; round < 200; ++round) {
        room.open(1000, 1, 0);
        const auto slow = *take(room, 100);
        const auto quick = *take(room, 100);
        std::jthread other([&, quick] { room.fill(quick); });
        room.fill(slow);
        room.wait_filled(room.close().bytes);
        room.open(1000, 1, 0);
        (void)room.close();
    }
}

// What an earlier opening of the same number has left says nothing of this one.
BOOST_AUTO_TEST_CASE(when_the_numbers_of_its_openings_begin_anew_nothing_is_left_of_the_old_ones) {
    shared_room room(/*lives=*/3);
    for (std::size_t round = 0; round < 20; ++round) {
        const std::size_t size = 64 + 32 * (round % 5);
        room.open(100'000, 1, 0);
        std::size_t end = 0;
        for (int i = 0; i < 50; ++i) {
            const auto first = *take(room, size);
            const auto second = *take(room, 2 * size);
            {
                std::jthread early([&] { room.fill(second); });
                for (int k = 0; k < 3; ++k)
                    std::this_thread::yield();
                BOOST_REQUIRE(room.is_filled(end));
                room.fill(first);
            }
            end += 3 * size;
            BOOST_REQUIRE(room.is_filled(end)); // and not what nobody has taken yet
        }
        (void)room.close();
    }
}

BOOST_AUTO_TEST_CASE(many_threads_fill_it_without_a_gap) {
    constexpr unsigned threads = 4;
    shared_room room;
    index_t next = 1;
    std::vector<std::byte> memory(shared_room::most_bytes + 1);
    for (int round = 0; round < 100; ++round) {
        std::fill(memory.begin(), memory.end(), std::byte{0});
        room.open(memory.size(), next, 0);
        {
            std::latch begin(threads);
            std::vector<std::jthread> all;
            for (unsigned t = 0; t < threads; ++t)
                all.emplace_back([&, t] {
                    begin.arrive_and_wait();
                    for (std::size_t size = 32 + t; const auto f = take(room, size * 8, t + 1);
                         size = size % 200 + 32) {
                        std::fill_n(memory.begin() + static_cast<std::ptrdiff_t>(f->at), f->size, std::byte{1});
                        room.fill(*f);
                        const auto begin_of_it = memory.begin() + static_cast<std::ptrdiff_t>(f->at);
                        if (f->at < 5000 && std::find(memory.begin(), begin_of_it, std::byte{0}) != begin_of_it)
                            BOOST_ERROR("something before it is missing");
                    }
                });
        }
        const auto [bytes, entries] = room.close();
        room.wait_filled(bytes);
        std::size_t end = 0;
        index_t expected = next;
        room.for_each(bytes, [&](const shared_room::frame& f) {
            BOOST_REQUIRE(f.at == end);
            BOOST_REQUIRE(f.first_index == expected);
            end += f.size;
            expected += f.count;
        });
        BOOST_REQUIRE(end == bytes);
        BOOST_REQUIRE(expected == next + entries);
        next = expected;
    }
}

BOOST_AUTO_TEST_SUITE_END()
