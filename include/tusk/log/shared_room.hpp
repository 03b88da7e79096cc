#pragma once

#include <tusk/core/bytes.hpp>
#include <tusk/core/types.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>

namespace tusk::inline v0 {

/// Room in memory for frames of one term, places in which are taken without a lock: one word says how much of it is
/// taken. Frames are filled side by side, but count as filled in their order, so that none is ever there without those
/// before it. Any number of threads; open(), close() and what follows them are called by one at a time.
class shared_room {
public:
    /// Smaller frames, or more at once, have no place here.
    static constexpr std::size_t least_frame = 32;
    static constexpr std::uint64_t most_entries = (1U << 14) - 1;
    static constexpr std::size_t most_bytes = (1U << 18) - 1;

    [[nodiscard]] static bool can_hold(std::size_t size, std::uint64_t count) noexcept {
        return size >= least_frame && size <= most_bytes && count <= most_entries;
    }

    struct frame {
        std::size_t at = 0;
        std::size_t size = 0;
        index_t first_index = 0;
        std::uint64_t count = 0;
        std::uint64_t life = 0; ///< which opening of the room it was taken in; 0 once that is over
    };

    /// After so many openings their numbers begin anew.
    explicit shared_room(std::uint64_t lives = most_lives) noexcept : lives_(lives) {}
    shared_room(const shared_room&) = delete;

    // ---- who opens and closes it ----

    /// `room` bytes can be taken from now on; the first entry is `first`. Nobody is in it any more.
    void open(std::size_t room, index_t first, term_t term) {
        if (!taken_)
            taken_ = std::make_unique<taken[]>(slots);
        room_.store(std::min(room, most_bytes), std::memory_order_relaxed);
        first_.store(first, std::memory_order_relaxed);
        term_.store(term, std::memory_order_relaxed);
        const std::uint64_t life = next_life();
        filled_.store(life << life_shift, std::memory_order_relaxed);
        word_.store(life << life_shift | open_bit, std::memory_order_release);
    }
    struct totals {
        std::size_t bytes;
        std::uint64_t entries;
    };
    /// Nothing more can be taken. What was.
    totals close() noexcept {
        const std::uint64_t word = word_.fetch_and(~open_bit, std::memory_order_acq_rel);
        return {bytes_in(word), entries_in(word)};
    }
    /// Blocks until the first so many bytes are filled.
    void wait_filled(std::size_t bytes) const noexcept {
        wait([&] { return is_filled(bytes); });
    }
    [[nodiscard]] bool is_filled(std::size_t bytes) const noexcept {
        return bytes_in(filled_.load(std::memory_order_acquire)) == bytes;
    }
    [[nodiscard]] index_t first_index() const noexcept { return first_.load(std::memory_order_relaxed); }
    [[nodiscard]] term_t term() const noexcept { return term_.load(std::memory_order_relaxed); }
    /// Calls `visit(frame)` for each in the first so many bytes, which are filled.
    template<class Visit>
    void for_each(std::size_t bytes, Visit&& visit) const {
        index_t next = first_index();
        for (std::size_t at = 0; at < bytes;) {
            const taken& t = taken_at(at);
            visit(frame{at, t.size, next, t.count, 0});
            next += t.count;
            at += t.size;
        }
    }

    // ---- who takes a place ----

    /// What was taken when it was looked at. Comes to nothing, and not to another's place, if the room was closed since,
    /// even if it is open again by now: each time has its number, and an hour at the least goes by until they repeat.
    class look {
    public:
        explicit look(const shared_room& room) noexcept : word_(room.word_.load(std::memory_order_acquire)) {}
        [[nodiscard]] bool is_open() const noexcept { return (word_ & open_bit) != 0; }

