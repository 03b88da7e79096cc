#include <tusk/backend/memory.hpp>
#include <tusk/compression/none.hpp>
#include <tusk/format/json.hpp>
#include <tusk/fsync/always.hpp>
#include <tusk/log/basic_wal.hpp>

int main() {
    using namespace tusk;
    using log_type = basic_wal<json_format, fsync_always, memory_backend, no_compression>;
    auto log = log_type::open(memory_backend()).value();
    return log.get(log.append("hello,\n\"you\"").value()).value().text() == "hello,\n\"you\"" ? 0 : 1;
}
