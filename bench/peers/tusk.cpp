// Tusk itself, driven as its peers are: the default format, each backend, each fsync policy.
#include "drive.hpp"

#include <tusk/wal.hpp>

#include <tusk/backend/mmap.hpp>
#include <tusk/backend/uring.hpp>
#include <tusk/fsync/interval.hpp>
#include <tusk/fsync/never.hpp>

#include <filesystem>

namespace {

template<class Backend, class FsyncPolicy>
class tusk_store {
    using log_type = tusk::basic_wal<tusk::binary_format, FsyncPolicy, Backend, tusk::no_compression>;

public:
    static constexpr bool checks_all = true;

    explicit tusk_store(const bench::task& t) : batches_(t.threads) {
        tusk::options opts;
        opts.segment_size = std::min(t.segment_bytes(), tusk::max_segment_size);
        opts.coarse_time = true; // the others note none
        opts.prewrite = t.sync == "each";
        opts.verify_all = t.work == "check";
        opts.check_reads = t.peer != "tusk-unchecked";
        if (t.segment == 0)
            opts.spare_segments = 0; // one segment is enough
        // Made ready before the clock, as for the bare system calls: all where nothing is synced, else what is allowed.
        if (t.segment == 0 && t.work == "append")
            opts.window_ahead = opts.segment_size;
        for (unsigned i = 0; i < t.logs; ++i) {
            const std::string path = t.directory + "/" + std::to_string(i);
            std::filesystem::create_directories(path);
            logs_.push_back(log_type::open(path, opts).value());
        }
    }
    void append(unsigned log, unsigned thread, const bench::payloads& records, std::uint64_t first, unsigned n) {
        if (n == 1)
            logs_[log].append(records[first]).value();
        else
            logs_[log].append_batch(views(thread, records, first, n)).value();
    }
    void replace(const bench::payloads& records, std::uint64_t first, unsigned n) {
        logs_[0].replace_from(logs_[0].next_index().value() - n, views(0, records, first, n)).value();
    }
    void flush() {}
    template<class Visit>
    void read_all(Visit visit) {
        for (log_type& one : logs_) {
            const tusk::index_t first = one.first_index().value();
            auto reader = one.read_from(std::max<tusk::index_t>(first, 1)).value();
            auto entry = reader.next();
            for (; entry; entry = reader.next())
                visit(entry.value().data());
            if (entry.error() != tusk::errc::beyond_end)
                entry.value(); // throws what it was
        }
    }
    template<class Visit>
    void get(std::uint64_t i, Visit visit) {
        visit(logs_[0].get(i + 1).value().data());
    }
    template<class Visit>
    void view(std::uint64_t i, Visit visit) {
        get(i, visit); // what it gives is not copied again
    }
    template<class Visit>
    void scan(std::uint64_t first, unsigned n, Visit visit) {
        auto reader = logs_[0].read_from(first + 1).value();
        for (unsigned i = 0; i < n; ++i)
            visit(reader.next().value().data());
    }
    void drop(std::uint64_t keep) { logs_[0].drop_before(logs_[0].next_index().value() - keep).value(); }

private:
    std::span<const tusk::record_view> views(unsigned thread, const bench::payloads& records, std::uint64_t first,
                                             unsigned n) {
        std::vector<tusk::record_view>& mine = batches_[thread];
        mine.clear();
        for (unsigned i = 0; i < n; ++i)
            mine.emplace_back(records[first + i]);
        return mine;
    }

    std::vector<log_type> logs_;
    std::vector<std::vector<tusk::record_view>> batches_; ///< by thread
};

template<class Backend>
void run(const bench::task& t) {
    if (t.sync == "each")
        bench::drive<tusk_store<Backend, tusk::fsync_always>>(t).run();
    else if (t.sync == "interval")
        bench::drive<tusk_store<Backend, tusk::fsync_interval>>(t).run();
    else
        bench::drive<tusk_store<Backend, tusk::fsync_never>>(t).run();
}

} // namespace

int main(int argc, char** argv) {
    return bench::drive_main(argc, argv, [](const bench::task& t) {
        if (t.peer == "tusk-posix")
            run<tusk::posix_backend>(t);
        else if (t.peer == "tusk-mmap" || t.peer == "tusk-unchecked")
            run<tusk::mmap_backend>(t);
        else
            run<tusk::uring_backend>(t);
    });
}
