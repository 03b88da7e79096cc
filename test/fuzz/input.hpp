#pragma once

#include <tusk/core/bytes.hpp>

#include <algorithm>
#include <cstdint>

namespace fuzz {

/// Reads a fuzzer's input from its beginning; behind the end everything is 0.
class input {
public:
    explicit input(tusk::byte_view bytes) noexcept : rest_(bytes) {}

    [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }
    [[nodiscard]] std::uint8_t byte() noexcept { return static_cast<std::uint8_t>(number(1)); }
    /// Of so many bytes, the lowest first.
    [[nodiscard]] std::uint64_t number(std::size_t size) noexcept {
        std::uint64_t value = 0;
        const tusk::byte_view from = bytes(size);
        for (std::size_t i = from.size(); i-- > 0;)
            value = value << 8 | std::to_integer<std::uint64_t>(from[i]);
        return value;
    }
    /// Below `limit`, which is at most 256; mostly what the byte says.
    [[nodiscard]] unsigned below(unsigned limit) noexcept { return byte() % limit; }
    /// So many bytes, or as many as there are.
    [[nodiscard]] tusk::byte_view bytes(std::size_t size) noexcept {
        const tusk::byte_view taken = rest_.first(std::min(size, rest_.size()));
        rest_ = rest_.subspan(taken.size());
        return taken;
    }
    /// What is left.
    [[nodiscard]] tusk::byte_view rest() noexcept { return bytes(rest_.size()); }

private:
    tusk::byte_view rest_;
};

} // namespace fuzz

/// Defined by each target. 0; a finding ends the program.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
