"""Compiles a source as it is, which must succeed, and with -DREFUSED, which must fail with the message named in it.

usage: refused.py <source> <compiler> <option>...

The source says what to expect in a line of its own, as a regular expression; of several, each must match:

    // refused: <regex>
"""

import re
import subprocess
import sys
from pathlib import Path


def main():
    source, *compile_command = sys.argv[1:]
    expected = re.findall(r"^// refused: (.+)$", Path(source).read_text(), re.MULTILINE)
    if not expected:
        return f"{source}: names no message (// refused: <regex>)"

    accepted = subprocess.run([*compile_command, source], capture_output=True, text=True)
    if accepted.returncode != 0:
        return f"{source}: is refused even without REFUSED\n{accepted.stderr}"

    refused = subprocess.run([*compile_command, "-DREFUSED", source], capture_output=True, text=True)
    if refused.returncode == 0:
        return f"{source}: is accepted with REFUSED"
    missing = [regex for regex in expected if not re.search(regex, refused.stderr)]
    if missing:
        return f"{source}: is refused, but without {missing}\n{refused.stderr}"
    return 0


sys.exit(main())
