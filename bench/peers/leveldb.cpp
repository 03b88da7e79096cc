// LevelDB: Put into one database, the log's number before the entry's in the key, as walrus's own benchmark does.
#include "level_store.hpp"

#include <leveldb/db.h>
#include <leveldb/write_batch.h>

namespace {

struct library {
    using db = leveldb::DB;
    using iterator = leveldb::Iterator;
    using options = leveldb::Options;
    using slice_type = leveldb::Slice;
    using status = leveldb::Status;
    using write_batch = leveldb::WriteBatch;
    using write_options = leveldb::WriteOptions;
};

class leveldb_store : public bench::level_store<library> {
public:
    explicit leveldb_store(const bench::task& t) : level_store(t) {
        leveldb::Options opts;
        opts.create_if_missing = true;
        opts.write_buffer_size = std::size_t{1} << 30; // the most that it takes: nothing leaves its memory meanwhile
        opts.reuse_logs = true;
        opts.compression = leveldb::kNoCompression;
        open(opts, t.directory);
    }
};

} // namespace

int main(int argc, char** argv) {
    return bench::drive_main(argc, argv, [](const bench::task& t) { bench::drive<leveldb_store>(t).run(); });
}
