#pragma once

#include <tusk/log/commit_group.hpp>
#include <tusk/log/sealer.hpp>
#include <tusk/log/written_ahead.hpp>

namespace tusk::inline v0 {

/// Writes groups to their segments, one after the other. For one thread at a time: the leader.
template<format Format, backend Backend>
class group_writer {
public:
    using group = commit_group<Backend>;
    using segment_ptr = tusk::segment_ptr<Backend>;

    /// With `fills_in_place`, groups put frames where nothing is written ahead then.
    group_writer(log_store<Format, Backend>& store, syncer<Backend>& sync, sealer<Format, Backend>& sealer,
                 bool fills_in_place) noexcept
        : store_(store), sync_(sync), sealer_(sealer), ahead_(fills_in_place) {}

    /// Writes one group and makes it known: its frames are part of the log. If that fails, it may be tried again. With
    /// `sync`, also makes it durable, if the backend can do that in one step and nothing before waits for a sync.
    [[nodiscard]] result<void> write(group& g, bool sync) noexcept {
        g.wait_filled();
        if (!g.witness)
            g.witness = sync_.reached().durable_lsn();
        if (g.pad != 0)
            g.template stamp_pad<Format>(store_.id);
        std::array<byte_view, 2> pieces{byte_view(), g.in_place() ? byte_view() : byte_view(g.memory(), g.size)};
        std::uint32_t checksum = 0;
        if (g.starts_segment) {
            checksum = encode_header(g);
            pieces[0] = header_;
        }
        std::optional<result<void>> synced;
        if (g.starts_segment || !g.in_place()) {
            TUSK_TRY(put(*g.segment->file, g.offset - pieces[0].size(), pieces, sync && !g.in_place(), synced));
        }
        if (g.wants_durable)
            ahead_.wrote(*g.segment, g.offset + g.size, g.size);
        if (g.starts_segment)
            publish_segment(g, checksum);
        publish(g);
        if (synced)
            sync_.synced_last(*synced);
        return success();
    }

    /// True if a segment was begun since it was asked last.
    [[nodiscard]] bool has_rolled() noexcept { return std::exchange(rolled_, false); }

private:
    [[nodiscard]] result<void> put(typename Backend::file& file, std::uint64_t at, std::span<const byte_view> pieces,
                                   bool sync, std::optional<result<void>>& synced) noexcept {
        if constexpr (writes_synced<typename Backend::file>)
            if (sync && sync_.all_durable()) {
                synced.emplace(success());
                return file.write_synced(at, pieces, *synced);
            }
        (void)sync, (void)synced;
        return file.write(at, pieces);
    }

    [[nodiscard]] std::uint32_t encode_header(const group& g) noexcept {
        const segment<Backend>& s = *g.segment;
        segment_header h{.log = store_.id,
                         .segment = s.number,
                         .base = s.base,
                         .next_index = g.header_index,
                         .last_term = g.header_term};
        if (const segment_ptr before = store_.contents.last_segment()) {
            const std::shared_lock lock(store_.contents.mutex());
            h.previous = before->number;
            h.previous_end = before->end;
            h.previous_checksum = before->summary.last_checksum;
        }
        header_.resize(static_cast<std::size_t>(s.header_size));
        return tusk::encode_header<Format>(h, *g.witness, header_);
    }

    void publish_segment(group& g, std::uint32_t checksum) noexcept {
        const segment_ptr before = store_.contents.last_segment();
        store_.contents.add_segment(g.segment, checksum);
        if (before)
            sealer_.add(before);
        rolled_ = true;
    }

    void publish(group& g) noexcept {
        index_t next = g.header_index;
        if (g.is_shared && g.size > 0) {
            next = publish_places(g).next_index;
        } else if (!g.frames.empty()) {
            std::optional<index_t> lowest;
            std::size_t at = 0;
            for (std::size_t i = 0; i < g.frames.size(); ++i) {
                placed_frame& f = g.frames[i];
                f.terms = std::span(g.terms).subspan(at, g.term_counts[i]);
                at += g.term_counts[i];
                if (takes_away(f.type))
                    lowest = std::min(lowest.value_or(f.first_index), f.first_index);
            }
            placed_frame& last = g.frames.back();
            last.checksum = checksum_of(g, static_cast<std::size_t>(last.offset - g.offset));
            if (lowest)
                sync_.reached().will_cut(*lowest);
            next = store_.contents.apply_all(g.frames).next_index;
        }
        sync_.reached().wrote({g.end_lsn(), next}, g.segment);
    }
    log_tip publish_places(group& g) noexcept {
        std::size_t last = 0;
        const term_run of{g.places.first_index(), g.places.term()};
        return store_.contents.apply_batches(of, g.offset + g.size, [&](auto&& add) {
            g.places.for_each(g.size, [&](const shared_room::frame& f) {
                add(f.first_index, f.count, g.offset + f.at);
                last = f.at;
            });
            return checksum_of(g, last);
        });
    }
    // Of the header of the frame that begins there.
    [[nodiscard]] std::uint32_t checksum_of(group& g, std::size_t at) const noexcept {
        frame_info info;
        const frame_place where{.log = store_.id, .segment = g.segment->number, .offset = g.offset + at};
        (void)Format::probe(byte_view(g.memory() + at, g.size - at), where, info);
        return info.checksum;
    }

    log_store<Format, Backend>& store_;
    syncer<Backend>& sync_;
    sealer<Format, Backend>& sealer_;
    std::vector<std::byte> header_;
    written_ahead<Format, Backend> ahead_;
    bool rolled_ = false;
};

} // namespace tusk::inline v0
