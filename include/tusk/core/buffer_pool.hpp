#pragma once

#include <tusk/core/bytes.hpp>
#include <tusk/core/pin.hpp>

#include <array>
#include <bit>
#include <memory>
#include <mutex>
#include <new>

namespace tusk::inline v0 {

/// Bytes to read into, aligned to 64, uninitialised. Move-only; the bytes live as long as it or a pin of it does, even
/// if the pool that it came from is gone.
class buffer {
public:
    /// Holds nothing.
    buffer() = default;

    [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(pin_); }
    [[nodiscard]] std::byte* data() const noexcept { return data_; }
    /// Bytes that may be used: at least as many as were asked for.
    [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
    /// True if nobody else has a pin of it: only then may it be written again.
    [[nodiscard]] bool unique() const noexcept { return pin_.unique(); }
    /// Keeps the bytes alive without the buffer.
    [[nodiscard]] pin hold() const noexcept { return pin_; }

    buffer(const buffer&) = delete;
    buffer& operator=(const buffer&) = delete;
    buffer(buffer&& from) noexcept
        : pin_(std::move(from.pin_)),
          data_(std::exchange(from.data_, nullptr)),
          capacity_(std::exchange(from.capacity_, 0)) {}
    buffer& operator=(buffer&& from) noexcept {
        pin_ = std::move(from.pin_);
        data_ = std::exchange(from.data_, nullptr);
        capacity_ = std::exchange(from.capacity_, 0);
        return *this;
    }
    ~buffer() = default;

private:
    friend class buffer_pool;

    buffer(pin bytes, std::byte* data, std::size_t capacity) noexcept
        : pin_(std::move(bytes)), data_(data), capacity_(capacity) {}

    pin pin_;
    std::byte* data_ = nullptr;
    std::size_t capacity_ = 0;
};

/// Gives buffers, and keeps those that come back to give them again: in the long run, acquiring allocates nothing.
/// All functions may be called by any number of threads at once, and block for no longer than it takes to unlink a block.
class buffer_pool {
public:
    /// The smallest buffer, and the largest that is kept. Between them, capacities are powers of two.
    static constexpr std::size_t least_capacity = std::size_t{4} << 10;
    static constexpr std::size_t most_capacity = std::size_t{4} << 20;

    /// Keeps up to `most_kept` bytes that nobody uses.
    explicit buffer_pool(std::size_t most_kept = std::size_t{8} << 20)
        : shelves_(std::make_shared<shelves>(most_kept)) {}

    buffer_pool(const buffer_pool&) = delete;
    buffer_pool& operator=(const buffer_pool&) = delete;
    ~buffer_pool() = default;

    /// At least `size` bytes. If there is no memory, the program ends.
    [[nodiscard]] buffer acquire(std::size_t size) noexcept {
        if (size > most_capacity)
            return wrap(make(size));
        block* found = shelves_->take(shelf_for(size));
        if (found == nullptr)
            found = make(least_capacity << shelf_for(size));
        found->home = shelves_;
        return wrap(found);
    }

    /// Bytes that are kept and not in use.
    [[nodiscard]] std::size_t kept() const noexcept { return shelves_->kept(); }
    /// Frees what is kept.
    void trim() noexcept { shelves_->clear(); }

private:
    static constexpr std::size_t alignment = 64;
    static constexpr std::size_t shelf_count = std::bit_width(most_capacity / least_capacity);

    class shelves;

    // The bytes follow.
    struct alignas(alignment) block : pinnable {
        std::size_t capacity = 0;
        std::shared_ptr<shelves> home{}; // of a block in use: where it goes when it is no longer
        block* next = nullptr;           // of a block on a shelf

        [[nodiscard]] std::byte* bytes() noexcept { return reinterpret_cast<std::byte*>(this + 1); }
    };

    /// Blocks that nobody uses, by capacity. Lives until the pool and all of its blocks are gone.
    class shelves {
    public:
        explicit shelves(std::size_t most_kept) noexcept : most_kept_(most_kept) {}
        shelves(const shelves&) = delete;
        shelves& operator=(const shelves&) = delete;
        ~shelves() { clear(); }

        [[nodiscard]] block* take(std::size_t shelf) noexcept {
            const std::scoped_lock lock(mutex_);
            block* const first = first_[shelf];
            if (first != nullptr) {
                first_[shelf] = std::exchange(first->next, nullptr);
                kept_ -= first->capacity;
            }
            return first;
        }
        /// False if there is no room for it.
        [[nodiscard]] bool put(block& b) noexcept {
            const std::scoped_lock lock(mutex_);
            if (b.capacity > most_kept_ - kept_)
                return false;
            kept_ += b.capacity;
            b.next = std::exchange(first_[shelf_for(b.capacity)], &b);
            return true;
        }
        void clear() noexcept {
            for (std::size_t shelf = 0; shelf < shelf_count; ++shelf)
                while (block* const b = take(shelf))
                    free(b);
        }
        [[nodiscard]] std::size_t kept() const noexcept {
            const std::scoped_lock lock(mutex_);
            return kept_;
        }

    private:
        const std::size_t most_kept_;
        mutable std::mutex mutex_;
        std::size_t kept_ = 0;
        std::array<block*, shelf_count> first_{};
    };

    [[nodiscard]] static constexpr std::size_t shelf_for(std::size_t size) noexcept {
        return size <= least_capacity ? 0 : static_cast<std::size_t>(std::bit_width((size - 1) / least_capacity));
    }

    [[nodiscard]] static block* make(std::size_t capacity) noexcept {
        void* const memory = ::operator new(sizeof(block) + capacity, std::align_val_t{alignment});
        auto* const b = ::new (memory) block;
        b->release = &put_back;
        b->capacity = capacity;
        return b;
    }
    static void free(block* b) noexcept {
        b->~block();
        ::operator delete(static_cast<void*>(b), std::align_val_t{alignment});
    }
    [[nodiscard]] static buffer wrap(block* b) noexcept { return {pin(*b), b->bytes(), b->capacity}; }

    static void put_back(pinnable& kept) noexcept {
        block& b = static_cast<block&>(kept);
        const std::shared_ptr<shelves> home = std::move(b.home);
        b.references.store(1, std::memory_order_relaxed);
        if (!home || !home->put(b))
            free(&b);
    }

    std::shared_ptr<shelves> shelves_;
};

} // namespace tusk::inline v0
