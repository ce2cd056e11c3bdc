"""What holds of every document that a reader gives back."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from text2mdt.documents import Block, Document
from text2mdt.errors import Text2MDTError
from text2mdt.schema import Span


def check_blocks(document: Document) -> None:
    """Each block has clean words, and each of its segments the very characters of the text."""
    last = 0
    for block in document.blocks:
        assert 0 <= block.start < block.end <= len(document.text)
        assert block.start >= last
        last = block.start
        assert block.text
        assert block.text == " ".join(block.text.split())
        for segment in block.content.segments:
            piece = document.text[segment.document_start : segment.document_start + segment.length]
            assert block.text[segment.passage_start : segment.passage_start + segment.length] == piece


def check_boxes(document: Document) -> None:
    """Where there are pages, every printed character has a box on one of them."""
    if document.layout is None:
        return
    numbers = [page.number for page in document.layout.pages]
    for block in document.blocks:
        boxes = document.layout.boxes([Span(start=block.start, end=block.end)])
        assert boxes
        assert {box.page for box in boxes} <= set(numbers)
        assert all(box.left <= box.right and box.top <= box.bottom for box in boxes)


def shown(block: Block) -> str:
    """A block in short: "h2 words", "p words", "l1 words" or "r words"."""
    sign = {"heading": "h", "paragraph": "p", "list_item": "l", "table_row": "r"}[block.kind.value]
    return f"{sign}{block.level or ''} {block.text}"


def code_of(call: Callable[..., object], *args: object, **kwargs: object) -> str:
    with pytest.raises(Text2MDTError) as caught:
        call(*args, **kwargs)
    return caught.value.code
