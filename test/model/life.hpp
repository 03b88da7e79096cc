#pragma once

#include "call.hpp"
#include "log_model.hpp"

#include <tusk/backend/simulated.hpp>
#include <tusk/compression/none.hpp>
#include <tusk/format/binary.hpp>
#include <tusk/log/basic_wal.hpp>

#include <stdexcept>

namespace model {

using tusk::errc;

/// The lives of a log and of its model, side by side. What they differ in is thrown, in words.
template<class FsyncPolicy>
class life {
public:
    using log_type = tusk::basic_wal<tusk::binary_format, FsyncPolicy, tusk::simulated_backend, tusk::no_compression>;

    explicit life(const setting& how) {
        opts_.segment_size = how.larger ? 64 * tusk::kibibyte : 4096;
        opts_.max_record_size = 6000;
        opts_.max_batch_bytes = 9000;
        opts_.sync_alignment = how.aligned ? 512 : 0;
        opts_.write_buffer = how.buffered && !FsyncPolicy::append_waits ? 2048 : 0;
        opts_.witness_interval = std::chrono::hours(1);
        opts_.background = tusk::background::inline_();
        open();
    }

    void make(const call& k) {
        switch (k.what) {
        case verb::append: append(k); break;
        case verb::batch: batch(k); break;
        case verb::transaction: transaction(k); break;
        case verb::submit: submit(k); break;
        case verb::wait: wait(k); break;
        case verb::truncate: truncate(k); break;
        case verb::replace: replace(k); break;
        case verb::drop_before: drop_before(k); break;
        case verb::reset: reset(k); break;
        case verb::roll: roll(); break;
        case verb::sync: sync(); break;
        case verb::hold: hold(k); break;
        case verb::let_go: holds_.clear(); break;
        case verb::start_reading: start_reading(k); break;
        case verb::read_on: read_on(k); break;
        case verb::look: look(k); break;
        case verb::wrong_argument: wrong_argument(k); break;
        case verb::reopen: reopen(); break;
        case verb::kill: crash(/*power=*/false, k); break;
        case verb::lose_power: crash(/*power=*/true, k); break;
        case verb::lose_power_soon: disk_.stop_at(disk_.calls() + 1 + k.a % 8); break;
        }
        if (!disk_.has_power()) // in the middle of the call: what it was to do may be done or not
            crash(/*power=*/true, k);
        compare();
    }
    /// Once more, from what is on disk.
    void end() {
        reopen();
        if (!disk_.has_power())
            crash(/*power=*/true, {});
        compare();
        require(log_->verify().value().sound(), "verify() finds damage");
    }

private:
    [[noreturn]] static void fail(const std::string& what) { throw std::runtime_error(what); }
    static void require(bool fine, const std::string& otherwise) {
        if (!fine)
            fail(otherwise);
    }
    template<class T>
    static std::string why(const tusk::result<T>& r) {
        return r ? "success" : r.error().message();
    }

    // ---- calls that do something ----

    // The log takes a step that makes it `next`.
    template<class Call>
    auto take(state next, Call&& make_it, bool written_only = false) {
        const std::size_t step = model_.step(std::move(next));
        auto done = make_it();
        if (!disk_.has_power())
            return done;
        require(static_cast<bool>(done), "is refused: " + why(done));
        if (FsyncPolicy::append_waits && !written_only)
            model_.promise(step);
        else if (opts_.write_buffer == 0)
            model_.hand_over(step);
        return done;
    }

    [[nodiscard]] item make_item(const call& k, term_t before, std::uint32_t salt = 0) {
        static constexpr std::array<std::size_t, 8> sizes{0, 1, 20, 60, 200, 700, 1500, 5000};
        const std::uint32_t n = k.a + salt;
        item i{.term = before + (n % 4 == 0 ? n % 3 : 0),
               .kind = n % 5 == 0   ? static_cast<tusk::entry_kind>(128 + n % 128)
                       : n % 7 == 0 ? tusk::entry_kind::tombstone
                                    : tusk::entry_kind::data,
               .time = ++clock_ * 1000 - n, // it may go back
               .key = n % 3 == 0 ? "key " + std::to_string(n) : "",
               .data = "data " + std::to_string(clock_) + " "};
        i.data.resize(sizes[(k.b + salt) % (salt == 0 ? 8 : 5)], static_cast<char>('a' + n % 26));
        return i;
    }
    static tusk::record_view view(const item& i) { return {i.data, i.key, i.term, i.kind, i.time}; }

