#include "journal.hpp"

#include "failure.hpp"

#include <tusk/fsync/interval.hpp>
#include <tusk/fsync/never.hpp>
#include <tusk/wal.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace {

tusk::options options_for(const journal& where, const text_lines& text) {
    tusk::options opts;
    opts.segment_size = where.segment_size;
    opts.max_record_size = std::max<std::uint64_t>(opts.max_record_size, text.longest());
    opts.max_batch_bytes = std::max(opts.max_batch_bytes, opts.max_record_size);
    // This process forks again and again: threads that are shared with others would be missing in the child.
    opts.background = tusk::background::own();
    return opts;
}

[[noreturn]] void cannot_open(const journal& where, std::error_code why, const tusk::recovery_report& report) {
    const std::string message = fmt::format("cannot open the log in {}: {}", where.directory,
                                            report.message.empty() ? why.message() : report.message);
    if (why == tusk::errc::corrupt || why == tusk::errc::missing || why == tusk::errc::misplaced)
        throw disagreement(message);
    throw failure(message);
}

template<class FsyncPolicy>
void append_by(const journal& where, const text_lines& text, const acknowledge& tell) {
    using wal = tusk::basic_wal<tusk::binary_format, FsyncPolicy, tusk::posix_backend, tusk::no_compression>;

    tusk::recovery_report report;
    auto opened = wal::open(where.directory, options_for(where, text), &report);
    if (!opened)
        cannot_open(where, opened.error(), report);
    wal log = std::move(opened).value();

    tusk::index_t done = log.last_index().value();
    tell(done);
    while (done < text.count()) {
        done = log.append(text.line(done + 1), {.expect_index = done + 1}).value();
        tell(done);
    }
    log.close().value();
}

} // namespace

void append_lines(const journal& where, const text_lines& text, const acknowledge& tell) {
    switch (where.fsync) {
    case fsync_choice::always: return append_by<tusk::fsync_always>(where, text, tell);
    case fsync_choice::interval: return append_by<tusk::fsync_interval>(where, text, tell);
    case fsync_choice::never: return append_by<tusk::fsync_never>(where, text, tell);
    }
}

contents compare(const journal& where, const text_lines& text) {
    tusk::options opts = options_for(where, text);
    opts.mode = tusk::open_mode::read_only;
    tusk::recovery_report report;
    auto opened = tusk::wal::open(where.directory, opts, &report);
    if (!opened && opened.error() == tusk::errc::no_log)
        return {};
    if (!opened)
        cannot_open(where, opened.error(), report);
    tusk::wal log = std::move(opened).value();

    contents found{.segments = log.segment_count().value()};
    auto reader = log.read_from(1).value();
    auto entry = reader.next();
    for (; entry; entry = reader.next()) {
        found.lines = entry.value().index();
        if (found.lines > text.count())
            throw disagreement(
                fmt::format("the log in {} goes on behind the file's {} lines", where.directory, text.count()));
        if (entry.value().text() != text.line(found.lines))
            throw disagreement(fmt::format("entry {} of the log in {} is not line {} of the file", found.lines,
                                           where.directory, found.lines));
        found.bytes += entry.value().data().size();
    }
    if (entry.error() != tusk::errc::beyond_end)
        throw disagreement(fmt::format("entry {} of the log in {} cannot be read: {}", reader.next_index(),
                                       where.directory, entry.error().message()));
    return found;
}
