#pragma once

#include <tusk/core/bytes.hpp>

#include <cstdint>
#include <map>
#include <string>

namespace fuzz {

/// The files of a log's directory.
using files = std::map<std::string, std::string>;

/// How a directory is looked at.
struct examination {
    unsigned format = 0; ///< binary, json, protobuf
    bool mend = false;   ///< checksums are made right before, but for those of segments whose header says nothing
    bool verify_all = false;
    bool refuse_tail = false;
    std::uint8_t settings = 0; ///< which of a few sets of options a log that is opened for writing gets
};

/// The largest record that a log which is examined may hold.
inline constexpr std::size_t max_record_size = 64 * 1024;
/// The log's identity in what is made for the fuzzer.
inline constexpr std::uint64_t identity = 0x1122334455667788;

/// Opens what the files are taken for: read only, strictly and to salvage what can be salvaged; reads all that there is.
/// A finding if one of them changes what it must not, takes more memory than it may, or is not of the same opinion the
/// second time.
void examine(files found, const examination& how);

/// The bytes of a state file's slot, for a log of that Format in a first segment.
std::string usual_slot(unsigned format, std::uint64_t proven);

} // namespace fuzz
