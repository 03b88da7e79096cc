#!/usr/bin/python3
"""How Tusk's cost grows: with the size of an entry, threads, logs, the log's size, and its segments."""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import run
from workloads import BACKENDS

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
ROOM = 2  # times the log's size must be free on the disk, or it is left out


def axes(quick):
    """Name, what the axis says, its values, and the arguments of each."""
    few = (lambda values: values[:: max(len(values) // 3, 1)]) if quick else (lambda values: values)
    sizes = few([16 << (2 * i) for i in range(11)])
    threads = few([1, 2, 4, 8, 16, 32, 64, 128])
    logs = few([1, 3, 10, 30, 100, 300, 1000])
    lengths = [MIB, 8 * MIB] if quick else [MIB, 16 * MIB, 256 * MIB, GIB, 4 * GIB, 16 * GIB]
    segments = [1, 10] if quick else [1, 10, 100, 1000, 10_000]

    def append(sync, **more):
        bytes_ = (32 if quick else 512 if sync == "none" else 64) * MIB
        return dict(work="append", sync=sync, bytes=bytes_) | more

    for sync in "none", "each":
        yield f"entry size, {sync}", "bytes of an entry", {
            n: append(sync, least=n, most=n) | (dict(bytes=max(64 * MIB, 8 * n)) if n > MIB else {}) for n in sizes}
        yield f"threads, {sync}", "threads on one log", {n: append(sync, threads=n) for n in threads}
        yield f"logs, {sync}", "logs, two threads", {n: append(sync, threads=2, logs=n, segment=MIB) for n in logs}
    for work in "open", "get":
        yield f"log size, {work}", "bytes of the log", {
            n: dict(work=work, count=n // KIB, batch=100, segment=64 * MIB, bytes=n) for n in lengths}
        yield f"segments, {work}", "segments of 64 KiB", {
            n: dict(work=work, count=n * 58, batch=1, segment=64 * KIB, bytes=n * 64 * KIB) for n in segments}


def one(program, name, arguments, choice):
    need = ROOM * arguments["bytes"] if arguments["work"] != "append" else 2 * GIB
    if shutil.disk_usage(choice.scratch or tempfile.gettempdir()).free < need:
        return {"cannot": "no room on the disk"}
    directory = tempfile.mkdtemp(prefix="tusk_bench_", dir=choice.scratch)
    try:
        run.settle(directory, arguments)
        return run.call(program, dict(arguments, peer=name, dir=directory, seconds=choice.seconds))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def value_of(figures, arguments):
    """Nanoseconds: of an entry, or of an open."""
    return figures["seconds"] * 1e9 / (1 if arguments["work"] == "open" else figures["ops"])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build", help="where the programs were built (%(default)s)")
    parser.add_argument("--seconds", type=float, default=0.3, help="time for each run (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="times that everything is run (%(default)s)")
    parser.add_argument("--only", default="", metavar="REGEX", help="only those axes whose name matches")
    parser.add_argument("--quick", action="store_true", help="one round, few points: whether it works")
    parser.add_argument("--scratch", default=None, metavar="DIR", help="where logs are written (TMPDIR)")
    parser.add_argument("--out", default="build/peers/results", metavar="DIR", help="for CSV and plots (%(default)s)")
    choice = parser.parse_args()
    if choice.quick:
        choice.rounds, choice.seconds = 1, 0.05
    program = str(Path(choice.build) / "bench/bench/peers/tusk")

    found = {}  # axis -> backend -> value -> rounds
    figures = "p50", "p99", "p999", "first_read", "memory_kib", "peak_kib", "others"
    lines = ["axis,backend,value,round,nanoseconds," + ",".join(figures) + ",trouble"]
    failures = 0
    chosen = [a for a in axes(choice.quick) if re.search(choice.only, a[0])]
    for number in range(choice.rounds):
        for axis, _, values in chosen:
            for value, arguments in values.items():
                for backend in BACKENDS:
                    print(f"\rround {number + 1}: {axis}, {value}, {backend}          ", end="", file=sys.stderr)
                    f = one(program, f"tusk-{backend}", arguments, choice)
                    if f.get("same") is False:
                        f = {"failed": "what was read back is not what was appended"}
                    failures += "failed" in f
                    good = "ops" in f
                    if good:
                        found.setdefault(axis, {}).setdefault(backend, {}).setdefault(value, []).append(
                            dict(f, nanoseconds=value_of(f, arguments)))
                    cells = [f"{value_of(f, arguments):.1f}" if good else ""]
                    cells += [str(f.get(n, "")) for n in figures]
                    lines.append(f'"{axis}",{backend},{value},{number + 1},{",".join(cells)},'
                                 + json.dumps(f.get("failed", f.get("cannot", ""))))
    print(file=sys.stderr)
    out = Path(choice.out)
    out.mkdir(parents=True, exist_ok=True)
    (out / "scale.csv").write_text("\n".join(lines) + "\n")
    table(chosen, found, choice)
    try:
        import plots
    except ImportError:
        print("no plots: matplotlib is not there", file=sys.stderr)
    else:
        plots.draw_scale([(axis, says, column, found[axis]) for axis, says, _ in chosen if axis in found
                          for column in columns(axis)], out / "scale.png")
    return 1 if failures else 0


def columns(axis):
    """What is shown of it: a name, which figure, by what that is divided, and its digits."""
    memory = "KiB of memory", "memory_kib", 1, 0
    if axis.endswith("open"):
        return ("ms to open", "nanoseconds", 1e6, 3), ("us to the first read", "first_read", 1, 1), memory
    return ("us for an entry", "nanoseconds", 1e3, 3), memory


def table(chosen, found, choice):
    print(f"How cost grows: medians of {choice.rounds} round{'s' * (choice.rounds > 1)} of {choice.seconds} s a run.\n")
    for axis, says, values in chosen:
        heads = [f"{backend}, {name}" for backend in BACKENDS for name, *_ in columns(axis)]
        print(f"| {axis}: {says} | " + " | ".join(heads) + " |")
        print("|--:" * (1 + len(heads)) + "|")
        for value in values:
            cells = []
            for backend in BACKENDS:
                rounds = found.get(axis, {}).get(backend, {}).get(value)
                cells += [f"{median(r[figure] for r in rounds) / by:,.{digits}f}" if rounds else ""
                          for _, figure, by, digits in columns(axis)]
            print(f"| {value:,} | " + " | ".join(cells) + " |")
        print()


if __name__ == "__main__":
    sys.exit(main())
