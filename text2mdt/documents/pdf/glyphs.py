"""The printed characters of a PDF page, through pdfium, in arrays."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from numpy.typing import NDArray

from text2mdt.documents.pdf.drawings import Drawings
from text2mdt.documents.pdf.type_styles import Styles
from text2mdt.documents.pdf.view import View
from text2mdt.documents.symbol_font import symbol

MAX_CHARACTERS = 30_000
"""More on one page is no text for people."""
ASCENT, DESCENT = 0.78, 0.22
"""A character's box reaches so far above and below its base line, as shares of its size, whatever its font says."""
UNREADABLE = "\ufffd"

_BLANKS = frozenset(
    (*range(9, 14), 0x20, 0x85, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x2028, 0x2029, 0x202F, 0x205F, 0x3000)
)
_NOT_SEEN = frozenset(
    (1, *range(3, 9), *range(14, 32), 127, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF, 0xFFFF)
)
_PLAIN = dict.fromkeys((0x02, 0xFFFE, 0x2010, 0x2011), "-")  # pdfium marks a hyphen at the end of a line by 2
_PRIVATE = range(0xE000, 0xF900)
_SMALLEST = 1.5  # points
_UPRIGHT = math.radians(6)
_FEWEST_LETTERS = 20
_USUAL = 0.35
_SIDEWAYS = 0.6
"""A page is read sideways when this share of its characters stands so."""


@dataclass(frozen=True)
class Glyphs:
    """Printed characters.

    Attributes:
        text: the characters.
        boxes: [characters, 4] left, top, right, bottom; as high as their size.
        bold: [characters].
        after_blank: [characters] whether the file has a blank or the start of a line before it.
    """

    text: str
    boxes: NDArray[np.float32]
    bold: NDArray[np.bool_]
    after_blank: NDArray[np.bool_]

    def chosen(self, places: NDArray[Any]) -> Glyphs:
        """Those that a mask or a list of indices chooses."""
        letters = np.array(list(self.text), dtype="U1")[places]
        return Glyphs("".join(letters), self.boxes[places], self.bold[places], self.after_blank[places])


@dataclass(frozen=True)
class Unread:
    """How many characters of a page are not read: they stand at an angle, or no one knows which they are.

    Attributes:
        recognised: how many of those read are text that was recognised in a picture.
        cut: the page has more characters than are read.
    """

    turned: int = 0
    unknown: int = 0
    recognised: int = 0
    cut: bool = False


@dataclass(frozen=True)
class _Raw:
    """Characters as pdfium gives them: boxes [n, 4] and origins [n, 2] in the page's own coordinates; some are guessed
    from their codes, since their font has no map to Unicode."""

    text: str
    boxes: NDArray[np.float64]
    origins: NDArray[np.float64]
    style: NDArray[np.int32]
    after_blank: NDArray[np.bool_]
    guessed: NDArray[np.bool_]

    def without_wrong_guesses(self, fonts: Sequence[str]) -> _Raw:
        """The same with `UNREADABLE` for the characters of fonts without a map to Unicode, unless they read as words;
        `fonts` are the names of the styles' fonts."""
        letters = np.array(list(self.text), dtype="U1")
        names = np.array(fonts)[self.style]
        for font in set(names[self.guessed].tolist()):
            own = self.guessed & (names == font)
            if not _reads_as_words("".join(letters[own])):
                letters[own] = UNREADABLE
        return replace(self, text="".join(letters))


def no_glyphs() -> Glyphs:
    return Glyphs("", np.zeros((0, 4), np.float32), np.zeros(0, np.bool_), np.zeros(0, np.bool_))


def glyphs_of(text_page: pdfium.PdfTextPage, view: View, drawings: Drawings) -> tuple[Glyphs, View, Unread]:
    """The characters that stand upright on a page, the view in which they do, and what is not among them.

    Args:
        text_page: of the page.
        view: of the page as it is shown.
        drawings: in the page's own coordinates.
    """
    styles = Styles()
    count = text_page.count_chars()
    found = _raw(text_page, min(count, MAX_CHARACTERS), styles)
    if not found.text:
        return no_glyphs(), view, Unread()
    if found.guessed.any():
        found = found.without_wrong_guesses(styles.font)
    quarters = _quarters(np.array(styles.angle), view)[found.style]
    view = view.sideways_by(_reading_turns(quarters))
    upright = quarters == view.sideways
    glyphs, on_page = _boxed(found, np.array(styles.size), np.array(styles.bold), view)
    invisible = np.array(styles.invisible)[found.style]
    hidden = np.array(styles.hidden)[found.style] | invisible
    if hidden.any():
        hidden[hidden] = ~_on_areas(glyphs.boxes[hidden], drawings.seen(view).areas)
    printed = on_page & ~hidden
    kept = printed & upright
    private = np.array([ord(letter) in _PRIVATE or letter == UNREADABLE for letter in found.text])
    unread = Unread(
        turned=int((printed & ~upright).sum()),
        unknown=int((kept & private).sum()),
        recognised=int((kept & invisible).sum()),
        cut=count > MAX_CHARACTERS,
    )
    return glyphs.chosen(kept & ~_doubled(glyphs, kept)), view, unread


