#pragma once

#include <tusk/format/json_layout.hpp>
#include <tusk/format/json_time.hpp>

namespace tusk::inline v0 {

/// Reads a text that has only one way to be written, by comparing and not by parsing: what is not as expected is refused
/// at its first byte.
class json_text_reader {
public:
    json_text_reader(byte_view in, std::size_t at) noexcept : in_(to_text(in)), at_(at) { assert(at <= in.size()); }

    [[nodiscard]] std::size_t at() const noexcept { return at_; }

    /// True if this comes next; then it is behind.
    [[nodiscard]] bool skip(std::string_view text) noexcept {
        const bool there = in_.substr(at_).starts_with(text);
        at_ += there ? text.size() : 0;
        return there;
    }
    /// The name and the number behind it.
    [[nodiscard]] bool get(std::string_view name, std::uint64_t& value) noexcept {
        if (!skip(name))
            return false;
        const std::size_t digits = json_number::get(in_.substr(at_), value);
        at_ += digits;
        return digits > 0;
    }
    /// The next so many bytes, or fewer if there are not so many.
    [[nodiscard]] std::string_view take(std::size_t size) noexcept {
        const std::string_view text = in_.substr(at_, size);
        at_ += text.size();
        return text;
    }

private:
    std::string_view in_;
    std::size_t at_;
};

/// What json_format says of an entry in a frame's directory, beside its record:
/// {"term":3,"time":"2023-11-14T22:13:20.000000000Z","size":5,"bytes":16,"crc":"cd4ff465"}
struct json_entry {
    term_t term = 0;
    timestamp_t time = 0;
    std::uint64_t kind = 0;      ///< not said if 0
    std::uint64_t codec = 0;     ///< likewise
    std::uint64_t raw_size = 0;  ///< said if there is a codec
    std::uint64_t key_size = 0;  ///< not said if 0
    std::uint64_t data_size = 0; ///< of the data as it is stored
    std::uint64_t bytes = 0;     ///< of the record
    std::uint32_t checksum = 0;  ///< of the record

    json_entry() = default;
    json_entry(const stored_record& record, std::uint64_t record_size) noexcept
        : term(record.term),
          time(record.time),
          kind(static_cast<std::uint64_t>(record.kind)),
          codec(record.codec),
          raw_size(record.raw_size),
          key_size(record.key.size()),
          data_size(record.data.size()),
          bytes(record_size) {
        assert(key_size <= json_layout::max_bytes && data_size <= json_layout::max_bytes);
    }

    [[nodiscard]] std::size_t size() const noexcept {
        using json_number::size;
        return min_size - 4 + size(term) + (kind != 0 ? kind_name.size() + size(kind) : 0) +
               (codec != 0 ? codec_name.size() + size(codec) + raw_size_name.size() + size(raw_size) : 0) +
               (key_size != 0 ? key_size_name.size() + size(key_size) : 0) + size(data_size) + size(bytes);
    }

    /// Writes size() bytes.
    char* put(char* to) const noexcept {
        to = put(to, term_name, term);
        to = json_time::put(put(to, time_name), time);
        to = put(to, "\"");
        if (kind != 0)
            to = put(to, kind_name, kind);
        if (codec != 0)
            to = put(put(to, codec_name, codec), raw_size_name, raw_size);
        if (key_size != 0)
            to = put(to, key_size_name, key_size);
        to = put(put(to, size_name, data_size), bytes_name, bytes);
        to = json_number::put_hex(put(to, checksum_name), json_number::checksum_digits, checksum);
        return put(to, entry_end);
    }

    /// Fills in the checksum of an entry that was put to `entry` and has `size` bytes.
    static void put_checksum(char* entry, std::size_t size, std::uint32_t checksum) noexcept {
        constexpr std::size_t digits = json_number::checksum_digits;
        json_number::put_hex(entry + size - entry_end.size() - digits, digits, checksum);
    }

    /// Reads what put() wrote. False if it is anything else.
    [[nodiscard]] bool get(json_text_reader& in) noexcept {
        if (!in.get(term_name, term) || !in.skip(time_name) || !json_time::get(in.take(json_time::size), time) ||
            !in.skip("\""))
            return false;
        return may_get(in, kind_name, kind, 255) && may_get(in, codec_name, codec, 255) &&
               (codec == 0 || (in.get(raw_size_name, raw_size) && raw_size <= UINT32_MAX)) &&
               may_get(in, key_size_name, key_size, json_layout::max_bytes) && in.get(size_name, data_size) &&
               data_size <= json_layout::max_bytes && in.get(bytes_name, bytes) && in.skip(checksum_name) &&
               json_number::get_checksum(in.take(json_number::checksum_digits), checksum) && in.skip(entry_end);
    }

private:
    static constexpr std::string_view term_name = R"({"term":)";
    static constexpr std::string_view time_name = R"(,"time":")";
    static constexpr std::string_view kind_name = R"(,"kind":)";
    static constexpr std::string_view codec_name = R"(,"codec":)";
    static constexpr std::string_view raw_size_name = R"(,"raw_size":)";
    static constexpr std::string_view key_size_name = R"(,"key_size":)";
    static constexpr std::string_view size_name = R"(,"size":)";
    static constexpr std::string_view bytes_name = R"(,"bytes":)";
    static constexpr std::string_view checksum_name = R"(,"crc":")";
    static constexpr std::string_view entry_end = R"("})";

    static char* put(char* to, std::string_view text) noexcept {
        std::memcpy(to, text.data(), text.size());
        return to + text.size();
    }
    static char* put(char* to, std::string_view name, std::uint64_t value) noexcept {
        return json_number::put(put(to, name), value);
    }
    // What is not said is 0, so that 0 is never said.
    [[nodiscard]] static bool may_get(json_text_reader& in, std::string_view name, std::uint64_t& value,
                                      std::uint64_t most) noexcept {
        const std::size_t before = in.at();
        value = 0;
        return in.get(name, value) ? value != 0 && value <= most : in.at() == before;
    }

public:
    /// One with a digit for each number, and the least that there can be.
    static constexpr std::size_t min_size = term_name.size() + 1 + time_name.size() + json_time::size + 1 +
                                            size_name.size() + 1 + bytes_name.size() + 2 + checksum_name.size() +
                                            json_number::checksum_digits + entry_end.size();
};

} // namespace tusk::inline v0
