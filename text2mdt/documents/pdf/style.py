"""What is usual in a printed document: the size of its running text, and how far its lines stand apart."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from statistics import quantiles

from text2mdt.documents.document import CAPTION
from text2mdt.documents.pdf.lines import Line
from text2mdt.documents.pdf.regions import Column, Region

SECTION = re.compile(r"(?:(?:section|chapter|part)\s+)?(\d{1,2}(?:\.\d{1,3})*)\.?\s+(?=\S)", re.IGNORECASE)
_HEADING_WORDS = 16
_HEADING_SIZE = 1.1
"""A heading in plain type is so much larger than the running text."""
_SMALL = 0.9
_OFTEN, _LARGER = 0.4, 1.35
_MOST_STEPS = 500
_FEWEST_STEPS = 3
_USUAL_STEP = 1.2
_STRETCHED = 1.0  # points
_JUSTIFIED = 0.5


class Style:
    """The usual type; the steps between lines are learned from page to page.

    Args:
        letters: number of characters of each size (points, rounded to tenths).
        bold: how many of all characters are bold.
    """

    def __init__(self, letters: Counter[float], bold: int) -> None:
        self.size = _usual_size(letters)
        self._bold_is_usual = 2 * bold > letters.total()
        self._steps: defaultdict[float, list[float]] = defaultdict(list)
        self._lines = self._stretched = 0

    def learn(self, regions: Iterable[Region]) -> None:
        """Looks at the steps from line to line in columns of text, and at how many lines reach both edges."""
        for column in regions:
            if not isinstance(column, Column):
                continue
            for before, after in pairwise(column.lines):
                steps = self._steps[after.size]
                if before.size == after.size and len(steps) < _MOST_STEPS:
                    steps.append(after.base - before.base)
            text = [line for line in column.lines if abs(line.size - self.size) < 0.5 and not line.bold]
            self._lines += len(text)
            self._stretched += sum(is_stretched(line, column) for line in text)

    @property
    def is_justified(self) -> bool:
        return self._stretched > _JUSTIFIED * self._lines

    def step(self, size: float) -> float:
        """The usual distance between the base lines of two lines of this size."""
        steps = self._steps.get(size, ())
        if len(steps) < _FEWEST_STEPS:
            return _USUAL_STEP * size
        # Steps between paragraphs and items are among them, and may be many: the lower quartile.
        return min(quantiles(steps, n=4)[0], 2.2 * size)

    def is_small(self, line: Line) -> bool:
        return line.size < _SMALL * self.size

    def is_heading(self, line: Line) -> bool:
        """Whether a line is set as headings are: larger than the text, or bold from end to end."""
        words = line.text.split()
        if not 0 < len(words) <= _HEADING_WORDS or not any(character.isalpha() for character in line.text):
            return False
        if CAPTION.match(line.text) or line.text.endswith((";", ",")):
            return False
        if line.size >= _HEADING_SIZE * self.size:
            return True
        return self.is_bold(line) and not line.text.endswith((".", "!", "?", ";")) and not self.is_small(line)

    def is_bold(self, line: Line) -> bool:
        return line.bold and not self._bold_is_usual


def is_stretched(line: Line, column: Column) -> bool:
    return column.box[2] - line.box[2] < _STRETCHED


def _usual_size(letters: Counter[float]) -> float:
    """The size of running text: the most frequent one, or a somewhat larger one where that is of tables and notes."""
    if not letters:
        return 10.0
    most, count = letters.most_common(1)[0]
    return max(size for size, number in letters.items() if number >= _OFTEN * count and size <= _LARGER * most)