    void append(const call& k) {
        state next = model_.now();
        item i = make_item(k, next.last_term());
        tusk::record_view r = view(i);
        if (k.c % 2 == 0 && r.term == next.last_term())
            r.term = 0; // as the one before
        const index_t index = next.next();
        next.append(i);
        const bool written_only = k.c % 7 == 0;
        const tusk::append_options how{.expect_index = k.c % 3 == 0 ? index : 0,
                                       .wait = written_only    ? tusk::durability::written
                                               : k.c % 11 == 0 ? tusk::durability::durable
                                                               : tusk::durability::policy};
        const auto done = take(
            std::move(next), [&] { return log_->append(r, how); }, written_only);
        if (!done || !disk_.has_power())
            return;
        require(done.value() == index, "append gives another index");
        if (how.wait == tusk::durability::durable)
            model_.promise(model_.last());
        else if (written_only)
            model_.hand_over(model_.last());
    }

    // Several records, and what the log will be with them.
    struct several {
        std::vector<item> items;
        std::vector<tusk::record_view> views;
        tusk::index_range range;
    };
    [[nodiscard]] several make_several(const call& k, state& next) {
        several s;
        const std::uint32_t count = 1 + k.a % 5;
        s.range.first = next.next();
        for (std::uint32_t n = 0; n < count; ++n) {
            s.items.push_back(make_item(k, next.last_term(), n + 1));
            next.append(s.items.back());
        }
        s.range.last = next.next() - 1;
        for (const item& i : s.items)
            s.views.push_back(view(i));
        return s;
    }
    void is_range(const tusk::result<tusk::index_range>& done, const tusk::index_range& wanted) const {
        if (done && disk_.has_power())
            require(done.value() == wanted, "gives other indexes");
    }

    void batch(const call& k) {
        state next = model_.now();
        const several s = make_several(k, next);
        is_range(take(std::move(next), [&] { return log_->append_batch(s.views); }), s.range);
    }
    void transaction(const call& k) {
        state next = model_.now();
        const several s = make_several(k, next);
        auto t = log_->begin();
        for (const tusk::record_view& r : s.views)
            require(static_cast<bool>(t.add(r)), "a transaction takes no record");
        if (k.c % 3 == 0)
            t.rollback();
        else
            is_range(take(std::move(next), [&] { return t.commit(); }), s.range);
        require(t.commit().error() == errc::closed, "a transaction that is over can be committed");
    }
    void submit(const call& k) {
        state next = model_.now();
        const several s = make_several(k, next);
        const std::size_t step = model_.step(std::move(next));
        const auto t = log_->submit(s.views);
        if (!disk_.has_power())
            return;
        require(static_cast<bool>(t), "submit is refused: " + why(t));
        is_range(t.value().entries, s.range);
        tickets_.push_back({t.value(), step, false});
    }
    void wait(const call& k) {
        if (tickets_.empty())
            return;
        const submitted s = tickets_[k.a % tickets_.size()];
        const auto done = log_->wait_durable(s.ticket);
        if (!disk_.has_power())
            return;
        require(s.cut ? !done && done.error() == errc::truncated : static_cast<bool>(done),
                "waiting for a ticket gives: " + why(done));
        if (done)
            model_.promise(s.step);
    }