    private:
        friend shared_room;
        std::uint64_t word_;
    };
    [[nodiscard]] index_t next_index(const look& seen) const noexcept {
        return first_.load(std::memory_order_relaxed) + entries_in(seen.word_);
    }
    [[nodiscard]] bool fits(const look& seen, std::size_t size, std::uint64_t count) const noexcept {
        return can_hold(size, count) && bytes_in(seen.word_) + size <= room_.load(std::memory_order_relaxed) &&
               entries_in(seen.word_) + count <= most_entries;
    }
    /// Waits a moment for those who have places there to fill them.
    void wait_a_moment(const look& seen) const noexcept {
        for (unsigned tries = 0; tries < few && !is_filled(bytes_in(seen.word_)); ++tries)
            pause();
    }
    /// Takes what fits. False, with another look, if something has changed.
    [[nodiscard]] bool take(look& seen, std::size_t size, std::uint64_t count, frame& out) noexcept {
        const std::uint64_t before = seen.word_;
        if (!word_.compare_exchange_strong(seen.word_, before + (count << entries_shift) + size,
                                           std::memory_order_acq_rel, std::memory_order_acquire))
            return false;
        out = {bytes_in(before), size, first_.load(std::memory_order_relaxed) + entries_in(before), count,
               before >> life_shift};
        return true;
    }
    /// What was taken is filled. Returns when all before it is too; after that the room may be anybody's.
    void fill(const frame& f) noexcept {
        taken& mine = taken_at(f.at);
        mine.size = static_cast<std::uint32_t>(f.size) & static_cast<std::uint32_t>(most_bytes);
        mine.count = static_cast<std::uint32_t>(f.count) & static_cast<std::uint32_t>(most_entries);
        const std::uint64_t before_it = f.life << life_shift | f.at;
        if (filled_.load(std::memory_order_acquire) != before_it) {
            mine.filled_in.store(static_cast<std::uint32_t>(f.life), std::memory_order_release);
            std::uint64_t filled = 0;
            wait([&] {
                filled = filled_.load(std::memory_order_acquire);
                return bytes_in(filled) >= f.at || filled >> life_shift != f.life;
            });
            if (filled != before_it)
                return; // by whoever was the first to miss something; perhaps the room is open anew already
        }
        // Nobody but who has this place may say so from here on, up to the next place that is not filled.
        std::size_t end = f.at + f.size;
        while (taken_at(end).filled_in.load(std::memory_order_acquire) == static_cast<std::uint32_t>(f.life))
            end += taken_at(end).size;
        filled_.store(f.life << life_shift | end, std::memory_order_release);
    }

private:
    // From the lowest bit on: bytes, entries, whether it is open, and how often it was opened.
    static constexpr unsigned entries_shift = 18;
    static constexpr unsigned open_shift = 32;
    static constexpr unsigned life_shift = 33;
    static constexpr std::uint64_t most_lives = (std::uint64_t{1} << (64 - life_shift)) - 1;
    static constexpr std::size_t slots = (most_bytes + 1) / least_frame + 1;
    static constexpr std::uint64_t open_bit = std::uint64_t{1} << open_shift;

    struct taken {
        std::uint32_t size : 18;
        std::uint32_t count : 14;
        std::atomic<std::uint32_t>
            filled_in; // the number of that opening; set by who was not the first to miss something
    };
    [[nodiscard]] taken& taken_at(std::size_t at) const noexcept { return taken_[at / least_frame]; }

    static std::size_t bytes_in(std::uint64_t word) noexcept { return static_cast<std::size_t>(word & most_bytes); }
    static std::uint64_t entries_in(std::uint64_t word) noexcept { return word >> entries_shift & most_entries; }

    static constexpr unsigned few = 64;
    static void pause() noexcept {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#endif
    }
    // Never 0, which is in flags that nobody has set; and none that an old flag could still have.
    [[nodiscard]] std::uint64_t next_life() noexcept {
        const std::uint64_t life = (word_.load(std::memory_order_relaxed) >> life_shift) + 1;
        if (life <= lives_)
            return life;
        for (std::size_t i = 0; i < slots; ++i)
            taken_[i].filled_in.store(0, std::memory_order_relaxed);
        return 1;
    }

    // For a copy's time, unless whoever makes it has lost the processor.
    template<class Ready>
    static void wait(Ready ready) noexcept {
        for (unsigned tries = 0; !ready(); ++tries) {
            if (tries < few) {
                pause();
            } else if (tries < 2 * few) {
                std::this_thread::yield();
            } else {
                std::this_thread::sleep_for(std::chrono::microseconds(50)); // who has to go on may not even get a turn
            }
        }
    }

    alignas(cache_line) std::atomic<std::uint64_t> word_{0};
    alignas(cache_line) std::atomic<std::uint64_t> filled_{0}; // bytes from the start, and the same number
    // As long as a look that was taken of it holds, these are what they were then.
    alignas(cache_line) std::atomic<std::size_t> room_{0};
    std::atomic<index_t> first_{0};
    std::atomic<term_t> term_{0};
    const std::uint64_t lives_;
    std::unique_ptr<taken[]> taken_; // by where the frames begin
};

} // namespace tusk::inline v0
