#pragma once

#include <tusk/log/log_engine.hpp>

namespace tusk::inline v0 {

/// Which entries a reader is shown.
enum class visible : std::uint8_t {
    written, ///< what is with the operating system: a power cut may take it back
    durable, ///< what is on stable storage
};

/// Reads a log forward, entry by entry. For one thread at a time; never blocks writers. Sees appends and cuts in the
/// order in which they happen. May outlive the log; its calls then give errc::closed.
template<class Engine>
class reader {
public:
    reader(std::shared_ptr<Engine> engine, index_t from, visible what)
        : engine_(std::move(engine)),
          listener_(std::make_unique<cut_listener>()),
          walk_(engine_->store(), ahead),
          next_(from),
          what_(what) {
        engine_->store().contents.add_listener(*listener_);
    }
    reader(reader&&) noexcept = default;
    reader& operator=(reader&& other) noexcept {
        leave();
        engine_ = std::move(other.engine_);
        listener_ = std::move(other.listener_);
        walk_ = std::move(other.walk_);
        next_ = other.next_;
        end_ = other.end_;
        what_ = other.what_;
        return *this;
    }
    ~reader() { leave(); }

    /// The index of the entry that comes next.
    [[nodiscard]] index_t next_index() const noexcept { return next_; }
    /// Goes on at `index`; what was cut before is not told of.
    void seek(index_t index) noexcept {
        (void)engine_->store().contents.take_clamp(*listener_);
        next_ = index;
        end_ = 0;
        walk_.forget();
    }

    /// The next entry. errc::beyond_end if there is none yet. errc::truncated, once, if the place of the reader was
    /// cut off: the reader goes on behind what was kept, which after a reset is where everything was dropped. errc::dropped
    /// if the next entry was dropped: seek(first_index()) goes on. errc::lost and errc::corrupt concern one entry: the
    /// reader goes on behind it. Blocks for a read, and for the write of what is still held back in memory; beside a
    /// writer in another process also for a look at what that one has done.
    [[nodiscard]] result<entry> next() noexcept {
        for (;;) {
            if (!has_arrived()) {
                TUSK_TRY(arrive());
            }
            pinned_entry stored;
            const result<void> found = walk_.read(next_, stored);
            if (listener_->was_told()) [[unlikely]]
                continue; // what was found may have taken the place of what was cut: first things first
            if (!found) [[unlikely]]
                return pass(found.error());
            ++next_;
            return unpack(engine_->packing().codec(), std::move(stored), engine_->store().max_record_size,
                          engine_->store().pool);
        }
    }

protected:
    [[nodiscard]] Engine& engine() const noexcept { return *engine_; }

private:
    static constexpr std::size_t ahead = 256 * kibibyte;

    // True if the entry at the reader's place was there when it looked last, and nothing says that it has gone.
    [[nodiscard]] bool has_arrived() const noexcept {
        return next_ < end_ && !listener_->was_told() && next_ >= listener_->dropped.load(std::memory_order_acquire) &&
               !engine_->has_news();
    }

    // Why the entry could not be read; goes on behind it if that concerns it alone.
    [[nodiscard]] std::error_code pass(std::error_code error) noexcept {
        walk_.forget();
        if (error == errc::lost || error == errc::corrupt)
            ++next_;
        if (error == errc::dropped && engine_->opts().mode == open_mode::read_only) {
            const result<void> looked = engine_->store().refresh(); // so that first_index() says where to go on
            if (!looked)
                return looked.error();
        }
        return error;
    }

    // Sees to it that there is an entry at the reader's place, which no cut has taken away.
    [[nodiscard]] result<void> arrive() noexcept {
        for (bool looked = false;; looked = true) {
            if (listener_->was_told()) {
                end_ = 0;
                walk_.forget();
                const index_t kept = engine_->store().contents.take_clamp(*listener_);
                if (kept + 1 < next_) {
                    next_ = kept + 1;
                    return errc::truncated;
                }
            }
            TUSK_TRY(const auto edges, engine_->edges());
            if (next_ < edges.first)
                return errc::dropped;
            end_ = what_ == visible::durable ? std::min(edges.next, engine_->durable_next()) : edges.next;
            if (next_ < end_)
                return success();
            if (looked || engine_->opts().mode != open_mode::read_only)
                return errc::beyond_end;
            TUSK_TRY(engine_->store().refresh());
        }
    }

    void leave() noexcept {
        if (engine_ && listener_)
            engine_->store().contents.remove_listener(*listener_);
    }

    std::shared_ptr<Engine> engine_;
    std::unique_ptr<cut_listener> listener_;
    entry_walk<typename Engine::format_type, typename Engine::backend_type> walk_;
    index_t next_ = 1;
    index_t end_ = 0; // of what it may be shown, when it looked last
    visible what_ = visible::written;
};

/// A reader that waits for what is still to come: in this process woken by the writer, in another one by looking again.
template<class Engine>
class follower : public reader<Engine> {
public:
    using reader<Engine>::reader;
    using reader<Engine>::next;

    /// The next entry, as next(), but blocks until there is one. errc::cancelled when a stop is requested,
    /// errc::timed_out at the deadline, errc::closed when the log is closed.
    [[nodiscard]] result<entry> next(const std::stop_token& stop,
                                     std::optional<steady_time> deadline = std::nullopt) noexcept {
        nanoseconds pause = std::chrono::milliseconds(1);
        for (;;) {
            result<entry> e = next();
            if (e || e.error() != errc::beyond_end)
                return e;
            if (stop.stop_requested())
                return errc::cancelled;
            if (deadline && steady_clock::now() >= *deadline)
                return errc::timed_out;
            if (this->engine().opts().mode == open_mode::read_only) {
                wait_for_other_process(stop, deadline, pause);
                pause = std::min<nanoseconds>(pause * 2, longest_pause);
                continue;
            }
            auto& reached = this->engine().queue().syncing().reached();
            const typename std::remove_reference_t<decltype(reached)>::attention here(reached);
            const std::uint64_t seen = reached.changes();
            if (result<entry> again = next(); again || again.error() != errc::beyond_end)
                return again;
            reached.wait(stop, deadline, [&] { return reached.changed_since(seen); });
        }
    }

private:
    static constexpr nanoseconds longest_pause = std::chrono::milliseconds(20);

    static void wait_for_other_process(const std::stop_token& stop, std::optional<steady_time> deadline,
                                       nanoseconds pause) noexcept {
        std::mutex mutex;
        std::condition_variable_any never;
        std::unique_lock lock(mutex);
        const steady_time until = steady_clock::now() + pause;
        never.wait_until(lock, stop, deadline ? std::min(*deadline, until) : until, [] { return false; });
    }
};

} // namespace tusk::inline v0
