"""What came out: medians and spread over the rounds, ratios within a round, a table, goals, CSV."""

import re
from statistics import median

import contenders
import workloads

DISTURBED = 20  # per cent of the processors that others used: beyond it a round says little


def rate(figures, workload):
    """Entries a second; for what is measured in time, runs a second: more is better in both."""
    return (1 if workload.in_time else figures["ops"]) / figures["seconds"]


def spread(values):
    return 100 * (max(values) - min(values)) / median(values)


class Results:
    def __init__(self, chosen, asked, programs, choice):
        self.workloads = chosen
        self.contenders = asked
        self.programs = programs
        self.choice = choice
        self.runs = {}  # (workload, contender) -> round -> figures

    def add(self, workload, contender, number, figures):
        self.runs.setdefault((workload.name, contender.name), {})[number] = figures

    def of(self, workload, contender):
        """The rounds that have figures."""
        rounds = self.runs.get((workload.name, contender.name), {})
        return {number: f for number, f in rounds.items() if "ops" in f}

    def trouble(self, workload, contender):
        rounds = self.runs.get((workload.name, contender.name), {}).values()
        failed = next((f["failed"] for f in rounds if "failed" in f), None)
        return f"failed: {failed}" if failed else next((f["cannot"] for f in rounds if "cannot" in f), None)

    def own_failures(self):
        return [(w, c) for w in self.workloads for c in self.contenders
                if c.kind != "peer" and str(self.trouble(w, c)).startswith("failed")]

    # ---- ratios ----

    def comparable(self, workload, one, other):
        """Why the two do not do the same work, or None."""
        if one.promise(workload) != other.promise(workload):
            return f"{other.promise(workload)}, not {one.promise(workload)}"
        for a, b in ((self.of(workload, one), self.of(workload, other)),):
            for number in set(a) & set(b):
                sizes = [f["bytes"] / f["ops"] for f in (a[number], b[number])]
                if abs(sizes[0] - sizes[1]) > 0.05 * max(sizes):
                    return "entries of other sizes"
        return None

    def ratio(self, workload, one, other, figure="rate"):
        """How many times as fast as another: the median of the ratios within each round."""
        a, b = self.of(workload, one), self.of(workload, other)
        both = sorted(set(a) & set(b))
        if not both or self.comparable(workload, one, other):
            return None
        if figure == "rate":
            return median(rate(a[n], workload) / rate(b[n], workload) for n in both)
        return median(b[n][figure] / a[n][figure] for n in both if a[n][figure])

    def best(self, workload, kind, like):
        """The fastest of a kind that does the same work."""
        able = [c for c in self.contenders
                if c.kind == kind and self.of(workload, c) and not self.comparable(workload, like, c)]
        return max(able, key=lambda c: median(rate(f, workload) for f in self.of(workload, c).values()), default=None)

    # ---- the table ----

    def markdown(self):
        choice = self.choice
        text = [f"Medians of {choice.rounds} round{'s' * (choice.rounds > 1)} of {choice.seconds} s a run.",
                "Versions: " + ", ".join(f"{name} {v}" for name, v in contenders.versions().items() if v) + ".", ""]
        missing = [c for c in self.contenders if not self.programs[c.name]]
        for c in missing:
            text.append(f"- Missing: **{c.name}**, whose program is not there ({c.note}).")
        text += [""] if missing else []
        group = None
        for workload in self.workloads:
            if workload.group != group:
                group = workload.group
                text += [f"### {group}", ""]
            text += self._table_of(workload) + [""]
        text += self._goals()
        return "\n".join(text)

    def _table_of(self, workload):
        unit = "ms" if workload.in_time else "entries/s"
        text = [f"**{workload.name}**", "",
                f"| | promise | {unit} | MB/s | spread | p50 us | p99 us | p99.9 us | memory KiB | peak MiB | others "
                "| of its limit | the best Tusk is |", "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"]
        rows = [c for c in self.contenders if self.programs[c.name]]
        cannot = []
        for c in sorted(rows, key=lambda c: -median([rate(f, workload) for f in self.of(workload, c).values()] or [0])):
            rounds = list(self.of(workload, c).values())
            if not rounds:
                if c.kind != "limit" or str(self.trouble(workload, c)).startswith("failed"):
                    cannot.append(f"{c.name} ({self.trouble(workload, c)})")
                continue

            def middle(figure, rounds=rounds):
                return median(f[figure] for f in rounds)

            rates = [rate(f, workload) for f in rounds]
            speed = f"{1000 / median(rates):.3f}" if workload.in_time else f"{median(rates):,.0f}"
            single = not workload.in_time and workload.arguments["work"] != "read"
            times = [f"{middle(p):,.1f}" if single else "" for p in ("p50", "p99", "p999")]
            megabytes = median(f["bytes"] / f["seconds"] / 1e6 for f in rounds)
            others = middle("others")
            text.append(
                f"| {c.name} | {c.promise(workload)} | {speed} | {megabytes:,.1f} | {spread(rates):.0f} % | "
                f"{' | '.join(times)} | {middle('memory_kib'):,.0f} | {middle('peak_kib') / 1024:,.0f} | "
                f"{others:.0f} %{' !' if others > DISTURBED else ''} | {self._of_limit(workload, c)} | "
                f"{self._tusk_is(workload, c)} |")
        if cannot:
            text += ["", "Without: " + "; ".join(cannot) + "."]
        return text

    def _of_limit(self, workload, contender):
        limit = next((c for c in self.contenders if c.name == contender.limit_of(workload)), None)
        if contender.kind == "limit" or limit is None or not self.of(workload, limit):
            return ""
        value = self.ratio(workload, contender, limit)
        return "not the same work" if value is None else f"{value:.2f} of {limit.name[6:]}"

    def _tusk_is(self, workload, contender):
        if contender.kind != "peer":
            return ""
        best = self.best(workload, "tusk", contender)
        if best is None:
            return "not the same work"
        value = self.ratio(workload, best, contender)
        return f"{value:.2f}x ({best.name[5:]})" + ("" if value >= 1 else " **behind**")

    # ---- the goals ----

    def _goals(self):
        text = ["### What was wanted, and what came out", "", "| work | workload | who | of | goal | reached | |", "|---|---|---|---|--:|--:|---|"]
        for goal in workloads.goals():
            found = self._reached(goal)
            if found is None:
                continue
            than, value = found
            text.append(f"| {goal.what} | {goal.workload} | {goal.who} | {than} | {goal.least:.2f} | {value:.2f} | "
                        f"{'met' if value >= goal.least else '**not met**'} |")
        return text if len(text) > 4 else []

    def _reached(self, goal):
        by_name = {w.name: w for w in self.workloads}
        who = next((c for c in self.contenders if c.name == goal.who), None)
        workload = by_name.get(goal.workload)
        if who is None or workload is None or not self.of(workload, who):
            return None
        mine = self.of(workload, who)
        if match := re.fullmatch(r"(\d+) ns", goal.than):
            return goal.than, median(int(match[1]) * 1e-9 * rate(f, workload) for f in mine.values())
        if match := re.fullmatch(r"\[(.*)\]", goal.than):
            other = by_name.get(match[1])
            theirs = self.of(other, who) if other else {}
            both = set(mine) & set(theirs)
            if not both:
                return None
            if goal.figure == "rate":
                return match[1], median(rate(mine[n], workload) / rate(theirs[n], other) for n in both)
            return match[1], median(theirs[n][goal.figure] / mine[n][goal.figure] for n in both)
        kind = {"best peer": "peer", "best tusk": "tusk"}.get(goal.than)
        than = self.best(workload, kind, who) if kind else next(
            (c for c in self.contenders if c.name == goal.than), None)
        value = than and self.ratio(workload, who, than, goal.figure)
        return None if value is None else (f"{goal.than}: {than.name}" if kind else than.name, value)

    # ---- CSV ----

    def csv(self):
        figures = ["ops", "bytes", "seconds", "p50", "p99", "p999", "read_ops", "read_bytes", "memory_kib",
                   "peak_kib", "others"]
        text = ["group,workload,contender,kind,promise,round," + ",".join(figures) + ",trouble"]
        for w in self.workloads:
            for c in self.contenders:
                for number, f in self.runs.get((w.name, c.name), {}).items():
                    values = [str(f.get(name, "")) for name in figures]
                    trouble = str(f.get("failed", f.get("cannot", ""))).replace('"', "'")
                    text.append(f'{w.group},"{w.name}",{c.name},{c.kind},{c.promise(w)},{number + 1},'
                                + ",".join(values) + f',"{trouble}"')
        return "\n".join(text) + "\n"