    void has_cut(index_t keep) {
        for (submitted& s : tickets_)
            s.cut = s.cut || s.ticket.entries.last > keep;
        if (reading_)
            reading_->cut(keep);
    }
    void truncate(const call& k) {
        state next = model_.now();
        const index_t keep = next.first - 1 + k.a % (next.items.size() + 1);
        next.cut(keep);
        (void)take(std::move(next), [&] { return log_->truncate(keep); });
        has_cut(keep);
    }
    void replace(const call& k) {
        state next = model_.now();
        const index_t first = next.first + k.c % (next.items.size() + 1);
        next.cut(first - 1);
        const several s = make_several(k, next);
        is_range(take(std::move(next), [&] { return log_->replace_from(first, s.views); }), s.range);
        has_cut(first - 1);
    }
    void drop_before(const call& k) {
        state next = model_.now();
        const index_t first = next.first + k.a % (next.items.size() + 1);
        if (is_held(first)) {
            refused(log_->drop_before(first), errc::held);
            return;
        }
        next.drop(first);
        (void)take(std::move(next), [&] { return log_->drop_before(first); });
        if (disk_.has_power())
            model_.promise(model_.last()); // under every policy
    }
    void reset(const call& k) {
        const index_t next = k.b % 4 == 0 ? (index_t{1} << 40) + k.a : 1 + k.a % 50;
        const term_t previous = k.c % 5;
        if (!holds_.empty()) {
            refused(log_->reset(next, previous), errc::held);
            return;
        }
        (void)take({.first = next, .previous_term = previous, .items = {}},
                   [&] { return log_->reset(next, previous); });
        has_cut(0);
    }
    void roll() {
        const auto done = log_->roll();
        if (disk_.has_power())
            require(done && done.value() == model_.now().next(), "roll gives: " + why(done));
    }
    void sync() {
        const auto done = log_->sync();
        if (!disk_.has_power())
            return;
        require(static_cast<bool>(done), "sync is refused: " + why(done));
        model_.promise(model_.last());
        require(log_->durable_index().value() + 1 == model_.now().next(), "after a sync not all is durable");
    }

    [[nodiscard]] bool is_held(index_t first) const {
        return std::any_of(holds_.begin(), holds_.end(), [&](const tusk::hold& h) { return h.from() < first; });
    }
    void hold(const call& k) {
        const index_t from = model_.now().first + k.a % (model_.now().items.size() + 1);
        auto h = log_->hold(from);
        if (!disk_.has_power())
            return;
        require(static_cast<bool>(h), "hold is refused: " + why(h));
        holds_.push_back(std::move(h).value());
    }

    // ---- reading ----

    void start_reading(const call& k) {
        const index_t from = model_.now().first + k.a % (model_.now().items.size() + 1);
        auto r = log_->read_from(from);
        if (!disk_.has_power())
            return;
        require(static_cast<bool>(r), "read_from is refused: " + why(r));
        reader_.emplace(std::move(r).value());
        reading_ = reader_model{.at = from, .kept = {}};
    }
    void read_on(const call& k) {
        for (std::uint32_t n = 0; reading_ && n <= k.a % 8; ++n) {
            (void)log_->last_index(); // what is held back is written, and what it cuts is told
            const auto e = reader_->next();
            if (!disk_.has_power())
                return;
            const state& s = model_.now();
            const std::optional<index_t> kept = std::exchange(reading_->kept, std::nullopt);
            if (kept && *kept + 1 < reading_->at) {
                require(!e && e.error() == errc::truncated, "a reader is not told of a cut: " + why(e));
                reading_->at = *kept + 1;
            } else if (reading_->at < s.first) {
                require(!e && e.error() == errc::dropped, "a reader is not told of a drop: " + why(e));
                reader_->seek(s.first);
                reading_->at = s.first;
            } else if (reading_->at >= s.next()) {
                require(!e && e.error() == errc::beyond_end, "a reader does not see the end: " + why(e));
            } else {
                require(static_cast<bool>(e), "a reader is refused an entry: " + why(e));
                is_entry(e.value(), reading_->at++);
            }
            require(reader_->next_index() == reading_->at, "a reader is elsewhere");
        }
    }
    void is_entry(const tusk::entry& e, index_t index) const {
        const item& i = *model_.now().items.at(static_cast<std::size_t>(index - model_.now().first));
        const item got{e.term(), e.kind(), e.time(), std::string(tusk::to_text(e.key())), std::string(e.text())};
        require(e.index() == index && got == i, "entry " + std::to_string(index) + " is another");
    }
    template<class T>
    void refused(const tusk::result<T>& r, errc wanted) const {
        if (disk_.has_power())
            require(!r && r.error() == wanted, "gives: " + why(r) + "; wanted: " + make_error_code(wanted).message());
    }

