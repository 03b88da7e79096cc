#include <tusk/core/callable.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <memory>
#include <string>
#include <tuple>

using namespace tusk;

namespace core_callable {

/// Counts the lives of its copies.
struct guest {
    int* alive;

    explicit guest(int& count) noexcept : alive(&count) { ++*alive; }
    guest(guest&& from) noexcept : alive(from.alive) { ++*alive; }
    guest(const guest&) = delete;
    guest& operator=(const guest&) = delete;
    guest& operator=(guest&&) = delete;
    ~guest() { --*alive; }

    int operator()() const { return *alive; }
};

/// Too large to be kept in place.
struct large_guest : guest {
    using guest::guest;
    std::array<std::byte, 200> luggage{};
};

using guests = std::tuple<guest, large_guest>;

int twice(int x) { return 2 * x; }

} // namespace core_callable

BOOST_AUTO_TEST_SUITE(core_callable)

BOOST_AUTO_TEST_CASE(holds_nothing_at_first) {
    callable<void()> nothing;
    BOOST_TEST(!nothing);
}

BOOST_AUTO_TEST_CASE(calls_what_it_holds) {
    callable<int(int)> f = twice;
    BOOST_TEST(static_cast<bool>(f));
    BOOST_TEST(f(21) == 42);
    f = [add = 3](int x) { return x + add; };
    BOOST_TEST(f(4) == 7);
}

BOOST_AUTO_TEST_CASE(keeps_the_state_of_what_it_holds) {
    callable<int()> count = [n = 0]() mutable { return ++n; };
    BOOST_TEST(count() == 1);
    BOOST_TEST(count() == 2);
    callable<int()> moved = std::move(count);
    BOOST_TEST(moved() == 3);
}

BOOST_AUTO_TEST_CASE(drops_a_value_that_nobody_wants) {
    int x = 0;
    callable<void(int)> f = [&](int y) { return x = y; };
    f(5);
    BOOST_TEST(x == 5);
}

BOOST_AUTO_TEST_CASE(passes_arguments_on_as_they_are) {
    callable<std::size_t(std::unique_ptr<std::string>, std::string&)> f = [](std::unique_ptr<std::string> from,
                                                                             std::string& to) {
        to = std::move(*from);
        return to.size();
    };
    std::string text;
    BOOST_TEST(f(std::make_unique<std::string>("abc"), text) == 3U);
    BOOST_TEST(text == "abc");
}

BOOST_AUTO_TEST_CASE(takes_what_can_only_be_moved) {
    callable<int()> f = [owned = std::make_unique<int>(9)] { return *owned; };
    callable<int()> g = std::move(f);
    BOOST_TEST(g() == 9);
}

BOOST_AUTO_TEST_CASE(is_empty_after_it_was_moved_from) {
    callable<int(int)> f = twice;
    const callable<int(int)> g = std::move(f);
    BOOST_TEST(!f); // NOLINT(bugprone-use-after-move): what is left is said
    BOOST_TEST(static_cast<bool>(g));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(destroys_what_it_held_once, Guest, guests) {
    int alive = 0;
    {
        callable<int()> f = Guest(alive);
        BOOST_TEST(alive == 1);
        BOOST_TEST(f() == 1);
        callable<int()> g = std::move(f);
        BOOST_TEST(alive == 1);
        BOOST_TEST(g() == 1);
        f = std::move(g);
        BOOST_TEST(alive == 1);
        f = Guest(alive);
        BOOST_TEST(alive == 1);
        callable<int()>& itself = f;
        f = std::move(itself);
        BOOST_TEST(f() == 1);
        f = {};
        BOOST_TEST(alive == 0);
        f = Guest(alive);
        BOOST_TEST(alive == 1);
    }
    BOOST_TEST(alive == 0);
}

BOOST_AUTO_TEST_CASE(keeps_large_things_at_one_place) {
    int alive = 0;
    struct watcher : large_guest {
        using large_guest::large_guest;
        const watcher* operator()() const { return this; }
    };
    callable<const watcher*()> f = watcher(alive);
    const watcher* const at = f();
    callable<const watcher*()> g = std::move(f);
    BOOST_TEST(g() == at);
}

BOOST_AUTO_TEST_CASE(keeps_aligned_things_aligned) {
    struct alignas(32) wide { // small enough to be kept in place, were it not for that
        std::byte bytes[32];
        std::uintptr_t operator()() const { return reinterpret_cast<std::uintptr_t>(this); }
    };
    std::array<callable<std::uintptr_t()>, 2> both{wide{}, wide{}};
    for (callable<std::uintptr_t()>& f : both)
        BOOST_TEST(f() % 32 == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
