"""Printed tables of many kinds, each with the rows that should be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PIL import Image

from printed.gout import article, body, header_and_footer, prose
from printed.pages import Layouts, Printed, collected_in, printed
from printed.parts import Expected, Part, Sheet, heading, paragraph, table

LAYOUTS: Layouts = {}
layout = collected_in(LAYOUTS)

CAPTION = paragraph("Table 1. Doses by the function of the kidneys")
ROWS = (
    ("Drug", "Adults", "Children", "Remarks"),
    ("allopurinol", "100 mg once daily, then 300 mg", "50 mg", "less with eGFR below 60"),
    ("febuxostat", "80 mg", "", "not with heart disease, nor with azathio\u00adprine"),
    ("colchicine", "500 \u00b5g twice daily", "250 \u00b5g", ""),
    ("prednisolone", "30 mg for five days", "1 mg/kg", "with food"),
)
SHORT = (
    ("Drug", "Dose", "Times a day"),
    ("allopurinol", "100 mg", "1"),
    ("febuxostat", "80 mg", "1"),
    ("colchicine", "500 micrograms", "2"),
    ("naproxen", "250 mg", "3"),
)
WIDTHS = (0.2, 0.3, 0.2, 0.3)


def around(*parts: Part) -> list[Part]:
    return [*article(1), CAPTION, *parts, *body(1, 2)]


def _ruled(name: str, rules: str, columns: int) -> None:
    def make() -> Printed:
        widths = WIDTHS if columns == 1 else (0.28, 0.24, 0.25, 0.23)
        rows = (
            ROWS if columns == 1 else tuple(tuple(cell.replace("heart disease", "ICD") for cell in row) for row in ROWS)
        )
        return printed(around(table(*rows, widths=widths, rules=rules)), columns=columns)

    make.__name__ = f"{name}_{'two_columns' if columns == 2 else 'one_column'}"
    layout(make)


for _columns in (1, 2):
    _ruled("full_grid", "grid", _columns)
    _ruled("horizontal_rules", "horizontal", _columns)
    _ruled("rule_below_each_row", "rows", _columns)
    _ruled("shaded_rows", "shaded", _columns)
    _ruled("shaded_header", "header", _columns)


@layout
def without_rules() -> Printed:
    return printed(around(table(*SHORT, widths=(0.3, 0.3, 0.3), rules="none")))


@layout
def without_rules_wrapped() -> Printed:
    return printed(around(table(*ROWS, widths=WIDTHS, rules="none")))


@layout
def without_rules_in_two_columns() -> Printed:
    parts = [heading("Doses"), prose(4), CAPTION, table(*SHORT, widths=(0.35, 0.35, 0.3), rules="none"), *body(2)]
    return printed(parts, columns=2)


@layout
def two_columns_of_cells() -> Printed:
    rows = (("Stage", "Treatment"), ("mild", "watchful waiting for three months"), ("moderate", "a tablet once daily"),
            ("severe", "hospital"))  # fmt: skip
    return printed(around(table(*rows, widths=(0.3, 0.5), rules="none")))


def _many_rows(number: int) -> list[tuple[str, ...]]:
    return [(f"drug {row}", f"{10 * row} mg", "with food" if row % 3 else "") for row in range(1, number)]


def _over_pages(rules: str, repeat: bool) -> Callable[[], Printed]:
    def make() -> Printed:
        rows = table(("Drug", "Dose", "Remark"), *_many_rows(60), widths=(0.4, 0.3, 0.3), rules=rules)
        parts = [heading("Doses"), prose(4), CAPTION, replace(rows, repeat=repeat), prose(3)]
        return printed(parts, Sheet(furniture=header_and_footer))

    make.__name__ = f"over_pages_{rules}{'_header_repeated' if repeat else ''}"
    return make


for _rules in ("grid", "horizontal", "shaded", "none"):
    layout(_over_pages(_rules, True))
    layout(_over_pages(_rules, False))


@layout
def over_columns() -> Printed:
    rows = table(("Drug", "Dose", "Remark"), *_many_rows(60), widths=(0.4, 0.3, 0.3))
    return printed([heading("Doses"), prose(4), CAPTION, rows, prose(3)], columns=2)


def _drawn(draw: Callable[[Any], None], rows: tuple[str, ...]) -> Printed:
    """Text, something drawn by hand in the lower half of the page, and its rows."""
    made = printed([heading("Doses"), prose(6), prose(4, 3)], Sheet(decorate=lambda canvas, page: draw(canvas)))
    return replace(made, expected=[*made.expected, *(Expected("table_row", row, ("Doses",)) for row in rows)])


def _words(canvas: Any, words: list[tuple[float, float, str]], bold: int = 0) -> None:
    for number, (x, y, text) in enumerate(words):
        canvas.setFont("Helvetica-Bold" if number < bold else "Helvetica", 9)
        canvas.drawString(x, y, text)


@layout
def cells_over_rows_and_columns() -> Printed:
    def draw(canvas: Any) -> None:
        for y in (400, 340, 220):
            canvas.line(60, y, 460, y)
        for y in (380, 320, 300, 280):
            canvas.line(160 if y != 280 else 60, y, 460, y)
        for x in (60, 160, 460):
            canvas.line(x, 220, x, 400)
        for x in (260, 360):
            canvas.line(x, 220, x, 380)
        words = [
            (64, 385, "Severity"),
            (164, 385, "Dose of prednisolone"),
            (164, 365, "Adults"),
            (264, 365, "Children"),
            (364, 365, "Elderly"),
            (64, 325, "mild"),
            (164, 325, "10 mg"),
            (264, 325, "5 mg"),
            (364, 325, "10 mg"),
            (164, 307, "12 mg"),
            (264, 307, "6 mg"),
            (364, 307, "12 mg"),
            (164, 287, "15 mg"),
            (264, 287, "7 mg"),
            (364, 287, "15 mg"),
            (64, 250, "severe"),
            (164, 250, "40 mg"),
            (264, 250, "20 mg"),
            (364, 250, "30 mg"),
        ]
        _words(canvas, words, 5)

    rows = (
        "Severity: mild; Dose of prednisolone, Adults: 10 mg; Dose of prednisolone, Children: 5 mg; "
        "Dose of prednisolone, Elderly: 10 mg",
        "Severity: mild; Dose of prednisolone, Adults: 12 mg; Dose of prednisolone, Children: 6 mg; "
        "Dose of prednisolone, Elderly: 12 mg",
        "Severity: mild; Dose of prednisolone, Adults: 15 mg; Dose of prednisolone, Children: 7 mg; "
        "Dose of prednisolone, Elderly: 15 mg",
        "Severity: severe; Dose of prednisolone, Adults: 40 mg; Dose of prednisolone, Children: 20 mg; "
        "Dose of prednisolone, Elderly: 30 mg",
    )
    return _drawn(draw, rows)


@layout
def sections_in_a_table() -> Printed:
    def draw(canvas: Any) -> None:
        for y in (400, 380, 240):
            canvas.line(60, y, 460, y)
        words = [
            (64, 386, "Drug"),
            (204, 386, "Dose"),
            (344, 386, "Remark"),
            (64, 366, "Adults with normal kidneys"),
            (64, 352, "allopurinol"),
            (204, 352, "300 mg"),
            (344, 352, "daily"),
            (64, 338, "febuxostat"),
            (204, 338, "80 mg"),
            (344, 338, "daily"),
            (64, 324, "Adults with chronic kidney disease of stage 4 or 5"),
            (64, 310, "allopurinol"),
            (204, 310, "100 mg"),
            (344, 310, "daily"),
            (64, 296, "colchicine"),
            (204, 296, "avoid"),
            (64, 282, "naproxen"),
            (204, 282, "avoid"),
        ]
        _words(canvas, words, 3)

    rows = (
        "Adults with normal kidneys; Drug: allopurinol; Dose: 300 mg; Remark: daily",
        "Adults with normal kidneys; Drug: febuxostat; Dose: 80 mg; Remark: daily",
        "Adults with chronic kidney disease of stage 4 or 5; Drug: allopurinol; Dose: 100 mg; Remark: daily",
        "Adults with chronic kidney disease of stage 4 or 5; Drug: colchicine; Dose: avoid",
        "Adults with chronic kidney disease of stage 4 or 5; Drug: naproxen; Dose: avoid",
    )
    return _drawn(draw, rows)


@layout
def coloured_cells_and_white_header() -> Printed:
    def draw(canvas: Any) -> None:
        for row in range(4):
            for column in range(3):
                canvas.setFillColorRGB(*((0.1, 0.2, 0.5) if row == 0 else (0.9, 0.95, 1.0)))
                canvas.rect(60 + 130 * column, 380 - 20 * row, 129, 19, stroke=0, fill=1)
        canvas.setFillGray(1)
        _words(canvas, [(64, 386, "Drug"), (194, 386, "Dose"), (324, 386, "Remark")], 3)
        canvas.setFillGray(0)
        _words(
            canvas,
            [
                (64, 366, "allopurinol"),
                (194, 366, "300 mg"),
                (324, 366, "daily"),
                (64, 346, "febuxostat"),
                (194, 346, "80 mg"),
                (324, 346, "daily"),
                (64, 326, "colchicine"),
                (194, 326, "500 micrograms"),
            ],
        )

    rows = (
        "Drug: allopurinol; Dose: 300 mg; Remark: daily",
        "Drug: febuxostat; Dose: 80 mg; Remark: daily",
        "Drug: colchicine; Dose: 500 micrograms",
    )
    return _drawn(draw, rows)


@layout
def lists_in_cells() -> Printed:
    def draw(canvas: Any) -> None:
        for y in (400, 380, 330, 290):
            canvas.line(60, y, 460, y)
        for x in (60, 200, 460):
            canvas.line(x, 290, x, 400)
        words = [
            (64, 386, "Situation"),
            (204, 386, "Action"),
            (64, 366, "flare"),
            (204, 366, "\u2022 rest the joint"),
            (204, 354, "\u2022 give colchicine 500 micrograms"),
            (212, 342, "twice daily"),
            (64, 316, "no flare"),
            (204, 316, "start allopurinol"),
        ]
        _words(canvas, words, 2)

    rows = (
        "Situation: flare; Action: rest the joint; give colchicine 500 micrograms twice daily",
        "Situation: no flare; Action: start allopurinol",
    )
    return _drawn(draw, rows)


@layout
def picture_beside_a_table() -> Printed:
    def draw(canvas: Any) -> None:
        canvas.drawInlineImage(Image.new("RGB", (40, 40), "red"), 60, 280, 180, 120)
        rows = (("Drug", "Dose", "Times"), ("allopurinol", "100 mg", "once"), ("naproxen", "250 mg", "thrice"))
        words = [
            (left, 386 - 16 * number, text)
            for number, row in enumerate(rows)
            for left, text in zip((280, 360, 440), row, strict=True)
        ]
        _words(canvas, words, 3)

    rows = ("Drug: allopurinol; Dose: 100 mg; Times: once", "Drug: naproxen; Dose: 250 mg; Times: thrice")
    return _drawn(draw, rows)
