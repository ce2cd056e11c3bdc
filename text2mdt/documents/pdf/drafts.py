"""Regions of the pages of a document, in reading order → drafts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from text2mdt.documents.document import BlockKind
from text2mdt.documents.drafts import CellDraft, Draft, NoteDraft, TableDraft, TextDraft
from text2mdt.documents.pdf.blocks import ColumnLine, Heading, Joiner
from text2mdt.documents.pdf.hyphenation import Hyphenation
from text2mdt.documents.pdf.lines import Word, lines_of, words_in
from text2mdt.documents.pdf.printed_text import PlacedLine
from text2mdt.documents.pdf.regions import Box, Column, Region, Table
from text2mdt.documents.pdf.style import Style, is_stretched
from text2mdt.documents.pdf.table_drafts import TableDrafter
from text2mdt.documents.pdf.view import View

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
        self._tables = TableDrafter(style, hyphenation)
        self._aside: list[Draft] = []  # what stands in the way of a paragraph that may go on: it comes behind it

    def page(self, number: int, view: View, regions: Sequence[Region]) -> Iterator[Draft]:
        """The drafts of a page, as far as they are complete."""
        self._style.learn(regions)
        for region in regions:
            if isinstance(region, Column):
                yield from self._column(region, number, view)
            elif isinstance(region, Table):
                yield from self._apart(self._tables.add(region, number, view))
            elif isinstance(region, Box):
                yield from self._apart([self._box(region, number, view)])
            else:
                yield from self._apart([PageNote("figure", f"page {number}: {region.kind}, not read", page=number)])

    def without_more_rows(self, words: Sequence[Word], page: int, view: View) -> list[Word]:
        """The words of a page without more rows at its top of the table that ended the page before."""
        lines = lines_of(words)
        taken = self._tables.take(Column(tuple(lines)), page, view) if lines else 0
        return words_in(lines[taken:]) if taken else list(words)

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
        taken = self._tables.take(column, page, view)
        lines = self._placed(column, page, view)
        end = max(self._footnote_start(column, view), taken)
        for line in lines[taken:end]:
            self._tables.close()
            yield from self._joined(self._joiner.add(line))
        if lines[end:]:
            notes = Joiner(self._style, self._hyphenation)
            drafts = [*(draft for line in lines[end:] for draft in notes.add(line)), *notes.closed()]
            self.headings += [draft for draft in drafts if isinstance(draft, Heading)]
            yield from self._apart(drafts)

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
        return end
