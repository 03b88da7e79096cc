#pragma once

#include "log_check.hpp"
#include "story.hpp"

#include <tusk/prove/crash_prover.hpp>

namespace crash {

/// A log whose calls a crash_prover interrupts.
template<class Log>
class log_subject {
public:
    using mark = history::mark;

    log_subject(std::vector<call> calls, const setting& how) : calls_(std::move(calls)), how_(how) {}

    void live(const simulated_disk& disk) {
        past_ = std::make_unique<history>();
        wrong_.clear();
        const tusk::options o = how_.options();
        const auto open = [&] {
            return Log::open(typename Log::backend_type(disk), o, how_.template policy<typename Log::fsync_type>());
        };
        auto opened = open();
        if (!opened) {
            wrong_ = "cannot be made: " + why(opened);
            return;
        }
        Log& log = opened.value();
        story<Log> s(
            log, *past_, open, [&] { rest(o.background); }, how_.template syncs_at_once<typename Log::fsync_type>());
        (void)s.tell(calls_);
        if (!s.is_fine())
            wrong_ = s.wrong().empty() ? "a call fails where nothing is wrong: " + s.failure().message() : s.wrong();
        rest(o.background);
    }
    [[nodiscard]] mark now() const { return past_->here(); }
    /// What was wrong in the life itself, with no crash yet; or nothing.
    [[nodiscard]] const std::string& wrong() const noexcept { return wrong_; }

    [[nodiscard]] std::string check(const simulated_disk& disk, mark& promised) {
        return wrong_.empty() ? crash::check<Log>(disk, promised, ++checked_ % 8 == 0) : wrong_;
    }

private:
    std::vector<call> calls_;
    const setting& how_;
    std::unique_ptr<history> past_;
    std::string wrong_;
    std::uint64_t checked_ = 0;
};

/// What is wrong in the life of a subject, whether or not it leaves anything to be checked that was not checked before; or
/// the first crash that it does not survive.
template<class Subject>
[[nodiscard]] std::optional<tusk::crash_finding> first_finding(tusk::crash_prover& prove, Subject& subject) {
    auto found = prove(subject);
    if (!found && !subject.wrong().empty())
        found = tusk::crash_finding{subject.wrong(), {"before any crash"}, {}};
    return found;
}

} // namespace crash
