"""PDF → text in reading order and its blocks, with pages and boxes."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from text2mdt.documents.document import Reading
from text2mdt.documents.drafts import Draft
from text2mdt.documents.figure_captions import FigureCaptions
from text2mdt.documents.layout import Page
from text2mdt.documents.pdf.blocks import set_levels
from text2mdt.documents.pdf.columns import ColumnReader
from text2mdt.documents.pdf.drafts import Drafter, PageNote
from text2mdt.documents.pdf.drawings import Drawings
from text2mdt.documents.pdf.figures import figures, panels, tops_of_rows
from text2mdt.documents.pdf.furniture import Furniture, MarginLine, margin_lines, without_line_numbers
from text2mdt.documents.pdf.glyphs import no_glyphs
from text2mdt.documents.pdf.hyphenation import Hyphenation
from text2mdt.documents.pdf.layout_model import PageLayout, page_layouts
from text2mdt.documents.pdf.model_regions import fits, model_regions
from text2mdt.documents.pdf.notes import cannot_be_read, damaged, notes_about
from text2mdt.documents.pdf.page import PageContent, empty_page, page_content
from text2mdt.documents.pdf.pdfium_lock import PDFIUM
from text2mdt.documents.pdf.regions import Region, Solid
from text2mdt.documents.pdf.style import Style
from text2mdt.documents.pdf.tables import ruled_tables
from text2mdt.documents.pdf.view import View
from text2mdt.documents.pdf.words import PageWords, words_of
from text2mdt.documents.pdf.writer import PrintedWriter
from text2mdt.errors import Text2MDTError

MAX_PAGES = 2_000
MAX_CHARACTERS = 4_000_000
"""Of all pages, so that memory is bounded."""


def read_pdf(data: bytes, where: object, layout_model: bool = False) -> Reading:
    """Reads a PDF.

    Columns are read one after the other, headers, footers and page numbers are left out, words divided at a line's
    end are put together, raised numbers of references are dropped, tables become rows (`header: cell; header: cell`).
    Pictures, flowcharts, text that stands at an angle and pages without text are reported in the notes. The text
    keeps a page and a box for every character.

    Args:
        data: the file.
        where: put into errors.
        layout_model: the order of the parts of a page is that of docling's layout model.

    Raises:
        Text2MDTError: T2M011 without any text or picture, T2M050 encrypted, T2M051 nothing but pictures, or characters
            that no one knows, T2M052 damaged, T2M053 more than `MAX_PAGES` pages or `MAX_CHARACTERS` characters; T2M130
            to T2M132 for the layout model.
    """
    with PDFIUM:
        document, number = _opened(data, where)
    try:
        pages = _scanned_pages(document, number, where)
    finally:
        with PDFIUM:
            document.close()
    sizes = [Page(page.number, *page.view.shown_size) for page in pages]
    drafts = _drafts(pages, page_layouts(data, where) if layout_model else {})
    FigureCaptions().see(drafts)
    writer = PrintedWriter(where)
    writer.write(drafts)
    return writer.printed(sizes)


@dataclass(frozen=True)
class _ScannedPage:
    """A page while the others are looked at: its words in arrays, the lines of its margins, and notes about it."""

    number: int
    view: View
    words: PageWords
    drawings: Drawings
    margins: Sequence[Sequence[MarginLine]]
    notes: Sequence[PageNote]

    @classmethod
    def of(cls, content: PageContent) -> _ScannedPage:
        words = words_of(no_glyphs() if cannot_be_read(content) else content.glyphs)
        margins = margin_lines(words, content.view.size[1], content.number - 1)
        return cls(content.number, content.view, words, content.drawings, margins, tuple(notes_about(content)))


def _opened(data: bytes, where: object) -> tuple[pdfium.PdfDocument, int]:
    """The file and how many pages it has."""
    try:
        document = pdfium.PdfDocument(data)
        pages = len(document)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise Text2MDTError("T2M050", where) from None
        raise Text2MDTError("T2M052", where, kind="PDF", detail="it cannot be opened") from None
    if pages > MAX_PAGES:
        document.close()
        raise Text2MDTError("T2M053", where, detail=f"{pages} pages, the limit is {MAX_PAGES}")
    if not pages:
        document.close()
        raise Text2MDTError("T2M052", where, kind="PDF", detail="it has no page")
    return document, pages


def _scanned_pages(document: pdfium.PdfDocument, number: int, where: object) -> deque[_ScannedPage]:
    """The pages; raises an error when none has words."""
    pages: deque[_ScannedPage] = deque()
    characters = 0
    for index in range(number):
        try:
            with PDFIUM:
                content = page_content(document, index)
            page = _ScannedPage.of(content)
        except pdfium.PdfiumError:
            page = _ScannedPage.of(empty_page(index + 1))
            page = _ScannedPage(page.number, page.view, page.words, page.drawings, (), (damaged(page.number),))
        characters += len(page.words.glyphs.text)
        if characters > MAX_CHARACTERS:
            raise Text2MDTError("T2M053", where, detail=f"more than {MAX_CHARACTERS:,} characters")
        pages.append(page)
    if characters:
        return pages
    kinds = {note.kind for page in pages for note in page.notes}
    if "damaged" in kinds:
        raise Text2MDTError("T2M052", where, kind="PDF", detail="its pages cannot be read")
    raise Text2MDTError("T2M051" if kinds & {"scan", "unreadable"} else "T2M011", where)


def _drafts(pages: deque[_ScannedPage], layouts: Mapping[int, PageLayout]) -> list[Draft]:
    """The drafts of the pages with notes about each page before them; pages are forgotten as they are done."""
    letters: Counter[float] = Counter()
    bold = 0
    for page in pages:
        for word in page.words:
            letters[round(word.size, 1)] += len(word.text)
            bold += word.bold * len(word.text)
    style = Style(letters, bold)
    furniture = Furniture([page.margins for page in pages], [len(page.words) for page in pages], style.size)
    drafter = Drafter(style, Hyphenation(word.text for page in pages for word in page.words))
    columns = ColumnReader()
    drafts: list[Draft] = []
    while pages:
        page = pages.popleft()
        drafts += page.notes
        regions = _regions(page, furniture, columns, drafter, layouts.get(page.number))
        drafts += drafter.page(page.number, page.view, regions)
    drafts += drafter.closed()
    set_levels(drafter.headings)
    return drafts


def _regions(
    page: _ScannedPage, furniture: Furniture, columns: ColumnReader, drafter: Drafter, layout: PageLayout | None
) -> list[Region]:
    left_out = furniture.starts(page.margins, len(page.words))
    words = without_line_numbers([word for word in page.words if word.start not in left_out])
    size = page.view.size
    pictures, words = figures(page.drawings, words, size)
    tables, words = ruled_tables(page.drawings, words, size)
    boxes, words = panels(page.drawings, words, size)
    if not tables:
        words = drafter.without_more_rows(words, page.number, page.view)
    solids: list[Solid] = [*pictures, *tables, *boxes]
    seen: list[Region] = []
    if layout is not None and fits(layout, page.view):
        seen, words, solids = model_regions(layout, words, solids)
    return [*seen, *columns.regions(words, solids, size[0], tops_of_rows(page.drawings))]
