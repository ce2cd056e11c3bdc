"""What stands on a page of a PDF, through pdfium."""

from __future__ import annotations

from dataclasses import dataclass

import pypdfium2 as pdfium

from text2mdt.documents.pdf.drawings import Drawings, drawings_of, no_drawings
from text2mdt.documents.pdf.glyphs import Glyphs, Unread, glyphs_of, no_glyphs
from text2mdt.documents.pdf.view import View


@dataclass(frozen=True)
class PageContent:
    """The content of a page; all places are those of the page as it is read.

    Attributes:
        number: from 1.
        view: how the page is turned to be read.
        glyphs: upright printed characters in the order in which they were written.
        unread: what is not among them.
        drawings: ruled lines, frames and pictures.
    """

    number: int
    view: View
    glyphs: Glyphs
    unread: Unread
    drawings: Drawings


def page_content(document: pdfium.PdfDocument, index: int) -> PageContent:
    """The content of the page with this index (from 0); raises `pdfium.PdfiumError` for one that cannot be read."""
    page = document[index]
    try:
        drawings = drawings_of(page)
        text_page = page.get_textpage()
        try:
            glyphs, view, unread = glyphs_of(text_page, View.of(page), drawings)
        finally:
            text_page.close()
        return PageContent(index + 1, view, glyphs, unread, drawings.seen(view))
    finally:
        page.close()


def empty_page(number: int) -> PageContent:
    """Stands for a page that cannot be read."""
    return PageContent(number, View(0.0, 0.0, 0.0, 0.0), no_glyphs(), Unread(), no_drawings())
