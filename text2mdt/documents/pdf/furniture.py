"""Headers, footers and page numbers: lines at the edge of the page that return from page to page."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from text2mdt.documents.document import CAPTION
from text2mdt.documents.pdf.lines import Line, Word, lines_of

_MARGIN = 0.12
"""Headers and footers stand in this share of the page's height at its top and bottom."""
_SHARE = 0.3
"""Share of the pages on which the same line must return."""
_BAND_SHARE = 0.5
"""Share of the pages that have a line at one height, most of them one that returns (chapters name themselves)."""
_WHITE = 0.8
"""White between a header and the text, in sizes of its type."""
_FAR = 1.5
_LARGE = 1.25
_SMALL = 0.92
_SAME_HEIGHT = 4.0  # points
_LINE_NUMBER = re.compile(r"\d{1,4}")
_FEWEST_NUMBERS = 8
_NOTE_MARK = re.compile(r"(?:\d{1,2}|[a-z]|[*\u2020\u2021\u00a7]+)\b|\W")
_PAGE_NUMBER = re.compile(
    r"[\W_]*(?:(?:page|p\.?|seite)\s*)?(?:[A-Z]-?)?(?:\d{1,4}|[ivxl]{1,6})(?:\s*(?:of|von|/)\s*\d{1,4})?[\W_]*",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\d+|\b[ivxl]+\b", re.IGNORECASE)
_EDGE_NUMBER = re.compile(r"^\D{0,2}(\d{1,4})\b|\b(\d{1,4})\D{0,2}$")


@dataclass(frozen=True)
class MarginLine:
    """A line at the top or bottom of a page.

    Attributes:
        page: from 0.
        band: where it stands, counted from its own end of the page, so that pages of two sizes compare.
        inner: white between it and the next line towards the middle of the page, in sizes of its type.
        key: its words, whatever number the page has.
        starts: `Word.start` of its words.
    """

    page: int
    band: int
    inner: float
    key: str
    text: str
    size: float
    starts: tuple[int, ...]


def margin_lines(words: Iterable[Word], height: float, page: int) -> list[list[MarginLine]]:
    """The lines in the top and in the bottom margin of a page of this height, each from the edge inwards."""
    lines = lines_of(words)
    top = [line for line in lines if line.box[3] < _MARGIN * height]
    bottom = [line for line in reversed(lines) if line.box[1] > (1 - _MARGIN) * height]
    found = []
    for margin, below in ((top, lines), (bottom, lines[::-1])):
        white = [
            _white(line, below[index + 1] if index + 1 < len(below) else None) for index, line in enumerate(margin)
        ]
        found.append([_margin_line(line, gap, height, page) for line, gap in zip(margin, white, strict=True)])
    return found


def _white(line: Line, inner: Line | None) -> float:
    if inner is None:
        return 99.0
    return max(inner.box[1] - line.box[3], line.box[1] - inner.box[3]) / line.size


def _margin_line(line: Line, inner: float, height: float, page: int) -> MarginLine:
    from_bottom = line.box[1] > height / 2
    place = height - line.base if from_bottom else line.base
    band = round(place / _SAME_HEIGHT) * (-1 if from_bottom else 1)
    key, starts = (_NUMBER.sub("#", line.text.lower()), tuple(word.start for word in line.words))
    return MarginLine(page, band, inner, key, line.text, line.size, starts)


class Furniture:
    """Knows the headers and footers of a document.

    Args:
        margins: for each page the lines of its margins, see `margin_lines`.
        words: for each page the number of its words.
        size: of the running text.
    """

    def __init__(self, margins: Sequence[Sequence[Sequence[MarginLine]]], words: Sequence[int], size: float) -> None:
        self._size = size
        self._pages = len(margins)
        every = [line for page in margins for margin in page for line in margin]
        self._pages_of = _pages_of(every)
        self._bands = self._running_heads(every)
        self._offset = _page_offset(every)
        self._seen: set[str] = set()
        self._heads = self._above_text(margins, words)

    def starts(self, margins: Sequence[Sequence[MarginLine]], words: int) -> set[int]:
        """`Word.start` of the words of a page that are header or footer; pages come in order and have so many words."""
        lines = [line for margin in margins for line in self._outer(margin, self._is_new)]
        if _count(lines) == words:  # nothing else on the page: what is no header on other pages is its text
            lines = [line for line in lines if _is_page_number(line) or (line.key, line.band) in self._heads]
        return {start for line in lines for start in line.starts}

    def _above_text(
        self, margins: Sequence[Sequence[Sequence[MarginLine]]], words: Sequence[int]
    ) -> set[tuple[str, int]]:
        """Words and place of the headers and footers of pages that have other words too."""
        heads: set[tuple[str, int]] = set()
        for page, count in zip(margins, words, strict=True):
            lines = [line for margin in page for line in self._outer(margin, lambda line: False)]
            if _count(lines) < count:
                heads.update((line.key, line.band) for line in lines)
        return heads

    def _outer(self, margin: Sequence[MarginLine], is_new: Callable[[MarginLine], bool]) -> list[MarginLine]:
        """The lines from the edge inwards that return, as far as they stand clear of the text; none from a large one
        that is new on."""
        end = 0
        for number, line in enumerate(margin, 1):
            if not self._returns(line) or (line.size > _LARGE * self._size and is_new(line)):
                break
            if line.inner >= _WHITE or _is_page_number(line):
                end = number
        return list(margin[:end])

    def _returns(self, line: MarginLine) -> bool:
        if CAPTION.match(line.text):  # tables may begin at the top of several pages
            return False
        if _is_page_number(line) or self._has_page_number(line) or line.band in self._bands:
            return True
        if len(self._pages_of[line.key, line.band]) >= max(2, _SHARE * self._pages):
            return True
        # Two pages are too few to tell: a small line far from the text, that is no footnote.
        small = line.size < _SMALL * self._size and line.inner >= _FAR
        return small and self._pages <= 2 and (line.band > 0 or not _NOTE_MARK.match(line.text))

    def _is_new(self, line: MarginLine) -> bool:
        """Whether words are seen for the first time: a title that returns on every page is read once."""
        new = line.key not in self._seen
        self._seen.add(line.key)
        return new

    def _has_page_number(self, line: MarginLine) -> bool:
        number = _edge_number(line)
        return number is not None and self._offset is not None and number - line.page == self._offset

    def _running_heads(self, lines: Sequence[MarginLine]) -> set[int]:
        """Heights at which most pages have a line that stands clear of the text, and most of these lines return."""
        bands: dict[int, list[MarginLine]] = defaultdict(list)
        for line in lines:
            bands[line.band].append(line)
        return {
            band
            for band, found in bands.items()
            if len({line.page for line in found}) >= max(3, _BAND_SHARE * self._pages)
            and median(line.inner for line in found) >= _WHITE
            and sum(len(self._pages_of[line.key, band]) > 1 for line in found) >= _BAND_SHARE * len(found)
        }


def _count(lines: Iterable[MarginLine]) -> int:
    return sum(len(line.starts) for line in lines)


def _is_page_number(line: MarginLine) -> bool:
    return _PAGE_NUMBER.fullmatch(line.text) is not None


def _pages_of(lines: Iterable[MarginLine]) -> dict[tuple[str, int], set[int]]:
    """The pages on which the same words stand at the same height."""
    pages: dict[tuple[str, int], set[int]] = defaultdict(set)
    for line in lines:
        pages[line.key, line.band].add(line.page)
    return pages


def _edge_number(line: MarginLine) -> int | None:
    found = _EDGE_NUMBER.search(line.text)
    return int(found[1] or found[2]) if found and line.inner >= _WHITE else None


def _page_offset(lines: Iterable[MarginLine]) -> int | None:
    """What the printed page number has more than the number of pages before it, where two pages or more agree."""
    offsets: dict[int, set[int]] = defaultdict(set)
    for line in lines:
        number = _edge_number(line)
        if number is not None:
            offsets[number - line.page].add(line.page)
    offset, pages = max(offsets.items(), key=lambda item: len(item[1]), default=(0, set()))
    return offset if len(pages) >= 2 else None


def without_line_numbers(words: Sequence[Word]) -> list[Word]:
    """The words without the numbers of lines in the margin of a draft: numbers under one another that grow evenly."""
    numbers = sorted((word for word in words if _LINE_NUMBER.fullmatch(word.text)), key=lambda word: word.base)
    columns: dict[int, list[Word]] = defaultdict(list)
    for word in numbers:
        columns[round(word.box[2] / _SAME_HEIGHT)].append(word)
    left_out: set[int] = set()
    for column in columns.values():
        values = [int(word.text) for word in column]
        steps = {after - before for before, after in pairwise(values)}
        outside = not any(word.box[2] < column[-1].box[0] for word in words)
        if len(values) >= _FEWEST_NUMBERS and steps in ({1}, {5}) and outside:
            left_out.update(word.start for word in column)
    return [word for word in words if word.start not in left_out]
