"""Words, and lines of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from operator import itemgetter

from text2mdt.documents.pdf.glyphs import DESCENT, Glyphs
from text2mdt.documents.pdf.view import Rectangle

_SAME_LINE = 0.35
"""Base lines of a line differ by less, as a share of the smaller size."""


@dataclass(frozen=True, slots=True)
class Word:
    """Characters of one size without a blank between them, `glyphs[start:end]`.

    Attributes:
        glued: no blank stands before it either: it goes on with the word before (a raised index, a change of size).
    """

    glyphs: Glyphs
    start: int
    end: int
    text: str
    box: Rectangle
    bold: bool = False
    glued: bool = False

    @property
    def size(self) -> float:
        """The height of its type, in points."""
        return self.box[3] - self.box[1]

    @property
    def base(self) -> float:
        """Where its base line stands."""
        return self.box[3] - DESCENT * self.size

    @property
    def middle(self) -> tuple[float, float]:
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2

    @property
    def after_blank(self) -> bool:
        return bool(self.glyphs.after_blank[self.start])

    def replaced(self, text: str) -> Word:
        """The same with other characters, as many."""
        return replace(self, text=text)


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
        """The size of most of its characters, in points."""
        letters: Counter[float] = Counter()
        for word in self.words:
            letters[round(word.size, 1)] += len(word.text)
        return letters.most_common(1)[0][0]

    @cached_property
    def base(self) -> float:
        return max(self.words, key=lambda word: word.size).base

    @cached_property
    def bold(self) -> bool:
        letters = [word for word in self.words if any(character.isalnum() for character in word.text)]
        return bool(letters) and all(word.bold for word in letters)

    def pieces(self, gap: float) -> list[Line]:
        """The line cut where words stand so far apart, in points."""
        groups: list[list[Word]] = [[self.words[0]]]
        for before, after in pairwise(self.words):
            if after.box[0] - before.box[2] >= gap:
                groups.append([])
            groups[-1].append(after)
        return [self] if len(groups) == 1 else [Line(tuple(group)) for group in groups]


def around(boxes: Iterable[Rectangle]) -> Rectangle:
    """The smallest rectangle around all."""
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def lines_of(words: Iterable[Word]) -> list[Line]:
    """The lines that words make, from top to bottom; what is glued to a word (and follows it) stays with it."""
    groups = [(group[0].base, group[0].box[0], group) for group in _with_glued(words)]
    rows: list[list[tuple[float, list[Word]]]] = []
    ends: list[tuple[float, float]] = []  # base line and size of the last word of each row
    for base, left, group in sorted(groups, key=itemgetter(0, 1)):
        size = group[0].size
        for number in range(len(rows) - 1, max(len(rows) - 4, -1), -1):
            if abs(ends[number][0] - base) < _SAME_LINE * min(ends[number][1], size):
                rows[number].append((left, group))
                ends[number] = (base, size)
                break
        else:
            rows.append([(left, group)])
            ends.append((base, size))
    for row in rows:
        row.sort(key=itemgetter(0))
    return [Line(tuple(word for _, group in row for word in group)) for row in rows]


def _with_glued(words: Iterable[Word]) -> list[list[Word]]:
    groups: list[list[Word]] = []
    for word in words:
        if word.glued and groups:
            groups[-1].append(word)
        else:
            groups.append([word])
    return groups


def words_in(lines: Sequence[Line]) -> list[Word]:
    return [word for line in lines for word in line.words]
