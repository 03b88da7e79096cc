#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

/// A log, read by somebody who has tusk.proto and Google's library, and nothing of Tusk.
namespace protobuf_test {

struct logged_entry {
    std::uint64_t index = 0;
    std::uint64_t term = 0;
    std::uint64_t time = 0;
    std::uint32_t kind = 0;
    std::string key;
    std::string data;
};

/// The entries in the segments of a directory. Throws std::runtime_error where tusk.proto does not describe what is there.
std::vector<logged_entry> read_log(const std::filesystem::path& directory);

} // namespace protobuf_test
