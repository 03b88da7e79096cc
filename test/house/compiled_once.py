"""Fails if an object that holds logs of one Format and Backend has recovery in it more than once, whatever else the
logs are made of.

usage: compiled_once.py <nm> <how many types of logs each object has> <object>...
"""

import re
import subprocess
import sys

# What knows neither FsyncPolicy nor Compression, and is most of what a log is.
SHARED = ["recovery", "log_store", "repair", "catalog", "sealer"]


def arguments(symbols, template):
    """The different template arguments that `template` has in the symbols."""
    found = set()
    for match in re.finditer(rf"\btusk::v0::{template}<", symbols):
        depth, end = 1, match.end()
        while depth > 0:
            depth += {"<": 1, ">": -1}.get(symbols[end], 0)
            end += 1
        found.add(symbols[match.end() : end - 1])
    return found


def complaints(nm, logs, path):
    symbols = subprocess.run([nm, "--demangle", path], capture_output=True, text=True, check=True).stdout
    for template, wanted in [("basic_wal", logs)] + [(name, 1) for name in SHARED]:
        found = arguments(symbols, template)
        if len(found) != wanted:
            yield "\n  ".join([f"{path}: {template} is there {len(found)} times, not {wanted}:", *sorted(found)])


def main():
    nm, logs, *objects = sys.argv[1:]
    wrong = [c for path in objects for c in complaints(nm, int(logs), path)]
    print(*wrong, sep="\n")
    return 1 if wrong or not objects else 0


sys.exit(main())
