#pragma once

#include <matrix/log_of.hpp>
#include <matrix/mortal_log.hpp>

namespace matrix {

template<class Format, class Policy, class Compression>
mortal_type mortal_of() {
    return {name_of<Policy>, name_of<Compression>, open_log<Format, Policy, Compression, mortal_backend>};
}

template<class Format>
std::vector<mortal_type> mortals_of() {
    return {mortal_of<Format, fsync_always, no_compression>(),    mortal_of<Format, fsync_always, lz4_compression>(),
            mortal_of<Format, fsync_always, zstd_compression>(),  mortal_of<Format, fsync_interval, no_compression>(),
            mortal_of<Format, fsync_interval, lz4_compression>(), mortal_of<Format, fsync_interval, zstd_compression>(),
            mortal_of<Format, fsync_never, no_compression>(),     mortal_of<Format, fsync_never, lz4_compression>(),
            mortal_of<Format, fsync_never, zstd_compression>()};
}

} // namespace matrix
