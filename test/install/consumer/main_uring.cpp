#include <tusk/backend/uring.hpp>
#include <tusk/wal.hpp>

int main(int, char** arguments) {
    using log_type =
        tusk::basic_wal<tusk::binary_format, tusk::fsync_always, tusk::uring_backend, tusk::no_compression>;
    auto log = log_type::open(arguments[1]).value();
    const auto index = log.append("hello").value();
    return log.get(index).value().text() == "hello" ? 0 : 1;
}
