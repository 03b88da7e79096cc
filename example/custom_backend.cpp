// A backend of one's own: another one, and how long the disk took. A log that is slow is mostly a disk that is slow; this
// one can tell. It adapts any backend; what it does not pass on, the log does without.
#include <tusk/wal.hpp>

#include <atomic>
#include <iostream>
#include <memory>
#include <utility>

// Any thread of the log may add to it, and anybody may read it at any time.
class timing {
public:
    template<class Call>
    auto measure(Call&& call) noexcept {
        const auto began = tusk::steady_clock::now();
        auto outcome = call();
        const auto took = static_cast<std::uint64_t>((tusk::steady_clock::now() - began).count());
        calls_.fetch_add(1);
        sum_.fetch_add(took);
        for (auto longest = longest_.load(); took > longest && !longest_.compare_exchange_weak(longest, took);)
            ;
        return outcome;
    }
    [[nodiscard]] std::uint64_t calls() const noexcept { return calls_; }
    friend std::ostream& operator<<(std::ostream& out, const timing& t) {
        return out << t.calls_ << " calls, " << t.sum_ / std::max<std::uint64_t>(t.calls_, 1) / 1000
                   << " us each, the longest " << t.longest_ / 1000 << " us";
    }

private:
    std::atomic<std::uint64_t> calls_{0};
    std::atomic<std::uint64_t> sum_{0}; // nanoseconds
    std::atomic<std::uint64_t> longest_{0};
};

struct timings {
    timing reads, writes, syncs;
};

template<tusk::backend_file File>
class timed_file {
public:
    timed_file(File file, std::shared_ptr<timings> times) : file_(std::move(file)), times_(std::move(times)) {}

    [[nodiscard]] auto size() const noexcept { return file_.size(); }
    [[nodiscard]] auto read(std::uint64_t at, tusk::byte_span out) const noexcept {
        return times_->reads.measure([&] { return file_.read(at, out); });
    }
    [[nodiscard]] auto write(std::uint64_t at, std::span<const tusk::byte_view> in) noexcept {
        return times_->writes.measure([&] { return file_.write(at, in); });
    }
    [[nodiscard]] auto sync() noexcept {
        return times_->syncs.measure([&] { return file_.sync(); });
    }
    [[nodiscard]] auto trim(std::uint64_t at) noexcept { return file_.trim(at); }
    [[nodiscard]] auto close() noexcept { return file_.close(); }

private:
    File file_;
    std::shared_ptr<timings> times_; // a file may outlive its backend
};

template<tusk::backend Backend>
class timed_backend : public Backend { // the directory is as it was, but for the files that it opens
public:
    using file = timed_file<typename Backend::file>;

    timed_backend(Backend directory, std::shared_ptr<timings> times)
        : Backend(std::move(directory)), times_(std::move(times)) {}

    [[nodiscard]] tusk::result<file> create(const char* name, std::uint64_t size) noexcept {
        TUSK_TRY(auto made, Backend::create(name, size));
        return file(std::move(made), times_);
    }
    [[nodiscard]] tusk::result<file> open(const char* name, tusk::open_for purpose) noexcept {
        TUSK_TRY(auto opened, Backend::open(name, purpose));
        return file(std::move(opened), times_);
    }

private:
    std::shared_ptr<timings> times_;
};

using backend = timed_backend<tusk::posix_backend>;
static_assert(tusk::backend<backend>);

int main() {
    using log_type = tusk::basic_wal<tusk::binary_format, tusk::fsync_always, backend, tusk::no_compression>;
    const auto times = std::make_shared<timings>();
    auto log = log_type::open(backend(tusk::posix_backend("custom_backend.wal"), times)).value();
    for (int i = 0; i < 100; ++i)
        log.append("how long does this take?").value();
    const bool right = times->syncs.calls() >= 100 && log.close();
    std::cout << "writes: " << times->writes << "\nsyncs:  " << times->syncs << "\nreads:  " << times->reads << '\n';
    return right ? 0 : 1;
}
