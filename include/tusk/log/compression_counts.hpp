#pragma once

#include <tusk/concept/compression.hpp>
#include <tusk/core/frame.hpp>
#include <tusk/core/registry.hpp>

#include <array>
#include <atomic>
#include <vector>

namespace tusk::inline v0 {

/// What one codec has made of data.
struct codec_count {
    std::uint8_t codec = codec::none;
    std::uint64_t records = 0;
    std::uint64_t bytes_before = 0; ///< of their data, as it was given
    std::uint64_t bytes_after = 0;  ///< and as it is stored
};

/// What a log's Compression has made of the data that was appended since the log was opened.
struct compression_counts {
    /// One for data that is stored as it is, codec::none, and one for each codec that the log may write.
    std::vector<codec_count> codecs;

    /// That of one codec: none if the log does not write it.
    [[nodiscard]] codec_count of(std::uint8_t codec) const noexcept {
        for (const codec_count& c : codecs)
            if (c.codec == codec)
                return c;
        return {.codec = codec};
    }
    /// All together.
    [[nodiscard]] codec_count total() const noexcept {
        codec_count sum;
        for (const codec_count& c : codecs) {
            sum.records += c.records;
            sum.bytes_before += c.bytes_before;
            sum.bytes_after += c.bytes_after;
        }
        return sum;
    }
    /// How many bytes became one; 1 if there were none.
    [[nodiscard]] double ratio() const noexcept {
        const codec_count all = total();
        return all.bytes_after == 0 ? 1.0
                                    : static_cast<double>(all.bytes_before) / static_cast<double>(all.bytes_after);
    }
};

/// Counts what becomes of records, for any number of threads at once. Counts nothing, at no cost, for a Compression that
/// never compresses.
template<compression Compression>
class compression_tally {
public:
    void count(std::span<const stored_record> records) noexcept {
        if constexpr (codecs > 0)
            for (const stored_record& r : records)
                slots_[slot_of(r.codec)].add(r);
    }

    /// Allocates. While others append, the numbers may be those of slightly different moments.
    [[nodiscard]] compression_counts get() const {
        compression_counts out;
        if constexpr (codecs > 0)
            for (std::size_t i = 0; i < ids.size(); ++i)
                out.codecs.push_back(slots_[i].get(ids[i]));
        return out;
    }

private:
    static constexpr std::size_t codecs = written_codecs<Compression>();
    static constexpr auto ids = []() consteval { // in order, and none before them
        std::array<std::uint8_t, codecs + 1> all{};
        std::size_t at = 1;
        for (unsigned id = 1; id < 256; ++id)
            if (may_write<Compression>(static_cast<std::uint8_t>(id)))
                all[at++] = static_cast<std::uint8_t>(id);
        return all;
    }();

    [[nodiscard]] static std::size_t slot_of(std::uint8_t codec) noexcept {
        std::size_t slot = ids.size() - 1;
        while (slot > 0 && ids[slot] != codec)
            --slot;
        return slot;
    }

    struct slot {
        std::atomic<std::uint64_t> records{0};
        std::atomic<std::uint64_t> before{0};
        std::atomic<std::uint64_t> after{0};

        void add(const stored_record& r) noexcept {
            records.fetch_add(1, std::memory_order_relaxed);
            before.fetch_add(r.raw_size, std::memory_order_relaxed);
            after.fetch_add(r.data.size(), std::memory_order_relaxed);
        }
        [[nodiscard]] codec_count get(std::uint8_t codec) const noexcept {
            return {codec, records.load(std::memory_order_relaxed), before.load(std::memory_order_relaxed),
                    after.load(std::memory_order_relaxed)};
        }
    };
    std::array<slot, codecs == 0 ? 0 : codecs + 1> slots_;
};

} // namespace tusk::inline v0
