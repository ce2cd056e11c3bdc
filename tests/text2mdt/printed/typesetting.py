"""Text with marks → set lines of printed pieces.

Marks: `**bold**`, `^[1,2]` (a reference, raised), `^{2}` (raised), `_{2}` (lowered), a soft hyphen where a word may be
divided (printed as "-" at a line's end, else not at all).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from reportlab.pdfbase.pdfmetrics import stringWidth

MARK = re.compile(r"\^\[([^\]]*)\]|\^\{([^}]*)\}|_\{([^}]*)\}")
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_TOKEN = re.compile(r"\*\*|\^\[[^\]]*\]|\^\{[^}]*\}|_\{[^}]*\}|[^*^_\s]+|\s+|.")


@dataclass(frozen=True)
class Ink:
    """A piece of text at its place: `y` of its base line."""

    x: float
    y: float
    text: str
    font: str
    size: float

    @property
    def width(self) -> float:
        return float(stringWidth(self.text.replace("\u00ad", ""), self.font, self.size))


@dataclass
class Line:
    """A set line: its pieces with their places from the left of the column, and by how much its blanks are wider."""

    inks: list[Ink]
    blank: float = 0.0

    def moved(self, x: float, y: float) -> Line:
        """To the right and, counted down from the top of the page, down."""
        return Line([replace(ink, x=ink.x + x, y=ink.y + y) for ink in self.inks], self.blank)


def plain(text: str) -> str:
    """The words of a text with marks as they should be read."""
    text = re.sub(r"\^\[[^\]]*\]", "", text).replace("**", "").replace("\u00ad", "")
    return MARK.sub(lambda mark: (mark[2] or "").translate(_RAISED) or mark[3] or "", text)


def characters(inks: Iterable[Ink]) -> Iterator[Ink]:
    """The pieces cut into single characters."""
    for ink in inks:
        for number, character in enumerate(ink.text):
            yield replace(ink, x=ink.x + stringWidth(ink.text[:number], ink.font, ink.size), text=character)


def set_lines(text: str, width: float, family: str, points: float, justified: bool) -> list[Line]:
    """Breaks a text into lines; places count from the left, and down from the base line."""
    lines: list[list[list[Ink]]] = [[]]
    blank = stringWidth(" ", font_of(family, False), points)
    for word in _words(text, family, points):
        rest: list[Ink] | None = word
        while rest:
            used = sum(_width(done) for done in lines[-1]) + blank * len(lines[-1])
            if used + _width(rest) <= width:
                lines[-1].append(rest)
                rest = None
                continue
            first, second = _divided(rest, width - used)
            if first:
                lines[-1].append(first)
                rest = second
            elif not lines[-1]:
                lines[-1].append(rest)
                rest = None
            lines.append([])
    lines = [line for line in lines if line]
    return [_spaced(line, width, blank, justified and number + 1 < len(lines)) for number, line in enumerate(lines)]


def _spaced(line: list[list[Ink]], width: float, blank: float, stretched: bool) -> Line:
    words = [[replace(ink, text=ink.text.replace("\u00ad", "")) for ink in word] for word in line]
    extra = 0.0
    if stretched and len(words) > 1:
        extra = (width - sum(_width(word) for word in words)) / (len(words) - 1) - blank
    inks, x = [], 0.0
    for word in words:
        for ink in word:
            inks.append(replace(ink, x=x))
            x += ink.width
        x += blank + extra
    return Line(inks, extra)


def _divided(word: list[Ink], room: float) -> tuple[list[Ink], list[Ink]]:
    """The word divided at its last soft hyphen or hyphen that fits."""
    for number in reversed(range(len(word))):
        ink = word[number]
        if ink.y:  # raised or lowered
            continue
        for match in reversed(list(re.finditer("[\u00ad\u2013-](?=.)", ink.text))):
            head = ink.text[: match.start()].replace("\u00ad", "")
            head += "-" if match[0] == "\u00ad" else match[0]
            first = [*word[:number], replace(ink, text=head)]
            if _width(first) <= room:
                return first, [replace(ink, text=ink.text[match.end() :]), *word[number + 1 :]]
    return [], word


def _words(text: str, family: str, points: float) -> Iterator[list[Ink]]:
    """The words of a text with marks, each as pieces of one font."""
    bold = False
    word: list[Ink] = []
    for token in _TOKEN.findall(text):
        mark = MARK.fullmatch(token)
        if token == "**":
            bold = not bold
        elif token.isspace():
            if word:
                yield word
            word = []
        elif mark:
            rise = -0.33 * points if token[0] == "^" else 0.2 * points
            word.append(Ink(0, rise, mark[1] or mark[2] or mark[3], font_of(family, bold), 0.65 * points))
        elif word and word[-1].font == font_of(family, bold) and word[-1].size == points:
            word[-1] = replace(word[-1], text=word[-1].text + token)
        else:
            word.append(Ink(0, 0, token, font_of(family, bold), points))
    if word:
        yield word


def font_of(family: str, bold: bool) -> str:
    names = {"Times": ("Times-Roman", "Times-Bold"), "Helvetica": ("Helvetica", "Helvetica-Bold")}
    return names.get(family, (family, family))[bold]


def _width(inks: Iterable[Ink]) -> float:
    return sum(ink.width for ink in inks)
