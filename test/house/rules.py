"""Checks the rules of the house, and prints each place that breaks one.

usage: rules.py <the project's folder>

- Includes point one way: see LAYERS. No header includes itself by way of others.
- Headers include with <>, start with #pragma once, bring no heavy standard header and stay under 400 lines.
- Tests, examples and benchmarks include no detail/ header.
- No file speaks of what does not belong to the project.
- The version is the same wherever it stands.
- What a document quotes of an example stands there, and what it names as a proof is there.
"""

import re
import sys
import textwrap
from pathlib import Path

POLICIES = ["format", "fsync", "backend", "compression"]
ADDONS = ["topic", "keyed", "observe", "async", "raft"]

# What each part of include/tusk may include beside itself.
LAYERS = {
    "version.hpp": [],
    "core": ["version.hpp"],
}
LAYERS["concept"] = LAYERS["core"] + ["core"]
for part in POLICIES + ["log"]:
    LAYERS[part] = LAYERS["concept"] + ["concept"]
LAYERS["prove"] = LAYERS["concept"] + ["concept", "backend"]
LAYERS["wal.hpp"] = LAYERS["log"] + ["log"] + POLICIES
for part in ADDONS:
    LAYERS[part] = LAYERS["wal.hpp"] + ["wal.hpp"]
LAYERS["tool"] = LAYERS["wal.hpp"] + ["wal.hpp"] + ADDONS

HEAVY = ["filesystem", "iostream", "ranges", "regex"]
MOST_LINES = 400
FOREIGN = {
    r"\bissue\s#\d*": "speaks of an issue",
    r"/(?:home|Users)/\w+": "has a path of somebody's machine",
    r"(?<![\w/.])/ro{2}t\b": "has a path of somebody's machine",
}
TEXT = {".cpp", ".hpp", ".md", ".txt", ".cmake", ".in", ".py", ".json", ".sh", ".yml", ".yaml", ".proto", ""}

QUOTE = re.compile(r"^<!-- from (\S+) -->\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def includes(path):
    """Yields line number, opening mark and name of each include of a file."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if match := INCLUDE.match(line):
            yield number, match[1], match[2]


def part_of(header):
    """The part of the house that 'tusk/<...>' belongs to."""
    return header.split("/")[1]


def check_headers(root):
    base = root / "include"
    graph = {}
    for path in sorted(base.rglob("*.hpp")):
        name = path.relative_to(base).as_posix()
        where = path.relative_to(root)
        part = part_of(name)
        lines = path.read_text().splitlines()
        if part not in LAYERS:
            yield f"{where}: {part} has no place in the house"
            continue
        if not lines or lines[0] != "#pragma once":
            yield f"{where}:1: does not start with #pragma once"
        if len(lines) >= MOST_LINES:
            yield f"{where}: {len(lines)} lines; a header has fewer than {MOST_LINES}"
        graph[name] = []
        for number, mark, included in includes(path):
            if mark == '"':
                yield f'{where}:{number}: "{included}" is to be included with <>'
            if included in HEAVY:
                yield f"{where}:{number}: <{included}> is too heavy for a header"
            if not included.startswith("tusk/"):
                continue
            graph[name].append(included)
            if part_of(included) not in LAYERS[part] + [part]:
                yield f"{where}:{number}: {part} must not include <{included}>"
    yield from cycles(graph)


def cycles(graph):
    done, path = set(), []

    def visit(name):
        if name in path:
            yield "include/" + " -> ".join(path[path.index(name):] + [name]) + ": includes itself"
        elif name not in done:
            path.append(name)
            for included in graph.get(name, []):
                yield from visit(included)
            path.pop()
            done.add(name)

    for name in graph:
        yield from visit(name)


def check_users(root):
    for folder in ["test", "bench", "example"]:
        for path in sorted((root / folder).rglob("*.[ch]pp")):
            for number, _, included in includes(path):
                if re.match(r"tusk/(.*/)?detail/", included):
                    yield f"{path.relative_to(root)}:{number}: <{included}> is a detail"


def check_words(root):
    built = {".git", "build", "__pycache__"}
    for path in sorted(root.rglob("*")):
        if built.intersection(path.relative_to(root).parts) or not path.is_file() or path.suffix not in TEXT:
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            for pattern, complaint in FOREIGN.items():
                if match := re.search(pattern, line, re.IGNORECASE):
                    yield f"{path.relative_to(root)}:{number}: {complaint}: {match[0]}"


def check_version(root):
    text = (root / "include/tusk/version.hpp").read_text()
    numbers = [re.search(rf"define TUSK_VERSION_{part} (\d+)", text) for part in ["MAJOR", "MINOR", "PATCH"]]
    string = re.search(r'define TUSK_VERSION_STRING "([^"]*)"', text)
    if not all(numbers) or not string:
        yield "include/tusk/version.hpp: does not say the version"
        return
    version = ".".join(match[1] for match in numbers)
    places = {
        "include/tusk/version.hpp": r'TUSK_VERSION_STRING "([^"]*)"',
        "CHANGELOG.md": r"^## (\d\S*)",                         # the newest comes first
        "README.md": r"tusk[/ @](\d+\.\d+\.\d+)",
        "CONTRIBUTING.md": r"tusk[/ @](\d+\.\d+\.\d+)",
    }
    for name, pattern in places.items():
        path = root / name
        found = re.findall(pattern, path.read_text(), re.MULTILINE) if path.exists() else []
        if name == "CHANGELOG.md":
            if not found:
                yield f"{name}: has no version"
            found = found[:1]
        for other in found:
            if other != version:
                yield f"{name}: has version {other}, but include/tusk/version.hpp has {version}"


def check_quotes(root):
    """A block of code that says where it comes from is there, line by line."""
    for path in sorted(root.glob("*.md")):
        for name, quoted in QUOTE.findall(path.read_text()):
            source = root / name
            text = source.read_text() if source.exists() else ""
            if not any(textwrap.indent(quoted, " " * depth) in text for depth in (0, 4, 8)):
                yield f"{path.relative_to(root)}: its quote of {name} is not in there"


def check_proofs(root):
    """What a table names in a column `proved by` is a suite of test/, or a folder."""
    for path in sorted((root / "include").rglob("*.md")):
        column = None
        for number, line in enumerate(path.read_text().splitlines(), 1):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
            if not cells or "proved by" in cells:
                column = cells.index("proved by") if cells else None
                continue
            for name in re.findall(r"`([^`]*)`", cells[column] if column is not None and column < len(cells) else ""):
                parts = name.split("_", 1)
                if not list((root / "test").glob("/".join(parts) + (".cpp" if len(parts) == 2 else ""))):
                    yield f"{path.relative_to(root)}:{number}: {name} is not in test/"


def problems(root):
    for check in [check_headers, check_users, check_words, check_version, check_quotes, check_proofs]:
        yield from check(root)


def main():
    found = list(problems(Path(sys.argv[1])))
    print(*found, sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
