#pragma once

#include <tusk/core/bytes.hpp>
#include <tusk/core/codec_choice.hpp>
#include <tusk/core/types.hpp>

namespace tusk::inline v0 {

/// What a caller appends. The views need to live until the call returns.
struct record_view {
    byte_view data;
    byte_view key{}; ///< may be empty
    term_t term = 0; ///< 0: the term of the entry before
    entry_kind kind = entry_kind::data;
    codec_choice codec{}; ///< how the data is compressed; unless it says something, as append_options do
    timestamp_t time = 0; ///< 0: now

    record_view() = default;
    /// Data, and perhaps a key and a term: texts or spans of bytes.
    template<bytes_like Data>
    record_view(const Data& data_) noexcept : data(view_bytes(data_)) {} // NOLINT(google-explicit-constructor)
    template<bytes_like Data, bytes_like Key>
    record_view(const Data& data_, const Key& key_, term_t term_ = 0, entry_kind kind_ = entry_kind::data,
                timestamp_t time_ = 0) noexcept
        : data(view_bytes(data_)), key(view_bytes(key_)), term(term_), kind(kind_), time(time_) {}

    /// Sets `codec`: false stores the data as it is, an id compresses it with that one of the log's codecs.
    record_view& compress(codec_choice how) noexcept {
        codec = how;
        return *this;
    }
};

/// The indexes of what was appended together: `first` to `last`, both included.
struct index_range {
    index_t first = 0;
    index_t last = 0;

    [[nodiscard]] std::uint64_t size() const noexcept { return last - first + 1; }
    friend bool operator==(const index_range&, const index_range&) = default;
};

} // namespace tusk::inline v0
