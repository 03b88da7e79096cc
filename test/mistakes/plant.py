"""Copies the headers, with every mistake of mistakes.py planted in them.

usage: plant.py <include> <the copy>

Beside the headers goes planted.hpp, which is to be included before them: the names of the mistakes, and which is on.
"""

import re
import sys
from pathlib import Path

from mistakes import MISTAKES


def main(source, copy):
    whole = {p.relative_to(source): p.read_text() for p in sorted(source.rglob("*")) if p.is_file()}
    for number, (name, file, right, wrong) in enumerate(MISTAKES, start=1):
        path = Path("tusk") / file
        text = re.compile(r"\s+".join(re.escape(word) for word in right.split()))
        found = len(text.findall(whole[path]))
        if found != 1:
            sys.exit(f"{file}: what '{name}' takes away stands there {found} times, not once:\n{right}")
        whole[path] = text.sub(lambda _: wrong.replace("{made}", f"planted::is({number})"), whole[path])
    names = "".join(f'    "{name}",\n' for name, *_ in MISTAKES)
    whole[Path("planted.hpp")] = (
        "#pragma once\n\n#include <atomic>\n\nnamespace planted {\n\n"
        "inline std::atomic<int> made{0}; // which mistake; 0 is none\n"
        "inline std::atomic<unsigned> numbers{0};\n\n"
        "inline bool is(int mistake) noexcept { return made.load(std::memory_order_relaxed) == mistake; }\n\n"
        f"inline constexpr const char* names[] = {{\n{names}}};\n\n}} // namespace planted\n"
    )
    for path, text in whole.items():
        to = copy / path
        if to.exists() and to.read_text() == text:
            continue  # so that nothing is compiled without need
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(text)


main(Path(sys.argv[1]), Path(sys.argv[2]))
