#pragma once

#include <tusk/log/reader.hpp>

#include <cassert>

namespace tusk::inline v0 {

/// Numbers and choices of copy().
struct copy_options {
    /// Bytes of data and keys that are appended at once, and held in memory for that. A larger record goes alone.
    std::uint64_t batch_bytes = mebibyte;
    /// Which entries of a log that is being written to are copied.
    visible what = visible::written;
};

/// What copy() did. Filled in on failure too.
struct copy_report {
    index_t first = 0;         ///< of the entries that were copied; 0 if there are none
    index_t last = 0;          ///< likewise
    std::uint64_t entries = 0; ///< how many there are
    std::uint64_t bytes = 0;   ///< of data and keys that were read and appended for them
    index_t failed_at = 0;     ///< the entry that could not be read or appended; 0 if the failure is not about one
};

/// One run of copy(). What it does is said there.
template<class From, class To>
class copy_run {
public:
    copy_run(From& from, To& to, const copy_options& opts, copy_report& report) noexcept
        : from_(from),
          to_(to),
          report_(report),
          what_(opts.what),
          most_bytes_(std::min({opts.batch_bytes, to.limits().max_batch_bytes, to.limits().segment_size / 4})) {}

    [[nodiscard]] result<void> run() noexcept {
        TUSK_TRY(was_empty_, to_.empty());
        catch_up();
        result<void> done = copy_all();
        for (int again = 0; again < 10 && !done && has_moved(done.error()); ++again) {
            report_ = {};
            done = copy_all();
        }
        return done;
    }

private:
    // `from` begins elsewhere by now, and nothing was copied of where it began before.
    [[nodiscard]] bool has_moved(std::error_code why) const noexcept {
        return (why == errc::dropped || why == errc::truncated) && was_empty_ && next_ == begin_;
    }

    // A log that is read only learns of what its writer has done when a reader comes to its end.
    void catch_up() noexcept {
        if (from_.limits().mode != open_mode::read_only)
            return;
        if (const auto end = from_.next_index())
            if (auto reader = from_.read_from(end.value()))
                (void)reader.value().next();
    }

    [[nodiscard]] result<void> copy_all() noexcept {
        next_ = begin_ = 0;
        TUSK_TRY(const index_t end, from_.next_index()); // what comes later is for the next time
        TUSK_TRY(find_begin(end));
        next_ = begin_;
        auto reader = from_.read_from(begin_, what_);
        if (!reader)
            return fail(begin_, misfit(reader.error()));
        TUSK_TRY(still_fits());
        const result<void> read = copy_until(end, reader.value());
        const result<void> appended = flush(); // what stands before an entry that cannot be read is kept
        const result<void> synced = to_.sync();
        if (next_ > begin_) {
            report_.first = begin_;
            report_.last = next_ - 1;
            report_.entries = next_ - begin_;
        }
        TUSK_TRY(appended); // its failure is about an entry before the one that could not be read
        TUSK_TRY(read);
        return synced;
    }

    // Where to begin: an empty log gets the place of `from`, one with entries has to fit.
    [[nodiscard]] result<void> find_begin(index_t end) noexcept {
        TUSK_TRY(index_t first, from_.first_index());
        first = std::max<index_t>(first, 1); // 0 in a log that is new
        TUSK_TRY(const index_t place, to_.next_index());
        TUSK_TRY(const term_t before, to_.term_at(place - 1));
        begin_ = was_empty_ ? first : place;
        if (begin_ < first)
            return fail(begin_, errc::dropped);
        if (begin_ > end)
            return fail(begin_, errc::index_mismatch);
        const auto term = from_.term_at(begin_ - 1);
        if (!term)
            return fail(begin_, misfit(term.error()));
        if (place == begin_ && before == term.value())
            return success();
        if (!was_empty_)
            return fail(begin_, errc::index_mismatch);
        return to_.reset(begin_, term.value(), durability::written);
    }

    // A cut after find_begin() had looked, and before there was a reader to be told of it, shows in the term alone.
    [[nodiscard]] result<void> still_fits() noexcept {
        const auto term = from_.term_at(begin_ - 1);
        TUSK_TRY(const term_t own, to_.term_at(begin_ - 1));
        if (term && term.value() == own)
            return success();
        if (!term && term.error() != errc::beyond_end)
            return fail(begin_, term.error());
        return fail(begin_, was_empty_ ? errc::truncated : errc::index_mismatch); // truncated: begins anew
    }

    template<class Reader>
    [[nodiscard]] result<void> copy_until(index_t end, Reader& reader) noexcept {
        while (reader.next_index() < end) {
            const index_t index = reader.next_index();
            result<entry> e = reader.next();
            if (e) {
                TUSK_TRY(take(e.value()));
                continue;
            }
            if (e.error() == errc::beyond_end) // a cut has taken what was there, or it is not yet to be seen
                break;
            if (e.error() != errc::truncated)
                return fail(index, e.error());
            TUSK_TRY(cut(reader.next_index() - 1));
        }
        return success();
    }

