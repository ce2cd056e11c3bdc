"""PDF: the order of a layout model, and what is said where it is not there."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from document_checks import check_blocks, check_boxes, code_of
from printed.gout import prose
from printed.layouts import LAYOUTS
from printed.pages import printed
from printed.parts import heading

from text2mdt.documents import Document, read_document
from text2mdt.documents.pdf import reader
from text2mdt.documents.pdf.layout_model import LayoutPart, PageLayout, layouts_of
from text2mdt.schema import Span

A4 = (595.28, 841.89)


def seen(monkeypatch: pytest.MonkeyPatch, *parts: LayoutPart, size: tuple[float, float] = A4) -> None:
    """The model sees these parts on the first page."""
    monkeypatch.setattr(reader, "page_layouts", lambda data, where: {1: PageLayout(size, parts)})


def texts(data: bytes, layout_model: bool = True) -> list[str]:
    document = read_document(data, "a.pdf", layout_model=layout_model)
    check_blocks(document)
    check_boxes(document)
    return [block.text for block in document.blocks]


def places(document: Document) -> dict[str, tuple[float, float, float, float]]:
    """Where the text of each block stands."""
    assert document.layout is not None
    found = {}
    for block in document.blocks:
        boxes = document.layout.boxes([Span(start=block.start, end=block.end)])
        edges = [(box.left, box.top, box.right, box.bottom) for box in boxes]
        left, top, right, bottom = zip(*edges, strict=True)
        found[block.text] = (min(left), min(top), max(right), max(bottom))
    return found


def test_parts_are_read_in_the_order_of_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    data = printed([heading("Gout"), prose(3), prose(3, 4)]).data
    title, first, second = texts(data, layout_model=False)
    around = places(read_document(data, "a.pdf"))
    parts = [LayoutPart("text", around[text]) for text in (second, title, first)]
    seen(monkeypatch, *parts)
    assert texts(data) == [second, title, first]
    seen(monkeypatch, *parts[:2])  # what the model does not see is read all the same
    assert texts(data) == [second, title, first]


def test_a_table_without_rules_is_one_where_the_model_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made = LAYOUTS["picture_beside_a_table"]()
    seen(monkeypatch, LayoutPart("table", (250, 430, 560, 520)), LayoutPart("picture", (50, 430, 245, 570)))
    rows = [block.text for block in made.expected if block.kind == "table_row"]
    assert texts(made.data)[:2] == rows
    assert sorted(texts(made.data)) == sorted(block.text for block in made.expected)


@pytest.mark.parametrize("name", ["turned_by_90", "sideways_turned_by_270"])
def test_turned_pages_are_read_without_the_model(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = LAYOUTS[name]().data
    document = read_document(data, "a.pdf")
    assert document.layout is not None
    page = document.layout.pages[0]
    seen(monkeypatch, LayoutPart("text", (0, 0, 300, 300)), size=(page.width, page.height))
    assert texts(data) == texts(data, layout_model=False)


def test_a_page_of_another_size_is_read_without_the_model(monkeypatch: pytest.MonkeyPatch) -> None:
    data = LAYOUTS["two_columns"]().data
    seen(monkeypatch, LayoutPart("text", (0, 0, 300, 900)), size=(400.0, 900.0))
    assert texts(data) == texts(data, layout_model=False)


def test_other_formats_have_no_layout_model() -> None:
    assert read_document(b"# Gout", "a.md", layout_model=True).text == "# Gout"


def test_items_become_parts() -> None:
    def item(label: str, *places: tuple[int, tuple[float, float, float, float]]) -> Any:
        return SimpleNamespace(
            label=SimpleNamespace(value=label),
            prov=[SimpleNamespace(page_no=number, bbox=_FromBottom(box)) for number, box in places],
        )

    page = SimpleNamespace(size=SimpleNamespace(width=600, height=800))
    items = [item("text", (1, (10, 20, 30, 40)), (2, (1, 2, 3, 4))), item("table", (1, (0, 0, 9, 9))), item("chart")]
    assert layouts_of({1: page, 2: page}, items) == {
        1: PageLayout((600, 800), (LayoutPart("text", (10, 760, 30, 780)), LayoutPart("table", (0, 791, 9, 800)))),
        2: PageLayout((600, 800), (LayoutPart("text", (1, 796, 3, 798)),)),
    }


class _FromBottom:
    def __init__(self, box: tuple[float, float, float, float]) -> None:
        self.box = box

    def to_top_left_origin(self, page_height: float) -> Any:
        left, bottom, right, top = self.box
        return SimpleNamespace(l=left, t=page_height - top, r=right, b=page_height - bottom)


def test_the_extra_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "docling", None)
    monkeypatch.setitem(sys.modules, "docling.backend.pypdfium2_backend", None)
    assert code_of(read_document, LAYOUTS["two_columns"]().data, "a.pdf", layout_model=True) == "T2M130"


def test_models_that_are_not_there_and_failures_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    put_docling(monkeypatch, tmp_path / "none")
    assert code_of(read_document, LAYOUTS["two_columns"]().data, "a.pdf", layout_model=True) == "T2M131"
    put_docling(monkeypatch, tmp_path)
    assert code_of(read_document, LAYOUTS["two_columns"]().data, "a.pdf", layout_model=True) == "T2M132"
    assert not reader.PDFIUM.locked()


def put_docling(monkeypatch: pytest.MonkeyPatch, models: Path) -> None:
    """Something with docling's names, of which the converter fails."""

    class Failing:
        def __init__(self, **options: Any) -> None:
            raise RuntimeError("no layout")

    names: dict[str, dict[str, Any]] = {
        "docling.backend.pypdfium2_backend": {"PyPdfiumDocumentBackend": None},
        "docling.datamodel.base_models": {"DocumentStream": None, "InputFormat": SimpleNamespace(PDF="pdf")},
        "docling.datamodel.pipeline_options": {"PdfPipelineOptions": SimpleNamespace},
        "docling.datamodel.settings": {"settings": SimpleNamespace(artifacts_path=models, cache_dir=models)},
        "docling.document_converter": {"DocumentConverter": Failing, "PdfFormatOption": SimpleNamespace},
    }
    for package in ("docling", "docling.backend", "docling.datamodel"):
        monkeypatch.setitem(sys.modules, package, ModuleType(package))
    for name, content in names.items():
        module = ModuleType(name)
        module.__dict__.update(content)
        monkeypatch.setitem(sys.modules, name, module)
