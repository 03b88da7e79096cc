#include <tusk/compression/zstd.hpp>

#include <allocations.hpp>
#include <conformance/compression.hpp>

#include <functional>
#include <latch>

#include <dlfcn.h>

using namespace tusk;
using compression_suite::compressed;
using compression_suite::gives_back;

namespace {

/// While it lives, there is no memory for another context; `meanwhile` is called by who uses one.
struct out_of_memory {
    explicit out_of_memory(std::function<void()> f) : meanwhile(std::move(f)) { now = this; }
    ~out_of_memory() { now = nullptr; }
    out_of_memory(const out_of_memory&) = delete;
    out_of_memory& operator=(const out_of_memory&) = delete;

    std::function<void()> meanwhile;
    static inline out_of_memory* now = nullptr;
};

template<class F>
F* behind(const char* name) {
    return reinterpret_cast<F*>(::dlsym(RTLD_NEXT, name));
}

} // namespace

// In front of the library's own, in this program alone.

extern "C" ZSTD_CCtx* ZSTD_createCCtx() {
    static auto* const original = behind<ZSTD_CCtx*()>("ZSTD_createCCtx");
    return out_of_memory::now != nullptr ? nullptr : original();
}
extern "C" ZSTD_DCtx* ZSTD_createDCtx() {
    static auto* const original = behind<ZSTD_DCtx*()>("ZSTD_createDCtx");
    return out_of_memory::now != nullptr ? nullptr : original();
}
extern "C" std::size_t ZSTD_compressCCtx(ZSTD_CCtx* context, void* to, std::size_t room, const void* from,
                                         std::size_t size, int level) {
    static auto* const original = behind<decltype(ZSTD_compressCCtx)>("ZSTD_compressCCtx");
    if (out_of_memory::now != nullptr)
        out_of_memory::now->meanwhile();
    return original(context, to, room, from, size, level);
}
extern "C" std::size_t ZSTD_decompressDCtx(ZSTD_DCtx* context, void* to, std::size_t room, const void* from,
                                           std::size_t size) {
    static auto* const original = behind<decltype(ZSTD_decompressDCtx)>("ZSTD_decompressDCtx");
    if (out_of_memory::now == nullptr)
        return original(context, to, room, from, size);
    out_of_memory::now->meanwhile();
    return static_cast<std::size_t>(-ZSTD_error_memory_allocation);
}

namespace {

constexpr zstd_compression zstd;

std::vector<std::byte> joined(byte_view a, byte_view b) {
    std::vector<std::byte> both(a.begin(), a.end());
    both.insert(both.end(), b.begin(), b.end());
    return both;
}

std::vector<std::byte> bytes(std::initializer_list<int> of) {
    std::vector<std::byte> out;
    for (const int b : of)
        out.push_back(static_cast<std::byte>(b));
    return out;
}

bool is_corrupt(byte_view stored, std::size_t size) {
    std::vector<std::byte> out(size);
    const auto outcome = zstd.decompress(codec::zstd, stored, out);
    return !outcome && outcome.error() == errc::corrupt;
}

// "zstd!" as a frame of the specification: magic, a descriptor that tells of one segment and a size of one byte, the size, and
// one last block of five bytes as they are.
const std::vector<std::byte> by_hand =
    bytes({0x28, 0xB5, 0x2F, 0xFD, 0x20, 5, (5 << 3) | 1, 0, 0, 'z', 's', 't', 'd', '!'});

} // namespace

BOOST_AUTO_TEST_SUITE(compression_zstd)

BOOST_AUTO_TEST_CASE(is_a_compression) {
    compression_conformance(zstd_compression{});
    compression_conformance(zstd_compression{.level = -5});
    compression_conformance(zstd_compression{12});
}

BOOST_AUTO_TEST_CASE(has_a_level_of_3_unless_told) {
    BOOST_TEST(zstd_compression{}.level == 3);
    const std::vector<std::byte> data = compression_suite::text(100000);
    BOOST_TEST((compressed(zstd_compression{}, data) == compressed(zstd_compression{.level = 3}, data)));
}

BOOST_AUTO_TEST_CASE(trades_speed_for_size_if_told) {
    const std::vector<std::byte> data = compression_suite::text(100000);
    const std::vector<std::byte> small = compressed(zstd_compression{.level = 19}, data);
    const std::vector<std::byte> normal = compressed(zstd_compression{}, data);
    const std::vector<std::byte> fast = compressed(zstd_compression{.level = -20}, data);
    BOOST_TEST(small.size() < normal.size());
    BOOST_TEST(normal.size() < fast.size());
    for (const auto& stored : {small, normal, fast})
        BOOST_TEST(gives_back(zstd_compression{.level = 1}, stored, data));
}

BOOST_AUTO_TEST_CASE(takes_levels_beyond_the_last_for_the_last) {
    const std::vector<std::byte> data = compression_suite::text(5000);
    for (const int level : {0, 23, 1000, -1000, std::numeric_limits<int>::max(), std::numeric_limits<int>::min()}) {
        const std::vector<std::byte> stored = compressed(zstd_compression{.level = level}, data);
        BOOST_TEST((stored.empty() || gives_back(zstd, stored, data)));
    }
}

