#pragma once

#include <tusk/core/entry.hpp>
#include <tusk/core/options.hpp>
#include <tusk/core/result.hpp>

#include <cassert>
#include <climits>

namespace tusk::inline v0 {

/// A message of Google's protobuf library, or of another one whose messages can do the same. Its size is asked before it
/// is written, and must not change between.
template<class M>
concept protobuf_message = requires(const M& from, M& into, void* out, const void* in, int size) {
    { from.ByteSizeLong() } -> std::convertible_to<std::size_t>;
    { from.SerializeToArray(out, size) } -> std::convertible_to<bool>;
    { into.ParseFromArray(in, size) } -> std::convertible_to<bool>;
};

/// What has data that may hold a message: an entry of a log, of any Format.
template<class E>
concept with_data = requires(const E& e) {
    { e.data() } -> std::same_as<byte_view>;
};

/// Appends a message, which is written where the log takes it from: no copy is made of it. Key, term, kind and time are
/// those of `like`, whose data is not looked at. Gives the index. errc::too_large for 2 GiB and more, invalid_argument if
/// a required field is not set; else blocks and fails as the log's append does.
template<class Log, protobuf_message Message>
[[nodiscard]] result<index_t> append(Log& log, const Message& message, const append_options& opts = {},
                                     const record_view& like = {}) noexcept {
    if constexpr (requires {
                      { message.IsInitialized() } -> std::convertible_to<bool>;
                  })
        if (!message.IsInitialized())
            return errc::invalid_argument;
    const std::size_t size = message.ByteSizeLong();
    if (size > INT_MAX)
        return errc::too_large;
    const auto fill = [&](byte_span out) {
        [[maybe_unused]] const bool done = message.SerializeToArray(out.data(), static_cast<int>(size));
        assert(done && "a message is not changed while it is appended");
    };
    return log.append_with(size, fill, opts, like);
}

/// The message that an entry's data holds. It owns what it holds, so it may outlive the entry. errc::invalid_argument if
/// the data is no such message. Allocates as the message does.
template<protobuf_message Message, with_data Entry>
    requires std::default_initializable<Message> && std::movable<Message>
[[nodiscard]] result<Message> parse(const Entry& entry) noexcept {
    const byte_view data = entry.data();
    Message message;
    if (data.size() > INT_MAX || !message.ParseFromArray(data.data(), static_cast<int>(data.size())))
        return errc::invalid_argument;
    return message;
}

} // namespace tusk::inline v0
