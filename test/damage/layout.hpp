#pragma once

#include "reference_log.hpp"

namespace damage {

/// A frame of a reference log.
struct placed {
    std::string file;
    tusk::segment_t segment = 0;
    tusk::frame_type type = tusk::frame_type::pad;
    std::size_t begin = 0; ///< in the file
    std::size_t end = 0;
    lsn_t lsn_end = 0;
    lsn_t witness = 0;
};

/// What lies where in a reference log, and what each prefix of its frames makes of it. Found out from the sound files by a
/// way of its own: backwards from the last segment, then forward frame by frame.
template<class Format>
class layout {
public:
    static constexpr std::size_t lost_item = SIZE_MAX;

    explicit layout(const reference_log& log) : log_(log) {
        const tusk::byte_view state(log.files["state"]);
        for (std::size_t i = 0; i < 2; ++i)
            if (const auto slot = tusk::decode_slot(state.subspan(tusk::state_layout::slot[i])))
                slots_[i] = slot.value();
        newest_ = slots_[0].generation > slots_[1].generation ? slots_[0] : slots_[1];
        if (state.size() >= tusk::state_layout::witness + tusk::state_layout::witness_size)
            page_ = tusk::load_le<std::uint64_t>(state.data() + tusk::state_layout::witness + 16);
        find_chain();
        replay();
        check();
    }

    /// The frames that are the log's history, in order.
    [[nodiscard]] const std::vector<placed>& history() const { return history_; }
    /// What the log holds after so many of them.
    [[nodiscard]] contents after(std::size_t frames) const {
        contents c = states_[frames];
        if (frames < reset_by_ && newest_.first_index > c.first) { // what was dropped from the front
            const auto gone = std::min<std::size_t>(newest_.first_index - c.first, c.items.size());
            c.items.erase(c.items.begin(), c.items.begin() + static_cast<std::ptrdiff_t>(gone));
            c.first = newest_.first_index;
            c.previous_term = newest_.previous_term;
        }
        return c;
    }
    [[nodiscard]] const contents& whole() const { return whole_; }
    /// Where in history a record stands that the log holds at its end.
    [[nodiscard]] std::size_t frame_of(std::size_t item) const { return frame_of_.at(item); }
    [[nodiscard]] const tusk::log_state& slot(std::size_t i) const { return slots_[i]; }
    [[nodiscard]] lsn_t witness_page() const { return page_; }
    [[nodiscard]] bool has_segments() const { return !history_.empty(); }

private:
    using numbers = std::array<std::uint64_t, 16>;

    [[nodiscard]] static std::string name_of(tusk::segment_t number) { return tusk::segment_name(number).data(); }

    struct found_frame {
        tusk::frame_info info;
        tusk::byte_view bytes;
    };
    [[nodiscard]] std::optional<found_frame> frame_at(const std::string& file, tusk::segment_t segment,
                                                      std::size_t at) const {
        const tusk::byte_view rest = tusk::byte_view(log_.files[file]).subspan(at);
        found_frame f;
        if (Format::probe(rest, {.log = newest_.log, .segment = segment, .offset = at}, f.info) !=
                tusk::verdict::frame ||
            f.info.size > rest.size() || !Format::check(rest.first(f.info.size), f.info))
            return std::nullopt;
        f.bytes = rest.first(f.info.size);
        return f;
    }
    [[nodiscard]] static numbers numbers_of(const found_frame& f) {
        numbers n{};
        (void)Format::numbers(f.bytes, f.info, n);
        return n;
    }

    // From the last segment that counts back to the first.
    void find_chain() {
        struct link {
            tusk::segment_t segment;
            std::uint64_t end; // in the next one's words
        };
        std::vector<link> chain;
        tusk::segment_t at = 0;
        for (const auto& [name, bytes] : log_.files.all())
            if (const tusk::segment_t number = tusk::segment_number(name); number != 0)
                if (const auto f = frame_at(name, number, 0))
                    if ((numbers_of(*f)[8] & 1) == 0 || number <= newest_.repaired)
                        at = std::max(at, number);
        for (std::uint64_t end = UINT64_MAX; at != 0 && at >= newest_.first_segment && log_.files.has(name_of(at));) {
            chain.insert(chain.begin(), {at, end});
            const numbers n = numbers_of(frame_at(name_of(at), at, 0).value());
            at = static_cast<tusk::segment_t>(n[5]);
            end = n[6];
        }
        for (const link& l : chain)
            walk(l.segment, l.end);
    }

