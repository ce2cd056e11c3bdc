"""What a reader collects before it is written out: paragraphs, headings, list items, tables and notes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from text2mdt.documents.document import BlockKind


@dataclass
class TextDraft:
    """A heading, paragraph or list item to be written out.

    Attributes:
        words: clean words, at least one.
        level: depth of a heading or of a list item, from 1.
        bold: set in bold from end to end.
        heading_level: of a paragraph, the level it has as a heading where it stands alone, not in a cell of a table (a
            short paragraph in bold); 0 for none.
        settled: it is the caption of a figure that is known.
    """

    kind: BlockKind
    words: str
    level: int = 0
    bold: bool = False
    heading_level: int = 0
    settled: bool = False


@dataclass
class NoteDraft:
    """Something that is seen and not read.

    Attributes:
        caption: what the document itself says of it.
        settled: no better caption is to be looked for.
    """

    kind: str
    text: str
    caption: str = ""
    settled: bool = False


@dataclass
class CellDraft:
    """A cell of a table, with the number of columns and rows it covers; `header` where it is marked as one."""

    drafts: list[Draft] = field(default_factory=list)
    columns: int = 1
    rows: int = 1
    header: bool = False

    @property
    def bold(self) -> bool:
        texts = [draft for draft in self.drafts if isinstance(draft, TextDraft)]
        return bool(texts) and all(draft.bold for draft in texts)

    @property
    def parts(self) -> list[str]:
        """The words of its paragraphs, list items and rows of tables in it."""
        return list(_parts(self.drafts))


@dataclass
class TableDraft:
    """A table; a cell stands in the row in which it begins.

    Attributes:
        header_rows: number of rows at the top that are marked as headers.
        layout: its cells only place the text on the page.
    """

    rows: list[list[CellDraft]] = field(default_factory=list)
    header_rows: int = 0
    layout: bool = False


Draft = TextDraft | NoteDraft | TableDraft


def _parts(drafts: list[Draft]) -> Iterator[str]:
    for draft in drafts:
        if isinstance(draft, TextDraft):
            yield draft.words
        elif isinstance(draft, TableDraft):
            for row in draft.rows:
                words = " ".join(part for cell in row for part in cell.parts)
                if words:
                    yield words