BOOST_AUTO_TEST_CASE(levels_may_change_from_call_to_call) {
    const std::vector<std::byte> data = compression_suite::text(20000);
    const std::vector<std::byte> once = compressed(zstd_compression{.level = 1}, data);
    (void)compressed(zstd_compression{.level = 19}, data);
    BOOST_TEST((compressed(zstd_compression{.level = 1}, data) == once));
}

BOOST_AUTO_TEST_CASE(reads_frames_of_the_zstd_specification) {
    BOOST_TEST(gives_back(zstd, by_hand, to_bytes("zstd!")));
    // A size of two bytes, less 256, and one last block: a byte, 1000 times.
    const std::vector<std::byte> run = bytes({0x28, 0xB5, 0x2F, 0xFD, 0x60, 0xE8, 0x02, 0x43, 0x1F, 0, 'r'});
    BOOST_TEST(gives_back(zstd, run, std::vector<std::byte>(1000, std::byte{'r'})));
}

BOOST_AUTO_TEST_CASE(reads_its_own_codec_alone) {
    BOOST_TEST(zstd_compression::id == codec::zstd);
    for (unsigned id = 0; id < 256; ++id)
        BOOST_TEST(zstd_compression::reads(static_cast<std::uint8_t>(id)) == (id == codec::zstd));
    std::byte out{};
    BOOST_TEST((zstd.decompress(codec::lz4, {}, {&out, 1}).error() == errc::wrong_compression));
}

// ---- what an enemy may send ----

BOOST_AUTO_TEST_CASE(a_frame_of_another_size_is_corrupt) {
    for (const std::size_t size : {0U, 1U, 4U, 6U, 1000U})
        BOOST_TEST(is_corrupt(by_hand, size));
}

BOOST_AUTO_TEST_CASE(a_frame_that_does_not_say_its_size_is_corrupt) {
    // A window of 1 KiB in place of the size.
    BOOST_TEST(is_corrupt(bytes({0x28, 0xB5, 0x2F, 0xFD, 0, 0, (5 << 3) | 1, 0, 0, 'z', 's', 't', 'd', '!'}), 5));
}

BOOST_AUTO_TEST_CASE(a_frame_that_lies_about_its_size_is_corrupt) {
    std::vector<std::byte> lies = by_hand;
    lies[5] = std::byte{4};
    BOOST_TEST(is_corrupt(lies, 4));
    lies[5] = std::byte{6};
    BOOST_TEST(is_corrupt(lies, 6));
}

BOOST_AUTO_TEST_CASE(more_than_one_frame_is_corrupt) {
    const std::vector<std::byte> skipped = bytes({0x50, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 'x', 'y'});
    BOOST_TEST(is_corrupt(joined(by_hand, by_hand), 5));
    BOOST_TEST(is_corrupt(joined(by_hand, by_hand), 10));
    BOOST_TEST(is_corrupt(joined(by_hand, skipped), 5));
    BOOST_TEST(is_corrupt(joined(skipped, by_hand), 5));
    BOOST_TEST(is_corrupt(skipped, 0));
    BOOST_TEST(is_corrupt(joined(by_hand, bytes({0})), 5));
}

BOOST_AUTO_TEST_CASE(frames_of_before_version_0_8_are_corrupt) {
    for (const int version : {0x22, 0x23, 0x24, 0x25, 0x26, 0x27}) {
        std::vector<std::byte> old = by_hand;
        old[0] = static_cast<std::byte>(version);
        BOOST_TEST(is_corrupt(old, 5));
    }
}

BOOST_AUTO_TEST_CASE(a_frame_that_needs_a_dictionary_is_corrupt) {
    std::vector<std::byte> needs = by_hand;
    needs[4] = std::byte{0x21};
    needs.insert(needs.begin() + 5, std::byte{77});
    BOOST_TEST(is_corrupt(needs, 5));
}

BOOST_AUTO_TEST_CASE(a_bomb_takes_no_memory_but_what_was_declared) {
    const std::vector<std::byte> zeros(std::size_t{64} << 20);
    const std::vector<std::byte> bomb = compressed(zstd, zeros);
    BOOST_TEST(bomb.size() < 10000U);
    BOOST_TEST(is_corrupt(bomb, 1000));
}

BOOST_AUTO_TEST_CASE(a_huge_window_takes_no_memory) {
    // A window of 2^41 bytes, and a size of 8 bytes that says 5. Nothing but the five bytes is touched.
    const std::vector<std::byte> huge = bytes({0x28,         0xB5, 0x2F, 0xFD, 0xC0, 0xF8, 5,   0,  0, 0, 0, 0, 0, 0, //
                                               (5 << 3) | 1, 0,    0,    'z',  's',  't',  'd', '!'});
    std::vector<std::byte> out(5);
    const auto outcome = zstd.decompress(codec::zstd, huge, out);
    BOOST_TEST((outcome || outcome.error() == errc::corrupt));
    BOOST_TEST(is_corrupt(bytes({0x28, 0xB5, 0x2F, 0xFD,         0xC0, 0xF8, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                 0xFF, 0xFF, 0xFF, (5 << 3) | 1, 0,    0,    'z',  's',  't',  'd',  '!'}),
                          5));
}

