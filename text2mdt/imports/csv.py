"""CSV with a row for each way to a decision → trees."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from text2mdt.errors import Text2MDTError
from text2mdt.imports.imported import MOST_NODES, NO_POPULATION, ImportedTree, Origin, refuse_long
from text2mdt.node_text import read_node, unescaped
from text2mdt.schema import DecisionTree, Node, Role
from text2mdt.spreadsheet_cells import BYTE_ORDER_MARK, bare

_MOST_COLUMNS = 1000
_MOST_ROWS = 100_000
_SEPARATORS = ",;\t"
_ANSWERS = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}
_CONDITION = re.compile(r"condition_(\d+)")


class _Row(NamedTuple):
    """A way to a decision; `steps` are the texts of the conditions with their answers."""

    line: int
    origin: Origin
    steps: tuple[tuple[str, bool], ...]
    decision: str


def read_csv(content: str, where: object = "") -> list[ImportedTree]:
    """The trees of a file with the columns that `text2mdt.export.csv` writes.

    Needed are "decision" and the pairs "condition_1", "answer_1" and so on; the columns of the origin tell which rows
    belong to one tree. Separators may be commas, semicolons or tabs. Other columns are passed over.

    Raises:
        Text2MDTError: T2M120 naming the line, T2M121 for a file that is too big.
    """
    refuse_long(content, where)
    trees: dict[Origin, list[_Row]] = {}
    for row in _rows(content.removeprefix(BYTE_ORDER_MARK), where):
        trees.setdefault(row.origin, []).append(row)
    if not trees:
        raise _wrong(where, 1, "no row below the names of the columns")
    return [_tree(origin, rows, where) for origin, rows in trees.items()]


def _wrong(where: object, line: int, detail: str) -> Text2MDTError:
    place = f"{where}, line {line}" if where else f"line {line}"
    return Text2MDTError("T2M120", place, kind="CSV", detail=detail)


def _rows(content: str, where: object) -> Iterator[_Row]:
    head = content.partition("\n")[0]
    separator = max(_SEPARATORS, key=head.count)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=separator, strict=True)
    start = 1
    columns: dict[str, int] = {}
    pairs: list[tuple[int, int]] = []
    try:
        for cells in reader:
            line, start = start, reader.line_num + 1
            if not columns:
                columns, pairs = _columns(cells, line, where)
            elif any(cell.strip() for cell in cells):
                if line > _MOST_ROWS:
                    raise Text2MDTError("T2M121", where, detail=f"the limit is {_MOST_ROWS:,} lines")
                yield _row(cells, columns, pairs, line, where)
    except csv.Error as error:
        raise _wrong(where, start, str(error)) from None


def _columns(cells: Sequence[str], line: int, where: object) -> tuple[dict[str, int], list[tuple[int, int]]]:
    """The places of the columns, and those of each condition and its answer."""
    if len(cells) > _MOST_COLUMNS:
        raise Text2MDTError("T2M121", where, detail=f"the limit is {_MOST_COLUMNS:,} columns")
    columns = {name.strip().casefold(): place for place, name in reversed(list(enumerate(cells)))}
    found = (match[1] for name in columns if (match := _CONDITION.fullmatch(name)))
    numbers = sorted(found, key=lambda digits: (len(digits.lstrip("0")), digits.lstrip("0")))  # int() refuses long ones
    missing = [name for name in ["decision", *(f"answer_{n}" for n in numbers)] if name not in columns]
    if missing:
        raise _wrong(where, line, f"there is no column '{missing[0]}'")
    return columns, [(columns[f"condition_{n}"], columns[f"answer_{n}"]) for n in numbers]


def _row(
    cells: Sequence[str], columns: dict[str, int], pairs: Sequence[tuple[int, int]], line: int, where: object
) -> _Row:
    def cell(place: int | None) -> str:
        return bare(cells[place]) if place is not None and place < len(cells) else ""

    number = cell(columns.get("tree")).strip()
    said = {name: unescaped(cell(columns.get(name))) for name in ("document", "passage", "population")}
    origin = Origin(
        population=said["population"] if "population" in columns else NO_POPULATION,
        document=said["document"] or None,
        passage=said["passage"] or None,
        number=int(number) if number.isdecimal() and int(number[:9]) > 0 else None,
    )
    steps: list[tuple[str, bool]] = []
    ended = False
    for condition, answer in pairs:
        words, said_answer = cell(condition).strip(), cell(answer).strip().casefold()
        if not words and not said_answer:
            ended = True
            continue
        if ended or not words:
            raise _wrong(where, line, "a condition is missing between others")
        if said_answer not in _ANSWERS:
            raise _wrong(where, line, f"the answer to '{words[:60]}' must be yes or no, not '{said_answer[:40]}'")
        steps.append((words, _ANSWERS[said_answer]))
    return _Row(line, origin, tuple(steps), cell(columns["decision"]))


def _tree(origin: Origin, rows: Sequence[_Row], where: object) -> ImportedTree:
    nodes: list[Node] = []
    waiting: list[tuple[Sequence[_Row], int]] = [(rows, 0)]
    while waiting:
        group, depth = waiting.pop()
        if len(nodes) >= MOST_NODES:
            raise Text2MDTError("T2M121", where, detail=f"the limit is {MOST_NODES:,} nodes")
        first = group[0]
        ending = next((row for row in group if len(row.steps) == depth), None)
        if ending is not None:
            if len(group) > 1:
                others = ", ".join(str(row.line) for row in group[:5] if row is not ending)
                raise _wrong(where, ending.line, f"the same answers lead to another row as well (line {others})")
            nodes.append(_node(first.decision, Role.DECISION, origin, first.line, where))
            continue
        words = first.steps[depth][0]
        other = next((row for row in group if row.steps[depth][0] != words), None)
        if other is not None:
            detail = f"'{other.steps[depth][0][:60]}' stands where line {first.line} asks '{words[:60]}'"
            raise _wrong(where, other.line, detail)
        yes = [row for row in group if row.steps[depth][1]]
        no = [row for row in group if not row.steps[depth][1]]
        if not yes or not no:
            raise _wrong(where, first.line, f"no row says what holds where '{words[:60]}' is {'no' if yes else 'yes'}")
        nodes.append(_node(words, Role.CONDITION, origin, first.line, where))
        waiting += [(no, depth + 1), (yes, depth + 1)]
    return origin.with_tree(DecisionTree(nodes=tuple(nodes)), f"line {rows[0].line}")


def _node(text: str, role: Role, origin: Origin, line: int, where: object) -> Node:
    try:
        return read_node(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), role, origin.population)
    except ValueError as error:
        raise _wrong(where, line, str(error)) from None
