"""Prints which share of the branches of the headers the tests take.

usage: coverage.py <llvm-cov> <the project's folder> <merged profile> <program>... [uncovered]

A branch is one outcome of a condition, of whichever template it is instantiated in, and in whichever program: it counts
as taken if it is in any. With `uncovered`, prints each place where an outcome never came.

Two kinds of conditions mean nothing, and are left out: what a `switch` that names every value of its enum does with
another one, and the comparisons that `= default` writes, member by member.
"""

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path


def means_nothing(line, column):
    return line[: column - 1].rstrip().endswith("switch (") or line.rstrip().endswith("= default;")


def branches_of(llvm_cov, root, profile, programs):
    """How often each condition was true and false, by header and place."""
    command = [llvm_cov, "export", "-instr-profile", profile, programs[0], str(root / "include")]
    for program in programs[1:]:
        command += ["-object", program]
    exported = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    found = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for function in exported["data"][0]["functions"]:
        for line, column, end_line, end_column, true, false, file, *_ in function["branches"]:
            path = Path(function["filenames"][file])
            if root / "include" not in path.parents:
                continue
            counts = found[path.relative_to(root / "include" / "tusk").as_posix()][line, column, end_line, end_column]
            counts[0] += true
            counts[1] += false
    for name, places in found.items():
        text = (root / "include" / "tusk" / name).read_text().splitlines()
        for place in [p for p in places if means_nothing(text[p[0] - 1], p[1])]:
            del places[place]
    return found


def share(files):
    places = [counts for places in files.values() for counts in places.values()]
    taken = sum((counts[0] > 0) + (counts[1] > 0) for counts in places)
    return taken, 2 * len(places)


def main(llvm_cov, root, profile, *arguments):
    root = Path(root).resolve()
    programs = [a for a in arguments if a != "uncovered"]
    found = branches_of(llvm_cov, root, profile, programs)
    rows = defaultdict(dict)
    for name, places in found.items():
        rows[name.split("/")[0]][name] = places
        for group, words in {
            "recovery": ["recovery", "repair", "chain", "segment_listing", "frame_search", "verdict"],
            "state file": ["state_file", "state_keeper"],
        }.items():
            if name.startswith("log/") and any(Path(name).name.startswith(w) for w in words):
                rows[group][name] = places
    if "uncovered" in arguments:
        for name in sorted(found):
            text = (root / "include" / "tusk" / name).read_text().splitlines()
            for (line, column, *_), (true, false) in sorted(found[name].items()):
                if true == 0 or false == 0:
                    never = "neither" if true == false == 0 else "never true" if true == 0 else "never false"
                    print(f"{name}:{line}:{column}: {never}: {text[line - 1].strip()}")
    print(f"{'':<20} {'branches':>8} {'taken':>7}")
    for name in sorted(rows, key=lambda n: (" " in n or n == "recovery", n)):
        taken, of = share(rows[name])
        print(f"{name:<20} {of:>8} {taken / max(of, 1):>7.1%}")
    taken, of = share(found)
    print(f"{'all':<20} {of:>8} {taken / max(of, 1):>7.1%}")


main(*sys.argv[1:])
