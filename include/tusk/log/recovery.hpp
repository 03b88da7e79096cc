#pragma once

#include <tusk/core/options.hpp>
#include <tusk/log/frame_search.hpp>
#include <tusk/log/history_step.hpp>
#include <tusk/log/recovery_table.hpp>
#include <tusk/log/segment_listing.hpp>

#include <deque>

namespace tusk::inline v0 {

/// Reads what a crash has left, and judges it. Changes nothing.
template<format Format, backend Backend>
class recovery {
public:
    recovery(Backend& directory, open_mode mode, tail_policy tail, bool verify_all,
             const typename state_file<Backend>::content& content, catalog<Backend>& into, recovery_report& report,
             buffer_pool& pool) noexcept
        : directory_(directory),
          mode_(mode),
          tail_(tail),
          verify_all_(verify_all),
          content_(content),
          catalog_(into),
          report_(report),
          pool_(pool) {}

    /// The segments numbered between the two are as good as gone.
    void leave_out(segment_t above, segment_t below) noexcept { files_.hidden = {above, below}; }
    /// Fills the catalog with what the log holds. errc::corrupt, missing, misplaced or unsupported_version if it may
    /// not be opened in this mode; the system's own error if something cannot be read.
    [[nodiscard]] result<void> run() noexcept {
        const log_state& state = content_.state;
        TUSK_TRY((files_.template read<Format, Backend>(directory_, mode_, state, report_, pool_)));
        TUSK_TRY(files_.order(mode_, state, report_));
        witness_ = std::max(content_.proven, state.first_lsn);              // a drop is preceded by a sync
        const bool dropped = content_.proven_segment < state.first_segment; // after it had been proven
        if (witness_ > 0 && !dropped && !files_.is_there(content_.proven_segment) && mode_ == open_mode::strict) {
            add_damage(report_.damages, {content_.proven_segment, 0, 0, 0, 0, "the segment is missing"});
            report_.message =
                std::string("segment ") + segment_name(content_.proven_segment).data() + " is missing: it was durable";
            return errc::missing;
        }
        TUSK_TRY(read_history());
        return judge();
    }

    /// True if there is something at the end that nothing proves durable: to be copied before it is served.
    [[nodiscard]] bool needs_repair() const noexcept {
        return verdict_ == recovery_verdict::copy || verdict_ == recovery_verdict::cut ||
               verdict_ == recovery_verdict::salvage;
    }
    /// The place up to which all is proven, or where damage begins: a repair goes on from here. No segment: from the start.
    [[nodiscard]] const history_step& proven() const noexcept { return proven_; }
    /// What follows, to be copied by a repair.
    [[nodiscard]] const std::deque<history_step>& unproven() const noexcept { return unproven_; }
    [[nodiscard]] const segment_listing& files() const noexcept { return files_; }
    /// The largest durable LSN that anything proves.
    [[nodiscard]] lsn_t witness() const noexcept { return witness_; }

private:
    [[nodiscard]] result<std::shared_ptr<typename Backend::file>> open(const found_segment& s) noexcept {
        TUSK_TRY(auto file, directory_.open(segment_name(s.number).data(), open_for::read));
        return std::make_shared<typename Backend::file>(std::move(file));
    }

    [[nodiscard]] result<void> read_history() noexcept {
        if (files_.chain.empty())
            start(content_.state.first_index, content_.state.previous_term);
        for (const std::size_t i : files_.chain)
            witness_ = std::max(witness_, files_.found[i].witness);
        const lsn_t known = witness_;
        for (position_ = 0; position_ < files_.chain.size(); ++position_) {
            TUSK_TRY(const bool whole, read_segment(files_.chain[position_], known));
            if (!whole && mode_ != open_mode::salvage)
                break;
        }
        if (broken_ || files_.chain.empty() || !files_.beyond.empty()) {
            TUSK_TRY(look_beyond());
        }
        prune();
        return success();
    }

    // The history begins, in front of the entry `next`.
    void start(index_t next, term_t previous) noexcept {
        catalog_.start(next, previous);
        tip_ = {next, previous};
        proven_ = {.next_index = next, .last_term = previous};
    }

