"""Ruled lines, frames and pictures of a PDF page, through pdfium."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from numpy.typing import NDArray

from text2mdt.documents.pdf.view import View

MAX_OBJECTS = 20_000
_DEEPEST = 8
_THIN = 2.5  # points: a path that is no thicker is a ruled line
_WHITE = 245  # of 255
_KINDS = (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING)

_Matrix = tuple[float, float, float, float, float, float]
_UNCHANGED: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True)
class Drawings:
    """What is drawn on a page; boxes [n, 4], of the page's own coordinates until they are `seen`.

    Attributes:
        lines: ruled ones (flat paths).
        frames: other outlines and coloured areas.
        areas: the coloured areas among the frames, and pictures: white words on them can be read.
        images: pictures.
    """

    lines: NDArray[np.float32]
    frames: NDArray[np.float32]
    areas: NDArray[np.float32]
    images: NDArray[np.float32]

    def seen(self, view: View) -> Drawings:
        """Left, top, right, bottom on the page as it is read; without what stands beside the page."""
        width, height = view.size
        found = []
        for field in fields(self):
            boxes = view.rectangles(getattr(self, field.name).astype(np.float64))
            on_page = (boxes[:, 2] > 0) & (boxes[:, 3] > 0) & (boxes[:, 0] < width) & (boxes[:, 1] < height)
            found.append(boxes[on_page])
        return Drawings(*found)


def no_drawings() -> Drawings:
    return Drawings(*(_boxes([]) for _ in range(4)))


def drawings_of(page: pdfium.PdfPage) -> Drawings:
    lines: list[tuple[float, ...]] = []
    frames: list[tuple[float, ...]] = []
    areas: list[tuple[float, ...]] = []
    images: list[tuple[float, ...]] = []
    for item, kind, box in _objects(page):
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            images.append(box)
            areas.append(box)
            continue
        filled, stroked = _is_painted(item, kind)
        if filled or stroked:
            (lines if min(box[2] - box[0], box[3] - box[1]) <= _THIN else frames).append(box)
        if filled:
            areas.append(box)
    return Drawings(_boxes(lines), _boxes(frames), _boxes(areas), _boxes(images))


def _boxes(boxes: list[tuple[float, ...]]) -> NDArray[np.float32]:
    return np.array(boxes, dtype=np.float32).reshape(-1, 4)


def _objects(page: pdfium.PdfPage) -> Iterator[tuple[Any, int, tuple[float, ...]]]:
    """Paths and pictures with their kind and box, those in forms too, as many as a page can sensibly have."""
    left = MAX_OBJECTS
    for item, kind, matrix in _walk(page, _UNCHANGED, 0, page):
        left -= 1
        if left < 0:
            return
        if kind in _KINDS and (box := _bounds(item, matrix)) is not None:
            yield item, kind, box


def _walk(holder: Any, matrix: _Matrix, depth: int, page: pdfium.PdfPage) -> Iterator[tuple[Any, int, _Matrix]]:
    """All objects of a page or form, each with the matrix that brings its bounds to the page."""
    count, get = (
        (raw.FPDFPage_CountObjects, raw.FPDFPage_GetObject)
        if holder is page
        else (raw.FPDFFormObj_CountObjects, raw.FPDFFormObj_GetObject)
    )
    for index in range(count(holder)):
        item = get(holder, index)
        if not item:
            continue
        kind = raw.FPDFPageObj_GetType(item)
        yield item, kind, matrix
        if kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
            own = raw.FS_MATRIX()
            if raw.FPDFPageObj_GetMatrix(item, own):
                inner = _product((own.a, own.b, own.c, own.d, own.e, own.f), matrix)
                yield from _walk(item, inner, depth + 1, page)


def _product(first: _Matrix, second: _Matrix) -> _Matrix:
    a, b, c, d, e, f = first
    g, h, i, j, k, m = second
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _bounds(item: Any, matrix: _Matrix) -> tuple[float, ...] | None:
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not raw.FPDFPageObj_GetBounds(item, left, bottom, right, top):
        return None
    a, b, c, d, e, f = matrix
    corners = [(x.value, y.value) for x in (left, right) for y in (bottom, top)]
    xs = [a * x + c * y + e for x, y in corners]
    ys = [b * x + d * y + f for x, y in corners]
    box = min(xs), min(ys), max(xs), max(ys)
    return box if all(np.isfinite(box)) else None


def _is_painted(item: Any, kind: int) -> tuple[bool, bool]:
    """Whether a path is filled with a colour that is not white, and whether its outline is drawn in one."""
    if kind == raw.FPDF_PAGEOBJ_SHADING:
        return True, False
    mode, stroke = ctypes.c_int(), raw.FPDF_BOOL()
    if not raw.FPDFPath_GetDrawMode(item, mode, stroke):
        return False, False
    filled = mode.value != raw.FPDF_FILLMODE_NONE and _has_colour(raw.FPDFPageObj_GetFillColor, item)
    return filled, bool(stroke.value) and _has_colour(raw.FPDFPageObj_GetStrokeColor, item)


def _has_colour(get: Any, item: Any) -> bool:
    return not is_white(get, item)


def is_white(get: Any, *item: Any) -> bool:
    """Whether a colour that pdfium gives for an object (or a character: page, index) cannot be seen on white."""
    red, green, blue, alpha = (ctypes.c_uint() for _ in range(4))
    if not get(*item, red, green, blue, alpha):
        return False
    return alpha.value == 0 or min(red.value, green.value, blue.value) >= _WHITE


def meeting(boxes: NDArray[np.float32], reach: float) -> list[NDArray[np.int64]]:
    """The numbers of the boxes of each group that hangs together, with gaps of at most `reach` points."""
    group = np.full(len(boxes), -1)
    for first in range(len(boxes)):
        if group[first] >= 0:
            continue
        group[first] = first
        waiting = [first]
        while waiting:
            left, top, right, bottom = boxes[waiting.pop()]
            near = (boxes[:, 0] < right + reach) & (boxes[:, 2] > left - reach) & (group < 0)
            near &= (boxes[:, 1] < bottom + reach) & (boxes[:, 3] > top - reach)
            group[near] = first
            waiting += np.flatnonzero(near).tolist()
    return [np.flatnonzero(group == number) for number in np.unique(group)]
