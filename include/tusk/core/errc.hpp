#pragma once

#include <tusk/version.hpp>

#include <string>
#include <system_error>

namespace tusk::inline v0 {

/// What Tusk itself reports. The operating system's codes are passed on as they are, in `std::system_category()`.
enum class errc {
    invalid_option = 1, ///< an option is out of its range or contradicts another; the report names it
    invalid_argument,   ///< an argument makes no sense: first > last, a pair of limits upside down
    dropped,            ///< the index lies below first_index()
    beyond_end,         ///< the index lies above last_index()
    truncated,          ///< the entry was cut off the log, or a reader's position was
    lost,               ///< the entry was damaged and could not be salvaged
    index_mismatch,     ///< expect_index is not the index that the log would give
    term_regressed,     ///< the term is lower than the one before it
    too_large,          ///< over max_record_size, max_batch_bytes or the most entries of a batch
    too_many_segments,  ///< max_segments is reached and the log was told to refuse
    held,               ///< a hold keeps what would be dropped
    no_space,           ///< no room: disk, quota or file size limit. Appends whose write failed have an unknown outcome
    busy,               ///< another opener has the log
    closed,             ///< the log is closed
    read_only,          ///< the log was opened for reading only
    poisoned,           ///< a sync failed: the log refuses appends until it is opened again
    indeterminate,      ///< the write or sync of the entry failed: it may or may not be there after a crash
    expired,            ///< the transaction's time was over before it was committed
    timed_out,          ///< the deadline passed
    cancelled,          ///< a stop was requested
    corrupt,            ///< damage in what was durable
    unproven_tail,      ///< there is a tail that nothing proves durable, and the options refuse to repair it
    missing,            ///< a segment or the state file is not there
    misplaced,          ///< a segment's content belongs to another number or another log
    wrong_format,       ///< written with another Format; the report names it
    wrong_compression,  ///< holds data of a codec that the Compression cannot read; the report names it
    unsupported_version, ///< written by a newer version
    no_log,              ///< there is no log, and it was not to be created
};

/// The category of `errc`. Its messages say what was wrong and, where that is known, what to do.
class error_category final : public std::error_category {
public:
    [[nodiscard]] const char* name() const noexcept override { return "tusk"; }
    [[nodiscard]] std::string message(int code) const override {
        switch (static_cast<errc>(code)) {
        case errc::invalid_option: return "an option is out of range or contradicts another";
        case errc::invalid_argument: return "an argument makes no sense";
        case errc::dropped: return "the entry was dropped from the front of the log";
        case errc::beyond_end: return "the index is beyond the end of the log";
        case errc::truncated: return "the entry was truncated";
        case errc::lost: return "the entry was damaged and could not be salvaged";
        case errc::index_mismatch: return "the expected index is not the next one";
        case errc::term_regressed: return "the term is lower than that of the entry before";
        case errc::too_large: return "the record or batch is larger than its limit";
        case errc::too_many_segments: return "the log has reached its most segments";
        case errc::held: return "a hold keeps entries that would be dropped";
        case errc::no_space: return "no space left for the log";
        case errc::busy: return "the log is open elsewhere";
        case errc::closed: return "the log is closed";
        case errc::read_only: return "the log is open for reading only";
        case errc::poisoned: return "a sync failed; open the log again to go on";
        case errc::indeterminate: return "a write or sync failed; the entry may or may not have been kept";
        case errc::expired: return "the transaction's time is over";
        case errc::timed_out: return "the deadline has passed";
        case errc::cancelled: return "a stop was requested";
        case errc::corrupt: return "damage in what was durable";
        case errc::unproven_tail: return "the log ends in a tail that nothing proves durable";
        case errc::missing: return "a file of the log is missing";
        case errc::misplaced: return "a file of the log is not where it belongs";
        case errc::wrong_format: return "the log was written with another format";
        case errc::wrong_compression: return "the log holds data of a codec that cannot be read here";
        case errc::unsupported_version: return "the log was written by a newer version";
        case errc::no_log: return "there is no log here";
        }
        return "unknown error";
    }
};

/// The one instance of the category.
inline const std::error_category& category() noexcept {
    static const error_category instance;
    return instance;
}

inline std::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), category()}; }

} // namespace tusk::inline v0

template<>
struct std::is_error_code_enum<tusk::errc> : std::true_type {};
