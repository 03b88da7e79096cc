#pragma once

#include "deed.hpp"
#include "history.hpp"

#include <array>

namespace crash {

/// The history of a log in which two calls, a and b, are under way at the same time: there are two of it, one for each of
/// their orders, until what the calls return shows that it must have been the other. Any number of threads.
class two_histories {
public:
    enum caller : std::size_t { a, b };

    /// What may be found: what either history allows.
    class mark {
    public:
        void kill() {
            for (history::mark& m : all_)
                m.kill();
        }
        void lose_power() {
            for (history::mark& m : all_)
                m.lose_power();
        }
        /// Where only one call is made at a time.
        explicit mark(history::mark only) : all_{std::move(only)} {}

        [[nodiscard]] bool serve(const contents& found) {
            std::erase_if(all_, [&](history::mark& m) { return !m.serve(found); });
            return !all_.empty();
        }
        [[nodiscard]] std::string text() const {
            std::string all = all_.empty() ? "no order of the two calls fits what they returned" : "";
            for (const history::mark& m : all_)
                all += (all.empty() ? "" : "\nor ") + m.text();
            return all;
        }
        [[nodiscard]] std::uint64_t key() const {
            tusk::disk_hash sum;
            for (const history::mark& m : all_)
                sum.add(m.key());
            return sum.value();
        }

    private:
        friend class two_histories;
        mark() = default;
        std::vector<history::mark> all_;
    };

    /// Goes on from one history, that of the calls before.
    explicit two_histories(const history& before) : all_{order(before, a), order(before, b)} {}

    /// `who` is about to do it.
    void begin(caller who, const deed& d) {
        const std::scoped_lock lock(mutex_);
        deeds_[who] = d;
        for (order& o : all_)
            o.go_on(deeds_);
    }
    /// It has returned: the index of the first entry that it appended, or why not. `promises` says if what it has done is
    /// durable then; `hands_over`, if the operating system has it.
    void end(caller who, const tusk::result<tusk::index_t>& gave, bool promises, bool hands_over) {
        const std::scoped_lock lock(mutex_);
        for (order& o : all_) {
            const std::optional<tusk::index_t> expected = o.first[who];
            o.possible = o.possible && gave.has_value() == expected.has_value() && (!gave || gave.value() == *expected);
            if (gave && promises)
                o.past->promise(o.covered(who, *deeds_[who]));
            if (gave && hands_over)
                o.past->hand_over(o.step[who]);
        }
    }
    /// Both have returned, and this is what the log holds.
    void expect(const contents& found) {
        const std::scoped_lock lock(mutex_);
        for (order& o : all_)
            o.possible = o.possible && o.past->now() == found;
    }

    /// Another call, when both have returned.
    void begin_last(const deed& d) {
        const std::scoped_lock lock(mutex_);
        for (order& o : all_)
            if (std::optional<effect> e = effect_of(d, o.past->now()))
                o.past->step(std::move(e->next));
    }
    void end_last(const tusk::result<tusk::index_t>& gave, bool promises, bool hands_over) {
        const std::scoped_lock lock(mutex_);
        for (order& o : all_) {
            o.possible = o.possible && gave && gave.value() + 1 == o.past->now().next();
            if (promises)
                o.past->promise();
            if (hands_over)
                o.past->hand_over();
        }
    }

    [[nodiscard]] mark here() const {
        const std::scoped_lock lock(mutex_);
        mark m;
        for (const order& o : all_)
            if (o.possible)
                m.all_.push_back(o.past->here());
        return m;
    }

private:
    struct order {
        caller leads;
        std::unique_ptr<history> past;
        std::size_t before = 0;                            // steps that were there
        std::array<std::size_t, 2> step{};                 // that each has taken; 0 if none
        std::array<std::optional<tusk::index_t>, 2> first; // of what each has to return; none if it is to be refused
        bool possible = true;

        order(const history& so_far, caller leading)
            : leads(leading), past(std::make_unique<history>(so_far)), before(past->steps()) {}

        // The one that comes second can have done nothing before the first one is called.
        void go_on(const std::array<std::optional<deed>, 2>& deeds) {
            for (const caller who : {leads, leads == a ? b : a}) {
                if (!deeds[who])
                    return;
                if (step[who] != 0)
                    continue;
                const bool closed = who != leads && deeds[leads]->what == call::verb::close;
                std::optional<effect> e = closed ? std::nullopt : effect_of(*deeds[who], past->now());
                if (e)
                    first[who] = e->first;
                past->step(e ? std::move(e->next) : past->now());
                step[who] = past->steps();
            }
        }
        // What was appended before they were called is covered by a sync, what one of them has done by itself alone.
        [[nodiscard]] std::size_t covered(caller who, const deed& d) const {
            return d.what == call::verb::sync || d.what == call::verb::close ? before : step[who];
        }
    };

    mutable std::mutex mutex_;
    std::array<order, 2> all_;
    std::array<std::optional<deed>, 2> deeds_;
};

} // namespace crash
