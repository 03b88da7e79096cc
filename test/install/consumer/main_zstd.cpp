#include <tusk/compression/zstd.hpp>

#include <array>
#include <string>

int main() {
    const std::string text(1000, 'a');
    std::array<std::byte, 500> small{};
    const std::size_t size = tusk::zstd_compression{}.compress(tusk::to_bytes(text), small);
    std::string back(text.size(), ' ');
    const auto done = tusk::zstd_compression{}.decompress(
        tusk::zstd_compression::id, tusk::byte_view(small).first(size), std::as_writable_bytes(std::span(back)));
    return done && back == text ? 0 : 1;
}
