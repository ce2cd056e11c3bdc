"""What stands on a page of a PDF: characters with their boxes, ruled lines, frames and images, through pdfium."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as raw

MAX_CHARACTERS = 60_000
"""More on one page is no text for people."""
MAX_OBJECTS = 50_000
_THIN = 2.5  # points: a path that is no thicker is a ruled line
_UPRIGHT = 0.1  # radians
_BOLD_WEIGHT = 600
_BOLD_NAME = re.compile(r"bold|black|heavy|semibold|demi|-bd\b", re.IGNORECASE)

Rectangle = tuple[float, float, float, float]
"""left, top, right, bottom in points from the page's top left corner."""


@dataclass(frozen=True, slots=True)
class Character:
    """A printed character; `box` is as high as its font, so that the characters of a line are equally high."""

    text: str
    box: Rectangle
    bold: bool
    after_blank: bool
    hyphen: bool

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]


@dataclass(frozen=True)
class PageContent:
    """The content of a page in the order in which it was written.

    Attributes:
        number: from 1.
        width, height: points, as the page is seen (its rotation applied).
        characters: upright printed ones.
        turned: how many characters stand at an angle (watermarks, marginal notes); they are left out.
        lines: ruled lines (flat rectangles).
        frames: other outlines and filled areas of paths.
        images: of pictures.
    """

    number: int
    width: float
    height: float
    characters: tuple[Character, ...]
    turned: int
    lines: tuple[Rectangle, ...]
    frames: tuple[Rectangle, ...]
    images: tuple[Rectangle, ...]


def page_content(document: pdfium.PdfDocument, index: int) -> PageContent:
    """The content of the page with this index (from 0); raises `pdfium.PdfiumError` for one that cannot be read."""
    page = document[index]
    try:
        seen = _View(page)
        text_page = page.get_textpage()
        try:
            characters, turned = _characters(text_page, seen)
        finally:
            text_page.close()
        lines, frames, images = _drawings(page, seen)
        return PageContent(index + 1, seen.width, seen.height, tuple(characters), turned, lines, frames, images)
    finally:
        page.close()


class _View:
    """Page coordinates (from the bottom left, not rotated) → points from the top left corner as seen."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        self.turns = page.get_rotation() // 90 % 4
        left, bottom, right, top = page.get_bbox()
        self.left, self.bottom, self.right, self.top = left, bottom, right, top
        self.width, self.height = right - left, top - bottom
        if self.turns % 2:
            self.width, self.height = self.height, self.width

    def rectangle(self, left: float, bottom: float, right: float, top: float) -> Rectangle:
        first, second = self._point(left, top), self._point(right, bottom)
        xs, ys = sorted((first[0], second[0])), sorted((first[1], second[1]))
        return xs[0], ys[0], xs[1], ys[1]

    def _point(self, x: float, y: float) -> tuple[float, float]:
        match self.turns:
            case 1:
                return y - self.bottom, x - self.left
            case 2:
                return self.right - x, y - self.bottom
            case 3:
                return self.top - y, self.right - x
            case _:
                return x - self.left, self.top - y

    def is_upright(self, angle: float) -> bool:
        """Whether a character of this angle (radians, against the page's x axis) is upright as seen."""
        turned = (angle + self.turns * 1.5707963) % 6.2831853
        return min(turned, 6.2831853 - turned) < _UPRIGHT

    def holds(self, box: Rectangle) -> bool:
        return box[2] > 0 and box[3] > 0 and box[0] < self.width and box[1] < self.height


def _characters(text_page: pdfium.PdfTextPage, seen: _View) -> tuple[list[Character], int]:
    characters: list[Character] = []
    styles: dict[int, bool] = {}
    turned, blank = 0, True
    box = raw.FS_RECTF()
    for index in range(min(text_page.count_chars(), MAX_CHARACTERS)):
        code = raw.FPDFText_GetUnicode(text_page, index)
        text = chr(code) if 0 < code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else ""
        if not text or text.isspace() or code in (0xFFFE, 0xFFFF):
            blank = True
            continue
        if not raw.FPDFText_GetLooseCharBox(text_page, index, box):
            continue
        place = seen.rectangle(box.left, box.bottom, box.right, box.top)
        if not seen.holds(place):
            continue
        if not seen.is_upright(raw.FPDFText_GetCharAngle(text_page, index)):
            turned += 1
            continue
        hyphen = bool(raw.FPDFText_IsHyphen(text_page, index))
        text = "-" if code == 0x02 else text
        if code < 0x20 and code != 0x02:
            continue
        characters.append(Character(text, place, _is_bold(text_page, index, styles), blank, hyphen))
        blank = False
    return characters, turned


def _is_bold(text_page: pdfium.PdfTextPage, index: int, styles: dict[int, bool]) -> bool:
    """Asked once for each text object: the characters of one share their font."""
    pointer = raw.FPDFText_GetTextObject(text_page, index)
    key = ctypes.cast(pointer, ctypes.c_void_p).value or 0
    if key not in styles:
        weight = raw.FPDFText_GetFontWeight(text_page, index)
        name = ctypes.create_string_buffer(128)
        flags = ctypes.c_int()
        raw.FPDFText_GetFontInfo(text_page, index, name, 128, flags)
        styles[key] = weight >= _BOLD_WEIGHT or bool(_BOLD_NAME.search(name.value.decode("utf-8", "replace")))
    return styles[key]


def _drawings(
    page: pdfium.PdfPage, seen: _View
) -> tuple[tuple[Rectangle, ...], tuple[Rectangle, ...], tuple[Rectangle, ...]]:
    lines: list[Rectangle] = []
    frames: list[Rectangle] = []
    images: list[Rectangle] = []
    for kind, box in _objects(page, seen):
        thin = min(box[2] - box[0], box[3] - box[1]) <= _THIN
        if kind == raw.FPDF_PAGEOBJ_IMAGE:
            images.append(box)
        elif kind == raw.FPDF_PAGEOBJ_PATH:
            (lines if thin else frames).append(box)
    return tuple(lines), tuple(frames), tuple(images)


def _objects(page: pdfium.PdfPage, seen: _View) -> Iterator[tuple[int, Rectangle]]:
    kinds = [raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_SHADING]
    for number, item in enumerate(page.get_objects(filter=kinds, max_depth=8)):
        if number >= MAX_OBJECTS:
            return
        try:
            left, bottom, right, top = item.get_bounds()
        except pdfium.PdfiumError:
            continue
        box = seen.rectangle(left, bottom, right, top)
        if seen.holds(box):
            yield item.type, box
