// LMDB: a file a log, a transaction a call, numbers as keys, appended in order.
#include "drive.hpp"

#include <filesystem>

#include <lmdb.h>

namespace {

void require(int code) {
    if (code != MDB_SUCCESS)
        throw std::runtime_error(mdb_strerror(code));
}

/// One file and its only table.
class environment {
public:
    environment(const std::string& path, std::uint64_t size, bool synced) {
        std::filesystem::create_directories(path);
        require(mdb_env_create(&env_));
        require(mdb_env_set_mapsize(env_, size));
        require(mdb_env_set_maxreaders(env_, 256));
        require(mdb_env_open(env_, path.c_str(), synced ? 0U : MDB_NOSYNC, 0600));
        MDB_txn* const t = begin(0);
        require(mdb_dbi_open(t, nullptr, MDB_INTEGERKEY, &table_));
        MDB_stat s{};
        require(mdb_stat(t, table_, &s));
        next_ = s.ms_entries;
        require(mdb_txn_commit(t));
    }
    environment(const environment&) = delete;
    environment& operator=(const environment&) = delete;
    ~environment() { mdb_env_close(env_); }

    void append(const bench::payloads& records, std::uint64_t first, unsigned n) {
        MDB_txn* const t = begin(0); // lets in one at a time
        for (unsigned i = 0; i < n; ++i) {
            const tusk::byte_view data = records[first + i];
            std::size_t number = next_++;
            MDB_val key{sizeof number, &number};
            MDB_val value{data.size(), const_cast<std::byte*>(data.data())}; // only read
            require(mdb_put(t, table_, &key, &value, MDB_APPEND));
        }
        require(mdb_txn_commit(t));
    }
    template<class Visit>
    void get(std::uint64_t i, Visit visit) {
        static thread_local MDB_txn* reading =
            nullptr; // one for each thread, used again: a store reads in one file only
        if (reading == nullptr)
            reading = begin(MDB_RDONLY);
        else
            require(mdb_txn_renew(reading));
        std::size_t number = i;
        MDB_val key{sizeof number, &number};
        MDB_val value{};
        require(mdb_get(reading, table_, &key, &value));
        visit(tusk::byte_view(static_cast<const std::byte*>(value.mv_data), value.mv_size));
        mdb_txn_reset(reading);
    }
    template<class Visit>
    void scan(std::uint64_t first, std::uint64_t n, Visit visit) {
        MDB_txn* const t = begin(MDB_RDONLY);
        MDB_cursor* at = nullptr;
        require(mdb_cursor_open(t, table_, &at));
        std::size_t number = first;
        MDB_val key{sizeof number, &number};
        MDB_val value{};
        int code = mdb_cursor_get(at, &key, &value, MDB_SET_RANGE);
        for (; code == MDB_SUCCESS && n > 0; --n) {
            visit(tusk::byte_view(static_cast<const std::byte*>(value.mv_data), value.mv_size));
            code = mdb_cursor_get(at, &key, &value, MDB_NEXT);
        }
        if (code != MDB_NOTFOUND)
            require(code);
        mdb_cursor_close(at);
        mdb_txn_abort(t);
    }

private:
    MDB_txn* begin(unsigned flags) {
        MDB_txn* t = nullptr;
        require(mdb_txn_begin(env_, nullptr, flags, &t));
        return t;
    }

    MDB_env* env_ = nullptr;
    MDB_dbi table_ = 0;
    std::size_t next_ = 0;
};

class lmdb_store {
public:
    explicit lmdb_store(const bench::task& t) {
        if (t.sync == "interval")
            throw bench::cannot("syncs by no clock");
        const std::uint64_t size = (t.bytes / t.logs + t.count * t.most) * 12 + (std::uint64_t{256} << 20);
        for (unsigned i = 0; i < t.logs; ++i)
            logs_.push_back(
                std::make_unique<environment>(t.directory + "/" + std::to_string(i), size / 4096 * 4096, t.synced()));
    }
    void append(unsigned log, unsigned, const bench::payloads& records, std::uint64_t first, unsigned n) {
        logs_[log]->append(records, first, n);
    }
    void flush() {}
    template<class Visit>
    void read_all(Visit visit) {
        for (const auto& one : logs_)
            one->scan(0, UINT64_MAX, visit);
    }
    template<class Visit>
    void get(std::uint64_t i, Visit visit) {
        static thread_local std::vector<std::byte> copy;
        logs_[0]->get(i, [&](tusk::byte_view record) { copy.assign(record.begin(), record.end()); });
        visit(tusk::byte_view(copy));
    }
    template<class Visit>
    void view(std::uint64_t i, Visit visit) {
        logs_[0]->get(i, visit);
    }
    template<class Visit>
    void scan(std::uint64_t first, unsigned n, Visit visit) {
        logs_[0]->scan(first, n, visit);
    }

private:
    std::vector<std::unique_ptr<environment>> logs_;
};

} // namespace

int main(int argc, char** argv) {
    return bench::drive_main(argc, argv, [](const bench::task& t) { bench::drive<lmdb_store>(t).run(); });
}
