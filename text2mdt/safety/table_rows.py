"""Rows of tables in a passage, as the readers of documents write them: `header: cell; header: cell.`"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from text2mdt.grounding import Place
from text2mdt.safety.text_pieces import piece_at

_LABEL = re.compile(r"(?:^|(?<=[.;:]\s))(?P<label>(?:(?![.;:]\s)[^;\n]){1,80}):\s")
_NOTHING = re.compile(r"\W*(?:none|nothing|no (?:action|treatment|dose|change)|not needed|n/a)?\W*", re.IGNORECASE)


@dataclass(frozen=True)
class Cell:
    """A cell with its header, and where both stand in the passage."""

    header: Place
    content: Place
    says_nothing: bool


@dataclass(frozen=True)
class Row:
    """The cells of a row; the first one tells which case the row is for."""

    cells: tuple[Cell, ...]

    @property
    def place(self) -> Place:
        return self.cells[0].header[0], self.cells[-1].content[1]

    @property
    def says_nothing(self) -> bool:
        """Whether nothing is done in this case: "–", "none" in every cell behind the first."""
        return all(cell.says_nothing for cell in self.cells[1:])


def table_rows(text: str, sentences: Sequence[Place]) -> tuple[Row, ...]:
    """The rows of all tables with two rows or more and two columns or more.

    A header is a label that comes again; that of the first column begins each row.
    """
    labels = list(_LABEL.finditer(text))
    times = Counter(match["label"] for match in labels)
    headers = [match for match in labels if times[match["label"]] > 1]
    rows: list[list[Cell]] = []
    first = ""
    for number, match in enumerate(headers):
        if not rows or match["label"] == first or _ends_between(text, rows[-1][-1], match):
            first = match["label"]
            rows.append([])
        after = headers[number + 1].start("label") if number + 1 < len(headers) else len(text)
        content = _trimmed(text, match.end(), min(after, piece_at(sentences, (match.end(), match.end()))[1]))
        says_nothing = bool(_NOTHING.fullmatch(text, *content))
        rows[-1].append(Cell(match.span("label"), content, says_nothing))
    return tuple(Row(tuple(cells)) for cells in rows if len(cells) > 1)


def _ends_between(text: str, cell: Cell, match: re.Match[str]) -> bool:
    """Whether other words stand between a cell and the next header, so that another table begins."""
    return bool(re.search(r"\w", text[cell.content[1] : match.start("label")]))


def _trimmed(text: str, start: int, end: int) -> Place:
    words = text[start:end].rstrip(" .;\n")
    return start, start + len(words)
