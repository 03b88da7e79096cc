#pragma once

#include <tusk/concept/backend.hpp>
#include <tusk/core/crc32c.hpp>
#include <tusk/core/endian.hpp>
#include <tusk/core/types.hpp>

#include <array>
#include <optional>

namespace tusk::inline v0 {

/// A place up to which everything is on stable storage, and the log's state there.
struct proven_place {
    lsn_t lsn = 0; ///< 0: nothing is proven
    segment_t segment = 0;
    std::uint64_t offset = 0;      ///< lsn is this offset in that segment
    std::uint64_t index_frame = 0; ///< where the segment's index frame ends at `offset` begins; 0 if there is none
};

/// What a slot of the state file holds. See log/README.md for the bytes.
struct log_state {
    std::uint64_t generation = 0; ///< grows with each slot written
    std::uint64_t log = 0;        ///< the log's identity: random, mixed into every checksum
    std::uint8_t format = 0;
    std::uint32_t format_version = 0;
    index_t first_index = 1;
    term_t previous_term = 0;          ///< of the entry before first_index
    lsn_t first_lsn = 0;               ///< where history stood when first_index was set: a later reset overrides it
    segment_t first_segment = 0;       ///< segments below are rubbish
    segment_t next_segment = 1;        ///< no file of this number or above has been made
    segment_t repaired = 0;            ///< segments of repairs count up to this number
    std::uint64_t max_record_size = 0; ///< the largest limit that the log was ever opened with: what it may hold
    proven_place proven;
    std::array<std::uint64_t, 4> codecs{}; ///< one bit for each codec that may occur

    /// True if both mean the same log: they may differ in how far it is proven and in numbers that were taken.
    [[nodiscard]] bool same_promises(const log_state& other) const noexcept {
        return first_index == other.first_index && previous_term == other.previous_term &&
               first_lsn == other.first_lsn && first_segment == other.first_segment && repaired == other.repaired &&
               max_record_size == other.max_record_size && format_version == other.format_version &&
               codecs == other.codecs;
    }
    /// False if no log has ever written such numbers.
    [[nodiscard]] bool can_be() const noexcept {
        return next_segment != 0 && first_segment <= next_segment && repaired < next_segment && first_index != 0 &&
               first_index <= max_index && first_lsn <= max_lsn && proven.lsn <= max_lsn;
    }
    [[nodiscard]] bool has_codec(std::uint8_t id) const noexcept { return (codecs[id / 64] >> (id % 64) & 1) != 0; }
    void add_codec(std::uint8_t id) noexcept { codecs[id / 64] |= std::uint64_t{1} << (id % 64); }
};

/// A witness outside of the slots: written after syncs, not synced itself, right whenever it lands.
struct state_witness {
    lsn_t lsn = 0;
    segment_t segment = 0; ///< where that LSN lies
};

/// The bytes of the state file: two slots and the witness, each in a page of its own so that none can tear another.
namespace state_layout {
inline constexpr std::uint32_t version = 1;
inline constexpr std::uint64_t page = 4096;
inline constexpr std::uint64_t slot[2] = {0, page};
inline constexpr std::uint64_t witness = 2 * page;
inline constexpr std::uint64_t file_size = 3 * page;
inline constexpr std::string_view slot_magic = "TUSKSLOT";
inline constexpr std::string_view witness_magic = "TUSKWITN";
inline constexpr std::size_t slot_size = 8 + 4 + 4 + 8 + 8 + 4 + 8 + 8 + 8 + 4 + 4 + 4 + 8 + 8 + 4 + 8 + 8 + 32 + 4;
inline constexpr std::size_t witness_size = 8 + 8 + 8 + 4 + 4;
static_assert(slot_size <= 512 && witness_size <= 512, "each is written within one sector");
} // namespace state_layout

/// Writes integers one behind the other, least significant byte first.
class byte_writer {
public:
    explicit byte_writer(std::byte* to) noexcept : to_(to) {}
    template<std::unsigned_integral T>
    void operator()(T value) noexcept {
        store_le(to_, value);
        to_ += sizeof value;
    }
    void text(std::string_view t) noexcept {
        std::memcpy(to_, t.data(), t.size());
        to_ += t.size();
    }

private:
    std::byte* to_;
};

/// Reads what byte_writer wrote.
class byte_reader {
public:
    explicit byte_reader(const std::byte* from) noexcept : from_(from) {}
    template<std::unsigned_integral T>
    void operator()(T& value) noexcept {
        value = load_le<T>(from_);
        from_ += sizeof value;
    }
    [[nodiscard]] bool text(std::string_view t) noexcept {
        const bool same = std::memcmp(from_, t.data(), t.size()) == 0;
        from_ += t.size();
        return same;
    }

private:
    const std::byte* from_;
};

/// The order of a slot's fields on disk, for the writer and the reader alike.
template<class State, class F>
void for_each_slot_field(State& s, F&& f) {
    f(s.generation);
    f(s.log);
    f(s.format_version);
    f(s.first_index);
    f(s.previous_term);
    f(s.first_lsn);
    f(s.first_segment);
    f(s.next_segment);
    f(s.repaired);
    f(s.max_record_size);
    f(s.proven.lsn);
    f(s.proven.segment);
    f(s.proven.offset);
    f(s.proven.index_frame);
    for (auto& word : s.codecs)
        f(word);
}

inline std::array<std::byte, state_layout::slot_size> encode_slot(const log_state& s) noexcept {
    std::array<std::byte, state_layout::slot_size> bytes{};
    byte_writer out(bytes.data());
    out.text(state_layout::slot_magic);
    out(state_layout::version);
    out(std::uint32_t{s.format});
    for_each_slot_field(s, out);
    out(crc32c(byte_view(bytes).first(bytes.size() - 4)));
    return bytes;
}

/// A slot's content, or errc::corrupt, or errc::unsupported_version: told apart by the magic, then the version.
inline result<log_state> decode_slot(byte_view bytes) noexcept {
    if (bytes.size() < state_layout::slot_size)
        return errc::corrupt;
    byte_reader in(bytes.data());
    if (!in.text(state_layout::slot_magic))
        return errc::corrupt;
    std::uint32_t version = 0;
    std::uint32_t format = 0;
    in(version);
    in(format);
    if (version > state_layout::version)
        return errc::unsupported_version;
    log_state s;
    s.format = static_cast<std::uint8_t>(format);
    for_each_slot_field(s, in);
    if (load_le<std::uint32_t>(bytes.data() + state_layout::slot_size - 4) !=
        crc32c(bytes.first(state_layout::slot_size - 4)))
        return errc::corrupt;
    return s.can_be() ? result<log_state>(s) : errc::corrupt;
}

/// The state file of a log. One thread at a time changes it.
template<backend Backend>
class state_file {
public:
    static constexpr const char* name = "state";

