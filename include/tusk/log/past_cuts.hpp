#pragma once

#include <tusk/core/types.hpp>

#include <deque>

namespace tusk::inline v0 {

/// The cuts of a log, as far as they matter to those who ask what became of an entry. Guarded by the catalog's lock.
class past_cuts {
public:
    /// A cut or a reset at `at`, which kept the entries up to `keep`. It says all that an older one of no lower index said.
    void add(lsn_t at, index_t keep) {
        while (!cuts_.empty() && cuts_.back().keep >= keep)
            cuts_.pop_back();
        if (cuts_.size() == most) {
            forgotten_ = cuts_.front().at;
            cuts_.pop_front();
        }
        cuts_.push_back({at, keep});
    }

    /// True if the entry that was given `index` by a frame at `lsn` has been cut since, or may have been: of cuts that are
    /// long past only so many are remembered.
    [[nodiscard]] bool have_cut(lsn_t lsn, index_t index) const {
        if (lsn < forgotten_)
            return true;
        for (auto c = cuts_.rbegin(); c != cuts_.rend() && c->at > lsn; ++c)
            if (c->keep < index)
                return true;
        return false;
    }

private:
    struct cut {
        lsn_t at = 0;
        index_t keep = 0;
    };
    static constexpr std::size_t most = 1024;

    std::deque<cut> cuts_; // each keeps more than those before it
    lsn_t forgotten_ = 0;
};

} // namespace tusk::inline v0
