"""What every reader gives back: the text of a document and its blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from text2mdt.documents.layout import Layout
from text2mdt.mapped_text import MappedText
from text2mdt.schema import DocumentInfo, Note

CAPTION = re.compile(r"(?:table|box|figure)\b", re.IGNORECASE)
"""How the caption of a table begins: a paragraph that leads the rows in, however it is set."""


class BlockKind(StrEnum):
    """What a block is; quotations count as paragraphs, code is left out."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE_ROW = "table_row"


@dataclass(frozen=True)
class Block:
    """A heading, paragraph, list item or table row.

    Attributes:
        kind: which of these.
        content: its words without markup, mapped to `Document.text`; a table row reads
            `header: cell; header: cell`.
        heading_path: the headings above it, outermost first (its own text is not among them).
        start, end: the characters of `Document.text` from its first to past its last, markup included.
        level: depth of a heading or of a list item, from 1; 0 for the others.
    """

    kind: BlockKind
    content: MappedText
    heading_path: tuple[str, ...]
    start: int
    end: int
    level: int = 0

    @property
    def text(self) -> str:
        return self.content.text


@dataclass(frozen=True)
class Reading:
    """What a reader makes of a file's bytes; the attributes are those of `Document`."""

    text: str
    blocks: tuple[Block, ...]
    layout: Layout | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Document:
    """A document as read.

    Attributes:
        name: the file's name, for people.
        sha256: hexadecimal digest of the file's bytes.
        text: of text and Markdown the decoded file, without byte order mark, its line ends as "\\n"; of the other
            formats the words in reading order, as the reader put them together. All offsets count in it.
        blocks: in the order of the text.
        layout: pages and boxes, where the format has pages.
        notes: what was seen and not read, for people ("page 12: figure, not read").
    """

    name: str
    sha256: str
    text: str
    blocks: tuple[Block, ...]
    layout: Layout | None = None
    notes: tuple[Note, ...] = ()

    @property
    def title(self) -> str:
        """The first heading, or nothing."""
        return next((block.text for block in self.blocks if block.kind is BlockKind.HEADING), "")

    def pages(self, content: MappedText) -> tuple[int, ...]:
        """The pages on which a piece of the text stands, from 1; none where the format has no pages."""
        if self.layout is None:
            return ()
        ends = ((part.document_start, part.document_start + part.length - 1) for part in content.segments)
        return tuple(sorted({self.layout.page_of(place).number for pair in ends for place in pair}))

    @property
    def info(self) -> DocumentInfo:
        return DocumentInfo(
            name=self.name,
            sha256=self.sha256,
            characters=len(self.text),
            pages=len(self.layout.pages) if self.layout else None,
        )


@dataclass
class Outline:
    """The headings that are open while a document is read from top to bottom."""

    _open: list[tuple[int, str]] = field(default_factory=list)

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(text for _, text in self._open)

    @property
    def level(self) -> int:
        """The level of the innermost heading, 0 before the first."""
        return self._open[-1][0] if self._open else 0

    def enter(self, level: int, text: str) -> tuple[str, ...]:
        """Opens a heading, which closes those of its level and below; gives the path above it."""
        while self._open and self._open[-1][0] >= level:
            self._open.pop()
        above = self.path
        self._open.append((level, text))
        return above


def table_row(headers: list[MappedText], cells: list[MappedText]) -> MappedText:
    """A row of a table as `header: cell; header: cell`; empty cells are left out."""
    parts: list[MappedText | str] = []
    for index, cell in enumerate(cells):
        if not cell.text:
            continue
        if parts:
            parts.append("; ")
        header = headers[index] if index < len(headers) else MappedText("")
        if header.text:
            parts += [header, ": "]
        parts.append(cell)
    return MappedText.join(parts)