    void walk(tusk::segment_t segment, std::uint64_t until) {
        const std::string name = name_of(segment);
        lsn_t base = 0;
        for (std::size_t at = 0; at < until;) {
            const auto f = frame_at(name, segment, at);
            if (!f)
                return;
            if (at == 0)
                base = numbers_of(*f)[2];
            history_.push_back({.file = name,
                                .segment = segment,
                                .type = f->info.type,
                                .begin = at,
                                .end = at + f->info.size,
                                .lsn_end = base + at + f->info.size,
                                .witness = f->info.witness});
            frames_.push_back(*f);
            at += f->info.size;
        }
    }

    // What the log is after each frame, and by which of them what was appended got where it is.
    void replay() {
        contents now{.first = newest_.first_index, .previous_term = newest_.previous_term, .items = {}};
        if (!frames_.empty()) {
            const numbers n = numbers_of(frames_.front());
            now = {.first = n[3], .previous_term = n[4], .items = {}};
        }
        states_.push_back(now);
        for (std::size_t i = 0; i < frames_.size(); ++i) {
            const found_frame& f = frames_[i];
            const numbers n = numbers_of(f);
            if (f.info.type == tusk::frame_type::cut || f.info.type == tusk::frame_type::replace)
                now.cut(n[0]);
            if (f.info.type == tusk::frame_type::reset)
                now = {.first = n[0], .previous_term = n[1], .items = {}};
            if (f.info.type == tusk::frame_type::reset && history_[i].lsn_end > newest_.first_lsn)
                reset_by_ = std::min(reset_by_, i + 1);
            if (f.info.type == tusk::frame_type::lost)
                now.items.insert(now.items.end(), static_cast<std::size_t>(n[0]), lost_item);
            if (f.info.type == tusk::frame_type::batch || f.info.type == tusk::frame_type::replace)
                add_entries(f, i, now);
            states_.push_back(now);
        }
        whole_ = after(frames_.size());
    }
    void add_entries(const found_frame& f, std::size_t at, contents& now) {
        tusk::frame_cursor cursor;
        tusk::stored_entry e;
        for (;;) {
            const auto more = Format::next(f.bytes, f.info, cursor, e);
            if (!more || !more.value())
                return;
            const record* r = log_.with_time(e.time);
            if (r == nullptr || r->index != e.index || e.index != now.next())
                throw std::runtime_error(log_.name + ": a frame holds what was not appended there");
            const auto item = static_cast<std::size_t>(r - log_.appended.data());
            frame_of_[item] = at;
            now.items.push_back(item);
        }
    }

    // The files say what the story says, and no witness speaks of more than was acknowledged.
    void check() const {
        contents told = log_.last;
        for (const index_t i : log_.lost)
            told.items.at(static_cast<std::size_t>(i - told.first)) = lost_item;
        if (!(told == whole_))
            throw std::runtime_error(log_.name + ": its files don't hold what its story says");
        lsn_t most = std::max({slots_[0].proven.lsn, slots_[1].proven.lsn, page_});
        for (const placed& p : history_)
            most = std::max(most, p.witness);
        for (std::size_t item = log_.durable; item < log_.appended.size(); ++item)
            if (const auto at = frame_of_.find(item); at != frame_of_.end()) {
                const placed& p = history_[at->second];
                if (p.segment == history_.back().segment && most >= p.lsn_end)
                    throw std::runtime_error(log_.name + ": a witness speaks of what was never synced");
            }
    }

    const reference_log& log_;
    std::array<tusk::log_state, 2> slots_;
    tusk::log_state newest_;
    lsn_t page_ = 0;
    std::vector<placed> history_;
    std::vector<found_frame> frames_;
    std::vector<contents> states_;
    contents whole_;
    std::map<std::size_t, std::size_t> frame_of_;
    std::size_t reset_by_ = SIZE_MAX; // after so many frames, what the state file says of the front no longer counts
};

} // namespace damage
