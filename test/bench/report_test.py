"""What the comparison with peers may print, and what it may not: figures that are made up go in, tables come out."""

import csv
import importlib.util
import sys
import tempfile
import types
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench/peers"))

import contenders  # noqa: E402
import report  # noqa: E402
import workloads  # noqa: E402

APPEND = "nori: append 1 KB, no sync"
READ = "goal: read 100,000 x 1 KB"


def named(name):
    return next(c for c in contenders.ALL if c.name == name)


class Report(unittest.TestCase):
    def setUp(self):
        nowhere = mock.patch.object(contenders, "versions", return_value={})
        nowhere.start()
        self.addCleanup(nowhere.stop)

    def results(self, runs, quick=False):
        """Of workloads: what each contender was, round by round: entries a second, or all of its figures."""
        chosen = [w for w in workloads.every() if w.name in runs]
        asked = [c for c in contenders.ALL if any(c.name in rows for rows in runs.values())]
        choice = types.SimpleNamespace(seconds=1, quick=quick)
        all_ = report.Results(chosen, asked, {c.name: "there" for c in asked}, choice)
        for workload in chosen:
            for name, rounds in runs[workload.name].items():
                for number, given in enumerate(rounds):
                    all_.add(workload, named(name), number, given if isinstance(given, dict) else self.figures(given))
        return all_

    @staticmethod
    def figures(speed, **more):
        return dict(ops=speed, bytes=speed * 1024, seconds=1.0, p50=1, p99=1, p999=1, read_ops=speed, memory_kib=1, peak_kib=1,
                    others=0) | more

    def goal(self, results, *begin):
        """The lines of the goals that begin so, without that."""
        head = "| " + " | ".join(begin) + " | "
        return [line[len(head):] for line in results.summary().splitlines() if line.startswith(head)]

    def test_ratios_are_taken_within_a_round(self):
        found = self.results({APPEND: {"tusk-mmap": [100, 1000, 100], "nano-wal-1.0": [50, 500, 400]}})
        self.assertIn(f"| {APPEND} | tusk-mmap | 100/s |  | nano-wal-1.0 | 400/s | 2.00x |", found.summary())

    def test_the_faster_of_the_backends_stands_for_tusk_and_the_fastest_for_the_peers(self):
        found = self.results({APPEND: {"tusk-posix": [300], "tusk-mmap": [900], "lmdb": [300], "nano-wal-1.0": [600]}})
        self.assertIn(f"| {APPEND} | tusk-mmap | 900/s |  | nano-wal-1.0 | 600/s | 1.50x |", found.summary())

    def test_what_promises_something_else_gets_no_ratio(self):
        batch = "nori: batch of 10 x 1 KB, no sync"  # which this peer syncs all the same
        found = self.results({batch: {"tusk-mmap": [100], "walrus-rust-mmap": [50]}})
        self.assertIn("nobody does the same", found.summary())
        self.assertIn("not the same work", found.details())
        rotating = self.results({"goal: 1 KB, no sync, with rotation": {"tusk-mmap": [100], "tidwall-wal": [50]}})
        self.assertIn("nobody does the same", rotating.summary())

    def test_a_promise_with_a_comma_is_one_cell_of_the_csv(self):
        text = self.results({"goal: 1 KB, no sync, with rotation": {"tusk-mmap": [100]}}).csv()
        row = next(csv.DictReader(text.splitlines()))
        self.assertEqual((row["promise"], row["round"], row["ops"]), ("on the disk, two segments later", "1", "100"))

    def test_entries_of_other_sizes_get_no_ratio(self):
        found = self.results({APPEND: {"tusk-mmap": [100], "lmdb": [self.figures(50, bytes=50 * 2048)]}})
        self.assertIn("nobody does the same", found.summary())

    def test_the_limit_is_that_of_the_way_of_writing(self):
        speeds = {"tusk-posix": [50], "tusk-mmap": [50], "limit-pwrite": [100], "limit-mapping": [500]}
        table = self.results({APPEND: speeds}).details()
        self.assertIn("| 0.50 of pwrite |", table)
        self.assertIn("| 0.10 of mapping |", table)

    def test_reading_without_a_check_is_compared_with_those_alone_who_do_not_check(self):
        found = self.results({READ: {"tusk-mmap": [100], "tusk-unchecked": [400], "okaywal": [200], "lmdb": [200]}})
        table = found.details().splitlines()
        self.assertIn("0.50x (mmap) **behind**", next(row for row in table if row.startswith("| okaywal")))
        self.assertIn("2.00x (unchecked)", next(row for row in table if row.startswith("| lmdb")))
        self.assertIn(f"| {READ} | tusk-mmap | 100/s |", found.summary())

    def test_who_is_ahead_is_named(self):
        said = self.results({APPEND: {"tusk-posix": [100, 100], "nano-wal-1.0": [200, 50], "lmdb": [50, 50]}}).summary()
        self.assertIn("Ahead in 2 of 2 comparisons", said)  # by the median
        said = self.results({APPEND: {"tusk-posix": [100], "nano-wal-1.0": [200], "nori-wal": [50]}}).summary()
        self.assertIn(f"| {APPEND} | nano-wal-1.0 | 0.50, posix |", said)
        self.assertIn("Ahead in 1 of 2 comparisons;", said)
        self.assertIn("nori-wal: 1 of 1, nano-wal-1.0: not there", said)

    def test_who_never_has_figures_in_the_same_round_is_not_compared(self):
        failed = {"failed": "lost entries"}
        found = self.results({APPEND: {"tusk-posix": [failed, 100], "lmdb": [50, failed]}})
        self.assertIn("nobody does the same", found.summary())
        self.assertIn("Ahead in 0 of 0 comparisons", found.summary())

    def test_disturbed_rounds_are_marked(self):
        found = self.results({APPEND: {"tusk-posix": [self.figures(100, others=30)], "lmdb": [50]}})
        self.assertIn("| tusk-posix | 100/s ! |  | lmdb | 50/s |", found.summary())

    def test_a_goal_that_not_every_round_reaches_says_so(self):
        limit = {"limit-pwrite": [100, 100, 100]}
        begin = ["append, no sync", APPEND, "tusk-posix"]
        reached = self.goal(self.results({APPEND: {"tusk-posix": [90, 100, 50]} | limit}), *begin)
        self.assertEqual(reached, ["limit-pwrite | 0.87 | 0.90 | 0.50 to 1.00 | met, not in each round |"])
        found = self.results({APPEND: {"tusk-posix": [90, 50, 50]} | limit})
        self.assertEqual(self.goal(found, *begin), ["limit-pwrite | 0.87 | 0.50 | 0.50 to 0.90 | **not met**, but in some rounds |"])
        self.assertIn("0 of 1 are met", found.summary())
        self.assertIn("1 of 1 are met", self.results({APPEND: {"tusk-posix": [90], "limit-pwrite": [100]}}).summary())

    def test_a_run_that_was_too_quick_gives_no_verdict(self):
        found = self.results({APPEND: {"tusk-posix": [100], "limit-pwrite": [100]}}, quick=True)
        self.assertIn("1.00 |  | too quick to say |", found.summary())

    def test_a_goal_without_figures_is_not_left_out(self):
        found = self.results({APPEND: {"tusk-posix": [{"failed": "lost entries"}]}})
        self.assertEqual(self.goal(found, "append, no sync", APPEND, "tusk-posix"), ["limit-pwrite | 0.87 | | | not measured |"])
        self.assertEqual(len(found.own_failures()), 1)
        self.assertIn("failed: lost entries", found.details())

    def test_the_best_of_a_kind_are_named(self):
        synced = "goal: 2 threads, one log, 1 KB, synced"
        found = self.results({synced: {"tusk-posix": [100], "tusk-mmap": [50], "okaywal": [400]}})
        self.assertEqual(self.goal(found, "append, always", synced, "tusk-mmap"),
                         ["best tusk: tusk-posix | 0.80 | 0.50 |  | **not met** |"])
        found = self.results({APPEND: {"tusk-posix": [800], "tusk-mmap": [600], "lmdb": [50], "nano-wal-1.0": [100]}})
        self.assertEqual(self.goal(found, "append, no sync", APPEND, "tusk-mmap")[1:],
                         ["best peer: nano-wal-1.0 | 5.00 | 6.00 |  | met |"])

    def test_less_latency_is_more(self):
        synced = "nori: append 1 KB, synced"
        found = self.results({synced: {"tusk-posix": [self.figures(10, p99=50)], "limit-pwrite": [self.figures(10, p99=100)]}})
        self.assertEqual(self.goal(found, "append, always: p99", synced, "tusk-posix"), ["limit-pwrite | 0.77 | 2.00 |  | met |"])

    def test_times_and_memory_are_goals_too(self):
        opened = self.figures(4096, seconds=0.040, memory_kib=2)
        found = self.results({"goal: open 100 segments of 64 MiB": {"tusk-posix": [opened]}})
        begin = "goal: open 100 segments of 64 MiB", "tusk-posix"
        self.assertEqual(self.goal(found, "open, segments", *begin), ["20 ms | 1.00 | 0.50 |  | **not met** |"])
        self.assertEqual(self.goal(found, "memory of a sealed entry", *begin), ["1 B | 1.00 | 2.00 |  | met |"])
        found = self.results({"goal: get 1 KB": {"tusk-mmap": [10_000_000]}})
        self.assertEqual(self.goal(found, "get, at random", "goal: get 1 KB", "tusk-mmap"), ["200 ns | 1.00 | 2.00 |  | met |"])
        found = self.results({"goal: open 10,000 segments of 64 KiB": {"tusk-mmap": [self.figures(10, seconds=0.25)]}})
        self.assertIn("1 s | 1.00 | 4.00 |  | met |", self.goal(found, "open, segments", "goal: open 10,000 segments of 64 KiB", "tusk-mmap"))

    def test_another_workload_is_what_some_goals_are_compared_with(self):
        with_, without = (f"goal: 1 KB, no sync, {word} rotation" for word in ("with", "without"))
        found = self.results({with_: {"tusk-mmap": [self.figures(10, p999=40)]}, without: {"tusk-mmap": [self.figures(90, p999=10)]}})
        self.assertEqual(self.goal(found, "rotation: p99.9", with_, "tusk-mmap"), [f"{without} | 0.50 | 0.25 |  | **not met** |"])
        threads = "goal: {}, one log, 1 KB, no sync".format
        found = self.results({threads("8 threads"): {"tusk-mmap": [300]}, threads("1 thread"): {"tusk-mmap": [200]}})
        self.assertEqual(self.goal(found, "append, no sync, 8 threads", threads("8 threads"), "tusk-mmap"),
                         [f"{threads('1 thread')} | 1.00 | 1.50 |  | met |"])
        check = "goal: open and read all of 100,000 x 1 KB"
        found = self.results({check: {"tusk-posix": [self.figures(100, seconds=2)]}, READ: {"limit-mapping": [100]}})
        self.assertEqual(self.goal(found, "recovery scan", check, "tusk-posix"),
                         [f"limit-mapping, {READ} | 0.80 | 0.50 |  | **not met** |"])

    def test_what_a_goal_names_is_there(self):
        names = {w.name for w in workloads.every()}
        people = {c.name for c in contenders.ALL}
        for goal in workloads.goals():
            self.assertIn(goal.workload, names)
            self.assertIn(goal.who, people)
            if goal.than.endswith("]"):
                other, _, workload = goal.than[:-1].partition("[")
                self.assertIn(workload, names)
                self.assertIn(other.strip() or goal.who, people)
            elif goal.than not in (workloads.BEST_PEER, workloads.BEST_TUSK):
                self.assertRegex(goal.than, r"^(\d+ (s|ms|ns|B)|" + "|".join(people) + ")$")

    @unittest.skipUnless(importlib.util.find_spec("matplotlib"), "no plots without matplotlib")
    def test_every_column_of_an_axis_is_drawn(self):
        import plots
        import scale
        found = {backend: {8: [{"nanoseconds": 5, "first_read": 1, "memory_kib": 7}]} for backend in scale.BACKENDS}
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "scale.png"
            plots.draw_scale([("log size, open", "MiB", c, found) for c in scale.columns("log size, open")], path)
            self.assertGreater(path.stat().st_size, 0)


if __name__ == "__main__":
    unittest.main()
