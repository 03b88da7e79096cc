"""Fails if the test runner has a test case that no registered suite runs.

usage: suites.py <runner> <suite>...
"""

import subprocess
import sys


def top_level_units(listing):
    """The names at the outer level of what --list_content prints."""
    return [line.rstrip("*").strip() for line in listing.splitlines() if line and not line[0].isspace()]


def main():
    runner, *registered = sys.argv[1:]
    listed = subprocess.run([runner, "--list_content"], capture_output=True, text=True, check=True)
    strays = [unit for unit in top_level_units(listed.stderr + listed.stdout) if unit not in registered]
    for unit in strays:
        print(f"{unit}: not run. A source's suite is named after its path: format/binary.cpp has format_binary.")
    return 1 if strays else 0


sys.exit(main())
