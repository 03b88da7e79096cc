#pragma once

#include <tusk/format/json_entry.hpp>

namespace tusk::inline v0 {

/// The numbers of control frames, and the one of a replace, as json_format writes them behind the header.
namespace json_numbers {

/// How a number of a frame is written.
enum class style : std::uint8_t {
    plain,    ///< as short as it is
    wide,     ///< to the right of a field, so that the frame is always equally long
    identity, ///< 16 hexadecimal digits: as a number, most readers would round it
    checksum, ///< 8 hexadecimal digits, more if need be, to the right of a field
};

struct named {
    std::string_view name;
    style how = style::plain;
};

inline constexpr std::array<named, header_fields> header_names{{
    {R"(,"log":)", style::identity},
    {R"(,"segment":)", style::wide},
    {R"(,"base":)", style::wide},
    {R"(,"next_index":)", style::wide},
    {R"(,"last_term":)", style::wide},
    {R"(,"previous":)", style::wide},
    {R"(,"previous_end":)", style::wide},
    {R"(,"previous_crc":)", style::checksum},
    {R"(,"flags":)", style::wide},
}};
inline constexpr std::array<named, 1> keep_names{{{json_layout::keep_name}}};
inline constexpr std::array<named, 2> reset_names{{{R"(,"next_index":)"}, {R"(,"last_term":)"}}};
inline constexpr std::array<named, 1> lost_names{{{R"(,"lost":)"}}};
inline constexpr std::string_view list_begin = R"(,"numbers":[)";

/// The names of the numbers that frames of the type have. An index frame has a list instead; batches and pads have none.
[[nodiscard]] constexpr std::span<const named> names_of(frame_type type) noexcept {
    switch (type) {
    case frame_type::header: return header_names;
    case frame_type::reset: return reset_names;
    case frame_type::lost: return lost_names;
    default: assert(type == frame_type::cut || type == frame_type::replace); return keep_names;
    }
}

inline constexpr std::size_t identity_digits = 16;
inline constexpr std::size_t checksum_width = identity_digits + 2;

[[nodiscard]] inline std::size_t size(const frame_view& frame) noexcept {
    std::size_t sum = 0;
    if (frame.type == frame_type::index) {
        for (const std::uint64_t number : frame.numbers)
            sum += json_number::size(number) + 1;
        return list_begin.size() + std::max(sum, std::size_t{1}) - 1 + 1;
    }
    const std::span<const named> names = names_of(frame.type);
    assert(frame.numbers.size() >= names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
        sum += names[i].name.size();
        switch (names[i].how) {
        case style::plain: sum += json_number::size(frame.numbers[i]); break;
        case style::wide: sum += json_number::max_digits; break;
        case style::identity:
        case style::checksum: sum += checksum_width; break;
        }
    }
    return sum;
}

[[nodiscard]] inline std::size_t checksum_digits_of(std::uint64_t value) noexcept {
    std::size_t digits = json_number::checksum_digits;
    while (digits < identity_digits && value >> (4 * digits) != 0)
        ++digits;
    return digits;
}

/// Writes size(frame) bytes.
inline char* put(const frame_view& frame, char* to) noexcept {
    const auto put_text = [&](std::string_view text) {
        std::memcpy(to, text.data(), text.size());
        to += text.size();
    };
    if (frame.type == frame_type::index) {
        put_text(list_begin);
        for (const std::uint64_t number : frame.numbers) {
            to = json_number::put(to, number);
            *to++ = ',';
        }
        to -= frame.numbers.empty() ? 0 : 1;
        *to++ = ']';
        return to;
    }
    const std::span<const named> names = names_of(frame.type);
    for (std::size_t i = 0; i < names.size(); ++i) {
        const std::uint64_t value = frame.numbers[i];
        put_text(names[i].name);
        if (names[i].how == style::plain) {
            to = json_number::put(to, value);
        } else if (names[i].how == style::wide) {
            json_number::put_right(to, json_number::max_digits, value);
            to += json_number::max_digits;
        } else {
            const std::size_t digits = names[i].how == style::identity ? identity_digits : checksum_digits_of(value);
            std::memset(to, ' ', checksum_width);
            to += checksum_width;
            to[-1] = '"';
            json_number::put_hex(to - 1 - digits, digits, value);
            *(to - 2 - digits) = '"';
        }
    }
    return to;
}

[[nodiscard]] inline bool get_named(json_text_reader& in, const named& what, std::uint64_t& value) noexcept {
    if (what.how == style::plain)
        return in.get(what.name, value);
    if (!in.skip(what.name))
        return false;
    if (what.how == style::wide)
        return json_number::get_right(in.take(json_number::max_digits), value);
    const std::string_view field = in.take(checksum_width);
    const std::size_t quote = std::min(field.find('"'), field.size());
    if (field.size() != checksum_width || field.find_first_not_of(' ') != quote || field.back() != '"' ||
        quote + 1 >= field.size() || !json_number::get_hex(field.substr(quote + 1, field.size() - quote - 2), value))
        return false;
    const std::size_t digits = field.size() - quote - 2;
    return digits == (what.how == style::identity ? identity_digits : checksum_digits_of(value));
}

/// Reads what put() wrote: how many numbers there are, and as many of them in `out` as it has room for. False if it is
/// anything else.
[[nodiscard]] inline bool get(json_text_reader& in, frame_type type, std::span<std::uint64_t> out,
                              std::size_t& count) noexcept {
    std::uint64_t value = 0;
    count = 0;
    const auto add = [&] {
        if (count < out.size())
            out[count] = value;
        ++count;
    };
    if (type == frame_type::index) {
        if (!in.skip(list_begin))
            return false;
        if (in.skip("]"))
            return true;
        do {
            if (!in.get({}, value))
                return false;
            add();
        } while (in.skip(","));
        return in.skip("]");
    }
    for (const named& what : names_of(type)) {
        if (!get_named(in, what, value))
            return false;
        add();
    }
    return true;
}

} // namespace json_numbers

} // namespace tusk::inline v0
