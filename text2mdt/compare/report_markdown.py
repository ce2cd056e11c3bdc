"""The report as Markdown: the same tables, the charts as pictures beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from text2mdt.compare.charts import Chart
from text2mdt.compare.example_view import ExampleTrees, ExampleView
from text2mdt.compare.report_table import Cell, ReportTable

if TYPE_CHECKING:
    from text2mdt.compare.report import Section

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def markdown(
    title: str, facts: Sequence[str], verdicts: Sequence[str], sections: Sequence[Section], charts: str
) -> str:
    """The page; `charts` is the folder of the pictures, relative to it."""
    parts = [f"# {escaped(title)}", *(escaped(line) for line in verdicts)]
    parts.append("\n".join(f"- {escaped(line)}" for line in facts))
    for section in sections:
        parts.append(f"## {escaped(section.title)}")
        if section.note:
            parts.append(escaped(section.note))
        for part in section.parts:
            parts += _chart(part, charts) if isinstance(part, Chart) else _table(part)
        for example in section.examples:
            parts += _example(example)
    return "\n\n".join(parts) + "\n"


def escaped(text: str) -> str:
    """Text on one line that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _chart(chart: Chart, folder: str) -> list[str]:
    return [f"### {escaped(chart.title)}", f"![{escaped(chart.title)}]({folder}/{chart.name}.svg)", escaped(chart.note)]


def _table(table: ReportTable) -> list[str]:
    marks = ["---:" if table.has_numbers(column) else "---" for column in range(len(table.header))]
    lines = [" | ".join(escaped(name) for name in table.header), " | ".join(marks)]
    lines += [" | ".join(_cell(cell) for cell in row) for row in table.rows]
    return [f"### {escaped(table.title)}", "\n".join(f"| {line} |" for line in lines), escaped(table.note)]


def _cell(cell: Cell) -> str:
    text = escaped(cell.text)
    return "<br>".join([f"**{text}**" if cell.strong else text, *(escaped(line) for line in cell.small)])


def _example(example: ExampleView) -> list[str]:
    parts = [
        f"### {escaped(example.title)}",
        f"Population: {escaped(example.population)}",
        f"> {escaped(example.text)}",
    ]
    for side in (example.gold, *example.methods):
        verdict = f" ({side.verdict})" if side.verdict else ""
        parts += [f"{escaped(side.label)}{verdict}:", _trees(side)]
    return parts


def _trees(side: ExampleTrees) -> str:
    lines = []
    for node in side.nodes:
        joined = f" *{node.logic}* ".join(f"{sign}{escaped(words)}" for sign, words in node.triples)
        lines.append(f"{'    ' * node.depth}- {node.place} {joined or 'nothing'}")
    if side.missing:
        lines.append(f"- missing: {'; '.join(escaped(words) for words in side.missing)}")
    return "\n".join(lines) or "- no tree"
