#pragma once

#include "drive.hpp"
#include "keys.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace bench {

/// What is called alike in LevelDB and in RocksDB, which comes from it: everything but opening. `Library` has their types.
template<class Library>
class level_store {
public:
    void append(unsigned log, unsigned thread, const payloads& records, std::uint64_t first, unsigned n) {
        typename Library::write_options opts;
        opts.sync = sync_;
        typename Library::write_batch batch;
        for (unsigned i = 0; i < n; ++i) {
            const key k = keys_.next(log, thread);
            if constexpr (std::is_void_v<decltype(batch.Put(slice(k), slice(records[first + i])))>)
                batch.Put(slice(k), slice(records[first + i]));
            else
                require(batch.Put(slice(k), slice(records[first + i])));
        }
        require(db_->Write(opts, &batch));
    }
    void flush() {}
    template<class Visit>
    void read_all(Visit visit) {
        const std::unique_ptr<typename Library::iterator> at(db_->NewIterator({}));
        for (at->SeekToFirst(); at->Valid(); at->Next())
            visit(bytes(at->value()));
        require(at->status());
    }
    template<class Visit>
    void get(std::uint64_t i, Visit visit) {
        std::string value;
        require(db_->Get({}, slice(key(0, 0, i)), &value));
        visit(bytes(value));
    }
    template<class Visit>
    void scan(std::uint64_t first, unsigned n, Visit visit) {
        const std::unique_ptr<typename Library::iterator> at(db_->NewIterator({}));
        const key from(0, 0, first);
        at->Seek(slice(from));
        for (; n > 0 && at->Valid(); --n, at->Next())
            visit(bytes(at->value()));
        if (n > 0)
            throw std::runtime_error("a scan ended early");
    }

protected:
    explicit level_store(const task& t) : keys_(t), sync_(t.synced()) {
        if (t.sync == "interval")
            throw cannot("syncs by no clock");
    }
    void open(const typename Library::options& opts, const std::string& directory) {
        typename Library::db* opened = nullptr;
        require(Library::db::Open(opts, directory + "/db", &opened));
        db_.reset(opened);
    }
    [[nodiscard]] typename Library::db& db() { return *db_; }

    static void require(const typename Library::status& s) {
        if (!s.ok())
            throw std::runtime_error(s.ToString());
    }
    static typename Library::slice_type slice(tusk::byte_view b) {
        return {reinterpret_cast<const char*>(b.data()), b.size()};
    }
    static typename Library::slice_type slice(const key& k) { return slice(k.bytes()); }
    static tusk::byte_view bytes(const typename Library::slice_type& s) {
        return {reinterpret_cast<const std::byte*>(s.data()), s.size()};
    }

private:
    key_source keys_;
    bool sync_;
    std::unique_ptr<typename Library::db> db_;
};

} // namespace bench
