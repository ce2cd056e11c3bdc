"""Tables whose cells may cover several rows and columns → header rows, sections and rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from text2mdt.documents.document import BlockKind
from text2mdt.documents.drafts import CellDraft, TableDraft, TextDraft

MOST_COLUMNS = 200
"""Columns beyond are read without their headers."""
_HEADER_WORDS = 20
_SECTION_WORDS = 12


@dataclass(frozen=True)
class PlacedCell:
    """A cell in a row that it covers, from `column` (from 0) on; `begins` in the row that holds its words."""

    cell: CellDraft
    column: int
    begins: bool

    @property
    def covered(self) -> range:
        return range(self.column, self.column + self.cell.columns)


Row = list[PlacedCell]


@dataclass(frozen=True)
class TablePlan:
    """How a table is read.

    Attributes:
        captions: cells above the header that go over the full width.
        headers: the header rows.
        rows: the other rows.
        row_headers: the first cell of a row is the header of the others.
        width: number of columns.
    """

    captions: list[CellDraft]
    headers: list[Row]
    rows: list[Row]
    row_headers: bool
    width: int

    def is_section(self, index: int) -> bool:
        """Whether a row is a title over the rows below it."""
        row = self.rows[index]
        if index + 1 == len(self.rows) or not _is_full(row, self.width):
            return False
        words = " ".join(row[0].cell.parts)
        return len(words.split()) <= _SECTION_WORDS and not words.endswith((".", ";"))


def plan_of(table: TableDraft) -> TablePlan | None:
    """How to read a table, or None for one that is no table of data: its cells are read as paragraphs one by one."""
    if table.layout:
        return None
    placed_rows = _placed(table.rows)
    rows = [row for row in placed_rows if _has_words(row)]
    marked = sum(map(_has_words, placed_rows[: table.header_rows]))
    width = max((placed.covered.stop for row in rows for placed in row), default=0)
    captions: list[CellDraft] = []
    while len(rows) > 1 and width > 1 and _is_full(rows[0], width):
        captions.append(rows.pop(0)[0].cell)
        marked = max(marked - 1, 0)
    if len(rows) < 2 or _filled_columns(rows) < 2 or any(_has_heading(placed.cell) for row in rows for placed in row):
        return None
    row_headers = not marked and _has_row_headers(rows)
    if not marked and not row_headers and _is_header(rows[0]):
        marked = 1
    marked = min(marked, len(rows) - 1)
    return TablePlan(captions, rows[:marked], rows[marked:], row_headers, width)


def _placed(rows: Sequence[Sequence[CellDraft]]) -> list[Row]:
    """The cells of each row from left to right, with those that reach down from above."""
    placed: list[Row] = []
    carried: list[tuple[PlacedCell, int]] = []  # with the number of rows still to cover
    for cells in rows:
        row = [PlacedCell(above.cell, above.column, False) for above, _ in carried]
        taken = {column for above in row for column in above.covered}
        column = 0
        reaching: list[tuple[PlacedCell, int]] = []
        for cell in cells:
            cell.columns = max(1, min(cell.columns, MOST_COLUMNS))
            while column in taken and column < MOST_COLUMNS:
                column += 1
            cell_placed = PlacedCell(cell, min(column, MOST_COLUMNS), True)
            row.append(cell_placed)
            if cell.rows > 1 and column < MOST_COLUMNS:
                reaching.append((cell_placed, cell.rows - 1))
            column += cell.columns
        placed.append(sorted(row, key=lambda placed_cell: placed_cell.column))
        carried = [(above, left - 1) for above, left in carried if left > 1] + reaching
    return placed


def _has_words(row: Row) -> bool:
    return any(placed.begins and placed.cell.parts for placed in row)


def _is_full(row: Row, width: int) -> bool:
    """One cell alone, over all columns."""
    return len(row) == 1 and row[0].begins and len(row[0].covered) >= width > 1


def _filled_columns(rows: Sequence[Row]) -> int:
    return len({placed.column for row in rows for placed in row if placed.cell.parts})


def _has_heading(cell: CellDraft) -> bool:
    return any(isinstance(draft, TextDraft) and draft.kind is BlockKind.HEADING for draft in cell.drafts)


def _has_row_headers(rows: Sequence[Row]) -> bool:
    """Whether the first column names what stands beside it, and no row names what stands below."""
    if all(row[0].cell.header and not any(placed.cell.header for placed in row[1:]) for row in rows if len(row) > 1):
        return any(len(row) > 1 for row in rows)
    return all(len(row) == 2 and row[0].cell.bold for row in rows) and not rows[0][1].cell.bold


def _is_header(row: Row) -> bool:
    """Whether the first row can be one of headers: short words, no sentences."""
    words = [" ".join(placed.cell.parts) for placed in row]
    return all(len(text.split()) <= _HEADER_WORDS and not text.endswith(".") for text in words)
