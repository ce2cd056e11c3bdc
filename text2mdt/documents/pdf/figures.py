"""Pictures, flowcharts and framed boxes of a page."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from text2mdt.documents.pdf.drawings import Drawings, meeting
from text2mdt.documents.pdf.lines import Word, around, lines_of
from text2mdt.documents.pdf.regions import Panel, Picture, holds
from text2mdt.documents.pdf.view import Rectangle

_PICTURE_SHARE = 0.03
"""Smaller pictures (logos, icons) are no figures, as a share of the page's area."""
_MOST_FRAMES = 400
"""Frames that are looked at; a page with more is a drawing."""
_FEWEST_BOXES = 3
_BOX_SHARE = (0.001, 0.12)
"""Area of a flowchart's box, as a share of the page's."""
_BOX_WIDTH = 0.6
_TOUCHING = 1.5  # points: cells of a table share their borders, boxes of a flowchart stand apart
_REACH = 8.0  # points: an arrow ends so near to a box
_FEWEST_JOINTS = 2
_LABEL_WORDS = 7
"""Lines between the boxes of a flowchart have no more words; else it is text with drawings in it."""
_STRIPE_HEIGHT = 40.0  # points
_PANEL_LINES = 2
_PANEL_SHARE = 0.5
"""A larger frame is drawn around the page, as a share of its area."""


def figures(drawings: Drawings, words: Sequence[Word], size: tuple[float, float]) -> tuple[list[Picture], list[Word]]:
    """The pictures and flowcharts of a page of this width and height, and its words without those of flowcharts."""
    area = size[0] * size[1]
    found = [
        Picture("figure", box)
        for box in _rectangles(drawings.images)
        if words and _area(box) >= _PICTURE_SHARE * area and not _holds_most(box, words)
    ]
    chart = _flowchart(drawings, words, size)
    if chart is None:
        return found, list(words)
    return [*found, Picture("flowchart", chart)], [word for word in words if not holds(chart, word)]


def panels(drawings: Drawings, words: Sequence[Word], size: tuple[float, float]) -> tuple[list[Panel], list[Word]]:
    """The framed or coloured boxes with several lines of text, outermost ones first, and the other words."""
    frames = [
        box for box in dict.fromkeys(_rectangles(drawings.frames)) if _area(box) < _PANEL_SHARE * size[0] * size[1]
    ]
    found: list[Panel] = []
    rest = list(words)
    for box in sorted(frames, key=_area, reverse=True):
        inside = [word for word in rest if holds(box, word)]
        if inside and len(lines_of(inside)) >= _PANEL_LINES:
            starts = {word.start for word in inside}
            rest = [word for word in rest if word.start not in starts]
            found.append(Panel(tuple(inside), around([box, *(word.box for word in inside)])))
    return found, rest


def tops_of_rows(drawings: Drawings) -> list[Rectangle]:
    """The upper edges of coloured stripes, and of pairs of ruled lines, as high as a row or two: columns that end above
    one do not go on below it."""
    rules = sorted((box for box in _rectangles(drawings.lines) if box[2] - box[0] > _STRIPE_HEIGHT), key=itemgetter(1))
    pairs = [
        around(pair) for pair in pairwise(rules) if _near(pair[0][0], pair[1][0]) and _near(pair[0][2], pair[1][2])
    ]
    stripes = [box for box in [*_rectangles(drawings.areas), *pairs] if 6 < box[3] - box[1] < _STRIPE_HEIGHT]
    return [(left, top, right, top) for left, top, right, _ in stripes]


def _near(first: float, second: float) -> bool:
    return abs(first - second) < _REACH


def _rectangles(boxes: NDArray[np.float32]) -> list[Rectangle]:
    return [(left, top, right, bottom) for left, top, right, bottom in boxes[:_MOST_FRAMES].tolist()]


def _area(box: Rectangle) -> float:
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)


def _holds_most(box: Rectangle, words: Sequence[Word]) -> bool:
    """Whether most words stand on a picture: a scan with its text, or a background."""
    return 2 * sum(holds(box, word) for word in words) > len(words)


def _flowchart(drawings: Drawings, words: Sequence[Word], size: tuple[float, float]) -> Rectangle | None:
    """The extent of a flowchart: outlines with words in them that stand apart, joined by lines or arrows."""
    area = size[0] * size[1]
    frames = list(dict.fromkeys(_rectangles(drawings.frames)))
    small = [
        box
        for box in frames
        if _BOX_SHARE[0] * area <= _area(box) <= _BOX_SHARE[1] * area and box[2] - box[0] < _BOX_WIDTH * size[0]
    ]
    boxes = [
        box
        for box in small
        if any(holds(box, word) for word in words) and not any(_touch(box, other) for other in small if other != box)
    ]
    if len(boxes) < _FEWEST_BOXES:
        return None
    empty = [box for box in frames if box not in boxes and not any(holds(box, word) for word in words)]
    joints = [*_rectangles(drawings.lines), *empty]
    for group in meeting(np.array([*boxes, *joints], dtype=np.float32), _REACH / 2):
        own = [boxes[number] for number in group if number < len(boxes)]
        if len(own) >= _FEWEST_BOXES and len(group) - len(own) >= _FEWEST_JOINTS:
            extent = around(own)
            between = [word for word in words if holds(extent, word) and not any(holds(box, word) for box in own)]
            if all(len(line.words) <= _LABEL_WORDS for line in lines_of(between)):
                return extent
    return None


def _touch(first: Rectangle, second: Rectangle) -> bool:
    gap_x = max(first[0], second[0]) - min(first[2], second[2])
    gap_y = max(first[1], second[1]) - min(first[3], second[3])
    nested = gap_x < 0 and gap_y < 0
    return not nested and gap_x < _TOUCHING and gap_y < _TOUCHING
