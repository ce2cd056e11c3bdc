"""PDF: printed documents of many layouts are read as they were written, and every word is found on its page."""

from __future__ import annotations

import ctypes
import random
import re
import unicodedata
from functools import cache

import pypdfium2 as pdfium
import pypdfium2.raw as raw
import pytest
from document_checks import check_blocks
from printed.comparison import Comparison
from printed.layouts import LAYOUTS
from printed.pages import Printed

from text2mdt.documents import Document, read_document
from text2mdt.schema import Box, Span


@cache
def case(name: str) -> tuple[Printed, Document]:
    made = LAYOUTS[name]()
    return made, read_document(made.data, f"{name}.pdf")


@pytest.mark.parametrize("name", LAYOUTS)
def test_blocks_come_back_as_they_were_printed(name: str) -> None:
    made, document = case(name)
    check_blocks(document)
    found = Comparison.of(made, document)
    assert found.read == found.printed
    assert found.aside == [1] * len(made.aside)


def test_there_are_many_layouts_of_columns() -> None:
    columns = [LAYOUTS[name]().columns for name in LAYOUTS]
    assert (len(columns), columns.count(2), columns.count(3)) >= (80, 20, 2)


@pytest.mark.parametrize("name", LAYOUTS)
def test_words_stand_in_their_boxes(name: str) -> None:
    """pdfium's own text in the boxes of a word is that word."""
    made, document = case(name)
    source = random.Random(name)
    with pdfium.PdfDocument(made.data) as file:
        for block in source.sample(document.blocks, min(8, len(document.blocks))):
            for word in source.sample(list(re.finditer(r"\w{3,}", block.text)), min(2, len(block.text.split()) // 4)):
                content = block.content.slice(*word.span())
                spans = [
                    Span(start=part.document_start, end=part.document_start + part.length) for part in content.segments
                ]
                assert document.layout is not None
                boxes = document.layout.boxes(spans)
                assert len(boxes) >= 1
                printed = "".join(text_in(file, box) for box in boxes)
                assert same(letters(printed), letters(word[0]), name)


def letters(text: str) -> str:
    return re.sub(r"\W", "", unicodedata.normalize("NFKC", text))


def same(printed: str, word: str, name: str) -> bool:
    """Whether that is the word, allowing for how pdfium gives back what was written twice or in any order."""
    if name == "painted_shuffled_characters":
        return sorted(printed) == sorted(word)
    return printed == word * (2 if name == "painted_twice" else 1)


def text_in(file: pdfium.PdfDocument, box: Box) -> str:
    """What pdfium finds in a box of the page as it is shown, a little smaller than the box."""
    page = file[box.page - 1]
    x, y = (0.6, 2.5) if box.right - box.left > box.bottom - box.top else (2.5, 0.6)
    corners = [page_point(page, box.left + x, box.top + y), page_point(page, box.right - x, box.bottom - y)]
    (left, right), (bottom, top) = (sorted(places) for places in zip(*corners, strict=True))
    return page.get_textpage().get_text_bounded(left, bottom, right, top)


def page_point(page: pdfium.PdfPage, x: float, y: float) -> tuple[float, float]:
    """A place on the shown page, in points from its top left corner → the page's own coordinates, by pdfium."""
    width, height = page.get_size()
    found_x, found_y = ctypes.c_double(), ctypes.c_double()
    size = round(width * 100), round(height * 100)
    raw.FPDF_DeviceToPage(page, 0, 0, *size, 0, round(x * 100), round(y * 100), found_x, found_y)
    return found_x.value, found_y.value
