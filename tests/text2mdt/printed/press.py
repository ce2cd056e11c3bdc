"""Sets the parts of a document on pages and prints them as PDF."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader

from printed.parts import Part, Section, Sheet
from printed.typesetting import Ink, Line, set_lines


@dataclass
class _Slug:
    """Something as high as `height` that is set in a column: lines, rules (x, y, x, y), areas and pictures."""

    height: float
    before: float = 0.0
    lines: list[Line] = field(default_factory=list)
    rules: list[tuple[float, float, float, float]] = field(default_factory=list)
    areas: list[tuple[float, float, float, float]] = field(default_factory=list)
    picture: tuple[float, float] | None = None
    keep: bool = False
    foot: bool = False
    header: _Slug | None = None  # what is printed again above it where it begins a page


class Press:
    """Sets sections from the top of a page to its bottom."""

    def __init__(self, canvas: Any, sheet: Sheet) -> None:
        self.canvas, self.sheet = canvas, sheet
        self.left, self.bottom, right, top = sheet.margins
        self.right, self.top = sheet.size[0] - right, sheet.size[1] - top
        self.y = self.top
        self.foot = 0.0  # height of the footnotes of the page
        self.page = 1
        self.lines: list[Line] = []
        self._begin()

    def section(self, section: Section) -> None:
        if section.new_page:
            self._next()
        inset = 8.0 if section.box else 0.0
        width = self.right - self.left - 2 * inset
        column = (width - (section.columns - 1) * self.sheet.gutter) / section.columns
        slugs = [slug for part in section.parts for slug in _slugs(part, column, self.sheet)]
        while slugs:
            if slugs[0].header and slugs[0].header is not slugs[0] and self.y == self.top:
                slugs.insert(0, slugs[0].header)
            room = self.y - self.bottom - self.foot - 2 * inset
            total = sum(slug.height + slug.before for slug in slugs)
            height = min(room, max(total * section.share / section.columns + 30, 0.0) if section.columns > 1 else total)
            lowest, top, rest = self.y, self.y - inset, slugs
            placed = []
            for number in range(section.columns):
                last = number == section.columns - 1
                taken, rest = _fill(rest, min(room, max(total, 0.0)) if last else height)
                x = self.left + inset + number * (column + self.sheet.gutter)
                placed.append((taken, x))
                lowest = min(lowest, top - sum(s.height + s.before * (i > 0) for i, s in enumerate(taken)))
            if section.box:
                self._box(section.box, lowest - inset)
            for taken, x in placed:
                self._place(taken, x, top)
            if len(rest) == len(slugs):
                if self.y == self.top:
                    raise ValueError("a part is higher than the page")
                self._next()
                continue
            slugs = rest
            self.y = lowest - 2 * inset - 6.0
            if slugs:
                self._next()

    def close(self) -> None:
        self._finish()
        self.canvas.save()

    def _box(self, box: str, bottom: float) -> None:
        self.canvas.saveState()
        self.canvas.setFillGray(0.9)
        self.canvas.rect(
            self.left, bottom, self.right - self.left, self.y - bottom, fill=box == "shaded", stroke=box == "framed"
        )
        self.canvas.restoreState()

    def _place(self, slugs: Sequence[_Slug], left: float, y: float) -> None:
        notes = sum(slug.height for slug in slugs if slug.foot)
        foot = self.bottom + notes
        self.foot = max(self.foot, notes)
        for number, slug in enumerate(slugs):
            if slug.foot:
                top, foot = foot, foot - slug.height
            else:
                top = y - (slug.before if number else 0.0)
                y = top - slug.height
            self._draw(slug, left, top)

    def _draw(self, slug: _Slug, left: float, top: float) -> None:
        canvas = self.canvas
        for x0, y0, x1, y1 in slug.areas:
            canvas.saveState()
            canvas.setFillGray(0.85)
            canvas.rect(left + x0, top - y1, x1 - x0, y1 - y0, fill=1, stroke=0)
            canvas.restoreState()
        for x0, y0, x1, y1 in slug.rules:
            canvas.setLineWidth(0.5)
            canvas.line(left + x0, top - y0, left + x1, top - y1)
        if slug.picture:
            canvas.drawImage(_image(), left, top - slug.picture[1], *slug.picture)
        for line in slug.lines:
            self.lines.append(Line([replace(i, x=i.x + left, y=top - i.y) for i in line.inks], line.blank))

    def _next(self) -> None:
        self._finish()
        self._begin()
        self.page += 1
        self.y, self.foot = self.top, 0.0

    def _finish(self) -> None:
        sheet, canvas = self.sheet, self.canvas
        for x, y, words in sheet.furniture(self.page) if sheet.furniture else ():
            self.lines.append(Line([Ink(x * mm, y * mm, words, "Helvetica", 8.0)]))
        (sheet.paint or line_by_line)(canvas, self.lines)
        if sheet.decorate:
            sheet.decorate(canvas, self.page)
        if sheet.crop:
            canvas.setCropBox(sheet.crop)
        self.lines = []
        canvas.showPage()

    def _begin(self) -> None:
        """Turns a page, and what is drawn on it the other way, so that it is seen upright, unless it is sideways."""
        sheet = self.sheet
        width, height = sheet.size
        if sheet.rotate:
            self.canvas.setPageRotation(sheet.rotate)
        if sheet.rotate and not sheet.sideways:
            back = {90: (0, 1, -1, 0, height, 0), 180: (-1, 0, 0, -1, width, height), 270: (0, -1, 1, 0, 0, width)}
            self.canvas.transform(*back[sheet.rotate])


def line_by_line(canvas: Any, lines: Sequence[Line]) -> None:
    """As text programs write: each line in one go, its blanks stretched."""
    for line in lines:
        text = canvas.beginText(line.inks[0].x, line.inks[0].y)
        text.setWordSpace(line.blank)
        base = line.inks[0].y
        for number, ink in enumerate(line.inks):
            text.setFont(ink.font, ink.size)
            text.setRise(ink.y - base)
            glued = number + 1 < len(line.inks) and line.inks[number + 1].x - ink.x < ink.width + 0.01
            text.textOut(ink.text + ("" if glued or number + 1 == len(line.inks) else " "))
        canvas.drawText(text)


def word_by_word(canvas: Any, inks: Iterable[Ink]) -> None:
    for ink in inks:
        canvas.setFont(ink.font, ink.size)
        canvas.drawString(ink.x, ink.y, ink.text)


def _image() -> ImageReader:
    from PIL import Image

    return ImageReader(Image.linear_gradient("L"))


def _fill(slugs: list[_Slug], height: float) -> tuple[list[_Slug], list[_Slug]]:
    """The slugs that go into so much height, and the others; a footnote goes with the line before it."""
    used = 0.0
    end = 0
    for number, slug in enumerate(slugs):
        need = slug.height + (slug.before if number else 0.0)
        if used + need > height + 0.01:
            break
        used += need
        if not slug.keep or number + 1 == len(slugs):
            end = number + 1
    return slugs[:end], slugs[end:]


def _slugs(part: Part, width: float, sheet: Sheet) -> list[_Slug]:
    if part.kind == "table":
        return list(_table(part, width, sheet))
    if part.kind == "picture":
        return [_Slug(part.height, 8.0, picture=(width, part.height))]
    if part.kind == "heading":
        points = sheet.title_points[part.level - 1]
        lines = set_lines(f"**{part.text}**", width, "Helvetica", points, False)
        before = 10.0
    elif part.kind == "label":
        lines = set_lines(f"**{part.text}**", 95, "Helvetica", 0.9 * sheet.points, False)
        moved = [line.moved(-110, 4 + sheet.points + sheet.leading * number) for number, line in enumerate(lines)]
        return [_Slug(0.0, 8.0, moved, keep=True)]
    elif part.kind == "footnote":
        points, before = 0.75 * sheet.points, 0.0
        lines = set_lines(part.text, width, sheet.family, points, sheet.justified)
    else:
        points = sheet.points
        indent = 14.0 * part.level if part.kind == "list_item" else 0.0
        lines = set_lines(part.text, width - indent, sheet.family, points, sheet.justified)
        lines = [line.moved(indent, 0) for line in lines]
        before = 4.0 if part.kind == "paragraph" else 2.0
    leading = points * sheet.leading / sheet.points
    slugs = []
    for number, line in enumerate(lines):
        slug = _Slug(leading, before if not number else 0.0, [line.moved(0, points)], foot=part.kind == "footnote")
        slug.keep = part.kind == "heading" or part.text.startswith("Table ")
        slugs.append(slug)
    if part.bullet:
        font = part.font or ("Times-Roman" if sheet.family == "Times" else sheet.family)
        place = 14.0 * part.level - 12.0 if part.level else -36.0
        slugs[0].lines.insert(0, Line([Ink(place, points, part.bullet, font, points)]))
    return slugs


def _table(part: Part, width: float, sheet: Sheet) -> Iterator[_Slug]:
    points, leading = 0.85 * sheet.points, 0.85 * sheet.leading
    edges, head = [0.0], None
    for share in part.widths:
        edges.append(edges[-1] + share * width)
    for number, row in enumerate(part.rows):
        cells = [
            set_lines(f"**{cell}**" if not number and cell else cell, right - left - 8, "Helvetica", points, False)
            for cell, left, right in zip(row, edges, edges[1:], strict=False)
        ]
        height = max(map(len, cells)) * leading + 6
        slug = _Slug(height, 8.0 if not number else 0.0, keep=not number)
        for left, lines in zip(edges, cells, strict=False):
            for index, line in enumerate(lines):
                slug.lines.append(line.moved(left + 4, points + 2 + index * leading))
        last = number + 1 == len(part.rows)
        if part.rules == "grid":
            slug.rules = [(0, 0, edges[-1], 0), (0, height, edges[-1], height)]
            slug.rules += [(edge, 0, edge, height) for edge in edges]
        elif part.rules == "horizontal":
            slug.rules = [(0, y, edges[-1], y) for y, drawn in ((0, number < 2), (height, last)) if drawn]
        elif part.rules == "rows":
            slug.rules = [(0, height, edges[-1], height)]
        elif (part.rules == "shaded" and number % 2 == 0) or (part.rules == "header" and not number):
            slug.areas = [(0, 0, edges[-1], height)]
        if part.repeat:
            slug.header = head = slug if not number else head
        yield slug
