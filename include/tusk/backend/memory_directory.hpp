#pragma once

#include <tusk/backend/system_code.hpp>
#include <tusk/core/bytes.hpp>
#include <tusk/core/result.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>

namespace tusk::inline v0 {

/// The contents of a file in memory. Blocks that nothing was written to take no room. Any number of threads may call.
class memory_contents {
public:
    explicit memory_contents(std::uint64_t size) noexcept : size_(size) {}
    /// What `other` holds at one moment.
    memory_contents(const memory_contents& other) noexcept {
        const std::shared_lock lock(other.mutex_);
        size_ = other.size_;
        for (const auto& [number, b] : other.blocks_)
            blocks_.emplace_hint(blocks_.end(), number, std::make_unique<block>(*b));
    }
    memory_contents& operator=(const memory_contents&) = delete;

    [[nodiscard]] std::uint64_t size() const noexcept {
        const std::shared_lock lock(mutex_);
        return size_;
    }

    /// Fills `out` as far as there are bytes, and gives how many.
    [[nodiscard]] std::size_t read(std::uint64_t at, byte_span out) const noexcept {
        const std::shared_lock lock(mutex_);
        if (at >= size_)
            return 0;
        out = out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), size_ - at)));
        for_each_part(at, out, [this](std::uint64_t number, std::size_t from, byte_span part) {
            if (const auto found = blocks_.find(number); found != blocks_.end())
                put(part, byte_view(*found->second).subspan(from, part.size()));
            else
                std::fill(part.begin(), part.end(), std::byte{0});
        });
        return out.size();
    }

    /// All of the pieces, or errc::no_space where no file could be as large.
    [[nodiscard]] result<void> write(std::uint64_t at, std::span<const byte_view> pieces) noexcept {
        const std::unique_lock lock(mutex_);
        for (const byte_view piece : pieces) {
            if (piece.empty())
                continue;
            if (at > max_size || piece.size() > max_size - at)
                return errc::no_space;
            for_each_part(at, piece, [this](std::uint64_t number, std::size_t from, byte_view part) {
                std::unique_ptr<block>& b = blocks_[number];
                if (!b)
                    b = std::make_unique<block>();
                put(byte_span(*b).subspan(from), part);
            });
            at += piece.size();
            size_ = std::max(size_, at);
        }
        return success();
    }

    void trim(std::uint64_t at) noexcept {
        const std::unique_lock lock(mutex_);
        size_ = at;
        blocks_.erase(blocks_.lower_bound((at + block_size - 1) / block_size), blocks_.end());
        if (const auto cut = blocks_.find(at / block_size);
            cut != blocks_.end()) // a file that grows again reads as zeros there
            std::fill(cut->second->begin() + static_cast<std::ptrdiff_t>(at % block_size), cut->second->end(),
                      std::byte{0});
    }

    /// As large as a file of the operating system may be.
    static constexpr std::uint64_t max_size = std::numeric_limits<std::int64_t>::max();

private:
    static constexpr std::size_t block_size = 64 * 1024;
    using block = std::array<std::byte, block_size>;

    template<class Bytes, class F>
    static void for_each_part(std::uint64_t at, Bytes bytes, F&& f) {
        while (!bytes.empty()) {
            const auto from = static_cast<std::size_t>(at % block_size);
            const std::size_t n = std::min(bytes.size(), block_size - from);
            f(at / block_size, from, bytes.first(n));
            bytes = bytes.subspan(n);
            at += n;
        }
    }

    mutable std::shared_mutex mutex_;
    std::uint64_t size_ = 0;
    std::map<std::uint64_t, std::unique_ptr<block>> blocks_;
};

/// A directory in memory: what any number of `memory_backend`s look at together.
struct memory_directory {
    struct entry {
        explicit entry(std::uint64_t size) noexcept : contents(size) {}
        explicit entry(const memory_contents& of) noexcept : contents(of) {}
        memory_contents contents;
        bool locked = false; ///< guarded by the directory's mutex
    };

    /// A directory of its own that holds the same files, unlocked: what a process that is killed now leaves behind. Each
    /// file is copied at one moment, one after the other.
    [[nodiscard]] std::shared_ptr<memory_directory> copy() const noexcept {
        auto twin = std::make_shared<memory_directory>();
        const std::scoped_lock lock(mutex);
        twin->made = made;
        for (const auto& [name, file] : entries)
            twin->entries.emplace_hint(twin->entries.end(), name, std::make_shared<entry>(file->contents));
        return twin;
    }

    mutable std::mutex mutex;
    bool made = false; ///< somebody has attached to it with `create`
    std::map<std::string, std::shared_ptr<entry>> entries;
};

} // namespace tusk::inline v0
