#pragma once

#include <tusk/concept/compression.hpp>
#include <tusk/core/registry.hpp>
#include <tusk/log/attach.hpp>
#include <tusk/log/live_tail.hpp>
#include <tusk/log/repair.hpp>

#include <atomic>

namespace tusk::inline v0 {

/// Which codecs a log may hold, as its Compression sees it.
struct codec_set {
    bool (*writes)(std::uint8_t id) noexcept = nullptr;
    bool (*reads)(std::uint8_t id) noexcept = nullptr;

    /// Adds those that may be written to the state.
    void add_to(log_state& s) const noexcept {
        for (unsigned id = 0; id < 256; ++id)
            if (writes(static_cast<std::uint8_t>(id)))
                s.add_codec(static_cast<std::uint8_t>(id));
    }
};
template<compression Compression>
[[nodiscard]] constexpr codec_set codecs_of() noexcept {
    return {&may_write<Compression>, &Compression::reads};
}

/// An open log on disk: its directory, state, segments and what they hold. Knows neither FsyncPolicy nor Compression, so
/// that recovery is compiled once for each Format and Backend.
template<format Format, backend Backend>
class log_store {
public:
    using segment_ptr = tusk::segment_ptr<Backend>;
    using recovery_type = recovery<Format, Backend>;

    /// Opens the log in `directory`: finds, judges, repairs and cleans up as the mode allows.
    [[nodiscard]] static result<std::unique_ptr<log_store>> open(Backend directory, const options& opts,
                                                                 codec_set codecs, recovery_report& report) noexcept {
        std::unique_ptr<log_store> store(new log_store(std::move(directory), opts));
        TUSK_TRY(store->open_state(opts, codecs, report));
        result<void> recovered = store->recover(opts, codecs, report);
        while (opts.mode == open_mode::read_only && store->has_moved_on()) {
            recovery_report again;
            again.notes.swap(report.notes);
            report = std::move(again);
            TUSK_TRY(store->content_, store->read_state());
            recovered = store->recover(opts, codecs, report);
        }
        TUSK_TRY(recovered);
        store->pool.trim(); // what recovery reads with is larger than what most logs need
        return store;
    }

    /// Removes the files of the log in `directory`, and nothing else. errc::busy if it is open, errc::no_log if there is none.
    [[nodiscard]] static result<void> destroy(Backend directory) noexcept {
        TUSK_TRY(directory.attach(/*create=*/false));
        std::vector<std::string> names;
        TUSK_TRY(directory.list(names));
        if (std::find(names.begin(), names.end(), state_file<Backend>::name) == names.end())
            return errc::no_log;
        TUSK_TRY(const auto lock, directory.lock(state_file<Backend>::name));
        names.clear(); // what was there before may be another's by now
        TUSK_TRY(directory.list(names));
        for (const std::string& name : names) {
            if (segment_number(name) != 0 || is_evidence(name)) {
                TUSK_TRY(directory.remove(name.c_str()));
            }
        }
        TUSK_TRY(
            directory.sync_directory()); // the state file last: without it, what is left would be a log that lost it
        TUSK_TRY(directory.remove(state_file<Backend>::name));
        return directory.sync_directory();
    }

    /// Looks at the files again, for readers that follow a writer in another process: new frames, segments and drops.
    [[nodiscard]] result<void> refresh() noexcept {
        const std::scoped_lock lock(refreshing_);
        for (;;) {
            const result<void> done = look_again();
            if (!has_moved_on())
                return done;
        }
    }
    /// What of a log that is read only is known to be durable: the index after the last such entry.
    [[nodiscard]] index_t durable_next() const noexcept { return live_.durable_next(); }

    /// Lets others open the log.
    void unlock() noexcept { lock_.reset(); }

    Backend directory;
    catalog<Backend> contents;
    buffer_pool pool;
    std::optional<state_keeper<Backend>> state; ///< none if read only
    std::optional<segment_files<Format, Backend>> files;
    std::uint64_t id = 0;              ///< the log's identity
    std::uint64_t max_record_size = 0; ///< of what may be read
    const bool check_reads;

private:
    log_store(Backend d, const options& opts) noexcept : directory(std::move(d)), check_reads(opts.check_reads) {
        content_.state.max_record_size = opts.max_record_size;
    }

