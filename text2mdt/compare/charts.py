"""The charts of the report as SVG, in black and grey: figures with intervals, learning curves, ranks by layer."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from text2mdt.train import rank_table

Results = dict[str, Any]

_FIGURES = {"triple_f1": "triple F1", "path_f1": "path F1", "tree_accuracy": "tree accuracy"}
_STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "svg.hashsalt": "text2mdt",  # the same chart gives the same file
    "svg.fonttype": "path",  # the reader needs no fonts
}
_OTHERS = "0.80"
_PANELS_A_ROW = 4
_MOST_ROUNDS = 6


@dataclass(frozen=True)
class Chart:
    """A chart.

    Attributes:
        name: as a file name, without ending.
        title: plain text.
        note: how to read it.
        svg: stands alone.
    """

    name: str
    title: str
    note: str
    svg: str


def all_charts(results: Results) -> list[Chart]:
    """Every chart that the results have data for."""
    with matplotlib.rc_context(_STYLE):
        found: list[Chart | None] = []
        for dataset in results["datasets"]:
            found += [figure_chart(results, dataset, split) for split in results["main"][dataset]]
            found.append(curve_chart(results, dataset))
            found += [rank_chart(results, training) for training in _with_rounds(results, dataset)]
    return [chart for chart in found if chart is not None]


def figure_chart(results: Results, dataset: str, split: str) -> Chart | None:
    """Figures of every method with interval and seeds."""
    rows = results["main"][dataset][split]
    if not rows:
        return None
    order = sorted(rows, key=lambda method: rows[method]["values"]["triple_f1"] or 0)
    figure = Figure(figsize=(10, 1.1 + 0.34 * len(order)), layout="constrained")
    panels = figure.subplots(1, len(_FIGURES), sharey=True, squeeze=False)[0]
    for axes, (name, said) in zip(panels, _FIGURES.items(), strict=True):
        for place, method in enumerate(order):
            _mark(axes, rows[method], name, place, method == results["reference"])
        reference = rows.get(results["reference"], {}).get("values", {}).get(name)
        if reference is not None:
            axes.axvline(reference, color="0.5", linewidth=0.8, linestyle=":")
        axes.set_title(said)
        axes.grid(axis="x", color="0.92")
        axes.set_axisbelow(True)
        axes.set_xlim(left=0)
    panels[0].set_yticks(range(len(order)), [results["methods"][method]["label"] for method in order])
    panels[0].set_ylim(-0.6, len(order) - 0.4)
    note = (
        "Filled: mean over the seeds, with the 95 % interval by drawing records; the reference is a diamond with "
        "a dotted line. Hollow: each seed."
    )
    return Chart(f"figures-{dataset}-{split}", f"{dataset}, {split}: figures with intervals", note, _svg(figure))


def _mark(axes: Any, row: dict[str, Any], name: str, place: int, is_reference: bool) -> None:
    value, interval = row["values"][name], row["intervals"][name]
    if value is None:
        return
    if interval is not None:
        axes.plot(interval, [place, place], color="0.25", linewidth=1.4, solid_capstyle="butt")
    seeds = [seed for seed in row["by_seed"][name] if seed is not None]
    if len(seeds) > 1:
        axes.plot(seeds, [place - 0.2] * len(seeds), "o", markersize=3.5, markerfacecolor="white", color="0.35")
    axes.plot([value], [place], "D" if is_reference else "o", markersize=6 if is_reference else 5, color="black")


def curve_chart(results: Results, dataset: str) -> Chart | None:
    """Loss on dev and on train by epoch: a panel for each method, all others in pale grey behind it."""
    trainings = [one for one in results["trainings"] if one["dataset"] == dataset and one["curve"]]
    methods = list(dict.fromkeys(one["method"] for one in trainings))
    if not methods:
        return None
    lines = -(-len(methods) // _PANELS_A_ROW)
    columns = min(len(methods), _PANELS_A_ROW)
    figure = Figure(figsize=(max(5.0, 2.5 * columns), 0.5 + 2.1 * lines), layout="constrained")
    panels = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False)
    for place, axes in enumerate(panels.flat):
        if place >= len(methods):
            axes.set_axis_off()
            continue
        for one in trainings:
            if one["method"] != methods[place]:
                axes.plot(*_points(one, "dev"), color=_OTHERS, linewidth=1, zorder=1)
        for one in trainings:
            if one["method"] == methods[place]:
                axes.plot(*_points(one, "train"), color="0.45", linewidth=0.8, linestyle="--", zorder=2)
                axes.plot(*_points(one, "dev"), color="black", linewidth=1.3, marker="o", markersize=3, zorder=3)
        axes.set_title(results["methods"][methods[place]]["label"])
        axes.grid(axis="y", color="0.92")
    panels[0, 0].set_xlim(left=0)
    panels[0, 0].set_ylim(0, _top([loss for one in trainings for loss in _points(one, "dev")[1]]))
    for axes in panels[:, 0]:
        axes.set_ylabel("nats a token")
    figure.supxlabel("epoch", fontsize=9)
    note = (
        "Black: loss on dev, one line a seed; dashed: on train, as the Trainer logs it; pale: the other methods "
        "on dev. Losses above the panel are cut off."
    )
    return Chart(f"curves-{dataset}", f"{dataset}: learning curves", note, _svg(figure))


def _points(training: dict[str, Any], name: str) -> tuple[list[float], list[float]]:
    known = [(entry["epoch"], entry[name]) for entry in training["curve"] if entry.get(name) is not None]
    return [epoch for epoch, _ in known], [loss for _, loss in known]


def _top(losses: Sequence[float]) -> float:
    """A little above all but wild losses."""
    ordered = sorted(losses) or [1.0]
    return 1.1 * min(ordered[-1], 3 * ordered[len(ordered) // 2])


def rank_chart(results: Results, training: dict[str, Any]) -> Chart | None:
    """The ranks of every layer and module after each round of a training."""
    rounds = _spread_out(training["rounds"])
    grids = [_grid(entry["ranks"]) for entry in rounds]
    modules, layers, _ = grids[0]
    highest = max(1, *(value for _, _, grid in grids for line in grid for value in line if value is not None))
    figure = Figure(figsize=(max(5.0, 1.0 + 1.75 * len(rounds)), 1.6 + 0.13 * len(layers)), layout="constrained")
    panels = figure.subplots(1, len(rounds), sharey=True, squeeze=False)[0]
    for axes, entry, (_, _, grid) in zip(panels, rounds, grids, strict=True):
        values = [[float("nan") if value is None else value for value in line] for line in grid]
        shown = axes.imshow(values, cmap="Greys", vmin=0, vmax=highest, aspect="auto", interpolation="nearest")
        axes.set_title(f"round {entry['number']}, step {entry.get('step', '?')}\n{_total(entry['ranks'])} ranks")
        axes.set_xticks(range(len(modules)), [module.removesuffix("_proj") for module in modules], rotation=90)
        axes.spines[:].set_visible(True)
    step = max(1, len(layers) // 10)
    panels[0].set_yticks(range(0, len(layers), step), layers[::step])
    panels[0].set_ylabel("layer")
    figure.colorbar(shown, ax=list(panels), label="ranks", shrink=0.8)
    label = results["methods"][training["method"]]["label"]
    name = f"ranks-{training['dataset']}-{training['method'].replace(':', '.')}-{training['seed']}"
    title = f"{training['dataset']}: ranks of {label}, seed {training['seed']}"
    return Chart(
        name, title, "After each round of scoring; white is 0, black the most that any module has.", _svg(figure)
    )


def _with_rounds(results: Results, dataset: str) -> list[dict[str, Any]]:
    """The first seed of each method whose ranks move."""
    found: dict[str, dict[str, Any]] = {}
    for one in results["trainings"]:
        if one["dataset"] == dataset and any(entry.get("ranks") for entry in one["rounds"]):
            found.setdefault(one["method"], one)
    return list(found.values())


def _spread_out(rounds: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most so many rounds as fit, the last one always among them, each with its number."""
    numbered = [{**entry, "number": number} for number, entry in enumerate(rounds, 1) if entry.get("ranks")]
    if len(numbered) <= _MOST_ROUNDS:
        return numbered
    return [numbered[round(i * (len(numbered) - 1) / (_MOST_ROUNDS - 1))] for i in range(_MOST_ROUNDS)]


def _grid(ranks: dict[str, int]) -> tuple[list[str], list[str], list[list[int | None]]]:
    """Modules, layers, and the ranks by layer and module."""
    header, rows = rank_table(ranks)
    return header[1:], [row[0] for row in rows], [[int(cell) if cell else None for cell in row[1:]] for row in rows]


def _total(ranks: dict[str, int]) -> str:
    return f"{sum(ranks.values()):,}"


def _svg(figure: Figure) -> str:
    buffer = io.StringIO()
    save: Callable[..., None] = figure.savefig
    save(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()
