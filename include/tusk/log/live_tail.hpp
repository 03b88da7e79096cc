#pragma once

#include <tusk/log/recovery.hpp>
#include <tusk/log/segment_files.hpp>

#include <atomic>

namespace tusk::inline v0 {

/// The end of a log that another process may be writing: takes in the frames and segments that come, and knows how far
/// they are durable. What is not whole yet is looked at again the next time.
template<format Format, backend Backend>
class live_tail {
public:
    live_tail(Backend& directory, catalog<Backend>& contents, buffer_pool& pool) noexcept
        : directory_(directory), contents_(contents), pool_(pool) {}

    /// Starts with what recovery found.
    void start(const recovery<Format, Backend>& found) {
        witness_ = found.witness();
        undecided_.clear();
        durable_next_.store(durable_of(found), std::memory_order_release);
        for (const history_step& s : found.unproven())
            note(s.type, s.first_index(), s.end, s.next_index);
    }

    /// Starts again with what recovery found in `fresh`, since history has taken another course.
    void start_anew(const recovery<Format, Backend>& found, catalog<Backend>& fresh) {
        // At no moment does anything count as durable that is so on one of the two courses only.
        durable_next_.store(std::min(durable_next(), durable_of(found)), std::memory_order_release);
        contents_.replace_with(fresh);
        start(found);
    }

    /// The index after the last entry that is known to be durable.
    [[nodiscard]] index_t durable_next() const noexcept { return durable_next_.load(std::memory_order_acquire); }

    /// Takes in what has come since. `proven` is the durable LSN that the state file knows.
    [[nodiscard]] result<void> follow(segment_files<Format, Backend>& files, std::uint64_t log, lsn_t proven) noexcept {
        for (bool more = true; more;) {
            const segment_ptr<Backend> s = contents_.last_segment();
            TUSK_TRY(auto file, files.file(*s));
            TUSK_TRY(follow_frames(*s, std::move(file), log));
            TUSK_TRY(more, follow_segment(*s, log));
        }
        witness_ = std::max(witness_, proven);
        while (!undecided_.empty() && undecided_.front().first <= witness_) {
            durable_next_.store(undecided_.front().second, std::memory_order_release);
            undecided_.pop_front();
        }
        durable_next_.store(std::min(durable_next(), contents_.edges().next), std::memory_order_release);
        return success();
    }

private:
    [[nodiscard]] result<void> follow_frames(const segment<Backend>& s, std::shared_ptr<typename Backend::file> file,
                                             std::uint64_t log) noexcept {
        TUSK_TRY(const std::uint64_t size, file->size());
        frame_window<Format, Backend> window(std::move(file), pool_, static_cast<std::size_t>(64 * kibibyte));
        for (log_tip tip = contents_.tip();;) {
            const frame_place place{.log = log, .segment = s.number, .offset = s.end};
            frame_info info;
            TUSK_TRY(const verdict seen, window.probe(place, std::min(size, max_segment_file), info));
            if (seen != verdict::frame)
                return success();
            TUSK_TRY(const byte_view in, window.frame(place.offset, info));
            if (in.size() != info.size || !Format::check(in, info))
                return success();
            const result<placed_frame> f = describe_frame<Format>(in, info, place.offset, terms_);
            if (!f || !follows(contents_, tip, f.value()))
                return success();
            // Before readers see what takes the place of what it cuts.
            lower_durable(f.value().type,
                          f.value().type == frame_type::reset ? f.value().first_index : f.value().keep + 1);
            tip = contents_.apply(f.value());
            witness_ = std::max(witness_, info.witness);
            const history_step now = step_of(0, f.value(), s.lsn(s.end), tip);
            note(now.type, now.first_index(), now.end, now.next_index);
        }
    }

    // What is proven, but for what a frame that is not has taken away.
    static index_t durable_of(const recovery<Format, Backend>& found) noexcept {
        index_t next = found.proven().next_index;
        for (const history_step& s : found.unproven())
            if (takes_away(s.type))
                next = std::min(next, s.first_index());
        return next;
    }

    // Nothing from `first` on is durable if that is where such a frame has cut. True if it has.
    bool lower_durable(frame_type type, index_t first) noexcept {
        if (!takes_away(type))
            return false;
        durable_next_.store(std::min(durable_next(), first), std::memory_order_release);
        return true;
    }

    // A frame ends at `end`, and the log with it at `next`. What it has cut is durable no more, even while the frame
    // itself is not: what takes its place is not either. Later places have higher indexes, so that the end is all that
    // a cut changes, and as many frames as a segment holds are noted in one go.
    void note(frame_type type, index_t first, lsn_t end, index_t next) {
        if (lower_durable(type, first)) {
            lsn_t reached = 0;
            for (; !undecided_.empty() && undecided_.back().second >= first; undecided_.pop_back())
                reached = undecided_.back().first;
            if (reached != 0)
                undecided_.emplace_back(reached, first);
        }
        if (undecided_.empty() || undecided_.back().second < next)
            undecided_.emplace_back(end, next);
    }

    // The segment that follows `s`, if there is one by now: the highest number that names it, as at an open.
    [[nodiscard]] result<bool> follow_segment(const segment<Backend>& s, std::uint64_t log) noexcept {
        std::vector<std::string> names;
        TUSK_TRY(directory_.list(names));
        std::sort(names.begin(), names.end(), std::greater());
        for (const std::string& name : names) {
            const segment_t number = segment_number(name);
            if (number <= s.number)
                continue;
            const result<found_segment> next = find_segment<Format, Backend>(directory_, number, log, pool_);
            if (!next || next.value().state != header_state::good) // made ahead, or gone meanwhile
                continue;
            const segment_header& h = next.value().header;
            const bool at_end = h.previous_end == s.end && h.previous_checksum == s.summary.last_checksum;
            const bool at_seal =
                h.previous_end == s.sealed_end && h.previous_checksum == s.sealed_checksum; // by its index frame
            if (h.previous != s.number || h.repair() || !(at_end || at_seal))
                continue;
            auto entry = std::make_shared<segment<Backend>>();
            entry->number = number;
            entry->base = h.base;
            entry->header_size = next.value().header_size;
            entry->start_index = h.next_index;
            contents_.add_segment(std::move(entry), next.value().header_checksum);
            return true;
        }
        return false;
    }

    Backend& directory_;
    catalog<Backend>& contents_;
    buffer_pool& pool_;
    std::vector<term_run> terms_;
    lsn_t witness_ = 0;
    std::deque<std::pair<lsn_t, index_t>>
        undecided_; // behind the witness: where a frame ends, and the next index there
    std::atomic<index_t> durable_next_{1};
};

} // namespace tusk::inline v0
