// The calls that most programs need. Run it again, and it goes on with the same log.
#include <tusk/wal.hpp>

#include <array>
#include <iostream>

int main() {
    auto log = tusk::wal::open("quickstart.wal").value(); // made if it is not there
    const auto hello = log.append("hello").value();       // durable when it returns
    std::cout << log.get(hello).value().text() << '\n';

    const std::array<tusk::record_view, 2> transfer{"ann pays 5", "bob gets 5"};
    const auto moved = log.append_batch(transfer).value(); // all of it or nothing

    const std::array<tusk::record_view, 1> correction{"eve gets 5"};
    log.replace_from(moved.last, correction).value(); // cut and append, in one step

    log.append("a slip").value();
    log.truncate(moved.last).value(); // keeps that entry, drops what is behind it
    log.close().value();

    log = tusk::wal::open("quickstart.wal").value(); // all of it is still there
    auto reader = log.read_from(hello).value();
    auto entry = reader.next();
    for (; entry; entry = reader.next())
        std::cout << entry.value().index() << ' ' << entry.value().text() << '\n';
    return entry.error() == tusk::errc::beyond_end ? 0 : 1; // read to the end, with no damage
}
