"""Who takes part: Tusk, the machine's limits, the peers. What each promises, and where its program is."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent

# What an append promises when it returns.
SYSTEM = "with the system"  # survives the process, not the machine
DISK = "on the disk"
SOON = "on the disk soon"  # synced every few milliseconds
LATER = "on the disk, two segments later"  # what is sealed is synced, and appends wait for that
PROMISES = {"none": SYSTEM, "each": DISK, "interval": SOON}


@dataclass
class Contender:
    name: str
    kind: str  # tusk, limit or peer
    program: str  # cxx/<name>, rust, go, or env/<the variable that names it>
    note: str = ""
    skips: dict = field(default_factory=dict)  # regular expression of workloads: why it is not asked
    limit: str = "pwrite"  # what it is compared with while nothing is synced: who copies into a mapping, with that
    checks: bool = True  # the checksums of what it reads
    rotates: bool = False  # can be told the size of its segments
    other_promise: dict = field(default_factory=dict)  # regular expression of workloads: what it promises instead

    def promise(self, workload):
        for pattern, promise in self.other_promise.items():
            if re.search(pattern, workload.name):
                return promise
        if not workload.appends:
            return ""
        return PROMISES[workload.arguments.get("sync", "none")]

    def limit_of(self, workload):
        """The limit that it is compared with: of its own way of writing; once synced, they all wait for the disk."""
        return "limit-pwrite" if workload.arguments.get("sync") == "each" else f"limit-{self.limit}"

    def why_skipped(self, workload):
        if not re.search(workload.only, self.name):
            return "not asked"
        if workload.rotates and not self.rotates:
            return "cannot be told when to go on to another segment"
        return next((why for pattern, why in self.skips.items() if re.search(pattern, workload.name)), None)


def _tusk(backend):
    return Contender(f"tusk-{backend}", "tusk", "cxx/tusk", limit="mapping" if backend == "mmap" else "pwrite", rotates=True,
                     other_promise={r"no sync, with rotation": LATER})


def _limit(name, note, **more):
    return Contender(f"limit-{name}", "limit", "cxx/limits", note, **more)


def _peer(name, program, note, **more):
    return Contender(name, "peer", program, note, **more)


ALL = [
    _tusk("posix"),
    _tusk("mmap"),
    _tusk("uring"),
    Contender("tusk-unchecked", "tusk", "cxx/tusk", "tusk-mmap with check_reads off, as those read that have no checksums",
              limit="copying", checks=False, skips={r"^(?!.*(: (zero-copy )?get|: scan|: read)).*$": "differs in reading alone"}),
    _limit("pwrite", "pwrite, with fdatasync into written blocks; pread, in pieces of 256 KiB with CRC-32C"),
    _limit("direct", "pwrite of whole pages, O_DIRECT and O_DSYNC"),
    _limit("mapping", "copied into a touched mapping, with CRC-32C, and synced by msync; CRC-32C over it"),
    _limit("copying", "memcpy into a touched mapping and out of it", checks=False),
    _peer("rocksdb", "cxx/rocksdb", "Put into one database; reads come from its memory", checks=False),
    _peer("leveldb", "cxx/leveldb", "Put into one database; reads come from its memory", checks=False),
    _peer("sqlite", "cxx/sqlite3", "WAL mode, a file a log, a transaction a call", checks=False),
    _peer("lmdb", "cxx/lmdb", "a file a log, a transaction a call", checks=False),
    _peer("walrus-rust-mmap", "rust", "one process-wide store, a topic a log", limit="mapping",
          other_promise={r"batch.*no sync": DISK}),
    _peer("walrus-rust-uring", "rust", "one process-wide store, a topic a log",
          other_promise={r"batch.*no sync": DISK}),
    _peer("nano-wal-1.0", "rust", "no checksum, no iterator; opening looks at nothing", checks=False,
          other_promise={r"recovery|: open": "looked at nothing"}),
    _peer("nano-wal-0.5", "rust", "no checksum; by key, behind a mutex", checks=False,
          other_promise={r"recovery|: open": "looked at nothing"}),
    _peer("okaywal", "rust", "always synced; reading in order is recovery"),
    _peer("tidwall-wal", "go", "no checksum; one writer, reads cached", checks=False, rotates=True),
    _peer("hashicorp-raft-wal", "go", "always synced; looks at no checksum when it reads", checks=False, rotates=True),
    _peer("etcd-wal", "go", "no random reads", rotates=True),
    _peer("nori-wal", "env/NORI_WAL_DRIVER", "in no registry: NORI_WAL_DRIVER names a program, nori/main.rs with a checkout",
          rotates=True),
    _peer("go-walrus", "env/GO_WALRUS_DRIVER", "in no registry: GO_WALRUS_DRIVER names a program, go_walrus/main.go with a "
          "checkout; always synced"),
]


def program_of(contender, build):
    """The path of its program, or None if it was not built."""
    kind, _, name = contender.program.partition("/")
    if kind == "env":
        path = Path(os.environ.get(name) or "/nowhere")
        return str(path) if path.is_file() else None
    path = {"cxx": Path(build) / "bench/bench/peers" / name}.get(kind, Path(build) / "peers" / kind / "peers")
    return str(path) if path.exists() else None


def _debian(package):
    if not shutil.which("dpkg-query"):
        return ""
    out = subprocess.run(["dpkg-query", "-W", "-f", "${Version}", package], capture_output=True, text=True)
    return out.stdout.split("+")[0].split("-")[0]


def versions():
    """What each peer's version is, as far as its lock file, its package or who built it says."""
    found = {"nori-wal": os.environ.get("NORI_WAL_VERSION"), "go-walrus": os.environ.get("GO_WALRUS_VERSION"),
             "rocksdb": _debian("librocksdb-dev"), "leveldb": _debian("libleveldb-dev"),
             "sqlite": _debian("libsqlite3-dev"), "lmdb": _debian("liblmdb-dev")}
    rust = (HERE / "rust/Cargo.toml").read_text()
    for crate, names in {"walrus-rust": ["walrus-rust-mmap", "walrus-rust-uring"], "okaywal": ["okaywal"]}.items():
        found.update({name: re.search(rf'^{crate} = "=(.*)"', rust, re.M)[1] for name in names})
    go_mod = HERE / "go/go.mod"
    if go_mod.exists():
        for module, name in {"tidwall/wal": "tidwall-wal", "hashicorp/raft-wal": "hashicorp-raft-wal",
                             "etcd/server/v3": "etcd-wal"}.items():
            match = re.search(rf"{module} v(\S+)", go_mod.read_text())
            if match:
                found[name] = match[1]
    return found


def environment():
    return dict(os.environ, WALRUS_QUIET="1")
