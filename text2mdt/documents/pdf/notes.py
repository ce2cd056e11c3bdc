"""What people should know of a page: what was seen there and not read, or read with doubt."""

from __future__ import annotations

from collections.abc import Iterator

from text2mdt.documents.pdf.drafts import PageNote
from text2mdt.documents.pdf.glyphs import MAX_CHARACTERS
from text2mdt.documents.pdf.page import PageContent

_UNKNOWN = 0.5
_RECOGNISED = 0.5


def cannot_be_read(content: PageContent) -> bool:
    """Whether no one knows which characters most of a page's are: fonts without a map to Unicode."""
    return content.unread.unknown > _UNKNOWN * max(len(content.glyphs.text), 1)


def notes_about(content: PageContent) -> Iterator[PageNote]:
    """The notes about a page, without its figures."""
    unread, count = content.unread, len(content.glyphs.text)
    if cannot_be_read(content):
        yield _note(content, "unreadable", "the text layer cannot be read")
    elif unread.unknown:
        yield _note(content, "unreadable", f"{unread.unknown} characters cannot be read (shown as \ufffd)")
    if not count and len(content.drawings.images):
        yield _note(content, "scan", "a picture without text (a scan?), not read")
    if unread.recognised > _RECOGNISED * count:
        yield _note(content, "recognised", "text was recognised in a picture, check its words")
    if unread.turned:
        yield _note(content, "turned", f"text at an angle, not read ({unread.turned} characters)")
    if unread.cut:
        yield _note(content, "cut", f"only the first {MAX_CHARACTERS:,} characters are read")


def damaged(number: int) -> PageNote:
    return PageNote("damaged", f"page {number}: damaged, not read", page=number)


def _note(content: PageContent, kind: str, text: str) -> PageNote:
    return PageNote(kind, f"page {content.number}: {text}", page=content.number)
