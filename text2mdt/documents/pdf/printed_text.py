"""Text that is put together from printed words, each of its characters with its page and its box."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from text2mdt.documents.layout import Layout, Page
from text2mdt.documents.pdf.hyphenation import Hyphenation
from text2mdt.documents.pdf.lines import Line
from text2mdt.documents.pdf.view import View
from text2mdt.documents.superscripts import DROPPED

_NOT_READ = ("\u00ad", DROPPED)


@dataclass(frozen=True)
class PlacedLine:
    """A line, its page (from 1) and how that page is turned."""

    line: Line
    page: int
    view: View


class PrintedText(str):
    """Words with the place of every character.

    Attributes:
        boxes: [characters, 4] left, top, right, bottom on the page as it is shown; zeros for blanks of ours.
        pages: [characters] from 1.
    """

    boxes: NDArray[np.float32]
    pages: NDArray[np.int32]

    @classmethod
    def of(cls, lines: Sequence[PlacedLine], hyphenation: Hyphenation, skipped: int = 0) -> PrintedText:
        """The words of lines but the first ones (a bullet), parts of words at line ends put together."""
        text: list[str] = []
        boxes: list[NDArray[np.float32]] = []
        pages: list[int] = []
        for number, placed in enumerate(lines):
            words = placed.line.words[skipped if number == 0 else 0 :]
            after = lines[number + 1].line.text if number + 1 < len(lines) else ""
            for index, word in enumerate(words):
                if index and not word.glued:
                    text.append(" ")
                    boxes.append(_NOWHERE)
                    pages.append(placed.page)
                letters = word.glyphs.text[word.start : word.end]
                places = [place for place, letter in enumerate(letters) if letter not in _NOT_READ]
                text += [letters[place] for place in places]
                boxes.append(placed.view.shown(word.glyphs.boxes[word.start : word.end][places]))
                pages += [placed.page] * len(places)
            if after:
                joint = hyphenation.joint(placed.line.text, after)
                if joint == "divided" and text and text[-1] != " ":
                    text.pop()
                    boxes[-1] = boxes[-1][:-1]
                    pages.pop()
                elif joint == " ":
                    text.append(" ")
                    boxes.append(_NOWHERE)
                    pages.append(placed.page)
        printed = cls("".join(text))
        printed.boxes = np.concatenate(boxes) if boxes else np.zeros((0, 4), np.float32)
        printed.pages = np.array(pages, dtype=np.int32)
        return printed


_NOWHERE = np.zeros((1, 4), np.float32)


def layout_of(length: int, texts: Iterable[tuple[int, PrintedText]], pages: Sequence[Page]) -> Layout:
    """The layout of a text of this length in which printed ones stand at these offsets, in order."""
    boxes = np.zeros((length, 4), np.float32)
    numbers = np.ones(length, np.int32)
    end = 0
    for start, text in texts:
        numbers[end:start] = numbers[max(end - 1, 0)]  # blanks between blocks
        end = start + len(text)
        boxes[start:end] = text.boxes
        numbers[start:end] = text.pages
    return Layout(pages, boxes, numbers)
