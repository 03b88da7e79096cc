#pragma once

#include <tusk/concept/compression.hpp>
#include <tusk/core/buffer_pool.hpp>
#include <tusk/core/entry.hpp>
#include <tusk/core/options.hpp>
#include <tusk/log/compression_counts.hpp>

namespace tusk::inline v0 {

/// Turns what is appended into what is stored: checks it against the limits of a log, and compresses what is to be
/// compressed and gets smaller by it. For any number of threads at once.
template<compression Compression>
class packer {
public:
    packer(Compression codec, const options& limits, buffer_pool& pool) noexcept
        : codec_(std::move(codec)), limits_(limits), pool_(pool) {}

    [[nodiscard]] const Compression& codec() const noexcept { return codec_; }

    /// Fills `s`, which is as it was made, with `r` and with `data` in place of its own; `packed` keeps what is compressed.
    /// errc::too_large; invalid_argument for a codec that the log was not given.
    [[nodiscard]] result<void> pack(const record_view& r, const pieces_view& data, codec_choice otherwise,
                                    stored_record& s, buffer& packed) noexcept {
        timestamp_t now = 0;
        return pack(r, data, otherwise, now, s, packed);
    }

    /// The records of a batch of at most `most`. Errors likewise; invalid_argument too if there are none, and
    /// errc::term_regressed.
    [[nodiscard]] result<void> pack(std::span<const record_view> records, std::uint32_t most, codec_choice otherwise,
                                    std::vector<stored_record>& stored, std::vector<buffer>& packed) noexcept {
        if (records.empty())
            return errc::invalid_argument;
        if (records.size() > most)
            return errc::too_large;
        std::uint64_t bytes = 0;
        term_t term = 0;
        timestamp_t now = 0;
        stored.reserve(records.size());
        for (const record_view& r : records) {
            if (r.term != 0 && r.term < term)
                return errc::term_regressed;
            term = std::max(term, r.term);
            bytes += r.data.size() + r.key.size();
            if (bytes > limits_.max_batch_bytes)
                return errc::too_large;
            buffer own;
            TUSK_TRY(pack(r, r.data, otherwise, now, stored.emplace_back(), own));
            if (own)
                packed.push_back(std::move(own));
        }
        return success();
    }

    /// Counts what became of records that were appended.
    void count(std::span<const stored_record> records) noexcept { tally_.count(records); }
    [[nodiscard]] compression_counts counts() const { return tally_.get(); }

private:
    // `now` is looked at once, if anybody asks for it: that takes as long as a small entry's checksum.
    [[nodiscard]] result<void> pack(const record_view& r, const pieces_view& data, codec_choice otherwise,
                                    timestamp_t& now, stored_record& s, buffer& packed) noexcept {
        if (data.size() + r.key.size() > limits_.max_record_size)
            return errc::too_large;
        const std::uint8_t id = r.codec.or_else(otherwise).id(Compression::id);
        if (id != codec::none && !may_write<Compression>(id))
            return errc::invalid_argument;
        if (r.time == 0 && now == 0)
            now = limits_.coarse_time ? coarse_wall_clock() : wall_clock();
        s.data = data;
        s.key = r.key;
        s.term = r.term;
        s.time = r.time != 0 ? r.time : now;
        s.kind = r.kind;
        s.raw_size = static_cast<std::uint32_t>(data.size());
        if constexpr (written_codecs<Compression>() > 0)
            if (id != codec::none && data.size() > 1)
                make_smaller(s, id, packed);
        return success();
    }

    void make_smaller(stored_record& s, std::uint8_t id, buffer& packed) const noexcept {
        const std::size_t raw_size = s.data.size();
        buffer gathered;
        byte_view plain = s.data.one();
        if (!s.data.contiguous()) {
            gathered = pool_.acquire(raw_size);
            byte_span rest(gathered.data(), raw_size);
            s.data.for_each([&](byte_view piece) { rest = put(rest, piece); });
            plain = byte_view(gathered.data(), raw_size);
        }
        packed = pool_.acquire(raw_size);
        const std::size_t size = compress(id, plain, byte_span(packed.data(), raw_size - 1));
        if (size == 0) {
            packed = {};
            return;
        }
        s.data = byte_view(packed.data(), size);
        s.codec = id;
    }

    [[nodiscard]] std::size_t compress(std::uint8_t id, byte_view in, byte_span out) const noexcept {
        if constexpr (compression_choice<Compression>)
            return codec_.compress(id, in, out);
        else
            return codec_.compress(in, out);
    }

    const Compression codec_;
    const options& limits_;
    buffer_pool& pool_;
    compression_tally<Compression> tally_;
};

} // namespace tusk::inline v0
