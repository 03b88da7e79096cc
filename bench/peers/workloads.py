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

    @property
    def appends(self):
        return self.arguments["work"] in ("append", "replace")

    @property
    def in_time(self):
        """Whether its figure is how long it took, not how many a second."""
        return self.arguments["work"] in ("open", "drop")


def _append(name, group, size, sync, **more):
    least, most = size if isinstance(size, tuple) else (size, size)
    bytes_ = UNSYNCED_BYTES if sync == "none" else SYNCED_BYTES if sync == "each" else 4 * SYNCED_BYTES
    return Workload(name, group, dict(work="append", least=least, most=most, sync=sync, bytes=bytes_) | more)


def _stored(name, group, work, size, count, **more):
    return Workload(name, group, dict(work=work, least=size, most=size, count=count, batch=100, segment=64 * MIB,
                                      bytes=count * (size + 200) + MIB) | more)


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
    for threads in 2, 4, 8, 16, 64:
        yield _append(f"goal: {threads} threads, one log, 1 KB, synced", "goals", 1024, "each", threads=threads)
    for segment, label in (0, "without"), (8 * MIB, "with"):
        yield _append(f"goal: 1 KB, no sync, {label} rotation", "goals", 1024, "none", segment=segment)
    yield _stored("goal: read 100,000 x 256 B", "goals", "read", 256, 100_000)
    yield _stored("goal: read 100,000 x 1 KB", "goals", "read", 1024, 100_000)
    yield _stored("goal: get 1 KB", "goals", "get", 1024, 100_000, batch=1)
    yield _stored("goal: open after 100,000 x 1 KB", "goals", "open", 1024, 100_000)
    yield _stored("goal: open after 100,000 x 1 KB, killed", "goals", "open", 1024, 100_000, killed=1)
    yield _append("goal: replace 10 entries of 1 KB, synced", "goals", 1024, "each", work="replace", batch=10)


@dataclass
class Goal:
    what: str
    workload: str
    who: str
    than: str  # a contender, "best peer", "best tusk", a time for each, or another workload in brackets
    least: float  # ratio of speeds that must be reached; of times, if the workload is measured in time
    figure: str = "rate"


BEST_PEER = "best peer"


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
        Goal("append, always, 64 threads", "goal: 64 threads, one log, 1 KB, synced", "tusk-posix", f"[{synced}]", 8),
        Goal("walrus's writes, always", walrus.format("synced"), "tusk-posix", BEST_PEER, 1.1),
        Goal("walrus's writes, always", walrus.format("synced"), "tusk-posix", "walrus-rust-mmap", 2),
        *[Goal("append, always", f"goal: {threads} threads, one log, 1 KB, synced", f"tusk-{backend}", "best tusk", 0.8)
          for threads in (2, 4, 8, 16) for backend in ("posix", "mmap", "uring")],
        *[Goal("append, no sync, 8 threads", "nori: 8 writers, 1 KB, no sync", f"tusk-{backend}", f"[{kb}]", 1)
          for backend in ("posix", "mmap")],
        *[Goal("read in order", f"goal: read 100,000 x {size}", who, than, least)
          for size in ("256 B", "1 KB")
          for who, than, least in (("tusk-mmap", "limit-mapping", 0.8), ("tusk-posix", "limit-pwrite", 0.7))],
        *[Goal("read in order, unchecked", f"goal: read 100,000 x {size}", "tusk-unchecked", "limit-mapping", 3)
          for size in ("256 B", "1 KB")],
        Goal("get, at random", "goal: get 1 KB", "tusk-posix", "limit-pwrite", 1 / 1.3),
        Goal("get, at random", "goal: get 1 KB", "tusk-mmap", "200 ns", 1),
        Goal("open after a clean close", "goal: open after 100,000 x 1 KB", "tusk-posix", "1000000 ns", 1),
        *[Goal("rotation: p99.9", "goal: 1 KB, no sync, with rotation", f"tusk-{backend}",
               "[goal: 1 KB, no sync, without rotation]", 1 / 2, "p999") for backend in ("posix", "mmap")],
        Goal("truncate + replace 10, always", "goal: replace 10 entries of 1 KB, synced", "tusk-posix",
             "[nori: batch of 10 x 1 KB, synced]", 1 / 1.1),
    ]
