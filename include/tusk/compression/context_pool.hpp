#pragma once

#include <tusk/version.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>

namespace tusk::inline v0 {

/// What a codec works with, kept for the next call: as many contexts as were ever in use at the same time, at most 64.
/// Any number of threads may take from it at once; none waits. It never frees what it keeps, so it may be used until the
/// process ends, by destructors of statics too: for static storage alone.
template<class Context, Context* (*Make)(), class Free>
class context_pool {
public:
    /// A context in use; goes back by itself.
    struct giving_back {
        context_pool* home;
        void operator()(Context* context) const noexcept { home->put_back(context); }
    };
    using taken = std::unique_ptr<Context, giving_back>;

    /// One for the caller alone: empty if there is none, and none could be made.
    [[nodiscard]] taken take() noexcept {
        const std::size_t start = own_slot();
        for (std::size_t i = 0; i < slots_.size(); ++i) {
            auto& slot = slots_[(start + i) % slots_.size()];
            if (slot.load(std::memory_order_relaxed) == nullptr) // most are: a look costs less than an exchange
                continue;
            if (Context* const kept = slot.exchange(nullptr, std::memory_order_acquire))
                return taken(kept, giving_back{this});
        }
        return taken(Make(), giving_back{this});
    }

private:
    static constexpr std::size_t most_kept = 64;

    // Where a thread begins to look. Threads that begin at different places seldom meet.
    [[nodiscard]] static std::size_t own_slot() noexcept {
        return std::hash<std::thread::id>{}(std::this_thread::get_id()) % most_kept;
    }

    void put_back(Context* context) noexcept {
        const std::size_t start = own_slot();
        for (std::size_t i = 0; i < slots_.size(); ++i) {
            Context* nothing = nullptr;
            auto& slot = slots_[(start + i) % slots_.size()];
            if (slot.load(std::memory_order_relaxed) == nullptr &&
                slot.compare_exchange_strong(nothing, context, std::memory_order_release, std::memory_order_relaxed))
                return;
        }
        Free{}(context);
    }

    std::array<std::atomic<Context*>, most_kept> slots_{};
};

} // namespace tusk::inline v0
