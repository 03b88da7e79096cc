#pragma once

#include "judge.hpp"

#include <random>

namespace damage {

/// How much of a sweep is done: every n-th bit.
struct extent {
    std::size_t bit_step = 1;
};

/// Damages a reference log in every way, one at a time: each bit of each byte that is used, and some of those that are not;
/// each sector blank, full of ones, of garbage, as any other sector is; each file as short as can be, longer, gone, in
/// another's place. Gives the first damage that was not borne as it must be, in words.
template<class Format, class Compression>
class sweep {
public:
    sweep(const reference_log& log, counts& count, extent how = {}) : log_(log), judge_(log, count), how_(how) {}

    [[nodiscard]] std::optional<std::string> run() {
        for (const auto& [name, bytes] : log_.files.all()) {
            if (name != "state" && tusk::segment_number(name) == 0)
                continue; // evidence: nobody reads it
            if (auto wrong = bits(name); wrong)
                return wrong;
            if (auto wrong = sectors(name); wrong)
                return wrong;
            if (auto wrong = lengths(name); wrong)
                return wrong;
            if (auto wrong = whole_file(name); wrong)
                return wrong;
        }
        return std::nullopt;
    }

    /// The bits of the bytes that are used: what a whole sweep has to try at least.
    [[nodiscard]] static std::size_t bits_of(const reference_log& log) {
        std::size_t used = 0;
        for (const auto& [name, bytes] : log.files.all())
            if (name == "state" || tusk::segment_number(name) != 0)
                for (std::size_t at = 0; at < bytes->size(); ++at)
                    used += is_used(name, *bytes, at) ? 1U : 0U;
        return 8 * used;
    }

private:
    using verdict = std::optional<std::string>;
    static constexpr std::size_t sector = 512;

    // In the state file, what is written of each page; in a segment, all up to its last byte that is not blank.
    [[nodiscard]] static bool is_used(const std::string& name, const file_bytes& bytes, std::size_t at) {
        namespace places = tusk::state_layout;
        if (name == "state")
            return at % places::page < (at < places::witness ? places::slot_size : places::witness_size);
        return at < used_end(bytes);
    }
    [[nodiscard]] static std::size_t used_end(const file_bytes& bytes) {
        std::size_t end = bytes.size();
        while (end > 0 && (bytes[end - 1] == Format::fill || bytes[end - 1] == std::byte{0}))
            --end;
        return end;
    }

    template<class Harm, class Words>
    verdict attempt(Harm&& harm, Words&& words, extra more) {
        image files = log_.files;
        harm(files);
        verdict wrong = judge_(files, more);
        if (wrong)
            return log_.name + " (" + Format::name + "), " + words() + ": " + *wrong;
        return wrong;
    }

    verdict bits(const std::string& name) {
        const file_bytes& bytes = log_.files[name];
        for (std::size_t at = 0; at < bytes.size(); ++at) {
            const bool used = is_used(name, bytes, at);
            if (!used && at % 97 != 0)
                continue;
            for (unsigned bit = 0; bit < 8; ++bit) {
                if ((used ? at * 8 + bit : at) % how_.bit_step != 0 || (!used && bit != at % 8))
                    continue;
                auto wrong = attempt([&](image& files) { files[name][at] ^= std::byte{1} << bit; },
                                     [&] {
                                         return "bit " + std::to_string(bit) + " of byte " + std::to_string(at) +
                                                " of " + name + " flipped";
                                     },
                                     bit == at % 8 ? extra::salvage : extra::none);
                if (wrong)
                    return wrong;
            }
        }
        return std::nullopt;
    }

    verdict sectors(const std::string& name) {
        const std::size_t size = log_.files[name].size();
        for (std::size_t at = 0; at < size; at += sector) {
            const std::size_t end = std::min(size, at + sector);
            const auto fill = [&](const char* with, auto&& byte) {
                return attempt(
                    [&](image& files) {
                        for (std::size_t i = at; i < end; ++i)
                            files[name][i] = byte(i);
                    },
                    [&] { return "the sector at " + std::to_string(at) + " of " + name + " " + with; }, extra::salvage);
            };
            std::mt19937_64 dice(at);
            verdict wrong = fill("zeroed", [](std::size_t) { return std::byte{0}; });
            if (!wrong)
                wrong = fill("blank", [](std::size_t) { return Format::fill; });
            if (!wrong)
                wrong = fill("full of ones", [](std::size_t) { return std::byte{0xFF}; });
            for (int round = 0; round < 3 && !wrong; ++round)
                wrong = fill("full of garbage", [&](std::size_t) { return static_cast<std::byte>(dice()); });
            if (!wrong)
                wrong = swaps(name, at);
            if (wrong)
                return wrong;
        }
        return std::nullopt;
    }

