#pragma once

#include <tusk/backend/system_code.hpp>
#include <tusk/core/bytes.hpp>
#include <tusk/core/result.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace tusk::inline v0 {

/// Calls `f` again as long as a signal interrupts it. What it gives in the end, negative on failure.
template<class F>
auto uninterrupted(F&& f) noexcept {
    auto outcome = f();
    while (outcome < 0 && errno == EINTR)
        outcome = f();
    return outcome;
}

/// The outcome of a call of the system that is negative on failure and leaves the reason in errno.
inline result<void> checked(int outcome) noexcept {
    if (outcome < 0)
        return system_code(errno);
    return success();
}

/// Owns a file descriptor.
class posix_descriptor {
public:
    posix_descriptor() noexcept = default;
    explicit posix_descriptor(int number) noexcept : number_(number) {}
    posix_descriptor(posix_descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    posix_descriptor& operator=(posix_descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~posix_descriptor() {
        if (number_ >= 0)
            ::close(number_);
    }

    /// -1 if there is none, for which every call of the system gives EBADF.
    [[nodiscard]] int get() const noexcept { return number_; }
    [[nodiscard]] int release() noexcept { return std::exchange(number_, -1); }

    /// Closes. Never tried again, for the descriptor is gone even if it fails.
    [[nodiscard]] result<void> close() noexcept { return checked(::close(release())); }

private:
    int number_ = -1;
};

/// A regular file of a `posix_backend`. Calls block for the disk, and never allocate.
class posix_file {
public:
    explicit posix_file(posix_descriptor descriptor) noexcept : descriptor_(std::move(descriptor)) {}

    [[nodiscard]] result<std::uint64_t> size() const noexcept {
        struct ::stat status {};
        TUSK_TRY(checked(::fstat(descriptor_.get(), &status)));
        return static_cast<std::uint64_t>(status.st_size);
    }

    [[nodiscard]] result<std::size_t> read(std::uint64_t at, byte_span out) const noexcept {
        std::size_t done = 0;
        while (done < out.size() && at + done <= max_offset) {
            const std::uint64_t from = at + done; // up to where the system refuses to look: there is no file
            const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(out.size() - done, max_offset - from));
            const auto n = uninterrupted(
                [&] { return ::pread(descriptor_.get(), out.data() + done, most, static_cast<::off_t>(from)); });
            if (n < 0)
                return system_code(errno);
            if (n == 0)
                break;
            done += static_cast<std::size_t>(n);
        }
        return done;
    }

    /// Where zeros begin that reach to the end of the file, because nothing was written there, or a place behind that: what
    /// the system has read ahead counts as written. The largest number if the system cannot tell.
    [[nodiscard]] std::uint64_t data_end() const noexcept {
        ::off_t end = 0;
        for (int stretches = 0; stretches < 1000; ++stretches) {
            const ::off_t data = ::lseek(descriptor_.get(), end, SEEK_DATA);
            if (data < 0)
                return errno == ENXIO ? static_cast<std::uint64_t>(end) : std::numeric_limits<std::uint64_t>::max();
            end = ::lseek(descriptor_.get(), data, SEEK_HOLE); // at the latest where the file ends
            if (end < 0)
                break;
        }
        return std::numeric_limits<std::uint64_t>::max();
    }

    [[nodiscard]] result<void> write(std::uint64_t at, std::span<const byte_view> pieces) noexcept {
        return write(at, pieces, [this](std::span<const ::iovec> v, ::off_t offset) {
            return v.size() == 1 ? ::pwrite(descriptor_.get(), v.front().iov_base, v.front().iov_len, offset)
                                 : ::pwritev(descriptor_.get(), v.data(), static_cast<int>(v.size()), offset);
        });
    }

    /// Writes as write() does, and makes that durable and no more: what lies beside it costs nothing. Where the system
    /// cannot, syncs as sync() does. No room is the write's error even if it was found when the pages were to be brought to
    /// the disk: who has no room for these bytes has lost none that were durable before.
    [[nodiscard]] result<void> write_synced(std::uint64_t at, std::span<const byte_view> pieces,
                                            result<void>& synced) noexcept {
        synced = success();
#ifdef RWF_DSYNC
        const result<void> done = write(at, pieces, [this](std::span<const ::iovec> v, ::off_t offset) {
            return ::pwritev2(descriptor_.get(), v.data(), static_cast<int>(v.size()), offset, RWF_DSYNC);
        });
        if (done)
            return done;
        if (done.error() != std::errc::operation_not_supported && done.error() != std::errc::function_not_supported)
            return tell_error(done.error(), synced);
#endif
        TUSK_TRY(write(at, pieces));
        synced = sync();
        return success();
    }

    /// How a write that syncs tells an error: any but no room may be the sync's, and then no page can be trusted any more.
    [[nodiscard]] static result<void> tell_error(std::error_code failed, result<void>& synced) noexcept {
        if (failed == errc::no_space)
            return failed;
        synced = failed;
        return success();
    }

    /// Writes zeros to blocks that were reserved and have not been written to, and begins to bring them to the disk. Later
    /// writes there have blocks that are the file's in every respect, and a sync of them nothing to note beside them. In
    /// pieces of 64 KiB: the system keeps together what comes at once, so that small writes to a part of larger ones take
    /// it longer, and large writes to many smaller ones.
    void prewrite(std::uint64_t at, std::uint64_t size) noexcept {
        const result<std::uint64_t> end = this->size();
        if (!end || at >= end.value())
            return; // never makes the file larger
        size = std::min(size, end.value() - at);
        // Never written to; were it const, it would take its room in the program's file too.
        static std::array<std::byte, 65536> zeros{};
        for (std::uint64_t done = 0; done < size; done += zeros.size()) {
            const byte_view piece =
                byte_view(zeros).first(static_cast<std::size_t>(std::min<std::uint64_t>(zeros.size(), size - done)));
            if (!write(at + done, {&piece, 1}))
                return;
        }
        (void)::sync_file_range(descriptor_.get(), static_cast<::off_t>(at), static_cast<::off_t>(size),
                                SYNC_FILE_RANGE_WRITE);
    }

    /// fdatasync, which covers a change of the size too.
    [[nodiscard]] result<void> sync() noexcept {
        return checked(uninterrupted([&] { return ::fdatasync(descriptor_.get()); }));
    }

    [[nodiscard]] result<void> trim(std::uint64_t at) noexcept {
        if (at > max_offset)
            return errc::no_space;
        return checked(uninterrupted([&] { return ::ftruncate(descriptor_.get(), static_cast<::off_t>(at)); }));
    }

    /// Makes a file that is smaller than `size` as large, with real blocks that read as zeros, so that writes find no full
    /// disk later. Does nothing to one that is as large already, nor where the file system knows no such thing. On
    /// errc::no_space the file may have grown by a part of it.
    [[nodiscard]] result<void> reserve(std::uint64_t size) noexcept {
        if (size > max_offset)
            return errc::no_space;
        TUSK_TRY(const std::uint64_t now, this->size());
        if (now >= size)
            return success();
        const int outcome = uninterrupted([&] {
            return ::fallocate(descriptor_.get(), /*mode=*/0, static_cast<::off_t>(now),
                               static_cast<::off_t>(size - now));
        });
        if (outcome < 0 && (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINVAL))
            return success();
        return checked(outcome);
    }

    [[nodiscard]] result<void> close() noexcept { return descriptor_.close(); }

    /// The descriptor, which stays the file's own; -1 once it is closed.
    [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }

    /// The largest offset that the system can name.
    static constexpr std::uint64_t max_offset = std::numeric_limits<::off_t>::max();

private:
    // `call` writes what it can and gives how much, as pwritev does.
    template<class Call>
    [[nodiscard]] result<void> write(std::uint64_t at, std::span<const byte_view> pieces, Call&& call) noexcept {
        std::array<::iovec, 128> vectors; // filled as far as it is used
        std::size_t done = 0;             // bytes of the first piece that are written already
        const auto advance = [&](std::size_t n) {
            for (done += n; !pieces.empty() && done >= pieces.front().size(); pieces = pieces.subspan(1))
                done -= pieces.front().size();
        };
        for (advance(0); !pieces.empty();) {
            if (at > max_offset)
                return errc::no_space;
            const std::size_t count = std::min(pieces.size(), vectors.size());
            for (std::size_t i = 0; i < count; ++i) {
                const byte_view piece = pieces[i].subspan(i == 0 ? done : 0);
                vectors[i] = {const_cast<std::byte*>(piece.data()), piece.size()}; // only read, whatever its type says
            }
            const auto n = uninterrupted(
                [&] { return call(std::span<const ::iovec>(vectors).first(count), static_cast<::off_t>(at)); });
            if (n < 0)
                return system_code(errno);
            if (n == 0)
                return system_code(EIO); // no progress and no reason: trying again might never end
            at += static_cast<std::uint64_t>(n);
            advance(static_cast<std::size_t>(n));
        }
        return success();
    }

    posix_descriptor descriptor_;
};

} // namespace tusk::inline v0
