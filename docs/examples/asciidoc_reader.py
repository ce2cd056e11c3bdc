"""AsciiDoc → blocks: `= Title`, `== Section`, `* item`, and paragraphs between blank lines; no tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from text2mdt.documents import Block, BlockKind, Reader, Reading
from text2mdt.documents.document import Outline
from text2mdt.documents.encoding import decode
from text2mdt.mapped_text import MappedText

_HEADING = re.compile(r"(=+)\s+")
_ITEM = re.compile(r"\s*([*-]+)\s+")
_PIECE = re.compile(r"^=+ .*$|^\s*[*-]+ .*(?:\n(?!\s*[*=-]+ )\S.*)*|^\S.*(?:\n(?!\s*[*=-]+ )\S.*)*", re.MULTILINE)


def read_asciidoc(data: bytes, where: object) -> Reading:
    """Decodes the file and finds its blocks.

    Raises:
        Text2MDTError: T2M013 where the encoding cannot be told.
    """
    text = decode(data, where)
    return Reading(text, tuple(_blocks(text)))


def _blocks(text: str) -> Iterator[Block]:
    outline = Outline()
    for piece in _PIECE.finditer(text):
        start, end = piece.span()
        if heading := _HEADING.match(piece[0]):
            level = len(heading[1])
            content = MappedText.of(text, start + heading.end(), end).tidy()
            yield Block(BlockKind.HEADING, content, outline.enter(level, content.text), start, end, level)
        elif item := _ITEM.match(piece[0]):
            content = MappedText.of(text, start + item.end(), end).tidy()
            yield Block(BlockKind.LIST_ITEM, content, outline.path, start, end, len(item[1]))
        else:
            yield Block(BlockKind.PARAGRAPH, MappedText.of(text, start, end).tidy(), outline.path, start, end)


ASCIIDOC = Reader(read_asciidoc, is_text=True)
