#pragma once

#include <tusk/format/json_number.hpp>

namespace tusk::inline v0 {

/// Times as json_format writes them, as RFC 3339 has it: 2023-11-14T22:13:20.000000000Z. All that a timestamp can hold
/// lies between 1970 and 2554, so they are all equally long and sort as texts.
namespace json_time {

inline constexpr std::string_view pattern = "0000-00-00T00:00:00.000000000Z";
inline constexpr std::size_t size = pattern.size();
inline constexpr std::uint64_t second = 1'000'000'000;
inline constexpr std::uint64_t day = 86'400;

/// A day of the calendar.
struct date {
    std::uint64_t year = 0;
    std::uint64_t month = 0;
    std::uint64_t day = 0;
};

// Years are taken to begin in March, so that the day that only some of them have is the last one. 719'468 days lie
// between the March of year 0 and 1970.
inline constexpr std::uint64_t days_before_1970 = 719'468;
inline constexpr std::uint64_t days_of_400_years = 146'097;

[[nodiscard]] constexpr date date_of(std::uint64_t days_since_1970) noexcept {
    const std::uint64_t days = days_since_1970 + days_before_1970;
    const std::uint64_t in_era = days % days_of_400_years;
    const std::uint64_t year = (in_era - in_era / 1460 + in_era / 36'524 - in_era / 146'096) / 365;
    const std::uint64_t in_year = in_era - (365 * year + year / 4 - year / 100);
    const std::uint64_t month = (5 * in_year + 2) / 153; // 0 is March
    return {days / days_of_400_years * 400 + year + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9,
            in_year - (153 * month + 2) / 5 + 1};
}

[[nodiscard]] constexpr std::uint64_t days_since_1970(const date& d) noexcept {
    const std::uint64_t year = d.month > 2 ? d.year : d.year - 1;
    const std::uint64_t month = d.month > 2 ? d.month - 3 : d.month + 9;
    return year / 400 * days_of_400_years + year % 400 * 365 + year % 400 / 4 - year % 400 / 100 +
           (153 * month + 2) / 5 + d.day - 1 - days_before_1970;
}

static_assert(date_of(0).year == 1970 && date_of(0).month == 1 && date_of(0).day == 1);
static_assert(days_since_1970({2000, 3, 1}) == 11'017 && date_of(11'016).day == 29);

// The fields of the pattern: where each begins and how many digits it has.
struct field {
    std::size_t at;
    std::size_t digits;
};
inline constexpr std::array<field, 7> fields{{{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}, {20, 9}}};

/// Writes `size` characters.
inline char* put(char* to, timestamp_t time) noexcept {
    const std::uint64_t seconds = time / second;
    const date d = date_of(seconds / day);
    const std::array<std::uint64_t, fields.size()> values{
        d.year, d.month, d.day, seconds % day / 3600, seconds / 60 % 60, seconds % 60, time % second};
    std::memcpy(to, pattern.data(), size);
    for (std::size_t i = 0; i < fields.size(); ++i) {
        std::uint64_t rest = values[i];
        std::size_t digit = fields[i].digits;
        for (; digit > 1; digit -= 2, rest /= 100)
            std::memcpy(to + fields[i].at + digit - 2, json_number::pairs[rest % 100].data(), 2);
        if (digit == 1)
            to[fields[i].at] = static_cast<char>('0' + rest);
    }
    return to + size;
}

/// Reads what put() wrote, and nothing else: no time that does not exist, no other way to write it.
[[nodiscard]] inline bool get(std::string_view text, timestamp_t& time) noexcept {
    if (text.size() != size)
        return false;
    std::array<std::uint64_t, fields.size()> values{};
    for (std::size_t i = 0; i < fields.size(); ++i)
        for (const char c : text.substr(fields[i].at, fields[i].digits))
            values[i] = values[i] * 10 + static_cast<unsigned char>(c) % 16;
    const std::uint64_t days = days_since_1970({values[0], values[1], values[2]});
    time = (((days * 24 + values[3]) * 60 + values[4]) * 60 + values[5]) * second + values[6];
    std::array<char, size> again;
    put(again.data(), time);
    return text == std::string_view(again.data(), size);
}

} // namespace json_time

} // namespace tusk::inline v0
