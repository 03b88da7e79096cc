#pragma once

#include "harm.hpp"

#include <ostream>

namespace damage {

/// What came of the damages.
struct counts {
    std::uint64_t tried = 0;
    std::uint64_t refused = 0;    ///< by open
    std::uint64_t cut = 0;        ///< a tail that nothing proved was dropped, and reported
    std::uint64_t on_reading = 0; ///< open did not read it; who read it, and verify(), found it
    std::uint64_t harmless = 0;   ///< nothing was lost
    std::uint64_t salvaged = 0;

    friend std::ostream& operator<<(std::ostream& out, const counts& c) {
        return out << c.tried << " damages opened in vain or not: " << c.refused << " refused, " << c.cut
                   << " unproven tails cut, " << c.on_reading << " found on reading, " << c.harmless << " harmless; "
                   << c.salvaged << " salvaged";
    }
};

/// What is looked at beside the two strict opens.
enum class extra : std::uint8_t { none, salvage };

/// Opens damaged copies of a reference log, and judges what comes of it by what it knows of the sound one: which frames
/// and slots are not what they were, which witnesses survive, and what the frames before the first bad one make of the log.
template<class Format, class Compression>
class judge {
public:
    using log_type = typename teller<Format, Compression>::log_type;

    judge(const reference_log& log, counts& count) : log_(log), sound_(log), count_(count) {
        opts_.segment_size = 4096;
        opts_.background = tusk::background::inline_();
        opts_.spare_segments = 0;
    }

    /// What is wrong, if something is.
    [[nodiscard]] std::optional<std::string> operator()(const image& files, extra more) {
        const harm h(files, log_.files, sound_);
        for (const bool verify_all : {false, true}) {
            ++count_.tried;
            if (auto wrong = open_strictly(files, h, verify_all))
                return (verify_all ? "opened with verify_all, " : "opened, ") + *wrong;
        }
        if (more == extra::salvage) {
            if (auto wrong = open_to_read(files, h))
                return "opened to read only, " + *wrong;
            if (auto wrong = salvage(files, h))
                return "salvaged, " + *wrong;
        }
        return std::nullopt;
    }

private:
    using verdict = std::optional<std::string>;
    using harm = damage::harm<Format>;

    verdict open_strictly(const image& damaged, const harm& h, bool verify_all) {
        image files = damaged;
        opts_.mode = tusk::open_mode::strict;
        opts_.verify_all = verify_all;
        tusk::recovery_report report;
        auto log = log_type::open(image_backend(files), opts_, &report);
        if (!log) {
            ++count_.refused;
            if (files != damaged && files.has("state") == damaged.has("state"))
                return "refused, and changed";
            if (report.message.empty())
                return "refused without a word";
            if (log.error() == tusk::errc::corrupt && h.slots != 0 && !names_where(report, h))
                return "refused, and names another place than the one that is damaged";
            return may_be_refused(log.error(), h);
        }
        if (h.slots == 0 && sound_.has_segments())
            return "served without a state file";
        if (auto wrong = serves(log.value(), h, h.least, &report, verify_all))
            return wrong;
        if (++opened_ % 16 != 0)
            return std::nullopt;
        log.value() = reopened(log.value(), files, report);
        if (report.repaired)
            return "repaired, and again when it was opened again";
        const counts before = count_;
        auto wrong = serves(log.value(), h, h.least, nullptr, verify_all);
        count_ = before;
        return wrong;
    }

    // The process is killed, and the log opened again.
    log_type reopened(log_type& log, image& files, tusk::recovery_report& report) {
        image left = files;
        (void)log.close();
        files = std::move(left);
        auto again = log_type::open(image_backend(files), opts_, &report);
        if (!again)
            throw std::runtime_error("what was opened cannot be opened again: " + report.message);
        return std::move(again).value();
    }

    // Damage is what was durable, or something that no torn write could leave.
    verdict may_be_refused(std::error_code why, const harm& h) const {
        using tusk::errc;
        if (why == errc::unsupported_version && (h.state || h.header))
            return std::nullopt;
        if (why == errc::misplaced && h.header)
            return std::nullopt;
        if (why == errc::missing && (h.gone || h.slots == 0))
            return std::nullopt;
        if (why != errc::corrupt)
            return "refused for the wrong reason: " + why.message();
        if (h.slots == 0 || (h.any() && h.most > h.reached(h.sound, sound_)))
            return std::nullopt;
        return "refused as corrupt, although nothing that was durable is damaged";
    }

