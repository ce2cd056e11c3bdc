"""Text that is put together from printed characters, each with its page and its box."""

from __future__ import annotations

import numpy as np

from text2mdt.documents.layout import Layout, Page
from text2mdt.documents.pdf_lines import Word
from text2mdt.documents.pdf_page import Rectangle
from text2mdt.mapped_text import MappedText
from text2mdt.schema import Segment

_NOWHERE: Rectangle = (0.0, 0.0, 0.0, 0.0)


class PrintedText:
    """Grows word by word; offsets count in `text`."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._boxes: list[Rectangle] = []
        self._pages: list[int] = []
        self.length = 0

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def write(self, word: Word, page: int) -> None:
        """Adds a word of a page (from 1)."""
        for character in word.characters:
            text = _LIGATURES.get(character.text, character.text)
            self._add(text, [character.box] * len(text), page)

    def space(self, text: str, page: int) -> None:
        """Adds blanks or line ends of ours."""
        self._add(text, [_NOWHERE] * len(text), page)

    def drop_last(self) -> None:
        """Takes the last character back (a hyphen at the end of a line)."""
        piece = self._pieces.pop()
        if len(piece) > 1:
            self._pieces.append(piece[:-1])
        self._boxes.pop()
        self._pages.pop()
        self.length -= 1

    def since(self, start: int) -> MappedText:
        """What was written from `start` on."""
        length = self.length - start
        if not length:
            return MappedText("")
        pieces: list[str] = []
        missing = length
        for piece in reversed(self._pieces):
            pieces.append(piece)
            missing -= len(piece)
            if missing <= 0:
                break
        text = "".join(reversed(pieces))[-length:]
        return MappedText(text, (Segment(passage_start=0, document_start=start, length=length),))

    def layout(self, pages: list[Page]) -> Layout:
        boxes = np.array(self._boxes, dtype=np.float32).reshape(-1, 4)
        return Layout(pages, boxes, np.array(self._pages, dtype=np.int32))

    def _add(self, text: str, boxes: list[Rectangle], page: int) -> None:
        if text:
            self._pieces.append(text)
            self._boxes += boxes
            self._pages += [page] * len(text)
            self.length += len(text)


_LIGATURES = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\u00ad": "",
    "\u200b": "",
    "\u2212": "-",
    "\u2011": "-",
    "\u2010": "-",
}
"""Printed forms that no one types, so that words are found."""
