"""AsciiDoc → blocks: `= Title`, `== Section`, `* item`, and paragraphs between blank lines; no tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from text2mdt.documents import Block, BlockKind, Reader, Reading
from text2mdt.documents.document import Outline
from text2mdt.documents.encoding import decode
from text2mdt.mapped_text import MappedText

_HEADING = re.compile(r"(=+)[ \t]+(?=\S)")
_ITEM = re.compile(r"[ \t]*(\*+|-)[ \t]+(?=\S)")


def read_asciidoc(data: bytes, where: object) -> Reading:
    """Decodes the file and finds its blocks.

    Raises:
        Text2MDTError: T2M013 where the encoding cannot be told.
    """
    text = decode(data, where)
    return Reading(text, tuple(_blocks(text)))


def _blocks(text: str) -> Iterator[Block]:
    outline = Outline()
    for start, end in _pieces(text):
        if heading := _HEADING.match(text, start, end):
            level, content = len(heading[1]), MappedText.of(text, heading.end(), end).tidy()
            yield Block(BlockKind.HEADING, content, outline.enter(level, content.text), start, end, level)
        elif item := _ITEM.match(text, start, end):
            content = MappedText.of(text, item.end(), end).tidy()
            yield Block(BlockKind.LIST_ITEM, content, outline.path, start, end, len(item[1]))
        else:
            yield Block(BlockKind.PARAGRAPH, MappedText.of(text, start, end).tidy(), outline.path, start, end)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Where each heading, item and paragraph starts and ends."""
    begun: int | None = None
    end = at = 0
    for line in text.splitlines(keepends=True):
        heading = _HEADING.match(line)
        if begun is not None and (heading or _ITEM.match(line) or not line.strip()):
            yield begun, end
            begun = None
        if line.strip():
            begun = at if begun is None else begun
            end = at + len(line.rstrip())
        if heading and begun is not None:
            yield begun, end
            begun = None
        at += len(line)
    if begun is not None:
        yield begun, end


ASCIIDOC = Reader(read_asciidoc, is_text=True)
