// RocksDB: Put into one database, the log's number before the entry's in the key, as walrus's own benchmark does.
#include "drive.hpp"
#include "keys.hpp"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

namespace {

class rocksdb_store {
public:
    explicit rocksdb_store(const bench::task& t) : keys_(t), sync_(t.synced()) {
        if (t.sync == "interval")
            throw bench::cannot("syncs by no clock");
        rocksdb::Options opts;
        opts.create_if_missing = true;
        opts.write_buffer_size = std::size_t{4} << 30; // nothing leaves its memory meanwhile
        opts.max_total_wal_size = std::uint64_t{8} << 30;
        opts.avoid_flush_during_recovery = true;
        opts.avoid_flush_during_shutdown = true;
        opts.enable_pipelined_write = true;
        opts.compression = rocksdb::kNoCompression;
        rocksdb::DB* opened = nullptr;
        require(rocksdb::DB::Open(opts, t.directory + "/db", &opened));
        db_.reset(opened);
    }
    void append(unsigned log, unsigned thread, const bench::payloads& records, std::uint64_t first, unsigned n) {
        rocksdb::WriteOptions opts;
        opts.sync = sync_;
        rocksdb::WriteBatch batch;
        for (unsigned i = 0; i < n; ++i) {
            const bench::key k = keys_.next(log, thread);
            require(batch.Put(slice(k), slice(records[first + i])));
        }
        require(db_->Write(opts, &batch));
    }
    void flush() {}
    template<class Visit>
    void read_all(Visit visit) {
        const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator({}));
        for (at->SeekToFirst(); at->Valid(); at->Next())
            visit(bytes(at->value()));
        require(at->status());
    }
    template<class Visit>
    void get(std::uint64_t i, Visit visit) {
        std::string value;
        require(db_->Get({}, slice(bench::key(0, 0, i)), &value));
        visit(bytes(value));
    }
    template<class Visit>
    void view(std::uint64_t i, Visit visit) {
        rocksdb::PinnableSlice value;
        require(db_->Get({}, db_->DefaultColumnFamily(), slice(bench::key(0, 0, i)), &value));
        visit(bytes(value));
    }
    template<class Visit>
    void scan(std::uint64_t first, unsigned n, Visit visit) {
        const std::unique_ptr<rocksdb::Iterator> at(db_->NewIterator({}));
        const bench::key from(0, 0, first);
        at->Seek(slice(from));
        for (; n > 0 && at->Valid(); --n, at->Next())
            visit(bytes(at->value()));
        if (n > 0)
            throw std::runtime_error("a scan ended early");
    }

private:
    static void require(const rocksdb::Status& s) {
        if (!s.ok())
            throw std::runtime_error(s.ToString());
    }
    static rocksdb::Slice slice(tusk::byte_view b) { return {reinterpret_cast<const char*>(b.data()), b.size()}; }
    static rocksdb::Slice slice(const bench::key& k) { return slice(k.bytes()); }
    static tusk::byte_view bytes(const rocksdb::Slice& s) {
        return {reinterpret_cast<const std::byte*>(s.data()), s.size()};
    }

    bench::key_source keys_;
    bool sync_;
    std::unique_ptr<rocksdb::DB> db_;
};

} // namespace

int main(int argc, char** argv) {
    return bench::drive_main(argc, argv, [](const bench::task& t) { bench::drive<rocksdb_store>(t).run(); });
}
