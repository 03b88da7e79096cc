#pragma once

#include <tusk/log/log_store.hpp>
#include <tusk/log/syncer.hpp>

#include <deque>
#include <mutex>

namespace tusk::inline v0 {

/// Finishes segments that nothing more is written to: syncs them, adds an index frame behind their end, so that no open
/// has to read them, and gives unused space back. Any number of threads.
template<format Format, backend Backend>
class sealer {
public:
    using segment_ptr = tusk::segment_ptr<Backend>;

    sealer(log_store<Format, Backend>& store, syncer<Backend>& sync, std::uint32_t alignment) noexcept
        : store_(store), sync_(sync), alignment_(alignment) {}

    /// The log has gone on to another segment.
    void add(segment_ptr s) {
        const std::scoped_lock lock(mutex_);
        waiting_.push_back(std::move(s));
    }

    /// Seals what waits for it. Blocks for syncs, and for another thread that does the same.
    [[nodiscard]] result<void> run() noexcept {
        const std::scoped_lock one_at_a_time(sealing_);
        while (const segment_ptr s = next()) {
            if constexpr (ends_window<typename Backend::file>)
                if (s->file)
                    s->file->end_window();
            TUSK_TRY(sync_.sync_to(s->lsn(s->end)));
            // Without its index frame a segment is read at the next open; without the trim it only takes more room.
            if (const auto file = store_.files->file(*s); file && may_finish(*s))
                if (const result<placed_frame> f = write_index(*s, *file.value(), 0))
                    (void)file.value()->trim(f.value().offset + f.value().size);
            store_.contents.set_indexed(*s);
            store_.files->release(s);
            const std::scoped_lock lock(mutex_);
            waiting_.pop_front();
        }
        return success();
    }

    /// True if anything may be added to it, and its unused space given back: not where a write has failed, nor where an
    /// earlier life has ended in the middle of what a disk may damage as one.
    [[nodiscard]] bool may_finish(const segment<Backend>& s) const noexcept {
        return !s.failed_write && (alignment_ == 0 || s.end % alignment_ == 0);
    }

    /// Writes the index frame of a segment behind its end. `next` is the log's next index; 0 for a sealed segment, of
    /// whose history the frame is no part.
    [[nodiscard]] result<placed_frame> write_index(segment<Backend>& s, typename Backend::file& file,
                                                   index_t next) noexcept {
        const std::vector<std::uint64_t> numbers = store_.contents.summarize(s).numbers();
        return write_frame(s, file, {.type = frame_type::index, .records = {}, .numbers = numbers, .pad_size = 0},
                           next);
    }
    /// Writes a pad frame behind the end of a segment.
    [[nodiscard]] result<placed_frame> write_pad(segment<Backend>& s, typename Backend::file& file, std::size_t size,
                                                 index_t next) noexcept {
        return write_frame(s, file, {.type = frame_type::pad, .records = {}, .numbers = {}, .pad_size = size}, next);
    }

private:
    [[nodiscard]] result<placed_frame> write_frame(segment<Backend>& s, typename Backend::file& file,
                                                   const frame_view& view, index_t next) noexcept {
        std::vector<std::byte> bytes(Format::size(view));
        Format::encode(view, bytes);
        const frame_place where{.log = store_.id,
                                .segment = s.number,
                                .offset = s.end,
                                .first_index = next,
                                .witness = sync_.reached().durable_lsn()};
        Format::stamp(bytes, where);
        frame_info info;
        (void)Format::probe(bytes, where, info);
        const byte_view piece(bytes);
        TUSK_TRY(file.write(s.end, {&piece, 1}));
        return placed_frame{
            .type = view.type, .offset = s.end, .size = bytes.size(), .checksum = info.checksum, .first_index = next};
    }

    [[nodiscard]] segment_ptr next() noexcept {
        const std::scoped_lock lock(mutex_);
        return waiting_.empty() ? nullptr : waiting_.front();
    }

    log_store<Format, Backend>& store_;
    syncer<Backend>& sync_;
    const std::uint32_t alignment_;
    std::mutex sealing_; // of the one who seals
    std::mutex mutex_;
    std::deque<segment_ptr> waiting_; // oldest first
};

} // namespace tusk::inline v0
