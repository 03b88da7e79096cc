#pragma once

#include <conformance/format_log.hpp>
#include <matrix/any_backend.hpp>

#include <tusk/log/compression_counts.hpp>

#include <functional>
#include <memory>

/// Every combination of Format, FsyncPolicy, Backend and Compression behind one face: what the tests do with a log is
/// compiled once for all of them, and cannot be another thing for one of them.
namespace matrix {

using namespace log_test;
using format_log_suite::file_contents;
using format_log_suite::in_files;
using format_log_suite::in_memory;

/// Where a log lies, and its files to look at and to damage behind its back.
class directory {
public:
    virtual ~directory() = default;
    [[nodiscard]] virtual file_contents contents() const = 0;
    [[nodiscard]] virtual texts segments() const = 0;
    [[nodiscard]] virtual std::string read(const std::string& name) const = 0;
    virtual void write(const std::string& name, std::uint64_t at, std::string_view bytes) = 0;
    /// Calls `f`, after which the files are what they were before.
    virtual void forget(const std::function<void()>& f) = 0;
};

template<class Disk>
class directory_on final : public directory {
public:
    [[nodiscard]] file_contents contents() const override { return disk.contents(); }
    [[nodiscard]] texts segments() const override {
        texts names = disk.segments();
        std::sort(names.begin(), names.end());
        return names;
    }
    [[nodiscard]] std::string read(const std::string& name) const override { return disk.read(name); }
    void write(const std::string& name, std::uint64_t at, std::string_view bytes) override {
        disk.write(name, at, bytes);
    }
    void forget(const std::function<void()>& f) override { disk.forget(f); }

    Disk disk;
};

/// A log that is open.
class any_log {
public:
    virtual ~any_log() = default;
    virtual result<index_t> append(const record_view& record, const append_options& opts = {}) = 0;
    virtual result<index_range> append_batch(std::span<const record_view> records) = 0;
    virtual result<index_range> replace_from(index_t first, std::span<const record_view> records) = 0;
    virtual result<void> truncate(index_t keep) = 0;
    virtual result<void> drop_before(index_t first) = 0;
    virtual result<void> reset(index_t next, term_t previous) = 0;
    virtual result<index_t> roll() = 0;
    virtual result<void> sync() = 0;
    virtual result<void> close() = 0;
    virtual result<entry> get(index_t index) = 0;
    virtual result<entries> get_range(index_t first, index_t last) = 0;
    /// The entries from `first` on, as a reader gives them.
    virtual result<std::vector<entry>> read_from(index_t first) = 0;
    virtual result<term_t> term_at(index_t index) = 0;
    virtual result<index_t> first_index() = 0;
    virtual result<index_t> last_index() = 0;
    virtual result<index_t> next_index() = 0;
    virtual result<index_t> durable_index() = 0;
    virtual result<verify_report> verify() = 0;
    /// How many records were made smaller since it was opened.
    virtual std::uint64_t compressed() = 0;
};

/// A log's type, as far as it matters when the program runs.
struct log_type {
    std::string_view format;
    std::string_view policy;
    std::string_view backend;
    std::string_view compression;
    bool append_waits;                          ///< for its sync
    std::uint8_t codec;                         ///< that it writes
    bool (*reads)(std::uint8_t codec) noexcept; ///< and what else it reads
    std::unique_ptr<directory> (*make_directory)();
    std::unique_ptr<any_backend> (*make_backend)(directory& where);
    result<std::unique_ptr<any_log>> (*open)(directory& where, const options& opts, recovery_report& report);

    [[nodiscard]] bool in_memory() const { return backend == "memory_backend"; }
    friend std::ostream& operator<<(std::ostream& out, const log_type& t) {
        return out << t.format << ", " << t.policy << ", " << t.backend << ", " << t.compression;
    }
};
using log_types = std::vector<log_type>;

/// The nine of a Format and a Backend; each is defined in the file of that name.
log_types binary_posix();
log_types binary_mmap();
log_types binary_uring();
log_types binary_memory();
log_types json_posix();
log_types json_mmap();
log_types json_uring();
log_types json_memory();
log_types protobuf_posix();
log_types protobuf_mmap();
log_types protobuf_uring();
log_types protobuf_memory();
/// All of them, or those of a Format.
log_types every_log();
log_types logs_of(std::string_view format);

/// A behaviour and its test.
struct behaviour {
    const char* name;
    void (*test)(const log_type&);

    friend std::ostream& operator<<(std::ostream& out, const behaviour& b) { return out << b.name; }
};

/// What each of the logs does.
std::vector<behaviour> behaviours();

} // namespace matrix
