"""From the coordinates of a PDF page to the page as it is read, and as it is shown."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

Rectangle = tuple[float, float, float, float]
"""left, top, right, bottom in points from the top left corner of the page as it is read."""


@dataclass(frozen=True)
class View:
    """The visible part of a page and how it is turned.

    Attributes:
        left, bottom, right, top: of the visible part, in the page's own coordinates (points, from the bottom left).
        turns: quarter turns clockwise by which the page is shown.
        sideways: further quarter turns that bring its text upright (a table that is printed sideways).
    """

    left: float
    bottom: float
    right: float
    top: float
    turns: int = 0
    sideways: int = 0

    @classmethod
    def of(cls, page: pdfium.PdfPage) -> View:
        left, bottom, right, top = page.get_bbox()
        return cls(left, bottom, right, top, page.get_rotation() // 90 % 4)

    def sideways_by(self, turns: int) -> View:
        return replace(self, sideways=turns)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the page as it is read."""
        return self._size(self.turns + self.sideways)

    @property
    def shown_size(self) -> tuple[float, float]:
        return self._size(self.turns)

    def _size(self, turns: int) -> tuple[float, float]:
        width, height = self.right - self.left, self.top - self.bottom
        return (height, width) if turns % 2 else (width, height)

    def points(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points [n, 2] of the page → x, y from the top left corner of the page as it is read."""
        x, y = points[:, 0], points[:, 1]
        match (self.turns + self.sideways) % 4:
            case 1:
                return np.stack([y - self.bottom, x - self.left], axis=1)
            case 2:
                return np.stack([self.right - x, y - self.bottom], axis=1)
            case 3:
                return np.stack([self.top - y, self.right - x], axis=1)
            case _:
                return np.stack([x - self.left, self.top - y], axis=1)

    def rectangles(self, boxes: NDArray[np.float64]) -> NDArray[np.float32]:
        """Boxes [n, 4] of the page (two opposite corners) → left, top, right, bottom on the page as it is read."""
        first, second = self.points(boxes[:, :2]), self.points(boxes[:, 2:])
        return np.concatenate([np.minimum(first, second), np.maximum(first, second)], axis=1).astype(np.float32)

    def shown(self, boxes: NDArray[np.float32]) -> NDArray[np.float32]:
        """Boxes [n, 4] on the page as it is read → on the page as it is shown."""
        width, height = self.size
        left, top, right, bottom = boxes.T
        match self.sideways % 4:
            case 1:
                turned = [top, width - right, bottom, width - left]
            case 2:
                turned = [width - right, height - bottom, width - left, height - top]
            case 3:
                turned = [height - bottom, left, height - top, right]
            case _:
                return boxes
        return np.stack(turned, axis=1)
