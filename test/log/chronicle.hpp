#pragma once

#include <log/fixture.hpp>

#include <atomic>
#include <mutex>
#include <unordered_map>

namespace log_test {

/// What threads asked of a log and what they were told, and when, to be judged when all have ended: could the log have
/// done it all one after the other, each call at some time between its begin and its end? Every text is appended once.
class chronicle {
public:
    using moment = std::uint64_t;
    struct span {
        moment begin = 0;
        moment end = 0;
    };

    [[nodiscard]] moment now() { return ++clock_; }

    void appended(const std::string& text, index_t index, span when) {
        const std::scoped_lock lock(mutex_);
        entries_[text] = {index, when};
    }
    /// Nothing came of it.
    void refused(const std::string& text) {
        const std::scoped_lock lock(mutex_);
        refused_.push_back(text);
    }
    void cut(index_t keep, span when) {
        const std::scoped_lock lock(mutex_);
        cuts_.push_back({keep, when});
    }
    void dropped(index_t first, span when) {
        const std::scoped_lock lock(mutex_);
        drops_.push_back({first, when});
    }
    /// `outcome` is what get() gave.
    void read(index_t index, std::error_code why, std::string text, span when) {
        const std::scoped_lock lock(mutex_);
        reads_.push_back({index, why, std::move(text), when});
    }

    /// One who reads forward was given `next` right after `before`, and was told of no cut in between.
    void followed(const std::string& before, const std::string& next) {
        const std::scoped_lock lock(mutex_);
        pairs_.emplace_back(before, next);
    }

    /// Judges all reads, and what the log holds at the end, from `first` on.
    void check(index_t first, const texts& held) {
        by_index_.clear();
        for (const auto& [text, e] : entries_)
            by_index_[e.index].push_back(&e);
        for (const read_call& r : reads_)
            check(r);
        for (const auto& [before, next] : pairs_) // what was cut before the other was appended never stood before it
            BOOST_REQUIRE_MESSAGE(!must_be_gone(entries_.at(before), entries_.at(next).when),
                                  next << " was shown behind " << before << ", which was cut before");
        const moment end = now();
        for (const std::string& text : refused_)
            BOOST_REQUIRE(std::find(held.begin(), held.end(), text) == held.end());
        for (std::size_t i = 0; i < held.size(); ++i)
            check({first + i, {}, held[i], {end, end + 1}});
        for (const auto& [text, e] : entries_) {
            const bool there = e.index >= first && e.index - first < held.size() && held[e.index - first] == text;
            BOOST_REQUIRE_MESSAGE(there || may_be_gone(e, {end, end + 1}),
                                  text << " was appended as " << e.index << " and is gone");
        }
        for (const change& d : drops_)
            BOOST_REQUIRE_LE(d.index, first);
    }
    [[nodiscard]] std::size_t entries() const { return entries_.size(); }
    [[nodiscard]] std::size_t reads() const { return reads_.size(); }
    [[nodiscard]] std::size_t cuts() const { return cuts_.size(); }

private:
    struct entry_facts {
        index_t index = 0;
        span when;
    };
    struct change {
        index_t index = 0;
        span when;
    };
    struct read_call {
        index_t index = 0;
        std::error_code why;
        std::string text;
        span when;
    };

    // At the time of a call, could the entry have been cut or dropped?
    [[nodiscard]] bool may_be_gone(const entry_facts& e, span at) const {
        const auto gone_by = [&](const change& c) { return c.when.end > e.when.begin && c.when.begin < at.end; };
        return std::any_of(cuts_.begin(), cuts_.end(),
                           [&](const change& c) { return c.index < e.index && gone_by(c); }) ||
               may_be_dropped(e.index, at);
    }
    [[nodiscard]] bool may_be_dropped(index_t index, span at) const {
        return std::any_of(drops_.begin(), drops_.end(),
                           [&](const change& d) { return d.index > index && d.when.begin < at.end; });
    }
    // Was it cut for certain, by a call that began when it was appended and ended before `at`?
    [[nodiscard]] bool must_be_gone(const entry_facts& e, span at) const {
        return std::any_of(cuts_.begin(), cuts_.end(), [&](const change& c) {
            return c.index < e.index && c.when.begin > e.when.end && c.when.end < at.begin;
        });
    }

    void check(const read_call& r) const {
        if (r.why == errc::dropped) {
            BOOST_REQUIRE_MESSAGE(may_be_dropped(r.index, r.when), r.index << " is said to be dropped");
        } else if (r.why == errc::beyond_end) {
            if (const auto at = by_index_.find(r.index); at != by_index_.end())
                for (const entry_facts* e : at->second)
                    BOOST_REQUIRE_MESSAGE(e->when.end > r.when.begin || may_be_gone(*e, r.when),
                                          r.index << " is said to be beyond the end");
        } else if (!r.why) {
            const auto e = entries_.find(r.text);
            BOOST_REQUIRE_MESSAGE(e != entries_.end(), "nobody appended " << r.text << ", read at " << r.index);
            BOOST_REQUIRE_EQUAL(e->second.index, r.index);
            BOOST_REQUIRE_LT(e->second.when.begin, r.when.end);
            BOOST_REQUIRE_MESSAGE(!must_be_gone(e->second, r.when), r.text << " was cut before it was read");
        } else {
            BOOST_REQUIRE_MESSAGE(r.why == errc::closed, r.why.message());
        }
    }

    std::atomic<moment> clock_{0};
    std::mutex mutex_;
    std::unordered_map<std::string, entry_facts> entries_;
    std::unordered_map<index_t, std::vector<const entry_facts*>> by_index_;
    std::vector<std::string> refused_;
    std::vector<change> cuts_;
    std::vector<change> drops_;
    std::vector<read_call> reads_;
    std::vector<std::pair<std::string, std::string>> pairs_;
};

} // namespace log_test
