"""A table of the report, for HTML and for Markdown: cells with a value and what is small beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

NOTHING = "–"
_NUMBER = re.compile(r"[+−-]?\d[\d.,]*( (%|s|h|min|MB|GiB)\b.*| to .*|)$|diverged$")


@dataclass(frozen=True)
class Cell:
    """One cell.

    Attributes:
        text: plain, not escaped.
        small: lines below it, such as an interval.
        strong: the best of its column.
        shade: 0 (white) to 1 (darkest grey that black can still be read on).
    """

    text: str
    small: tuple[str, ...] = ()
    strong: bool = False
    shade: float = 0.0


@dataclass(frozen=True)
class ReportTable:
    """A table with a heading; `note` says how to read it. The first column names the rows."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    def has_numbers(self, column: int) -> bool:
        """Whether a column holds numbers (or nothing), to be set flush right."""
        texts = [row[column].text for row in self.rows]
        return column > 0 and all(text == NOTHING or _NUMBER.match(text) for text in texts)


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[Cell | str]], note: str = "") -> ReportTable:
    """A table whose cells may be plain strings."""
    cells = tuple(tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in row) for row in rows)
    return ReportTable(title, tuple(header), cells, note)


def number(value: float | None, digits: int = 3) -> str:
    """A figure for people."""
    return NOTHING if value is None else f"{value:.{digits}f}"


def signed(value: float | None, digits: int = 3) -> str:
    return NOTHING if value is None else f"{value:+.{digits}f}".replace("-", "−")


def counted(value: int | None) -> str:
    return NOTHING if value is None else f"{value:,}"


def bracket(interval: Sequence[float] | None, digits: int = 3) -> str:
    """An interval in brackets, empty where there is none."""
    return "" if interval is None else f"[{interval[0]:.{digits}f}, {interval[1]:.{digits}f}]"


def duration(seconds: float | None) -> str:
    if seconds is None:
        return NOTHING
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def gibibytes(size: float | None) -> str:
    return NOTHING if size is None else f"{size / 2**30:.1f} GiB"


def megabytes(size: float | None) -> str:
    return NOTHING if size is None else f"{size / 1e6:.1f} MB"
