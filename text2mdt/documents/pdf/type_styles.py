"""The type of each text object of a PDF page: size, angle, weight, whether it can be seen."""

from __future__ import annotations

import ctypes
import math
import re
from dataclasses import dataclass, field
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from text2mdt.documents.pdf.drawings import is_white

_BOLD_WEIGHT = 600
_BOLD_NAME = re.compile(r"bold|black|heavy|semibold|demi|-bd\b", re.IGNORECASE)


@dataclass
class Styles:
    """What the characters of one text object have in common; one entry for each object.

    Attributes:
        size: in points.
        angle: of the base line, in radians.
        hidden: white.
        invisible: neither filled nor drawn (text that was recognised in a picture).
    """

    size: list[float] = field(default_factory=list)
    angle: list[float] = field(default_factory=list)
    bold: list[bool] = field(default_factory=list)
    hidden: list[bool] = field(default_factory=list)
    invisible: list[bool] = field(default_factory=list)
    font: list[str] = field(default_factory=list)
    _numbers: dict[int, int] = field(default_factory=dict)

    def number(self, text_page: pdfium.PdfTextPage, index: int) -> int:
        """The number of the style of a character; pdfium is asked once for each text object."""
        item = raw.FPDFText_GetTextObject(text_page, index)
        key = ctypes.cast(item, ctypes.c_void_p).value or 0
        if key not in self._numbers:
            self._add(text_page, index, item)
            self._numbers[key] = len(self._numbers)
        return self._numbers[key]

    def _add(self, text_page: pdfium.PdfTextPage, index: int, item: Any) -> None:
        matrix, flags, name = raw.FS_MATRIX(), ctypes.c_int(), ctypes.create_string_buffer(128)
        raw.FPDFText_GetMatrix(text_page, index, matrix)
        raw.FPDFText_GetFontInfo(text_page, index, name, 128, flags)
        font = name.value.decode("utf-8", "replace")
        mode = raw.FPDFTextObj_GetTextRenderMode(item) if item else raw.FPDF_TEXTRENDERMODE_FILL
        stroked = mode == raw.FPDF_TEXTRENDERMODE_FILL_STROKE
        heavy = raw.FPDFText_GetFontWeight(text_page, index) >= _BOLD_WEIGHT
        get = raw.FPDFText_GetStrokeColor if mode == raw.FPDF_TEXTRENDERMODE_STROKE else raw.FPDFText_GetFillColor
        self.size.append(_size(text_page, index, matrix))
        self.angle.append(math.atan2(matrix.b, matrix.a))
        self.bold.append(heavy or stroked or bool(_BOLD_NAME.search(font)))
        self.invisible.append(mode in (raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP))
        self.hidden.append(is_white(get, text_page, index))
        self.font.append(font)


def _size(text_page: pdfium.PdfTextPage, index: int, matrix: Any) -> float:
    """The size of the type in points; from the character's height where the font counts otherwise."""
    size = raw.FPDFText_GetFontSize(text_page, index) * math.hypot(matrix.c, matrix.d)
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    raw.FPDFText_GetCharBox(text_page, index, left, right, bottom, top)
    width, height = right.value - left.value, top.value - bottom.value
    printed = height if abs(matrix.a) > abs(matrix.b) else width
    return float(size if printed < 1.5 * size else 1.3 * printed)
