#pragma once

#include <tusk/concept/format.hpp>
#include <tusk/core/options.hpp>
#include <tusk/log/segment.hpp>
#include <tusk/log/state_keeper.hpp>

#include <deque>
#include <mutex>
#include <utility>

namespace tusk::inline v0 {

/// The files of a log's segments: made ahead, opened when needed, removed. Any number of threads may call.
template<format Format, backend Backend>
class segment_files {
public:
    using file_type = typename Backend::file;
    using segment_ptr = tusk::segment_ptr<Backend>;

    segment_files(Backend& directory, state_keeper<Backend>* state, const options& opts) noexcept
        : directory_(directory),
          state_(state),
          segment_size_(opts.segment_size),
          wanted_(opts.spare_segments),
          prewrite_(opts.prewrite),
          max_open_(opts.max_open_segments),
          window_ahead_(opts.window_ahead) {}

    /// The file of `s`, opened if need be. It stays open as long as the result lives.
    [[nodiscard]] result<std::shared_ptr<file_type>> file(segment<Backend>& s) noexcept {
        const std::scoped_lock lock(mutex_);
        if (s.file)
            return s.file;
        result<file_type> opened = directory_.open(segment_name(s.number).data(), open_for::read);
        if (!opened) // only a segment that was dropped loses its file while somebody still knows it
            return opened.error() == std::errc::no_such_file_or_directory ? make_error_code(errc::dropped)
                                                                          : opened.error();
        s.file = std::make_shared<file_type>(std::move(opened).value());
        if (!s.kept_open)
            note_open(s.shared_from_this());
        return s.file;
    }

    /// What is sealed and synced is closed when too many files are open.
    void release(const segment_ptr& s) noexcept {
        const std::scoped_lock lock(mutex_);
        s->kept_open = false;
        if (s->file)
            note_open(s);
    }

    /// A segment that nothing was written to, with room for frames up to `capacity`: one made ahead if there is one,
    /// else made now. Its number is higher than any before it. Blocks for two syncs if it has to be made.
    [[nodiscard]] result<segment_ptr> take() noexcept {
        const std::scoped_lock lock(making_);
        if (!spares_.empty()) {
            segment_ptr s = std::move(spares_.front());
            spares_.pop_front();
            return s;
        }
        return make_ready();
    }

    /// Makes segments ahead until there are as many as wanted.
    [[nodiscard]] result<void> prepare() noexcept {
        const std::scoped_lock lock(making_);
        while (spares_.size() < wanted_) {
            TUSK_TRY(auto s, make_ready());
            spares_.push_back(std::move(s));
        }
        return success();
    }

    /// Removes the files of segments that the state no longer needs. What cannot be removed is found again at the next
    /// open. The last error, if there was any.
    [[nodiscard]] result<void> remove(std::span<const segment_ptr> gone) noexcept {
        result<void> outcome = success();
        for (const segment_ptr& s : gone) {
            if (const result<void> removed = directory_.remove(segment_name(s->number).data()); !removed)
                outcome = removed;
            const std::scoped_lock lock(mutex_);
            std::erase(open_, s);
            s->file.reset();
        }
        if (!gone.empty())
            if (const result<void> synced = directory_.sync_directory(); !synced)
                outcome = synced;
        return outcome;
    }

    /// Makes the file of a segment: the number is taken in the state first, so that no crash can give it twice.
    [[nodiscard]] result<segment_ptr> make_segment() noexcept {
        const std::scoped_lock lock(making_);
        return make(/*prewrite=*/false);
    }

    /// Closes the files of `known` and removes what was made ahead. What a reader still holds, the reader closes.
    [[nodiscard]] result<void> close(std::span<const segment_ptr> known) noexcept {
        const std::scoped_lock making(making_);
        result<void> outcome = success();
        {
            const std::scoped_lock lock(mutex_);
            open_.clear();
            for (const segment_ptr& s : known)
                if (const result<void> closed = close_if_last(std::exchange(s->file, nullptr)); !closed)
                    outcome = closed;
        }
        const std::vector<segment_ptr> unused(spares_.begin(), spares_.end());
        spares_.clear();
        if (const result<void> removed = remove(unused); !removed)
            outcome = removed;
        return outcome;
    }

private:
    [[nodiscard]] result<segment_ptr> make(bool prewrite) noexcept {
        if (state_->get().next_segment == UINT32_MAX) // numbers are never given twice
            return errc::too_many_segments;
        segment_t number = 0;
        TUSK_TRY(state_->update([&](log_state& s) { number = s.next_segment++; }, /*both=*/false));
        const auto name = segment_name(number);
        TUSK_TRY(auto file, directory_.create(name.data(), segment_size_));
        const result<void> ready = [&]() -> result<void> {
            TUSK_TRY(fill(file, prewrite));
            TUSK_TRY(file.sync());
            return directory_.sync_directory();
        }();
        if (!ready) {
            (void)directory_.remove(
                name.data()); // a file of a number in the state that nothing names is a spare: harmless
            return ready.error();
        }
        auto s = std::make_shared<segment<Backend>>();
        s->number = number;
        s->capacity = segment_size_;
        s->prewritten = prewrite;
        s->kept_open = true;
        s->file = std::make_shared<file_type>(std::move(file));
        return s;
    }

    // For appends. Not for a repair, whose next sync would write all that is ready.
    [[nodiscard]] result<segment_ptr> make_ready() noexcept {
        TUSK_TRY(auto s, make(prewrite_));
        if constexpr (touches_window<file_type>)
            if (window_ahead_ > 0 && !s->file->window(0, 1).empty())
                s->file->touch_window(window_ahead_);
        return s;
    }

    // New files read as zeros; a Format whose unused space holds something else has it written.
    [[nodiscard]] result<void> fill(file_type& file, bool prewrite) noexcept {
        if constexpr (Format::fill != std::byte{0}) {
            const std::vector<std::byte> block(
                static_cast<std::size_t>(std::min<std::uint64_t>(segment_size_, mebibyte)), Format::fill);
            for (std::uint64_t at = 0; at < segment_size_; at += block.size()) {
                const byte_view piece = byte_view(block).first(
                    static_cast<std::size_t>(std::min<std::uint64_t>(block.size(), segment_size_ - at)));
                TUSK_TRY(file.write(at, {&piece, 1}));
            }
        } else if constexpr (prewrites<file_type>) {
            if (prewrite)
                file.prewrite(0, segment_size_);
        }
        (void)file, (void)prewrite;
        return success();
    }

    // Closes the file, if there is one and no reader has it.
    [[nodiscard]] static result<void> close_if_last(std::shared_ptr<file_type> file) noexcept {
        if (file.use_count() != 1)
            return success();
        // To look at the count puts nothing in order: for another thread, a reader that has just given up its reference may
        // still read. To give one up does, and unlike a fence ThreadSanitizer knows it.
        std::shared_ptr<file_type>(file).reset();
        return file->close();
    }

    void note_open(segment_ptr s) {
        open_.push_back(std::move(s));
        while (open_.size() > max_open_) {
            open_.front()->file.reset(); // a reader that has it keeps it
            open_.pop_front();
        }
    }

    Backend& directory_;
    state_keeper<Backend>* state_;
    const std::uint64_t segment_size_;
    const std::uint32_t wanted_;
    const bool prewrite_;
    const std::uint32_t max_open_;
    const std::uint64_t window_ahead_;
    std::mutex mutex_;             // guards which files are open
    std::deque<segment_ptr> open_; // read only, oldest first
    std::mutex making_;            // guards what is made ahead
    std::deque<segment_ptr> spares_;
};

} // namespace tusk::inline v0
