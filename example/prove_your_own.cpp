// A store of keys and values on a log, and the proof that it keeps what it has promised, wherever the power goes. The proof
// is worth something only if it can fail: so the store can be told to make a mistake, which has to be found.
#include <tusk/backend/simulated.hpp>
#include <tusk/prove/crash_prover.hpp>
#include <tusk/prove/shrink.hpp>
#include <tusk/wal.hpp>

#include <iostream>
#include <map>

using values = std::map<std::string, std::string>;

// What a program would use with a posix_backend. Each entry is a key with its value; compact() writes them all anew and
// drops what came before.
template<tusk::backend Backend>
class store {
public:
    using log_type = tusk::basic_wal<tusk::binary_format, tusk::fsync_always, Backend, tusk::no_compression>;

    static tusk::result<store> open(Backend directory, bool hasty) {
        tusk::options o;
        o.segment_size = tusk::min_segment_size;
        o.background = tusk::background::inline_(); // all in one thread: the same calls on the disk each time
        TUSK_TRY(auto opened, log_type::open(std::move(directory), o));
        store s(std::move(opened), hasty);
        TUSK_TRY(const auto all, s.log_.get_range(0, UINT64_MAX));
        for (const tusk::entry& e : all)
            s.values_[std::string(tusk::to_text(e.key()))] = e.text();
        return s;
    }
    tusk::result<void> put(const std::string& key, const std::string& value) {
        TUSK_TRY(log_.append(tusk::record_view(value, key)));
        values_[key] = value;
        return tusk::success();
    }
    tusk::result<void> compact() {
        TUSK_TRY(const tusk::index_t first, log_.next_index());
        if (hasty_) { // the mistake: for a moment there is nothing at all
            TUSK_TRY(log_.drop_before(first));
        }
        std::vector<tusk::record_view> all;
        for (const auto& [key, value] : values_)
            all.emplace_back(value, key);
        if (!all.empty()) {
            TUSK_TRY(log_.append_batch(all));
        }
        return log_.drop_before(first);
    }
    [[nodiscard]] const values& all() const { return values_; }

private:
    store(log_type log, bool hasty) : log_(std::move(log)), hasty_(hasty) {}

    log_type log_;
    bool hasty_;
    values values_;
};

struct call {
    std::string key; // none: compact
    std::string value;
};

// What the prover needs to know of the store: how it lives, what it has promised, and how it is found after a crash.
struct subject {
    struct mark {
        std::size_t promised = 0; // so many calls have returned
        std::size_t begun = 0;
        [[nodiscard]] std::uint64_t key() const { return promised << 32U | begun; }
    };

    std::vector<call> calls;
    bool hasty;
    std::vector<values> states{1}; // what the store holds after so many calls
    mark where{};

    void live(const tusk::simulated_disk& disk) {
        auto s = store<tusk::simulated_backend>::open(tusk::simulated_backend(disk), hasty);
        for (std::size_t i = 0; s && i < calls.size(); ++i) {
            states.push_back(states.back());
            if (!calls[i].key.empty())
                states.back()[calls[i].key] = calls[i].value;
            ++where.begun;
            if (!(calls[i].key.empty() ? s.value().compact() : s.value().put(calls[i].key, calls[i].value)))
                return;
            ++where.promised;
        }
    }
    [[nodiscard]] mark now() const { return where; }
    [[nodiscard]] std::string check(const tusk::simulated_disk& disk, mark& m) const {
        const auto s = store<tusk::simulated_backend>::open(tusk::simulated_backend(disk), hasty);
        if (!s)
            return "the store does not open: " + s.error().message();
        for (std::size_t i = m.promised; i <= m.begun; ++i)
            if (s.value().all() == states[i]) {
                m = {i, i}; // served: nothing else may be found from now on
                return "";
            }
        return "the store holds " + std::to_string(s.value().all().size()) + " values, which is no state it was in";
    }
};

int main() {
    const std::vector<call> calls{{"a", "1"}, {"b", "2"}, {}, {"a", "3"}, {"c", "4"}, {}, {"b", "5"}};
    tusk::crash_prover prove;
    subject careful{calls, /*hasty=*/false};
    if (const auto found = prove(careful)) {
        std::cerr << "the store loses what it has promised\n" << *found << '\n';
        return 1;
    }
    std::cout << "nothing is lost: " << prove.counts() << '\n';

    const auto fails = [](const std::vector<call>& some) {
        subject hasty{some, /*hasty=*/true};
        return tusk::crash_prover()(hasty);
    };
    const auto few = tusk::shrink(calls, [&](const auto& some) { return fails(some).has_value(); });
    const auto found = fails(few);
    if (!found) {
        std::cerr << "the mistake was not found\n";
        return 1;
    }
    std::cout << "the mistake is found, after " << few.size() << " calls:\n" << *found << '\n';
}
