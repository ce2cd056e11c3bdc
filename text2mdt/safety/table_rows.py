"""Rows of tables in a passage, as the readers of documents write them: `header: cell; header: cell.`"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from text2mdt.grounding import Place
from text2mdt.safety.text_pieces import overlap, piece_at

_LABEL = re.compile(r"(?:^|(?<=[.;:]\s))(?:\d+(?:\.\d+)*\.?\s+)?(?P<label>(?:(?![.;:]\s)[^;\n]){1,80}):\s")
_NOTHING = re.compile(
    r"\W*(?:none|nil|nothing|n/a|not (?:needed|required|indicated)|"
    r"no (?:[\w-]+ )?(?:action|treatment|dose|change|follow-up)(?: (?:is )?(?:needed|required|indicated))?)?\W*",
    re.IGNORECASE,
)
_NO_CASES = re.compile(
    r"(?:class|group|step|line|day|week|order|number|no\.?|drug|agent|medicine|option|choice)(?: of \w+)?",
    re.IGNORECASE,
)
"""Headers of first columns that list or count what is done, and name no cases."""


@dataclass(frozen=True)
class Cell:
    """A cell with its header, and where both stand in the passage."""

    header: Place
    content: Place
    says_nothing: bool


@dataclass(frozen=True)
class Row:
    """The cells of a row; where `names_case`, the first one tells which case the row is for."""

    cells: tuple[Cell, ...]

    names_case: bool

    @property
    def place(self) -> Place:
        return self.cells[0].header[0], self.cells[-1].content[1]

    @property
    def says_nothing(self) -> bool:
        """Whether nothing is done in this case: "–", "none" in every cell behind the first."""
        return all(cell.says_nothing for cell in self.cells[1:])

    def in_header(self, place: Place) -> bool:
        return any(overlap(place, cell.header) for cell in self.cells)


def table_rows(text: str, sentences: Sequence[Place]) -> tuple[Row, ...]:
    """The rows of all tables with two rows or more and two columns or more.

    A header is a label that comes again; that of the first column begins each row. Labels under labels ("if septic:
    first line: …", "if stable: first line: …") are no table; one label in front of a table is its caption.
    """
    labels = list(_LABEL.finditer(text))
    times = Counter(match["label"] for match in labels)
    under = Counter(match["label"] for before, match in pairwise(labels) if before.end() == match.start("label"))
    headers = [match for match in labels if times[match["label"]] > 1]
    rows: list[list[Cell]] = []
    first = ""
    for match, after in pairwise([*headers, None]):
        if match is None:
            break
        if match["label"] == first or not _goes_on(text, match.start("label")):
            first = match["label"]
            rows.append([])
        if rows:
            rows[-1].append(_cell(text, sentences, match, after))
    return tuple(
        Row(tuple(cells), names_case=not _NO_CASES.fullmatch(text, *cells[0].header))
        for cells in rows
        if len(cells) > 1 and under[text[slice(*cells[0].header)]] < 2
    )


def _goes_on(text: str, start: int) -> bool:
    """Whether a header goes on with the row before it: cells are parted by semicolons, rows by full stops."""
    return text[:start].rstrip().endswith(";")


def _cell(text: str, sentences: Sequence[Place], match: re.Match[str], after: re.Match[str] | None) -> Cell:
    """The words from a header to the next one in the row, or to the end of their sentence."""
    start = match.end()
    end = after.start("label") if after else len(text)
    if not (after and _goes_on(text, end)):
        end = min(end, piece_at(sentences, (start, start))[1])
    end = start + len(text[start:end].rstrip(" .;\n"))
    return Cell(match.span("label"), (start, end), bool(_NOTHING.fullmatch(text, start, end)))