    [[nodiscard]] result<void> look_again() noexcept {
        TUSK_TRY(const auto now, read_state());
        const auto seen = std::exchange(content_, now);
        const segment_ptr last = contents.last_segment();
        if (now.state.repaired != seen.state.repaired || !last || last->number < now.state.first_segment) {
            catalog<Backend> fresh; // history has another course, or what followed is dropped already
            recovery_report report;
            recovery_type found(directory, open_mode::read_only, tail_policy::repair, /*verify_all=*/false, content_,
                                fresh, report, pool);
            if (const result<void> done = found.run(); !done) {
                content_ = seen; // what has changed is still to be seen
                return done;
            }
            live_.start_anew(found, fresh);
            return success();
        }
        TUSK_TRY(live_.follow(*files, id, now.proven));
        const auto edges = contents.edges();
        const bool drop =
            now.state.first_lsn != seen.state.first_lsn || now.state.first_index != seen.state.first_index;
        if (drop && now.state.first_index > edges.first && now.state.first_index <= edges.next)
            (void)contents.drop_before(now.state.first_index, contents.holder_of(now.state.first_index));
        return success();
    }

    // A reader may miss a file because the writer has removed it between two of its looks: then the state has changed.
    [[nodiscard]] bool has_moved_on() noexcept {
        const auto now = read_state();
        if (!now)
            return false;
        const log_state& s = now.value().state;
        const log_state& seen = content_.state;
        return s.first_segment != seen.first_segment || s.first_index != seen.first_index ||
               s.first_lsn != seen.first_lsn || s.repaired != seen.repaired;
    }

    [[nodiscard]] result<void> open_state(const options& opts, codec_set codecs, recovery_report& report) noexcept {
        const bool writes = opts.mode != open_mode::read_only;
        TUSK_TRY(tusk::attach(directory, /*create=*/opts.create && writes, report));
        std::vector<std::string> names;
        TUSK_TRY(directory.list(names));
        const bool has_state = std::find(names.begin(), names.end(), state_file<Backend>::name) != names.end();
        const bool has_segments =
            std::any_of(names.begin(), names.end(), [](const std::string& n) { return segment_number(n) != 0; });
        if (!has_state && has_segments && opts.mode != open_mode::salvage) {
            report.message = "the state file is missing; salvage can make a new one from the segments";
            return errc::missing;
        }
        if (!has_state && !has_segments && (!opts.create || !writes)) {
            report.message = "there is no log in the directory";
            return errc::no_log;
        }
        if (writes) {
            TUSK_TRY(lock_, directory.lock(state_file<Backend>::name));
        }
        result<typename state_file<Backend>::content> content = read_state();
        if (!content && (content.error() == errc::no_log || content.error() == errc::corrupt) && !has_segments &&
            (opts.create || !writes)) { // the making of a log was cut short before it held anything
            if (writes)
                return make_state(opts, codecs, report);
            report.message = "there is no log in the directory yet";
            return errc::no_log;
        }
        if (!content && writes && opts.mode == open_mode::salvage && content.error() != errc::unsupported_version)
            return rebuild_state(opts, codecs, report, /*named=*/content.error() != errc::no_log && has_state);
        if (!content) {
            if (content.error() == errc::unsupported_version)
                report.message = "the state file was written by a newer version";
            else if (content.error() == errc::corrupt || content.error() == errc::no_log) {
                report.message =
                    "both slots of the state file are damaged; salvage can make new ones from the segments";
                add_damage(report.damages, {0, 0, state_layout::file_size, 0, 0, "no slot is whole"});
            }
            return content.error() == errc::no_log && has_segments ? make_error_code(errc::corrupt) : content.error();
        }
        content_ = content.value();
        TUSK_TRY(check_policies(codecs, report));
        return keep_state(opts);
    }

    [[nodiscard]] result<typename state_file<Backend>::content> read_state() noexcept {
        TUSK_TRY(auto file, directory.open(state_file<Backend>::name, open_for::read));
        state_file<Backend> state_in(std::move(file));
        TUSK_TRY(auto content, state_in.read());
        TUSK_TRY(state_in.close());
        return content;
    }

