#include <tusk/backend/memory.hpp>
#include <tusk/compression/none.hpp>
#include <tusk/format/protobuf.hpp>
#include <tusk/fsync/always.hpp>
#include <tusk/log/basic_wal.hpp>

int main() {
    using namespace tusk;
    using log_type = basic_wal<protobuf_format, fsync_always, memory_backend, no_compression>;
    auto log = log_type::open(memory_backend()).value();
    return log.get(log.append("hello").value()).value().text() == "hello" ? 0 : 1;
}
