// SQLite in WAL mode: a file and a connection a log, a transaction a call, no checkpoint meanwhile.
#include "drive.hpp"

#include <sqlite3.h>

#include <mutex>

namespace {

class table {
public:
    table(const std::string& path, bool synced) {
        require(sqlite3_open_v2(path.c_str(), &db_, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                                nullptr));
        execute("PRAGMA journal_mode = WAL");
        execute(synced ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF");
        execute("PRAGMA wal_autocheckpoint = 0");
        execute("CREATE TABLE IF NOT EXISTS log (number INTEGER PRIMARY KEY, data BLOB NOT NULL)");
        begin_ = prepared("BEGIN IMMEDIATE");
        commit_ = prepared("COMMIT");
        insert_ = prepared("INSERT INTO log (data) VALUES (?)");
        all_ = prepared("SELECT data FROM log ORDER BY number");
        get_ = prepared("SELECT data FROM log WHERE number = ?");
        scan_ = prepared("SELECT data FROM log WHERE number >= ? ORDER BY number LIMIT ?");
    }
    table(const table&) = delete;
    table& operator=(const table&) = delete;
    ~table() {
        for (sqlite3_stmt* one : {begin_, commit_, insert_, all_, get_, scan_})
            sqlite3_finalize(one);
        sqlite3_close(db_);
    }

    void append(const bench::payloads& records, std::uint64_t first, unsigned n) {
        const std::lock_guard lock(mutex_);
        if (n > 1)
            step(begin_);
        for (unsigned i = 0; i < n; ++i) {
            const tusk::byte_view data = records[first + i];
            require(sqlite3_bind_blob64(insert_, 1, data.data(), data.size(), SQLITE_STATIC));
            step(insert_);
        }
        if (n > 1)
            step(commit_);
    }
    template<class Visit>
    void read_all(Visit visit) {
        rows(all_, visit);
    }
    template<class Visit>
    void get(std::uint64_t i, Visit visit) {
        require(sqlite3_bind_int64(get_, 1, static_cast<sqlite3_int64>(i + 1)));
        if (rows(get_, visit) != 1)
            throw std::runtime_error("no such entry");
    }
    template<class Visit>
    void scan(std::uint64_t first, unsigned n, Visit visit) {
        require(sqlite3_bind_int64(scan_, 1, static_cast<sqlite3_int64>(first + 1)));
        require(sqlite3_bind_int64(scan_, 2, n));
        if (rows(scan_, visit) != n)
            throw std::runtime_error("a scan ended early");
    }

private:
    void require(int code) const {
        if (code != SQLITE_OK)
            throw std::runtime_error(sqlite3_errmsg(db_));
    }
    void execute(const char* text) const { require(sqlite3_exec(db_, text, nullptr, nullptr, nullptr)); }
    sqlite3_stmt* prepared(const char* text) const {
        sqlite3_stmt* made = nullptr;
        require(sqlite3_prepare_v3(db_, text, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr));
        return made;
    }
    void step(sqlite3_stmt* what) const {
        if (sqlite3_step(what) != SQLITE_DONE)
            throw std::runtime_error(sqlite3_errmsg(db_));
        require(sqlite3_reset(what));
    }
    template<class Visit>
    unsigned rows(sqlite3_stmt* what, Visit visit) const {
        unsigned n = 0;
        int code = SQLITE_OK;
        for (; (code = sqlite3_step(what)) == SQLITE_ROW; ++n) {
            const auto* const data = static_cast<const std::byte*>(sqlite3_column_blob(what, 0));
            visit(tusk::byte_view(data, static_cast<std::size_t>(sqlite3_column_bytes(what, 0))));
        }
        if (code != SQLITE_DONE)
            throw std::runtime_error(sqlite3_errmsg(db_));
        require(sqlite3_reset(what));
        return n;
    }

    std::mutex mutex_;
    sqlite3* db_ = nullptr;
    sqlite3_stmt* begin_ = nullptr;
    sqlite3_stmt* commit_ = nullptr;
    sqlite3_stmt* insert_ = nullptr;
    sqlite3_stmt* all_ = nullptr;
    sqlite3_stmt* get_ = nullptr;
    sqlite3_stmt* scan_ = nullptr;
};

class sqlite_store {
public:
    explicit sqlite_store(const bench::task& t) {
        if (t.sync == "interval")
            throw bench::cannot("syncs by no clock");
        for (unsigned i = 0; i < t.logs; ++i)
            logs_.push_back(std::make_unique<table>(t.directory + "/" + std::to_string(i), t.synced()));
    }
    void append(unsigned log, unsigned, const bench::payloads& records, std::uint64_t first, unsigned n) {
        logs_[log]->append(records, first, n);
    }
    void flush() {}
    template<class Visit>
    void read_all(Visit visit) {
        for (const auto& one : logs_)
            one->read_all(visit);
    }
    template<class Visit>
    void get(std::uint64_t i, Visit visit) {
        logs_[0]->get(i, visit);
    }
    template<class Visit>
    void scan(std::uint64_t first, unsigned n, Visit visit) {
        logs_[0]->scan(first, n, visit);
    }

private:
    std::vector<std::unique_ptr<table>> logs_;
};

} // namespace

int main(int argc, char** argv) {
    return bench::drive_main(argc, argv, [](const bench::task& t) { bench::drive<sqlite_store>(t).run(); });
}
