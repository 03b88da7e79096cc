#include <tusk/wal.hpp>

#include <cstdio>

int main(int, char** arguments) {
    auto log = tusk::wal::open(arguments[1]).value();
    const auto index = log.append("hello").value();
    const auto entry = log.get(index).value();
    const bool same = entry.text() == "hello";
    std::printf("tusk %s: %s\n", TUSK_VERSION_STRING, same ? "hello" : "something else");
    return same ? 0 : 1;
}
