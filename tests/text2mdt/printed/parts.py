"""A document in parts, how it is printed, and the blocks that a reader should find in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm

from printed.typesetting import Line, plain


@dataclass(frozen=True)
class Part:
    """A heading, paragraph, item, table, footnote or picture of a document.

    Attributes:
        expected: how its words are read, where it is not its text without marks; None: not at all.
        rows, widths, rules: of a table; cells are texts, widths shares of the column; `rules` is "grid", "horizontal"
            (above and below the header, and at the end), "rows", "shaded" (every second row), "header" (shaded) or
            "none".
        repeat: the header of a table is printed again on each page.
    """

    kind: str
    text: str = ""
    level: int = 0
    bullet: str = ""
    font: str = ""
    expected: str | None = ""
    rows: tuple[tuple[str, ...], ...] = ()
    widths: tuple[float, ...] = ()
    rules: str = "grid"
    repeat: bool = False
    height: float = 0.0


def heading(text: str, level: int = 1) -> Part:
    return Part("heading", text, level)


def paragraph(text: str, expected: str | None = "") -> Part:
    return Part("paragraph", text, expected=expected)


def item(text: str, level: int = 1, bullet: str = "\u2022", font: str = "") -> Part:
    return Part("list_item", text, level, bullet, font)


def table(*rows: Sequence[str], widths: Sequence[float], rules: str = "grid") -> Part:
    return Part("table", rows=tuple(map(tuple, rows)), widths=tuple(widths), rules=rules)


def footnote(text: str) -> Part:
    """Words at the foot of the column."""
    return Part("footnote", text, expected=None)


def label(text: str) -> Part:
    """Words in the margin, beside what follows, which they are a heading of."""
    return Part("label", text, 2)


def picture(height: float) -> Part:
    return Part("picture", height=height, expected=None)


@dataclass(frozen=True)
class Section:
    """Parts that are set in so many columns, one under the other; the last column may be shorter.

    Attributes:
        share: how much of the text the first columns take of what even columns would have (1.0: even).
        box: "framed" or "shaded", drawn around it.
        new_page: it begins on one.
    """

    parts: tuple[Part, ...]
    columns: int = 1
    share: float = 1.0
    box: str = ""
    new_page: bool = False


Paint = Callable[[Any, Sequence[Line]], None]
Furniture = Callable[[int], Sequence[tuple[float, float, str]]]
"""Page number → pieces of its header and footer: millimetres from the left and bottom, words."""


@dataclass(frozen=True)
class Sheet:
    """How a document is printed; lengths in points.

    Attributes:
        furniture: header and footer.
        paint: how the lines are written into the file.
        decorate: draws something on a page.
        rotate: degrees by which the page is shown turned; what stands on it is upright then, unless it is `sideways`.
        crop: the visible part of the page before it is turned.
    """

    size: tuple[float, float] = A4
    margins: tuple[float, float, float, float] = (20 * mm, 22 * mm, 20 * mm, 22 * mm)
    gutter: float = 8 * mm
    family: str = "Times"
    points: float = 10.0
    leading: float = 12.0
    justified: bool = True
    title_points: tuple[float, ...] = (16.0, 12.5, 10.0)
    furniture: Furniture | None = None
    paint: Paint | None = None
    decorate: Callable[[Any, int], None] | None = None
    rotate: int = 0
    sideways: bool = False
    crop: tuple[float, float, float, float] | None = None
    compressed: bool = False


@dataclass(frozen=True)
class Expected:
    kind: str
    text: str
    path: tuple[str, ...]
    level: int = 0


def expected_blocks(sections: Iterable[Section]) -> list[Expected]:
    """The blocks that a reader should find; headings in a box end with it, and end none outside."""
    blocks: list[Expected] = []
    path: list[tuple[int, str]] = []
    for section in sections:
        inside = list(path)
        for part in section.parts:
            boxed = replace(part, level=part.level + 20) if section.box and part.kind == "heading" else part
            blocks += _expected(boxed, inside)
        path = path if section.box else inside
    return blocks


def _expected(part: Part, path: list[tuple[int, str]]) -> Iterator[Expected]:
    above = tuple(text for _, text in path)
    if part.kind == "table":
        head, *rows = part.rows
        for row in rows:
            named = [(plain(name), plain(cell)) for name, cell in zip(head, row, strict=True) if cell]
            yield Expected("table_row", "; ".join(f"{name}: {cell}" if name else cell for name, cell in named), above)
    elif part.expected is not None:
        words = part.expected or plain(part.text)
        if part.kind in ("heading", "label"):
            path[:] = [entry for entry in path if entry[0] < part.level]
            above = tuple(text for _, text in path)
            path.append((part.level, words))
        kind = "heading" if part.kind == "label" else part.kind
        yield Expected(kind, words, above, part.level if part.kind == "list_item" else 0)


def numbered(parts: Iterable[str], first: int = 1) -> list[Part]:
    """Items with numbers for bullets."""
    return [item(text, bullet=f"{number}.") for number, text in zip(count(first), parts)]
