"""HTML → blocks, as a reader of the page sees them."""

from __future__ import annotations

from lxml import etree

from text2mdt.documents.document import BlockKind, Reading
from text2mdt.documents.draft_writer import DraftWriter
from text2mdt.documents.drafts import Draft, TableDraft, TextDraft
from text2mdt.documents.figure_captions import FigureCaptions
from text2mdt.documents.html.boilerplate import name_of, page_content
from text2mdt.documents.html.source import page_tree
from text2mdt.documents.html.walk import page_drafts
from text2mdt.documents.typed_text import clean
from text2mdt.errors import Text2MDTError


def read_html(data: bytes, where: object) -> Reading:
    """Reads a web page that was saved.

    Read is the page's `main`, else its only `article`, else its body; navigation, banners, forms, side bars and what is
    hidden are left out, and so are numbers of references. A page without a heading of the first level has its `title`
    as the first heading. Pictures and what else may be missed is reported in the notes. Nothing is loaded.

    Raises:
        Text2MDTError: T2M011 without any text, T2M012 binary, T2M013 encoding unknown, T2M053 too big.
    """
    root = page_tree(data, where)
    drafts = page_drafts(page_content(root))
    if not any(map(_has_words, drafts)):
        raise Text2MDTError("T2M011", where)
    title = _title(root)
    if title and not _has_title(drafts, title):
        drafts.insert(0, TextDraft(BlockKind.HEADING, title, 1))
    FigureCaptions().see(drafts)
    writer = DraftWriter(where)
    writer.write(drafts)
    return writer.reading()


def _title(root: etree._Element) -> str:
    for element in root.iter():
        if name_of(element) == "title":
            return clean("".join(element.itertext()))
        if name_of(element) == "body":
            break
    return ""


def _has_title(drafts: list[Draft], title: str) -> bool:
    """Whether the page has a heading of the first level, or begins with its title."""
    first = next((draft for draft in drafts if isinstance(draft, TextDraft)), None)
    return any(_is_title(draft) for draft in drafts) or (first is not None and first.words == title)


def _is_title(draft: Draft) -> bool:
    if isinstance(draft, TableDraft):
        return any(_is_title(inner) for row in draft.rows for cell in row for inner in cell.drafts)
    return isinstance(draft, TextDraft) and draft.kind is BlockKind.HEADING and draft.level == 1


def _has_words(draft: Draft) -> bool:
    if isinstance(draft, TableDraft):
        return any(cell.parts for row in draft.rows for cell in row)
    return isinstance(draft, TextDraft)