    [[nodiscard]] result<void> check_policies(codec_set codecs, recovery_report& report) const noexcept {
        const log_state& s = content_.state;
        if (s.format != Format::id) {
            report.message = std::string("the log was written with ") + format_name(s.format) + ", not " + Format::name;
            return errc::wrong_format;
        }
        if (s.format_version > Format::version) {
            report.message = std::string("the log was written with version ") + std::to_string(s.format_version) +
                             " of " + Format::name + "; this one knows up to " + std::to_string(Format::version);
            return errc::unsupported_version;
        }
        for (unsigned number = 1; number < 256; ++number)
            if (const auto codec = static_cast<std::uint8_t>(number); s.has_codec(codec) && !codecs.reads(codec)) {
                report.message = std::string("the log holds, or may hold, data of ") + codec_name(codec) + " (codec " +
                                 std::to_string(number) + "), which the compression that was chosen cannot read";
                return errc::wrong_compression;
            }
        return success();
    }

    // Nothing is written yet: an open that is refused leaves every byte as it was.
    [[nodiscard]] result<void> keep_state(const options& opts) noexcept {
        id = content_.state.log;
        max_record_size = std::min(std::max(content_.state.max_record_size, opts.max_record_size), max_record_limit);
        if (opts.mode == open_mode::read_only) {
            files.emplace(directory, nullptr, opts);
            return success();
        }
        TUSK_TRY(auto file, directory.open(state_file<Backend>::name, open_for::write));
        state.emplace(state_file<Backend>(std::move(file)), content_.state);
        files.emplace(directory, &*state, opts);
        return success();
    }

    // The log may be opened: from here on it is changed. What the state newly allows is durable before it is used, and
    // both slots agree before anything is removed on the word of one.
    [[nodiscard]] result<void> settle_state(codec_set codecs) noexcept {
        const log_state& s = content_.state;
        log_state wanted = s;
        codecs.add_to(wanted);
        if (content_.agree && wanted.codecs == s.codecs && max_record_size == s.max_record_size &&
            s.format_version == Format::version)
            return success();
        return state->update(
            [&](log_state& next) {
                codecs.add_to(next);
                next.max_record_size = max_record_size;
                next.format_version = Format::version;
            },
            /*both=*/true);
    }

    // A new log: its state is durable before any segment is made.
    [[nodiscard]] result<void> make_state(const options& opts, codec_set codecs, recovery_report& report) noexcept {
        log_state s;
        s.log = new_identity(directory);
        s.first_index = opts.first_index;
        s.previous_term = opts.previous_term;
        s.first_segment = s.next_segment = 1;
        report.created = true;
        return write_state(s, opts, codecs, /*named=*/false);
    }

    // Salvage without a state file: the segments say most of what it held.
    [[nodiscard]] result<void> rebuild_state(const options& opts, codec_set codecs, recovery_report& report,
                                             bool named) noexcept {
        std::vector<std::string> names;
        TUSK_TRY(directory.list(names));
        std::sort(names.begin(), names.end());
        log_state s;
        for (const std::string& name : names) {
            const segment_t number = segment_number(name);
            if (number == 0)
                continue;
            s.next_segment = std::max(s.next_segment, number + 1);
            TUSK_TRY(const found_segment found, (find_segment<Format, Backend>(directory, number, 0, pool)));
            const bool readable = found.state == header_state::good || found.state == header_state::misplaced;
            if (!readable || found.header.segment != number)
                continue;
            if (s.first_segment == 0) {
                s.log = found.header.log;
                s.first_segment = number;
                s.first_index = found.header.next_index;
                s.previous_term = found.header.last_term;
            }
            if (found.header.repair() && found.header.log == s.log)
                s.repaired = number;
        }
        if (s.first_segment == 0) {
            report.message = "the state file is lost, and no segment has a header that can be read";
            return errc::corrupt;
        }
        s.max_record_size = max_record_limit;
        for (unsigned codec = 1; codec < 256; ++codec) // what the log holds is known only when it is read
            if (codecs.reads(static_cast<std::uint8_t>(codec)))
                s.add_codec(static_cast<std::uint8_t>(codec));
        add_damage(report.damages, {0, 0, state_layout::file_size, 0, 0, "the state file was lost and made anew"});
        return write_state(s, opts, codecs, named);
    }

