#pragma once

#include <tusk/format/json_base64.hpp>
#include <tusk/format/json_string.hpp>

namespace tusk::inline v0 {

/// A key and data as json_format writes them: {"key":"k","text":"hello"}. Each is text where it is one, else base64, and
/// its name says which.
class json_record {
public:
    explicit json_record(const stored_record& record) noexcept
        : record_(record),
          key_(record.key),
          data_(record.data),
          size_(2 + (record.key.empty() ? 0 : part_size(key_, record.key.size(), text_key, base64_key) + 1) +
                part_size(data_, record.data.size(), text_data, base64_data)) {}

    /// Bytes of the whole.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    /// Writes size() bytes.
    char* put(char* to) const noexcept {
        *to++ = '{';
        if (!record_.key.empty()) {
            to = put_part(to, record_.key, key_, text_key, base64_key);
            *to++ = ',';
        }
        to = put_part(to, record_.data, data_, text_data, base64_data);
        *to++ = '}';
        return to;
    }

    /// The size of one that has nothing to escape.
    [[nodiscard]] static constexpr std::uint64_t plain_size(std::uint64_t key, std::uint64_t data) noexcept {
        return 2 + (key != 0 ? text_key.size() + key + 2 : 0) + text_data.size() + data + 1;
    }
    /// The room that is needed to read one, of so many bytes.
    [[nodiscard]] static constexpr std::uint64_t room(std::uint64_t size, std::uint64_t key,
                                                      std::uint64_t data) noexcept {
        return size == plain_size(key, data) ? 0 : key + data + 1; // the reader ends its strings with a zero
    }

    /// Finds key and data of the entry in `bytes`, or puts them into `room`. False if they are not as put() writes them.
    [[nodiscard]] static bool show(byte_view bytes, stored_entry& entry, byte_span room) noexcept {
        if (bytes.size() != entry.size || room.size() < entry.room)
            return false;
        std::string_view in = to_text(bytes);
        if (!skip(in, "{"))
            return false;
        entry.key = {};
        if (entry.key_size != 0 &&
            (!get_part(in, entry.key_size, entry.room, room, text_key, base64_key, entry.key) || !skip(in, ",")))
            return false;
        return get_part(in, entry.data_size, entry.room, room.subspan(entry.room == 0 ? 0 : entry.key_size), text_data,
                        base64_data, entry.data) &&
               in == "}";
    }

private:
    static constexpr std::string_view text_key = R"("key":")";
    static constexpr std::string_view base64_key = R"("key_base64":")";
    static constexpr std::string_view text_data = R"("text":")";
    static constexpr std::string_view base64_data = R"("base64":")";

    [[nodiscard]] static std::uint64_t part_size(const json_shape& shape, std::uint64_t bytes, std::string_view text,
                                                 std::string_view base64) noexcept {
        return 1 + (shape.is_text() ? text.size() + shape.text_size() : base64.size() + json_base64::size(bytes));
    }

    static char* put_part(char* to, const pieces_view& bytes, const json_shape& shape, std::string_view text,
                          std::string_view base64) noexcept {
        const std::string_view name = shape.is_text() ? text : base64;
        std::memcpy(to, name.data(), name.size());
        to += name.size();
        to = shape.is_text() ? json_string::put(to, bytes, shape) : json_base64::put(to, bytes);
        *to++ = '"';
        return to;
    }

    [[nodiscard]] static bool skip(std::string_view& in, std::string_view expected) noexcept {
        if (!in.starts_with(expected))
            return false;
        in.remove_prefix(expected.size());
        return true;
    }

    [[nodiscard]] static bool get_part(std::string_view& in, std::uint32_t size, std::size_t decoded, byte_span room,
                                       std::string_view text, std::string_view base64, byte_view& out) noexcept {
        if (decoded == 0) {
            if (!skip(in, text) || in.size() < size)
                return false;
            out = to_bytes(in.substr(0, size));
            in.remove_prefix(size);
            const json_shape shape(out);
            return shape.is_text() && shape.is_plain() && skip(in, "\"");
        }
        out = room.first(size);
        if (in.starts_with(text)) {
            in.remove_prefix(text.size() - 1);
            const std::size_t taken = json_string::get(in, room.first(std::size_t{size} + 1));
            in.remove_prefix(taken);
            return taken != 0;
        }
        const auto characters = static_cast<std::size_t>(json_base64::size(size));
        if (!skip(in, base64) || in.size() < characters ||
            !json_base64::get(in.substr(0, characters), room.first(size)) || json_shape(out).is_text())
            return false;
        in.remove_prefix(characters);
        return skip(in, "\"");
    }

    const stored_record& record_;
    json_shape key_;
    json_shape data_;
    std::uint64_t size_;
};

} // namespace tusk::inline v0
