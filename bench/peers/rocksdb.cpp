// RocksDB: Put into one database, the log's number before the entry's in the key, as walrus's own benchmark does.
#include "level_store.hpp"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

namespace {

struct library {
    using db = rocksdb::DB;
    using iterator = rocksdb::Iterator;
    using options = rocksdb::Options;
    using slice_type = rocksdb::Slice;
    using status = rocksdb::Status;
    using write_batch = rocksdb::WriteBatch;
    using write_options = rocksdb::WriteOptions;
};

class rocksdb_store : public bench::level_store<library> {
public:
    explicit rocksdb_store(const bench::task& t) : level_store(t) {
        rocksdb::Options opts;
        opts.create_if_missing = true;
        opts.write_buffer_size = std::size_t{4} << 30; // nothing leaves its memory meanwhile
        opts.max_total_wal_size = std::uint64_t{8} << 30;
        opts.avoid_flush_during_recovery = true;
        opts.avoid_flush_during_shutdown = true;
        opts.enable_pipelined_write = true;
        opts.compression = rocksdb::kNoCompression;
        open(opts, t.directory);
    }
    template<class Visit>
    void view(std::uint64_t i, Visit visit) {
        rocksdb::PinnableSlice value;
        require(db().Get({}, db().DefaultColumnFamily(), slice(bench::key(0, 0, i)), &value));
        visit(bytes(value));
    }
};

} // namespace

int main(int argc, char** argv) {
    return bench::drive_main(argc, argv, [](const bench::task& t) { bench::drive<rocksdb_store>(t).run(); });
}
