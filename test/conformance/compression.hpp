#pragma once

#include <tusk/concept/usable.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

/// What every model of the concept `compression` has to do. Call compression_conformance() with each set of numbers that
/// matters. Run it under AddressSanitizer too: buffers have no byte to spare.
namespace compression_suite {

using tusk::byte_span;
using tusk::byte_view;

/// Bytes on the heap, with nothing behind them that may be touched; for none, not even an address.
class exact_bytes {
public:
    explicit exact_bytes(std::size_t size, std::byte fill = {})
        : bytes_(size != 0 ? new std::byte[size] : nullptr), size_(size) {
        std::fill_n(bytes_.get(), size, fill);
    }
    explicit exact_bytes(byte_view from) : exact_bytes(from.size()) { tusk::put(*this, from); }

    operator byte_view() const noexcept { return {bytes_.get(), size_}; } // NOLINT(google-explicit-constructor)
    operator byte_span() noexcept { return {bytes_.get(), size_}; }       // NOLINT(google-explicit-constructor)
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    std::byte& operator[](std::size_t i) noexcept { return bytes_[i]; }

private:
    std::unique_ptr<std::byte[]> bytes_;
    std::size_t size_;
};

inline std::vector<std::byte> noise(std::size_t size, unsigned seed = 1) {
    std::mt19937 random(seed);
    std::vector<std::byte> out(size);
    std::generate(out.begin(), out.end(), [&] { return static_cast<std::byte>(random()); });
    return out;
}

inline std::vector<std::byte> text(std::size_t size) {
    std::mt19937 random(2);
    std::string out;
    while (out.size() < size)
        out += "{\"user\": " + std::to_string(random() % 1000) + ", \"action\": \"withdraw\"}\n";
    const byte_view bytes = tusk::to_bytes(out);
    return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)};
}

struct sample {
    const char* name;
    std::vector<std::byte> data;
};

inline std::vector<sample> samples() {
    return {{"one byte", text(1)},
            {"two bytes", text(2)},
            {"a short text", text(40)},
            {"a text", text(5000)},
            {"a large text", text(std::size_t{1} << 20)},
            {"zeros", std::vector<std::byte>(std::size_t{1} << 20)},
            {"noise", noise(5000)},
            {"much noise", noise(std::size_t{1} << 20)},
            {"noise, then text", [] {
                 std::vector<std::byte> both = noise(3000);
                 const std::vector<std::byte> more = text(3000);
                 both.insert(both.end(), more.begin(), more.end());
                 return both;
             }()}};
}

/// What the log stores: fewer bytes than there were, or none if that cannot be had.
template<tusk::compression C>
std::vector<std::byte> compressed(const C& codec, byte_view data) {
    const exact_bytes in(data);
    exact_bytes out(data.size() - 1);
    const std::size_t size = codec.compress(in, out);
    BOOST_REQUIRE(size <= out.size());
    const byte_view bytes = byte_view(out).first(size);
    return {bytes.begin(), bytes.end()};
}

template<tusk::compression C>
bool gives_back(const C& codec, byte_view stored, byte_view data) {
    const exact_bytes in(stored);
    exact_bytes out(data.size(), std::byte{0xA5});
    return codec.decompress(C::id, in, out).has_value() && tusk::same_bytes(out, data);
}

/// Decompresses damaged bytes: it is seen, or all of `out` is filled with something.
template<tusk::compression C>
void survives(const C& codec, byte_view damaged, std::size_t size) {
    const exact_bytes in(damaged);
    exact_bytes out(size, std::byte{0xA5});
    const auto outcome = codec.decompress(C::id, in, out);
    if (!outcome) {
        BOOST_TEST((outcome.error() == tusk::errc::corrupt));
        return;
    }
    exact_bytes again(size, std::byte{0x5A});
    BOOST_TEST(codec.decompress(C::id, in, again).has_value());
    BOOST_TEST(tusk::same_bytes(out, again), "left bytes as they were before");
}

template<tusk::compression C>
void reads_what_it_writes() {
    static_assert(tusk::reads_what_it_writes<C>);
    BOOST_TEST((C::id == 0 || C::reads(C::id)));
}

template<tusk::compression C>
void what_was_compressed_comes_back(const C& codec) {
    for (const sample& s : samples())
        BOOST_TEST_CONTEXT(s.name) {
            const std::vector<std::byte> stored = compressed(codec, s.data);
            BOOST_TEST((stored.empty() || gives_back(codec, stored, s.data)));
        }
}

template<tusk::compression C>
void what_would_not_shrink_is_left_alone(const C& codec) {
    BOOST_TEST(compressed(codec, noise(1)).empty());
    BOOST_TEST(compressed(codec, noise(100)).empty());
    BOOST_TEST(compressed(codec, noise(100000)).empty());
    BOOST_TEST(codec.compress({}, {}) == 0U);
}

template<tusk::compression C>
void zeros_do_shrink(const C& codec) {
    BOOST_TEST((C::id == 0 || !compressed(codec, std::vector<std::byte>(1000)).empty()));
}

