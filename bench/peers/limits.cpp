// What the machine allows: bare system calls and bare loops that do, for the same bytes, the least that the work takes.
// No frame, no index, no order between threads: each writes to a part of the file of its own.
#include "drive.hpp"

#include <cstdlib>
#include <cstring>
#include <utility>

#include <sys/mman.h>

namespace {

using bench::require;

constexpr std::size_t page = 4096;

std::uint64_t pages(std::uint64_t bytes) { return (bytes + page - 1) / page * page; }

/// Payloads one after the other, from number `first` on.
struct stretch {
    std::uint64_t first;
    std::uint64_t records;
};

/// Where a thread writes. It has no frames, so who reads goes by what was written.
struct alignas(64) part {
    std::uint64_t begin = 0;
    std::uint64_t used = 0;
    std::vector<stretch> written{};

    void note(std::uint64_t first, unsigned n) {
        if (!written.empty() && written.back().first + written.back().records == first)
            written.back().records += n;
        else
            written.push_back({first, n});
    }
};

/// What is known of the files for as long as the program runs.
struct known {
    std::vector<part> parts; ///< by thread
    const bench::payloads* records = nullptr;
};
known& what_is_known() {
    static known all;
    return all;
}

class file {
public:
    file(const std::string& path, int flags)
        : number_(require(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | flags, 0600), "open")) {}
    file(file&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    ~file() {
        if (number_ >= 0)
            ::close(number_);
    }
    [[nodiscard]] int number() const noexcept { return number_; }

    void write(const void* data, std::size_t n, std::uint64_t at) const {
        if (static_cast<std::size_t>(require(::pwrite(number_, data, n, static_cast<::off_t>(at)), "pwrite")) != n)
            throw std::runtime_error("a short write");
    }
    void read(void* data, std::size_t n, std::uint64_t at) const {
        if (static_cast<std::size_t>(require(::pread(number_, data, n, static_cast<::off_t>(at)), "pread")) != n)
            throw std::runtime_error("a short read");
    }
    void sync() const { require(::fdatasync(number_), "fdatasync"); }

private:
    int number_;
};

enum class way {
    system_calls, ///< pwrite, then fdatasync into written blocks; pread in pieces of 256 KiB, CRC-32C
    direct,       ///< O_DIRECT and O_DSYNC, whole pages
    mapping,      ///< copied into a touched mapping, with a CRC-32C; synced by msync
    copying,      ///< memcpy into a touched mapping and out of it
};

template<way Way>
class limit_store {
public:
    explicit limit_store(const bench::task& t) : task_(t), room_(room_of(t)) {
        if constexpr (Way == way::direct)
            if (!t.synced())
                throw bench::cannot("always synced");
        if constexpr (Way == way::copying)
            if (t.synced())
                throw bench::cannot("never synced");
        known& all = what_is_known();
        if (all.parts.empty()) {
            all.parts.resize(t.threads);
            for (unsigned i = 0; i < t.threads; ++i)
                all.parts[i].begin = room_ * (i / t.logs);
        }
        const std::uint64_t size = room_ * ((t.threads + t.logs - 1) / t.logs);
        for (unsigned i = 0; i < t.logs; ++i) {
            const std::string path = t.directory + "/" + std::to_string(i);
            const bool there = ::access(path.c_str(), F_OK) == 0;
            files_.emplace_back(path, Way == way::direct ? O_DIRECT | O_DSYNC : 0);
            if (!there)
                make(path, size);
            if constexpr (mapped)
                map(files_.back(), size);
        }
        if constexpr (Way == way::direct) // in which whole pages stand, whatever is copied into them
            for (unsigned i = 0; i < t.threads; ++i)
                aligned_.push_back(static_cast<std::byte*>(std::aligned_alloc(page, pages(t.most * t.batch))));
    }
    ~limit_store() {
        for (std::byte* one : maps_)
            ::munmap(one, map_size_);
        for (std::byte* one : aligned_)
            std::free(one);
    }

