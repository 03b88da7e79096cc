#pragma once

#include <tusk/prove/crash_search.hpp>

#include <boost/unordered/unordered_flat_set.hpp>

#include <concepts>
#include <optional>

namespace tusk::inline v0 {

/// A program whose promises are to be proved. See prove/README.md for what each expression means.
template<class S>
concept crash_subject = std::copyable<typename S::mark> &&
                        requires(S subject, const S constant, const simulated_disk& disk, typename S::mark& mark) {
                            { subject.live(disk) };
                            { constant.now() } -> std::same_as<typename S::mark>;
                            { subject.check(disk, mark) } -> std::same_as<std::string>;
                            { std::as_const(mark).key() } -> std::convertible_to<std::uint64_t>;
                        };

/// Lets a program live on a simulated disk, and takes the power away in every call that changes the disk, in every way
/// that a `crash_search` asks for; then in the recovery from that. For one thread at a time.
///
///     crash_prover prove({.seed = 7});
///     if (const auto found = prove(program))
///         std::cout << *found << '\n';
class crash_prover {
public:
    explicit crash_prover(crash_search how = {}) noexcept : how_(how) {}

    /// One life of `subject` on `disk`, and all crashes in it: the first that it does not survive, or nothing.
    template<crash_subject Subject>
    [[nodiscard]] std::optional<crash_finding> operator()(Subject& subject, simulated_disk disk = {}) {
        using mark = typename Subject::mark;
        ++counts_.lives;
        std::vector<point<mark>> points;
        disk.watch([&](const simulated_disk& cut) { points.push_back({cut, cut.calls(), subject.now()}); });
        subject.live(disk);
        disk.watch({});
        points.push_back({disk.copy(), disk.calls() + 1, subject.now()});
        return search(subject, points, {}, how_.depth);
    }

    /// Goes on in another way. Images that were checked are still not checked again.
    void search(crash_search how) noexcept { how_ = how; }

    [[nodiscard]] const crash_counts& counts() const noexcept { return counts_; }

private:
    template<class Mark>
    struct point {
        simulated_disk disk; // without power, the call in the middle
        std::uint64_t call;
        Mark promised;
    };

    template<class Subject>
    std::optional<crash_finding> search(Subject& subject, const std::vector<point<typename Subject::mark>>& points,
                                        const std::vector<std::string>& before, unsigned depth) {
        const crash_search extent = before.empty() ? how_ : how_.nested();
        for (const auto& p : points) {
            if (!remember(points_, key_of(p.disk, p.promised) ^ extent.key()))
                continue;
            ++counts_.points;
            const std::size_t unsynced = p.disk.unsynced();
            const auto where = [&](const std::string& how) {
                std::vector<std::string> lines = before;
                lines.push_back((before.empty() ? "call " : "then, recovering, call ") + std::to_string(p.call) + ": " +
                                how);
                return lines;
            };
            const auto meet = [&](simulated_disk disk, auto promised, const std::string& how) {
                return look(
                    subject, std::move(disk), std::move(promised), [&] { return where(how); }, !before.empty(), depth);
            };
            for (const disk_loss& loss : crash_losses(unsynced, extent, p.call)) {
                simulated_disk image = p.disk.copy();
                image.power_cycle(loss);
                auto promised = p.promised;
                if constexpr (requires { promised.lose_power(); })
                    promised.lose_power();
                if (auto found = meet(std::move(image), std::move(promised), "the power goes, " + loss.text()))
                    return found;
            }
            simulated_disk image = p.disk.copy();
            image.kill();
            auto promised = p.promised;
            if constexpr (requires { promised.kill(); })
                promised.kill();
            if (auto found = meet(std::move(image), std::move(promised), "the process is killed"))
                return found;
        }
        return std::nullopt;
    }

    // Checks one image, if its like was not checked before, and at times the images of crashes in its recovery.
    template<class Subject, class Where>
    std::optional<crash_finding> look(Subject& subject, simulated_disk image, typename Subject::mark promised,
                                      Where&& where, bool nested, unsigned depth) {
        ++counts_.images;
        const std::uint64_t asked = key_of(image, promised);
        if (!remember(checked_, asked))
            return std::nullopt;
        ++counts_.checked;
        if (remember(images_, image.hash_with_unsynced()))
            ++(nested ? counts_.nested : counts_.distinct);

        const bool again = depth > 0 && how_.nested_in != 0 && disk_dice(asked)() % how_.nested_in == 0;
        const simulated_disk found = image.copy();
        std::vector<point<typename Subject::mark>> points;
        if (again)
            image.watch([&](const simulated_disk& cut) { points.push_back({cut, cut.calls(), promised}); });
        std::string why = subject.check(image, promised);
        image.watch({});
        if (!why.empty())
            return crash_finding{std::move(why), where(), found};
        if (!again)
            return std::nullopt;
        points.push_back({image.copy(), image.calls() + 1, promised});
        return search(subject, points, where(), depth - 1);
    }

    // Equal where the same may be found on the same disk.
    template<class Mark>
    static std::uint64_t key_of(const simulated_disk& disk, const Mark& promised) {
        disk_hash sum;
        sum.add(disk.hash_with_unsynced());
        sum.add(promised.key());
        if constexpr (requires(Mark m) { m.kill(); }) {
            Mark killed = promised;
            killed.kill();
            sum.add(killed.key());
        }
        if constexpr (requires(Mark m) { m.lose_power(); }) {
            Mark cut = promised;
            cut.lose_power();
            sum.add(cut.key());
        }
        return sum.value();
    }

    using known = boost::unordered_flat_set<std::uint64_t>;

    // True if it is new. So that a long search does not fill the memory, it forgets all at times.
    static bool remember(known& seen, std::uint64_t key) {
        constexpr std::size_t most = std::size_t{1} << 24U;
        if (seen.size() == most)
            seen.clear();
        return seen.insert(key).second;
    }

    crash_search how_;
    crash_counts counts_;
    known points_;
    known checked_;
    known images_;
};

} // namespace tusk::inline v0
