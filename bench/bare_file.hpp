#pragma once

#include "payloads.hpp"
#include "scratch.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <sys/uio.h>

namespace bench {

/// Records of one size, one behind the other in a file, by system calls alone: what a log could reach at most.
class bare_file {
public:
    enum class blocks {
        allocated, ///< by fallocate: the first write to each also changes the file system's own notes
        written,   ///< with zeros, and synced
    };

    bare_file(const std::string& path, std::size_t record_size, std::uint64_t capacity, blocks kind)
        : descriptor_(require(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600), "open")),
          record_size_(record_size),
          most_(capacity / record_size) {
        if (kind == blocks::written)
            write_zeros(capacity);
        else
            require(::fallocate(descriptor_, 0, 0, static_cast<::off_t>(capacity)), "fallocate");
        require(::fsync(descriptor_), "fsync");
    }
    bare_file(const bare_file&) = delete;
    bare_file& operator=(const bare_file&) = delete;
    ~bare_file() { ::close(descriptor_); }

    /// Writes `group` records, from number `first` on, by one call behind all that came before. False if they no longer
    /// fit. Any number of threads.
    bool write(const payloads& records, std::uint64_t first, unsigned group) {
        const std::uint64_t at = next_.fetch_add(group, std::memory_order_relaxed);
        if (at + group > most_) {
            next_.fetch_sub(group, std::memory_order_relaxed);
            return false;
        }
        const auto offset = static_cast<::off_t>(at * record_size_);
        if (group == 1) {
            const auto n = ::pwrite(descriptor_, records[first].data(), record_size_, offset);
            return whole(require(n, "pwrite"), group);
        }
        std::array<::iovec, most_in_group> pieces;
        for (unsigned i = 0; i < group; ++i)
            pieces[i] = {const_cast<std::byte*>(records[first + i].data()), record_size_}; // only read
        return whole(require(::pwritev(descriptor_, pieces.data(), static_cast<int>(group), offset), "pwritev"), group);
    }
    void sync() const { require(::fdatasync(descriptor_), "fdatasync"); }

    /// What the file holds.
    [[nodiscard]] tally read_back() const {
        tally found;
        std::vector<std::byte> buffer(record_size_ * 64);
        for (std::uint64_t left = next_; left > 0;) {
            const std::size_t wanted = static_cast<std::size_t>(std::min<std::uint64_t>(left, 64)) * record_size_;
            const auto n = ::pread(descriptor_, buffer.data(), wanted, static_cast<::off_t>(found.bytes));
            if (static_cast<std::size_t>(require(n, "pread")) != wanted)
                throw std::runtime_error("the file is shorter than what was written");
            for (std::size_t i = 0; i < wanted; i += record_size_)
                found.add(tusk::byte_view(buffer).subspan(i, record_size_));
            left -= wanted / record_size_;
        }
        return found;
    }

    static constexpr unsigned most_in_group = 128;

private:
    bool whole(::ssize_t n, unsigned group) const {
        if (static_cast<std::size_t>(n) != group * record_size_)
            throw std::runtime_error("a short write");
        return true;
    }
    void write_zeros(std::uint64_t size) const {
        const std::vector<std::byte> zeros(std::size_t{1} << 20);
        for (std::uint64_t at = 0; at < size; at += zeros.size()) {
            const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(size - at, zeros.size()));
            require(::pwrite(descriptor_, zeros.data(), n, static_cast<::off_t>(at)), "pwrite");
        }
    }

    int descriptor_;
    std::size_t record_size_;
    std::uint64_t most_;
    std::atomic<std::uint64_t> next_{0};
};

/// Syncs a file again and again from a thread of its own, for as long as it lives.
class ticking_sync {
public:
    ticking_sync(const bare_file& file, std::chrono::nanoseconds every)
        : thread_([this, &file, every](const std::stop_token& stop) {
              std::unique_lock lock(mutex_);
              while (!stopped_.wait_for(lock, stop, every, [&] { return stop.stop_requested(); }))
                  file.sync();
          }) {}

private:
    std::mutex mutex_;
    std::condition_variable_any stopped_;
    std::jthread thread_; // last: it uses the others
};

} // namespace bench
