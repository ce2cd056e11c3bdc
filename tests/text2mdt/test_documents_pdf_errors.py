"""PDF files that cannot be read, or not wholly, and what a page's boxes show."""

from __future__ import annotations

import io

import pypdfium2 as pdfium
import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from text2mdt.documents import read_document
from text2mdt.errors import Text2MDTError
from text2mdt.schema import Span

WORDS = "If the urate stays high, increase allopurinol by 100 mg every four weeks."


def pdf(*pages: list[str], encrypt: StandardEncryption | None = None, picture_on: int | None = None) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, encrypt=encrypt)
    for number, lines in enumerate(pages, 1):
        for place, line in enumerate(lines):
            canvas.drawString(72, 760 - 14 * place, line)
        if number == picture_on:
            canvas.drawInlineImage(Image.new("RGB", (40, 40), "red"), 72, 300, 300, 300)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def code_of(data: bytes) -> str:
    with pytest.raises(Text2MDTError) as found:
        read_document(data, "a.pdf")
    return found.value.code


def test_words_pages_and_boxes() -> None:
    document = read_document(pdf([WORDS], ["In renal impairment, avoid colchicine."]), "a.pdf")
    assert document.text == f"{WORDS}\n\nIn renal impairment, avoid colchicine."
    assert (document.info.pages, document.layout.page_of(document.text.index("renal")).number) == (2, 2)
    start = document.text.index("allopurinol")
    (box,) = document.layout.boxes([Span(start=start, end=start + len("allopurinol"))])
    assert box.page == 1
    page = pdfium.PdfDocument(pdf([WORDS]))[0]
    height = page.get_height()
    shown = page.get_textpage().get_text_bounded(box.left, height - box.bottom, box.right, height - box.top)
    assert shown.strip() == "allopurinol"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.7\n", "T2M052"),
        (pdf([WORDS])[:300], "T2M052"),
        (pdf([WORDS], encrypt=StandardEncryption("secret")), "T2M050"),
        (pdf([], picture_on=1), "T2M051"),
        (pdf([]), "T2M011"),
    ],
    ids=["header only", "truncated", "encrypted", "scan", "blank"],
)
def test_files_that_cannot_be_read(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_a_picture_and_a_page_without_text_are_reported() -> None:
    document = read_document(pdf([WORDS], [WORDS], [], picture_on=2), "a.pdf")
    assert [note.text for note in document.notes] == ["page 2: figure, not read"]
    scan = read_document(pdf([WORDS], [], picture_on=2), "a.pdf")
    assert [(note.kind, note.page) for note in scan.notes if note.kind == "scan"] == [("scan", 2)]


def test_a_page_of_nothing_but_the_header_of_others_is_empty() -> None:
    header = ["Guideline on gout", "", "", ""]
    document = read_document(pdf([*header, WORDS], header, [*header, WORDS.replace("100", "50")]), "a.pdf")
    assert [block.text for block in document.blocks] == [WORDS, WORDS.replace("100", "50")]


def test_pages_of_nothing_but_the_same_words_are_read() -> None:
    document = read_document(pdf([WORDS], [WORDS], [WORDS]), "a.pdf")
    assert [block.text for block in document.blocks] == [WORDS] * 3
