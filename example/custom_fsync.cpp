// An fsync policy of one's own: a sync when enough has come together, or when the oldest of it has waited long enough.
// Few large syncs for a log that is busy, and a loss that is bounded in bytes and in time for one that is not.
#include <tusk/wal.hpp>

#include <algorithm>
#include <iostream>
#include <string>

using namespace std::chrono_literals;

struct fsync_by_size {
    static constexpr bool append_waits = false; // an append returns when its entry is with the operating system
    std::uint64_t most_bytes = tusk::mebibyte;
    tusk::nanoseconds longest = 50ms;

    [[nodiscard]] tusk::nanoseconds due_in(const tusk::sync_state& state) const noexcept {
        if (state.unsynced_bytes == 0)
            return tusk::never_due;
        if (state.unsynced_bytes >= most_bytes)
            return 0ns;
        return std::max<tusk::nanoseconds>(0ns, longest - state.oldest_unsynced);
    }
};

static_assert(tusk::fsync_policy<fsync_by_size>);

int main() {
    using log_type = tusk::basic_wal<tusk::binary_format, fsync_by_size, tusk::posix_backend, tusk::no_compression>;
    auto log = log_type::open(tusk::posix_backend("custom_fsync.wal"), {}, fsync_by_size{.most_bytes = 65536}).value();
    const std::string kilobyte(1024, 'k');

    // By size: never much more than 64 KiB are at risk when the power goes.
    tusk::index_t last = 0;
    for (int i = 0; i < 1000; ++i) {
        last = log.append(kilobyte).value();
        if (last > log.durable_index().value() + 100) // 64 entries, those of the sync that runs, and one more
            return 1;
    }
    std::cout << "appended up to " << last << ", durable up to " << log.durable_index().value() << '\n';

    // By age: the rest follows without another call. A follower that is shown what is durable waits for it.
    auto durable = log.follow(last, tusk::visible::durable).value();
    const auto entry = durable.next(/*stop=*/{}).value();
    std::cout << "durable up to " << log.durable_index().value() << '\n';

    // What matters more than the rest need not wait for either.
    const auto paid = log.append("paid", {.wait = tusk::durability::durable}).value();
    return entry.index() == last && log.durable_index().value() == paid && log.close() ? 0 : 1;
}
