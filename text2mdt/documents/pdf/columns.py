"""Words, tables and panels of a page → regions in reading order.

The page is cut where a strip of white (a gutter) stands between two columns: what is above the gutter is read first,
then its left side, its right side, and what is below; each part is cut again until no gutter is left.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from statistics import median

from text2mdt.documents.document import CAPTION
from text2mdt.documents.pdf.cells import column_edges
from text2mdt.documents.pdf.gutters import Gutter, gutters
from text2mdt.documents.pdf.lines import Line, Word, around, lines_of, words_in
from text2mdt.documents.pdf.open_tables import is_mark, is_open_table, open_table
from text2mdt.documents.pdf.regions import Box, Column, Panel, Region, Solid, Unit, is_prose
from text2mdt.documents.pdf.view import Rectangle

GUTTER = 0.8
"""Narrowest gutter, in sizes of the type; justified text has no wider gaps over several lines."""
_FEWEST_TRIED, _MOST_TRIED = 4, 60
_MOST_UNITS = 20_000
"""So many pieces are looked at in all tries together."""
_DEEPEST = 40
_COLUMN_SHARE = 0.2
"""Narrowest column of text, as a share of the page."""
_FEWEST_LINES = 3
_FILL = 0.55
"""Lines of running text fill their column to this share at least, on average."""
_COLUMN_FILL, _WORDS, _TEXT_SHARE = 0.75, 3.5, 0.8
"""Running text: lines that fill their column to the first share on average, with so many words; the last share of all
lines are in such columns."""
_HEADING_SIZE = 1.15
_LINE_STEP = 1.45
"""Longest step from line to line in a paragraph, in sizes of the type."""
_WHITE = 1.0
"""Narrowest white between labels and text, in sizes of the type."""
_ALIGNED = 0.5
_LABELLED_SHARE = 0.4
_LABELLED_FILL = 0.7
_LABELLED_LINES = 2.5
"""A text with labels beside it has so many lines for each of them."""


@dataclass(frozen=True)
class _Side:
    """What stands on one side of a gutter."""

    units: list[Unit]

    @cached_property
    def box(self) -> Rectangle:
        return around(unit.box for unit in self.units)

    @property
    def width(self) -> float:
        return self.box[2] - self.box[0]

    @cached_property
    def lines(self) -> list[Line]:
        return lines_of(words_in([unit for unit in self.units if isinstance(unit, Line)]))

    @property
    def has_solid(self) -> bool:
        return any(not isinstance(unit, Line) for unit in self.units)

    @cached_property
    def is_running(self) -> bool:
        """Whether nearly all lines are running text of one or more columns, whatever heights these stand at."""
        words = words_in(self.lines)
        if not words:
            return False
        edges = column_edges(self.lines, GUTTER * median(word.size for word in words))
        columns: list[list[Word]] = [[] for _ in range(len(edges) + 1)]
        for word in words:
            columns[bisect(edges, word.middle[0])].append(word)
        lines = [lines_of(column) for column in columns if column]
        text = [own for own in lines if is_prose(own, _FEWEST_LINES, _COLUMN_FILL) and _words_a_line(own) >= _WORDS]
        return sum(map(len, text)) >= _TEXT_SHARE * sum(map(len, lines))

    def is_text(self, fewest: int) -> bool:
        return self.has_solid or is_prose(self.lines, fewest, _FILL) or self.is_running


@dataclass
class ColumnReader:
    """Reads pages of one document; it remembers gutters, since a last page may have too little text to show them.

    Attributes:
        known: middle of each gutter that was found so far, in points from the left.
    """

    known: list[float] = field(default_factory=list)

    def regions(
        self, words: Sequence[Word], solids: Sequence[Solid], width: float, barriers: Sequence[Rectangle] = ()
    ) -> list[Region]:
        """The regions of a page of this width in reading order; no gutter goes over one of the barriers."""
        size = median(word.size for word in words) if words else 10.0
        pieces = [piece for line in lines_of(words) for piece in line.pieces(GUTTER * size)]
        return _Page(self.known, width, size, tuple(barriers)).cut([*pieces, *solids], 0)


@dataclass(frozen=True)
class _Page:
    known: list[float]
    width: float
    size: float
    barriers: tuple[Rectangle, ...] = ()

    def cut(self, units: Sequence[Unit], depth: int) -> list[Region]:
        if not units:
            return []
        found = self._best_gutter(units) if len(units) > 1 and depth < _DEEPEST else None
        if found is None:
            return self._in_rows(units, depth)
        gutter, middle = found
        above, left, right, below = gutter.parts(units)
        regions: list[Region] = []
        if middle == "text":
            self.known.append((_Side(left).box[2] + _Side(right).box[0]) / 2)
            regions = [*self.cut(left, depth + 1), *self.cut(right, depth + 1)]
        elif middle == "table":
            regions = open_table([unit for unit in [*left, *right] if isinstance(unit, Line)], self.size)
        else:
            regions = self._labelled(_Side(left), _Side(right), depth)
        return [*self.cut(above, depth + 1), *regions, *self.cut(below, depth + 1)]

    def _best_gutter(self, units: Sequence[Unit]) -> tuple[Gutter, str] | None:
        """The tallest gutter that parts columns of "text", of a "table", or "labels" from the text beside them."""
        tried = max(_FEWEST_TRIED, min(_MOST_TRIED, _MOST_UNITS // len(units)))
        for gutter in gutters(units, GUTTER * self.size, self.barriers)[:tried]:
            gutter = _above_spanning_heading(units, gutter, self.size)
            gutter = _above_title_below(units, gutter, self.size)
            gutter = _below_paragraph_above(units, gutter, self.size)
            _, left, right, _ = gutter.parts(units)
            if left and right and (kind := self._kind(_Side(left), _Side(right))):
                return gutter, kind
        return None

    def _kind(self, left: _Side, right: _Side) -> str:
        if self._is_text(left, right):
            return "text"
        if left.has_solid or right.has_solid:
            return ""
        if _are_labels(left, right, self.width, self.size):
            return "labels"
        return "table" if is_open_table(left.lines, right.lines, self.size) else ""

    def _is_text(self, left: _Side, right: _Side) -> bool:
        if any(left.box[2] < known < right.box[0] for known in self.known):
            return True
        has_cells = _has_cells(left.lines) or _has_cells(right.lines)
        if has_cells and is_open_table(left.lines, right.lines, self.size):
            return left.is_running and right.is_running
        if any(side.width < _COLUMN_SHARE * self.width and side.lines for side in (left, right)):
            return False
        # One side may be short (the end of a text) where the other shows that there are columns.
        return (left.is_text(1) and right.is_text(1)) and (left.is_text(_FEWEST_LINES) or right.is_text(_FEWEST_LINES))

    def _labelled(self, left: _Side, right: _Side, depth: int) -> list[Region]:
        """Each label before the lines that stand beside and below it, up to the next label."""
        labels, text = sorted((left, right), key=lambda side: side.width)
        groups = _groups(labels.lines)
        regions: list[Region] = []
        lines = list(text.lines)
        for number, group in enumerate(groups):
            next_top = groups[number + 1][0].box[1] - 0.3 * self.size if number + 1 < len(groups) else float("inf")
            if number == 0:
                before = [line for line in lines if line.base < group[0].box[1]]
                regions += self.cut(before, depth + 1)
                lines = lines[len(before) :]
            beside = [line for line in lines if line.base < next_top]
            lines = lines[len(beside) :]
            regions += [Column(tuple(group)), *self.cut(beside, depth + 1)]
        return regions

    def _in_rows(self, units: Sequence[Unit], depth: int) -> list[Region]:
        """What no gutter divides: lines from top to bottom, with the tables and panels between them."""
        lines = lines_of(words_in([unit for unit in units if isinstance(unit, Line)]))
        solids = [unit for unit in units if not isinstance(unit, Line)]
        regions: list[Region] = []
        start = 0
        for solid in sorted(solids, key=lambda unit: unit.box[1]):
            end = start
            while end < len(lines) and lines[end].base < solid.box[1]:
                end += 1
            if end > start:
                regions.append(Column(tuple(lines[start:end])))
            regions.append(self._in_panel(solid, depth) if isinstance(solid, Panel) else solid)
            start = end
        if start < len(lines):
            regions.append(Column(tuple(lines[start:])))
        return regions

    def _in_panel(self, panel: Panel, depth: int) -> Box:
        pieces = [piece for line in lines_of(panel.words) for piece in line.pieces(GUTTER * self.size)]
        return Box(tuple(_Page([], panel.box[2] - panel.box[0], self.size).cut(pieces, depth + 1)))


def _above_spanning_heading(units: Sequence[Unit], gutter: Gutter, size: float) -> Gutter:
    """The gutter down to a short heading over both columns: a large or bold line with nothing beside it, below which
    both columns begin at one height."""
    _, left, right, _ = gutter.parts(units)
    lines = _Side(left).lines
    for number, line in enumerate(lines[:-1]):
        if line.size < _HEADING_SIZE * size and not line.bold:
            continue
        top, bottom = line.box[1] - 0.2 * size, line.box[3] + 0.2 * size
        beside = any(unit.box[1] < bottom and unit.box[3] > top for unit in right)
        above = max((unit for unit in right if unit.box[3] <= top), key=lambda unit: unit.box[3], default=None)
        below = min((unit.box[1] for unit in right if unit.box[1] >= bottom), default=0.0)
        if above and _ends(above) and not beside and abs(below - lines[number + 1].box[1]) < 0.25 * size:
            return Gutter(gutter.left, gutter.right, gutter.top, line.box[1])
    return gutter


def _ends(unit: Unit) -> bool:
    """Whether a text may end with a unit: it is a table or picture, or the end of a sentence."""
    return not isinstance(unit, Line) or unit.text.endswith((".", "!", "?", ":", ";", ")"))


def _above_title_below(units: Sequence[Unit], gutter: Gutter, size: float) -> Gutter:
    """The gutter down to a heading or caption at the foot of the left column that has nothing beside it, where the
    columns end and something goes over both: it belongs to that."""
    _, left, right, below = gutter.parts(units)
    if not below or not right:
        return gutter
    foot, end = max(unit.box[3] for unit in right), gutter.bottom
    for line in reversed(_Side(left).lines):
        is_title = line.size >= _HEADING_SIZE * size or line.bold or CAPTION.match(line.text)
        solid_below = any(unit.box[1] > line.box[1] for unit in left if not isinstance(unit, Line))
        if line.box[1] < foot or not is_title or solid_below:
            break
        end = line.box[1]
    return Gutter(gutter.left, gutter.right, gutter.top, end)


def _below_paragraph_above(units: Sequence[Unit], gutter: Gutter, size: float) -> Gutter:
    """The gutter below the last, short line of a paragraph that goes over both columns."""
    above, left, right, _ = gutter.parts(units)
    lines = _Side(left).lines
    if not above or not lines or not right:
        return gutter
    last, first = max(above, key=lambda unit: unit.box[3]), lines[0]
    goes_over = isinstance(last, Line) and last.box[2] > gutter.right and abs(last.size - first.size) < 0.1 * size
    close = first.box[3] - last.box[3] < _LINE_STEP * size
    alone = first.box[3] < min(unit.box[1] for unit in right) + 0.2 * size
    if goes_over and close and alone and not first.bold:
        return Gutter(gutter.left, gutter.right, first.box[3], gutter.bottom)
    return gutter


def _are_labels(left: _Side, right: _Side, width: float, size: float) -> bool:
    """Whether one side holds words in the margin, or a narrow column, beside text that is set as its own column."""
    labels, text = sorted((left, right), key=lambda side: side.width)
    if text.width < _LABELLED_SHARE * width or not is_prose(text.lines, _FEWEST_LINES, _LABELLED_FILL):
        return False
    if right.box[0] - left.box[2] < _WHITE * size or all(is_mark(line.text) for line in labels.lines):
        return False
    if not (_is_aligned(text.lines) and _is_aligned(labels.lines)) or _has_cells(text.lines):
        return False
    return len(text.lines) >= _LABELLED_LINES * len(_groups(labels.lines))


def _is_aligned(lines: Sequence[Line]) -> bool:
    """Whether most lines begin at the left edge."""
    left = min(line.box[0] for line in lines)
    return sum(line.box[0] - left < 0.5 * line.size for line in lines) > _ALIGNED * len(lines)


def _has_cells(lines: Sequence[Line]) -> bool:
    """Whether lines fall into pieces that stand apart: they are rows of a table."""
    return 2 * sum(len(line.pieces(_WHITE * line.size)) > 1 for line in lines) > len(lines)


def _words_a_line(lines: Sequence[Line]) -> float:
    return sum(len(line.words) for line in lines) / len(lines)


def _groups(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines that stand close under one another."""
    groups: list[list[Line]] = []
    for line in lines:
        if groups and line.base - groups[-1][-1].base < 1.6 * line.size:
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups
