#pragma once

#include <tusk/version.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace tusk::inline v0 {

/// A short list of calls that still fails, made from one that does: leaves out runs of calls, the long ones first, for as
/// long as `fails(calls)` stays true. What is left fails no more without any one of its calls. After "delta debugging"
/// (Zeller and Hildebrandt, Simplifying and isolating failure-inducing input).
template<class Call, class Fails>
std::vector<Call> shrink(std::vector<Call> calls, Fails&& fails) {
    for (std::size_t run = calls.size(); run > 0; run = run > 1 ? run / 2 : 0) {
        for (std::size_t at = 0; at + run <= calls.size();) {
            std::vector<Call> shorter(calls.begin(), calls.begin() + static_cast<std::ptrdiff_t>(at));
            shorter.insert(shorter.end(), calls.begin() + static_cast<std::ptrdiff_t>(at + run), calls.end());
            if (fails(std::as_const(shorter))) {
                calls = std::move(shorter);
                run = run > calls.size() ? calls.size() : run;
                at = 0;
                if (run == 0)
                    return calls;
            } else {
                ++at;
            }
        }
    }
    return calls;
}

} // namespace tusk::inline v0
