"""Where the characters of a paged document stand on its pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from text2mdt.schema import Box, Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_SAME_LINE = 0.5
"""Share of the lower height by which two characters must overlap to stand on one line."""
_GAP = 2.0
"""Widest gap inside a box, in heights of the line; a wider one divides columns."""


@dataclass(frozen=True)
class Page:
    """A page: its number from 1 and its size in points."""

    number: int
    width: float
    height: float


class Layout:
    """Pages, and a box for every character.

    Args:
        pages: numbered from 1, in order.
        boxes: [characters, 4] float32, left, top, right, bottom in points from the page's top left corner; a
            character that is not printed (a blank of ours, a line end) has four zeros.
        page_numbers: [characters] int32, the page of each character.

    Raises:
        ValueError: for arrays that do not fit each other.
    """

    def __init__(self, pages: Sequence[Page], boxes: NDArray[np.float32], page_numbers: NDArray[np.int32]) -> None:
        if boxes.shape != (len(page_numbers), 4):
            raise ValueError(f"boxes of shape {boxes.shape} for {len(page_numbers)} characters")
        self.pages = tuple(pages)
        self._boxes = boxes
        self._page_numbers = page_numbers

    def page_of(self, offset: int) -> Page:
        """The page that holds a character."""
        return self.pages[int(self._page_numbers[offset]) - 1]

    def boxes(self, spans: Iterable[Span]) -> tuple[Box, ...]:
        """One box for each line (and column) that the spans touch, in their order."""
        found: list[Box] = []
        for span in spans:
            found += self._lines(span)
        return tuple(found)

    def _lines(self, span: Span) -> list[Box]:
        lines: list[Box] = []
        last: Box | None = None  # the character before
        for offset in range(span.start, min(span.end, len(self._boxes))):
            left, top, right, bottom = (float(value) for value in self._boxes[offset])
            if right <= left and bottom <= top:
                continue
            box = Box(page=int(self._page_numbers[offset]), left=left, top=top, right=right, bottom=bottom)
            if last and _continues(last, box):
                lines[-1] = _around(lines[-1], box)
            else:
                lines.append(box)
            last = box
        return lines


def _continues(last: Box, box: Box) -> bool:
    """Whether a character stands on the line of the one before; lines may be printed sideways or upside down."""
    if last.page != box.page:
        return False
    beside = _gap((last.left, last.right), (box.left, box.right))
    below = _gap((last.top, last.bottom), (box.top, box.bottom))
    height = max(min(last.bottom - last.top, box.bottom - box.top), 0.1)
    width = max(min(last.right - last.left, box.right - box.left), 0.1)
    if below <= -_SAME_LINE * height and -height < beside < _GAP * max(last.bottom - last.top, height):
        return True
    # The boxes of characters are as high as their type: those of a line that is printed sideways are wider than high.
    sideways = all(each.right - each.left > each.bottom - each.top for each in (last, box))
    return sideways and beside <= -_SAME_LINE * width and -width < below < _GAP * width


def _gap(first: tuple[float, float], second: tuple[float, float]) -> float:
    """The distance of two stretches; negative by as much as they overlap."""
    return max(first[0], second[0]) - min(first[1], second[1])


def _around(first: Box, second: Box) -> Box:
    return Box(
        page=first.page,
        left=min(first.left, second.left),
        top=min(first.top, second.top),
        right=max(first.right, second.right),
        bottom=max(first.bottom, second.bottom),
    )
