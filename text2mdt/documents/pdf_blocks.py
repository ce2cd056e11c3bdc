"""Lines in reading order → headings, paragraphs and list items."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median

from text2mdt.documents.document import CAPTION, BlockKind
from text2mdt.documents.pdf_columns import Region, Table
from text2mdt.documents.pdf_lines import Line

_BULLET = re.compile(r"(?:[•·▪▫◦‣●○■□►▸➢➤✓❑\uf0b7\uf0a7\uf0d8–—*o-]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)])(?=\s)")
_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,3})+\.?(?=\s)")
_SECTION = re.compile(r"(?:(?:section|chapter|part)\s+)?(\d{1,2}(?:\.\d{1,3})*)\.?\s+(?=\S)", re.IGNORECASE)
_END = (".", "!", "?", ":", ";")
_STOP = (".", "!", "?", ":")
_HEADING_WORDS = 16
_HEADING_SIZE = 1.1
"""A heading in plain type is so much larger than the running text."""
_STEP = 1.35
"""A step from line to line that is so much longer than usual begins a new paragraph."""
_SHORT = 0.75
"""A line that ends before this share of its column and with a full stop ends its paragraph."""


@dataclass(frozen=True)
class PlacedLine:
    """A line, its page (from 1), and the region of that page it stands in."""

    line: Line
    page: int
    region: int
    left: float
    right: float


@dataclass
class TextDraft:
    """A block of lines to be written out.

    Attributes:
        bullet: number of words at its start that are a bullet, and no content.
        level: depth of a heading or of a list item, from 1.
    """

    kind: BlockKind
    lines: list[PlacedLine]
    bullet: int = 0
    level: int = 0


@dataclass(frozen=True)
class TableDraft:
    """A table to be written out, with its page."""

    table: Table
    page: int


Draft = TextDraft | TableDraft


def drafts_of(pages: Sequence[tuple[int, Sequence[Region]]]) -> list[Draft]:
    """The blocks of a document from the regions of its pages (number, regions in reading order)."""
    style = _Style([region for _, regions in pages for region in regions])
    drafts: list[Draft] = []
    joiner = _Joiner(style)
    region_number = 0
    for page, regions in pages:
        for region in regions:
            region_number += 1
            if isinstance(region, Table):
                drafts += joiner.closed()
                drafts.append(TableDraft(region, page))
                continue
            left, _, right, _ = region.box
            for line in region.lines:
                drafts += joiner.add(PlacedLine(line, page, region_number, left, right))
    return _with_levels([*drafts, *joiner.closed()])


class _Style:
    """What is usual in the document: the size of running text, and the step between its lines."""

    def __init__(self, regions: Iterable[Region]) -> None:
        letters: Counter[float] = Counter()
        steps: defaultdict[float, list[float]] = defaultdict(list)
        for region in regions:
            if isinstance(region, Table):
                continue
            previous: Line | None = None
            for line in region.lines:
                size = round(line.size, 1)
                letters[size] += len(line.text)
                if previous and abs(previous.size - line.size) < 0.5:
                    steps[size].append(line.box[3] - previous.box[3])
                previous = line
        self.size = letters.most_common(1)[0][0] if letters else 10.0
        self._steps = {size: median(values) for size, values in steps.items() if len(values) >= 3}

    def step(self, line: Line) -> float:
        """The usual distance between the lower edges of two lines of this size."""
        known = self._steps.get(round(line.size, 1))
        return min(known, 1.6 * line.size) if known else 1.2 * line.size

    def is_heading(self, line: Line) -> bool:
        words = line.text.split()
        if not 0 < len(words) <= _HEADING_WORDS or not any(character.isalpha() for character in line.text):
            return False
        if CAPTION.match(line.text) or line.text.endswith((";", ",")):
            return False
        if line.size >= _HEADING_SIZE * self.size:
            return True
        ends = line.text.endswith(_END) and not line.text.endswith(":")
        return line.bold and not ends and line.size > 0.9 * self.size


@dataclass
class _Joiner:
    """Joins lines to blocks as they come."""

    style: _Style
    lines: list[PlacedLine] = field(default_factory=list)
    heading: bool = False
    bullet: int = 0
    indents: list[float] = field(default_factory=list)

    def add(self, placed: PlacedLine) -> list[TextDraft]:
        """Takes a line; gives the block that it ends, if it does."""
        heading = self.style.is_heading(placed.line)
        bullet = 0 if heading else _bullet_words(placed.line)
        if self.lines and self._goes_on(placed, heading, bullet):
            self.lines.append(placed)
            return []
        done = self.closed()
        self.lines, self.heading, self.bullet = [placed], heading, bullet
        return done

    def closed(self) -> list[TextDraft]:
        """Ends the open block."""
        if not self.lines:
            return []
        lines, self.lines = self.lines, []
        if self.heading:
            self.indents = []
            return [TextDraft(BlockKind.HEADING, lines)]
        if self.bullet:
            return [TextDraft(BlockKind.LIST_ITEM, lines, self.bullet, self._level(lines[0]))]
        self.indents = []
        return [TextDraft(BlockKind.PARAGRAPH, lines)]

    def _level(self, placed: PlacedLine) -> int:
        """The depth of a list item, by how far it is indented against the items before it."""
        indent = placed.line.box[0] - placed.left
        while self.indents and indent < self.indents[-1] - 3:
            self.indents.pop()
        if not self.indents or indent > self.indents[-1] + 3:
            self.indents.append(indent)
        return len(self.indents)

    def _goes_on(self, placed: PlacedLine, heading: bool, bullet: int) -> bool:
        """Whether a line continues the open block."""
        last, line = self.lines[-1], placed.line
        if bullet or heading != self.heading or abs(line.size - last.line.size) > 0.08 * last.line.size:
            return False
        if heading and (line.bold != last.line.bold or _SECTION.match(line.text)):
            return False
        if _NUMBER.match(line.text):
            return False
        if placed.region != last.region:
            return not heading and _runs_on(last.line.text, line.text)
        if line.box[3] - last.line.box[3] > _STEP * self.style.step(line):
            return False
        return heading or self._same_paragraph(last, placed)

    def _same_paragraph(self, last: PlacedLine, placed: PlacedLine) -> bool:
        line = placed.line
        size = line.size
        ended = last.line.text.endswith(_STOP)
        short = last.line.box[2] < last.left + _SHORT * (last.right - last.left)
        if self.bullet:
            # The lines of an item stand under its words; one further left belongs to the text around the list.
            words = self.lines[0].line.words
            hanging = words[min(self.bullet, len(words) - 1)].box[0]
            return line.box[0] > self.lines[0].line.box[0] + 0.3 * size or (
                hanging - self.lines[0].line.box[0] < 0.3 * size or not ended
            )
        if len(self.lines) > 1 and line.box[0] > last.line.box[0] + 0.8 * size and ended:
            return False  # the first line of a paragraph is indented
        return not (ended and short and line.text[:1].isupper())


def _bullet_words(line: Line) -> int:
    """How many words at the start of a line are a bullet."""
    match = _BULLET.match(line.text + " ")
    if not match or len(line.words) < 2:
        return 0
    words = 0
    length = 0
    for word in line.words:
        if length >= match.end():
            break
        length += len(word.text) + (0 if word.glued or not length else 1)
        words += 1
    return words


def _runs_on(before: str, after: str) -> bool:
    """Whether a sentence goes on from the end of one column or page to the start of the next."""
    return not before.endswith(_END) and (
        after[:1].islower() or before.endswith((",", "-")) or after[:1] in "(0123456789"
    )


def _with_levels(drafts: list[Draft]) -> list[Draft]:
    """Gives headings their levels: larger before smaller, bold before plain, then the depth of their numbers."""
    headings = [draft for draft in drafts if isinstance(draft, TextDraft) and draft.kind is BlockKind.HEADING]
    keys = {id(draft): _rank(draft) for draft in headings}
    levels = {key: number for number, key in enumerate(sorted(set(keys.values())), 1)}
    for draft in headings:
        draft.level = levels[keys[id(draft)]]
    return drafts


def _rank(draft: TextDraft) -> tuple[float, bool, int]:
    line = draft.lines[0].line
    number = _SECTION.match(line.text)
    return -round(line.size * 2) / 2, not line.bold, number[1].count(".") if number else 0
