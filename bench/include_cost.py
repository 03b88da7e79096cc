#!/usr/bin/env python3
"""Prints what including a header costs at -O0: the default log and each policy, beside two that everybody knows.

usage: include_cost.py [rounds]     CXX and CXXFLAGS name another compiler and more options

Times are the compiler's processor time, the best of several rounds. Each round compiles every header once, so that a
busy moment of the machine touches them all alike.
"""

import os
import resource
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "include"
COMPILE = [*shlex.split(os.environ.get("CXX", "g++")), "-std=c++20", "-O0", f"-I{ROOT}",
           *shlex.split(os.environ.get("CXXFLAGS", "")), "-x", "c++", "-"]
EMPTY = "(an empty file)"


def policies():
    """The headers of the policy folders, without those that are only parts of others there."""
    for folder in ["format", "fsync", "backend", "compression"]:
        headers = sorted((ROOT / "tusk" / folder).glob("*.hpp"))
        text = "".join(header.read_text() for header in headers)
        for header in headers:
            name = header.relative_to(ROOT).as_posix()
            if f"<{name}>" not in text:
                yield name


def run(header, *options):
    source = "" if header == EMPTY else f"#include <{header}>\n"
    return subprocess.run([*COMPILE, *options], input=source, capture_output=True, text=True, check=True).stdout


def milliseconds(header):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(header, "-c", "-o", os.devnull)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    headers = [EMPTY, "tusk/wal.hpp", *policies(), "regex", "nlohmann/json.hpp"]
    lines = {header: run(header, "-E", "-P").count("\n") for header in headers}
    best = dict.fromkeys(headers, float("inf"))
    for _ in range(rounds):
        for header in headers:
            best[header] = min(best[header], milliseconds(header))

    width = max(map(len, headers)) + 2
    print(f"| {'header':{width}} | ms, best of {rounds} | lines preprocessed |")
    print(f"|{'-' * (width + 2)}|--:|--:|")
    for header in headers:
        shown = header if header == EMPTY else f"<{header}>"
        print(f"| {shown:{width}} | {best[header]:.0f} | {lines[header]:,} |")


try:
    main()
except subprocess.CalledProcessError as failure:
    sys.exit(failure.stderr)
