#include <tusk/core/buffer_pool.hpp>

#include <allocations.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <optional>
#include <random>
#include <thread>
#include <vector>

using namespace tusk;

namespace core_buffer_pool {

constexpr std::size_t kib = 1024;
constexpr std::size_t least = buffer_pool::least_capacity;
constexpr std::size_t most = buffer_pool::most_capacity;

void fill(const buffer& b, std::byte with) { std::fill_n(b.data(), b.capacity(), with); }

bool holds(byte_view bytes, std::byte what) {
    return std::all_of(bytes.begin(), bytes.end(), [what](std::byte b) { return b == what; });
}

/// Something pinnable that is no buffer.
struct sight : pinnable {
    int released = 0;
    sight() noexcept {
        release = [](pinnable& self) noexcept { ++static_cast<sight&>(self).released; };
    }
};

} // namespace core_buffer_pool

BOOST_AUTO_TEST_SUITE(core_buffer_pool)

BOOST_AUTO_TEST_CASE(gives_at_least_what_was_asked_for) {
    buffer_pool pool;
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, least - 1, least, least + 1, 5 * least, most - 1,
                                   most, most + 1, 2 * most + 5}) {
        const buffer b = pool.acquire(size);
        BOOST_TEST(static_cast<bool>(b));
        BOOST_TEST(b.capacity() >= size);
        BOOST_TEST(reinterpret_cast<std::uintptr_t>(b.data()) % 64 == 0U);
        fill(b, std::byte{7}); // all of it is there
    }
}

BOOST_AUTO_TEST_CASE(rounds_up_to_powers_of_two) {
    buffer_pool pool;
    BOOST_TEST(pool.acquire(0).capacity() == least);
    BOOST_TEST(pool.acquire(least).capacity() == least);
    BOOST_TEST(pool.acquire(least + 1).capacity() == 2 * least);
    BOOST_TEST(pool.acquire(2 * least).capacity() == 2 * least);
    BOOST_TEST(pool.acquire(5 * least).capacity() == 8 * least);
    BOOST_TEST(pool.acquire(most).capacity() == most);
    BOOST_TEST(pool.acquire(most + 1).capacity() == most + 1);
}

BOOST_AUTO_TEST_CASE(an_empty_buffer_holds_nothing) {
    const buffer nothing;
    BOOST_TEST(!nothing);
    BOOST_TEST(nothing.capacity() == 0U);
    BOOST_TEST(!nothing.unique());
    BOOST_TEST(!nothing.hold());
}

BOOST_AUTO_TEST_CASE(gives_again_what_came_back) {
    buffer_pool pool;
    std::byte* first = nullptr;
    {
        const buffer b = pool.acquire(10 * kib);
        first = b.data();
    }
    BOOST_TEST(pool.kept() == 16 * kib);
    BOOST_TEST(pool.acquire(40 * kib).data() != first);
    const buffer again = pool.acquire(9 * kib);
    BOOST_TEST(again.data() == first);
    BOOST_TEST(again.unique());
    BOOST_TEST(pool.kept() == 64 * kib);
}

BOOST_AUTO_TEST_CASE(bytes_stay_as_long_as_they_are_pinned) {
    buffer_pool pool;
    buffer b = pool.acquire(least);
    fill(b, std::byte{1});
    const byte_view bytes(b.data(), b.capacity());
    pin first = b.hold();
    pin second = first;
    b = {};
    first = {};
    BOOST_TEST(pool.kept() == 0U);
    const buffer other = pool.acquire(least);
    fill(other, std::byte{2});
    BOOST_TEST(holds(bytes, std::byte{1}));
    second = {};
    BOOST_TEST(pool.kept() == least);
}

BOOST_AUTO_TEST_CASE(knows_if_anybody_else_reads_it) {
    buffer_pool pool;
    const buffer b = pool.acquire(1);
    BOOST_TEST(b.unique());
    {
        const pin reader = b.hold();
        BOOST_TEST(!b.unique());
        BOOST_TEST(!reader.unique());
    }
    BOOST_TEST(b.unique());
}

