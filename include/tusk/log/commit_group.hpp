#pragma once

#include <tusk/concept/format.hpp>
#include <tusk/core/buffer_pool.hpp>
#include <tusk/core/clock.hpp>
#include <tusk/log/append_request.hpp>
#include <tusk/log/catalog.hpp>
#include <tusk/log/shared_room.hpp>

#include <atomic>
#include <memory>

namespace tusk::inline v0 {

/// Frames above this are put together in memory of their own, before they have a place: so others need not wait for it.
inline constexpr std::size_t large_frame = 64 * kibibyte;
/// Likewise where they can be put together in the file itself, and nobody waits for a sync: that is done sooner with pages
/// that were written by a call.
inline constexpr std::size_t large_frame_in_file = 4 * mebibyte;

/// How far a group has come. Waited on by those whose frames are in it.
enum class group_state : int { filling = 0, written = 1, durable = 2, failed = 3 };

/// Frames that are written together. Appenders reserve places under the queue's lock, or without it where it `is_shared`,
/// and fill them in parallel; one of them, or whoever is first in need, leads: writes it and those before it.
template<backend Backend>
struct commit_group {
    // Guarded by the queue's lock until the group is closed; after that it belongs to the leader.
    segment_ptr<Backend> segment;
    bool starts_segment = false; ///< the leader writes the segment's header in front of it
    index_t header_index = 0;    ///< for that header: the index and term at that place
    term_t header_term = 0;
    std::uint64_t offset = 0;               ///< of its first byte in the segment
    std::size_t size = 0;                   ///< reserved
    std::size_t pad = 0;                    ///< of a pad frame at its end, part of size, which the leader fills
    std::vector<placed_frame> frames;       ///< without terms
    std::vector<std::uint32_t> term_counts; ///< for each frame, how many of `terms` are its own
    std::vector<term_run> terms;
    bool wants_written = false; ///< somebody waits for the write alone
    bool wants_durable = false; ///< somebody waits for the sync
    bool holds_back = false;    ///< some frames were acknowledged before they are written
    bool closed = false;
    bool taken = false; ///< a leader has it; guarded by the leader's lock
    std::uint32_t waiters = 0;
    std::uint32_t callers = 0;    ///< those of them who are in a call that returns when it is synced
    steady_time since{};          ///< of the first reservation
    std::optional<lsn_t> witness; ///< of what the leader adds: the same at every try, for a reader may have seen it
    commit_group* next = nullptr;

    // Where the frames are put together: in the file itself, in an own block, or one frame that is too large for either.
    byte_span window;
    std::shared_ptr<typename Backend::file> window_of; ///< stays while frames are filled into it
    std::unique_ptr<std::byte[]> block;
    buffer large;
    std::size_t room = 0; ///< bytes of window or block

    /// Where `is_shared`, appenders take places in the window without the queue's lock, and these say what is in it in
    /// place of `frames`: nothing but entries of one term, each acknowledged when it is filled.
    shared_room places;
    bool is_shared = false;

    std::atomic<std::size_t> reserved{0}; ///< of size, what is filled by those who reserved it
    std::atomic<std::size_t> filled{0};
    std::atomic<bool> claimed{false}; ///< somebody has undertaken to lead it
    std::atomic<int> references{0};
    std::atomic<int> state{0}; ///< a group_state, and above it how often writing was put off
    std::error_code error;     ///< of the last write that failed; guarded by the queue's lock

    [[nodiscard]] std::byte* memory() noexcept {
        return large ? large.data() : window.empty() ? block.get() : window.data();
    }
    /// The frames are where they belong as soon as they are filled.
    [[nodiscard]] bool in_place() const noexcept { return !window.empty(); }
    /// All of it was acknowledged, for it is where it belongs.
    [[nodiscard]] bool only_to_be_known() const noexcept { return in_place() && holds_back && !starts_segment; }
    [[nodiscard]] lsn_t end_lsn() const noexcept { return segment->lsn(offset + size); }

    /// Takes memory for frames: with `of_file`, of the file itself if there are at least `least` bytes, or else a block,
    /// whatever its size.
    void take_memory(std::size_t block_size, std::size_t least, bool of_file) {
        if constexpr (gives_window<typename Backend::file>) {
            if (of_file) {
                window = segment->file->window(offset, std::max(block_size, least));
                if (window.size() < least)
                    window = {}; // beyond the end of the file, which only a write makes larger
                else
                    window_of = segment->file;
            }
        }
        (void)least, (void)of_file;
        if (window.empty() && !block)
            block = std::make_unique_for_overwrite<std::byte[]>(block_size);
        room = window.empty() ? block_size : window.size();
    }

