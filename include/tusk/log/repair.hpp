#pragma once

#include <tusk/log/recovery.hpp>
#include <tusk/log/segment_files.hpp>

namespace tusk::inline v0 {

/// Copies what nothing proves durable into fresh segments and makes them count: first the copy and its directory are
/// durable, then both slots of the state file say so. What is copied lies in files that stay as they are until then, so
/// a crash on the way leaves the log as it was. Before the slots are written, the log that they would make is judged as
/// any later open will judge it: no repair leaves a log that is refused, whoever wrote what it was made from.
template<format Format, backend Backend>
class repair {
public:
    using content = typename state_file<Backend>::content;

    repair(Backend& directory, segment_files<Format, Backend>& files, state_keeper<Backend>& state,
           const recovery<Format, Backend>& found, recovery_report& report, buffer_pool& pool) noexcept
        : directory_(directory),
          files_(files),
          state_(state),
          found_(found),
          report_(report),
          pool_(pool),
          log_(state.get().log),
          kept_(found.proven().segment == history_step::made_up ? std::max(state.get().first_segment, segment_t{1}) - 1
                                                                : found.files().found[found.proven().segment].number) {}

    /// Copies, and fills `history`, which has what was found, with what is there now; judges that, by every byte if
    /// `verify_all`. errc::corrupt if it would be refused, or were another log: then commit() must not be called. On any
    /// error the copy is removed again, and nothing has changed but for the numbers that it took.
    [[nodiscard]] result<void> prepare(catalog<Backend>& history, bool verify_all, recovery_report& now) noexcept {
        result<void> done = copy_all();
        if (done)
            done = judge(history, verify_all, now);
        if (!done)
            for (const segment_t number : made_)
                (void)directory_.remove(segment_name(number).data()); // else the next open does it: it never counted
        return done;
    }

    /// Makes the copy count, and sets aside or removes what it replaces.
    [[nodiscard]] result<void> commit() noexcept {
        TUSK_TRY(state_.update([&](log_state& s) { count(s); }, /*both=*/true));
        after_.state = state_.get();
        report_.repaired = true;
        return clear_away();
    }

    /// The state file as it is behind commit().
    [[nodiscard]] const content& state() const noexcept { return after_; }
    /// False if prepare() failed before that: there was no room, perhaps.
    [[nodiscard]] bool was_judged() const noexcept { return again_.has_value(); }
    /// What judged the log that the copy makes.
    [[nodiscard]] const recovery<Format, Backend>& now() const noexcept { return *again_; }

private:
    [[nodiscard]] result<void> copy_all() noexcept {
        const segment_header first = first_header();
        if (first.base > max_lsn) // whoever wrote that did so to leave no room behind it
            return errc::corrupt;
        TUSK_TRY(begin_segment(first));
        for (const history_step& s : found_.unproven()) {
            TUSK_TRY(copy(s));
        }
        return finish_segment();
    }

    // Makes `s` the state in which the copy counts.
    void count(log_state& s) const noexcept {
        s.repaired = current_->number;
        s.proven = {.lsn = current_->lsn(at_), .segment = current_->number, .offset = at_, .index_frame = 0};
        if (found_.proven().segment == history_step::made_up) // nothing of the old files is left
            s.first_segment = made_.front();
        lsn_t last_reset = 0;
        for (const history_step& step : found_.unproven())
            if (step.type == frame_type::reset)
                last_reset = step.segment == history_step::made_up ? UINT64_MAX : step.end - step.size;
        if (last_reset != 0 && !overrides_first_index(last_reset, s)) // nor does its copy, which has a higher LSN
            s.first_lsn = s.proven.lsn;
    }

    [[nodiscard]] result<void> judge(catalog<Backend>& history, bool verify_all, recovery_report& now) noexcept {
        const auto edges = history.edges();
        gathered_ = {}; // may be large
        source_.reset();
        after_ = {.state = state_.get(), .both = true, .agree = true, .proven = 0, .proven_segment = 0};
        count(after_.state);
        after_.proven = after_.state.proven.lsn;
        after_.proven_segment = after_.state.proven.segment;
        again_.emplace(directory_, open_mode::strict, tail_policy::repair, verify_all, after_, history, now, pool_);
        again_->leave_out(kept_, made_.front());
        TUSK_TRY(again_->run());
        if (history.edges() == edges && !again_->needs_repair() && after_.state.can_be())
            return success();
        now.message = "what a repair would make of it is not the log that was found";
        return errc::corrupt;
    }

    // The header of the first copy: it follows the last place that is proven.
    [[nodiscard]] segment_header first_header() const noexcept {
        const history_step& last = found_.proven();
        segment_header h{.log = log_,
                         .segment = 0,
                         .base = found_.files().lsn_bound(found_.witness(), state_.get()),
                         .next_index = last.next_index,
                         .last_term = last.last_term};
        if (last.segment != history_step::made_up) {
            h.previous = found_.files().found[last.segment].number;
            h.previous_end = last.offset + last.size;
            h.previous_checksum = last.checksum;
        } else if (!found_.files().chain.empty()) {
            const segment_header& replaced = found_.files().found[found_.files().chain.front()].header;
            h.previous = replaced.previous;
            h.previous_end = replaced.previous_end;
            h.previous_checksum = replaced.previous_checksum;
        }
        return h;
    }

