#pragma once

#include <tusk/core/options.hpp>
#include <tusk/log/chain.hpp>
#include <tusk/log/report.hpp>

namespace tusk::inline v0 {

/// The name that a repair gives to a file whose bytes it left out.
inline constexpr std::string_view evidence_suffix = ".evidence";

/// True if the name is that of a segment set aside.
inline bool is_evidence(std::string_view name) noexcept {
    return name.ends_with(evidence_suffix) && segment_number(name.substr(0, name.size() - evidence_suffix.size())) != 0;
}

/// The files of a log, and which of them make up its history.
struct segment_listing {
    std::vector<found_segment> found; ///< by number
    std::vector<std::size_t> chain;   ///< places in `found`, in the order of history
    std::size_t linked = 0;           ///< how many of the chain follow each other; salvage adds what comes behind a gap
    std::vector<std::size_t> beyond;  ///< numbered above the chain's last, and not in it
    std::vector<segment_t> rubbish;   ///< unused, dropped, or of a repair that was not finished
    std::vector<segment_t> orphans;   ///< lost their place in history to a later one
    std::pair<segment_t, segment_t> hidden{}; ///< those numbered between the two are not looked at

    [[nodiscard]] bool is_there(segment_t number) const noexcept {
        return std::any_of(found.begin(), found.end(), [&](const found_segment& s) { return s.number == number; });
    }

    /// A number above that of every file there is: the slot that knew the last one given may be lost.
    [[nodiscard]] segment_t unused_number() const noexcept { return found.empty() ? 1 : found.back().number + 1; }

    /// All LSNs that can ever have been given lie below: they grow with the numbers, and each number above those whose
    /// segments say where they begin may have been that of a segment as large as can be.
    [[nodiscard]] lsn_t lsn_bound(lsn_t witness, const log_state& state) const noexcept {
        lsn_t bound = witness;
        segment_t last = state.first_segment;
        for (const found_segment& s : found) {
            if (s.state != header_state::good)
                continue;
            bound = std::max(bound, s.header.base);
            last = s.number;
        }
        const std::uint64_t next = std::max(state.next_segment, unused_number());
        const std::uint64_t numbers = next + 1 - std::min<std::uint64_t>(last, next);
        return bound + numbers * (max_segment_size + max_batch_limit);
    }

    /// Reads the directory and the segments' headers.
    template<format Format, backend Backend>
    [[nodiscard]] result<void> read(Backend& directory, open_mode mode, const log_state& state, recovery_report& report,
                                    buffer_pool& pool) noexcept {
        std::vector<std::string> names;
        TUSK_TRY(directory.list(names));
        std::sort(names.begin(), names.end());
        for (const std::string& name : names) {
            const segment_t number = segment_number(name);
            if (is_evidence(name)) {
                report.evidence.push_back(name);
            } else if (number == 0) {
                if (name != state_file<Backend>::name)
                    report.unknown_files.push_back(name);
            } else if (number > hidden.first && number < hidden.second) {
                continue;
            } else if (number < state.first_segment) {
                rubbish.push_back(number);
            } else {
                auto s = find_segment<Format, Backend>(directory, number, state.log, pool);
                if (!s && mode == open_mode::read_only && s.error() == std::errc::no_such_file_or_directory)
                    continue; // the writer has dropped it meanwhile
                if (!s) {
                    report.message = "segment " + name + " cannot be read";
                    return s.error();
                }
                found.push_back(std::move(s).value());
            }
        }
        return check_headers(mode, Format::name, report);
    }

    /// Orders the segments. errc::missing if one is not there that another follows.
    [[nodiscard]] result<void> order(open_mode mode, const log_state& state, recovery_report& report) noexcept {
        chain = order_segments(found, state);
        linked = chain.size();
        const segment_t last = chain.empty() ? 0 : found[chain.back()].number;
        std::vector<bool> chained(found.size());
        for (const std::size_t i : chain)
            chained[i] = true;
        for (std::size_t i = 0; i < found.size(); ++i) {
            const found_segment& s = found[i];
            if (chained[i])
                continue;
            const bool good = s.state == header_state::good;
            const bool unfinished = good && s.header.repair() && s.number > state.repaired;
            if (s.state == header_state::blank || unfinished)
                rubbish.push_back(s.number);
            else if (s.number < last)
                orphans.push_back(s.number);
            if (s.number < last || unfinished)
                continue;
            beyond.push_back(i);
            if (good && s.header.previous != 0 && !is_there(s.header.previous)) {
                add_damage(report.damages,
                           {s.header.previous, 0, s.header.previous_end, 0, 0, "the segment is missing"});
                report.message = std::string("segment ") + segment_name(s.header.previous).data() +
                                 " is missing: " + segment_name(s.number).data() + " follows it";
                if (mode == open_mode::strict)
                    return errc::missing;
            }
        }
        if (mode == open_mode::salvage) // what follows a gap is kept as well
            for (const std::size_t i : beyond)
                if (found[i].state == header_state::good)
                    chain.push_back(i);
        return success();
    }

private:
    [[nodiscard]] result<void> check_headers(open_mode mode, const char* format, recovery_report& report) const {
        for (const found_segment& s : found) {
            if (s.state == header_state::unsupported) {
                report.message = std::string("segment ") + segment_name(s.number).data() +
                                 " was written by a newer version of " + format;
                return errc::unsupported_version;
            }
            if (s.state == header_state::misplaced && mode != open_mode::salvage) {
                add_damage(report.damages, {s.number, 0, s.size, 0, 0, "its header names another log or number"});
                report.message =
                    std::string("segment ") + segment_name(s.number).data() + " belongs to another log or number";
                return errc::misplaced;
            }
        }
        return success();
    }
};

/// Clears away the files that no history needs any more. Numbers are never given again, so a crash on the way does no
/// harm.
template<backend Backend>
[[nodiscard]] result<void> clean_up(Backend& directory, const segment_listing& files) noexcept {
    for (const segment_t number : files.rubbish) {
        TUSK_TRY(directory.remove(segment_name(number).data()));
    }
    for (const segment_t number : files.orphans) { // what a crash kept a repair from setting aside
        const auto name = segment_name(number);
        TUSK_TRY(directory.rename(name.data(), (std::string(name.data()) + std::string(evidence_suffix)).c_str()));
    }
    return files.rubbish.empty() && files.orphans.empty() ? success() : directory.sync_directory();
}

} // namespace tusk::inline v0
