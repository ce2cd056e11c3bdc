"""Drafts with printed words → the text of a document, its blocks, notes and layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from text2mdt.documents.document import Reading
from text2mdt.documents.draft_writer import DraftWriter
from text2mdt.documents.drafts import NoteDraft
from text2mdt.documents.layout import Page
from text2mdt.documents.pdf.drafts import PageNote
from text2mdt.documents.pdf.printed_text import PrintedText, layout_of
from text2mdt.mapped_text import MappedText
from text2mdt.schema import Note


class PrintedWriter(DraftWriter):
    """Remembers where each printed text came to stand."""

    def __init__(self, where: object) -> None:
        super().__init__(where)
        self._printed: list[tuple[int, PrintedText]] = []

    def printed(self, pages: Sequence[Page]) -> Reading:
        """What was written, with its layout; raises T2M011 when nothing was."""
        reading = self.reading()
        return replace(reading, layout=layout_of(len(reading.text), self._printed, pages))

    def _note(self, draft: NoteDraft) -> None:
        caption = f": {draft.caption}" if draft.caption else ""
        page = draft.page if isinstance(draft, PageNote) else None
        self.notes.append(Note(kind=draft.kind, text=draft.text + caption, page=page))

    def _put(self, words: str) -> MappedText:
        content = super()._put(words)
        if isinstance(words, PrintedText):
            self._printed.append((content.segments[0].document_start, words))
        return content
