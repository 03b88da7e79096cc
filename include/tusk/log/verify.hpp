#pragma once

#include <tusk/log/log_store.hpp>

namespace tusk::inline v0 {

/// Reads every frame of every segment and checks it. Beside a writer: what is written meanwhile is left out.
template<format Format, backend Backend>
[[nodiscard]] result<verify_report> verify_log(log_store<Format, Backend>& store) noexcept {
    verify_report report;
    const auto edges = store.contents.edges();
    report.entries = edges.next - edges.first;
    for (const segment_ptr<Backend>& s : store.contents.all_segments()) {
        result<std::shared_ptr<typename Backend::file>> file = store.files->file(*s);
        if (!file && file.error() == errc::dropped && store.contents.first_segment()->number > s->number)
            continue; // dropped meanwhile
        if (!file)
            return file.error();
        std::uint64_t end = 0;
        std::uint32_t last_checksum = 0;
        {
            const std::shared_lock lock(store.contents.mutex());
            end = s->end;
            last_checksum = s->summary.last_checksum;
        }
        ++report.segments;
        frame_window<Format, Backend> window(std::move(file).value(), store.pool, static_cast<std::size_t>(mebibyte));
        std::vector<term_run> terms;
        std::uint32_t checksum = 0;
        std::uint64_t at = 0;
        index_t next = s->start_index;
        bool sound = true;
        while (at < end) {
            frame_info info;
            TUSK_TRY(const verdict found,
                     window.probe({.log = store.id, .segment = s->number, .offset = at}, end, info));
            bool good = found == verdict::frame && (info.type == frame_type::header) == (at == 0);
            if (good) {
                TUSK_TRY(const byte_view in, window.frame(at, info));
                good = in.size() == info.size && Format::check(in, info) &&
                       (info.type == frame_type::header || describe_frame<Format>(in, info, at, terms));
            }
            if (!good) {
                sound = false;
                damage d{s->number, at,
                         end - at,  next,
                         0,         found == verdict::frame ? "a checksum is wrong" : "no frame where one should be"};
                // What a frame's header still says tells where the next one begins; else the rest of the segment is in doubt.
                if (found == verdict::frame && at != 0) {
                    d.bytes = info.size;
                    d.first = info.first_index;
                    d.last = info.count == 0 ? 0 : info.first_index + info.count - 1;
                }
                report.entries -= std::min<std::uint64_t>(report.entries, d.last == 0 ? 0 : d.last - d.first + 1);
                add_damage(report.damages, d);
                at += d.bytes;
                continue;
            }
            checksum = info.checksum;
            next = info.first_index + info.count;
            report.bytes += info.size;
            at += info.size;
        }
        if (sound && checksum != last_checksum)
            add_damage(report.damages, {s->number, 0, end, 0, 0, "its frames are not those that were written"});
    }
    return report;
}

} // namespace tusk::inline v0
