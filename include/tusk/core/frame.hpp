#pragma once

#include <tusk/core/bytes.hpp>
#include <tusk/core/types.hpp>

namespace tusk::inline v0 {

/// What a frame does to the log. Persisted.
enum class frame_type : std::uint8_t {
    header = 1,  ///< the first frame of a segment, and nowhere else. Numbers: header_field
    batch = 2,   ///< entries
    replace = 3, ///< a cut and the entries that follow it, in one. Numbers: keep
    cut = 4,     ///< drops every entry above keep. Numbers: keep
    reset = 5,   ///< drops every entry; the next one gets the index given. Numbers: next, term before it
    lost = 6,    ///< stands for entries that could not be salvaged. Numbers: how many
    index = 7,   ///< where the entries of this segment are. Numbers: see log/segment_index.hpp
    pad = 8,     ///< nothing
};

/// The numbers of a header frame, by position. Persisted: new ones go to the end.
enum class header_field : std::uint8_t {
    log,               ///< the log's identity, mixed into every checksum
    segment,           ///< this segment's number
    base,              ///< the LSN at which this segment begins
    next_index,        ///< the index that the next entry would get
    last_term,         ///< the term of the entry before that
    previous,          ///< the number of the segment that this one follows, 0 if none
    previous_end,      ///< the offset at which that one ended
    previous_checksum, ///< the checksum of its last frame
    flags,             ///< header_flag
};
inline constexpr std::size_t header_fields = 9;

/// Set in header_field::flags.
enum header_flag : std::uint64_t {
    /// Written by a repair: counts only once the state file says so.
    header_repair = 1,
};

/// Data that may lie in several places, to be written one behind the other.
class pieces_view {
public:
    pieces_view() = default;
    pieces_view(byte_view one) noexcept : one_(one), size_(one.size()) {} // NOLINT(google-explicit-constructor)
    pieces_view(std::span<const byte_view> many) noexcept : many_(many) { // NOLINT(google-explicit-constructor)
        for (const byte_view piece : many)
            size_ += piece.size();
    }

    /// Bytes in all.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    /// Calls `f(byte_view)` for each piece in order.
    template<class F>
    void for_each(F&& f) const {
        if (many_.empty())
            f(one_);
        for (const byte_view piece : many_)
            f(piece);
    }

    /// The bytes, if they lie in one place: always so where there is one piece.
    [[nodiscard]] bool contiguous() const noexcept { return many_.empty(); }
    [[nodiscard]] byte_view one() const noexcept { return one_; }

private:
    byte_view one_;
    std::span<const byte_view> many_;
    std::size_t size_ = 0;
};

/// True for frames that take entries away, which were there before.
[[nodiscard]] constexpr bool takes_away(frame_type type) noexcept {
    return type == frame_type::cut || type == frame_type::replace || type == frame_type::reset;
}

/// An entry as a Format writes it: compressed, with everything given but its index.
struct stored_record {
    pieces_view data; ///< what is stored, compressed or not
    byte_view key;
    term_t term = 0;
    timestamp_t time = 0;
    entry_kind kind = entry_kind::data;
    std::uint8_t codec = 0;     ///< how data is compressed; 0: not at all
    std::uint32_t raw_size = 0; ///< the size of the data before compression, in bytes
};

/// A frame before it is encoded.
struct frame_view {
    frame_type type = frame_type::batch;
    std::span<const stored_record> records{}; ///< batch and replace: at least one
    std::span<const std::uint64_t> numbers{}; ///< what the frame_type says
    std::size_t pad_size = 0;                 ///< pad: the size of the frame, at least Format::min_pad
};

/// Where a frame stands. All of it goes into the header's checksum; index and witness are also stored.
struct frame_place {
    std::uint64_t log = 0; ///< the log's identity
    segment_t segment = 0;
    std::uint64_t offset = 0; ///< in bytes from the start of the segment
    index_t first_index =
        0;             ///< batch, replace, lost: of the first entry; others: the index that the next entry would get
    lsn_t witness = 0; ///< the durable LSN known when the frame was placed
};

/// What a frame's header says.
struct frame_info {
    frame_type type = frame_type::pad;
    std::uint32_t count = 0; ///< entries in it
    std::size_t size = 0;    ///< bytes of the whole frame, padding included
    std::size_t lead = 0;    ///< bytes from its start that check_lead() and next() need; at most size
    index_t first_index = 0;
    lsn_t witness = 0;
    std::uint32_t checksum = 0; ///< of the header, and through it of everything
};

/// What is found where a frame may begin.
enum class verdict : std::uint8_t {
    frame,       ///< a frame's header, whole and right
    fill,        ///< unused space
    need_more,   ///< cannot be told from so few bytes
    damaged,     ///< neither
    unsupported, ///< a segment header of a newer version
};

/// An entry as a Format finds it in a frame.
struct stored_entry {
    // Not the compiler's own: GCC 12 clears the whole with one `rep stos`, which takes longer than a Format needs to read a
    // small entry. NOLINTNEXTLINE(modernize-use-equals-default)
    stored_entry() noexcept {}

    index_t index = 0;
    term_t term = 0;
    timestamp_t time = 0;
    entry_kind kind = entry_kind::data;
    std::uint8_t codec = 0;
    std::uint32_t raw_size = 0;
    bool has_checksum = false;   ///< false: it has none of its own, for check_lead() covers all of it
    std::uint32_t checksum = 0;  ///< for Format::check_entry
    std::size_t at = 0;          ///< where its key and data stand, in bytes from the start of the frame
    std::size_t size = 0;        ///< and in how many bytes: what Format::check_entry and show look at
    std::size_t room = 0;        ///< bytes that show() needs to decode them, at most `size`; 0: they stand as they are
    std::uint32_t key_size = 0;  ///< for the Format; as much as it needs to find them again
    std::uint32_t data_size = 0; ///< likewise
    byte_view key{};             ///< set by show()
    byte_view data{};            ///< likewise; compressed if codec says so
};

/// How far a walk over a frame's entries has come. Starts as `{}`; its meaning is the Format's.
struct frame_cursor {
    std::uint32_t done = 0;
    std::size_t at = 0;
    std::size_t body = 0;
    term_t term = 0;
    timestamp_t time = 0;
};

} // namespace tusk::inline v0
