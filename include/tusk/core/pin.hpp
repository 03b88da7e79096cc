#pragma once

#include <tusk/core/bytes.hpp>

#include <atomic>
#include <cstdint>
#include <utility>

namespace tusk::inline v0 {

/// What a pin can keep alive: bytes in a buffer, a part of a mapping, or anything else that holds one of these. Starts
/// with one reference, which belongs to who made it. `release` is called when the last one is gone, on whatever thread
/// that happens.
struct pinnable {
    std::atomic<std::uint32_t> references{1};
    void (*release)(pinnable&) noexcept = nullptr;
};

/// Keeps bytes where they are for as long as it or a copy of it lives. Copying it copies no bytes and never allocates.
/// One pin is for one thread; its copies may be used and destroyed by any others.
class pin {
public:
    /// Keeps nothing.
    pin() = default;
    /// Takes over a reference that the caller has.
    explicit pin(pinnable& kept) noexcept : kept_(&kept) {}
    pin(const pin& other) noexcept : kept_(other.kept_) {
        if (kept_ != nullptr)
            kept_->references.fetch_add(1, std::memory_order_relaxed);
    }
    pin(pin&& from) noexcept : kept_(std::exchange(from.kept_, nullptr)) {}
    pin& operator=(pin other) noexcept {
        std::swap(kept_, other.kept_);
        return *this;
    }
    ~pin() {
        if (kept_ != nullptr && kept_->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
            kept_->release(*kept_);
    }

    [[nodiscard]] explicit operator bool() const noexcept { return kept_ != nullptr; }
    /// True if no other pin keeps the same bytes: then nobody else reads them, or will.
    [[nodiscard]] bool unique() const noexcept {
        return kept_ != nullptr && kept_->references.load(std::memory_order_acquire) == 1;
    }

private:
    pinnable* kept_ = nullptr;
};

/// Bytes, and what keeps them where they are.
struct pinned_bytes {
    byte_view bytes;
    pin kept;
};

} // namespace tusk::inline v0