    // Reads one segment, by its index frame where it is proven; false if it is damaged.
    [[nodiscard]] result<bool> read_segment(std::size_t at, lsn_t known) noexcept {
        found_segment& s = files_.found[at];
        const segment_header& h = s.header;
        const found_segment* next =
            position_ + 1 < files_.chain.size() ? &files_.found[files_.chain[position_ + 1]] : nullptr;
        if (next != nullptr && next->header.previous != s.number)
            next = nullptr; // salvage: the one that followed is missing
        const std::uint64_t end = next != nullptr ? next->header.previous_end : s.size;
        if (position_ == 0) {
            const log_state& state = content_.state;
            const bool late = files_.linked == 0 && h.next_index > state.first_index; // what came before is lost
            start(late ? state.first_index : h.next_index, late ? state.previous_term : h.last_term);
        }
        const bool in_order =
            position_ != files_.linked && (position_ == 0 || (h.next_index == tip_.next_index && same_term(h)));
        TUSK_TRY(auto file, open(s));
        if (!broken_ && !in_order && !salvage_damage(at, 0, s.size, "its header does not follow the segment before")) {
            TUSK_TRY(look_further(at, std::move(file), {0, s.header_size, s.size})); // it may bear witness still
            return false;
        }
        auto entry = std::make_shared<segment<Backend>>();
        entry->number = s.number;
        entry->base = h.base;
        entry->capacity = s.size;
        entry->start_index = h.next_index;
        entry->header_size = s.header_size;
        frame_window<Format, Backend> window(std::move(file), pool_, static_cast<std::size_t>(256 * kibibyte));

        if (next == nullptr)
            window.find_data_end(); // before a read has the system fetch what is reserved
        const proven_place& closed = content_.state.proven;
        std::uint64_t from = s.header_size;
        bool loaded = false;
        if (!verify_all_ && !broken_ && mode_ != open_mode::salvage) {
            if (next != nullptr && known >= h.base + end) {
                TUSK_TRY(loaded, load_index(window, entry, end, s, /*last=*/false, next->header.previous_checksum));
            }
            if (loaded)
                from = end;
            if (!loaded && closed.segment == s.number && closed.index_frame != 0 &&
                closed.lsn == h.base + closed.offset) {
                TUSK_TRY(loaded, load_index(window, entry, closed.index_frame, s, /*last=*/true, 0));
                if (loaded) // perhaps a pad follows
                    from = entry->end;
            }
        }
        if (!loaded)
            catalog_.add_segment(entry, s.header_checksum);
        step(at, {.type = frame_type::header, .offset = 0, .size = from, .checksum = entry->summary.last_checksum},
             h.base + from);
        return scan(at, window, from, end, next);
    }

    // Adds a segment by its index frame at `offset`; false if that cannot be used, and nothing is lost by it.
    [[nodiscard]] result<bool> load_index(frame_window<Format, Backend>& window, const segment_ptr<Backend>& entry,
                                          std::uint64_t offset, const found_segment& s, bool last,
                                          std::uint32_t checksum) noexcept {
        frame_info info;
        TUSK_TRY(std::optional<index_frame> summary,
                 (read_index<Format, Backend>(
                     window, {.log = content_.state.log, .segment = s.number, .offset = offset}, s.size, info)));
        if (!summary || (!last && summary->last_checksum != checksum) || !follows(catalog_, *summary))
            return false;
        if (summary->has_reset)
            last_reset_ = entry->base + summary->reset_offset;
        if (last)
            summary->last_checksum = info.checksum;
        catalog_.load(entry, std::move(*summary), last ? offset + info.size : offset);
        tip_ = catalog_.tip();
        return true;
    }

    // Reads frame after frame; false if it ends before `end`, or in something that is not unused space.
    [[nodiscard]] result<bool> scan(std::size_t at, frame_window<Format, Backend>& window, std::uint64_t offset,
                                    std::uint64_t end, const found_segment* next) noexcept {
        const found_segment& s = files_.found[at];
        const std::uint64_t data_end = next != nullptr && offset == end ? end : window.find_data_end();
        std::vector<term_run> terms;
        for (;;) {
            if (next != nullptr && offset == end) {
                const std::uint32_t checksum = catalog_.last_segment()->summary.last_checksum;
                if (!broken_ && checksum != next->header.previous_checksum &&
                    !salvage_damage(at, offset, 0, "its last frame is not the one that the next segment names"))
                    return false;
                return true;
            }
            frame_info info;
            const frame_place place{.log = content_.state.log, .segment = s.number, .offset = offset};
            TUSK_TRY(const verdict found, window.probe(place, std::min(end, s.size), info));
            const char* wrong =
                found == verdict::fill ? "unused space where a frame should be" : "no frame where one should be";
            if (found == verdict::frame && info.type != frame_type::header) {
                TUSK_TRY(const byte_view in, window.frame(offset, info));
                wrong = "a checksum of a frame's data is wrong";
                if (in.size() == info.size && Format::check(in, info)) {
                    result<placed_frame> f = describe_frame<Format>(in, info, offset, terms);
                    wrong = "a frame contradicts itself";
                    if (f && (follows(catalog_, tip_, f.value()) || mend(f.value()))) {
                        report_.scanned_bytes += info.size;
                        witness_ = std::max(witness_, info.witness);
                        if (info.type == frame_type::reset)
                            last_reset_ = s.header.base + offset;
                        tip_ = catalog_.apply(f.value());
                        step(at, f.value(), s.header.base + offset + info.size);
                        offset += info.size;
                        continue;
                    }
                    if (f)
                        wrong = "a frame does not follow the one before it";
                }
            }
            const std::uint64_t body = found == verdict::frame && info.type != frame_type::header ? info.size : 0;
            TUSK_TRY(const search_result after,
                     look_further(at, window.file(), {offset, body, end, mode_ == open_mode::salvage, data_end}));
            if (found == verdict::fill && after.bytes == 0 && next == nullptr)
                return true;
            if (!salvage_damage(at, offset, after.bytes, wrong))
                return false;
            if (after.frame == 0)
                return false;
            offset = after.frame;
        }
    }

