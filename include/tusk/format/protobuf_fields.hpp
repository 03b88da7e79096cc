#pragma once

#include <tusk/core/varint.hpp>
#include <tusk/format/protobuf_layout.hpp>

#include <protozero/varint.hpp>

#include <cassert>

namespace tusk::inline v0 {

/// Writes fields one behind the other. There must be room.
class protobuf_writer {
public:
    explicit protobuf_writer(std::byte* to) noexcept : at_(to) {}

    [[nodiscard]] std::byte* at() const noexcept { return at_; }

    void byte(std::size_t value) noexcept { *at_++ = static_cast<std::byte>(value); }
    void varint(std::uint64_t value) noexcept {
        at_ += protozero::add_varint_to_buffer(reinterpret_cast<char*>(at_), value);
    }
    void varint(std::uint8_t tag, std::uint64_t value) noexcept {
        byte(tag);
        varint(value);
    }
    void fixed32(std::uint8_t tag, std::uint32_t value) noexcept {
        byte(tag);
        store_le(at_, value);
        at_ += sizeof value;
    }
    void fixed64(std::uint8_t tag, std::uint64_t value) noexcept {
        byte(tag);
        store_le(at_, value);
        at_ += sizeof value;
    }

private:
    std::byte* at_;
};

/// Reads what protobuf_writer wrote. What it does not find it leaves where it is; never leads beyond its bytes. A varint
/// that is longer than need be is none, other than in protozero's own functions, which also throw.
class protobuf_scanner {
public:
    protobuf_scanner(byte_view in, std::size_t at) noexcept : in_(in), at_(at) { assert(at <= in.size()); }

    [[nodiscard]] std::size_t at() const noexcept { return at_; }
    [[nodiscard]] bool at_end() const noexcept { return at_ == in_.size(); }

    /// Steps over this very byte.
    [[nodiscard]] bool byte(std::size_t expected) noexcept {
        if (at_ >= in_.size() || in_[at_] != static_cast<std::byte>(expected))
            return false;
        ++at_;
        return true;
    }
    [[nodiscard]] bool varint(std::uint64_t& value) noexcept {
        if (at_ >= in_.size() || in_[at_] >= std::byte{0x80})
            return get_varint(in_, at_, value);
        value = std::to_integer<std::uint64_t>(in_[at_++]);
        return true;
    }
    [[nodiscard]] bool fixed32(std::uint32_t& value) noexcept { return fixed(value); }
    [[nodiscard]] bool fixed64(std::uint64_t& value) noexcept { return fixed(value); }

    /// A field that is left out where it is 0: true if it is not there, or is there with another value up to `most`.
    template<class T>
    [[nodiscard]] bool optional(std::uint8_t tag, T& value, std::uint64_t most) noexcept {
        std::uint64_t wide = 0;
        if (!byte(tag))
            return true;
        if (!varint(wide) || wide == 0 || wide > most)
            return false;
        value = static_cast<T>(wide);
        return true;
    }

private:
    template<class T>
    [[nodiscard]] bool fixed(T& value) noexcept {
        if (in_.size() - at_ < sizeof value)
            return false;
        value = load_le<T>(in_.data() + at_);
        at_ += sizeof value;
        return true;
    }

    byte_view in_;
    std::size_t at_;
};

} // namespace tusk::inline v0
