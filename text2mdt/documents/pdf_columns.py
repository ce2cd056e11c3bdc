"""Words of a page → regions in reading order: columns of text, and tables without ruled lines.

The page is cut where a strip of white stands between two columns (a gutter): what is above the gutter is read first,
then its left side, its right side, and what is below; each part is cut again until no gutter is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import mean, median

import numpy as np
from numpy.typing import NDArray

from text2mdt.documents.pdf_lines import Line, Word, around, lines_of
from text2mdt.documents.pdf_page import Rectangle

GUTTER = 0.75
"""Narrowest gutter, in heights of the text; justified text has no wider gaps over several lines."""
_FEWEST_LINES = 3
_FEWEST_TABLE_ROWS = 3
_TABLE_GUTTER = 1.2
"""Narrowest white between the columns of a table without ruled lines, in heights of the text."""
_MOST_TRIED = 80
_COLUMN_SHARE = 0.2
"""Narrowest column of text, as a share of the page."""
_FILL = 0.55
"""Lines of running text fill their column to this share at least, on average."""
_HEADING_SIZE = 1.2
_ALIGNED = 0.7


@dataclass(frozen=True)
class Table:
    """A table that has been found by its ruled lines; for the order of reading it is one piece."""

    rows: tuple[tuple[tuple[Word, ...], ...], ...]
    box: Rectangle


@dataclass(frozen=True)
class Column:
    """Lines that stand under one another."""

    lines: tuple[Line, ...]

    @property
    def box(self) -> Rectangle:
        return around(line.box for line in self.lines)


Unit = Word | Table
Region = Column | Table


@dataclass(frozen=True)
class _Gutter:
    left: float
    right: float
    top: float
    bottom: float


@dataclass
class ColumnReader:
    """Reads pages of one document; it remembers gutters, since a last page may have too little text to show them.

    Attributes:
        gutters: middle of each gutter that was found so far, in points from the left.
    """

    gutters: list[float] = field(default_factory=list)

    def regions(self, units: Sequence[Unit], width: float) -> list[Region]:
        """The regions of a page of this width in reading order."""
        words = [unit for unit in units if isinstance(unit, Word)]
        height = median(word.height for word in words) if words else 10.0
        return self._cut(list(units), width, height, depth=0)

    def _cut(self, units: list[Unit], width: float, height: float, depth: int) -> list[Region]:
        gutter = self._best_gutter(units, width, height) if len(units) > 3 and depth < 40 else None
        if gutter is None:
            return _in_rows(units)
        gutter = _above_spanning_heading(units, gutter, height)
        parts = _parts(units, gutter)
        sides = [_words(part) for part in parts[1:3]]
        if self._is_text(sides, gutter, width):
            self.gutters.append((gutter.left + gutter.right) / 2)
            middle = [region for part in parts[1:3] for region in self._cut(part, width, height, depth + 1)]
        else:
            middle = [_open_table([*parts[1], *parts[2]], height)]
        above, below = (self._cut(part, width, height, depth + 1) if part else [] for part in (parts[0], parts[3]))
        return [*above, *middle, *below]

    def _best_gutter(self, units: list[Unit], width: float, height: float) -> _Gutter | None:
        """The tallest gutter that has text on both sides."""
        for gutter in _gutters(units, GUTTER * height)[:_MOST_TRIED]:
            sides = [_words(part) for part in _parts(units, gutter)[1:3]]
            if all(sides) and (self._is_text(sides, gutter, width) or _is_open_table(sides, height)):
                return gutter
        return None

    def _is_text(self, sides: list[list[Word]], gutter: _Gutter, width: float) -> bool:
        """Whether both sides are columns of running text, not cells of a table or numbers before their text."""
        lines = [lines_of(side) for side in sides]
        boxes = [around(word.box for word in side) for side in sides]
        if min(box[2] - box[0] for box in boxes) < _COLUMN_SHARE * width:
            return False
        middle = (gutter.left + gutter.right) / 2
        known = any(abs(middle - other) < 0.03 * width for other in self.gutters)
        if min(map(len, lines)) < (1 if known else _FEWEST_LINES):
            return False
        return known or all(_fill(side, box) >= _FILL for side, box in zip(lines, boxes, strict=True))


def _above_spanning_heading(units: Sequence[Unit], gutter: _Gutter, height: float) -> _Gutter:
    """The gutter down to the first large line with nothing beside it: a heading over both columns that is short."""
    _, left, right, _ = _parts(units, gutter)
    first = min((unit.box[1] for unit in right), default=gutter.bottom)
    for line in lines_of(_words(left)):
        top, bottom = line.box[1] - 0.2 * height, line.box[3] + 0.2 * height
        beside = any(unit.box[1] < bottom and unit.box[3] > top for unit in right)
        if line.size >= _HEADING_SIZE * height and not beside and first < top < max(unit.box[3] for unit in right):
            return _Gutter(gutter.left, gutter.right, gutter.top, line.box[1])
    return gutter


def _words(units: Sequence[Unit]) -> list[Word]:
    return [unit for unit in units if isinstance(unit, Word)]


def _fill(lines: Sequence[Line], box: Rectangle) -> float:
    return mean((line.box[2] - line.box[0]) / max(box[2] - box[0], 1.0) for line in lines)


def _gutters(units: Sequence[Unit], least: float) -> list[_Gutter]:
    """Bands of white of the least width, the tallest first; of those that divide the same units the leftmost."""
    boxes = np.array([unit.box for unit in units])
    last, shortest = boxes[:, 2].max() - least, 2 * least
    found: dict[tuple[float, float, int], _Gutter] = {}
    for left in np.unique(np.round(boxes[:, 2] * 2) / 2) + 0.5:
        if left > last:
            break
        crossing = boxes[(boxes[:, 0] < left + least) & (boxes[:, 2] > left)]
        for top, bottom in _free(crossing, float(boxes[:, 1].min()), float(boxes[:, 3].max())):
            if bottom - top < shortest:
                continue
            inside = (boxes[:, 1] >= top - 0.5) & (boxes[:, 3] <= bottom + 0.5)
            before = int((inside & (boxes[:, 2] <= left)).sum())
            if 0 < before < inside.sum():
                found.setdefault((top, bottom, before), _Gutter(float(left), float(left) + least, top, bottom))
    return sorted(found.values(), key=lambda gutter: gutter.top - gutter.bottom)


def _free(crossing: NDArray[np.float64], top: float, bottom: float) -> Iterator[tuple[float, float]]:
    """The stretches between `top` and `bottom` that none of the boxes [n, 4] covers."""
    for start, end in [*sorted(zip(crossing[:, 1].tolist(), crossing[:, 3].tolist(), strict=True)), (bottom, bottom)]:
        if start > top:
            yield top, start
        top = max(top, end)


def _parts(units: Sequence[Unit], gutter: _Gutter) -> tuple[list[Unit], list[Unit], list[Unit], list[Unit]]:
    """The units above a gutter, left of it, right of it, and below it."""
    above: list[Unit] = []
    left: list[Unit] = []
    right: list[Unit] = []
    below: list[Unit] = []
    for unit in units:
        middle = (unit.box[1] + unit.box[3]) / 2
        if middle < gutter.top:
            above.append(unit)
        elif middle > gutter.bottom:
            below.append(unit)
        else:
            (left if unit.box[2] <= gutter.right else right).append(unit)
    return above, left, right, below


def _is_open_table(sides: list[list[Word]], height: float) -> bool:
    """Whether the lines of both sides stand at the same heights, as the rows of a table do, and well apart."""
    white = min(word.box[0] for word in sides[1]) - max(word.box[2] for word in sides[0])
    if white < _TABLE_GUTTER * height:
        return False
    lines = [lines_of(side) for side in sides]
    fewer, more = sorted(lines, key=len)
    if len(fewer) < _FEWEST_TABLE_ROWS or all(len(line.text) <= 3 or _is_mark(line.text) for line in lines[0]):
        return False
    heights = [line.box[3] for line in more]
    aligned = sum(any(abs(line.box[3] - other) < 0.3 * line.size for other in heights) for line in fewer)
    return aligned >= _ALIGNED * len(fewer) and aligned >= _FEWEST_TABLE_ROWS


def _is_mark(text: str) -> bool:
    """A bullet, or the number of a recommendation or heading ("1.2.3", "(a)")."""
    return not any(character.isalpha() for character in text) or len(text.strip("().")) <= 1


def _open_table(units: list[Unit], height: float) -> Table:
    """Units as a table: its columns lie between the bands of white that no word crosses."""
    words = _words(units)
    edges = column_edges(words, GUTTER * height)
    rows: list[list[list[Word]]] = []
    bottoms: list[float] = []
    for line in lines_of(words):
        cells = split_cells(line.words, edges)
        # A cell that goes on in the next line leaves the first column empty.
        goes_on = bool(rows) and not cells[0] and line.box[1] - bottoms[-1] < 0.8 * line.size
        if goes_on:
            for cell, more in zip(rows[-1], cells, strict=True):
                cell.extend(more)
        else:
            rows.append(cells)
        bottoms.append(line.box[3])
    table = tuple(tuple(tuple(cell) for cell in row) for row in rows)
    return Table(table, around(word.box for word in words))


def column_edges(words: Sequence[Word], least: float) -> list[float]:
    """The middles of the bands of white, at least so wide, that no word crosses."""
    spans = sorted((word.box[0], word.box[2]) for word in words)
    edges, end = [], spans[0][1]
    for left, right in spans[1:]:
        if left - end >= least:
            edges.append((left + end) / 2)
        end = max(end, right)
    return edges


def split_cells(words: Sequence[Word], edges: Sequence[float]) -> list[list[Word]]:
    """Words sorted into the cells between the edges."""
    cells: list[list[Word]] = [[] for _ in range(len(edges) + 1)]
    for word in words:
        middle = (word.box[0] + word.box[2]) / 2
        cells[sum(middle > edge for edge in edges)].append(word)
    return cells


def _in_rows(units: list[Unit]) -> list[Region]:
    """What no gutter divides: lines from top to bottom, with the tables between them."""
    tables = sorted((unit for unit in units if isinstance(unit, Table)), key=lambda table: table.box[1])
    lines = lines_of(_words(units))
    regions: list[Region] = []
    start = 0
    for table in tables:
        end = start
        while end < len(lines) and lines[end].box[1] < table.box[1]:
            end += 1
        if end > start:
            regions.append(Column(tuple(lines[start:end])))
        regions.append(table)
        start = end
    if start < len(lines):
        regions.append(Column(tuple(lines[start:])))
    return regions