    // A cut into what was dropped leaves the term before the end unknown.
    [[nodiscard]] bool same_term(const segment_header& h) const noexcept {
        const term_t last = last_term_at(h.base, tip_, content_.state, last_reset_);
        return last == 0 || last == h.last_term;
    }

    // Salvage, behind damage: what must have been lost for this frame to be the next step, made up as lost entries or a
    // cut, or as a reset where so many entries cannot be what is missing.
    [[nodiscard]] bool mend(const placed_frame& f) noexcept {
        if (!broken_)
            return false;
        const index_t next = tip_.next_index;
        const bool cuts = f.type == frame_type::cut || f.type == frame_type::replace;
        if (f.type == frame_type::replace && f.first_index != f.keep + 1)
            return false;
        const index_t wanted = cuts ? f.keep + 1 : f.first_index;
        if (wanted > next && wanted - next > max_lost) {
            const segment_ptr<Backend> last = catalog_.last_segment();
            add_damage(report_.damages, {last->number, last->end, 0, catalog_.edges().first, next - 1,
                                         "more is missing behind them than can be: they are left out"});
            make_up_reset(wanted, f.terms.empty() ? 0 : f.terms.front().term);
        } else if (wanted > next) {
            make_up({.type = frame_type::lost, .first_index = next, .count = wanted - next});
            report_.lost_entries += wanted - next;
        } else if (!cuts && wanted < next) {
            make_up({.type = frame_type::cut, .first_index = wanted, .keep = wanted - 1});
        }
        return follows(catalog_, tip_, f);
    }

    void make_up(const placed_frame& f) noexcept {
        const segment_ptr<Backend> last = catalog_.last_segment();
        placed_frame placed = f;
        placed.offset = last->end;
        tip_ = catalog_.apply(placed);
        step(history_step::made_up, placed, 0);
    }

    void make_up_reset(index_t next, term_t previous) noexcept {
        last_reset_ = UINT64_MAX;
        make_up({.type = frame_type::reset, .first_index = next, .previous_term = previous});
    }

    // Salvage goes on behind damage; the other modes stop there.
    bool salvage_damage(std::size_t at, std::uint64_t offset, std::uint64_t bytes, const char* what) noexcept {
        add_damage(report_.damages, {files_.found[at].number, offset, bytes, tip_.next_index, 0, what});
        if (!broken_)
            stopped_ = files_.found[at].header.base + offset;
        broken_ = true;
        return mode_ == open_mode::salvage;
    }

    // What lies behind a place where no frame is, in segment `at`. Whatever is found bears witness, and is dropped.
    [[nodiscard]] result<search_result> look_further(std::size_t at, std::shared_ptr<typename Backend::file> file,
                                                     const search_range& range) noexcept {
        const frame_place place{.log = content_.state.log, .segment = files_.found[at].number};
        TUSK_TRY(const search_result r, (search_frames<Format, Backend>(std::move(file), place, range, pool_)));
        witness_ = std::max(witness_, r.witness);
        dropped_ += r.bytes;
        report_.scanned_bytes += r.read;
        return r;
    }

    // The segments behind the damage or the end: they too may bear witness.
    [[nodiscard]] result<void> look_beyond() noexcept {
        std::vector<std::size_t> others(files_.beyond);
        if (mode_ != open_mode::salvage)
            for (std::size_t p = position_ + 1; p < files_.chain.size(); ++p)
                others.push_back(files_.chain[p]);
        for (const std::size_t i : others) {
            found_segment& s = files_.found[i];
            if (mode_ == open_mode::salvage && s.state == header_state::good)
                continue;
            if (s.state == header_state::good)
                witness_ = std::max(witness_, s.witness);
            TUSK_TRY(auto file, open(s));
            TUSK_TRY(const search_result r, look_further(i, std::move(file), {0, s.header_size, s.size}));
            if (s.state == header_state::blank && r.bytes > 0)
                s.state = header_state::damaged; // its header was lost, not never written
            if (s.state == header_state::damaged || r.bytes > s.header_size)
                add_damage(report_.damages, {s.number, 0, r.bytes, 0, 0, "its segment does not follow what was kept"});
        }
        return success();
    }