    [[nodiscard]] result<void> write_state(log_state& s, const options& opts, codec_set codecs, bool named) noexcept {
        s.format = Format::id;
        s.format_version = Format::version;
        s.max_record_size = std::max(s.max_record_size, opts.max_record_size);
        codecs.add_to(s);
        TUSK_TRY(auto file, directory.open(state_file<Backend>::name, open_for::write));
        state_file<Backend> out(std::move(file));
        TUSK_TRY(out.commit(s, /*both=*/true));
        TUSK_TRY(out.close());
        if (result<void> synced = directory.sync_directory(); !synced) {
            if (!named) // perhaps no later sync covers the name: the next open makes another
                (void)directory.remove(state_file<Backend>::name);
            return synced;
        }
        content_ = {.state = s, .both = true, .agree = true, .proven = 0, .proven_segment = 0};
        return keep_state(opts);
    }

    // Finds and judges what there is, repairs it if need be, and cleans up. What is served is what any later open will
    // find: behind a repair, that is looked at as such an open does it.
    [[nodiscard]] result<void> recover(const options& opts, codec_set codecs, recovery_report& report) noexcept {
        recovery_report pass;
        auto known = content_;
        std::optional<recovery_type> found;
        const auto look = [&] {
            pass = {};
            found.emplace(directory, opts.mode, opts.unproven_tail, opts.verify_all, known, contents, pass, pool);
            return found->run();
        };
        const bool reads_all = opts.verify_all || opts.mode == open_mode::salvage;
        result<void> done = look();
        if (done && found->needs_repair() && !reads_all && known.state.proven.index_frame != 0) {
            known.state.proven.index_frame = 0; // a repair forgets where it is: what it let skip is judged before that
            done = look();
        }
        merge(report, std::move(pass), /*again=*/false);
        if (!done)
            return refuse(done.error(), report);
        if (opts.mode == open_mode::read_only) {
            live_.start(*found);
            return success();
        }
        TUSK_TRY(state->affirm(content_, found->files().unused_number()));
        if (!found->needs_repair()) {
            TUSK_TRY(settle_state(codecs));
            return clean_up(directory, found->files());
        }
        repair<Format, Backend> copy(directory, *files, *state, *found, report, pool);
        pass = {};
        done = copy.prepare(contents, reads_all, pass);
        if (copy.was_judged())
            merge(report, std::move(pass), /*again=*/true);
        if (!done)
            return refuse(done.error(), report);
        TUSK_TRY(copy.commit());
        content_ = copy.state();
        TUSK_TRY(settle_state(codecs));
        return clean_up(directory, copy.now().files());
    }

    [[nodiscard]] result<void> refuse(std::error_code why, recovery_report& report) noexcept {
        if (why == errc::corrupt || why == errc::missing)
            foresee_salvage(report);
        return why;
    }

    // What the first pass found is what there was; what the second one found is what there is now.
    static void merge(recovery_report& report, recovery_report pass, bool again) {
        report.segments = pass.segments;
        report.first_index = pass.first_index;
        report.last_index = pass.last_index;
        report.witness = pass.witness;
        report.scanned_bytes += pass.scanned_bytes;
        report.unknown_files = std::move(pass.unknown_files);
        report.evidence = std::move(pass.evidence);
        for (const damage& d : pass.damages)
            add_damage(report.damages, d);
        if (again) {
            if (!pass.message.empty())
                report.message = std::move(pass.message);
            return;
        }
        report.unproven_entries = pass.unproven_entries;
        report.dropped_bytes = pass.dropped_bytes;
        report.lost_entries = pass.lost_entries;
        report.message = std::move(pass.message);
    }

    void foresee_salvage(recovery_report& report) noexcept {
        catalog<Backend> scratch;
        recovery_report would;
        recovery_type dry(directory, open_mode::salvage, tail_policy::repair, /*verify_all=*/false, content_, scratch,
                          would, pool);
        if (dry.run() && would.last_index >= would.first_index) {
            report.salvage_first = would.first_index;
            report.salvage_last = would.last_index;
        }
    }

    std::optional<typename Backend::lock_type> lock_;
    typename state_file<Backend>::content content_;
    std::mutex refreshing_;
    live_tail<Format, Backend> live_{directory, contents, pool};
};

} // namespace tusk::inline v0
