"""Characters of a page → words → lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from text2mdt.documents.pdf_page import Character, Rectangle

_BLANK = 0.28
"""A gap of this share of the height is a blank, where the file itself has none."""
_NO_BLANK = 0.06
"""A blank in the file that is narrower was only put in where the size of the type changes."""
_RAISED_SIZE = 0.82
_CITATION = re.compile(r"[\d,;–*†‡§\[\]-]+")
_UNIT = re.compile(r"(?:^|[\d/·\s(])(?:[cmdk]?m|s|h|l|g|kg|min|10)$", re.IGNORECASE)


@dataclass(frozen=True)
class Word:
    """Characters without a blank between them.

    Attributes:
        glued: no blank stands before it either: it goes on with the word before (a raised index, a change of size).
        raised: smaller than the word before and higher.
    """

    characters: tuple[Character, ...]
    glued: bool = False
    raised: bool = False

    @cached_property
    def text(self) -> str:
        return "".join(character.text for character in self.characters)

    @cached_property
    def box(self) -> Rectangle:
        return around(character.box for character in self.characters)

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]


@dataclass(frozen=True)
class Line:
    """Words side by side, from left to right."""

    words: tuple[Word, ...]

    @cached_property
    def text(self) -> str:
        return "".join(("" if word.glued or not number else " ") + word.text for number, word in enumerate(self.words))

    @cached_property
    def box(self) -> Rectangle:
        return around(word.box for word in self.words)

    @cached_property
    def size(self) -> float:
        """The usual height of its characters, in points."""
        return median(character.height for word in self.words for character in word.characters)

    @cached_property
    def bold(self) -> bool:
        return all(character.bold for word in self.words for character in word.characters if character.text.isalnum())


def around(boxes: Iterable[Rectangle]) -> Rectangle:
    """The smallest rectangle around all."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def words_of(characters: Sequence[Character]) -> list[Word]:
    """The words of a page in the order in which they were written, without the raised numbers of references."""
    words: list[Word] = []
    current: list[Character] = []
    glued = raised = False
    base: Character | None = None  # the last character that is not raised
    for character in characters:
        joint = _joint(current[-1], base or current[-1], character) if current else "same"
        if joint != "same":
            words.append(Word(tuple(current), glued, raised))
            glued, raised, current = joint != "apart", joint == "raised", []
        current.append(character)
        base = base if raised else character
    if current:
        words.append(Word(tuple(current), glued, raised))
    return _without_citations(words)


def _joint(previous: Character, base: Character, character: Character) -> str:
    """How a character follows another: in the "same" word, "glued" to it in another size, "raised", or "apart".

    `base` is the last character before it that is not raised, for where the line stands.
    """
    height = min(base.height, character.height)
    overlap = min(base.box[3], character.box[3]) - max(base.box[1], character.box[1])
    gap = character.box[0] - previous.box[2]
    if overlap < 0.35 * height or not -0.6 * height < gap < _BLANK * max(previous.height, character.height):
        return "apart"
    if character.height < _RAISED_SIZE * base.height and character.box[3] < base.box[3] - 0.05 * base.height:
        return "same" if previous is not base else "raised"
    if character.after_blank and gap > _NO_BLANK * height:
        return "apart"
    return "same" if abs(previous.height - character.height) < 0.1 * previous.height else "glued"


def _without_citations(words: list[Word]) -> list[Word]:
    """Leaves out raised numbers behind a word, but not the exponent of a unit ("m²", "10⁹")."""
    kept: list[Word] = []
    for word in words:
        before = kept[-1].text if kept else ""
        if word.raised and _CITATION.fullmatch(word.text) and before and not _UNIT.search(before):
            continue
        kept.append(word)
    return kept


def _overlaps(first: Word, second: Word) -> float:
    """By how much two words stand side by side, as a share of the lower one."""
    overlap = min(first.box[3], second.box[3]) - max(first.box[1], second.box[1])
    return overlap / max(min(first.height, second.height), 0.1)


def lines_of(words: Iterable[Word]) -> list[Line]:
    """The lines of one column, from top to bottom."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda word: (word.box[3], word.box[0])):
        row = next((row for row in reversed(rows[-3:]) if _overlaps(row[-1], word) > 0.5), None)
        if row is None:
            rows.append([word])
        else:
            row.append(word)
    lines = [Line(tuple(sorted(row, key=lambda word: word.box[0]))) for row in rows]
    return sorted(lines, key=lambda line: line.box[1])
