"""Lines in reading order → headings, paragraphs and list items."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from text2mdt.documents.document import CAPTION, BlockKind
from text2mdt.documents.drafts import TextDraft
from text2mdt.documents.pdf.hyphenation import Hyphenation
from text2mdt.documents.pdf.lines import Line
from text2mdt.documents.pdf.printed_text import PlacedLine, PrintedText
from text2mdt.documents.pdf.style import SECTION, Style

_SIGNS = (
    "\u2022\u00b7\u25aa\u25ab\u25e6\u2023\u25cf\u25cb\u25a0\u25a1\u25ba\u25b8\u25b6\u27a2\u27a4\u2794\u2713\u2714\u2751\u2756"
    "\u2610\u2611\u2612\u2717\uf0b7\uf0a7\uf0d8\ufffd"
)
_STRONG_BULLET = re.compile(rf"[{_SIGNS}](?=\s)")
_BULLET = re.compile(
    rf"(?:[{_SIGNS}\u2013\u2014*o\u2212-]|\(?(?:\d{{1,2}}|[a-z]|[ivx]{{1,4}})[.)]|\[\d{{1,3}}\])(?=\s)"
)
_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,3})+\.?(?=\s)")
_END = (".", "!", "?", ":", ";")
_STOP = (".", "!", "?", ":")
_STEP = 1.35
"""A step from line to line that is so much longer than usual begins a new paragraph."""
_WIDER_STEP = 1.15
"""So does a smaller one behind a full stop, or behind a line that had place for more."""
_SAME_SIZE = 0.08
_LOOSE_HEADING_WORDS = 10
_MOST_HEADING_WORDS = 35


@dataclass(frozen=True)
class ColumnLine:
    """A line with the column it stands in: its number in the document, its left and right edge.

    Attributes:
        is_full: it is stretched to both edges, so that its paragraph goes on.
    """

    placed: PlacedLine
    column: int
    left: float
    right: float
    is_full: bool = False

    @property
    def line(self) -> Line:
        return self.placed.line


@dataclass
class Heading(TextDraft):
    """A heading as it is printed: in a box it is a paragraph with a `heading_level`, since it ends with the box.

    Attributes:
        rank: what its level goes by, lowest first: its size (negative), whether it is plain, the depth of its number.
    """

    rank: tuple[float, bool, int] = (0.0, False, 0)


class Joiner:
    """Joins lines to blocks as they come."""

    def __init__(self, style: Style, hyphenation: Hyphenation) -> None:
        self._style = style
        self._hyphenation = hyphenation
        self._lines: list[ColumnLine] = []
        self._heading = False
        self._bullet = 0  # words of a bullet at the start of the open block
        self._indents: list[float] = []

    @property
    def is_unfinished(self) -> bool:
        """Whether the open block may go on in another column, behind what stands between."""
        if not self._lines or self._heading:
            return False
        last = self._lines[-1]
        return last.is_full or not last.line.text.endswith(_END)

    def add(self, line: ColumnLine) -> Iterator[TextDraft]:
        """Takes a line; gives the block that it ends, if it does."""
        heading = self._style.is_heading(line.line)
        bullet = 0 if heading else bullet_words(line.line)
        if self._lines and (self._runs_into(line, heading) or self._goes_on(line, heading, bullet)):
            self._heading = self._heading and heading
            self._lines.append(line)
            return
        yield from self.closed()
        self._lines, self._heading, self._bullet = [line], heading, bullet

    def closed(self) -> Iterator[TextDraft]:
        """Ends the open block."""
        if not self._lines:
            return
        lines, self._lines = self._lines, []
        words = PrintedText.of([line.placed for line in lines], self._hyphenation, self._bullet)
        if not words.strip():
            return
        first = lines[0].line
        is_heading = self._heading and len(words.split()) <= _MOST_HEADING_WORDS
        if is_heading or (not self._bullet and len(lines) == 1 and _is_loose_heading(first)):
            self._indents = []
            number = SECTION.match(first.text)
            depth = number[1].count(".") if number else 0
            rank = (-round(first.size * 2) / 2, not self._style.is_bold(first), depth)
            yield Heading(BlockKind.HEADING, words, 1, rank=rank)
        elif self._bullet:
            yield TextDraft(BlockKind.LIST_ITEM, words, self._level(lines[0]))
        else:
            self._indents = []
            yield TextDraft(BlockKind.PARAGRAPH, words)

    def _level(self, line: ColumnLine) -> int:
        """The depth of a list item, by how far it is indented against the items before it."""
        indent = line.line.box[0] - line.left
        while self._indents and indent < self._indents[-1] - 3:
            self._indents.pop()
        if not self._indents or indent > self._indents[-1] + 3:
            self._indents.append(indent)
        return len(self._indents)

    def _runs_into(self, new: ColumnLine, heading: bool) -> bool:
        """Whether the text of the open block runs into a line, though that begins with a number or dash, or all of it
        happens to be bold: the line before is full and ends no sentence."""
        before = self._lines[-1]
        last, line = before.line, new.line
        if new.column != before.column or not self._is_same_size(line) or self._step(line) > _WIDER_STEP:
            return False
        if last.text.endswith((*_END, ",")) or _would_fit(before, line) or _STRONG_BULLET.match(line.text):
            return False
        if self._heading and not heading and not line.text[:1].islower():
            return False
        shift = line.box[0] - (self._words_edge() if self._begins_in(new.column) and self._bullet else last.box[0])
        return abs(shift) < 0.5 * line.size or (shift < 0 and len(self._lines) == 1 and not self._bullet)

    def _goes_on(self, new: ColumnLine, heading: bool, bullet: int) -> bool:
        """Whether a line continues the open block."""
        before = self._lines[-1]
        last, line = before.line, new.line
        if bullet or heading != self._heading or not self._is_same_size(line):
            return False
        if _NUMBER.match(line.text) or (heading and (line.bold != last.bold or SECTION.match(line.text))):
            return False
        if new.column != before.column:
            return not (heading or CAPTION.match(line.text)) and (before.is_full or self._runs_over(before, line))
        step = self._step(line)
        if step > _STEP or heading:
            return heading and step <= _STEP
        ended, fits = last.text.endswith(_STOP), _would_fit(before, line)
        if step > _WIDER_STEP and (ended or fits):
            return False
        if ended and fits and line.text[:1].isupper():
            return False
        if self._bullet and self._begins_in(new.column):
            return self._is_in_item(line, ended, fits)
        if self._bullet:
            return line.box[0] > last.box[0] - 0.5 * line.size
        return not (ended and self._is_indented(before, line))

    def _runs_over(self, before: ColumnLine, line: Line) -> bool:
        """Whether a paragraph goes on from the end of one column or page to the start of the next."""
        ended = before.line.text.endswith(_END)
        return _runs_on(before.line.text, line.text) or (
            len(self._lines) > 1 and not ended and not _would_fit(before, line)
        )

    def _begins_in(self, column: int) -> bool:
        """Whether the open block has its first line in this column."""
        return self._lines[0].column == column

    def _is_same_size(self, line: Line) -> bool:
        return abs(line.size - self._lines[-1].line.size) <= _SAME_SIZE * line.size

    def _step(self, line: Line) -> float:
        """How far a line stands below the one before, in usual steps."""
        return (line.base - self._lines[-1].line.base) / self._style.step(line.size)

    def _words_edge(self) -> float:
        """Where the words of the open list item begin, behind its bullet."""
        words = self._lines[0].line.words
        return words[min(self._bullet, len(words) - 1)].box[0]

    def _is_in_item(self, line: Line, ended: bool, fits: bool) -> bool:
        """Whether a line goes on with the open list item: its lines stand under its words, or in short lists under the
        bullet; one that is further left belongs to the text around the list."""
        bullet, words = self._lines[0].line.box[0], self._words_edge()
        if line.box[0] > bullet + 0.5 * (words - bullet):
            return True
        under_bullet = line.box[0] > bullet - 0.15 * line.size
        hanging = len(self._lines) > 1 and self._lines[-1].line.box[0] > bullet + 0.5 * (words - bullet)
        return under_bullet and not hanging and not (ended or fits)

    def _is_indented(self, before: ColumnLine, line: Line) -> bool:
        """Whether a line is indented as the first one of a paragraph."""
        return len(self._lines) > 1 and line.box[0] > before.line.box[0] + 0.8 * line.size


def _would_fit(before: ColumnLine, line: Line) -> bool:
    """Whether the first word of a line had place at the end of the line before: that one was ended on purpose."""
    last = before.line
    if last.text.endswith(("-", "\u00ad")):
        return False
    first = line.words[0]
    return last.box[2] + 0.3 * line.size + (first.box[2] - first.box[0]) < before.right - 0.3 * line.size


def bullet_words(line: Line) -> int:
    """How many words at the start of a line are a bullet."""
    match = _BULLET.match(line.text + " ")
    if not match or len(line.words) < 2:
        return 0
    words = length = 0
    for word in line.words:
        if length >= match.end():
            break
        length += len(word.text) + (0 if word.glued or not length else 1)
        words += 1
    return words


def _is_loose_heading(line: Line) -> bool:
    """Whether a line that stands alone in plain type is a heading: in capitals, or numbered."""
    words = line.text.split()
    if len(words) > _LOOSE_HEADING_WORDS or line.text.endswith((*_END, ",")):
        return False
    number = SECTION.match(line.text)
    title = line.text[number.end() :] if number else line.text
    letters = [letter for letter in title if letter.isalpha()]
    capitals = len(letters) >= 4 and title.isupper()
    return capitals or bool(number and title[:1].isupper() and len(letters) >= 4)


def _runs_on(before: str, after: str) -> bool:
    """Whether a sentence goes on from the end of one column or page to the start of the next."""
    return not before.endswith(_END) and (
        after[:1].islower() or before.endswith((",", "-", "\u00ad")) or after[:1] in "(0123456789"
    )


def set_levels(headings: list[Heading]) -> None:
    """Gives headings their levels: larger before smaller, bold before plain, then the depth of their numbers."""
    levels = {rank: number for number, rank in enumerate(sorted({heading.rank for heading in headings}), 1)}
    for heading in headings:
        if heading.kind is BlockKind.HEADING:
            heading.level = levels[heading.rank]
        else:
            heading.heading_level = levels[heading.rank]
