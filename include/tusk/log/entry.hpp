#pragma once

#include <tusk/core/buffer_pool.hpp>
#include <tusk/core/entry.hpp>

#include <vector>

namespace tusk::inline v0 {

/// An entry of a log. Pins the bytes that it shows: it stays valid after truncation, rotation, removal and close, for as
/// long as it or a copy of it lives. Copying it copies no bytes.
class entry {
public:
    entry() = default;
    entry(index_t index, term_t term, entry_kind kind, timestamp_t time, byte_view key, byte_view data,
          pin bytes) noexcept
        : index_(index), term_(term), time_(time), key_(key), data_(data), bytes_(std::move(bytes)), kind_(kind) {}

    [[nodiscard]] index_t index() const noexcept { return index_; }
    [[nodiscard]] term_t term() const noexcept { return term_; }
    [[nodiscard]] entry_kind kind() const noexcept { return kind_; }
    /// When it was appended, or what the caller gave.
    [[nodiscard]] timestamp_t time() const noexcept { return time_; }
    [[nodiscard]] byte_view key() const noexcept { return key_; }
    [[nodiscard]] byte_view data() const noexcept { return data_; }
    /// The data as text, whatever it is.
    [[nodiscard]] std::string_view text() const noexcept { return to_text(data_); }
    /// The data, copied: for those who keep it for long, and would keep a whole buffer alive with it.
    [[nodiscard]] std::vector<std::byte> copy() const { return {data_.begin(), data_.end()}; }

private:
    index_t index_ = 0;
    term_t term_ = 0;
    timestamp_t time_ = 0;
    byte_view key_;
    byte_view data_;
    pin bytes_;
    entry_kind kind_ = entry_kind::data;
};

/// Entries that follow each other. Each pins its bytes for itself; neighbours mostly share what they pin.
class entries {
public:
    using const_iterator = std::vector<entry>::const_iterator;

    void push_back(entry e) { list_.push_back(std::move(e)); }
    void pop_back() noexcept { list_.pop_back(); }

    [[nodiscard]] bool empty() const noexcept { return list_.empty(); }
    [[nodiscard]] std::size_t size() const noexcept { return list_.size(); }
    [[nodiscard]] const entry& operator[](std::size_t i) const noexcept { return list_[i]; }
    [[nodiscard]] const entry& front() const noexcept { return list_.front(); }
    [[nodiscard]] const entry& back() const noexcept { return list_.back(); }
    [[nodiscard]] const_iterator begin() const noexcept { return list_.begin(); }
    [[nodiscard]] const_iterator end() const noexcept { return list_.end(); }

private:
    std::vector<entry> list_;
};

} // namespace tusk::inline v0
