#pragma once

#include <tusk/version.hpp>

#include <cassert>
#include <concepts>
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

namespace tusk::inline v0 {

template<class Signature>
class callable;

/// Anything that can be called with `Args` and gives an `R`, move-only things too. What takes up to 48 bytes and moves
/// without throwing is kept in place, else on the heap. An exception that leaves it ends the program. Not thread-safe.
template<class R, class... Args>
class callable<R(Args...)> {
public:
    /// Holds nothing: false, and must not be called.
    callable() = default;

    template<class F>
        requires(!std::same_as<std::remove_cvref_t<F>, callable> && std::is_invocable_r_v<R, std::decay_t<F>&, Args...>)
    callable(F&& f) noexcept { // NOLINT(google-explicit-constructor,bugprone-forwarding-reference-overload)
        using held = std::decay_t<F>;
        if constexpr (fits<held>)
            ::new (static_cast<void*>(room_)) held(std::forward<F>(f));
        else
            ::new (static_cast<void*>(room_)) held*(new held(std::forward<F>(f)));
        does_ = &actions_of<held>;
    }
    callable(callable&& from) noexcept : does_(std::exchange(from.does_, nullptr)) {
        if (does_ != nullptr)
            does_->move(from.room_, room_);
    }
    callable& operator=(callable&& from) noexcept {
        if (this != &from) {
            this->~callable();
            ::new (static_cast<void*>(this)) callable(std::move(from));
        }
        return *this;
    }
    ~callable() {
        if (does_ != nullptr)
            does_->destroy(room_);
    }

    [[nodiscard]] explicit operator bool() const noexcept { return does_ != nullptr; }

    R operator()(Args... args) noexcept {
        assert(does_ != nullptr);
        return does_->call(room_, std::forward<Args>(args)...);
    }

private:
    static constexpr std::size_t room = 48;

    struct actions {
        R (*call)(std::byte* at, Args&&... args);
        void (*move)(std::byte* from, std::byte* to) noexcept; ///< leaves nothing at `from` to destroy
        void (*destroy)(std::byte* at) noexcept;
    };

    template<class F>
    static constexpr bool fits =
        // NOLINTNEXTLINE(misc-redundant-expression): for some F, both sides are the same number
        sizeof(F) <= room && alignof(F) <= alignof(std::max_align_t) && std::is_nothrow_move_constructible_v<F>;

    template<class F>
    static F& get(std::byte* at) noexcept {
        if constexpr (fits<F>)
            return *std::launder(reinterpret_cast<F*>(at));
        else
            return **std::launder(reinterpret_cast<F**>(at));
    }

    template<class F>
    static R call(std::byte* at, Args&&... args) {
        return static_cast<R>(get<F>(at)(std::forward<Args>(args)...));
    }
    template<class F>
    static void move(std::byte* from, std::byte* to) noexcept {
        if constexpr (fits<F>) {
            ::new (static_cast<void*>(to)) F(std::move(get<F>(from)));
            get<F>(from).~F();
        } else {
            ::new (static_cast<void*>(to)) F*(&get<F>(from));
        }
    }
    template<class F>
    static void destroy(std::byte* at) noexcept {
        if constexpr (fits<F>)
            get<F>(at).~F();
        else
            delete &get<F>(at);
    }

    template<class F>
    static constexpr actions actions_of{&callable::call<F>, &callable::move<F>, &callable::destroy<F>};

    const actions* does_ = nullptr;
    alignas(std::max_align_t) std::byte room_[room];
};

} // namespace tusk::inline v0
