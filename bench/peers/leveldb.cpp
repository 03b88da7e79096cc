// LevelDB: Put into one database, the log's number before the entry's in the key, as walrus's own benchmark does.
#include "drive.hpp"
#include "keys.hpp"

#include <leveldb/db.h>
#include <leveldb/write_batch.h>

namespace {

class leveldb_store {
public:
    explicit leveldb_store(const bench::task& t) : keys_(t), sync_(t.synced()) {
        if (t.sync == "interval")
            throw bench::cannot("syncs by no clock");
        leveldb::Options opts;
        opts.create_if_missing = true;
        opts.write_buffer_size = std::size_t{1} << 30; // the most that it takes: nothing leaves its memory meanwhile
        opts.reuse_logs = true;
        opts.compression = leveldb::kNoCompression;
        leveldb::DB* opened = nullptr;
        require(leveldb::DB::Open(opts, t.directory + "/db", &opened));
        db_.reset(opened);
    }
    void append(unsigned log, unsigned thread, const bench::payloads& records, std::uint64_t first, unsigned n) {
        leveldb::WriteOptions opts;
        opts.sync = sync_;
        leveldb::WriteBatch batch;
        for (unsigned i = 0; i < n; ++i) {
            const bench::key k = keys_.next(log, thread);
            batch.Put(slice(k), slice(records[first + i]));
        }
        require(db_->Write(opts, &batch));
    }
    void flush() {}
    template<class Visit>
    void read_all(Visit visit) {
        const std::unique_ptr<leveldb::Iterator> at(db_->NewIterator({}));
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
    void scan(std::uint64_t first, unsigned n, Visit visit) {
        const std::unique_ptr<leveldb::Iterator> at(db_->NewIterator({}));
        const bench::key from(0, 0, first);
        at->Seek(slice(from));
        for (; n > 0 && at->Valid(); --n, at->Next())
            visit(bytes(at->value()));
        if (n > 0)
            throw std::runtime_error("a scan ended early");
    }

private:
    static void require(const leveldb::Status& s) {
        if (!s.ok())
            throw std::runtime_error(s.ToString());
    }
    static leveldb::Slice slice(tusk::byte_view b) { return {reinterpret_cast<const char*>(b.data()), b.size()}; }
    static leveldb::Slice slice(const bench::key& k) { return slice(k.bytes()); }
    static tusk::byte_view bytes(const leveldb::Slice& s) {
        return {reinterpret_cast<const std::byte*>(s.data()), s.size()};
    }

    bench::key_source keys_;
    bool sync_;
    std::unique_ptr<leveldb::DB> db_;
};

} // namespace

int main(int argc, char** argv) {
    return bench::drive_main(argc, argv, [](const bench::task& t) { bench::drive<leveldb_store>(t).run(); });
}