    explicit state_file(typename Backend::file file) noexcept : file_(std::move(file)) {}

    /// What was found: the newest slot that is whole, and what all of them prove.
    struct content {
        log_state state;
        bool both = false;  ///< both slots are whole
        bool agree = false; ///< and say the same of what may be removed on their word
        lsn_t proven = 0;   ///< the largest LSN that a slot or the witness proves
        segment_t proven_segment = 0;
    };

    /// Reads it. errc::no_log if it was never finished, errc::corrupt if no slot is whole, errc::unsupported_version.
    [[nodiscard]] result<content> read() noexcept {
        std::array<std::array<std::byte, 512>, 3> raw{};
        std::array<std::size_t, 3> have{};
        const std::array<std::uint64_t, 3> at{state_layout::slot[0], state_layout::slot[1], state_layout::witness};
        // The witness first: whatever it claims was on disk before, so frames that are read later must be there.
        for (std::size_t i = 3; i-- > 0;) {
            TUSK_TRY(have[i], file_.read(at[i], raw[i]));
        }
        content c;
        int whole = 0;
        bool newer = false;
        log_state older;
        for (std::size_t i = 0; i < 2; ++i) {
            const result<log_state> slot = decode_slot(byte_view(raw[i]).first(have[i]));
            if (!slot) {
                newer = newer || slot.error() == errc::unsupported_version;
                continue;
            }
            ++whole;
            older = slot.value();
            if (older.generation >= c.state.generation)
                std::swap(older, c.state);
            claim(c, slot.value().proven.lsn, slot.value().proven.segment);
        }
        if (newer)
            return errc::unsupported_version;
        if (whole == 0)
            return have[0] == 0 ? errc::no_log : errc::corrupt;
        c.both = whole == 2;
        c.agree = c.both && older.same_promises(c.state);
        if (const std::optional<state_witness> w = decode_witness(byte_view(raw[2]).first(have[2]), c.state.log))
            claim(c, w->lsn, w->segment);
        return c;
    }

    /// Makes certain of the state that read() found, before anything is built on it: whoever wrote the newest slot may
    /// have died before it was synced, and the next commit goes to the other slot, which would then be the only one. It
    /// is written once more, in its place; if the other slot is not whole, the newest was synced before that one was touched.
    [[nodiscard]] result<void> affirm(const content& c) noexcept { return c.both ? write_slot(c.state) : success(); }

    /// Makes `s` the state, durable before it returns, in the slot whose turn it is, or in both.
    [[nodiscard]] result<void> commit(log_state& s, bool both) noexcept {
        for (int i = 0; i < (both ? 2 : 1); ++i) {
            log_state next = s;
            ++next.generation;
            TUSK_TRY(write_slot(next));
            s.generation = next.generation; // only now: a failed slot is the one to be written again
        }
        return success();
    }

    /// Writes the witness. Not synced: it is right whenever it lands.
    [[nodiscard]] result<void> write_witness(std::uint64_t log, state_witness w) noexcept {
        std::array<std::byte, state_layout::witness_size> bytes{};
        byte_writer out(bytes.data());
        out.text(state_layout::witness_magic);
        out(log);
        out(w.lsn);
        out(w.segment);
        out(crc32c(byte_view(bytes).first(bytes.size() - 4)));
        const byte_view piece(bytes);
        return file_.write(state_layout::witness, {&piece, 1});
    }

    [[nodiscard]] result<void> close() noexcept { return file_.close(); }

private:
    [[nodiscard]] result<void> write_slot(const log_state& s) noexcept {
        const auto bytes = encode_slot(s);
        const byte_view piece(bytes);
        TUSK_TRY(file_.write(state_layout::slot[s.generation % 2], {&piece, 1}));
        return file_.sync();
    }

    static void claim(content& c, lsn_t lsn, segment_t segment) noexcept {
        if (lsn > c.proven) {
            c.proven = lsn;
            c.proven_segment = segment;
        }
    }

    static std::optional<state_witness> decode_witness(byte_view bytes, std::uint64_t log) noexcept {
        if (bytes.size() < state_layout::witness_size)
            return std::nullopt;
        byte_reader in(bytes.data());
        const bool magic = in.text(state_layout::witness_magic);
        std::uint64_t of = 0;
        state_witness w;
        in(of);
        in(w.lsn);
        in(w.segment);
        std::uint32_t checksum = 0;
        in(checksum);
        if (!magic || of != log || w.lsn > max_lsn || checksum != crc32c(bytes.first(state_layout::witness_size - 4)))
            return std::nullopt;
        return w;
    }

    typename Backend::file file_;
};

} // namespace tusk::inline v0
