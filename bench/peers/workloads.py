"""What is run: the workloads that the peers quote, those that the goals name, and the goals themselves."""

from dataclasses import dataclass

MIB = 1 << 20
SYNCED_BYTES = 64 * MIB  # files of synced runs are written before: this bounds what that takes
UNSYNCED_BYTES = 512 * MIB


@dataclass
class Workload:
    name: str
    group: str
    arguments: dict
    only: str = ""  # regular expression of who is asked

    @property
    def appends(self):
        return self.arguments["work"] in ("append", "replace")

    @property
    def reads(self):
        return self.arguments["work"] in ("read", "get", "view", "scan")

    @property
    def rotates(self):
        """Whether what is appended goes on to another segment now and then."""
        return self.appends and self.arguments.get("segment", 0) != 0

    @property
    def in_time(self):
        """Whether its figure is how long it took, not how many a second."""
        return self.arguments["work"] in ("open", "check", "drop")


def _append(name, group, size, sync, only="", **more):
    least, most = size if isinstance(size, tuple) else (size, size)
    bytes_ = UNSYNCED_BYTES if sync == "none" else SYNCED_BYTES if sync == "each" else 4 * SYNCED_BYTES
    return Workload(name, group, dict(work="append", least=least, most=most, sync=sync, bytes=bytes_) | more, only)


def _stored(name, group, work, size, count, only="", **more):
    return Workload(name, group, dict(work=work, least=size, most=size, count=count, batch=100, segment=64 * MIB,
                                      bytes=count * (size + 200) + MIB) | more, only)


SYNC_NAMES = {"none": "no sync", "interval": "interval", "each": "synced"}


def every():
    yield from _walrus()
    yield from _go()
    yield from _nori()
    yield from _nano()
    yield from _goals()


def _walrus():
    for sync in "none", "each":
        yield _append(f"walrus: 10 threads, 10 logs, 500-1024 B, {SYNC_NAMES[sync]}", "walrus", (500, 1024), sync,
                      threads=10, logs=10)
        yield _append(f"walrus: batches of 2,000 x 500-1024 B, 10 threads, 10 logs, {SYNC_NAMES[sync]}", "walrus",
                      (500, 1024), sync, threads=10, logs=10, batch=2000, bytes=UNSYNCED_BYTES)


def _go():
    for sync in "none", "each":
        yield _append(f"Go: append 256 B, {SYNC_NAMES[sync]}", "go", 256, sync)
    yield _stored("Go: get 256 B", "go", "get", 256, 100_000, batch=1)
    yield _stored("Go: zero-copy get 256 B", "go", "view", 256, 100_000, batch=1)


def _nori():
    for size, label in (100, "100 B"), (1024, "1 KB"), (10240, "10 KB"):
        for sync in "none", "interval", "each":
            yield _append(f"nori: append {label}, {SYNC_NAMES[sync]}", "nori", size, sync)
    for batch in 10, 100, 1000:
        for sync in "none", "each":
            yield _append(f"nori: batch of {batch:,} x 1 KB, {SYNC_NAMES[sync]}", "nori", 1024, sync, batch=batch,
                          bytes=UNSYNCED_BYTES)
    for threads in 2, 4, 8:
        yield _append(f"nori: {threads} writers, 1 KB, no sync", "nori", 1024, "none", threads=threads)
    yield _stored("nori: scan of 50,000 x 1 KB", "nori", "read", 1024, 50_000)
    for count in 1_000, 10_000, 50_000:
        yield _stored(f"nori: recovery of {count:,} x 1 KB", "nori", "open", 1024, count)
        yield _stored(f"nori: recovery of {count:,} x 1 KB, killed", "nori", "open", 1024, count, killed=1)
    for segments in 5, 20, 50:
        yield _stored(f"nori: removal of {segments} segments", "nori", "drop", 1024, segments * 950, segment=MIB)


def _nano():
    for sync in "none", "each":
        yield _append(f"nano: append 26 B, {SYNC_NAMES[sync]}", "nano", 26, sync, bytes=64 * MIB)
    for batch in 10, 100:
        yield _append(f"nano: batch of {batch} x 26 B, no sync", "nano", 26, "none", batch=batch, bytes=256 * MIB)
    yield _stored("nano: get 26 B", "nano", "get", 26, 100_000, batch=1)
    yield _stored("nano: scan of 100 x 26 B", "nano", "scan", 26, 100_000, span=100)