    void append(unsigned log, unsigned thread, const bench::payloads& records, std::uint64_t first, unsigned n) {
        what_is_known().records = &records;
        part& mine = what_is_known().parts[thread];
        const tusk::byte_view data = records.joined(first, n);
        const std::uint64_t at = mine.begin + mine.used;
        if (mine.used + pages(data.size()) > room_)
            throw std::runtime_error("the file is full");
        mine.used += Way == way::direct ? pages(data.size()) : data.size();
        mine.note(first, n);
        if constexpr (Way == way::system_calls) {
            files_[log].write(data.data(), data.size(), at);
            if (task_.synced())
                files_[log].sync();
        } else if constexpr (Way == way::direct) {
            std::memcpy(aligned_[thread], data.data(), data.size());
            files_[log].write(aligned_[thread], pages(data.size()), at);
        } else {
            std::memcpy(maps_[log] + at, data.data(), data.size());
            if constexpr (Way == way::mapping)
                for (unsigned i = 0; i < n; ++i)
                    checked_[thread % checked_.size()].sum += tusk::crc32c(records[first + i]);
            if (task_.synced()) {
                const std::uint64_t from = at / page * page;
                require(::msync(maps_[log] + from, at + data.size() - from, MS_SYNC), "msync");
            }
        }
    }
    void flush() {}

    template<class Visit>
    void read_all(Visit visit) {
        const known& all = what_is_known();
        for (unsigned thread = 0; thread < all.parts.size(); ++thread) {
            const part& one = all.parts[thread];
            pieces from(*this, thread % task_.logs, one.begin);
            for (const stretch& s : one.written)
                for (std::uint64_t i = 0; i < s.records; ++i) {
                    const std::size_t size = (*all.records)[s.first + i].size();
                    const tusk::byte_view record = from.next(size);
                    if constexpr (Way != way::copying)
                        checked_[0].sum += tusk::crc32c(record);
                    visit(record);
                    if constexpr (Way == way::direct)
                        if ((i + 1) % task_.batch == 0 || i + 1 == s.records)
                            from.skip_to_page();
                }
        }
    }
    template<class Visit>
    void get(std::uint64_t i, Visit visit) {
        if (task_.least != task_.most)
            throw bench::cannot("finds only entries of one size");
        static thread_local std::vector<std::byte> buffer;
        buffer.resize(task_.most);
        if constexpr (Way == way::mapping) {
            const tusk::byte_view record{maps_[0] + i * task_.most, task_.most};
            checked_[0].sum += tusk::crc32c(record);
            visit(record);
            return;
        } else if constexpr (Way == way::copying)
            std::memcpy(buffer.data(), maps_[0] + i * task_.most, task_.most);
        else
            files_[0].read(buffer.data(), task_.most, i * task_.most);
        visit(tusk::byte_view(buffer));
    }
    template<class Visit>
    void view(std::uint64_t i, Visit visit) {
        if constexpr (mapped)
            visit(tusk::byte_view(maps_[0] + i * task_.most, task_.most));
        else
            throw bench::cannot("copies what it reads");
    }
    template<class Visit>
    void scan(std::uint64_t first, unsigned n, Visit visit) {
        if (task_.least != task_.most)
            throw bench::cannot("finds only entries of one size");
        pieces from(*this, 0, first * task_.most, n * task_.most);
        for (unsigned i = 0; i < n; ++i) {
            const tusk::byte_view record = from.next(task_.most);
            if constexpr (Way != way::copying)
                checked_[0].sum += tusk::crc32c(record);
            visit(record);
        }
    }

private:
    static constexpr bool mapped = Way == way::mapping || Way == way::copying;

    /// Bytes for one thread.
    static std::uint64_t room_of(const bench::task& t) {
        const std::uint64_t calls =
            t.bytes / t.threads / std::max<std::uint64_t>(t.batch * (t.least + t.most) / 2, 1) + 2;
        const std::uint64_t bytes = t.bytes / t.threads * 9 / 8 + 4 * t.most * t.batch + (std::uint64_t{1} << 20);
        return pages(Way == way::direct ? calls * pages(t.most * t.batch) + bytes : std::max(bytes, t.count * t.most));
    }