    // All that there was, or if no witness that survives says otherwise, what comes before the damage.
    verdict serves(log_type& log, const harm& h, lsn_t witness, const tusk::recovery_report* report, bool verify_all) {
        const index_t first = log.first_index().value();
        const index_t next = log.next_index().value();
        const auto has_edges = [&](const contents& c) {
            return next == c.next() && (next == 1 ? 0 : c.first) == first;
        };
        verdict wrong = "holds " + std::to_string(first) + " to " + std::to_string(next - 1) +
                        ", neither what there was nor what comes before damage";
        bool corrupt = false;
        if (has_edges(sound_.whole())) {
            wrong = reads(log, sound_.whole(), h, corrupt);
            if (!wrong || !h.any())
                return wrong ? wrong : noticed(log, h, corrupt, verify_all);
        }
        for (std::size_t at = h.sound; at < h.frames.size(); ++at) {
            if (!h.frames[at] || (at > h.sound && (verify_all || !is_in_another_segment(h.sound, at))))
                continue; // only what lies in a sealed segment may be overlooked
            const contents left = sound_.after(at);
            if (!has_edges(left))
                continue;
            corrupt = false;
            wrong = is_cut(log, h, at, left, witness, report, corrupt);
            if (!wrong && at > h.sound)
                return noticed(log, h, corrupt, verify_all);
            if (!wrong)
                return corrupt || !log.verify().value().sound() ? verdict("is not sound after a cut") : std::nullopt;
        }
        return wrong;
    }

    // The frame `at` and all behind it are not there any more.
    verdict is_cut(log_type& log, const harm& h, std::size_t at, const contents& left, lsn_t witness,
                   const tusk::recovery_report* report, bool& corrupt) {
        const lsn_t reached = h.reached(at, sound_);
        if (witness > reached)
            return "silently dropped what a witness covers: it speaks of " + std::to_string(witness) +
                   ", and the log ends at " + std::to_string(reached);
        if (report != nullptr && report->damages.empty() && !h.blank[at])
            return "dropped a tail without a word";
        ++count_.cut;
        return reads(log, left, h, corrupt);
    }
    [[nodiscard]] bool is_in_another_segment(std::size_t frame, std::size_t than) const {
        return sound_.history()[frame].segment != sound_.history()[than].segment;
    }

    // Each entry is exactly what it was, or is said to be corrupt where the damage may be in the way.
    verdict reads(log_type& log, const contents& wanted, const harm& h, bool& corrupt) {
        if (log.term_at(wanted.first - 1).value() != wanted.previous_term)
            return "the term before the first entry is wrong";
        for (index_t i = wanted.first; i < wanted.next(); ++i) {
            const std::size_t item = wanted.items[static_cast<std::size_t>(i - wanted.first)];
            const auto e = log.get(i);
            if (item == layout<Format>::lost_item) {
                if (e || (e.error() != tusk::errc::lost && !h.any()))
                    return "entry " + std::to_string(i) + " was lost, and is back";
            } else if (e) {
                if (!is_exact(e.value(), log_.appended[item]))
                    return "entry " + std::to_string(i) + " is not what was appended";
            } else {
                corrupt = true;
                if (e.error() != tusk::errc::corrupt)
                    return "entry " + std::to_string(i) + " fails with: " + e.error().message();
                if (!is_in_the_way(h, sound_.frame_of(item)))
                    return "entry " + std::to_string(i) + " cannot be read, although its frame is sound";
            }
        }
        return std::nullopt;
    }

    // To find an entry, frames before it in its segment are walked over.
    [[nodiscard]] bool is_in_the_way(const harm& h, std::size_t frame) const {
        for (std::size_t i = 0; i <= frame; ++i)
            if (h.frames[i] && sound_.history()[i].segment == sound_.history()[frame].segment)
                return true;
        return false;
    }

    // Damage that open has not read is named by verify(), unless it does no harm at all.
    verdict noticed(log_type& log, const harm& h, bool corrupt, bool verify_all) {
        const auto report = log.verify();
        if (!report)
            return "verify() fails with: " + report.error().message();
        if (report.value().sound()) {
            ++count_.harmless;
            return corrupt ? verdict("verify() finds nothing, but entries are corrupt") : std::nullopt;
        }
        ++count_.on_reading;
        if (verify_all)
            return "overlooked damage that verify() finds";
        for (const tusk::damage& d : report.value().damages)
            if (names_a_bad_frame(d, h))
                return std::nullopt;
        return "verify() names another place than the one that is damaged";
    }
    [[nodiscard]] bool names_a_bad_frame(const tusk::damage& d, const harm& h) const {
        for (std::size_t i = 0; i < h.frames.size(); ++i) {
            const placed& p = sound_.history()[i];
            if (h.frames[i] && d.segment == p.segment && d.offset < p.end && d.offset + d.bytes > p.begin)
                return true;
        }
        return false;
    }

