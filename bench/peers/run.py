#!/usr/bin/python3
"""Runs Tusk, the machine's limits and the peers side by side, and prints tables. ../README.md has the method."""

import argparse
import json
import mmap
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import contenders
import report
import workloads

PATIENCE = 120  # seconds beyond the time of a run: filling and reading back


def settle(directory, arguments):
    """Waits until the file system has nothing left to write, and has the memory ready: the next run pays for itself alone."""
    subprocess.run(["sync", "-f", directory], check=True)
    if arguments.get("sync") != "each":
        touch_memory(arguments["bytes"] + 256 * workloads.MIB)


def touch_memory(size):
    """Uses so much of it once. What a virtual machine's host has taken back costs ten times as much when it is used again,
    and without this whoever comes first pays for it."""
    size = min(size, os.sysconf("SC_AVPHYS_PAGES") * mmap.PAGESIZE // 2) // mmap.PAGESIZE * mmap.PAGESIZE
    child = os.fork()
    if child == 0:  # or else the drivers would begin with this program's peak
        with mmap.mmap(-1, size) as memory:
            memory.madvise(mmap.MADV_NOHUGEPAGE)  # files are kept in single pages too
            memory[:: mmap.PAGESIZE] = bytes(size // mmap.PAGESIZE)
        os._exit(0)
    os.waitpid(child, 0)


def call(program, arguments):
    """What a driver says, or why it says nothing."""
    line = [program, *(f"{name}={value}" for name, value in arguments.items())]
    try:
        out = subprocess.run(line, capture_output=True, text=True, env=contenders.environment(),
                             timeout=PATIENCE + 4 * float(arguments["seconds"]))
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {PATIENCE} s"}
    if out.returncode != 0:
        said = [text for text in out.stderr.splitlines() if text.strip()] or [f"exit code {out.returncode}"]
        panics = [i for i, text in enumerate(said) if "panicked at" in text or text.startswith("panic:")]
        return {"failed": said[min(panics[0] + 1, len(said) - 1) if panics else -1].strip()[:120]}
    try:
        return json.loads(out.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        return {"failed": "no figures"}


def measure(contender, program, workload, seconds, scratch):
    """One run, in a directory of its own."""
    directory = tempfile.mkdtemp(prefix="tusk_bench_", dir=scratch)
    try:
        settle(directory, workload.arguments)
        arguments = dict(workload.arguments, peer=contender.name, dir=directory, seconds=seconds)
        if arguments.pop("killed", 0):
            filled = call(program, dict(arguments, work="fill"))
            if filled:
                return filled
            arguments["filled"] = 1
        figures = call(program, arguments)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    if figures.get("same") is False:
        return {"failed": f"wrote {figures['ops']:,} entries, read back {figures['read_ops']:,} or others"}
    return figures


def write(results, out):
    """After each round: who ends it early has what came out so far."""
    (out / "peers.csv").write_text(results.csv())
    (out / "summary.md").write_text(results.summary() + "\n")
    (out / "details.md").write_text(results.details() + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", default="build", help="where the programs were built (%(default)s)")
    parser.add_argument("--seconds", type=float, default=0.5, help="time for each run (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="times that everything is run (%(default)s)")
    parser.add_argument("--workloads", default="", metavar="REGEX", help="only those whose name matches")
    parser.add_argument("--peers", default="", metavar="REGEX", help="only those contenders whose name matches")
    parser.add_argument("--quick", action="store_true", help="one round, 0.05 s a run, small logs: whether it works")
    parser.add_argument("--scratch", default=None, metavar="DIR", help="where logs are written (TMPDIR)")
    parser.add_argument("--out", default="build/peers/results", metavar="DIR", help="for CSV and plots (%(default)s)")
    parser.add_argument("--list", action="store_true", help="names workloads and contenders, and runs nothing")
    choice = parser.parse_args()
    if choice.quick:
        choice.rounds, choice.seconds = 1, 0.05

    chosen = [w for w in workloads.every() if re.search(choice.workloads, w.name)]
    asked = [c for c in contenders.ALL if re.search(choice.peers, c.name)]
    if choice.list:
        print("\n".join([w.name for w in chosen] + [""] + [f"{c.name}: {c.note}" for c in asked]))
        return 0
    if choice.quick:
        for w in chosen:
            w.arguments["bytes"] = min(w.arguments["bytes"], 32 * workloads.MIB)
            if w.arguments.get("count", 0) > 5_000 and w.arguments["work"] != "drop":
                w.arguments["count"] = 5_000

    programs = {c.name: contenders.program_of(c, choice.build) for c in asked}
    results = report.Results(chosen, asked, programs, choice)
    out = Path(choice.out)
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("peers-*.png"):
        old.unlink()
    for number in range(choice.rounds):
        for w_number, workload in enumerate(chosen):
            print(f"\rround {number + 1} of {choice.rounds}: {w_number + 1} of {len(chosen)}, {workload.name[:60]:60}",
                  end="", file=sys.stderr, flush=True)
            rows = [c for c in asked if programs[c.name]]
            begin = (number * 5 + w_number) % max(len(rows), 1)  # nobody is always behind the same other
            for contender in rows[begin:] + rows[:begin]:
                why = contender.why_skipped(workload)
                figures = {"cannot": why} if why else measure(contender, programs[contender.name], workload,
                                                              choice.seconds, choice.scratch)
                results.add(workload, contender, number, figures)
        write(results, out)
    print(file=sys.stderr)
    print(results.summary())
    print(results.details())
    try:
        import plots
    except ImportError:
        print("no plots: matplotlib is not there", file=sys.stderr)
    else:
        plots.draw(results, out)
    return 1 if results.own_failures() else 0


if __name__ == "__main__":
    sys.exit(main())
