"""Writes the tables of docs/quality.md from the reports in docs/results/ (`make docs`).

A report is what `text2mdt evaluate … --report docs/results/NAME.json` writes; NAME is `system@split` or
`system+variant@split`. The prose of the page, outside the marks, is left as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

PAGE = Path(__file__).with_name("quality.md")
RESULTS = Path(__file__).with_name("results")
SHIPPED = "pi_lora@test"
SHORT = {
    "pi_lora@test": "one adapter, greedy (the default)",
    "vote@test": "four adapters vote (`--strategy vote`)",
    "backbone+few_shot@test": "the embedded model without an adapter, four examples",
}
"""The rows of the first table."""
_FIGURES = {
    "triple F1": "triple_f1",
    "node F1": "node_f1",
    "path F1": "path_f1",
    "tree accuracy": "tree_accuracy",
    "on decision passages": "tree_accuracy_decisions",
}
_AIMED = ("triple F1", "node F1", "path F1", "tree accuracy")
_EMPTY = ("decisions left empty", "negatives given a tree")


def reports() -> dict[str, dict[str, Any]]:
    """The reports by name."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(RESULTS.glob("*.json"))}


def quality_page(page: str, found: dict[str, dict[str, Any]]) -> str:
    """The page with its tables made anew."""
    tables = {
        "short": short_table(found),
        "main": main_table(found),
        "outputs": output_table(found),
        "relations": breakdown_table(found, "relations"),
        "shapes": breakdown_table(found, "shapes"),
        "errors": error_table(found),
    }
    for name, table in tables.items():
        mark = rf"(<!-- {name} -->\n).*?(<!-- end -->)"
        page = re.sub(mark, lambda match, table=table: f"{match[1]}{table}{match[2]}", page, flags=re.DOTALL)
    return page


def short_table(found: dict[str, dict[str, Any]]) -> str:
    """What ships, on test, in the figures that have an aim."""
    rows = []
    for name, told in SHORT.items():
        report = found[name]
        flat = _flat(report["scores"])
        rows.append(
            [
                told,
                *_figure_cells(report, _AIMED),
                f"{flat['empty_on_decisions']:.1%}",
                f"{flat['invented_on_negatives']:.1%}",
            ]
        )
    return _table(["", *_AIMED, *_EMPTY], rows)


def main_table(found: dict[str, dict[str, Any]]) -> str:
    rows = []
    for name, report in found.items():
        flat = _flat(report["scores"])
        cells = _figure_cells(report, _FIGURES)
        lenient = _flat(report["lenient"])
        rows.append([*_system(name), *cells, f"{flat['edit_distance']:.1f}", _number(lenient["triple_f1"])])
    return _table(["system", "data", *_FIGURES, "edit distance", "lenient triple F1"], rows)


def output_table(found: dict[str, dict[str, Any]]) -> str:
    rows = []
    for name, report in found.items():
        flat, output = _flat(report["scores"]), report["output"]
        shares = [flat["empty_on_decisions"], flat["invented_on_negatives"]]
        shares += [output[key] for key in ("truncated", "repaired", "unreadable")]
        speed = report["tokens"] / report["seconds"]
        rows.append([*_system(name), *(f"{share:.1%}" for share in shares), f"{speed:.0f}"])
    return _table(["system", "data", *_EMPTY, "truncated", "repaired", "unreadable", "tokens/s"], rows)


def breakdown_table(found: dict[str, dict[str, Any]], kind: str) -> str:
    """The table by relation or by shape, of every report that is marked as the shipped adapter's on test."""
    report = found.get(SHIPPED)
    if report is None or not report[kind]:
        return ""
    columns = list(next(iter(report[kind].values())))
    rows = [[name, *(_number(row[column]) for column in columns)] for name, row in report[kind].items()]
    return _table([kind[:-1], *(column.replace("_", " ") for column in columns)], rows)


def error_table(found: dict[str, dict[str, Any]]) -> str:
    kinds = list(next(iter(found.values()))["errors"]) if found else []
    rows = [[*_system(name), *(str(report["errors"].get(kind, 0)) for kind in kinds)] for name, report in found.items()]
    return _table(["system", "data", *kinds], rows)


def _figure_cells(report: dict[str, Any], figures: Iterable[str]) -> list[str]:
    flat = _flat(report["scores"])
    keys = [_FIGURES[figure] for figure in figures]
    return [_with_interval(flat[key], report["intervals"].get(key)) for key in keys]


def _system(name: str) -> list[str]:
    system, _, data = name.partition("@")
    return [system.replace("+", ", ").replace("_", " "), data]


def _flat(scores: dict[str, Any]) -> dict[str, Any]:
    flat = {}
    for name, value in scores.items():
        parts = {f"{name}_{part}": share for part, share in value.items()} if isinstance(value, dict) else {name: value}
        flat.update(parts)
    return flat


def _with_interval(value: float | None, interval: list[float] | None) -> str:
    return _number(value) if interval is None else f"{_number(value)} [{interval[0]:.3f}, {interval[1]:.3f}]"


def _number(value: float | int | None) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def _table(header: list[str], rows: list[list[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(quality_page(PAGE.read_text(encoding="utf-8"), reports()), encoding="utf-8")
