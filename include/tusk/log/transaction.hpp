#pragma once

#include <tusk/core/result.hpp>
#include <tusk/log/log_engine.hpp>

namespace tusk::inline v0 {

/// Records that are appended together or not at all. Gathered in memory, with copies of what is added; nothing of it is
/// in the log before commit(). For one thread at a time. Destroying it rolls it back.
template<class Log>
class transaction {
public:
    /// Adds a record. errc::too_large if it or the batch would be; errc::closed after commit or rollback. Does not block.
    [[nodiscard]] result<void> add(record_view r) noexcept {
        if (!log_)
            return errc::closed;
        const std::uint64_t size = r.data.size() + r.key.size();
        if (size > log_->limits().max_record_size || bytes_ + size > log_->limits().max_batch_bytes ||
            records_.size() >= Log::max_batch_entries)
            return errc::too_large;
        owned& o = records_.emplace_back();
        o.bytes.reserve(static_cast<std::size_t>(size));
        o.bytes.assign(r.key.begin(), r.key.end());
        o.bytes.insert(o.bytes.end(), r.data.begin(), r.data.end());
        o.key = r.key.size();
        o.like = r;
        bytes_ += size;
        return success();
    }

    /// Appends what was added as one batch. errc::expired if the timeout has passed, and nothing is appended. An empty
    /// transaction gives an empty range. Afterwards it is over, whatever came of it.
    [[nodiscard]] result<index_range> commit(append_options opts = {}) noexcept {
        if (!log_)
            return errc::closed;
        Log* const log = std::exchange(log_, nullptr);
        if (steady_clock::now() > deadline_)
            return errc::expired;
        std::vector<record_view> views;
        views.reserve(records_.size());
        for (const owned& o : records_) {
            record_view& v = views.emplace_back(o.like);
            v.key = byte_view(o.bytes).first(o.key);
            v.data = byte_view(o.bytes).subspan(o.key);
        }
        if (views.empty())
            return index_range{1, 0};
        return log->append_batch(views, opts);
    }

    /// Forgets what was added.
    void rollback() noexcept {
        log_ = nullptr;
        records_.clear();
    }

    /// Records added so far, and their bytes.
    [[nodiscard]] std::size_t size() const noexcept { return records_.size(); }
    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

private:
    friend Log;
    struct owned {
        std::vector<std::byte> bytes; // key, then data
        std::size_t key = 0;
        record_view like; // everything but the bytes
    };

    transaction(Log& log, steady_time deadline) noexcept : log_(&log), deadline_(deadline) {}

    Log* log_;
    steady_time deadline_;
    std::vector<owned> records_;
    std::uint64_t bytes_ = 0;
};

} // namespace tusk::inline v0