// ---- contexts ----

namespace {

// A thing that costs, as a codec's context does.
struct costly {
    static inline std::atomic<int> made{0};
    static inline std::atomic<int> freed{0};
    static costly* make() {
        ++made;
        return new costly;
    }
    struct freeing {
        void operator()(costly* c) const noexcept {
            ++freed;
            delete c;
        }
    };
};

std::atomic<int>* make_number() { return new std::atomic<int>(0); }

} // namespace

BOOST_AUTO_TEST_CASE(a_context_is_used_again) {
    static context_pool<costly, &costly::make, costly::freeing> pool;
    const costly* first = nullptr;
    {
        const auto taken = pool.take();
        first = taken.get();
    }
    for (int i = 0; i < 100; ++i)
        BOOST_TEST(pool.take().get() == first);
    std::thread([&] { BOOST_TEST(pool.take().get() == first); }).join(); // by another thread too
    BOOST_TEST(costly::made == 1);
    BOOST_TEST(costly::freed == 0);
}

BOOST_AUTO_TEST_CASE(there_are_never_more_contexts_than_were_in_use_at_once_and_64_are_kept) {
    static context_pool<costly, &costly::make, costly::freeing> pool;
    costly::made = costly::freed = 0;
    {
        std::vector<decltype(pool)::taken> taken;
        for (int i = 0; i < 70; ++i)
            taken.push_back(pool.take());
    }
    BOOST_TEST(costly::made == 70);
    BOOST_TEST(costly::freed == 6);
    {
        std::vector<decltype(pool)::taken> taken;
        for (int i = 0; i < 64; ++i)
            taken.push_back(pool.take());
    }
    BOOST_TEST(costly::made == 70);
}

BOOST_AUTO_TEST_CASE(no_two_threads_have_the_same_context) {
    static context_pool<std::atomic<int>, &make_number, std::default_delete<std::atomic<int>>> pool;
    std::atomic<int> shared{0};
    std::latch all_there(8);
    std::vector<std::thread> threads;
    for (int t = 0; t < 8; ++t)
        threads.emplace_back([&] {
            all_there.arrive_and_wait();
            for (int i = 0; i < 20000; ++i) {
                const auto mine = pool.take();
                if (mine->fetch_add(1) != 0)
                    ++shared;
                mine->fetch_sub(1);
            }
        });
    for (std::thread& t : threads)
        t.join();
    BOOST_TEST(shared == 0);
}

BOOST_AUTO_TEST_CASE(nothing_is_allocated_by_the_calls_themselves) {
    const std::vector<std::byte> data = compression_suite::text(5000);
    std::vector<std::byte> stored(data.size());
    std::vector<std::byte> back(data.size());
    const std::size_t before = allocations();
    for (int i = 0; i < 100; ++i) {
        const std::size_t size = zstd.compress(data, stored);
        BOOST_REQUIRE(zstd.decompress(codec::zstd, byte_view(stored).first(size), back).has_value());
    }
    BOOST_TEST(allocations() == before);
}

BOOST_AUTO_TEST_CASE(without_memory_data_is_stored_as_it_is_and_none_is_taken_for_corrupt) {
    const std::vector<std::byte> data = compression_suite::text(1000);
    const std::vector<std::byte> small = compressed(zstd, data);
    std::vector<std::byte> out(data.size());
    std::size_t deep = 0;
    std::vector<std::size_t> sizes;
    std::vector<std::error_code> errors;
    // Whoever uses a context has another one taken, until those that were kept are all in use.
    const std::function<void()> compress_again = [&] {
        BOOST_REQUIRE(++deep < 1000U);
        std::vector<std::byte> room(data.size());
        sizes.push_back(zstd.compress(data, room));
    };
    const std::function<void()> decompress_again = [&] {
        BOOST_REQUIRE(++deep < 1000U);
        std::vector<std::byte> room(data.size());
        errors.push_back(zstd.decompress(codec::zstd, small, room).error());
    };
    {
        const out_of_memory until(compress_again);
        BOOST_TEST(zstd.compress(data, out) == small.size());
    }
    BOOST_REQUIRE(!sizes.empty());
    BOOST_TEST(sizes.front() == 0U); // of the innermost, which got none
    BOOST_TEST(sizes.back() == (sizes.size() > 1 ? small.size() : 0U));
    {
        const out_of_memory until(decompress_again);
        BOOST_TEST((zstd.decompress(codec::zstd, small, out).error() == std::errc::not_enough_memory));
    }
    BOOST_REQUIRE(!errors.empty());
    for (const std::error_code& e : errors)
        BOOST_TEST((e == std::errc::not_enough_memory));
    BOOST_TEST(gives_back(zstd, small, data)); // and when there is some again, all is well
}

BOOST_AUTO_TEST_SUITE_END()
