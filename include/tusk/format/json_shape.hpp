#pragma once

#include <tusk/core/frame.hpp>
#include <tusk/format/json_word.hpp>

#include <algorithm>
#include <array>

namespace tusk::inline v0 {

/// What bytes become as a JSON string: told piece by piece, without writing it.
class json_shape {
public:
    json_shape() = default;
    explicit json_shape(byte_view bytes) noexcept { add(bytes); }
    explicit json_shape(const pieces_view& pieces) noexcept {
        pieces.for_each([this](byte_view piece) { add(piece); });
    }

    /// The next bytes. Characters may lie across pieces.
    void add(byte_view bytes) noexcept {
        size_ += bytes.size();
        for (std::size_t at = 0; at < bytes.size() && valid_;) {
            if (more_ == 0 && bytes.size() - at >= 8) {
                const auto word = load_le<std::uint64_t>(&bytes[at]);
                if (json_word::plain(word)) {
                    at += 8 + json_word::plain_words(bytes.subspan(at + 8));
                    continue;
                }
                if (json_word::foreign(word) == 0) {
                    at += ascii_words(bytes.subspan(at));
                    continue;
                }
                const std::size_t before = at;
                for (const std::size_t stop = at + 5; at < stop;) {
                    const auto four = load_le<std::uint32_t>(&bytes[at]);
                    const std::size_t size = (four & 0x80) == 0 ? 1 : character(four);
                    if (size == 0)
                        break;
                    if (size == 1)
                        escape(static_cast<std::uint8_t>(four));
                    at += size;
                }
                if (at != before)
                    continue;
            }
            take(std::to_integer<std::uint8_t>(bytes[at++]));
        }
    }

    /// True if a string is how they are written: they are UTF-8, and it is at most twice as long as they are, as any
    /// text is that people read. Bytes that are UTF-8 by chance, such as zeros, may come to six times as many.
    [[nodiscard]] bool is_text() const noexcept { return valid_ && more_ == 0 && escapes_ <= size_; }
    /// Bytes of that string without its quotes.
    [[nodiscard]] std::uint64_t text_size() const noexcept { return size_ + escapes_; }
    /// True if it has nothing to escape: the string is the bytes.
    [[nodiscard]] bool is_plain() const noexcept { return escapes_ == 0; }
    /// True if it has escapes with hexadecimal digits, which can be written in two ways.
    [[nodiscard]] bool has_hexadecimal() const noexcept { return hexadecimal_; }

    /// How many bytes longer a byte is for being escaped.
    static constexpr std::array<std::uint8_t, 256> longer = [] {
        std::array<std::uint8_t, 256> out{};
        for (std::size_t i = 0; i < ' '; ++i)
            out[i] = 5;
        for (const char c : {'"', '\\', '\b', '\f', '\n', '\r', '\t'})
            out[static_cast<unsigned char>(c)] = 1;
        return out;
    }();

private:
    // Words of ASCII at the start of `bytes`: how many bytes they are, a few words at most. Where one has a quote the next
    // ones have some too, but not all of them: a branch for each would be guessed wrong again and again.
    std::size_t ascii_words(byte_view bytes) noexcept {
        constexpr std::size_t most = 16 * 8;
        const std::size_t end = std::min(bytes.size() / 8 * 8, most);
        std::size_t at = 0;
        for (; at < end; at += 8) {
            const auto word = load_le<std::uint64_t>(&bytes[at]);
            if (json_word::foreign(word) != 0)
                break;
            escape(word);
        }
        return at;
    }

    // Eight bytes of ASCII.
    void escape(std::uint64_t word) noexcept {
        escapes_ += json_word::count(json_word::quoted(word));
        for (std::uint64_t left = json_word::controls(word); left != 0; left &= left - 1)
            escape(static_cast<std::uint8_t>(word >> (8 * json_word::first(left))));
    }
    void escape(std::uint8_t byte) noexcept {
        escapes_ += longer[byte];
        hexadecimal_ = hexadecimal_ || longer[byte] == 5;
    }

    // The size of the character that these bytes begin with, if it has two or three.
    [[nodiscard]] static std::size_t character(std::uint32_t bytes) noexcept {
        if ((bytes & 0xC0E0) == 0x80C0 && (bytes & 0xFF) >= 0xC2)
            return 2;
        if ((bytes & 0xC0C0F0) != 0x8080E0)
            return 0;
        const std::uint32_t code = (bytes & 0xF) << 12 | (bytes >> 2 & 0xFC0) | (bytes >> 16 & 0x3F);
        return code < 0x800 || (code >= 0xD800 && code < 0xE000) ? 0 : 3;
    }

    void take(std::uint8_t byte) noexcept {
        if (more_ > 0) {
            valid_ = byte >= low_ && byte <= high_;
            --more_;
            low_ = 0x80;
            high_ = 0xBF;
        } else if (byte < 0x80) {
            escape(byte);
        } else {
            begin(byte);
        }
    }

    // The first byte of several: what may come next leaves out the overlong, the surrogates and what Unicode lacks.
    void begin(std::uint8_t byte) noexcept {
        valid_ = byte >= 0xC2 && byte <= 0xF4;
        more_ = byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
        low_ = byte == 0xE0 ? 0xA0 : byte == 0xF0 ? 0x90 : 0x80;
        high_ = byte == 0xED ? 0x9F : byte == 0xF4 ? 0x8F : 0xBF;
    }

    std::uint64_t size_ = 0;
    std::uint64_t escapes_ = 0; // bytes that they add
    bool valid_ = true;
    bool hexadecimal_ = false;
    std::uint8_t more_ = 0; // bytes of the character at hand that are still to come
    std::uint8_t low_ = 0x80;
    std::uint8_t high_ = 0xBF;
};

} // namespace tusk::inline v0
