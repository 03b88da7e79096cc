#pragma once

#include <tusk/format/json_shape.hpp>

#include <rapidjson/reader.h>
#include <rapidjson/writer.h>

#include <cassert>

namespace tusk::inline v0 {

/// Strings with escapes in them. RapidJSON reads them, in memory that is given, with nothing allocated, and its writer is
/// asked where there are two ways to write one.
namespace json_string {

// RapidJSON asks for these names. NOLINTBEGIN(readability-identifier-naming)

/// What RapidJSON's reader and writer may take from the heap: nothing. A string that is read in place needs none of it.
struct no_memory {
    static constexpr bool kNeedFree = false;
    void* Malloc(std::size_t) { return nullptr; }
    void* Realloc(void*, std::size_t, std::size_t) { return nullptr; }
    static void Free(void*) {}
};

/// In place of where the writer writes: compares with what is there, which is as long as what will be written.
class comparison {
public:
    using Ch = char;

    explicit comparison(std::string_view with) noexcept : with_(with) {}
    void Put(char c) noexcept {
        assert(at_ < with_.size());
        same_ = same_ && with_[at_] == c;
        ++at_;
    }
    void Flush() noexcept {}
    [[nodiscard]] bool same() const noexcept { return same_; }

private:
    std::string_view with_;
    std::size_t at_ = 0;
    bool same_ = true;
};

/// What the reader reads, and next to it the room that it writes to. Goes beyond neither: behind the end, and when there
/// is no more room, it reads zeros, with which no string goes on.
class input {
public:
    using Ch = char;

    input(std::string_view from, byte_span room) noexcept
        : from_(from), to_(reinterpret_cast<char*>(room.data())), room_(room.size()) {}

    [[nodiscard]] char Peek() const noexcept { return at_ < from_.size() && put_ <= room_ ? from_[at_] : '\0'; }
    char Take() noexcept { return at_ < from_.size() ? from_[at_++] : '\0'; }
    [[nodiscard]] std::size_t Tell() const noexcept { return at_; }
    char* PutBegin() noexcept { return to_; }
    void Put(char c) noexcept {
        if (put_ < room_)
            to_[put_] = c;
        ++put_;
    }
    void Flush() noexcept {}
    std::size_t PutEnd(char*) noexcept { return put_; }

private:
    std::string_view from_;
    std::size_t at_ = 0;
    char* to_;
    std::size_t room_;
    std::size_t put_ = 0;
};

} // namespace json_string

} // namespace tusk::inline v0

// Lets the reader keep what it reads from in registers.
template<>
struct rapidjson::StreamTraits<tusk::json_string::input> {
    enum { copyOptimization = 1 };
};
// NOLINTEND(readability-identifier-naming)

namespace tusk::inline v0 {

namespace json_string {

/// Takes a string and refuses all else, arrays and objects before anything in them is looked at.
struct string_only : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, string_only> {
    std::size_t size = 0;

    bool Default() { return false; }
    bool String(const char*, rapidjson::SizeType length, bool) {
        size = length;
        return true;
    }
};

/// As RapidJSON writes it, with its quotes.
template<class Output>
void write(Output& out, byte_view text) {
    static_assert(sizeof(rapidjson::SizeType) >= sizeof(std::uint32_t));
    no_memory none;
    rapidjson::Writer<Output, rapidjson::UTF8<>, rapidjson::UTF8<>, no_memory> writer(out, &none, 0);
    writer.String(reinterpret_cast<const char*>(text.data()), static_cast<rapidjson::SizeType>(text.size()));
}

/// What stands for a byte, alone or behind a backslash; 'u' with four digits behind it.
inline constexpr std::array<char, 256> letters = [] {
    std::array<char, 256> out{};
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = i < ' ' ? 'u' : static_cast<char>(i);
    for (const auto& [byte, letter] : {std::pair{'\b', 'b'}, {'\f', 'f'}, {'\n', 'n'}, {'\r', 'r'}, {'\t', 't'}})
        out[static_cast<unsigned char>(byte)] = letter;
    return out;
}();

/// Writes text in which there is much to escape, as RapidJSON's writer does, but without a branch for each quote: nobody
/// can guess where the next one is.
inline char* put_escaped(char* to, byte_view text) noexcept {
    for (const std::byte b : text) {
        const auto byte = std::to_integer<std::uint8_t>(b);
        const std::uint8_t more = json_shape::longer[byte];
        *to = '\\'; // over which the letter goes if there is nothing to escape
        to += more == 0 ? 0 : 1;
        *to++ = letters[byte];
        if (more > 1) {
            *to++ = '0';
            *to++ = '0';
            *to++ = static_cast<char>('0' + (byte >> 4));
            *to++ = "0123456789ABCDEF"[byte & 15];
        }
    }
    return to;
}

/// Writes the text, whose shape is known, behind the quote that is there already.
inline char* put(char* to, const pieces_view& text, const json_shape& shape) noexcept {
    text.for_each([&](byte_view piece) {
        while (!piece.empty()) {
            const std::size_t plain = shape.is_plain() ? piece.size() : json_word::plain_words(piece);
            std::memcpy(to, piece.data(), plain);
            to += plain;
            piece = piece.subspan(plain);
            const byte_view escaped = piece.first(json_word::until_plain(piece));
            piece = piece.subspan(escaped.size());
            to = put_escaped(to, escaped);
        }
    });
    return to;
}

/// Reads a string, whose quote must be the first of `in`, into `room`, which has one byte more than it should
/// come to. Gives how many bytes of `in` it took, or 0 if it is not the one way to write a text of that size.
[[nodiscard]] inline std::size_t get(std::string_view in, byte_span room) noexcept {
    no_memory none;
    rapidjson::GenericReader<rapidjson::UTF8<>, rapidjson::UTF8<>, no_memory> reader(&none, 0);
    input from(in, room);
    string_only found;
    constexpr unsigned flags = rapidjson::kParseInsituFlag | rapidjson::kParseStopWhenDoneFlag;
    assert(in.starts_with('"'));
    if (!reader.Parse<flags>(from, found) || found.size + 1 != room.size())
        return 0;
    const byte_view text = room.first(found.size);
    const json_shape shape(text);
    // Each character has one shortest way to be written, but for the case of hexadecimal digits.
    if (!shape.is_text() || shape.text_size() + 2 != from.Tell())
        return 0;
    if (shape.has_hexadecimal()) {
        comparison again(in.substr(0, from.Tell()));
        write(again, text);
        if (!again.same())
            return 0;
    }
    return from.Tell();
}

} // namespace json_string

} // namespace tusk::inline v0