    // What a refusal names is a damaged frame, or a place before it from which nothing can be read. What follows a segment
    // without a header is said to follow nothing.
    [[nodiscard]] bool names_where(const tusk::recovery_report& report, const harm& h) const {
        for (const tusk::damage& d : report.damages)
            for (std::size_t i = 0; i < h.frames.size(); ++i)
                if (const placed& p = sound_.history()[i];
                    h.frames[i] && (p.begin == 0 || (d.segment == p.segment && d.offset <= p.begin)))
                    return true;
        return false;
    }

    // Who only reads is shown what is there, and what is not proven may be yet to come: only the state file's witness
    // counts, for frames may be ahead of what was read.
    verdict open_to_read(const image& damaged, const harm& h) {
        image files = damaged;
        opts_.mode = tusk::open_mode::read_only;
        opts_.verify_all = false;
        tusk::recovery_report report;
        auto log = log_type::open(image_backend(files), opts_, &report);
        if (files != damaged)
            return "changed something";
        if (!log)
            return log.error() == tusk::errc::no_log && h.slots == 0 ? std::nullopt : may_be_refused(log.error(), h);
        const index_t next = log.value().next_index().value();
        bool corrupt = false;
        if (next == sound_.whole().next())
            if (verdict wrong = reads(log.value(), sound_.whole(), h, corrupt); !wrong || !h.any())
                return wrong;
        verdict wrong = "shows neither all nor what comes before damage";
        for (std::size_t at = h.sound; at < h.frames.size() && wrong; ++at)
            if (const contents left = sound_.after(at); h.frames[at] && next == left.next()) {
                wrong = h.in_state > h.reached(at, sound_) ? verdict("shows less than the state file proves")
                                                           : reads(log.value(), left, h, corrupt);
            }
        return wrong;
    }

    // Salvage keeps what still checks and gives nothing else.
    verdict salvage(const image& damaged, const harm& h) {
        image files = damaged;
        opts_.mode = tusk::open_mode::salvage;
        opts_.verify_all = false;
        tusk::recovery_report report;
        auto log = log_type::open(image_backend(files), opts_, &report);
        if (!log) {
            const bool nothing = h.slots == 0 && h.sound == 0; // no state file, and perhaps no header
            const bool newer = log.error() == tusk::errc::unsupported_version && (h.state || h.header);
            return nothing || newer ? verdict() : "cannot be opened: " + log.error().message() + ", " + report.message;
        }
        ++count_.salvaged;
        if (verdict wrong = keeps(log.value(), h))
            return wrong;
        if (!log.value().verify().value().sound())
            return "it is not sound";
        if (count_.salvaged % 8 != 0)
            return std::nullopt;
        opts_.mode = tusk::open_mode::strict;
        log.value() = reopened(log.value(), files, report);
        return report.repaired ? verdict("it has to be repaired again") : keeps(log.value(), h);
    }

    verdict keeps(log_type& log, const harm& h) {
        const index_t first = log.first_index().value();
        const index_t next = log.next_index().value();
        for (index_t i = std::max<index_t>(first, 1); i < next; ++i) {
            const auto e = log.get(i);
            if (!e && e.error() != tusk::errc::lost)
                return "entry " + std::to_string(i) + " fails with: " + e.error().message();
            if (!e)
                continue;
            const record* r = log_.with_time(e.value().time());
            if (r == nullptr || !is_exact(e.value(), *r))
                return "entry " + std::to_string(i) + " was never appended";
        }
        if (h.slots == 0) // of what was dropped from the front, nothing is known any more
            return std::nullopt;
        for (index_t i = sound_.whole().first; i < sound_.whole().next(); ++i) {
            const std::size_t item = sound_.whole().items[static_cast<std::size_t>(i - sound_.whole().first)];
            if (item == layout<Format>::lost_item || h.frames[sound_.frame_of(item)] ||
                has_lost_its_header(h, sound_.frame_of(item)))
                continue;
            const auto e = log.get(i);
            if (!e || !is_exact(e.value(), log_.appended[item]))
                return "entry " + std::to_string(i) + " is not kept, although its frame is sound";
        }
        return std::nullopt;
    }

    [[nodiscard]] bool has_lost_its_header(const harm& h, std::size_t frame) const {
        while (sound_.history()[frame].begin != 0)
            --frame;
        return h.frames[frame];
    }

    const reference_log& log_;
    const layout<Format> sound_;
    counts& count_;
    tusk::options opts_;
    std::uint64_t opened_ = 0;
};

} // namespace damage
