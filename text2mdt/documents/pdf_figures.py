"""Pictures and flowcharts of a page: they are reported, not read."""

from __future__ import annotations

from collections.abc import Sequence

from text2mdt.documents.pdf_lines import Word, around
from text2mdt.documents.pdf_page import PageContent, Rectangle
from text2mdt.schema import Note

_PICTURE_SHARE = 0.03
"""Smaller images (logos, icons) are no figures, as a share of the page's area."""
_FEWEST_BOXES = 4
_BOX_SHARE = (0.001, 0.08)
"""Area of a flowchart's box, as a share of the page's."""
_BOX_WIDTH = 0.45
_TOUCHING = 1.5  # points: cells of a table share their borders, boxes of a flowchart stand apart


def figures(content: PageContent, words: Sequence[Word]) -> tuple[list[Note], list[Word]]:
    """What pictures and flowcharts a page has, and its words without those in the boxes of a flowchart."""
    page = f"page {content.number}"
    area = content.width * content.height
    notes = [
        Note(kind="figure", text=f"{page}: figure, not read", page=content.number)
        for image in content.images
        if _area(image) >= _PICTURE_SHARE * area and (words or _area(image) < 0.5 * area)
    ]
    boxes = _flowchart(content, words)
    if not boxes:
        return notes, list(words)
    chart = around(boxes)
    notes.append(Note(kind="flowchart", text=f"{page}: flowchart, not read", page=content.number))
    return notes, [word for word in words if not _holds(chart, word)]


def _area(box: Rectangle) -> float:
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)


def _flowchart(content: PageContent, words: Sequence[Word]) -> list[Rectangle]:
    """The boxes of a flowchart: outlines with words in them that stand apart, joined by lines."""
    area = content.width * content.height
    frames = [
        box
        for box in dict.fromkeys(content.frames)
        if _BOX_SHARE[0] * area <= _area(box) <= _BOX_SHARE[1] * area and box[2] - box[0] < _BOX_WIDTH * content.width
    ]
    boxes = [
        box
        for box in frames
        if any(_holds(box, word) for word in words) and not any(_touch(box, other) for other in frames if other != box)
    ]
    joined = any(_joins(line, boxes) for line in content.lines)
    return boxes if len(boxes) >= _FEWEST_BOXES and joined else []


def _holds(box: Rectangle, word: Word) -> bool:
    x, y = (word.box[0] + word.box[2]) / 2, (word.box[1] + word.box[3]) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _touch(first: Rectangle, second: Rectangle) -> bool:
    gap_x = max(first[0], second[0]) - min(first[2], second[2])
    gap_y = max(first[1], second[1]) - min(first[3], second[3])
    nested = gap_x < 0 and gap_y < 0
    return not nested and gap_x < _TOUCHING and gap_y < _TOUCHING


def _joins(line: Rectangle, boxes: Sequence[Rectangle]) -> bool:
    """Whether a line begins or ends at a box."""
    return sum(_touch(line, box) for box in boxes) >= 2