template<tusk::compression C>
void writes_no_more_than_there_is_room(const C& codec) {
    const std::vector<std::byte> data = text(600);
    const std::size_t fits = compressed(codec, data).size();
    for (std::size_t room = 0; room < fits + 40; ++room) {
        exact_bytes out(room);
        const std::size_t size = codec.compress(data, out);
        BOOST_REQUIRE(size <= room);
        BOOST_TEST((size == 0 || gives_back(codec, byte_view(out).first(size), data)));
    }
}

template<tusk::compression C>
void a_wrong_size_is_seen(const C& codec) {
    const std::vector<std::byte> data = text(500);
    const std::vector<std::byte> stored = compressed(codec, data);
    if (stored.empty())
        return;
    for (const std::size_t size : std::vector<std::size_t>{0, 1, 100, 499, 501, 1000, 100000}) {
        const exact_bytes in(stored);
        exact_bytes out(size);
        const auto outcome = codec.decompress(C::id, in, out);
        BOOST_REQUIRE(outcome.has_error());
        BOOST_TEST((outcome.error() == tusk::errc::corrupt));
    }
}

template<tusk::compression C>
void damage_does_no_harm(const C& codec) {
    for (const std::size_t size : {std::size_t{40}, std::size_t{300}}) {
        std::vector<std::byte> data = text(size);
        data.insert(data.end(), size, std::byte{'-'});
        const std::vector<std::byte> stored = compressed(codec, data);
        if (stored.empty())
            continue;
        for (std::size_t bit = 0; bit < 8 * stored.size(); ++bit) {
            std::vector<std::byte> damaged = stored;
            damaged[bit / 8] ^= std::byte{1} << (bit % 8);
            survives(codec, damaged, data.size());
        }
        for (std::size_t left = 0; left < stored.size(); ++left)
            survives(codec, byte_view(stored).first(left), data.size());
    }
}

template<tusk::compression C>
void rubbish_does_no_harm(const C& codec) {
    if (C::id == 0)
        return;
    for (unsigned seed = 0; seed < 2000; ++seed)
        survives(codec, noise(seed % 97, seed), seed % 251);
}

template<tusk::compression C>
void many_threads_may_use_it_at_once(const C& codec) {
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (unsigned t = 0; t < 8; ++t)
        threads.emplace_back([&, t] {
            const C own = codec; // a copy works as well
            for (std::size_t i = 1; i <= 50; ++i) {
                const std::vector<std::byte> data = i % 2 == 0 ? text(i * 100 + t) : noise(i * 100 + t, t);
                std::vector<std::byte> out(data.size());
                out.resize(codec.compress(data, byte_span(out).first(data.size() - 1)));
                std::vector<std::byte> back(data.size());
                if (!out.empty() && (!own.decompress(C::id, out, back) || back != data))
                    ++wrong;
            }
        });
    for (std::thread& t : threads)
        t.join();
    BOOST_TEST(wrong == 0);
}

/// One codec of several, as a Compression of its own.
template<tusk::compression_choice C, std::uint8_t Id>
struct one_of {
    static constexpr std::uint8_t id = Id;
    static constexpr bool reads(std::uint8_t codec) noexcept { return C::reads(codec); }

    C all;

    [[nodiscard]] std::size_t compress(byte_view in, byte_span out) const noexcept { return all.compress(id, in, out); }
    [[nodiscard]] tusk::result<void> decompress(std::uint8_t codec, byte_view in, byte_span out) const noexcept {
        return all.decompress(codec, in, out);
    }
};

/// All that holds for one codec.
template<tusk::compression C>
void all_of_it(const C& codec) {
    reads_what_it_writes<C>();
    what_was_compressed_comes_back(codec);
    what_would_not_shrink_is_left_alone(codec);
    zeros_do_shrink(codec);
    writes_no_more_than_there_is_room(codec);
    a_wrong_size_is_seen(codec);
    damage_does_no_harm(codec);
    rubbish_does_no_harm(codec);
    many_threads_may_use_it_at_once(codec);
}

/// Each codec that may be chosen is one, the first does what is done without a choice, and no other is written.
template<std::uint8_t Id = 1, tusk::compression_choice C>
void each_can_be_chosen(const C& codecs) {
    const std::vector<std::byte> data(1000);
    std::vector<std::byte> out(data.size() - 1);
    if constexpr (Id == C::id)
        BOOST_TEST(codecs.compress(Id, data, out) == codecs.compress(data, out));
    if constexpr (tusk::may_write<C>(Id))
        all_of_it(one_of<C, Id>{codecs});
    else
        BOOST_TEST(codecs.compress(Id, data, out) == 0U);
    if constexpr (Id < 255)
        each_can_be_chosen<Id + 1>(codecs);
}

} // namespace compression_suite

/// All of them.
template<tusk::compression C>
void compression_conformance(const C& codec) {
    compression_suite::all_of_it(codec);
    if constexpr (tusk::compression_choice<C>)
        compression_suite::each_can_be_chosen(codec);
}