    [[nodiscard]] result<void> begin_segment(segment_header h) noexcept {
        TUSK_TRY(current_, files_.make_segment());
        made_.push_back(current_->number);
        h.segment = current_->number;
        h.flags = header_repair;
        current_->base = h.base;
        at_ = header_frame_size<Format>();
        gathered_.resize(at_);
        checksum_ = encode_header<Format>(h, found_.witness(), gathered_);
        return success();
    }

    [[nodiscard]] result<void> finish_segment() noexcept {
        TUSK_TRY(flush());
        return current_->file->sync();
    }

    [[nodiscard]] result<void> flush() noexcept {
        const byte_view piece(gathered_);
        TUSK_TRY(current_->file->write(at_ - gathered_.size(), {&piece, 1}));
        gathered_.clear();
        return success();
    }

    [[nodiscard]] result<void> copy(const history_step& s) noexcept {
        if (s.type == frame_type::header || s.type == frame_type::index || s.type == frame_type::pad) {
            previous_ = &s;
            return success();
        }
        const std::array<std::uint64_t, 2> reset{s.next_index, s.last_term};
        const std::uint64_t number = s.type == frame_type::cut ? s.next_index - 1 : s.count;
        frame_view view{.type = s.type, .records = {}, .numbers = {&number, 1}, .pad_size = 0};
        if (s.type == frame_type::reset)
            view.numbers = reset;
        byte_view found;
        std::size_t size = 0;
        if (s.segment == history_step::made_up) {
            size = Format::size(view);
        } else {
            const found_segment& from = found_.files().found[s.segment];
            if (!source_ || source_number_ != from.number) {
                source_number_ = from.number;
                TUSK_TRY(auto file, directory_.open(segment_name(source_number_).data(), open_for::read));
                source_.emplace(std::make_shared<typename Backend::file>(std::move(file)), pool_,
                                std::size_t{256 * kibibyte});
                source_->find_data_end(); // nothing is read in vain
            }
            size = static_cast<std::size_t>(s.size);
            TUSK_TRY(found, source_->bytes(s.offset, size, from.size));
            if (found.size() != size)
                return has_changed();
        }
        if (at_ + size > current_->capacity && at_ > header_frame_size<Format>()) {
            TUSK_TRY(finish_segment());
            TUSK_TRY(begin_segment({.log = log_,
                                    .segment = 0,
                                    .base = current_->base + std::max(current_->capacity, at_),
                                    .next_index = previous_->next_index, // the segment holds a step before this
                                    .last_term = previous_->last_term,
                                    .previous = current_->number,
                                    .previous_end = at_,
                                    .previous_checksum = checksum_}));
        }
        const frame_place place{.log = log_,
                                .segment = current_->number,
                                .offset = at_,
                                .first_index = s.first_index(),
                                .witness = found_.witness()};
        const std::size_t gathered = gathered_.size(); // a frame may be large: this is the one copy of it
        gathered_.resize(gathered + size);
        const byte_span bytes = byte_span(gathered_).subspan(gathered);
        if (s.segment == history_step::made_up)
            Format::encode(view, bytes);
        else
            put(bytes, found);
        Format::stamp(bytes, place);
        frame_info info;
        if (Format::probe(bytes, place, info) != verdict::frame || !Format::check(bytes, info))
            return has_changed();
        checksum_ = info.checksum;
        at_ += size;
        previous_ = &s;
        return gathered_.size() < mebibyte ? success() : flush();
    }

    // It was right when it was found.
    [[nodiscard]] result<void> has_changed() noexcept {
        report_.message = "a segment has changed while it was copied";
        return errc::corrupt;
    }

    // Files whose place in history the copy took: removed if all of them was copied, else set aside.
    [[nodiscard]] result<void> clear_away() noexcept {
        const bool dropped = report_.dropped_bytes > 0 || !report_.damages.empty();
        bool any = false;
        for (const found_segment& s : found_.files().found) {
            if (s.number <= kept_)
                continue;
            any = true;
            const auto name = segment_name(s.number);
            const bool unfinished = s.state == header_state::good && s.header.repair() && !in_chain(s.number);
            if (dropped && !unfinished && s.state != header_state::blank) {
                const std::string aside = std::string(name.data()) + std::string(evidence_suffix);
                TUSK_TRY(directory_.rename(name.data(), aside.c_str()));
                report_.evidence.push_back(aside);
            } else {
                TUSK_TRY(directory_.remove(name.data()));
            }
        }
        return any ? directory_.sync_directory() : success();
    }

    [[nodiscard]] bool in_chain(segment_t number) const noexcept {
        return std::any_of(found_.files().chain.begin(), found_.files().chain.end(),
                           [&](std::size_t i) { return found_.files().found[i].number == number; });
    }

    Backend& directory_;
    segment_files<Format, Backend>& files_;
    state_keeper<Backend>& state_;
    const recovery<Format, Backend>& found_;
    recovery_report& report_;
    buffer_pool& pool_;
    const std::uint64_t log_;
    const segment_t kept_; // all segments above it are copied, or left out
    segment_ptr<Backend> current_;
    std::vector<segment_t> made_;
    std::uint64_t at_ = 0;
    std::uint32_t checksum_ = 0;
    std::vector<std::byte> gathered_; // ends at at_, not written yet
    const history_step* previous_ = nullptr;
    std::optional<frame_window<Format, Backend>> source_;
    segment_t source_number_ = 0;
    content after_;
    std::optional<recovery<Format, Backend>> again_;
};

} // namespace tusk::inline v0
