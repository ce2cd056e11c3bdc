"""Tables that are drawn with ruled lines or coloured rows."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from text2mdt.documents.document import CAPTION
from text2mdt.documents.pdf.cells import cells_of, column_edges, is_aligned, rows_of
from text2mdt.documents.pdf.drawings import Drawings, meeting
from text2mdt.documents.pdf.headed_tables import headed_table
from text2mdt.documents.pdf.lines import Line, Word, around, lines_of, words_in
from text2mdt.documents.pdf.regions import Cell, Table, holds, is_prose
from text2mdt.documents.pdf.view import Rectangle

_NEAR = 3.0  # points: lines so close are one, or meet
_MOST_RULES = 2_500
"""More are a drawing."""
_MOST_FRAMES = 600
_LEAST_PANEL = 20.0  # points
_FEWEST_RULES = 3
_LEAST_WIDTH = 60.0
_CELL_GAP = 0.5
"""Narrowest white between two columns where no vertical line divides them, in sizes of the type."""
_RULED_ROWS = 4
"""With so many horizontal lines every row has its own."""
_ROW_GAP = 0.8
_WRAPPED = 1.35
"""Largest step to the next line of a cell, in sizes of the type."""
_WIDE, _TEXT_GAP = 0.6, 1.2
"""A line of text goes over this share of the width, its words nearer to one another than so many sizes of the type."""
_PROSE_LINES = 8
_PROSE_FILL, _LOOSE_FILL = 0.78, 0.6
_MOST_LINES = 12
"""Of a row of a table; more lines may be columns of text with headings and lists in them."""


def ruled_tables(
    drawings: Drawings, words: Sequence[Word], size: tuple[float, float]
) -> tuple[list[Table], list[Word]]:
    """The tables of a page (of this width and height) that are drawn, and the words that stand in none of them."""
    tables: list[Table] = []
    rest = list(words)
    rules = _Rules.of(drawings, words, size)
    for find in (_lattices, _bands):
        for box, rows, edges in find(rules, rest):
            kept = {id(word) for row in rows for cell in row for word in words_in(cell.lines)}
            if kept:
                rest = [word for word in rest if id(word) not in kept]
                tables.append(Table(rows, tuple(edges), box))
    return tables, rest


@dataclass(frozen=True)
class _Rules:
    """Horizontal and vertical lines [n, 4] of a page; the borders of frames are among them."""

    horizontal: NDArray[np.float32]
    vertical: NDArray[np.float32]

    @classmethod
    def of(cls, drawings: Drawings, words: Sequence[Word], size: tuple[float, float]) -> _Rules:
        lines, frames = drawings.lines, drawings.frames
        wide, high = frames[:, 2] - frames[:, 0], frames[:, 3] - frames[:, 1]
        frames = frames[(wide < 0.98 * size[0]) | (high < 0.9 * size[1])]  # without the page's own background
        frames = frames[:_MOST_FRAMES]
        frames = frames[[not _is_panel(frame, words) for frame in frames.tolist()]]
        left, top, right, bottom = frames.T
        flat = (lines[:, 2] - lines[:, 0]) >= (lines[:, 3] - lines[:, 1])
        borders = [np.stack([left, top, right, top], 1), np.stack([left, bottom, right, bottom], 1)]
        sides = [np.stack([left, top, left, bottom], 1), np.stack([right, top, right, bottom], 1)]
        return cls(
            _joined(np.concatenate([lines[flat], *borders])[:_MOST_RULES]),
            np.concatenate([lines[~flat], *sides])[:_MOST_RULES],
        )


def _is_panel(frame: list[float], words: Sequence[Word]) -> bool:
    """Whether a frame or coloured area holds running text, not rows of a table."""
    left, top, right, bottom = frame
    if bottom - top < _LEAST_PANEL:
        return False
    lines = lines_of(word for word in words if holds((left, top, right, bottom), word))
    return len(lines) > 1 and all(len(line.pieces(_TEXT_GAP * line.size)) == 1 for line in lines)


def _joined(rules: NDArray[np.float32]) -> NDArray[np.float32]:
    """Horizontal pieces end to end (the borders of neighbouring cells) as one line."""
    joined: list[list[float]] = []
    rows = np.round((rules[:, 1] + rules[:, 3]) / 2 / _NEAR)
    for left, top, right, bottom in rules[np.lexsort((rules[:, 0], rows))].tolist():
        last = joined[-1] if joined else None
        if last and abs(last[1] - top) < _NEAR and last[0] <= left <= last[2] + 2 * _NEAR:
            last[2], last[3] = max(last[2], right), max(last[3], bottom)
        else:
            joined.append([left, top, right, bottom])
    return np.array(joined, dtype=np.float32).reshape(-1, 4)


Found = tuple[Rectangle, tuple[tuple[Cell, ...], ...], Sequence[float]]


def _lattices(rules: _Rules, words: Sequence[Word]) -> Iterator[Found]:
    """Lines that meet and have vertical ones among them: the cells lie between the lines, some over several."""
    both = np.concatenate([rules.horizontal, rules.vertical])
    for part in meeting(both, _NEAR):
        flat = part < len(rules.horizontal)
        horizontal, vertical = both[part[flat]], both[part[~flat]]
        box = tuple(np.concatenate([both[part, :2].min(0), both[part, 2:].max(0)]).tolist())
        xs, ys = (_merged(vertical[:, [0, 2]].mean(1)), _merged(horizontal[:, [1, 3]].mean(1)))
        inside = [word for word in words if holds(box, word)]
        if len(xs) >= 3 and len(ys) >= 2 and box[2] - box[0] >= _LEAST_WIDTH and inside:
            rows = _Lattice(xs, ys, horizontal, vertical).rows(inside)
            # Two columns of running text with a line between them are no table.
            if len(rows) > 1 or not all(is_prose(cell.lines, _PROSE_LINES, _PROSE_FILL) for cell in rows[0]):
                yield box, rows, xs[1:-1]


def _merged(places: NDArray[np.float32]) -> list[float]:
    merged: list[float] = []
    for place in sorted(places.tolist()):
        if not merged or place - merged[-1] > _NEAR:
            merged.append(place)
    return merged


@dataclass(frozen=True)
class _Lattice:
    """The fields between lines; fields without a line between them are one cell."""

    xs: list[float]
    ys: list[float]
    horizontal: NDArray[np.float32]
    vertical: NDArray[np.float32]

    def rows(self, words: Sequence[Word]) -> tuple[tuple[Cell, ...], ...]:
        """Its rows, each with the cells that begin in it."""
        fields: dict[tuple[int, int], list[Word]] = defaultdict(list)
        for word in words:
            x, y = word.middle
            fields[bisect(self.ys, y) - 1, bisect(self.xs, x) - 1].append(word)
        taken: set[tuple[int, int]] = set()
        rows: list[tuple[Cell, ...]] = []
        for row in range(len(self.ys) - 1):
            cells: list[Cell] = []
            for column in range(len(self.xs) - 1):
                if (row, column) not in taken:
                    columns, height = self._extent(row, column)
                    covered = [(r, c) for r in range(row, row + height) for c in range(column, column + columns)]
                    taken.update(covered)
                    lines = lines_of(word for field in covered for word in fields.get(field, ()))
                    cells.append(Cell(tuple(lines), columns, height))
            rows.append(tuple(cells))
        return tuple(rows)

    def _extent(self, row: int, column: int) -> tuple[int, int]:
        """How many columns and rows the cell at this field covers."""
        columns = rows = 1
        while column + columns < len(self.xs) - 1 and not self._is_ruled_beside(row, column + columns):
            columns += 1
        while row + rows < len(self.ys) - 1 and not self._is_ruled_above(row + rows, column):
            rows += 1
        return columns, rows

    def _is_ruled_beside(self, row: int, edge: int) -> bool:
        middle, x = (self.ys[row] + self.ys[row + 1]) / 2, self.xs[edge]
        rules = self.vertical
        return bool(((np.abs(rules[:, 0] - x) <= 2 * _NEAR) & (rules[:, 1] < middle) & (rules[:, 3] > middle)).any())

    def _is_ruled_above(self, edge: int, column: int) -> bool:
        middle, y = (self.xs[column] + self.xs[column + 1]) / 2, self.ys[edge]
        rules = self.horizontal
        return bool(((np.abs(rules[:, 1] - y) <= 2 * _NEAR) & (rules[:, 0] < middle) & (rules[:, 2] > middle)).any())


def _bands(rules: _Rules, words: Sequence[Word]) -> Iterator[Found]:
    """Horizontal lines of one extent under one another: the columns are told apart by the white between them."""
    for group in _same_extent(rules.horizontal, words):
        box = around(group)
        heights = _merged(np.array([(rule[1] + rule[3]) / 2 for rule in group]))
        lines = lines_of(word for word in words if holds(box, word, _NEAR))
        if len(heights) == _FEWEST_RULES - 1 and (table := headed_table(box, words, _NEAR)):
            yield table.box, table.rows, table.edges
            continue
        if len(heights) < _FEWEST_RULES - 1 or box[2] - box[0] < _LEAST_WIDTH or not lines:
            continue
        gap = _CELL_GAP * lines[0].size
        edges = column_edges(lines, gap)
        if not edges or (len(heights) <= _RULED_ROWS and _is_text(lines, edges)):
            continue
        rows: list[tuple[Cell, ...]] = []
        for top, bottom in pairwise(heights):
            inside = [line for line in lines if top <= (line.box[1] + line.box[3]) / 2 < bottom]
            if inside:
                groups = [inside] if len(heights) > _RULED_ROWS else rows_of(inside, edges, gap)
                rows += [cells_of(group, edges, gap) for group in groups]
        above, below = (_beyond(box, words, lines, edges, down) for down in (False, True))
        if len(heights) < _FEWEST_RULES and not above:
            continue
        rows = [
            *([cells_of(above, edges, gap)] if above else []),
            *rows,
            *([cells_of(below, edges, gap)] if below else []),
        ]
        if len(rows) >= 2:
            yield box, tuple(rows), edges


def _beyond(
    box: Rectangle, words: Sequence[Word], table: Sequence[Line], edges: Sequence[float], down: bool
) -> list[Line]:
    """The lines right above the first rule (a header) or below the last one (a row that is not coloured) that stand in
    the columns of the table."""
    found: list[Line] = []
    gap = _CELL_GAP * table[0].size
    beside = [word for word in words if box[0] - _NEAR <= word.middle[0] <= box[2] + _NEAR]
    lines = lines_of(word for word in beside if (word.base > box[3] if down else word.base < box[1]))
    end = box[3] if down else box[1]
    for line in lines if down else reversed(lines):
        white = line.box[1] - end if down else end - line.box[3]
        if white > _ROW_GAP * line.size or len(cells_of([line], edges, gap)) != len(edges) + 1:
            break
        if CAPTION.match(line.text) or not (is_aligned(line, table, gap) or (line.bold and not down)):
            break
        found.append(line)
        end = line.box[3] if down else line.box[1]
    filled = [sum(bool(cell.lines) for cell in cells_of([line], edges, gap)) for line in found]
    last = max((number for number, cells in enumerate(filled) if cells > 1), default=-1) + 1
    while down and last and last < len(found) and found[last].base - found[last - 1].base < _WRAPPED * found[last].size:
        last += 1  # a cell with one line more than the others
    return found[:last]


def _same_extent(horizontal: NDArray[np.float32], words: Sequence[Word]) -> list[list[Rectangle]]:
    groups: list[list[Rectangle]] = []
    for left, top, right, bottom in sorted(horizontal.tolist(), key=lambda box: box[1]):
        rule = (left, top, right, bottom)
        same = (
            group
            for group in reversed(groups)
            if abs(group[-1][0] - left) < 4 * _NEAR and abs(group[-1][2] - right) < 4 * _NEAR
        )
        group = next(same, None)
        if group is None or not _one_table(group[-1], rule, words):
            groups.append([rule])
        else:
            group.append(rule)
    return groups


def _one_table(upper: Rectangle, lower: Rectangle, words: Sequence[Word]) -> bool:
    """Whether what stands between two horizontal lines is a part of one table, not the text between two."""
    box = (upper[0], upper[3], upper[2], lower[1])
    lines = lines_of(word for word in words if holds(box, word, _NEAR))
    if any(CAPTION.match(line.text) for line in lines):
        return False
    if len(lines) <= 1:
        return True
    wide = [line for line in lines if line.box[2] - line.box[0] > _WIDE * (box[2] - box[0])]
    if 2 * sum(len(line.pieces(_TEXT_GAP * line.size)) == 1 for line in wide) > len(lines):
        return False
    edges = column_edges(lines, _CELL_GAP * lines[0].size)
    return bool(edges) and not (len(lines) > _MOST_LINES and _is_text(lines, edges, _LOOSE_FILL))


def _is_text(lines: Sequence[Line], edges: Sequence[float], fill: float = _PROSE_FILL) -> bool:
    """Whether lines (for instance rules at the top and foot of a page) enclose columns of running text."""
    columns: list[list[Word]] = [[] for _ in range(len(edges) + 1)]
    for word in words_in(lines):
        columns[sum(word.middle[0] > edge for edge in edges)].append(word)
    return all(is_prose(lines_of(words), _PROSE_LINES, fill) for words in columns)
