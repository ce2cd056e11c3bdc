"""PDF → blocks, in reading order, with pages and boxes."""

from __future__ import annotations

from collections.abc import Sequence

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from text2mdt.documents.document import Block, BlockKind, Outline, Reading, table_row
from text2mdt.documents.hyphenation import Hyphenation
from text2mdt.documents.layout import Page
from text2mdt.documents.pdf_blocks import Draft, PlacedLine, TableDraft, drafts_of
from text2mdt.documents.pdf_columns import ColumnReader, Region
from text2mdt.documents.pdf_figures import figures
from text2mdt.documents.pdf_furniture import without_furniture
from text2mdt.documents.pdf_lines import Word, lines_of, words_of
from text2mdt.documents.pdf_page import PageContent, page_content
from text2mdt.documents.pdf_tables import ruled_tables
from text2mdt.documents.printed_text import PrintedText
from text2mdt.errors import Text2MDTError
from text2mdt.mapped_text import MappedText
from text2mdt.schema import Note

MAX_PAGES = 2_000
_HYPHENS = ("-", "\u2010", "\u00ad", "\u2011")


def read_pdf(data: bytes, where: object) -> Reading:
    """Reads a PDF.

    Columns are read one after the other, headers, footers and page numbers are left out, words divided at a line's
    end are put together, raised numbers of references are dropped, tables become rows (`header: cell; header: cell`).
    Pictures, flowcharts, text that stands at an angle and pages without text are reported in the notes. The text
    keeps a page and a box for every character.

    Raises:
        Text2MDTError: T2M011 without any text or page, T2M050 encrypted, T2M051 pictures of pages only, T2M052 damaged,
            T2M053 more than `MAX_PAGES` pages.
    """
    document = _opened(data, where)
    try:
        contents, notes = _contents(document, where)
    finally:
        document.close()
    return _reading(contents, notes, where)


def _opened(data: bytes, where: object) -> pdfium.PdfDocument:
    try:
        document = pdfium.PdfDocument(data)
        pages = len(document)
    except pdfium.PdfiumError as error:
        code = getattr(error, "err_code", None)
        if code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise Text2MDTError("T2M050", where) from None
        raise Text2MDTError("T2M052", where, kind="PDF", detail="it cannot be opened") from None
    if pages > MAX_PAGES:
        document.close()
        raise Text2MDTError("T2M053", where, detail=f"{pages} pages, the limit is {MAX_PAGES}")
    if not pages:
        document.close()
        raise Text2MDTError("T2M052", where, kind="PDF", detail="it has no page")
    return document


def _contents(document: pdfium.PdfDocument, where: object) -> tuple[list[PageContent], list[Note]]:
    contents: list[PageContent] = []
    notes: list[Note] = []
    for index in range(len(document)):
        try:
            contents.append(page_content(document, index))
        except pdfium.PdfiumError:
            notes.append(Note(kind="damaged", text=f"page {index + 1}: damaged, not read", page=index + 1))
            contents.append(PageContent(index + 1, 0.0, 0.0, (), 0, (), (), ()))
    if len(notes) == len(contents):
        raise Text2MDTError("T2M052", where, kind="PDF", detail="no page can be read")
    if not any(content.characters for content in contents):
        raise Text2MDTError("T2M051" if any(content.images for content in contents) else "T2M011", where)
    return contents, notes


def _reading(contents: Sequence[PageContent], notes: list[Note], where: object) -> Reading:
    words = [words_of(content.characters) for content in contents]
    inside = without_furniture(words, [content.height for content in contents])
    words = inside if any(inside) else words  # pages of one repeated line have nothing else
    columns = ColumnReader()
    pages: list[tuple[int, list[Region]]] = []
    for content, page_words in zip(contents, words, strict=True):
        found, rest = figures(content, page_words)
        notes += [*found, *_about(content)]
        tables, rest = ruled_tables(content, rest)
        if rest or tables:
            pages.append((content.number, columns.regions([*rest, *tables], content.width)))
    drafts = drafts_of(pages)
    writer = _Writer(Hyphenation(line.text for page_words in words for line in lines_of(page_words)))
    for draft in drafts:
        writer.write(draft)
    if not writer.blocks:
        raise Text2MDTError("T2M011", where)
    layout = writer.printed.layout([Page(content.number, content.width, content.height) for content in contents])
    return Reading(writer.printed.text, tuple(writer.blocks), layout, tuple(notes))