    /// Somebody wants a frame in it to be synced, and waits for that at once, or only when it asks for it.
    void add_waiter(bool at_once) noexcept {
        if (!std::exchange(wants_durable, true))
            since = steady_clock::now();
        ++waiters;
        callers += at_once ? 1U : 0U;
    }
    /// Reserves the next bytes for `f` and gives their place in the group.
    std::size_t add(const placed_frame& f, std::span<const term_run> of) {
        const std::size_t at = size;
        frames.push_back(f);
        term_counts.push_back(static_cast<std::uint32_t>(of.size()));
        terms.insert(terms.end(), of.begin(), of.end());
        size += static_cast<std::size_t>(f.size);
        return at;
    }

    /// `bytes` more are filled. Wakes the leader if it was the last to wait for. True if all that is reserved was filled
    /// by then.
    bool fill(std::size_t bytes) noexcept {
        const std::size_t have = filled.fetch_add(bytes, before_notify) + bytes;
        filled.notify_one();
        return have == reserved.load(std::memory_order_acquire);
    }

    /// Lets others take places without the lock, for entries of `term` from `first` on.
    void share(index_t first, term_t term, std::size_t most) {
        places.open(std::min(room, most), first, term);
        is_shared = holds_back = true;
    }
    /// The place of a frame in such a group; what comes of it is known before it is filled.
    [[nodiscard]] append_place place_of(const shared_room::frame& f) const noexcept {
        const lsn_t begin = segment->lsn(offset + f.at);
        return {.entries = {f.first_index, f.first_index + f.count - 1}, .begin = begin, .end = begin + f.size};
    }

    /// Blocks until everything that was reserved is filled: the time of a copy, for no caller's code runs in between.
    void wait_filled() noexcept {
        if (is_shared) {
            places.wait_filled(size);
            return;
        }
        for (std::size_t have = filled.load(std::memory_order_acquire); have != size - pad;
             have = filled.load(std::memory_order_acquire))
            filled.wait(have, std::memory_order_acquire);
    }

    /// It is never written. Blocks until nobody fills it in the file any more, for that may be another's soon, and who fills
    /// a shared place has no reference; adds to `begun` the segment that it would have begun.
    void abandon(std::vector<segment_ptr<Backend>>& begun) noexcept {
        if (in_place())
            wait_filled();
        if (starts_segment)
            begun.push_back(segment);
    }

    // The leader's alone.
    void reach(group_state s) noexcept {
        state.store((state.load(std::memory_order_relaxed) & ~state_mask) | static_cast<int>(s), before_notify);
        state.notify_all();
    }
    /// It could not be written and will be tried again: those who wait now are told, and do not wait for that.
    void put_off() noexcept {
        taken = false;
        callers = 0;
        claimed.store(false, std::memory_order_release);
        state.fetch_add(state_mask + 1, before_notify);
        state.notify_all();
    }
    [[nodiscard]] group_state reached() const noexcept { return in(state.load(std::memory_order_acquire)); }

    /// Writes the pad frame at its end. The leader's.
    template<format Format>
    void stamp_pad(std::uint64_t log) noexcept {
        const placed_frame& f = frames.back();
        const byte_span out(memory() + (size - pad), pad);
        Format::encode({.type = frame_type::pad, .records = {}, .numbers = {}, .pad_size = pad}, out);
        Format::stamp(out, {.log = log,
                            .segment = segment->number,
                            .offset = f.offset,
                            .first_index = f.first_index,
                            .witness = *witness});
    }

    /// Blocks until the group is at least `wanted`, or has failed, or was put off after `state` was `before`. True for
    /// the first.
    [[nodiscard]] bool wait(group_state wanted, int before) noexcept {
        for (;;) {
            const int s = state.load(std::memory_order_acquire);
            if (in(s) >= wanted)
                return in(s) != group_state::failed;
            if ((s & ~state_mask) != (before & ~state_mask))
                return false;
            state.wait(s, std::memory_order_acquire);
        }
    }

    /// As new, with its memory kept.
    void reuse() noexcept {
        segment.reset();
        window = {};
        window_of.reset();
        large = {};
        starts_segment = closed = taken = wants_written = wants_durable = holds_back = is_shared = false;
        offset = 0;
        size = pad = room = 0;
        waiters = callers = 0;
        frames.clear();
        term_counts.clear();
        terms.clear();
        next = nullptr;
        reserved.store(0, std::memory_order_relaxed);
        filled.store(0, std::memory_order_relaxed);
        claimed.store(false, std::memory_order_relaxed);
        state.store(0, std::memory_order_relaxed);
        error.clear();
        witness.reset();
    }

private:
    // libstdc++ wakes nobody if it counts nobody who waits, and on x86 that look could overtake a store that only releases.
    static constexpr std::memory_order before_notify = std::memory_order_seq_cst;
    static constexpr int state_mask = 3;
    [[nodiscard]] static group_state in(int state) noexcept { return static_cast<group_state>(state & state_mask); }
};

} // namespace tusk::inline v0