def _raw(text_page: pdfium.PdfTextPage, count: int, styles: Styles) -> _Raw:
    letters: list[str] = []
    origins: list[tuple[float, float]] = []
    style: list[int] = []
    after_blank: list[bool] = []
    guessed: list[bool] = []
    boxes = (raw.FS_RECTF * max(count, 1))()
    x, y = ctypes.c_double(), ctypes.c_double()
    blank = True
    for index in range(count):
        code = raw.FPDFText_GetUnicode(text_page, index)
        if code in _BLANKS or (not code and _is_empty(text_page, index)):
            blank = True
            continue
        if code in _NOT_SEEN or not raw.FPDFText_GetLooseCharBox(text_page, index, boxes[len(letters)]):
            continue
        number = styles.number(text_page, index)
        raw.FPDFText_GetCharOrigin(text_page, index, x, y)
        letters.append(_letter(code, styles.font[number]))
        origins.append((x.value, y.value))
        style.append(number)
        after_blank.append(blank)
        guessed.append(raw.FPDFText_HasUnicodeMapError(text_page, index) == 1)
        blank = False
    rectangles = np.frombuffer(boxes, dtype=np.float32).reshape(-1, 4)[: len(letters)].astype(np.float64)
    return _Raw(
        "".join(letters),
        rectangles,
        np.array(origins, dtype=np.float64).reshape(-1, 2),
        np.array(style, dtype=np.int32),
        np.array(after_blank, dtype=np.bool_),
        np.array(guessed, dtype=np.bool_),
    )


def _reads_as_words(text: str) -> bool:
    """Whether characters that were guessed from their codes have the usual letters of European languages."""
    letters = [letter for letter in text.lower() if letter.isalpha()]
    return len(letters) >= _FEWEST_LETTERS and sum(letter in "etaoin" for letter in letters) > _USUAL * len(letters)


def _is_empty(text_page: pdfium.PdfTextPage, index: int) -> bool:
    """Whether an unknown character shows nothing."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if not raw.FPDFText_GetCharBox(text_page, index, left, right, bottom, top):
        return True
    return right.value - left.value < 0.01 or top.value - bottom.value < 0.01


def _letter(code: int, font: str) -> str:
    """One character, whatever the code is."""
    if code in _PLAIN:
        return _PLAIN[code]
    if 0xF020 <= code < 0xF100:
        return symbol(code, font) or chr(code)
    return chr(code) if 0 < code <= 0x10FFFF and not 0xD800 <= code < 0xE000 else UNREADABLE


def _quarters(angles: NDArray[np.float64], view: View) -> NDArray[np.int64]:
    """Quarter turns clockwise that bring text of each angle upright on the page as it is shown; 9 for none."""
    rest = angles - view.turns * math.pi / 2
    quarters = np.round(rest / (math.pi / 2))
    straight = np.abs(rest - quarters * math.pi / 2) < _UPRIGHT
    return np.where(straight, quarters.astype(np.int64) % 4, 9)


def _reading_turns(quarters: NDArray[np.int64]) -> int:
    usual = int(np.bincount(quarters, minlength=10).argmax())
    return usual if usual < 4 and (quarters == usual).mean() > _SIDEWAYS else 0


def _boxed(
    found: _Raw, sizes: NDArray[np.float64], bold: NDArray[np.bool_], view: View
) -> tuple[Glyphs, NDArray[np.bool_]]:
    """The characters with boxes as high as their size, and which of them can be seen on the page."""
    boxes = view.rectangles(found.boxes)
    size = sizes[found.style]
    base = view.points(found.origins)[:, 1]
    boxes[:, 1], boxes[:, 3] = base - ASCENT * size, base + DESCENT * size
    width, height = view.size
    x, y = boxes[:, [0, 2]].mean(axis=1), boxes[:, [1, 3]].mean(axis=1)
    on_page = (x > 0) & (y > 0) & (x < width) & (y < height) & (size >= _SMALLEST) & np.isfinite(boxes).all(axis=1)
    return Glyphs(found.text, boxes, bold[found.style], found.after_blank), on_page


def _on_areas(boxes: NDArray[np.float32], areas: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which characters stand on a coloured area or a picture."""
    x, y = boxes[:, [0, 2]].mean(axis=1), boxes[:, [1, 3]].mean(axis=1)
    on_area = np.zeros(len(boxes), np.bool_)
    for left, top, right, bottom in areas:
        on_area |= (left < x) & (x < right) & (top < y) & (y < bottom)
    return on_area


def _doubled(glyphs: Glyphs, kept: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which characters are printed over the same character a second time, to make it look bold."""
    letters = np.array([ord(letter) for letter in glyphs.text])
    left, top, _, bottom = glyphs.boxes.T
    size = bottom - top
    doubled = np.zeros(len(letters), np.bool_)
    for shift in (0.0, 0.5):  # so that no pair is parted by rounding
        rows = np.floor(top / 2 + shift)
        order = np.lexsort((left, rows, letters, ~kept))
        order = order[: int(kept.sum())]
        first, second = order[:-1], order[1:]
        same = (letters[first] == letters[second]) & (rows[first] == rows[second])
        near = np.abs(left[second] - left[first]) < 0.09 * size[second]
        ligature = (second - first == 1) & (left[second] == left[first])  # "ff" in one sign
        doubled[np.maximum(first, second)[same & near & ~ligature]] = True
    return doubled
