#pragma once

#include <tusk/backend/simulated.hpp>
#include <tusk/compression/none.hpp>
#include <tusk/format/binary.hpp>
#include <tusk/fsync/always.hpp>
#include <tusk/fsync/interval.hpp>
#include <tusk/fsync/never.hpp>
#include <tusk/log/basic_wal.hpp>

#include <condition_variable>
#include <mutex>
#include <tuple>

namespace crash {

using tusk::disk_loss;
using tusk::simulated_disk;

template<class Policy, class Format = tusk::binary_format, class Compression = tusk::no_compression>
using log_on = tusk::basic_wal<Format, Policy, tusk::simulated_backend, Compression>;

using policies = std::tuple<tusk::fsync_always, tusk::fsync_interval, tusk::fsync_never>;

inline tusk::options small_log() {
    tusk::options o;
    o.segment_size = 4096;
    o.background = tusk::background::inline_(); // every call in one thread: the same calls each time
    return o;
}

/// Options under which stories are told.
struct setting {
    const char* name;
    bool for_lazy_policies_alone = false;
    bool in_background = false;
    void (*change)(tusk::options&) = nullptr;
    tusk::nanoseconds window =
        std::chrono::hours(1); ///< of fsync_interval: else its syncs would come whenever they like

    [[nodiscard]] tusk::options options() const {
        tusk::options o = small_log();
        o.witness_interval = std::chrono::hours(1); // else its calls would come whenever they like
        if (in_background)
            o.background = tusk::background::own(1);
        if (change != nullptr)
            change(o);
        return o;
    }
    template<class Policy>
    [[nodiscard]] Policy policy() const {
        if constexpr (requires { Policy{.window = window}; })
            return Policy{.window = window};
        else
            return {};
    }
    /// True if what was appended is durable as soon as the log has come to rest.
    template<class Policy>
    [[nodiscard]] bool syncs_at_once() const {
        return Policy::append_waits || (requires { Policy{.window = window}; } && window == tusk::nanoseconds(0));
    }
    /// True if it makes sense for the policy.
    template<class Policy>
    [[nodiscard]] bool fits() const {
        return !for_lazy_policies_alone || !Policy::append_waits;
    }
};

inline const setting plain{"plain"};

inline const std::vector<setting>& settings() {
    using tusk::options;
    static const std::vector<setting> all{
        plain,
        {"two spare segments", false, true, [](options& o) { o.spare_segments = 2; }},
        {"a write buffer", true, false, [](options& o) { o.write_buffer = 4096; }},
        {"syncs aligned to 512", false, false, [](options& o) { o.sync_alignment = 512; }},
        {"syncs aligned to 4096", false, false,
         [](options& o) {
             o.sync_alignment = 4096;
             o.segment_size = 16384;
         }},
        {"three segments at most", false, false,
         [](options& o) {
             o.max_segments = 3;
             o.at_limit = tusk::limit_policy::drop_oldest;
         }},
        {"three segments at most, one of them spare", false, true,
         [](options& o) {
             o.max_segments = 3;
             o.at_limit = tusk::limit_policy::drop_oldest;
             o.spare_segments = 1;
         }},
        {"a write buffer, spare segments, syncs aligned to 512", true, true,
         [](options& o) {
             o.write_buffer = 2048;
             o.spare_segments = 1;
             o.sync_alignment = 512;
         }},
        {"a sync behind each append", true, false, nullptr, tusk::nanoseconds(0)},
        {"a sync behind each append, by another thread", true, true, nullptr, tusk::nanoseconds(0)},
        {"witnesses at any time", false, true, [](options& o) { o.witness_interval = tusk::nanoseconds(0); }},
        // Zeros ahead begin on a page behind the log's end.
        {"room for zeros ahead", false, false, [](options& o) { o.segment_size = 8192; }},
        {"segments of zeros", false, false, [](options& o) { o.prewrite = true; }},
    };
    return all;
}

inline const setting& setting_named(std::string_view name) {
    for (const setting& s : settings())
        if (name == s.name)
            return s;
    return plain;
}

/// The settings that make sense for the policy.
template<class Policy>
std::vector<const setting*> settings_for() {
    std::vector<const setting*> some;
    for (const setting& s : settings())
        if (s.fits<Policy>())
            some.push_back(&s);
    return some;
}

/// Blocks until everything that was to be done at once on the only thread of `where` is done: what is asked for behind it
/// runs behind it, and may have asked for more.
inline void rest(const tusk::background& where) {
    if (where.is_inline())
        return;
    for (int round = 0; round < 3; ++round) {
        // An atomic's wait() yields before it sleeps, which takes a thousand times as long where more threads want to run.
        std::mutex mutex;
        std::condition_variable over;
        bool done = false;
        tusk::background_task last(where, [&] {
            const std::scoped_lock lock(mutex);
            done = true;
            over.notify_one();
        });
        if (!last.schedule(tusk::nanoseconds(0)))
            return; // there is no thread, and so nothing that it could still do
        std::unique_lock lock(mutex);
        over.wait(lock, [&] { return done; });
    }
}

template<class Result>
std::string why(const Result& r) {
    return r ? "fine" : r.error().message();
}

} // namespace crash
