"""What came out: medians and spread over the rounds, ratios within a round, tables, goals, CSV."""

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


def number_of(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def with_range(ratio):
    return f"{ratio} ({ratio.range})" if ratio.range else str(ratio)


class Ratio:
    """How many times as fast: the ratio within each round, of which there is one at least."""

    def __init__(self, values):
        self.values = sorted(values)

    @property
    def middle(self):
        return median(self.values)

    def __str__(self):
        return f"{self.middle:.2f}"

    @property
    def range(self):
        return f"{self.values[0]:.2f} to {self.values[-1]:.2f}" if len(self.values) > 1 else ""

    def verdict(self, least):
        there = self.middle >= least
        split = self.values[0] < least <= self.values[-1]
        return ("met" if there else "**not met**") + (f", {'not' if there else 'but'} in {'each round' if there else 'some rounds'}"
                                                      if split else "")


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

    def rounds(self):
        return len({number for rounds in self.runs.values() for number in rounds})

    def disturbed(self, workload, contender):
        """A mark, where others used the processors too."""
        return " !" if median(f["others"] for f in self.of(workload, contender).values()) > DISTURBED else ""

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
        if workload.reads and "tusk-unchecked" in (one.name, other.name) and "peer" in (one.kind, other.kind) and one.checks != other.checks:
            return "only one checks what it reads"
        a, b = self.of(workload, one), self.of(workload, other)
        for number in set(a) & set(b):
            sizes = [f["bytes"] / f["ops"] for f in (a[number], b[number])]
            if abs(sizes[0] - sizes[1]) > 0.05 * max(sizes):
                return "entries of other sizes"
        return None

    def ratio(self, workload, one, other, figure="rate"):
        """How many times as fast as another; None if there is nothing to compare."""
        a, b = self.of(workload, one), self.of(workload, other)
        both = sorted(set(a) & set(b))
        if not both or self.comparable(workload, one, other):
            return None
        if figure == "rate":
            return Ratio(rate(a[n], workload) / rate(b[n], workload) for n in both)
        return self._of_less(figure, a, b, both)

    @staticmethod
    def _of_less(figure, mine, theirs, rounds):
        """A ratio by a figure of which less is better."""
        return Ratio(theirs[n][figure] / max(mine[n][figure], 1e-3) for n in rounds)

    def best(self, workload, kind, like):
        """The fastest of a kind that does the same work, in some round that both have figures of."""
        able = [c for c in self.contenders if c.kind == kind and self.ratio(workload, like, c)]
        return self.fastest(workload, able)

    def rate(self, workload, contender):
        return median(rate(f, workload) for f in self.of(workload, contender).values())

    def fastest(self, workload, able):
        return max(able, key=lambda c: self.rate(workload, c), default=None)

    # ---- the tables ----

    def summary(self):
        """One table of all workloads, the goals, and where somebody else is ahead."""
        text = [self._head(), "In this table reads are those of Tusk that check what they read; `!`: others used the processors.",
                "Versions: " + ", ".join(f"{name} {v}" for name, v in contenders.versions().items() if v) + ".", ""]
        missing = [c for c in self.contenders if not self.programs[c.name]]
        for c in missing:
            text.append(f"- Missing: **{c.name}**, whose program is not there ({c.note}).")
        text += [""] if missing else []
        text += ["| workload | the best Tusk | | of its limit | the best peer | | Tusk is |", "|---|---|--:|--:|---|--:|--:|"]
        text += [row for row in (self._row_of(w) for w in self.workloads if not w.only) if row]
        return "\n".join(text + ["", *self._goals(), *self._behind()])

    def _head(self):
        rounds = self.rounds()
        return f"Medians of {rounds} round{'s' * (rounds != 1)} of {self.choice.seconds} s a run."

    def details(self):
        """A table for each workload, with everybody in it."""
        text = [self._head(), ""]
        group = None
        for workload in self.workloads:
            if workload.group != group:
                group = workload.group
                text += [f"## {group}", ""]
            text += self._table_of(workload) + [""]
        return "\n".join(text)

    def _speed(self, workload, contender):
        middle = self.rate(workload, contender)
        figure = f"{number_of(1000 / middle)} ms" if workload.in_time else f"{number_of(middle)}/s"
        return figure + self.disturbed(workload, contender)

    def _row_of(self, workload):
        tusk = self.fastest(workload, [c for c in self.contenders if c.kind == "tusk" and c.checks and self.of(workload, c)])
        if tusk is None:
            return None
        peer = self.best(workload, "peer", tusk)
        beside = (f"{peer.name} | {self._speed(workload, peer)} | {self.ratio(workload, tusk, peer)}x"
                  if peer else "nobody does the same | |")
        return (f"| {workload.name} | {tusk.name} | {self._speed(workload, tusk)} | {self._of_limit(workload, tusk)} | "
                f"{beside} |")

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
                silent = c.kind == "limit" or not re.search(workload.only, c.name)
                if not silent or str(self.trouble(workload, c)).startswith("failed"):
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
        return "not the same work" if value is None else f"{value} of {limit.name[6:]}"

    def _tusk_is(self, workload, contender):
        if contender.kind != "peer":
            return ""
        best = self.best(workload, "tusk", contender)
        if best is None:
            return "not the same work"
        value = self.ratio(workload, best, contender)
        return f"{value}x ({best.name[5:]})" + ("" if value.middle >= 1 else " **behind**")

    def _behind(self):
        """Where a peer that does the same work is ahead of the best Tusk; and of each on its own workloads."""
        text = ["### Who is ahead of Tusk", "", "| workload | peer | the best Tusk is |", "|---|---|--:|"]
        compared, own = [0, 0], {}
        for w in self.workloads:
            for c in self.contenders:
                best = self.best(w, "tusk", c) if c.kind == "peer" and self.of(w, c) else None
                if best is None:
                    continue
                value = self.ratio(w, best, c)
                ahead = value.middle >= 1
                compared[ahead] += 1
                if c.name in workloads.OWNERS.get(w.group, ()):
                    own.setdefault(c.name, [0, 0])[ahead] += 1
                if not ahead:
                    text.append(f"| {w.name} | {c.name}{self.disturbed(w, c)} | {with_range(value)}, {best.name[5:]} |")
        mine = [f"{name}: {own[name][1]} of {sum(own[name])}" if name in own else f"{name}: not there"
                for names in workloads.OWNERS.values() for name in names]
        return text + ["", f"Ahead in {compared[1]} of {sum(compared)} comparisons; of each peer on its own workloads, "
                       + ", ".join(mine) + ".", ""]

    # ---- the goals ----

    def _goals(self):
        text = ["### What was wanted, and what came out", "", "| work | workload | who | of | goal | reached | in the rounds | |",
                "|---|---|---|---|--:|--:|--:|---|"]
        met, measured, wanted = 0, 0, 0
        for goal in workloads.goals():
            if goal.workload not in [w.name for w in self.workloads]:
                continue
            wanted += 1
            line = f"| {goal.what} | {goal.workload} | {goal.who} |"
            found = self._reached(goal)
            if found is None:
                text.append(f"{line} {goal.than} | {goal.least:.2f} | | | not measured |")
                continue
            than, value = found
            measured += 1
            met += value.middle >= goal.least
            verdict = "too quick to say" if self.choice.quick else value.verdict(goal.least)
            text.append(f"{line} {than} | {goal.least:.2f} | {value} | {value.range} | {verdict} |")
        said = [] if self.choice.quick else [f"{met} of {measured} are met, {wanted - measured} not measured.", ""]
        return [*text, "", *said] if wanted else []

    def _reached(self, goal):
        """What it is compared with, and the ratio; None if there are no figures."""
        by_name = {w.name: w for w in self.workloads}
        who = next((c for c in self.contenders if c.name == goal.who), None)
        workload = by_name.get(goal.workload)
        if who is None or workload is None or not self.of(workload, who):
            return None
        mine = self.of(workload, who)
        if match := re.fullmatch(r"(\d+) (s|ms|ns)", goal.than):
            unit = {"s": 1, "ms": 1e-3, "ns": 1e-9}[match[2]]
            return goal.than, Ratio(int(match[1]) * unit * rate(f, workload) for f in mine.values())
        if match := re.fullmatch(r"(\d+) B", goal.than):
            return goal.than, Ratio(int(match[1]) * f["ops"] / (max(f["memory_kib"], 1) * 1024) for f in mine.values())
        if match := re.fullmatch(r"(\S*) ?\[(.*)\]", goal.than):
            other = by_name.get(match[2])
            peer = next((c for c in self.contenders if c.name == (match[1] or goal.who)), None)
            theirs = self.of(other, peer) if other and peer else {}
            both = set(mine) & set(theirs)
            if not both:
                return None
            than = f"{match[1]}, {match[2]}" if match[1] else match[2]
            if goal.figure != "rate":
                return than, self._of_less(goal.figure, mine, theirs, both)
            return than, Ratio(mine[n]["ops"] / mine[n]["seconds"] / (theirs[n]["ops"] / theirs[n]["seconds"]) for n in both)
        kind = {workloads.BEST_PEER: "peer", workloads.BEST_TUSK: "tusk"}.get(goal.than)
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
                    text.append(f'{w.group},"{w.name}",{c.name},{c.kind},"{c.promise(w)}",{number + 1},'
                                + ",".join(values) + f',"{trouble}"')
        return "\n".join(text) + "\n"
