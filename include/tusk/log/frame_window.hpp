#pragma once

#include <tusk/concept/backend.hpp>
#include <tusk/concept/format.hpp>
#include <tusk/core/buffer_pool.hpp>

#include <limits>
#include <memory>

namespace tusk::inline v0 {

/// How a segment's bytes get into memory.
enum class reading : std::uint8_t {
    copied,   ///< by reads, which say it when the disk fails
    in_place, ///< from the file's own memory, if it gives that
};

/// A part of a segment's file in memory, moved along as frames are read. For one thread.
template<format Format, backend Backend>
class frame_window {
public:
    using file_type = typename Backend::file;

    /// Reads `ahead` bytes at a time, or more where a frame needs it.
    frame_window(std::shared_ptr<file_type> file, buffer_pool& pool, std::size_t ahead,
                 reading how = reading::copied) noexcept
        : file_(std::move(file)), pool_(&pool), ahead_(std::max(ahead, std::size_t{Format::probe_size})), how_(how) {}

    /// The bytes from `at` on: `size` of them, or fewer if the file or `limit` comes first. Valid until the next call.
    [[nodiscard]] result<byte_view> bytes(std::uint64_t at, std::size_t size, std::uint64_t limit) noexcept {
        return bytes(at, size, limit, ahead_);
    }
    /// Likewise, and reads `ahead` bytes if it reads any.
    [[nodiscard]] result<byte_view> bytes(std::uint64_t at, std::size_t size, std::uint64_t limit,
                                          std::size_t ahead) noexcept {
        const std::uint64_t room = at < limit ? limit - at : 0;
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(size, room));
        if (at >= begin_ && at - begin_ <= have_ && have_ - (at - begin_) >= wanted)
            return byte_view(data_ + (at - begin_), wanted);
        const std::uint64_t useful = at < data_end_ ? std::min(room, data_end_ - at) : 0;
        const std::size_t load = std::max(wanted, static_cast<std::size_t>(std::min<std::uint64_t>(ahead, useful)));
        have_ = 0;
        if (!look(at, load)) {
            kept_ = {};
            if (!buffer_ || !buffer_.unique() || buffer_.capacity() < load)
                buffer_ = pool_->acquire(load);
            TUSK_TRY(have_, file_->read(at, byte_span(buffer_.data(), load)));
            data_ = buffer_.data();
        }
        begin_ = at;
        return byte_view(data_, std::min(have_, wanted));
    }

    /// The `size` bytes at `at`, if all of them are in memory already, and before `limit`; else none. What is read in order
    /// mostly is. bytes() would give the same, but a result is stored in parts and then loaded whole, for which the
    /// processor waits longer than a small entry takes to be checked.
    [[nodiscard]] byte_view loaded(std::uint64_t at, std::size_t size, std::uint64_t limit) const noexcept {
        const bool here = at >= begin_ && at - begin_ <= have_ && have_ - (at - begin_) >= size;
        return here && at <= limit && limit - at >= size ? byte_view(data_ + (at - begin_), size) : byte_view();
    }

    /// What begins at `place.offset`, in a segment whose frames end at or before `limit`. A frame lies whole before it.
    [[nodiscard]] result<verdict> probe(const frame_place& place, std::uint64_t limit, frame_info& info) noexcept {
        byte_view in = loaded(place.offset, Format::probe_size, limit);
        if (in.empty()) {
            TUSK_TRY(in, bytes(place.offset, Format::probe_size, limit));
        }
        if (in.empty())
            return verdict::fill;
        const verdict found = Format::probe(in, place, info);
        if (found == verdict::need_more) // the file ends here
            return all_fill(in) ? verdict::fill : verdict::damaged;
        if (found == verdict::frame && (info.size > limit - place.offset || info.witness > max_lsn))
            return verdict::damaged;
        return found;
    }

    /// The whole frame that probe() found at `at`; shorter if the file is.
    [[nodiscard]] result<byte_view> frame(std::uint64_t at, const frame_info& info) noexcept {
        return bytes(at, info.size, at + info.size);
    }

    /// From where on nothing but unused space is there, as far as the file knew that without being read when it was first
    /// asked; no more is read ahead from then on. The earlier the more is known: what the system reads ahead counts as data.
    std::uint64_t find_data_end() noexcept {
        if constexpr (knows_data_end<file_type> && Format::fill == std::byte{0})
            if (data_end_ == unknown)
                data_end_ = std::as_const(*file_).data_end();
        return data_end_;
    }

    /// Keeps the bytes of the last call alive, wherever the window moves.
    [[nodiscard]] pin hold() const noexcept { return kept_ ? kept_ : buffer_.hold(); }
    [[nodiscard]] reading how() const noexcept { return how_; }
    [[nodiscard]] std::size_t ahead() const noexcept { return ahead_; }
    [[nodiscard]] buffer_pool& pool() const noexcept { return *pool_; }
    [[nodiscard]] const std::shared_ptr<file_type>& file() const noexcept { return file_; }

    [[nodiscard]] static bool all_fill(byte_view in) noexcept {
        // Equal to the fill, and each byte equal to the one before it: the comparison runs at the speed of memory.
        return in.empty() || (in[0] == Format::fill && same_bytes(in.first(in.size() - 1), in.subspan(1)));
    }

private:
    // Not asked yet, or what a file says that cannot tell.
    static constexpr std::uint64_t unknown = std::numeric_limits<std::uint64_t>::max();

    // Finds the bytes in the file's own memory, if it has all of them there.
    [[nodiscard]] bool look(std::uint64_t at, std::size_t size) noexcept {
        if constexpr (gives_view<file_type>) {
            if (how_ != reading::in_place)
                return false;
            pinned_bytes found = std::as_const(*file_).view(at, size);
            if (found.bytes.size() < size)
                return false;
            data_ = found.bytes.data();
            have_ = size;
            kept_ = std::move(found.kept);
            return true;
        }
        (void)at, (void)size;
        return false;
    }

    std::shared_ptr<file_type> file_;
    buffer_pool* pool_;
    std::size_t ahead_;
    std::uint64_t data_end_ = unknown;
    reading how_;
    buffer buffer_;
    pin kept_;                        // in place of the buffer
    const std::byte* data_ = nullptr; // in either
    std::uint64_t begin_ = 0;
    std::size_t have_ = 0;
};

} // namespace tusk::inline v0