    // With each sector that comes later in the log, but blank ones among each other.
    verdict swaps(const std::string& name, std::size_t at) {
        for (const auto& [other, bytes] : log_.files.all()) {
            if (other < name || (other != "state" && tusk::segment_number(other) == 0))
                continue;
            for (std::size_t to = other == name ? at + sector : 0; to + sector <= bytes->size(); to += sector) {
                const auto mine = log_.files[name].begin() + static_cast<std::ptrdiff_t>(at);
                const auto theirs = bytes->begin() + static_cast<std::ptrdiff_t>(to);
                if (at + sector > log_.files[name].size() ||
                    std::equal(mine, mine + static_cast<std::ptrdiff_t>(sector), theirs))
                    continue;
                const std::string& with = other;
                auto wrong = attempt(
                    [&](image& files) {
                        const auto from = files[name].begin() + static_cast<std::ptrdiff_t>(at);
                        std::swap_ranges(from, from + static_cast<std::ptrdiff_t>(sector),
                                         files[with].begin() + static_cast<std::ptrdiff_t>(to));
                    },
                    [&] {
                        return "the sectors at " + std::to_string(at) + " of " + name + " and at " +
                               std::to_string(to) + " of " + with + " swapped";
                    },
                    extra::none);
                if (wrong)
                    return wrong;
            }
        }
        return std::nullopt;
    }

    verdict lengths(const std::string& name) {
        const file_bytes& bytes = log_.files[name];
        const std::size_t end = name == "state" ? bytes.size() : used_end(bytes) + 2;
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            if (size >= end ? size % 61 != 0 : name == "state" && !is_used(name, bytes, size) && size % 61 != 0)
                continue;
            auto wrong = attempt([&](image& files) { files[name].resize(size); },
                                 [&] { return name + " cut to " + std::to_string(size) + " bytes"; },
                                 size % 5 == 0 ? extra::salvage : extra::none);
            if (wrong)
                return wrong;
        }
        for (const std::size_t more : {1U, 512U, 5000U}) {
            auto wrong = attempt(
                [&](image& files) {
                    std::mt19937_64 dice(more);
                    for (std::size_t i = 0; i < more; ++i)
                        files[name].push_back(static_cast<std::byte>(dice()));
                },
                [&] { return name + " longer by " + std::to_string(more) + " bytes of garbage"; }, extra::salvage);
            if (wrong)
                return wrong;
        }
        return std::nullopt;
    }

    verdict whole_file(const std::string& name) {
        auto wrong =
            attempt([&](image& files) { files.all().erase(name); }, [&] { return name + " removed"; }, extra::salvage);
        for (const auto& [other, bytes] : log_.files.all()) {
            if (wrong || other <= name || tusk::segment_number(other) == 0 || tusk::segment_number(name) == 0)
                continue;
            const std::string& with = other;
            wrong = attempt([&](image& files) { std::swap(files[name], files[with]); },
                            [&] { return name + " and " + with + " swapped"; }, extra::none);
            if (!wrong)
                wrong = attempt([&](image& files) { files[with] = files[name]; },
                                [&] { return with + " a copy of " + name; }, extra::none);
        }
        return wrong;
    }

    const reference_log& log_;
    judge<Format, Compression> judge_;
    const extent how_;
};

/// Sweeps over a reference log of `shapes`. What is wrong, in words; a log that cannot even be made is.
template<class Format, class Compression>
[[nodiscard]] std::optional<std::string> first_violation(reference_log (*tell)(), counts& count, extent how = {}) {
    try {
        const reference_log log = tell();
        return sweep<Format, Compression>(log, count, how).run();
    } catch (const std::exception& e) {
        return e.what();
    }
}

} // namespace damage
