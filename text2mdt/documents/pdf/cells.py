"""Lines of a table without rules between its cells → columns, rows and cells."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from text2mdt.documents.pdf.lines import Line, Word, lines_of
from text2mdt.documents.pdf.regions import Cell
from text2mdt.documents.pdf.view import Rectangle

_SPANNING = 0.15
"""So many of the lines may go over the white between two columns (titles over several columns)."""
_ROW_GAP = 1.3
"""Steps from line to line that are so much longer than the shortest part rows."""
_FULL = 0.6
_ALIGNED = 2.0  # points
_SAME_LEFT = 3.0  # points
_LONGEST_STEP = 3.0
"""Longest step from row to row, in sizes of the type."""
_WRAPPED = 1.35
"""Longest step to the next line of a cell."""


def column_edges(lines: Sequence[Line], least: float) -> list[float]:
    """Where columns part: the middles of the bands of white, at least so wide, that hardly any line goes over.

    Only lines of several pieces count: a wrapped cell or a title tells nothing.
    """
    rows = [pieces for line in lines if len(pieces := line.pieces(least)) > 1]
    changes: list[tuple[float, int]] = []
    for pieces in rows:
        for piece in pieces:
            changes += [(piece.box[0], 1), (piece.box[2], -1)]
    edges: list[float] = []
    covered, start = 0, None
    for place, change in sorted(changes):
        most = _SPANNING * len(rows)
        was_white = covered <= most
        covered += change
        if was_white and covered > most and start is not None and place - start >= least:
            edges.append((start + place) / 2)
        if not was_white and covered <= most:
            start = place
    return edges


def cells_of(lines: Sequence[Line], edges: Sequence[float], least: float) -> tuple[Cell, ...]:
    """The cells of a row; a piece of a line that goes over an edge covers the columns on both sides."""
    columns: list[list[Word]] = [[] for _ in range(len(edges) + 1)]
    joined = [False] * len(edges)  # edges that something goes over
    for line in lines:
        for piece in line.pieces(least):
            first, last = (_column(piece.words[0], edges), _column(piece.words[-1], edges))
            columns[first] += piece.words
            joined[first:last] = [True] * (last - first)
    cells: list[Cell] = []
    words: list[Word] = []
    covered = 0
    for number, own in enumerate(columns):
        words += own
        covered += 1
        if number == len(edges) or not joined[number]:
            cells.append(Cell(tuple(lines_of(words)), covered))
            words, covered = [], 0
    if _is_title(cells):
        return (Cell(cells[0].lines, len(columns)),)
    return tuple(cells)


def in_columns(lines: Sequence[Line], lefts: Sequence[float], least: float) -> int:
    """How many lines from the first one on stand in columns that begin at these places: the first of them has several
    pieces, and all pieces of each begin at one; a line of one piece belongs to the line right above it."""
    last = 0
    for number, line in enumerate(lines):
        pieces = line.pieces(least)
        step = abs(line.base - lines[number - 1].base) / line.size if number else 0.0
        known = all(any(abs(piece.box[0] - left) < _SAME_LEFT for left in lefts) for piece in pieces)
        if step > _LONGEST_STEP or not known or (not number and len(pieces) < 2):
            break
        if len(pieces) > 1 or (last == number and step < _WRAPPED):
            last = number + 1
    return last


def is_aligned(line: Line, table: Sequence[Line], least: float) -> bool:
    """Whether each piece of a line has its left edge, right edge or middle where a piece of a table's lines has it."""
    boxes = [piece.box for row in table for piece in row.pieces(least)]
    return all(any(_same_place(piece.box, box) for box in boxes) for piece in line.pieces(least))


def _same_place(first: Rectangle, second: Rectangle) -> bool:
    left, right = first[0] - second[0], first[2] - second[2]
    return min(abs(left), abs(right), abs(left + right) / 2) < _ALIGNED


def _is_title(cells: Sequence[Cell]) -> bool:
    """Whether a row is a title over those below it: nothing but words in bold, or words over several columns."""
    first, *others = cells
    if not first.lines or any(cell.lines for cell in others):
        return False
    return first.columns > 1 or (len(others) > 1 and all(line.bold for line in first.lines))


def _column(word: Word, edges: Sequence[float]) -> int:
    return sum(word.middle[0] > edge for edge in edges)


def rows_of(lines: Sequence[Line], edges: Sequence[float], least: float) -> list[list[Line]]:
    """The lines of each row. Rows stand further apart than the lines of a cell; where all steps are even, a line with
    nothing in the first column goes on with the row above."""
    steps = [after.base - before.base for before, after in pairwise(lines)]
    parted = bool(steps) and max(steps) > _ROW_GAP * min(steps)
    filled = [[bool(cell.lines) for cell in cells_of([line], edges, least)] for line in lines]
    if parted:
        close = [filled[number + 1] for number, step in enumerate(steps) if step <= _ROW_GAP * min(steps)]
        # Lines that stand close and have all cells are rows of one line; then the wide steps part groups of rows.
        parted = sum(map(all, close)) < _FULL * len(close)
    groups: list[list[Line]] = []
    for number, line in enumerate(lines):
        wide = number > 0 and steps[number - 1] > _ROW_GAP * min(steps)
        if not groups or wide or (not parted and filled[number][0]):
            groups.append([])
        groups[-1].append(line)
    return groups
