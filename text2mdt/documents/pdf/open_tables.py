"""Tables without ruled lines: found by pieces of lines that stand at the same heights, well apart."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence

from text2mdt.documents.document import CAPTION
from text2mdt.documents.pdf.cells import cells_of, column_edges, rows_of
from text2mdt.documents.pdf.lines import Line, around, lines_of, words_in
from text2mdt.documents.pdf.regions import Column, Region, Table

_FEWEST_ROWS = 3
_WHITE = 1.2
"""Narrowest white between the columns, in sizes of the type."""
_ALIGNED = 0.7
_GAP = 0.75
_FAR = 1.8
"""What stands alone under a table, so many steps below it, is not a part of it."""


def is_open_table(left: Sequence[Line], right: Sequence[Line], size: float) -> bool:
    """Whether lines on both sides of a strip of white are rows of one table."""
    if not left or not right:
        return False
    white = min(line.box[0] for line in right) - max(line.box[2] for line in left)
    fewer, more = sorted((left, right), key=len)
    if white < _WHITE * size or len(fewer) < _FEWEST_ROWS or all(is_mark(line.text) for line in left):
        return False
    bases = [line.base for line in more]  # from top to bottom
    aligned = 0
    for line in fewer:
        near = bisect(bases, line.base - 0.3 * line.size)
        aligned += near < len(bases) and bases[near] < line.base + 0.3 * line.size
    return aligned >= _ALIGNED * len(fewer) and aligned >= _FEWEST_ROWS


def is_mark(text: str) -> bool:
    """A bullet, or the number of a recommendation or heading ("1.2.3", "(a)")."""
    return len(text) <= 3 or not any(character.isalpha() for character in text) or len(text.strip("().")) <= 1


def open_table(pieces: Sequence[Line], size: float) -> list[Region]:
    """The table that lines make, with the lines above and below it that do not belong to it."""
    lines = lines_of(words_in(pieces))
    gap = _GAP * size
    edges = column_edges(lines, gap)
    if not edges:
        return [Column(tuple(lines))]
    first, last = _extent(lines, gap)
    rows = tuple(cells_of(row, edges, gap) for row in rows_of(lines[first:last], edges, gap))
    regions: list[Region] = [Table(rows, tuple(edges), around(line.box for line in lines[first:last]))]
    if first:
        regions.insert(0, Column(tuple(lines[:first])))
    if last < len(lines):
        regions.append(Column(tuple(lines[last:])))
    return regions


def _extent(lines: Sequence[Line], gap: float) -> tuple[int, int]:
    """From the first line of several cells (not a caption) to the last one, and what wraps from it."""
    first = 0
    while first < len(lines) - 1 and (CAPTION.match(lines[first].text) or len(lines[first].pieces(gap)) < 2):
        first += 1
    last = len(lines)
    while last > first + 1 and len(lines[last - 1].pieces(gap)) < 2:
        last -= 1
    usual = min((after.base - before.base for before, after in zip(lines[first:], lines[first + 1 :], strict=False)),
                default=0.0)  # fmt: skip
    while last < len(lines) and lines[last].base - lines[last - 1].base < _FAR * usual:
        last += 1
    return first, last
