"""Tables of quality: figures with intervals, significance, kinds of error, relations, shapes, outputs."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

from text2mdt.compare.report_table import NOTHING, Cell, ReportTable, bracket, number, signed, table

Results = dict[str, Any]

FIGURE_NAMES = {
    "triple_f1": "triple F1",
    "node_f1": "node F1",
    "path_f1": "path F1",
    "tree_accuracy": "tree accuracy",
    "tree_accuracy_decisions": "on decision passages",
    "edit_distance": "edit distance",
}
LESS_IS_BETTER = frozenset({"edit_distance"})
LEVEL = 0.05
_LENIENT = {"triple_f1": "lenient triple F1", "path_f1": "lenient path F1"}
_DARKEST = 0.55


def main_table(results: Results, dataset: str, split: str) -> ReportTable:
    """One row a method, the best triple F1 first: the mean over its seeds, the interval, the range of the seeds."""
    rows = results["main"][dataset][split]
    order = sorted(rows, key=lambda method: -(rows[method]["values"]["triple_f1"] or 0))
    best = {figure: _best(rows, figure) for figure in FIGURE_NAMES}
    made: list[list[Cell | str]] = []
    for method in order:
        row = rows[method]
        cells: list[Cell | str] = [_label(results, method), str(len(row["by_seed"]["triple_f1"]))]
        for figure in FIGURE_NAMES:
            value, digits = row["values"][figure], _digits(figure)
            small = [bracket(row["intervals"][figure], digits), _range(row["by_seed"][figure], digits)]
            is_best = value is not None and value == best[figure]
            cells.append(Cell(number(value, digits), tuple(line for line in small if line), strong=is_best))
        made.append([*cells, *(number(row["lenient"][figure]) for figure in _LENIENT)])
    note = (
        "Mean over the seeds. In brackets the 95 % interval by drawing records; below it, with several seeds, the "
        "lowest and highest seed. The best of a column is bold. Node F1 follows the published scorer and can pass "
        "1. Tree accuracy counts all records, those without a decision that are left empty as right. Less is "
        "better for the edit distance."
    )
    header = ["method", "seeds", *FIGURE_NAMES.values(), *_LENIENT.values()]
    return table(f"{dataset}, {split}: figures", header, made, note)


def significance_table(results: Results, dataset: str, split: str) -> ReportTable | None:
    """Differences from the reference with Holm-adjusted p-values; None where there is nothing to compare."""
    rows = {m: row for m, row in results["main"][dataset][split].items() if "against_reference" in row}
    if not rows:
        return None
    made: list[list[Cell | str]] = []
    for method in sorted(rows, key=lambda m: -(rows[m]["values"]["triple_f1"] or 0)):
        cells: list[Cell | str] = [_label(results, method)]
        for figure in FIGURE_NAMES:
            found = rows[method]["against_reference"].get(figure)
            cells.append(NOTHING if found is None else _difference(found, figure))
        made.append(cells)
    reference = results["methods"][results["reference"]]["label"]
    note = (
        f"The method minus {reference} on the same records, with 95 % intervals by drawing records. p by swapping "
        "the two on random records (approximate randomisation, 10,000 times, two-sided), adjusted after Holm over "
        f"the methods of a column. “Better” and “worse” say what is below {LEVEL:g}. Seeds are taken as they are: "
        "the test speaks of these trainings, not of all seeds."
    )
    return table(f"{dataset}, {split}: against {reference}", ["method", *FIGURE_NAMES.values()], made, note)


def _difference(found: dict[str, float], figure: str) -> Cell:
    digits = _digits(figure)
    better = (found["value"] < 0) == (figure in LESS_IS_BETTER)
    verdict = ("better" if better else "worse") if found["p_holm"] < LEVEL and found["value"] else ""
    interval = f"[{signed(found['low'], digits)}, {signed(found['high'], digits)}]"
    small = (interval, f"p {_p(found['p_holm'])}{', ' + verdict if verdict else ''}")
    return Cell(signed(found["value"], digits), small, strong=bool(verdict))


def verdict_line(results: Results, dataset: str, split: str, figure: str = "triple_f1") -> str | None:
    """One sentence: who is better, worse, and not told apart from the reference."""
    kinds: dict[str, list[str]] = {"better": [], "worse": [], "": []}
    for method, row in results["main"][dataset][split].items():
        found = row.get("against_reference", {}).get(figure)
        if found is not None:
            small = _difference(found, figure).small[1]
            kind = next((word for word in ("better", "worse") if small.endswith(word)), "")
            kinds[kind].append(_label(results, method))
    if not any(kinds.values()):
        return None
    reference = results["methods"][results["reference"]]["label"]
    value = number(results["main"][dataset][split][results["reference"]]["values"][figure])
    said = {
        "better": "significantly better",
        "worse": "significantly worse",
        "": "not told apart",
    }
    parts = [f"{said[kind]}: {', '.join(sorted(names)) or 'none'}" for kind, names in kinds.items()]
    return f"{dataset}, {split}, {FIGURE_NAMES[figure]}: {reference} has {value}. Against it are {'; '.join(parts)}."


def error_tables(results: Results, dataset: str, split: str) -> list[ReportTable]:
    """Kinds of error and how the outputs came out; shares of the records, mean over the seeds."""
    reports = _reports(results, dataset, split)
    if not reports:
        return []
    kinds = list(next(iter(reports.values()))[0]["errors"])
    made: list[list[Cell | str]] = []
    for method, found in reports.items():
        shares = [_mean([one["errors"][kind] / one["scores"]["records"] for one in found]) for kind in kinds]
        made.append([_label(results, method), *(_shaded(share) for share in shares)])
    note = "In percent of the records, mean over the seeds; each record has the first kind that fits, from the left."
    errors = table(f"{dataset}, {split}: kinds of error", ["method", *kinds], made, note)
    return [errors, _output_table(results, reports, f"{dataset}, {split}: outputs")]


def _output_table(results: Results, reports: dict[str, list[Any]], title: str) -> ReportTable:
    made: list[list[Cell | str]] = []
    for method, found in reports.items():
        cells = [
            _mean([one["scores"][name] for one in found]) for name in ("empty_on_decisions", "invented_on_negatives")
        ]
        cells += [_mean([one["output"][name] for one in found]) for name in ("truncated", "repaired", "unreadable")]
        made.append([_label(results, method), *(_shaded(share) for share in cells)])
    header = ["method", "decisions left empty", "negatives given a tree", "truncated", "repaired", "unreadable"]
    return table(title, header, made, "In percent, of the records that the column speaks of; mean over the seeds.")


def relation_table(results: Results, dataset: str, split: str) -> ReportTable | None:
    """Triple F1 by relation."""
    return _breakdown(results, dataset, split, "relations", "f1", "triple F1 by relation")


def shape_tables(results: Results, dataset: str, split: str) -> list[ReportTable]:
    """Figures by the node counts of the gold trees."""
    figures = {"triple_f1": "triple F1", "path_f1": "path F1", "tree_accuracy": "tree accuracy"}
    made = [
        _breakdown(results, dataset, split, "shapes", name, f"{said} by shape of the gold trees")
        for name, said in figures.items()
    ]
    return [one for one in made if one is not None]


def _breakdown(results: Results, dataset: str, split: str, kind: str, figure: str, title: str) -> ReportTable | None:
    reports = _reports(results, dataset, split)
    names = list(dict.fromkeys(name for found in reports.values() for name in found[0][kind]))
    if not names:
        return None
    made: list[list[Cell | str]] = []
    for method, found in reports.items():
        values = [_mean([one[kind].get(name, {}).get(figure) for one in found]) for name in names]
        made.append([_label(results, method), *(_shaded(value, percent=False) for value in values)])
    header = [name.replace("_", " ") for name in names]
    if kind == "shapes":
        counts = next(iter(reports.values()))[0]["shapes"]
        header = [f"{name} ({counts[name]['records']})" if name in counts else name for name in names]
    note = "Mean over the seeds." + (
        " A shape is the number of nodes of each tree; in brackets the records." if kind == "shapes" else ""
    )
    return table(f"{dataset}, {split}: {title}", ["method", *header], made, note)


def _reports(results: Results, dataset: str, split: str) -> dict[str, list[Any]]:
    """The reports of each method, in the order of the configuration."""
    found: dict[str, list[Any]] = {}
    for one in results["evaluations"]:
        if (one["dataset"], one["split"]) == (dataset, split):
            found.setdefault(one["method"], []).append(one["report"])
    return {method: found[method] for method in results["methods"] if method in found}


def _label(results: Results, method: str) -> str:
    return str(results["methods"][method]["label"])


def _digits(figure: str) -> int:
    return 2 if figure in LESS_IS_BETTER else 3


def _best(rows: dict[str, Any], figure: str) -> float | None:
    """The best value of a figure; None where all are equal."""
    values = [row["values"][figure] for row in rows.values() if row["values"][figure] is not None]
    if len(set(values)) < 2:
        return None
    return (min if figure in LESS_IS_BETTER else max)(values)


def _range(values: Sequence[float | None], digits: int) -> str:
    known = [value for value in values if value is not None]
    return f"{min(known):.{digits}f} to {max(known):.{digits}f}" if len(known) > 1 else ""


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.mean(known) if known else None


def _shaded(share: float | None, percent: bool = True) -> Cell:
    if share is None:
        return Cell(NOTHING)
    return Cell(f"{100 * share:.1f}" if percent else f"{share:.3f}", shade=_DARKEST * min(1.0, max(0.0, share)))
