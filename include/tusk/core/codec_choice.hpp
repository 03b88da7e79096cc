#pragma once

#include <tusk/core/registry.hpp>

#include <concepts>

namespace tusk::inline v0 {

/// How the data of a record is to be compressed: true is the first codec of the log's Compression, false stores it as it
/// is, an id names the codec. Without any of them it is what holds otherwise, and in the end the first codec. Numbers
/// that are neither bool nor an id do not compile.
class codec_choice {
public:
    codec_choice() = default;
    template<std::same_as<bool> Bool>
    constexpr codec_choice(Bool yes) noexcept : what_(yes ? first : as_is) {} // NOLINT(google-explicit-constructor)
    template<std::same_as<std::uint8_t> Id>
    constexpr codec_choice(Id id) noexcept : what_(id) {} // NOLINT(google-explicit-constructor)

    /// This choice if there is one, else the other.
    [[nodiscard]] constexpr codec_choice or_else(codec_choice other) const noexcept {
        return what_ == unsaid ? other : *this;
    }
    /// The id of the codec, for a log whose first one is `first_codec`.
    [[nodiscard]] constexpr std::uint8_t id(std::uint8_t first_codec) const noexcept {
        return what_ == unsaid || what_ == first ? first_codec : static_cast<std::uint8_t>(what_);
    }

    friend constexpr bool operator==(const codec_choice&, const codec_choice&) = default;

private:
    static constexpr std::int16_t unsaid = -2;
    static constexpr std::int16_t first = -1;
    static constexpr std::int16_t as_is = codec::none;

    std::int16_t what_ = unsaid;
};

} // namespace tusk::inline v0