    void look(const call& k) {
        const state& s = model_.now();
        const index_t index = s.first + k.a % (s.items.size() + 1);
        const auto e = log_->get(index);
        if (!disk_.has_power())
            return;
        if (index == s.next())
            refused(e, errc::beyond_end);
        else
            require(static_cast<bool>(e), "get is refused: " + why(e)), is_entry(e.value(), index);
        refused(log_->get(s.first - 1), errc::dropped);
        refused(log_->term_at(s.next()), errc::beyond_end);
        if (s.first > 1)
            refused(log_->term_at(s.first - 2), errc::dropped);
        const auto some = log_->get_range(index, index + k.b % 5, 1 + k.c);
        if (!disk_.has_power())
            return;
        require(static_cast<bool>(some), "get_range is refused: " + why(some));
        require(some.value().empty() == (index == s.next()), "a range is empty, or not");
        std::size_t bytes = 0;
        for (std::size_t i = 0; i < some.value().size(); ++i) {
            const tusk::entry& one = some.value()[i];
            is_entry(one, index + i);
            const std::size_t size = one.data().size() + one.key().size();
            bytes += size;
            require(i == 0 || size == 0 || bytes <= 1 + k.c, "a range has more bytes than it may");
        }
        require(some.value().size() <= 1 + k.b % 5, "a range has more entries than were asked for");
    }

    // Each is refused as the documentation says, and changes nothing.
    void wrong_argument(const call& k) {
        const state& s = model_.now();
        const item i = make_item(k, s.last_term());
        const tusk::record_view r = view(i);
        const std::string large(6001, 'L');
        const std::vector<tusk::record_view> none;
        const std::vector<tusk::record_view> back{{i.data, "", s.last_term() + 2}, {i.data, "", s.last_term() + 1}};
        const std::vector<tusk::record_view> heavy(4, tusk::record_view(std::string_view(large).substr(0, 3000)));
        const index_t elsewhere = s.next() + 1 + k.b % 3;
        switch (k.a % 19) {
        case 0: refused(log_->append(r, {.expect_index = elsewhere}), errc::index_mismatch); break;
        case 1: refused(log_->append(large), errc::too_large); break;
        case 2: refused(log_->append_batch(none), errc::invalid_argument); break;
        case 3: refused(log_->append_batch(back), errc::term_regressed); break;
        case 4: refused(log_->append_batch(heavy), errc::too_large); break;
        case 5: refused(log_->submit(none), errc::invalid_argument); break;
        case 6: refused(log_->truncate(elsewhere - 1), errc::beyond_end); break;
        case 7: refused(log_->replace_from(0, {&r, 1}), errc::dropped); break;
        case 8: refused(log_->replace_from(elsewhere, {&r, 1}), errc::beyond_end); break;
        case 9: refused(log_->reset(0), errc::invalid_argument); break;
        case 10: refused(log_->get_range(s.next(), s.first - 1), errc::invalid_argument); break;
        case 11: refused(log_->read_from(elsewhere), errc::beyond_end); break;
        case 12: refused(log_->drop_before(elsewhere), is_held(elsewhere) ? errc::held : errc::beyond_end); break;
        case 13: refused(log_->append(r, {.compress = tusk::codec::lz4}), errc::invalid_argument); break;
        case 14:
            if (s.last_term() > 0) {
                const tusk::record_view older(i.data, "", s.last_term() - 1);
                if (older.term != 0)
                    refused(log_->append(older), errc::term_regressed);
            }
            break;
        case 15:
            if (s.first > 1) {
                refused(log_->truncate(s.first - 2), errc::dropped);
                refused(log_->replace_from(s.first - 1, {&r, 1}), errc::dropped);
            }
            break;
        case 16:
            if (s.first > 1) {
                refused(log_->hold(s.first - 1), errc::dropped);
                refused(log_->read_from(s.first - 1), errc::dropped);
            }
            break;
        case 17: {
            auto t = log_->begin(tusk::nanoseconds(-1));
            require(static_cast<bool>(t.add(r)), "a transaction takes no record");
            refused(t.commit(), errc::expired);
            break;
        }
        case 18: {
            auto again = log_type::open(tusk::simulated_backend(disk_), opts_);
            refused(again, errc::busy);
            break;
        }
        default: break;
        }
    }

