"""A page of a PDF as a PNG picture."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import pypdfium2 as pdfium
import pypdfium2.raw as raw
import streamlit as st

from text2mdt.documents.pdf.pdfium_lock import PDFIUM
from text2mdt.errors import Text2MDTError

SCALE = 2.0
"""Pixels a point: 144 dots an inch."""
MAX_PIXELS = 12_000_000


@dataclass(frozen=True)
class PagePicture:
    """PNG bytes, and the size of the page in points, as seen (after its own rotation)."""

    png: bytes
    width: float
    height: float


@st.cache_data(max_entries=32, show_spinner=False)
def page_picture(pdf: bytes, page: int) -> PagePicture:
    """Draws the page of this number (from 1); kept for the next call.

    Raises:
        Text2MDTError: T2M050 encrypted, T2M052 damaged or without this page.
    """
    with PDFIUM:
        try:
            document = pdfium.PdfDocument(pdf)
        except pdfium.PdfiumError as error:
            if getattr(error, "err_code", None) in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
                raise Text2MDTError("T2M050") from None
            raise Text2MDTError("T2M052", kind="PDF", detail="it cannot be opened") from None
        try:
            if not 1 <= page <= len(document):
                raise Text2MDTError("T2M052", kind="PDF", detail=f"it has no page {page}")
            return _drawn(document[page - 1])
        except pdfium.PdfiumError:
            raise Text2MDTError("T2M052", kind="PDF", detail=f"page {page} cannot be drawn") from None
        finally:
            document.close()


def _drawn(page: pdfium.PdfPage) -> PagePicture:
    try:
        width, height = page.get_size()
        scale = min(SCALE, (MAX_PIXELS / max(width * height, 1.0)) ** 0.5)
        bitmap = page.render(scale=scale)
        try:
            png = BytesIO()
            bitmap.to_pil().convert("RGB").save(png, "PNG")
        finally:
            bitmap.close()
        return PagePicture(png.getvalue(), width, height)
    finally:
        page.close()
