#pragma once

#include <log/counting_backend.hpp>
#include <log/fixture.hpp>

#include <condition_variable>
#include <mutex>

namespace log_test {

inline const std::error_code io_error(EIO, std::system_category());

/// Holds calls up while it is closed. A test can wait until somebody stands before it, so that it need not guess how
/// long others take.
class gate {
public:
    void close() {
        const std::scoped_lock lock(mutex_);
        open_ = false;
    }
    void open() {
        const std::scoped_lock lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    /// Blocks while it is closed.
    void pass() {
        std::unique_lock lock(mutex_);
        ++arrived_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
    }
    /// Blocks until so many have arrived, those that have passed included.
    void await(unsigned count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return arrived_ >= count; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    unsigned arrived_ = 0;
    bool open_ = true;
};

/// A log in memory on a disk that counts, refuses, tears and holds up what the test wants.
template<class FsyncPolicy = fsync_always, class Compression = no_compression>
struct steered_log {
    using log_type = basic_wal<binary_format, FsyncPolicy, counting_backend, Compression>;

    memory_disk disk;
    gate held;
    disk_calls calls;
    options opts = small_options();
    FsyncPolicy policy{};
    recovery_report report;
    std::optional<log_type> log;

    void open() {
        log.reset();
        auto opened = log_type::open(counting_backend(disk.backend(), calls), opts, policy, {}, &report);
        if (!opened)
            BOOST_FAIL(opened.error().message() + ": " + report.message);
        log.emplace(std::move(opened).value());
    }
    void close() {
        must(log->close());
        log.reset();
    }
    /// The process is gone; its files are what they are.
    void kill_and_open() {
        auto left = disk.now();
        log.reset();
        calls.refuse_nothing();
        disk.go_back_to(std::move(left));
        open();
    }
    /// From now on such a call on a segment fails, and so do those after it; a write after so many bytes.
    void refuse(disk_call which, std::error_code why, std::size_t written = 0) {
        calls.tear_refused_writes(written);
        calls.refuse([=](disk_call call, const std::string& name) {
            return call == which && name != "state" ? why : std::error_code();
        });
    }
    /// From now on such a call on a segment waits until `held` is opened. Set while nobody calls.
    void hold_up(disk_call which) {
        held.close();
        calls.refuse([this, which](disk_call call, const std::string& name) {
            if (call == which && name != "state")
                held.pass();
            return std::error_code();
        });
    }

    index_t append(std::string_view text) { return must(log->append(text)); }
    void append_samples(std::size_t count) {
        for (; count > 0; --count)
            append(sample(must(log->next_index())));
    }
    [[nodiscard]] index_t durable() { return must(log->durable_index()); }
    [[nodiscard]] texts all() {
        texts out;
        for (const entry& e : must(log->get_range(0, UINT64_MAX)))
            out.emplace_back(e.text());
        return out;
    }
    /// What would be found, were the process killed now.
    [[nodiscard]] texts after_a_kill() {
        memory_log<FsyncPolicy, binary_format, Compression> after;
        after.disk.go_back_to(disk.now());
        after.open();
        return after.all();
    }
};

} // namespace log_test
