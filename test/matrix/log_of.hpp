#pragma once

#include <matrix/any_log.hpp>

#include <tusk/compression/lz4.hpp>
#include <tusk/compression/none.hpp>
#include <tusk/compression/zstd.hpp>
#include <tusk/fsync/always.hpp>
#include <tusk/fsync/interval.hpp>
#include <tusk/fsync/never.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

namespace matrix {

template<class T>
inline constexpr std::string_view name_of;
template<>
inline constexpr std::string_view name_of<fsync_always> = "fsync_always";
template<>
inline constexpr std::string_view name_of<fsync_interval> = "fsync_interval";
template<>
inline constexpr std::string_view name_of<fsync_never> = "fsync_never";
template<>
inline constexpr std::string_view name_of<no_compression> = "no_compression";
template<>
inline constexpr std::string_view name_of<lz4_compression> = "lz4_compression";
template<>
inline constexpr std::string_view name_of<zstd_compression> = "zstd_compression";

/// A log of one type behind the face of all.
template<class Log>
class log_of final : public any_log {
public:
    explicit log_of(Log log) : log_(std::move(log)) {}

    result<index_t> append(const record_view& record, const append_options& opts) override {
        return log_.append(record, opts);
    }
    result<index_range> append_batch(std::span<const record_view> records) override {
        return log_.append_batch(records);
    }
    result<index_range> replace_from(index_t first, std::span<const record_view> records) override {
        return log_.replace_from(first, records);
    }
    result<void> truncate(index_t keep) override { return log_.truncate(keep); }
    result<void> drop_before(index_t first) override { return log_.drop_before(first); }
    result<void> reset(index_t next, term_t previous) override { return log_.reset(next, previous); }
    result<index_t> roll() override { return log_.roll(); }
    result<void> sync() override { return log_.sync(); }
    result<void> close() override { return log_.close(); }
    result<entry> get(index_t index) override { return log_.get(index); }
    result<entries> get_range(index_t first, index_t last) override { return log_.get_range(first, last); }
    result<std::vector<entry>> read_from(index_t first) override {
        TUSK_TRY(auto reader, log_.read_from(first));
        std::vector<entry> out;
        for (;;) {
            auto next = reader.next();
            if (!next && next.error() == errc::beyond_end)
                return out;
            TUSK_TRY(entry e, std::move(next));
            out.push_back(std::move(e));
        }
    }
    result<term_t> term_at(index_t index) override { return log_.term_at(index); }
    result<index_t> first_index() override { return log_.first_index(); }
    result<index_t> last_index() override { return log_.last_index(); }
    result<index_t> next_index() override { return log_.next_index(); }
    result<index_t> durable_index() override { return log_.durable_index(); }
    result<verify_report> verify() override { return log_.verify(); }
    std::uint64_t compressed() override {
        return log_.compression_counts().total().records - log_.compression_counts().of(codec::none).records;
    }

private:
    Log log_;
};

template<class Backend>
using directory_for = directory_on<std::conditional_t<std::is_same_v<Backend, memory_backend>, in_memory, in_files>>;

template<class Backend>
Backend backend_in(directory& where) {
    auto& disk = static_cast<directory_for<Backend>&>(where).disk;
    if constexpr (std::is_same_v<Backend, memory_backend>)
        return disk.backend();
    else
        return Backend(disk.path().string());
}

template<class Format, class Policy, class Compression, class Backend>
result<std::unique_ptr<any_log>> open_log(Backend where, const options& opts, recovery_report& report) {
    using log = basic_wal<Format, Policy, Backend, Compression>;
    Policy policy;
    if constexpr (requires { policy.window; })
        policy.window = std::chrono::hours(1); // no test waits for the clock
    TUSK_TRY(auto opened, log::open(std::move(where), opts, policy, Compression(), &report));
    return std::unique_ptr<any_log>(std::make_unique<log_of<log>>(std::move(opened)));
}

template<class Format, class Backend, class Policy, class Compression>
log_type type_of(std::string_view backend) {
    return {Format::name,
            name_of<Policy>,
            backend,
            name_of<Compression>,
            Policy::append_waits,
            Compression::id,
            Compression::reads,
            []() -> std::unique_ptr<directory> { return std::make_unique<directory_for<Backend>>(); },
            [](directory& where) -> std::unique_ptr<any_backend> {
                return std::make_unique<any_backend_of<Backend>>(backend_in<Backend>(where));
            },
            [](directory& where, const options& opts, recovery_report& report) {
                return open_log<Format, Policy, Compression>(backend_in<Backend>(where), opts, report);
            }};
}

/// The nine of a Format and a Backend.
template<class Format, class Backend>
log_types nine_of(std::string_view backend) {
    return {type_of<Format, Backend, fsync_always, no_compression>(backend),
            type_of<Format, Backend, fsync_always, lz4_compression>(backend),
            type_of<Format, Backend, fsync_always, zstd_compression>(backend),
            type_of<Format, Backend, fsync_interval, no_compression>(backend),
            type_of<Format, Backend, fsync_interval, lz4_compression>(backend),
            type_of<Format, Backend, fsync_interval, zstd_compression>(backend),
            type_of<Format, Backend, fsync_never, no_compression>(backend),
            type_of<Format, Backend, fsync_never, lz4_compression>(backend),
            type_of<Format, Backend, fsync_never, zstd_compression>(backend)};
}

} // namespace matrix
