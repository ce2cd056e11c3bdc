"""What a page is divided into: columns of text, tables, pictures, panels (framed or coloured boxes with text)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from text2mdt.documents.pdf.lines import Line, Word, around
from text2mdt.documents.pdf.view import Rectangle


@dataclass(frozen=True)
class Column:
    """Lines that stand under one another."""

    lines: tuple[Line, ...]

    @cached_property
    def box(self) -> Rectangle:
        return around(line.box for line in self.lines)


@dataclass(frozen=True)
class Cell:
    """A cell of a table, with the number of columns and rows it covers."""

    lines: tuple[Line, ...] = ()
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True)
class Table:
    """Rows of cells; a cell stands in the row in which it begins.

    Attributes:
        edges: where the columns part, from the left; one less than there are columns.
    """

    rows: tuple[tuple[Cell, ...], ...]
    edges: tuple[float, ...]
    box: Rectangle


@dataclass(frozen=True)
class Panel:
    """Words in a frame: they are read together."""

    words: tuple[Word, ...]
    box: Rectangle


@dataclass(frozen=True)
class Picture:
    """Something that is seen and not read; its kind is "figure" or "flowchart"."""

    kind: str
    box: Rectangle


@dataclass(frozen=True)
class Box:
    """A panel that has been divided: it stands apart from the text around it."""

    regions: tuple[Region, ...]


Region = Column | Table | Picture | Box
Solid = Table | Panel | Picture
Unit = Line | Solid
"""What pages are cut between: pieces of lines, tables, panels, pictures."""


def holds(box: Rectangle, word: Word, margin: float = 0.0) -> bool:
    """Whether the middle of a word stands in a box."""
    x, y = word.middle
    return box[0] - margin <= x <= box[2] + margin and box[1] - margin <= y <= box[3] + margin


def is_prose(lines: Sequence[Line], fewest: int, fill: float) -> bool:
    """Whether lines that stand under one another are running text: they fill their width by that share on average."""
    if len(lines) < fewest:
        return False
    left, _, right, _ = around(line.box for line in lines)
    width = max(right - left, 1.0)
    return sum(line.box[2] - line.box[0] for line in lines) >= fill * width * len(lines)
