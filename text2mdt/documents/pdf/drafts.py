"""Regions of the pages of a document, in reading order → drafts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from text2mdt.documents.document import BlockKind
from text2mdt.documents.drafts import CellDraft, Draft, NoteDraft, TableDraft, TextDraft
from text2mdt.documents.pdf.blocks import ColumnLine, Heading, Joiner, bullet_words
from text2mdt.documents.pdf.hyphenation import Hyphenation
from text2mdt.documents.pdf.lines import Line
from text2mdt.documents.pdf.printed_text import PlacedLine, PrintedText
from text2mdt.documents.pdf.regions import Box, Cell, Column, Region, Table
from text2mdt.documents.pdf.style import Style, is_stretched
from text2mdt.documents.pdf.view import View

_SAME_EDGES = 12.0  # points
_NOTE_SHARE = 0.6
"""Footnotes begin in the lower part of the page."""


@dataclass
class PageNote(NoteDraft):
    """A note about a page (from 1)."""

    page: int = 0


class Drafter:
    """Makes drafts from page to page; what goes on from one column or page to the next is put together.

    Attributes:
        headings: all of them, also those in boxes, for their levels.
    """

    def __init__(self, style: Style, hyphenation: Hyphenation) -> None:
        self.headings: list[Heading] = []
        self._style = style
        self._hyphenation = hyphenation
        self._joiner = Joiner(style, hyphenation)
        self._columns = 0
        self._table: tuple[TableDraft, Sequence[float]] | None = None  # the one that may go on, with its edges
        self._aside: list[Draft] = []  # what stands in the way of a paragraph that may go on: it comes behind it

    def page(self, number: int, view: View, regions: Sequence[Region]) -> Iterator[Draft]:
        """The drafts of a page, as far as they are complete."""
        self._style.learn(regions)
        for region in regions:
            if isinstance(region, Column):
                yield from self._column(region, number, view)
            elif isinstance(region, Table):
                yield from self._apart(self._rows(region, number, view))
            elif isinstance(region, Box):
                yield from self._apart([self._box(region, number, view)])
            else:
                yield from self._apart([PageNote("figure", f"page {number}: {region.kind}, not read", page=number)])

    def closed(self) -> Iterator[Draft]:
        """What is still open."""
        yield from self._joined(self._joiner.closed())
        yield from self._aside
        self._aside = []

    def _apart(self, drafts: Sequence[Draft]) -> Iterator[Draft]:
        """Drafts that stand apart from the running text, now or behind the open paragraph."""
        if self._joiner.is_unfinished:
            self._aside += drafts
        else:
            yield from self.closed()
            yield from drafts

    def _joined(self, drafts: Iterable[TextDraft]) -> Iterator[Draft]:
        for draft in drafts:
            if isinstance(draft, Heading):
                self.headings.append(draft)
            yield draft
            yield from self._aside
            self._aside = []

    def _column(self, column: Column, page: int, view: View) -> Iterator[Draft]:
        lines = self._placed(column, page, view)
        end = self._footnote_start(column, view)
        for line in lines[:end]:
            for draft in self._joined(self._joiner.add(line)):
                self._table = None
                yield draft
        if lines[end:]:
            notes = Joiner(self._style, self._hyphenation)
            drafts = [draft for line in lines[end:] for draft in notes.add(line)]
            yield from self._apart([*drafts, *notes.closed()])

    def _placed(self, column: Column, page: int, view: View) -> list[ColumnLine]:
        self._columns += 1
        left, _, right, _ = column.box
        full = [is_stretched(line, column) for line in column.lines]
        tells = self._style.is_justified and sum(full) > 1
        return [
            ColumnLine(PlacedLine(line, page, view), self._columns, left, right, tells and reaches)
            for line, reaches in zip(column.lines, full, strict=True)
        ]

    def _box(self, box: Box, page: int, view: View) -> TableDraft:
        """What stands in a box, as a table of one cell that only places it; headings in it end with it."""
        inside = Drafter(self._style, self._hyphenation)
        drafts = [*inside.page(page, view, box.regions), *inside.closed()]
        for heading in inside.headings:
            heading.kind = BlockKind.PARAGRAPH
        self.headings += inside.headings
        return TableDraft([[CellDraft(drafts)]], layout=True)

    def _footnote_start(self, column: Column, view: View) -> int:
        """Where the small lines at the foot of a column begin."""
        lines = column.lines
        end = len(lines)
        while end and self._style.is_small(lines[end - 1]) and lines[end - 1].box[1] > _NOTE_SHARE * view.size[1]:
            end -= 1
        return end if end else len(lines)

    def _rows(self, table: Table, page: int, view: View) -> list[Draft]:
        """A table, or more rows of the one before, which may repeat its header."""
        rows = [[self._cell(cell, page, view) for cell in row] for row in table.rows]
        headers = _header_rows(rows)
        if self._table and _same_edges(self._table[1], table.edges):
            draft, _ = self._table
            repeated = _words(rows[0]) == _words(draft.rows[0]) if draft.rows else False
            if repeated or not headers or len(draft.rows) == draft.header_rows:
                draft.rows += rows[max(headers, 1) if repeated else 0 :]
                return []
        draft = TableDraft(rows, headers)
        self._table = (draft, table.edges)
        return [draft]

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


def _same_edges(first: Sequence[float], second: Sequence[float]) -> bool:
    """Whether two tables have the same columns, though pages may be shifted."""
    if len(first) != len(second):
        return False
    shift = first[0] - second[0] if len(first) > 1 else 0.0
    return all(abs(a - b - shift) < _SAME_EDGES for a, b in zip(first, second, strict=True))
