#pragma once

#include <charconv>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bench {

/// What a driver is asked to do: its arguments, `name=value` each. workloads.py says it, and drive.hpp what each work is.
struct task {
    std::string peer;
    std::string work;
    std::string directory;
    std::string sync = "none"; ///< none, each or interval
    std::size_t least = 1024;  ///< bytes of an entry
    std::size_t most = 1024;
    unsigned threads = 1;
    unsigned logs = 1;
    unsigned batch = 1;
    unsigned span = 100;                          ///< entries of a scan
    std::uint64_t count = 0;                      ///< entries that are there before the clock starts
    std::uint64_t bytes = std::uint64_t{1} << 30; ///< no run appends more
    std::uint64_t segment = 0;                    ///< bytes of a segment; 0: so many that none is filled
    double seconds = 0.25;
    bool filled = false; ///< by a run before this one

    [[nodiscard]] bool synced() const noexcept { return sync == "each"; }
    [[nodiscard]] std::uint64_t segment_bytes() const noexcept {
        return segment != 0 ? segment : bytes / logs + bytes / logs / 2 + (std::uint64_t{64} << 20);
    }
};

inline task task_of(int argc, char** argv) {
    task t;
    std::map<std::string_view, std::string_view> given;
    for (int i = 1; i < argc; ++i) {
        const std::string_view argument = argv[i];
        const std::size_t sign = argument.find('=');
        if (sign == argument.npos)
            throw std::runtime_error("not a name=value: " + std::string(argument));
        given[argument.substr(0, sign)] = argument.substr(sign + 1);
    }
    const auto text = [&](const char* name, std::string& value) {
        if (const auto found = given.find(name); found != given.end())
            value = found->second;
    };
    const auto number = [&](const char* name, auto& value) {
        if (const auto found = given.find(name); found != given.end()) {
            const std::string_view s = found->second;
            if (std::from_chars(s.data(), s.data() + s.size(), value).ptr != s.data() + s.size())
                throw std::runtime_error("not a number: " + std::string(s));
        }
    };
    text("peer", t.peer);
    text("work", t.work);
    text("dir", t.directory);
    text("sync", t.sync);
    number("least", t.least);
    number("most", t.most);
    number("threads", t.threads);
    number("logs", t.logs);
    number("batch", t.batch);
    number("span", t.span);
    number("count", t.count);
    number("bytes", t.bytes);
    number("segment", t.segment);
    number("seconds", t.seconds);
    unsigned filled = 0;
    number("filled", filled);
    t.filled = filled != 0;
    return t;
}

} // namespace bench
