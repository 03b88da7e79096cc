#!/usr/bin/env python3
"""Prints what each policy header costs: including it, and the smallest program that uses it.

usage: include_cost.py [rounds]     CXX and CXXFLAGS name another compiler and more options

Lines are those that are left when the preprocessor is done, without empty ones. Seconds are the compiler's processor
time at -O0, less that of an empty file; the median of several rounds. A round compiles every header once, so that a
busy moment of the machine touches them all alike. Programs are built with -O2 and stripped, without the gaps between
pages that make files grow in steps; libraries are shared, and not counted. The program of a policy opens a log in
which it takes the place of the default's, appends an entry and reads it.
"""

import functools
import os
import resource
import shlex
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "include"
COMPILE = [*shlex.split(os.environ.get("CXX", "g++")), "-std=c++20", f"-I{ROOT}",
           *shlex.split(os.environ.get("CXXFLAGS", "")), "-x", "c++", "-"]
EMPTY = "(an empty file)"
CORE = "tusk/log/basic_wal.hpp"
LOG = "tusk/wal.hpp"

DEFAULTS = {"format": "binary", "fsync": "always", "backend": "posix", "compression": "none"}

# By folder and header: the policy in it.
POLICIES = {
    "format": {"binary": "binary_format", "json": "json_format", "protobuf": "protobuf_format"},
    "fsync": {"always": "fsync_always", "interval": "fsync_interval", "never": "fsync_never"},
    "backend": {"posix": "posix_backend", "mmap": "mmap_backend", "uring": "uring_backend", "memory": "memory_backend",
                "simulated": "simulated_backend"},
    "compression": {"none": "no_compression", "lz4": "lz4_compression", "zstd": "zstd_compression",
                    "compressions": "compressions<lz4_compression, zstd_compression>"},
}
NO_POLICY = {"format/protobuf_message.hpp"}

# What else a policy needs.
HEADERS = {"compressions": ["compression/lz4", "compression/zstd"]}
LIBRARIES = {"lz4": ("-llz4",), "zstd": ("-lzstd",), "compressions": ("-llz4", "-lzstd"), "uring": ("-luring",)}
# How a backend is made that is not on a disk.
BACKENDS = {"memory": "{}()", "simulated": "{}(tusk::simulated_disk())"}

# Two that everybody knows, and what a program does with them.
OTHERS = {
    "regex": 'int main(int, char** argv) { return std::regex_match(argv[0], std::regex("a+b")) ? 0 : 1; }',
    "nlohmann/json.hpp": "int main(int, char** argv) { return nlohmann::json::parse(argv[0]).is_array() ? 0 : 1; }",
}


def policy_headers():
    """In the order of POLICIES. Ends all if a folder has a header that is neither known nor a part of another."""
    for folder, models in POLICIES.items():
        headers = sorted((ROOT / "tusk" / folder).glob("*.hpp"))
        text = "".join(header.read_text() for header in headers)
        for header in headers:
            name = f"{folder}/{header.name}"
            if f"<tusk/{name}>" not in text and header.stem not in models and name not in NO_POLICY:
                sys.exit(f"include_cost.py does not know what is in {name}")
        yield from (f"tusk/{folder}/{stem}.hpp" for stem in models)


def run(source, *options):
    return subprocess.run([*COMPILE, *options], input=source, capture_output=True, text=True, check=True).stdout


def including(header):
    return "" if header == EMPTY else f"#include <{header}>\n"


def lines(header):
    text = run(including(header), "-E", "-P")
    return sum(1 for line in text.splitlines() if line.strip())


def seconds(header):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(including(header), "-O0", "-c", "-o", os.devnull)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def program(header):
    """The smallest one that uses the header; None where that says nothing."""
    if header == EMPTY:
        return "int main() {}\n"
    if header in OTHERS:
        return including(header) + OTHERS[header]
    if header == CORE:
        return None
    chosen = dict(DEFAULTS)
    if header != LOG:
        folder, name = header.removeprefix("tusk/").removesuffix(".hpp").split("/")
        chosen[folder] = name
    needed = [f"{folder}/{name}" for folder, name in chosen.items()]
    needed += [more for name in chosen.values() for more in HEADERS.get(name, [])]
    includes = including(CORE) + "".join(including(f"tusk/{one}.hpp") for one in needed)
    models = {folder: POLICIES[folder][name] for folder, name in chosen.items()}
    backend = BACKENDS.get(chosen["backend"], "{}(argv[0])").format(models["backend"])
    return f"""{includes}
using namespace tusk;
int main(int, char** argv) {{
    auto opened = basic_wal<{", ".join(models.values())}>::open({backend});
    if (!opened)
        return 1;
    const auto index = opened.value().append(std::string_view(argv[0]));
    return index && opened.value().get(index.value()) ? 0 : 1;
}}
"""


@functools.cache
def kibibytes(source, libraries):
    """Of the program that is built from it."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "program"
        run(source, "-O2", "-DNDEBUG", "-s", "-pthread", "-Wl,-z,noseparate-code,-z,norelro", "-o", str(made),
            *libraries)
        return made.stat().st_size / 1024


def program_size(header):
    """In KiB; None where there is no program."""
    source = program(header)
    return None if source is None else kibibytes(source, LIBRARIES.get(Path(header).stem, ()))


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    headers = [EMPTY, CORE, LOG, *policy_headers(), *OTHERS]
    line_count = {header: lines(header) for header in headers}
    size = {header: program_size(header) for header in headers}
    taken = [{header: seconds(header) for header in headers} for _ in range(rounds)]

    empty = statistics.median(times[EMPTY] for times in taken)
    print(f"Medians of {rounds} rounds; an empty file takes {empty:.2f} s.\n")
    width = max(map(len, headers)) + 2
    print(f"| {'header':{width}} |  lines | seconds more | program, KiB | than the default's |")
    print(f"|{'-' * (width + 2)}|-------:|-------------:|-------------:|-------------------:|")
    for header in headers:
        shown = header if header == EMPTY else f"<{header}>"
        more = statistics.median(times[header] - times[EMPTY] for times in taken)
        kib = "" if size[header] is None else f"{size[header]:.1f}"
        than = f"{size[header] - size[LOG]:+.1f}" if kib and header.startswith("tusk/") else ""
        print(f"| {shown:{width}} | {line_count[header]:6,} | {more:12.2f} | {kib:>12} | {than:>18} |")


try:
    main()
except subprocess.CalledProcessError as failure:
    sys.exit(failure.stderr)