BOOST_AUTO_TEST_CASE(moving_leaves_an_empty_buffer) {
    buffer_pool pool;
    buffer a = pool.acquire(1);
    std::byte* const at = a.data();
    buffer b = std::move(a);
    BOOST_TEST(!a); // NOLINT(bugprone-use-after-move): what is left is said
    BOOST_TEST(a.data() == nullptr);
    BOOST_TEST(b.data() == at);
    BOOST_TEST(b.unique());
    a = pool.acquire(1);
    a = std::move(b);
    BOOST_TEST(a.data() == at);
    BOOST_TEST(pool.kept() == least);
}

BOOST_AUTO_TEST_CASE(buffers_outlive_their_pool) {
    std::optional<buffer_pool> pool(std::in_place);
    const buffer b = pool->acquire(least);
    const buffer large = pool->acquire(most + 1);
    { const buffer kept = pool->acquire(2 * least); }
    pool.reset();
    fill(b, std::byte{3});
    const pin p = b.hold();
    BOOST_TEST(holds({b.data(), b.capacity()}, std::byte{3}));
}

BOOST_AUTO_TEST_CASE(keeps_no_more_than_it_was_told) {
    buffer_pool pool(64 * kib);
    std::vector<buffer> many;
    for (int i = 0; i < 100; ++i)
        many.push_back(pool.acquire(least));
    many.push_back(pool.acquire(128 * kib));
    many.clear();
    BOOST_TEST(pool.kept() == 64 * kib);
    pool.trim();
    BOOST_TEST(pool.kept() == 0U);
    { const buffer fits = pool.acquire(64 * kib); }
    BOOST_TEST(pool.kept() == 64 * kib);
}

BOOST_AUTO_TEST_CASE(never_keeps_the_largest) {
    buffer_pool pool(64 * most);
    { const buffer b = pool.acquire(most + 1); }
    BOOST_TEST(pool.kept() == 0U);
    { const buffer b = pool.acquire(most); }
    BOOST_TEST(pool.kept() == most);
}

BOOST_AUTO_TEST_CASE(allocates_nothing_in_the_long_run) {
    buffer_pool pool;
    const auto use = [&] {
        for (std::size_t size = 1; size <= 512 * kib; size = 3 * size + 1) {
            buffer a = pool.acquire(size);
            const pin reader = a.hold();
            a = pool.acquire(size);
        }
    };
    const std::size_t before = allocations();
    use();
    if (allocations() == before)
        return; // a sanitizer has brought its own operator new
    const std::size_t warm = allocations();
    for (int i = 0; i < 100; ++i)
        use();
    BOOST_TEST(allocations() == warm);
}

BOOST_AUTO_TEST_CASE(a_pin_keeps_anything_that_can_be_released) {
    sight mapping;
    {
        pin first(mapping);
        BOOST_TEST(first.unique());
        pin second = first;
        BOOST_TEST(!first.unique());
        pin third = std::move(first);
        BOOST_TEST(!first); // NOLINT(bugprone-use-after-move): what is left is said
        second = third;
        second = std::move(third);
        pin& itself = second;
        second = itself;
        BOOST_TEST(mapping.released == 0);
        BOOST_TEST(second.unique());
    }
    BOOST_TEST(mapping.released == 1);
}

BOOST_AUTO_TEST_CASE(serves_many_threads_at_once) {
    buffer_pool pool(256 * kib);
    std::atomic<int> spoilt{0};
    std::mutex mutex;
    struct share {
        pin bytes;
        byte_view view;
        std::byte what;
    };
    std::vector<share> shared; // read by some, released by others
    const auto work = [&](unsigned seed) {
        std::mt19937 random(seed);
        for (int i = 0; i < 500; ++i) {
            const buffer b = pool.acquire(std::size_t{1} << (random() % 16));
            const auto what = static_cast<std::byte>(random());
            fill(b, what);
            const byte_view view(b.data(), b.capacity());
            std::optional<share> other;
            {
                const std::scoped_lock lock(mutex);
                shared.push_back({b.hold(), view, what});
                if (shared.size() > 16) {
                    std::swap(shared[random() % shared.size()], shared.back());
                    other = std::move(shared.back());
                    shared.pop_back();
                }
            }
            if (other && !holds(other->view, other->what))
                ++spoilt;
            if (!holds(view, what))
                ++spoilt;
        }
    };
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 8; ++t)
        threads.emplace_back(work, t);
    for (std::thread& t : threads)
        t.join();
    BOOST_TEST(spoilt == 0);
    BOOST_TEST(pool.kept() <= 256 * kib);
}

BOOST_AUTO_TEST_SUITE_END()
