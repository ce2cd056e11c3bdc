"""Pages that are turned or cropped, have things at their edges or behind the text, or were written in another order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm

from printed.gout import article, header_and_footer, prose
from printed.pages import Layouts, Printed, collected_in, printed
from printed.painting import PAINTERS
from printed.parts import Part, Sheet, heading, label

LAYOUTS: Layouts = {}
layout = collected_in(LAYOUTS)


@layout
def landscape_page() -> Printed:
    return printed(article(6), Sheet(size=landscape(A4), furniture=lambda page: [(140, 10, str(page))]), 3)


def _turned(angle: int, sideways: bool) -> Callable[[], Printed]:
    def make() -> Printed:
        return printed(article(4), Sheet(rotate=angle, sideways=sideways), 2)

    make.__name__ = f"{'sideways_' if sideways else ''}turned_by_{angle}"
    return make


for _angle in (90, 180, 270):
    layout(_turned(_angle, False))
    layout(_turned(_angle, True))


@layout
def cropped_page() -> Printed:
    def marks(canvas: Any, page: int) -> None:
        canvas.setFont("Helvetica", 7)
        canvas.drawString(20, 20, "crop mark, cut off")
        canvas.drawString(20, 820, f"printer's line {page}")

    return printed(article(3), Sheet(margins=(90, 90, 90, 90), crop=(60, 60, 520, 780), decorate=marks), 2)


@layout
def cropped_and_turned_page() -> Printed:
    return printed(article(3), Sheet(margins=(90, 90, 90, 90), crop=(60, 50, 790, 540), rotate=90), 2)


@layout
def watermark() -> Printed:
    def draft(canvas: Any, page: int) -> None:
        canvas.saveState()
        canvas.setFillGray(0.85)
        canvas.setFont("Helvetica-Bold", 90)
        canvas.translate(150, 250)
        canvas.rotate(45)
        canvas.drawString(0, 0, "DRAFT")
        canvas.restoreState()

    return printed(article(4), Sheet(decorate=draft), 2)


@layout
def hidden_words() -> Printed:
    def hidden(canvas: Any, page: int) -> None:
        canvas.setFillGray(1)
        canvas.setFont("Helvetica", 9)
        canvas.drawString(100, 400, "white words that no one sees")
        canvas.setFillGray(0)
        canvas.setFont("Helvetica", 0.2)
        canvas.drawString(100, 300, "words without size")
        text = canvas.beginText(100, 500)
        text.setFont("Helvetica", 9)
        text.setTextRenderMode(3)
        text.textOut("invisible words")
        canvas.drawText(text)

    return printed(article(3), Sheet(decorate=hidden))


@layout
def margin_labels() -> Printed:
    sheet = Sheet(margins=(60 * mm, 22 * mm, 20 * mm, 22 * mm))
    parts: list[Part] = [heading("Summary")]
    labels = ("Who is at risk", "Treatment of acute flares", "Long-term care")
    for number, words in enumerate(labels):
        parts += [label(words), prose(5, 2 * number)]
    return printed(parts, sheet)


@layout
def sidebar() -> Printed:
    def key_points(canvas: Any, page: int) -> None:
        if page == 1:
            canvas.setFillGray(0.9)
            canvas.rect(150 * mm, 150 * mm, 45 * mm, 100 * mm, stroke=0, fill=1)
            canvas.setFillGray(0)
            canvas.setFont("Helvetica", 9)
            for number, words in enumerate(
                ("Key points for the", "practice nurse: ask", "about alcohol, meat", "and diuretics.")
            ):
                canvas.drawString(153 * mm, 240 * mm - 11 * number, words)

    made = printed(article(4), Sheet(margins=(20 * mm, 22 * mm, 65 * mm, 22 * mm), decorate=key_points))
    words = "Key points for the practice nurse: ask about alcohol, meat and diuretics."
    return made.with_aside(words)


def _painted(name: str) -> Callable[[], Printed]:
    def make() -> Printed:
        return printed(article(4), Sheet(paint=PAINTERS[name], furniture=header_and_footer), 2)

    make.__name__ = f"painted_{name}"
    return make


for _name in PAINTERS:
    layout(_painted(_name))