    void step(std::size_t at, const placed_frame& f, lsn_t end) noexcept {
        const log_tip there{tip_.next_index, last_term_at(end, tip_, content_.state, last_reset_)};
        unproven_.push_back(step_of(static_cast<std::uint32_t>(at), f, end, there));
        prune();
    }

    // What a witness covers needs no copy; behind damage all that is left does.
    void prune() noexcept {
        while (!broken_ && !unproven_.empty() && unproven_.front().end <= witness_) {
            proven_ = unproven_.front();
            unproven_.pop_front();
        }
    }

    [[nodiscard]] result<void> judge() noexcept {
        const log_state& state = content_.state;
        const lsn_t reached = broken_ ? stopped_ : (unproven_.empty() ? proven_.end : unproven_.back().end);
        history_end end = broken_ || dropped_ > 0 ? history_end::damaged : history_end::unused;
        if (!overrides_first_index(last_reset_, state)) {
            if (tip_.next_index < state.first_index) {
                end = history_end::early;
                if (mode_ == open_mode::salvage) {
                    broken_ = true; // all that there is was dropped
                    make_up_reset(state.first_index, state.previous_term);
                }
            }
            if (end != history_end::early || mode_ == open_mode::salvage) {
                // Whoever makes right checksums may have the frames know a higher term: then it is what an append follows.
                const term_t known = catalog_.known_term(state.first_index - 1);
                catalog_.set_first(state.first_index, std::max(state.previous_term, known));
            }
        }
        const auto edges = catalog_.edges();
        report_.segments = static_cast<std::uint32_t>(files_.chain.size());
        report_.first_index = edges.first;
        report_.last_index = edges.next - 1;
        report_.witness = witness_;
        report_.dropped_bytes = dropped_;
        for (const history_step& s : unproven_)
            if (s.type != frame_type::lost)
                report_.unproven_entries += s.count;
        // A live writer may be ahead of what was read, and its frames say so: what its state file said before is there.
        const lsn_t witness = mode_ == open_mode::read_only ? std::max(content_.proven, state.first_lsn) : witness_;
        const proof at = witness < reached ? proof::before : witness == reached ? proof::at : proof::beyond;
        verdict_ = tusk::judge(mode_, end, at, tail_);
        if (verdict_ == recovery_verdict::corrupt)
            return corrupt(reached);
        if (verdict_ == recovery_verdict::salvage)
            name_damage(reached);
        if (verdict_ != recovery_verdict::unproven_tail)
            return success();
        report_.message =
            "the log ends in a damaged tail that nothing proves durable, and the options refuse to repair it";
        return errc::unproven_tail;
    }

    // What was durable is not there, though nothing is damaged.
    void name_damage(lsn_t reached) noexcept {
        if (!report_.damages.empty())
            return;
        const found_segment* last = files_.chain.empty() ? nullptr : &files_.found[files_.chain.back()];
        const lsn_t base = last != nullptr ? last->header.base : 0;
        add_damage(report_.damages,
                   {last != nullptr ? last->number : content_.proven_segment, reached - base,
                    witness_ - std::min(witness_, reached), tip_.next_index, 0, "what was durable is gone"});
    }

    [[nodiscard]] result<void> corrupt(lsn_t reached) noexcept {
        name_damage(reached);
        const damage& d = report_.damages.front();
        report_.message = std::string("damage in what was durable: segment ") + segment_name(d.segment).data() +
                          ", offset " + std::to_string(d.offset) + ": " + d.what;
        return errc::corrupt;
    }

    Backend& directory_;
    const open_mode mode_;
    const tail_policy tail_;
    const bool verify_all_;
    const typename state_file<Backend>::content& content_;
    catalog<Backend>& catalog_;
    recovery_report& report_;
    buffer_pool& pool_;
    segment_listing files_;
    log_tip tip_; // of what the catalog holds
    std::size_t position_ = 0;
    history_step proven_;
    std::deque<history_step> unproven_;
    lsn_t witness_ = 0;
    lsn_t last_reset_ = 0;
    lsn_t stopped_ = 0;
    std::uint64_t dropped_ = 0;
    bool broken_ = false;
    recovery_verdict verdict_ = recovery_verdict::serve;
};

} // namespace tusk::inline v0
