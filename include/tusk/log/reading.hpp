#pragma once

#include <tusk/concept/compression.hpp>
#include <tusk/log/entry.hpp>
#include <tusk/log/log_store.hpp>

namespace tusk::inline v0 {

/// Turns what is stored into what was appended.
template<compression Compression>
[[nodiscard]] result<entry> unpack(const Compression& codec, pinned_entry&& stored, std::uint64_t max_record_size,
                                   buffer_pool& pool) noexcept {
    const stored_entry& e = stored.entry;
    if (e.codec == codec::none)
        return entry(e.index, e.term, e.kind, e.time, e.key, e.data, std::move(stored.bytes));
    if (!Compression::reads(e.codec))
        return errc::wrong_compression;
    const std::size_t size = e.key.size() + e.raw_size;
    if (size > max_record_size) // checked before a byte is allocated
        return errc::corrupt;
    buffer plain = pool.acquire(std::max<std::size_t>(size, 1));
    const byte_span data = put(byte_span(plain.data(), size), e.key);
    TUSK_TRY(codec.decompress(e.codec, e.data, data));
    return entry(e.index, e.term, e.kind, e.time, byte_view(plain.data(), e.key.size()), data, plain.hold());
}

/// Reads entries one after the other, without a lock while nothing is cut or rolled. For one thread.
template<format Format, backend Backend>
class entry_walk {
public:
    using store_type = log_store<Format, Backend>;

    entry_walk(store_type& store, std::size_t ahead) noexcept : store_(&store), ahead_(ahead) {}

    /// The entry `index`, which is best the one after the last. errc::dropped, beyond_end, lost, corrupt, or the system's.
    /// After an error forget() has to come before the next one is read.
    [[nodiscard]] result<void> read(index_t index, pinned_entry& out) noexcept {
        if (!finder_ || index > run_last_ || index < next_) {
            auto at = store_->contents.find(index);
            if (!at)
                return index < store_->contents.edges().first ? errc::dropped : errc::beyond_end;
            if (!finder_ || segment_ != at->segment) {
                auto file = store_->files->file(*at->segment);
                if (!file && file.error() == errc::dropped && !is_still_in(*at->segment, index))
                    return read(index, out); // cut, and its segment dropped, between the two looks
                if (!file)
                    return file.error();
                finder_.emplace(
                    frame_window<Format, Backend>(std::move(file).value(), store_->pool, ahead_, reading::in_place),
                    store_->id, at->segment->number, store_->check_reads);
                segment_ = std::move(at->segment);
                run_begin_ = nowhere;
            }
            if (run_begin_ != at->place.run_begin || index < next_) { // what was read for another run may hold this one
                finder_->seek(at->place);
                run_begin_ = at->place.run_begin;
            }
            run_last_ = at->place.run_last;
            end_ = at->end;
        }
        next_ = index + 1;
        return finder_->find(index, end_, out);
    }

    /// Looks everything up anew: something was cut, or could not be read.
    void forget() noexcept { finder_.reset(); }

private:
    static constexpr std::uint64_t nowhere = UINT64_MAX;

    [[nodiscard]] bool is_still_in(const segment<Backend>& s, index_t index) const noexcept {
        const auto at = store_->contents.find(index);
        return at && at->segment.get() == &s;
    }

    store_type* store_;
    std::size_t ahead_;
    std::optional<entry_finder<Format, Backend>> finder_;
    segment_ptr<Backend> segment_;
    std::uint64_t run_begin_ = nowhere;
    index_t run_last_ = 0;
    index_t next_ = 0;
    std::uint64_t end_ = 0;
};

/// Reads entries that follow each other, as the log held them at one time, whatever is cut, replaced or dropped meanwhile.
template<format Format, backend Backend, compression Compression>
class range_reading {
public:
    using store_type = log_store<Format, Backend>;

    range_reading(store_type& store, const Compression& codec, std::uint64_t max_bytes)
        : store_(store), codec_(codec), most_(max_bytes), walk_(store, 64 * kibibyte) {
        store_.contents.add_listener(cuts_);
    }
    range_reading(const range_reading&) = delete;
    ~range_reading() { store_.contents.remove_listener(cuts_); }

    /// Once. `edges()` says what there is to be read.
    template<class Edges>
    [[nodiscard]] result<entries> read(index_t first, index_t last, Edges&& edges) noexcept {
        TUSK_TRY(auto e, edges());
        for (index_t i = std::max(first, e.first); i <= last && i < e.next; ++i) {
            pinned_entry stored;
            const result<void> found = walk_.read(i, stored);
            if (cuts_.was_told()) { // what was read, now or before, may have been replaced: from there on, once more
                i = std::min(i, drop_above(store_.contents.take_clamp(cuts_)) + 1);
                TUSK_TRY(e, edges());
                if (e.first > i && !out_.empty())
                    break;
                i = std::max({i, first, e.first}) - 1;
                continue;
            }
            if (!found) {
                walk_.forget();
                if (found.error() == errc::beyond_end || (found.error() == errc::dropped && !out_.empty()))
                    break;
                if (found.error() != errc::dropped)
                    return found.error();
                TUSK_TRY(e, edges());
                i = std::max(i, e.first - 1);
                continue;
            }
            TUSK_TRY(entry next, unpack(codec_, std::move(stored), store_.max_record_size, store_.pool));
            if (size(next) > most_ - bytes_ && !out_.empty())
                break;
            bytes_ += std::min(size(next), most_ - bytes_);
            out_.push_back(std::move(next));
        }
        return std::move(out_);
    }

private:
    static std::uint64_t size(const entry& e) noexcept { return e.data().size() + e.key().size(); }

    [[nodiscard]] index_t drop_above(index_t kept) noexcept {
        walk_.forget();
        while (!out_.empty() && out_.back().index() > kept) {
            bytes_ -= std::min(bytes_, size(out_.back()));
            out_.pop_back();
        }
        return kept;
    }

    store_type& store_;
    const Compression& codec_;
    const std::uint64_t most_;
    entry_walk<Format, Backend> walk_;
    cut_listener cuts_;
    entries out_;
    std::uint64_t bytes_ = 0;
};

} // namespace tusk::inline v0
