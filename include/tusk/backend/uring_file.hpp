#pragma once

#include <tusk/backend/uring_ring.hpp>

namespace tusk::inline v0 {

/// A regular file of a `uring_backend`. Writes and syncs in one call of the system; the rest is as for a `posix_file`.
class uring_file {
public:
    /// Without a ring, all is as for a `posix_file`.
    uring_file(posix_file file, std::shared_ptr<uring_ring> ring) noexcept
        : file_(std::move(file)), ring_(std::move(ring)) {}

    [[nodiscard]] result<std::uint64_t> size() const noexcept { return file_.size(); }
    [[nodiscard]] result<std::size_t> read(std::uint64_t at, byte_span out) const noexcept {
        return file_.read(at, out);
    }
    [[nodiscard]] std::uint64_t data_end() const noexcept { return file_.data_end(); }
    /// Not by the ring: who waits for a write alone waits longer for one that another thread makes.
    [[nodiscard]] result<void> write(std::uint64_t at, std::span<const byte_view> pieces) noexcept {
        return file_.write(at, pieces);
    }
    [[nodiscard]] result<void> sync() noexcept { return file_.sync(); }
    [[nodiscard]] result<void> trim(std::uint64_t at) noexcept { return file_.trim(at); }
    [[nodiscard]] result<void> reserve(std::uint64_t size) noexcept { return file_.reserve(size); }
    void prewrite(std::uint64_t at, std::uint64_t size) noexcept { file_.prewrite(at, size); }
    [[nodiscard]] result<void> close() noexcept { return file_.close(); }

    /// As for a `posix_file`, by one request. What the ring does not do as a whole is done by calls. Never allocates.
    [[nodiscard]] result<void> write_synced(std::uint64_t at, std::span<const byte_view> pieces,
                                            result<void>& synced) noexcept {
        std::array<::iovec, most_vectors> vectors; // filled as far as it is used
        std::size_t count = 0;
        std::uint64_t bytes = 0;
        for (const byte_view piece : pieces) {
            if (piece.empty())
                continue;
            if (count == most_vectors)
                return file_.write_synced(at, pieces, synced);
            vectors[count++] = {const_cast<std::byte*>(piece.data()), piece.size()}; // only read
            bytes += piece.size();
        }
        std::int32_t outcome = 0;
        if (count == 0 || bytes > most_bytes || at > posix_file::max_offset - bytes || !ring_ ||
            !ring_->write_synced(file_.descriptor(), std::span(vectors).first(count), at, outcome))
            return file_.write_synced(at, pieces, synced);
        // A short count may hide that the sync of what was written has failed: all of it is written and synced again.
        if (was_not_done(outcome) || (outcome >= 0 && static_cast<std::uint64_t>(outcome) != bytes))
            return file_.write_synced(at, pieces, synced);
        synced = success();
        return outcome >= 0 ? success() : posix_file::tell_error(system_code(-outcome), synced);
    }

private:
    static constexpr std::size_t most_vectors = 64;
    static constexpr std::uint64_t most_bytes = std::uint64_t{1} << 30; // the system writes less than 2 GiB at once

    // A file system may not know the flag.
    [[nodiscard]] static bool was_not_done(std::int32_t outcome) noexcept {
        return outcome == -ECANCELED || outcome == -EINTR || outcome == -EAGAIN || outcome == -EOPNOTSUPP;
    }

    posix_file file_;
    std::shared_ptr<uring_ring> ring_;
};

} // namespace tusk::inline v0