    // ---- lives ----

    void open() {
        tusk::recovery_report report;
        auto opened = log_type::open(tusk::simulated_backend(disk_), opts_, &report);
        if (!disk_.has_power())
            return;
        require(static_cast<bool>(opened), "cannot be opened: " + report.message);
        log_.emplace(std::move(opened).value());
    }
    void forget() {
        reader_.reset();
        reading_.reset();
        holds_.clear();
        tickets_.clear();
    }
    void reopen() {
        forget();
        const auto closed = log_->close();
        if (!disk_.has_power())
            return;
        require(static_cast<bool>(closed), "close fails: " + why(closed));
        refused(log_->append("x"), errc::closed);
        refused(log_->get(1), errc::closed);
        model_.promise(model_.last());
        log_.reset();
        open();
        if (disk_.has_power())
            require(model_.come_back_as(held(), /*power_lost=*/true), "a close and an open have made it another");
    }
    void crash(bool power, const call& k) {
        forget();
        if (!disk_.has_power())
            power = true;
        power ? disk_.power_cycle(loss(k)) : disk_.kill();
        log_.reset();
        open();
        const state found = held();
        require(model_.come_back_as(found, power), "holds " + found.text() + " after a crash; promised was " +
                                                       model_.promised(power).text() + ", the last was " +
                                                       model_.now().text());
    }
    static tusk::disk_loss loss(const call& k) {
        switch (k.b % 6) {
        case 0: return tusk::disk_loss::drop_unsynced();
        case 1: return tusk::disk_loss::keep_all();
        case 2: return tusk::disk_loss::prefix(k.c);
        case 3: return tusk::disk_loss::ordered(k.c);
        case 4: return tusk::disk_loss::size_first(k.c);
        default: return tusk::disk_loss::torn(k.c);
        }
    }

    // All that the log holds.
    [[nodiscard]] state held() {
        const index_t next = log_->next_index().value();
        state s{.first = next == 1 ? 1 : log_->first_index().value(), .previous_term = 0, .items = {}};
        s.previous_term = log_->term_at(s.first - 1).value();
        const tusk::entries all = log_->get_range(s.first, UINT64_MAX).value();
        for (const tusk::entry& e : all)
            s.append({e.term(), e.kind(), e.time(), std::string(tusk::to_text(e.key())), std::string(e.text())});
        require(s.next() == next, "not all entries can be read");
        return s;
    }
    void compare() {
        (void)log_->next_index(); // what is held back may be written for it
        if (disk_.has_power()) {
            const state s = held();
            require(s == model_.now(), "holds " + s.text() + "; it should be " + model_.now().text());
            require(log_->empty().value() == s.items.empty(), "is empty, or not");
            require(log_->last_index().value() == s.next() - 1, "its last index is wrong");
            const index_t durable = log_->durable_index().value();
            require(durable < s.next(), "more is durable than there is");
            model_.promise_below(durable + 1);
            for (index_t i = s.first; i < s.next(); ++i)
                require(log_->term_at(i).value() == s.term_at(i), "a term is wrong");
        }
        if (!disk_.has_power())
            crash(/*power=*/true, {});
    }

    struct submitted {
        tusk::ticket ticket;
        std::size_t step = 0;
        bool cut = false;
    };

    tusk::simulated_disk disk_;
    tusk::options opts_;
    std::optional<log_type> log_;
    log_model model_;
    std::vector<submitted> tickets_;
    std::vector<tusk::hold> holds_;
    std::optional<typename log_type::reader_type> reader_;
    std::optional<reader_model> reading_;
    std::uint64_t clock_ = 1;
};

} // namespace model
