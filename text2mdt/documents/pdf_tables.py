"""Tables that have ruled lines: found by the lines, cut into rows and cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from text2mdt.documents.document import CAPTION
from text2mdt.documents.pdf_columns import Table, column_edges, split_cells
from text2mdt.documents.pdf_lines import Line, Word, around, lines_of
from text2mdt.documents.pdf_page import PageContent, Rectangle

_NEAR = 3.0  # points: lines so close are one
_LEAST_RULES = 3
_LEAST_WIDTH = 60.0
_CELL_GAP = 4.0
"""Narrowest white between two columns where no vertical line divides them, in points."""
_ROW_GAP = 1.45
"""A step from line to line that is so much longer than usual begins a new row."""


@dataclass(frozen=True)
class _Grid:
    """The ruled lines of one table: heights of the horizontal ones, places of the vertical ones."""

    box: Rectangle
    heights: tuple[float, ...]
    verticals: tuple[float, ...]


def ruled_tables(content: PageContent, words: Sequence[Word]) -> tuple[list[Table], list[Word]]:
    """The tables of a page that are drawn with lines, and the words that stand in none of them."""
    tables: list[Table] = []
    rest = list(words)
    for grid in _grids(content, words):
        inside = [word for word in rest if _inside(word, grid.box)]
        table = _table(grid, inside) if inside else None
        if table is not None:
            kept = {id(word) for row in table.rows for cell in row for word in cell}
            rest = [word for word in rest if id(word) not in kept]
            tables.append(table)
    return tables, rest


def _inside(word: Word, box: Rectangle) -> bool:
    x, y = (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2
    return box[0] - _NEAR <= x <= box[2] + _NEAR and box[1] - _NEAR <= y <= box[3] + _NEAR


def _grids(content: PageContent, words: Sequence[Word]) -> list[_Grid]:
    """Horizontal lines of the same extent under one another, each group with the vertical lines between them."""
    horizontal, vertical = _segments(content)
    groups: list[list[Rectangle]] = []
    for rule in sorted(horizontal, key=lambda box: box[1]):
        group = next((group for group in reversed(groups) if _same_extent(group[-1], rule)), None)
        if group is None or not _one_table(group[-1], rule, vertical, words):
            groups.append([rule])
        else:
            group.append(rule)
    grids = []
    for group in groups:
        heights = _merged([(rule[1] + rule[3]) / 2 for rule in group])
        box = around(group)
        places = _merged([(line[0] + line[2]) / 2 for line in vertical if _crosses(line, box)])
        # With columns ruled, two lines make a table: the last row of one that goes on from the page before.
        if len(heights) >= (2 if places else _LEAST_RULES) and box[2] - box[0] >= _LEAST_WIDTH:
            grids.append(_Grid(box, tuple(heights), tuple(places)))
    return grids


def _one_table(upper: Rectangle, lower: Rectangle, vertical: Sequence[Rectangle], words: Sequence[Word]) -> bool:
    """Whether what stands between two horizontal lines is a part of one table, not the text between two."""
    box = (upper[0], upper[3], upper[2], lower[1])
    if any(line[1] < box[1] + _NEAR and line[3] > box[3] - _NEAR and _beside(line, box) for line in vertical):
        return True
    lines = lines_of(word for word in words if _inside(word, box))
    if any(CAPTION.match(line.text) for line in lines):
        return False
    return len(lines) <= 1 or bool(column_edges([word for line in lines for word in line.words], _CELL_GAP))


def _beside(line: Rectangle, box: Rectangle) -> bool:
    return box[0] - _NEAR < line[0] < box[2] + _NEAR


def _segments(content: PageContent) -> tuple[list[Rectangle], list[Rectangle]]:
    """Horizontal and vertical lines, cell borders among them, pieces of one line put together."""
    boxes = [*content.lines]
    for left, top, right, bottom in content.frames:
        if right - left > 0.98 * content.width and bottom - top > 0.9 * content.height:
            continue  # the page's own background
        boxes += [
            (left, top, right, top),
            (left, bottom, right, bottom),
            (left, top, left, bottom),
            (right, top, right, bottom),
        ]
    horizontal = [box for box in boxes if box[2] - box[0] >= box[3] - box[1]]
    vertical = [box for box in boxes if box[2] - box[0] < box[3] - box[1]]
    return _joined(horizontal), vertical


def _joined(rules: list[Rectangle]) -> list[Rectangle]:
    """Horizontal pieces end to end (the borders of neighbouring cells) as one line."""
    joined: list[Rectangle] = []
    for rule in sorted(rules):
        near = (number for number, other in enumerate(joined) if _goes_on(other, rule))
        number = next(near, None)
        if number is None:
            joined.append(rule)
        else:
            joined[number] = around([joined[number], rule])
    return joined


def _goes_on(line: Rectangle, piece: Rectangle) -> bool:
    return abs(line[1] - piece[1]) < _NEAR and line[0] <= piece[0] <= line[2] + 2 * _NEAR


def _same_extent(first: Rectangle, second: Rectangle) -> bool:
    return abs(first[0] - second[0]) < 4 * _NEAR and abs(first[2] - second[2]) < 4 * _NEAR


def _crosses(line: Rectangle, box: Rectangle) -> bool:
    inside = box[0] + _NEAR < line[0] < box[2] - _NEAR
    return inside and line[3] > box[1] + _NEAR and line[1] < box[3] - _NEAR


def _merged(places: Sequence[float]) -> list[float]:
    merged: list[float] = []
    for place in sorted(places):
        if not merged or place - merged[-1] > _NEAR:
            merged.append(place)
    return merged


def _table(grid: _Grid, words: list[Word]) -> Table | None:
    """The rows of a grid, or None where the lines only frame running text."""
    edges = list(grid.verticals) or column_edges(words, _CELL_GAP)
    if not edges:
        return None
    rows: list[tuple[tuple[Word, ...], ...]] = []
    bands = list(pairwise(grid.heights))
    every_row_ruled = len(bands) >= 4 or bool(grid.verticals)
    for top, bottom in bands:
        lines = lines_of(word for word in words if top <= (word.box[1] + word.box[3]) / 2 < bottom)
        if lines:
            groups = [lines] if every_row_ruled else _by_gaps(lines, edges)
            rows += [_row(group, edges) for group in groups]
    least = 1 if grid.verticals else 2
    return Table(tuple(rows), around(word.box for word in words)) if len(rows) >= least else None


def _row(lines: Sequence[Line], edges: Sequence[float]) -> tuple[tuple[Word, ...], ...]:
    """The cells of a row, each read line by line."""
    cells: list[list[Word]] = [[] for _ in range(len(edges) + 1)]
    for line in lines:
        for cell, words in zip(cells, split_cells(line.words, edges), strict=True):
            cell.extend(words)
    return tuple(tuple(cell) for cell in cells)


def _by_gaps(lines: Sequence[Line], edges: Sequence[float]) -> list[list[Line]]:
    """Rows between two ruled lines: they begin where the step is long, or where the first column has a word."""
    steps = [after.box[1] - before.box[1] for before, after in pairwise(lines)]
    usual = median(steps) if steps else 0.0
    uneven = bool(steps) and max(steps) > _ROW_GAP * min(steps)
    groups: list[list[Line]] = []
    for number, line in enumerate(lines):
        first_cell = bool(split_cells(line.words, edges)[0])
        wide = number > 0 and steps[number - 1] > (min(steps) * 1.2 if uneven else _ROW_GAP * usual)
        if not groups or wide or (first_cell and not uneven):
            groups.append([])
        groups[-1].append(line)
    return groups
