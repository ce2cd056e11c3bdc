"""Strips of white between things that stand side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from text2mdt.documents.pdf.regions import Unit
from text2mdt.documents.pdf.view import Rectangle

_MOST = 400
"""So many places are tried, evenly drawn from all, so that a page of nothing but dots does not take for ever."""


@dataclass(frozen=True)
class Gutter:
    """A strip of white, in points."""

    left: float
    right: float
    top: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2

    def parts(self, units: Sequence[Unit]) -> tuple[list[Unit], list[Unit], list[Unit], list[Unit]]:
        """The units above it, left of it, right of it, and below it."""
        parts: tuple[list[Unit], list[Unit], list[Unit], list[Unit]] = ([], [], [], [])
        for unit in units:
            _, top, right, bottom = unit.box
            middle = (top + bottom) / 2
            if middle < self.top:
                parts[0].append(unit)
            elif middle > self.bottom:
                parts[3].append(unit)
            else:
                parts[1 if right <= self.right else 2].append(unit)
        return parts


def gutters(units: Sequence[Unit], least: float, barriers: Sequence[Rectangle] = ()) -> list[Gutter]:
    """The strips at least so wide, the tallest first; of those that divide the same units the leftmost.

    No strip goes over one of the barriers, which are lines.
    """
    boxes = np.array([unit.box for unit in units], dtype=np.float64)
    lines = np.array(barriers, dtype=np.float64).reshape(-1, 4)
    places = np.unique(np.ceil(np.concatenate([boxes[:, 2], lines[:, 2]])))
    if len(places) > _MOST:
        places = places[np.linspace(0, len(places) - 1, _MOST).astype(int)]
    top, bottom = float(boxes[:, 1].min()), float(boxes[:, 3].max())
    found: dict[tuple[float, float, int], Gutter] = {}
    for left in places[places <= boxes[:, 2].max() - least].tolist():
        crossing = np.concatenate([_within(boxes, left, left + least), _within(lines, left, left + least)])
        for first, last in _free(crossing, top, bottom):
            inside = (boxes[:, 1] >= first - 0.5) & (boxes[:, 3] <= last + 0.5)
            before = int((inside & (boxes[:, 2] <= left)).sum())
            if 0 < before < inside.sum():
                found.setdefault((first, last, before), Gutter(left, left + least, first, last))
    return sorted(found.values(), key=lambda gutter: gutter.top - gutter.bottom)


def _within(boxes: NDArray[np.float64], left: float, right: float) -> NDArray[np.float64]:
    return boxes[(boxes[:, 0] < right) & (boxes[:, 2] > left)]


def _free(crossing: NDArray[np.float64], top: float, bottom: float) -> Iterator[tuple[float, float]]:
    """The stretches between `top` and `bottom` that none of the boxes [n, 4] covers."""
    for start, end in [*sorted(zip(crossing[:, 1].tolist(), crossing[:, 3].tolist(), strict=True)), (bottom, bottom)]:
        if start > top:
            yield top, start
        top = max(top, end)
