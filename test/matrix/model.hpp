#pragma once

#include <matrix/any_log.hpp>

#include <random>

namespace matrix {

/// All that an entry has.
struct item {
    std::string text;
    std::string key;
    term_t term = 0;
    entry_kind kind = entry_kind::data;
    timestamp_t time = 1;

    [[nodiscard]] record_view record() const { return {text, key, term, kind, time}; }
    friend bool operator==(const item&, const item&) = default;
    friend std::ostream& operator<<(std::ostream& out, const item& i) {
        return out << i.text.substr(0, 20) << " (" << i.text.size() << " bytes, key " << i.key << ", term " << i.term
                   << ", kind " << static_cast<unsigned>(i.kind) << ", time " << i.time << ")";
    }
};
using items = std::vector<item>;

inline item item_of(const entry& e) {
    return {std::string(e.text()), std::string(to_text(e.key())), e.term(), e.kind(), e.time()};
}

/// What a log is to be after what was done to it.
struct model {
    index_t first = 1;
    term_t previous = 0;
    items all;

    [[nodiscard]] index_t next() const { return first + all.size(); }
    [[nodiscard]] term_t last_term() const { return all.empty() ? previous : all.back().term; }
    void cut(index_t keep) { all.resize(static_cast<std::size_t>(keep + 1 - first)); }
    void drop(index_t below) {
        for (; first < below; ++first) {
            previous = all.front().term;
            all.erase(all.begin());
        }
    }
    friend bool operator==(const model&, const model&) = default;
    friend std::ostream& operator<<(std::ostream& out, const model& m) {
        out << "from " << m.first << " on, behind term " << m.previous << ":";
        for (const item& i : m.all)
            out << "\n  " << i;
        return out;
    }
};

inline std::vector<record_view> records_of(const items& some) {
    std::vector<record_view> out;
    for (const item& i : some)
        out.push_back(i.record());
    return out;
}

/// A log that does at random all that logs do, and the model of it. The same for the same seed.
class random_life {
public:
    explicit random_life(unsigned seed) : random_(seed) {}

    void step(any_log& log) {
        const std::size_t size = now_.all.size();
        const index_t somewhere = now_.first + pick(size + 1);
        switch (pick(12)) {
        case 0:
            must(log.truncate(somewhere - 1));
            now_.cut(somewhere - 1);
            break;
        case 1: {
            const items some = make(1 + pick(3), somewhere);
            BOOST_TEST((must(log.replace_from(somewhere, records_of(some))) ==
                        index_range{somewhere, somewhere + some.size() - 1}));
            now_.cut(somewhere - 1);
            add(some);
            break;
        }
        case 2:
            must(log.drop_before(somewhere - std::min<index_t>(somewhere - now_.first, 5)));
            now_.drop(somewhere - std::min<index_t>(somewhere - now_.first, 5));
            break;
        case 3:
            if (pick(4) == 0) {
                now_ = {.first = 1 + pick(1000), .previous = pick(5), .all = {}};
                must(log.reset(now_.first, now_.previous));
            }
            break;
        case 4: BOOST_TEST(must(log.roll()) == now_.next()); break;
        case 5: must(log.sync()); break;
        case 6:
        case 7: {
            const items some = make(2 + pick(6), now_.next());
            BOOST_TEST(
                (must(log.append_batch(records_of(some))) == index_range{now_.next(), now_.next() + some.size() - 1}));
            add(some);
            break;
        }
        default: {
            const items one = make(1, now_.next());
            BOOST_TEST(must(log.append(one.front().record())) == now_.next());
            add(one);
        }
        }
    }

    /// Everything that can be asked has the model's answer.
    void check(any_log& log) const {
        BOOST_TEST(must(log.first_index()) == (now_.next() == 1 ? 0 : now_.first));
        BOOST_TEST(must(log.last_index()) == now_.next() - 1);
        BOOST_TEST(must(log.term_at(now_.first - 1)) == now_.previous);
        BOOST_TEST(must(log.durable_index()) < now_.next());
        BOOST_TEST(fails_with(log.get(now_.next()), errc::beyond_end));
        BOOST_TEST(fails_with(log.truncate(now_.next()), errc::beyond_end));
        if (now_.first > 1)
            BOOST_TEST(fails_with(log.get(now_.first - 1), errc::dropped));
        items range;
        for (const entry& e : must(log.get_range(0, UINT64_MAX)))
            range.push_back(item_of(e));
        BOOST_TEST(range == now_.all, boost::test_tools::per_element());
        items read;
        for (const entry& e : must(log.read_from(now_.first)))
            read.push_back(item_of(e));
        BOOST_TEST((read == now_.all));
        for (index_t i = now_.first; i < now_.next(); i += 3) {
            const entry e = must(log.get(i));
            BOOST_TEST(e.index() == i);
            BOOST_TEST((item_of(e) == now_.all[i - now_.first]));
            BOOST_TEST(must(log.term_at(i)) == e.term());
        }
    }

private:
    [[nodiscard]] std::uint64_t pick(std::uint64_t below) { return random_() % below; }
    void add(const items& some) { now_.all.insert(now_.all.end(), some.begin(), some.end()); }

    // Some that shrink when they are compressed and some that do not, with and without all that a record may have.
    [[nodiscard]] items make(std::size_t count, index_t first) {
        items out;
        term_t term = first == now_.first ? now_.previous : now_.all[first - now_.first - 1].term;
        for (std::size_t i = 0; i < count; ++i) {
            item one;
            one.text = sample(first + i, pick(8) == 0 ? 5000 : pick(300));
            if (pick(3) == 0)
                for (char& c : one.text)
                    c = static_cast<char>(random_() >> 8);
            if (pick(2) == 0)
                one.key = "key \"" + std::to_string(pick(1000)) + "\"";
            one.term = term += pick(4) == 0;
            one.kind = static_cast<entry_kind>(pick(3) == 0 ? static_cast<unsigned>(entry_kind::user) + pick(100) : 0);
            one.time = 1 + random_();
            out.push_back(std::move(one));
        }
        return out;
    }

    std::minstd_rand random_;
    model now_;
};

} // namespace matrix