def _goals():
    # What is compared with another workload has that one right beside it.
    for threads in 1, 8:
        yield _append(f"goal: {threads} thread{'s' * (threads > 1)}, one log, 1 KB, no sync", "goals", 1024, "none", threads=threads, only="tusk")
    for threads in 2, 4, 8, 16, 64:
        yield _append(f"goal: {threads} threads, one log, 1 KB, synced", "goals", 1024, "each", threads=threads)
    yield _append("goal: 1 thread, one log, 1 KB, synced", "goals", 1024, "each", only="tusk")
    for segment, label in (0, "without"), (8 * MIB, "with"):
        yield _append(f"goal: 1 KB, no sync, {label} rotation", "goals", 1024, "none", segment=segment)
    yield _stored("goal: read 100,000 x 256 B", "goals", "read", 256, 100_000)
    yield _stored("goal: get 1 KB", "goals", "get", 1024, 100_000, batch=1)
    yield _stored("goal: open after 100,000 x 1 KB", "goals", "open", 1024, 100_000)
    yield _stored("goal: open after 100,000 x 1 KB, killed", "goals", "open", 1024, 100_000, killed=1,
                  segment=256 * MIB)  # all of it unproven: nothing is sealed
    yield _stored("goal: read 100,000 x 1 KB", "goals", "read", 1024, 100_000)
    yield _stored("goal: open and read all of 100,000 x 1 KB", "goals", "check", 1024, 100_000, only="tusk")
    yield _stored("goal: open 100 segments of 64 MiB", "goals", "open", 1024, 100 * 65_000, only="tusk")
    yield _stored("goal: open 10,000 segments of 64 KiB", "goals", "open", 1024, 10_000 * 58, batch=1, segment=64 << 10,
                  only="tusk")
    yield _append("goal: batch of 10 x 1 KB, synced", "goals", 1024, "each", batch=10, only="tusk")
    yield _append("goal: replace 10 entries of 1 KB, synced", "goals", 1024, "each", work="replace", batch=10)


@dataclass
class Goal:
    what: str
    workload: str
    who: str
    # A contender, "best peer", "best tusk"; "2 ms", a time for each; "1 B", memory for each; a workload in brackets, and
    # before it whoever else did that.
    than: str
    least: float  # ratio of speeds that must be reached; of times, if the workload is measured in time
    figure: str = "rate"


BEST_PEER, BEST_TUSK = "best peer", "best tusk"
BACKENDS = "posix", "mmap", "uring"
# Whose own workloads a group has.
OWNERS = {"walrus": ("walrus-rust-mmap", "walrus-rust-uring"), "go": ("go-walrus",), "nori": ("nori-wal",),
          "nano": ("nano-wal-1.0", "nano-wal-0.5")}


