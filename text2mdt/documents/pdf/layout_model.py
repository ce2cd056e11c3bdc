"""The layout model of docling (the extra `layout`): the parts of each page of a PDF, in its reading order."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from text2mdt.documents.pdf.pdfium_lock import PDFIUM
from text2mdt.documents.pdf.view import Rectangle
from text2mdt.errors import Text2MDTError

_PICTURES = frozenset(("picture", "chart"))
_TABLES = frozenset(("table", "document_index"))


@dataclass(frozen=True)
class LayoutPart:
    """A part of a page.

    Attributes:
        kind: "text", "table" or "picture".
        box: on the page as it is shown, in points.
    """

    kind: str
    box: Rectangle


@dataclass(frozen=True)
class PageLayout:
    """The parts of a page in reading order, and its width and height in points."""

    size: tuple[float, float]
    parts: tuple[LayoutPart, ...]


def page_layouts(data: bytes, where: object) -> dict[int, PageLayout]:
    """The layout of each page (from 1) as the model sees it; nothing is fetched, the models must be there.

    Raises:
        Text2MDTError: T2M130 without docling, T2M131 without its models, T2M132 when it fails.
    """
    try:
        from docling.backend.pypdfium2_backend import PyPdfiumDocumentBackend
        from docling.datamodel.base_models import DocumentStream, InputFormat
        from docling.datamodel.pipeline_options import PdfPipelineOptions
        from docling.datamodel.settings import settings
        from docling.document_converter import DocumentConverter, PdfFormatOption
    except ImportError as error:
        raise Text2MDTError("T2M130", where, detail=str(error)) from None
    models = settings.artifacts_path or settings.cache_dir / "models"
    if not models.is_dir():
        raise Text2MDTError("T2M131", where, folder=models)
    options = PdfPipelineOptions(
        do_ocr=False, do_table_structure=False, artifacts_path=models, enable_remote_services=False
    )
    try:
        # docling calls pdfium from threads of its own, which do not know the lock.
        with PDFIUM:
            converter = DocumentConverter(
                allowed_formats=[InputFormat.PDF],
                format_options={
                    InputFormat.PDF: PdfFormatOption(pipeline_options=options, backend=PyPdfiumDocumentBackend)
                },
            )
            found = converter.convert(DocumentStream(name="document.pdf", stream=io.BytesIO(data))).document
    except Exception as error:  # whatever docling and its models raise
        raise Text2MDTError("T2M132", where, detail=" ".join(str(error).split())[:200] or repr(error)) from error
    return layouts_of(found.pages, (item for item, _ in found.iterate_items(with_groups=False)))


def layouts_of(pages: Any, items: Iterable[Any]) -> dict[int, PageLayout]:
    """docling's pages by their numbers, and its items in reading order → layouts."""
    sizes = {number: (float(page.size.width), float(page.size.height)) for number, page in pages.items()}
    parts: dict[int, list[LayoutPart]] = {number: [] for number in sizes}
    for item in items:
        label = str(getattr(item.label, "value", item.label))
        kind = "picture" if label in _PICTURES else "table" if label in _TABLES else "text"
        for place in item.prov:
            if place.page_no in sizes:
                box = place.bbox.to_top_left_origin(page_height=sizes[place.page_no][1])
                parts[place.page_no].append(LayoutPart(kind, (box.l, box.t, box.r, box.b)))
    return {number: PageLayout(size, tuple(parts[number])) for number, size in sizes.items()}
