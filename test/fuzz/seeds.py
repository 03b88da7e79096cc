"""Writes what the fuzz targets begin with: the golden logs, as each target takes them, and calls at random.

usage: seeds.py <golden folder> <corpus folder>
"""

import random
import sys
from pathlib import Path

FORMATS = {"binary": 0, "json": 1, "protobuf": 2}
FILL = {"binary": b"\0", "json": b"\n", "protobuf": b"\0"}
# What of the state file's three pages is used.
SLOT, WITNESS, PAGE = 144, 32, 4096
# In the first byte, beside the format: checksums are made right. See segment.cpp, directory.cpp and record.cpp.
MEND, RECORD_MEND, RECORD_AT_START = 3, 3 * 4, 3 * 2
MOST = 2500


def file(kind, data):
    return bytes([kind]) + len(data).to_bytes(2, "little") + data


def main(golden, corpus):
    seeds = {}
    for folder in sorted(p for p in golden.iterdir() if p.is_dir()):
        name = folder.name.split("_")[0]
        what = FORMATS[name]
        state = (folder / "state").read_bytes()
        pages = state[:SLOT] + state[PAGE:PAGE + SLOT] + state[2 * PAGE:2 * PAGE + WITNESS]
        segments = [p.read_bytes().rstrip(FILL[name]) + FILL[name] * 8 for p in sorted(folder.glob("*.wal"))]
        files = [file(0, pages)] + [file(i, s) for i, s in enumerate(segments, 1)]
        seeds[f"directory/{folder.name}"] = bytes([what + MEND, 0]) + b"".join(files)
        for proven in [0, 255]:
            seeds[f"segment/{folder.name}_{proven}"] = bytes([what + MEND, proven, 0]) + segments[0]
        seeds[f"record/{folder.name}"] = bytes([what + RECORD_MEND + RECORD_AT_START]) + segments[0][:MOST]
        seeds[f"record/{folder.name}_inside"] = bytes([what + RECORD_MEND]) + segments[1][:MOST]
    dice = random.Random(1)
    for i in range(12):
        seeds[f"record/encode_{i}"] = bytes([i % 3 + 3]) + dice.randbytes(100 + 20 * i)
    for i in range(24):
        seeds[f"calls/random_{i}"] = bytes([i % 4]) + dice.randbytes(50 + 25 * i)
    for name, data in seeds.items():
        path = corpus / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


main(Path(sys.argv[1]), Path(sys.argv[2]))