    [[nodiscard]] result<void> take(const entry& e) noexcept {
        const std::uint64_t size = e.data().size() + e.key().size();
        const bool alone = size > most_bytes_;
        assert(e.index() == next_ + pending_.size());
        if (alone || bytes_.size() + size > most_bytes_ || pending_.size() == most_entries) {
            TUSK_TRY(flush());
        }
        if (size > to_.limits().max_record_size)
            return fail(e.index(), errc::too_large);
        const record_view record(e.data(), e.key(), e.term(), e.kind(), e.time());
        if (alone)
            return append({&record, 1}, size);
        bytes_.insert(bytes_.end(), e.data().begin(), e.data().end());
        bytes_.insert(bytes_.end(), e.key().begin(), e.key().end());
        pending_.push_back(record);
        return success();
    }

    [[nodiscard]] result<void> flush() noexcept {
        byte_view rest(bytes_);
        for (record_view& r : pending_) {
            r.data = rest.first(r.data.size());
            r.key = rest.subspan(r.data.size(), r.key.size());
            rest = rest.subspan(r.data.size() + r.key.size());
        }
        const result<void> appended = pending_.empty() ? success() : append(pending_, bytes_.size());
        pending_.clear();
        bytes_.clear();
        return appended;
    }

    [[nodiscard]] result<void> append(std::span<const record_view> records, std::uint64_t bytes) noexcept {
        const auto appended = to_.append_batch(records, {.expect_index = next_, .wait = durability::written});
        if (!appended)
            return fail(next_, appended.error());
        next_ += records.size();
        report_.bytes += bytes;
        return success();
    }

    // `from` keeps what stands up to `keep`, and so does `to`; but nothing that was there before goes.
    [[nodiscard]] result<void> cut(index_t keep) noexcept {
        while (!pending_.empty() && next_ + pending_.size() - 1 > keep) {
            bytes_.resize(bytes_.size() - pending_.back().data.size() - pending_.back().key.size());
            pending_.pop_back();
        }
        const index_t kept = std::max(keep, begin_ - 1);
        if (kept + 1 < next_) {
            TUSK_TRY(to_.truncate(kept, durability::written));
            next_ = kept + 1;
        }
        return keep + 1 < begin_ ? fail(begin_, errc::truncated) : success();
    }

    // What was cut off `from` at the very moment.
    [[nodiscard]] static std::error_code misfit(std::error_code why) noexcept {
        return why == errc::beyond_end ? make_error_code(errc::index_mismatch) : why;
    }

    [[nodiscard]] result<void> fail(index_t at, std::error_code why) noexcept {
        report_.failed_at = at;
        return why;
    }

    // What is held in memory beside data and keys.
    static constexpr std::size_t most_entries = std::min<std::size_t>(1024, To::max_batch_entries);

    From& from_;
    To& to_;
    copy_report& report_;
    const visible what_;
    const std::uint64_t most_bytes_;
    bool was_empty_ = false;
    index_t begin_ = 0;
    index_t next_ = 0; // of `to`, as far as this run has made it
    // To be appended, from next_ on. Their data and keys are copied one behind the other: an entry keeps alive what it was
    // read into, which may be many times as much. Until they are appended, only the sizes of the views count.
    std::vector<record_view> pending_;
    std::vector<std::byte> bytes_;
};

/// Copies entries from a log to another, whatever the policies of both, with index, term, kind, time and key: all that there
/// are when it begins. What is appended to `from` meanwhile is left for the next time. An empty `to` begins where `from` does, with the
/// same term before; else `to` goes on, and has to end where some entry of `from` begins, with the same term before
/// that: errc::index_mismatch, or errc::dropped if that entry is gone. So calling it again goes on where it stopped, after a failure too.
///
/// Both logs may be read meanwhile, and `from` written to. If entries are cut off `from`, they are cut off `to` as well, unless they
/// were there before the call: errc::truncated. Entries that are dropped before they were copied are errc::dropped; a hold()
/// keeps them. Only the caller may append to `to`: errc::index_mismatch.
///
/// When it returns, what was copied is durable, after a failure too if that can be: it blocks for reads, writes and a sync at
/// the end. Holds one batch in memory, or one record that is larger, and allocates. Batches of `from` may be split. errc::lost and corrupt: an entry of
/// `from` cannot be read; too_large: it is larger than `to` takes. Other errors are those of reset, append, sync and reading.
/// All that stands before the entry that the report names is copied.
template<class From, class To>
[[nodiscard]] result<copy_report> copy(From& from, To& to, const copy_options& opts = {},
                                       copy_report* report = nullptr) noexcept {
    copy_report own;
    copy_report& facts = report != nullptr ? *report : own;
    facts = {};
    TUSK_TRY((copy_run<From, To>(from, to, opts, facts).run()));
    return facts;
}

} // namespace tusk::inline v0
