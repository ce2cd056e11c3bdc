"""Draws what the PDF reader found onto the pages: docs/images/*.png (`make docs`), or a PNG for every page of any file.

python docs/make_page_pictures.py [FILE.pdf FOLDER]

Each word has the box that a span of a tree on it would have, in the colour of its block: heading red, paragraph blue,
list item green, table row violet. The numbers tell the order in which the blocks are read.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pypdfium2 as pdfium
from PIL import Image, ImageDraw

from text2mdt.documents import Block, BlockKind, Document, read_document
from text2mdt.schema import Box, Span

ROOT = Path(__file__).resolve().parents[1]
IMAGES = Path(__file__).with_name("images")
PICTURES = {
    "two-columns-read.png": ("acne-vulgaris.two-column.pdf", 1),
    "table-read.png": ("primary-aldosteronism.two-column.pdf", 2),
}
"""Each picture's file in data/documents, and its page."""
COLOURS = {
    BlockKind.HEADING: (200, 30, 30),
    BlockKind.PARAGRAPH: (30, 80, 200),
    BlockKind.LIST_ITEM: (20, 130, 60),
    BlockKind.TABLE_ROW: (130, 40, 160),
}
SCALE = 1.25
"""Pixels a point."""


def page_picture(data: bytes, document: Document, number: int, scale: float = SCALE) -> Image.Image:
    """The page (from 1) as it is shown, with the boxes of its words and the numbers of its blocks."""
    with pdfium.PdfDocument(data) as file:
        picture = file[number - 1].render(scale=scale).to_pil().convert("RGB")
    draw = ImageDraw.Draw(picture)
    for order, block in enumerate(document.blocks, 1):
        colour = COLOURS[block.kind]
        boxes = [box for box in _word_boxes(document, block) if box.page == number]
        for box in boxes:
            draw.rectangle([scale * edge for edge in (box.left, box.top, box.right, box.bottom)], outline=colour)
        if boxes:
            first, bullet = boxes[0], 10 if block.kind is BlockKind.LIST_ITEM else 0
            if block.kind is BlockKind.TABLE_ROW:  # beside the row, not beside the header that it repeats
                own = _word_boxes(document, block, block.text.find(": ") + 1)
                first = next((box for box in own if box.page == number), first)
            place = scale * (first.left - bullet) - 4, scale * (first.top + first.bottom) / 2
            draw.text(place, str(order), fill=colour, anchor="rm")
    return picture


def _word_boxes(document: Document, block: Block, start: int = 0) -> Iterator[Box]:
    """Of the words from this place in the block on."""
    if document.layout is None:
        return
    for word in re.compile(r"\S+").finditer(block.text, start):
        parts = block.content.slice(*word.span()).segments
        spans = [Span(start=part.document_start, end=part.document_start + part.length) for part in parts]
        yield from document.layout.boxes(spans)


def pictures(data: bytes, name: str) -> Iterator[Image.Image]:
    """A picture of each page of a PDF."""
    document = read_document(data, name)
    for page in document.layout.pages if document.layout else ():
        yield page_picture(data, document, page.number)


def png(picture: Image.Image) -> bytes:
    """With few colours, so that it is small."""
    target = io.BytesIO()
    picture.quantize(64).save(target, "PNG", optimize=True)
    return target.getvalue()


def main(arguments: list[str]) -> None:
    if arguments:
        path, folder = Path(arguments[0]), Path(arguments[1])
        folder.mkdir(parents=True, exist_ok=True)
        for number, picture in enumerate(pictures(path.read_bytes(), path.name), 1):
            (folder / f"{path.stem}.{number}.png").write_bytes(png(picture))
        return
    IMAGES.mkdir(exist_ok=True)
    for name, (file, page) in PICTURES.items():
        data = (ROOT / "data" / "documents" / file).read_bytes()
        (IMAGES / name).write_bytes(png(page_picture(data, read_document(data, file), page)))


if __name__ == "__main__":
    main(sys.argv[1:])
