#pragma once

#include "layout.hpp"

namespace damage {

/// In what a damaged copy of a reference log is another than the sound one.
template<class Format>
struct harm {
    std::vector<bool> frames; ///< which of the history are damaged
    std::vector<bool> blank;  ///< and all behind them in their file is unused space now
    std::size_t sound = 0;    ///< how many come before the first damaged one
    lsn_t least = 0;          ///< of the witnesses that survive
    lsn_t in_state = 0;       ///< of those in the state file alone
    lsn_t most = 0;           ///< of those that there ever were
    std::size_t slots = 0;    ///< that are whole
    bool state = false;       ///< anything in the state file is another
    bool header = false;      ///< what a segment begins with is another
    bool gone = false;        ///< a file is not there

    harm(const image& now, const image& then, const layout<Format>& log) {
        look_at_state(now, then, log);
        for (const auto& [name, bytes] : now.all())
            header = header || (tusk::segment_number(name) != 0 &&
                                !same(now, then, name, 0, std::min<std::size_t>(bytes->size(), 512)));
        least = in_state;
        sound = log.history().size();
        for (const placed& p : log.history()) {
            const bool damaged = !same(now, then, p.file, p.begin, p.end);
            if (damaged && sound == log.history().size())
                sound = frames.size();
            frames.push_back(damaged);
            blank.push_back(damaged && is_blank(now, p));
            gone = gone || !now.has(p.file);
            most = std::max(most, p.witness);
            if (!damaged)
                least = std::max(least, p.witness);
        }
    }

    [[nodiscard]] bool any() const { return sound < frames.size(); }
    /// The LSN at which a log ends that lacks the frame `at`.
    [[nodiscard]] lsn_t reached(std::size_t at, const layout<Format>& log) const {
        return at == 0 ? 0 : log.history()[at - 1].lsn_end;
    }

private:
    [[nodiscard]] static bool same(const image& a, const image& b, const std::string& name, std::size_t begin,
                                   std::size_t end) {
        if (!a.has(name) || a[name].size() < end || b[name].size() < end)
            return false;
        const auto from = static_cast<std::ptrdiff_t>(begin);
        return std::equal(a[name].begin() + from, a[name].begin() + static_cast<std::ptrdiff_t>(end),
                          b[name].begin() + from);
    }
    [[nodiscard]] static bool is_blank(const image& files, const placed& from) {
        if (!files.has(from.file) || files[from.file].size() <= from.begin)
            return true;
        const file_bytes& bytes = files[from.file];
        return std::all_of(bytes.begin() + static_cast<std::ptrdiff_t>(from.begin), bytes.end(),
                           [](std::byte b) { return b == Format::fill; });
    }

    void look_at_state(const image& now, const image& then, const layout<Format>& log) {
        namespace places = tusk::state_layout;
        state = !now.has("state") || now["state"] != then["state"];
        for (std::size_t i = 0; i < 2; ++i) {
            const tusk::log_state& slot = log.slot(i);
            most = std::max({most, slot.proven.lsn, slot.first_lsn});
            for (std::size_t as = 0; as < 2; ++as) // each is one wherever it lies
                if (is_slot(now, i, then, as)) {
                    in_state = std::max({in_state, log.slot(as).proven.lsn, log.slot(as).first_lsn});
                    ++slots;
                    break;
                }
        }
        most = std::max(most, log.witness_page());
        if (same(now, then, "state", places::witness, places::witness + places::witness_size))
            in_state = std::max(in_state, log.witness_page());
    }
    [[nodiscard]] static bool is_slot(const image& now, std::size_t at, const image& then, std::size_t as) {
        namespace places = tusk::state_layout;
        if (!now.has("state") || now["state"].size() < places::slot[at] + places::slot_size)
            return false;
        const auto bytes = [](const image& files, std::size_t slot) {
            return tusk::byte_view(files["state"]).subspan(places::slot[slot], places::slot_size);
        };
        return std::ranges::equal(bytes(now, at), bytes(then, as));
    }
};

} // namespace damage