def goals():
    append = "nori: append {}, {}"
    walrus = "walrus: 10 threads, 10 logs, 500-1024 B, {}"
    batch = "nori: batch of {} x 1 KB, {}"
    kb, small = append.format("1 KB", "no sync"), append.format("100 B", "no sync")
    synced = append.format("1 KB", "synced")
    return [
        Goal("append, no sync", kb, "tusk-mmap", "limit-mapping", 1 / 1.5),
        Goal("append, no sync", small, "tusk-mmap", "limit-mapping", 1 / 3),
        Goal("append, no sync", kb, "tusk-mmap", BEST_PEER, 5),
        Goal("append, no sync", small, "tusk-mmap", BEST_PEER, 5),
        Goal("walrus's writes, no sync", walrus.format("no sync"), "tusk-mmap", BEST_PEER, 5),
        Goal("walrus's writes, no sync", walrus.format("no sync"), "tusk-mmap", "walrus-rust-mmap", 10),
        Goal("walrus's writes, no sync", walrus.format("no sync"), "tusk-posix", BEST_PEER, 1),
        Goal("append, no sync", kb, "tusk-posix", "limit-pwrite", 1 / 1.15),
        *[Goal("batches", batch.format(n, sync), "tusk-posix", than, least)
          for n in ("100", "1,000") for sync in ("no sync", "synced")
          for than, least in (("limit-pwrite", 1 / 1.25), (BEST_PEER, 1))],
        *[Goal("batches", batch.format(n, "no sync"), "tusk-mmap", BEST_PEER, 3) for n in ("100", "1,000")],
        Goal("append, always", synced, "tusk-posix", "limit-pwrite", 1 / 1.05),
        Goal("append, always: p99", synced, "tusk-posix", "limit-pwrite", 1 / 1.3, "p99"),
        Goal("append, always", synced, "tusk-posix", "okaywal", 1),
        Goal("append, always, 64 threads", "goal: 64 threads, one log, 1 KB, synced", "tusk-posix", BEST_PEER, 1.3),
        Goal("append, always, 64 threads", "goal: 64 threads, one log, 1 KB, synced", "tusk-posix", "limit-direct", 1),
        Goal("append, always, 64 threads", "goal: 64 threads, one log, 1 KB, synced", "tusk-posix", "[goal: 1 thread, one log, 1 KB, synced]", 8),
        Goal("walrus's writes, always", walrus.format("synced"), "tusk-posix", BEST_PEER, 1.1),
        Goal("walrus's writes, always", walrus.format("synced"), "tusk-posix", "walrus-rust-mmap", 2),
        *[Goal("append, always", f"goal: {threads} threads, one log, 1 KB, synced", f"tusk-{backend}", BEST_TUSK, 0.8)
          for threads in (2, 4, 8, 16) for backend in BACKENDS],
        *[Goal("append, no sync, 8 threads", "goal: 8 threads, one log, 1 KB, no sync", f"tusk-{backend}",
               "[goal: 1 thread, one log, 1 KB, no sync]", 1) for backend in BACKENDS],
        *[Goal("recovery scan", "goal: open and read all of 100,000 x 1 KB", f"tusk-{backend}",
               "limit-mapping [goal: read 100,000 x 1 KB]", 0.8) for backend in BACKENDS],
        *[Goal("read in order", f"goal: read 100,000 x {size}", who, than, least)
          for size in ("256 B", "1 KB")
          for who, than, least in (("tusk-mmap", "limit-mapping", 0.8), ("tusk-posix", "limit-pwrite", 0.7))],
        *[Goal("read in order, unchecked", f"goal: read 100,000 x {size}", "tusk-unchecked", "limit-mapping", 3)
          for size in ("256 B", "1 KB")],
        Goal("get, at random", "goal: get 1 KB", "tusk-posix", "limit-pwrite", 1 / 1.3),
        *[Goal("get, at random", workload, "tusk-mmap", "200 ns", 1) for workload in ("goal: get 1 KB", "Go: get 256 B")],
        *[Goal("open after a clean close", "goal: open after 100,000 x 1 KB", f"tusk-{backend}", "1 ms", 1)
          for backend in BACKENDS],
        *[Goal("open after a kill", "goal: open after 100,000 x 1 KB, killed", f"tusk-{backend}",
               "limit-pwrite [goal: read 100,000 x 1 KB]", 1 / 1.25) for backend in BACKENDS],
        *[Goal("open, segments", workload, f"tusk-{backend}", than, 1)
          for workload, than in (("goal: open 100 segments of 64 MiB", "20 ms"), ("goal: open 10,000 segments of 64 KiB", "1 s"))
          for backend in BACKENDS],
        *[Goal("memory of a sealed entry", "goal: open 100 segments of 64 MiB", f"tusk-{backend}", "1 B", 1)
          for backend in BACKENDS],
        *[Goal("rotation: p99.9", "goal: 1 KB, no sync, with rotation", f"tusk-{backend}",
               "[goal: 1 KB, no sync, without rotation]", 1 / 2, "p999") for backend in BACKENDS],
        Goal("truncate + replace 10, always", "goal: replace 10 entries of 1 KB, synced", "tusk-posix",
             "[goal: batch of 10 x 1 KB, synced]", 1 / 1.1),
    ]
