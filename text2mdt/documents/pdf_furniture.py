"""Headers, footers and page numbers: lines that return at the same height from page to page."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from text2mdt.documents.pdf_lines import Line, Word, lines_of

_MARGIN = 0.12
"""Headers and footers stand in this share of the page's height at its top and bottom."""
_SHARE = 0.3
"""Share of the pages on which a line must return; left and right pages may differ, and chapters name themselves."""
_SAME_HEIGHT = 6.0  # points
_PAGE_NUMBER = re.compile(
    r"(?:page\s*|p\.\s*|[-–—|]\s*)?(?:\d{1,4}|[ivxl]{1,6})(?:\s*(?:of|/)\s*\d{1,4})?(?:\s*[-–—|])?", re.I
)
_NUMBER = re.compile(r"\d+|\b[ivxl]+\b", re.IGNORECASE)


def without_furniture(pages: Sequence[Sequence[Word]], heights: Sequence[float]) -> list[list[Word]]:
    """The words of each page without its header and footer; `heights` are those of the pages, in points."""
    margins = [list(_margin_lines(words, height)) for words, height in zip(pages, heights, strict=True)]
    repeated = _repeated(margins, heights)
    return [
        _without(words, [line for line in lines if (_key(line), _band(line, height)) in repeated or _is_number(line)])
        for words, lines, height in zip(pages, margins, heights, strict=True)
    ]


def _margin_lines(words: Sequence[Word], height: float) -> list[Line]:
    top = [word for word in words if word.box[3] < _MARGIN * height]
    bottom = [word for word in words if word.box[1] > (1 - _MARGIN) * height]
    return [*lines_of(top), *lines_of(bottom)]


def _repeated(margins: Sequence[Sequence[Line]], heights: Sequence[float]) -> set[tuple[str, int]]:
    seen: dict[tuple[str, int], set[int]] = defaultdict(set)
    for page, (lines, height) in enumerate(zip(margins, heights, strict=True)):
        for line in lines:
            seen[_key(line), _band(line, height)].add(page)
    least = max(2, _SHARE * len(margins))
    return {key for key, found in seen.items() if len(found) >= least}


def _key(line: Line) -> str:
    """The words of a line, whatever number the page has."""
    return _NUMBER.sub("#", line.text.lower())


def _band(line: Line, height: float) -> int:
    """Where a line stands, counted from its own end of the page, so that pages of two sizes compare."""
    from_bottom = height - line.box[3]
    top = line.box[1] < height / 2
    return round(line.box[1] / _SAME_HEIGHT) if top else -1 - round(from_bottom / _SAME_HEIGHT)


def _is_number(line: Line) -> bool:
    return _PAGE_NUMBER.fullmatch(line.text.strip()) is not None


def _without(words: Sequence[Word], lines: Sequence[Line]) -> list[Word]:
    dropped = {id(word) for line in lines for word in line.words}
    return [word for word in words if id(word) not in dropped]
