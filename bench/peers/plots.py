"""Draws what came out: a figure for each group of workloads, a bar for each contender."""

from contextlib import contextmanager
from statistics import median

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

import report  # noqa: E402

COLOURS = {"tusk": "#b5542a", "limit": "#b8b8b8", "peer": "#3d6a8f"}
COLUMNS = 3


def draw(results, directory):
    for group in dict.fromkeys(w.group for w in results.workloads):
        chosen = [w for w in results.workloads if w.group == group and any(results.of(w, c) for c in results.contenders)]
        if chosen:
            _figure(results, chosen, directory / f"peers-{group}.png")


def _figure(results, chosen, path):
    with _grid(len(chosen), 17, 4.2, path) as axes:
        for workload, axis in zip(chosen, axes):
            _bars(results, workload, axis)


@contextmanager
def _grid(count, width, height, path):
    """So many plots, in rows of this width and height, which are written to the path when they are drawn."""
    rows = -(-count // COLUMNS)
    figure, axes = plt.subplots(rows, COLUMNS, figsize=(width, height * rows), squeeze=False, layout="constrained")
    for axis in axes.flat[count:]:
        axis.axis("off")
    yield axes.flat[:count]
    figure.savefig(path, dpi=80)
    plt.close(figure)


def _bars(results, workload, axis):
    figures = []
    for c in results.contenders:
        values = [report.rate(f, workload) for f in results.of(workload, c).values()]
        if values:
            figures.append((c, [1000 / v for v in values] if workload.in_time else values))
    figures.sort(key=lambda pair: median(pair[1]), reverse=workload.in_time)
    for place, (c, values) in enumerate(figures):
        middle = median(values)
        axis.barh(place, middle, color=COLOURS[c.kind], xerr=[[middle - min(values)], [max(values) - middle]],
                  error_kw={"elinewidth": 0.8, "ecolor": "#444"})
        axis.text(middle, place, f" {middle:,.3g}" if workload.in_time else f" {middle:,.0f}", va="center", fontsize=7)
    axis.set_yticks(range(len(figures)), [c.name for c, _ in figures], fontsize=7)
    axis.set_xscale("log")
    axis.margins(x=0.2)
    axis.set_title(workload.name, fontsize=8)
    axis.set_xlabel("ms, less is better" if workload.in_time else "entries a second", fontsize=7)
    axis.tick_params(axis="x", labelsize=7)


def draw_scale(axes, path):
    """How cost grows: a figure of an axis each, a line for each backend."""
    with _grid(len(axes), 15, 3.6, path) as plots:
        for (name, says, (unit, what, by, _), lines), axis in zip(axes, plots):
            for backend, points in lines.items():
                found = {x: median(f[what] for f in rounds) / by for x, rounds in points.items()}
                found = {x: value for x, value in found.items() if value > 0}
                axis.plot(list(found), list(found.values()), marker="o", markersize=3, label=backend)
            axis.set(xscale="log", yscale="log", title=name, xlabel=says, ylabel=unit)
            axis.legend(fontsize=7)
