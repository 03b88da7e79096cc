#pragma once

#include <matrix/any_log.hpp>
#include <matrix/mortal_backend.hpp>

namespace matrix {

/// The log of a process that dies: a Format, FsyncPolicy and Compression, on any Backend.
struct mortal_type {
    std::string_view policy;
    std::string_view compression;
    result<std::unique_ptr<any_log>> (*open)(mortal_backend where, const options& opts, recovery_report& report);

    [[nodiscard]] bool is_for(const log_type& t) const { return policy == t.policy && compression == t.compression; }
};

/// The nine of a Format; each is compiled once for all Backends.
std::vector<mortal_type> binary_mortals();
std::vector<mortal_type> json_mortals();
std::vector<mortal_type> protobuf_mortals();

/// The process dies at calls of the Backend that are spread over a life of the log, in turn before, within and behind
/// them; then a log of the same type is opened on the Backend itself.
void what_was_acknowledged_outlives_the_process(const log_type& type, const std::vector<mortal_type>& mortals);

} // namespace matrix