    void make(const std::string& path, std::uint64_t size) const {
        const file plain(path, 0);
        if (!task_.synced() || task_.count != 0) {
            require(::fallocate(plain.number(), 0, 0, static_cast<::off_t>(size)), "fallocate");
            return;
        }
        const std::vector<std::byte> zeros(std::size_t{1} << 20);
        for (std::uint64_t at = 0; at < size; at += zeros.size())
            plain.write(zeros.data(), static_cast<std::size_t>(std::min<std::uint64_t>(size - at, zeros.size())), at);
        require(::fsync(plain.number()), "fsync");
    }

    void map(const file& f, std::uint64_t size) {
        map_size_ = size;
        void* const at = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, f.number(), 0);
        require(at == MAP_FAILED ? -1 : 0, "mmap");
        maps_.push_back(static_cast<std::byte*>(at));
        volatile std::byte* const first = maps_.back();
        for (std::uint64_t i = 0; i < size; i += page)
            first[i] = first[i];
    }

    /// Record after record of a file.
    class pieces {
    public:
        pieces(limit_store& store, unsigned log, std::uint64_t begin, std::size_t piece = std::size_t{256} << 10)
            : store_(store), log_(log), at_(begin), piece_(std::max(piece, store.task_.most)) {}
        tusk::byte_view next(std::size_t size) {
            const std::uint64_t at = at_;
            at_ += size;
            if constexpr (Way == way::mapping)
                return {store_.maps_[log_] + at, size};
            if constexpr (Way == way::copying) {
                buffer().resize(std::max(size, buffer().size()));
                std::memcpy(buffer().data(), store_.maps_[log_] + at, size);
                return {buffer().data(), size};
            }
            if (at < begin_ || at + size > end_)
                fill(at, size);
            return tusk::byte_view(buffer()).subspan(at - begin_, size);
        }
        void skip_to_page() noexcept { at_ = pages(at_); }

    private:
        static std::vector<std::byte>& buffer() {
            static thread_local std::vector<std::byte> one;
            return one;
        }
        void fill(std::uint64_t at, std::size_t size) {
            begin_ = at;
            buffer().resize(std::max(piece_ + 2 * page, buffer().size()));
            const int number = Way == way::direct ? plain() : store_.files_[log_].number();
            const auto n = require(::pread(number, buffer().data(), piece_, static_cast<::off_t>(at)), "pread");
            end_ = at + static_cast<std::uint64_t>(n);
            if (end_ < at + size)
                throw std::runtime_error("the file is shorter than what was written");
        }
        int plain() {
            if (!plain_)
                plain_.emplace(store_.task_.directory + "/" + std::to_string(log_), 0);
            return plain_->number();
        }

        limit_store& store_;
        unsigned log_;
        std::uint64_t at_;
        std::size_t piece_;
        std::uint64_t begin_ = 0;
        std::uint64_t end_ = 0;
        std::optional<file> plain_;
    };

    struct alignas(64) padded {
        std::uint64_t sum = 0;
    };

    bench::task task_;
    std::uint64_t room_;
    std::vector<file> files_;
    std::vector<std::byte*> maps_;
    std::uint64_t map_size_ = 0;
    std::vector<std::byte*> aligned_;
    std::array<padded, 128> checked_{};
};

void run(const bench::task& t) {
    if (t.work == "open" || t.work == "drop" || t.work == "fill")
        throw bench::cannot("a bare file knows nothing that it would look for");
    if (t.sync == "interval")
        throw bench::cannot("has no clock");
    if (t.logs > t.threads)
        throw bench::cannot("has no more logs than threads");
    if (t.peer == "limit-pwrite")
        bench::drive<limit_store<way::system_calls>>(t).run();
    else if (t.peer == "limit-direct")
        bench::drive<limit_store<way::direct>>(t).run();
    else if (t.peer == "limit-mapping")
        bench::drive<limit_store<way::mapping>>(t).run();
    else
        bench::drive<limit_store<way::copying>>(t).run();
}

} // namespace

int main(int argc, char** argv) { return bench::drive_main(argc, argv, &run); }