def _about(content: PageContent) -> list[Note]:
    page = f"page {content.number}"
    notes = []
    if not content.characters and content.images:
        notes.append(Note(kind="scan", text=f"{page}: a picture without text (a scan?), not read", page=content.number))
    if content.turned:
        text = f"{page}: text at an angle, not read ({content.turned} characters)"
        notes.append(Note(kind="turned", text=text, page=content.number))
    return notes


class _Writer:
    """Writes drafts out as text and blocks."""

    def __init__(self, hyphenation: Hyphenation) -> None:
        self.printed = PrintedText()
        self.blocks: list[Block] = []
        self.outline = Outline()
        self.hyphenation = hyphenation
        self._headers: list[MappedText] = []  # of the table that has just been written

    def write(self, draft: Draft) -> None:
        if isinstance(draft, TableDraft):
            self._table(draft)
            return
        self._headers = []
        page = draft.lines[0].page
        listed = draft.kind is BlockKind.LIST_ITEM and self.blocks and self.blocks[-1].kind is BlockKind.LIST_ITEM
        self._part("\n" if listed else "\n\n", page)
        start = self.printed.length
        content = self._lines(draft.lines, draft.bullet)
        if not content.text:
            return
        path = self.outline.path
        if draft.kind is BlockKind.HEADING:
            path = self.outline.enter(draft.level, content.text)
        self.blocks.append(Block(draft.kind, content, path, start, self.printed.length, draft.level))

    def _part(self, blanks: str, page: int) -> None:
        if self.printed.length:
            self.printed.space(blanks, page)

    def _lines(self, lines: Sequence[PlacedLine], bullet: int) -> MappedText:
        """Writes the lines one behind the other; what stands before the content (a bullet) is written too."""
        start = self.printed.length
        for number, placed in enumerate(lines):
            words = placed.line.words
            if number:
                self._between(lines[number - 1], placed)
            for index, word in enumerate(words):
                if index and not word.glued:
                    self.printed.space(" ", placed.page)
                if number == 0 and index == bullet:
                    start = self.printed.length
                self.printed.write(word, placed.page)
        return self.printed.since(start)

    def _between(self, before: PlacedLine, after: PlacedLine) -> None:
        """A blank between two lines, or nothing where a word goes on."""
        divided = before.line.text.endswith(_HYPHENS) and len(before.line.text) > 1 and before.line.text[-2].isalpha()
        if not divided:
            self.printed.space(" ", after.page)
        elif not self.hyphenation.keeps(before.line.text[:-1], after.line.text):
            self.printed.drop_last()

    def _table(self, draft: TableDraft) -> None:
        """Writes a table; one that goes on from the column or page before keeps its headers."""
        self._part("\n\n", draft.page)
        rows = [self._row(row, draft.page, first=not number) for number, row in enumerate(draft.table.rows)]
        first = [content for content, _ in rows[0][1]]
        goes_on = len(self._headers) == len(first)
        repeated = goes_on and [cell.text for cell in first] == [header.text for header in self._headers]
        if not goes_on:
            self._headers = first
        for start, cells in rows if goes_on and not repeated else rows[1:]:
            content = table_row(self._headers, [cell for cell, _ in cells])
            if content.text:
                self.blocks.append(Block(BlockKind.TABLE_ROW, content, self.outline.path, start, cells[-1][1]))

    def _row(self, row: Sequence[Sequence[Word]], page: int, first: bool) -> tuple[int, list[tuple[MappedText, int]]]:
        """Writes a row, its cells divided by bars; gives its start, and each cell with its end."""
        if not first:
            self.printed.space("\n", page)
        start = self.printed.length
        cells: list[tuple[MappedText, int]] = []
        for number, words in enumerate(row):
            if number:
                self.printed.space(" | ", page)
            lines = [PlacedLine(line, page, 0, 0.0, 0.0) for line in lines_of(words)]
            cells.append((self._lines(lines, 0), self.printed.length))
        return start, cells
