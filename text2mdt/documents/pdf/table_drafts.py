"""Tables of printed pages as drafts."""

from __future__ import annotations

from collections.abc import Sequence

from text2mdt.documents.document import BlockKind
from text2mdt.documents.drafts import CellDraft, Draft, TableDraft, TextDraft
from text2mdt.documents.pdf.blocks import bullet_words
from text2mdt.documents.pdf.continued_tables import TableShape
from text2mdt.documents.pdf.hyphenation import Hyphenation
from text2mdt.documents.pdf.lines import Line
from text2mdt.documents.pdf.printed_text import PlacedLine, PrintedText
from text2mdt.documents.pdf.regions import Cell, Column, Table
from text2mdt.documents.pdf.style import Style
from text2mdt.documents.pdf.view import View


class TableDrafter:
    """Makes drafts of tables; one that goes on in another column or on another page is put together."""

    def __init__(self, style: Style, hyphenation: Hyphenation) -> None:
        self._style = style
        self._hyphenation = hyphenation
        self._open: tuple[TableDraft, TableShape] | None = None

    def close(self) -> None:
        """Says that text follows: no table goes on."""
        self._open = None

    def add(self, table: Table, page: int, view: View) -> list[Draft]:
        """The draft of a table; none for more rows of the one before, which may repeat its header."""
        rows, shape = self._rows(table, page, view), TableShape.of(table)
        if self._open:
            draft, own = self._open
            places = own.places(shape)
            if places is not None and (more := _more_rows(draft, rows)) is not None:
                draft.rows += more if len(places) == len(own.lefts) else [_spread(row, places) for row in more]
                return []
        draft = TableDraft(rows, _header_rows(rows))
        self._open = (draft, shape)
        return [draft]

    def take(self, column: Column, page: int, view: View) -> int:
        """How many lines at the top of a column are more rows of the table before; they are added to it."""
        if not self._open:
            return 0
        draft, shape = self._open
        table, lines = shape.rows_above(column)
        more = _more_rows(draft, self._rows(table, page, view)) if table else None
        if more is None:
            return 0
        draft.rows += more
        return lines

    def _rows(self, table: Table, page: int, view: View) -> list[list[CellDraft]]:
        return [[self._cell(cell, page, view) for cell in row] for row in table.rows]

    def _cell(self, cell: Cell, page: int, view: View) -> CellDraft:
        """A cell, its list items apart."""
        groups: list[tuple[list[Line], int]] = []
        for line in cell.lines:
            bullet = bullet_words(line)
            if bullet or not groups:
                groups.append(([], bullet))
            groups[-1][0].append(line)
        drafts: list[Draft] = []
        for lines, bullet in groups:
            words = PrintedText.of([PlacedLine(line, page, view) for line in lines], self._hyphenation, bullet)
            kind = BlockKind.LIST_ITEM if bullet else BlockKind.PARAGRAPH
            if words:
                bold = all(map(self._style.is_bold, lines))
                drafts.append(TextDraft(kind, words, int(bool(bullet)), bold=bold))
        return CellDraft(drafts, cell.columns, cell.rows)


def _header_rows(rows: Sequence[Sequence[CellDraft]]) -> int:
    """How many rows at the top are bold from end to end, where not all are."""
    headers = 0
    for row in rows:
        filled = [cell for cell in row if cell.drafts]
        if not filled or not all(cell.bold for cell in filled):
            break
        headers += 1
    return headers if headers < len(rows) else 0


def _words(row: Sequence[CellDraft]) -> list[list[str]]:
    return [cell.parts for cell in row]


def _more_rows(draft: TableDraft, rows: list[list[CellDraft]]) -> list[list[CellDraft]] | None:
    """The rows without a header that is repeated; None where they have a header of their own."""
    headers = _header_rows(rows)
    repeated = bool(draft.rows) and _words(rows[0]) == _words(draft.rows[0])
    if repeated:
        return rows[max(headers, 1) :]
    return rows if not headers or len(draft.rows) == draft.header_rows else None


def _spread(row: Sequence[CellDraft], places: Sequence[int]) -> list[CellDraft]:
    """The cells of a row in these columns, empty ones between them."""
    cells: list[CellDraft] = []
    for cell, place in zip(row, places, strict=False):
        cells += [CellDraft() for _ in range(place - len(cells))]
        cells.append(cell)
    return cells
