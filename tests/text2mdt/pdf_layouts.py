"""Printed documents of many layouts, each with the blocks that should be read in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle, islice
from typing import Any

from painting import PAINTERS
from printed_pages import Printed, printed
from printed_parts import (
    Part,
    Section,
    Sheet,
    footnote,
    heading,
    item,
    label,
    numbered,
    paragraph,
    picture,
    table,
)
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from typesetting import plain

SENTENCES = (
    "Gout is an arthritis that is caused by crystals of mono\u00adsodium urate in and around joints.",
    "In adults with an acute flare, offer an NSAID at full dose, colchi\u00adcine 500 micro\u00adgrams twice daily, "
    "or oral pred\u00adniso\u00adlone for five days.",
    "If the estimated glo\u00admerular fil\u00adtra\u00adtion rate is below 30 ml/min, avoid NSAIDs and halve the dose.",
    "Long-term treat\u00adment is recom\u00admended after two flares in one year.^[3]",
    "Otherwise repeat the mea\u00adsure\u00adment after four weeks and go on as before.",
    "Low-dose aspirin raises the serum urate, but it is not stopped where it pre\u00advents strokes.^[4,5]",
    "People with kidney stones, tophi or chronic kidney dis\u00adease start earlier than others.",
    "Non-steroidal drugs are not given together with anti\u00adco\u00adagu\u00adlants unless a doctor agrees.",
    "Pregnant women should be re\u00adferred to a spe\u00adcial\u00adist before any medi\u00adcine is started.",
    "The target is a serum urate below 360 micromol/l, and below 300 micromol/l with tophi.",
)


def prose(sentences: int, first: int = 0) -> Part:
    """A paragraph of so many sentences."""
    return paragraph(" ".join(islice(cycle(SENTENCES), first, first + sentences)))


def chapter(number: int, paragraphs: int = 3) -> list[Part]:
    """A section with a list in it."""
    names = ("Acute flares", "Long-term treatment", "Follow-up", "Special groups", "Referral", "Prevention")
    return [
        heading(f"{number} {names[number % len(names)]}", 2),
        *(prose(3 + step % 3, number + 2 * step) for step in range(paragraphs)),
        paragraph("One of these drugs is chosen:"),
        item("allopurinol 100 mg once daily, increased by 100 mg every four weeks"),
        item("febuxostat 80 mg once daily, if allo\u00adpurinol is not tolerated and there is no heart disease"),
        prose(2, number),
    ]


def article(chapters: int, first: int = 1) -> list[Part]:
    return [heading("Management of gout in adults"), *body(chapters, first)]


def body(chapters: int, first: int = 1) -> list[Part]:
    return [part for number in range(first, first + chapters) for part in chapter(number)]


def header_and_footer(page: int) -> list[tuple[float, float, str]]:
    return [(20, 285, "National guideline on gout"), (165, 285, "Version 2.1"), (98, 10, f"Page {page} of 9")]


DOSES = table(
    ("eGFR (ml/min)", "Colchicine", "Remarks"),
    (
        "60 or more",
        "500 micrograms twice daily",
        "usual dose, the kidneys are not monitored any further in most people",
    ),
    ("30 to 59", "500 micrograms once daily", ""),
    ("below 30", "avoid", "prednisolone 30 mg daily for five days instead"),
    widths=(0.25, 0.35, 0.4),
)
NARROW = Sheet(points=9.0, leading=11.0, gutter=4 * mm, furniture=header_and_footer)
LAYOUTS: dict[str, Callable[[], Printed]] = {}


def layout(make: Callable[[], Printed]) -> Callable[[], Printed]:
    LAYOUTS[make.__name__] = make
    return make


@layout
def one_column_justified() -> Printed:
    return printed(article(5), Sheet(furniture=header_and_footer))


@layout
def one_column_ragged_helvetica() -> Printed:
    return printed(article(5), Sheet(family="Helvetica", justified=False, furniture=header_and_footer))


@layout
def two_columns() -> Printed:
    return printed(article(8), Sheet(furniture=header_and_footer), 2)


@layout
def two_columns_ragged() -> Printed:
    return printed(article(6), Sheet(justified=False), 2)


@layout
def three_columns() -> Printed:
    return printed(article(9), Sheet(points=8.5, leading=10.5, gutter=6 * mm), 3)


@layout
def narrow_gutter() -> Printed:
    return printed(article(8), NARROW, 2)


@layout
def narrow_gutter_three_columns() -> Printed:
    return printed(article(8), replace(NARROW, points=8.0, leading=9.6), 3)


@layout
def title_and_abstract_over_two_columns() -> Printed:
    top = (heading("Management of gout in adults"), heading("Abstract", 3), prose(5))
    return printed([Section(top), Section(tuple(body(4)), 2)])


@layout
def full_width_between_columns() -> Printed:
    return printed(
        [
            Section((heading("Management of gout in adults"),)),
            Section(tuple(body(2)), 2),
            Section((paragraph("Table 1. Dose of colchicine by renal function"), DOSES)),
            Section(tuple(body(2, 3)), 2),
            Section((picture(90), paragraph("Figure 1. Crystals under the microscope"))),
            Section(tuple(body(2, 5)), 2),
            Section((heading("7 Summary", 2), prose(4))),
        ]
    )


@layout
def short_heading_over_both_columns() -> Printed:
    return printed(
        [
            Section(tuple(article(1)), 2),
            Section((heading("2 Diet", 2),)),
            Section((prose(6), prose(5, 3)), 2),
            Section((heading("3 Exercise", 2),)),
            Section((prose(4, 2), prose(5, 5)), 2),
        ]
    )


@layout
def unequal_last_columns() -> Printed:
    return printed([Section(tuple(article(2)), 2, share=1.7)])


@layout
def hardly_a_second_column() -> Printed:
    return printed([Section((heading("Gout"), prose(4), prose(4, 4)), 2, share=1.9)])


@layout
def table_in_one_column() -> Printed:
    parts = [*article(1), paragraph("Table 1. Dose of colchicine"), DOSES, *body(3, 2)]
    return printed(parts, Sheet(furniture=header_and_footer), 2)


@layout
def footnotes_at_the_foot_of_columns() -> Printed:
    notes = [footnote("a These doses are for adults of less than 75 years with normal kidneys and a normal liver.")]
    return printed([*article(2), *notes, *body(3, 3)], columns=2)


@layout
def framed_recommendations() -> Printed:
    advice = (
        heading("Recommendation 1", 3),
        paragraph(
            "Offer colchicine, an NSAID or prednisolone to adults with a flare, unless they are contraindicated."
        ),
        item("Prefer colchicine with anticoagulants."),
    )
    second = (paragraph("Do not start allopurinol during a flare, except where it was taken before the flare began."),)
    return printed(
        [
            Section(tuple(article(1))),
            Section(advice, box="shaded"),
            Section(tuple(body(1, 2)), 2),
            Section(second, box="framed"),
            Section(tuple(body(1, 3)), 2),
        ]
    )


@layout
def lists_of_all_kinds() -> Printed:
    return printed(
        [
            heading("Lists"),
            prose(2),
            *numbered(["Measure the serum urate.", "If it is above 360 micromol/l, increase the dose.", SENTENCES[1]]),
            prose(2, 3),
            item("first level with words enough for a second line, so that its indent is seen in the list of drugs"),
            item("second level", 2, "\u2013"),
            item("another one, long enough for two lines of text in this column, since it speaks of many things, of "
                 "doses and of people", 2, "\u2013"),
            item("third level", 3, "-"),
            item("first level again"),
            prose(2, 5),
            item("a bullet of the font Symbol", 1, "\u2022", "Symbol"),
            item("a square of the font ZapfDingbats", 1, "\u25a0", "ZapfDingbats"),
            item("a circle of the same font", 1, "\u25cf", "ZapfDingbats"),
            prose(2, 7),
            item("with a letter", 1, "a)"),
            item("with the next one", 1, "b)"),
            prose(2, 1),
        ]
    )  # fmt: skip


@layout
def list_over_a_column_break() -> Printed:
    items = [item(SENTENCES[number % 10] + " " + SENTENCES[(number + 3) % 10]) for number in range(26)]
    return printed([heading("Many items"), prose(2), *items], Sheet(margins=(60, 60, 60, 300)), 2)


@layout
def numbered_recommendations() -> Printed:
    sheet = Sheet(margins=(35 * mm, 22 * mm, 20 * mm, 22 * mm))
    texts = [prose(2 + number % 2, number) for number in range(14)]
    parts: list[Part] = [heading("Recommendations")]
    for number, part in enumerate(texts, 1):
        words = f"1.{1 + number // 7}.{1 + number % 7}"
        parts.append(replace(part, bullet=words, expected=f"{words} {plain(part.text)}"))
    return printed(parts, sheet)


@layout
def exponents_references_and_indices() -> Printed:
    return printed(
        [
            heading("Signs"),
            paragraph(
                "If the body surface is above 1.9 m^{2} or the platelets are below 50 \u00d7 10^{9}/l, call a specialist;^[12] "
                "CO_{2} is measured.^[1,2] HbA_{1c} above 53 mmol/mol, or 30 kg/m^{2}, is high.^[3\u20135]",
                "If the body surface is above 1.9 m\u00b2 or the platelets are below 50 \u00d7 10\u2079/l, call a specialist; "
                "CO2 is measured. HbA1c above 53 mmol/mol, or 30 kg/m\u00b2, is high.",
            ),
            prose(4),
        ]
    )


@layout
def bold_words_in_text() -> Printed:
    parts = [
        paragraph(f"**Dose.** {SENTENCES[1]} **Note:** {SENTENCES[4]}"),
        prose(3),
        paragraph(f"{SENTENCES[2]} **Never**"),
    ]
    return printed([heading("Gout"), *parts])


@layout
def divided_words_and_numbers() -> Printed:
    words = (
        "It is recom\u00admended to give low-dose aspirin, a non-steroidal drug, 10\u201320 mg of it, or 5-10 mg, to "
        "people with long-standing and short- or long-term disease, by evidence-based medi\u00adcine, with follow-up of "
        "COX-2 in IL-6 disease and 3-month treat\u00adment at 2 mg/kg or anti\u00adbody therapy."
    )
    parts = [paragraph(" ".join([words] * 2)) for _ in range(8)]
    sheets = Sheet(margins=(60, 60, 300, 60), justified=False)
    return printed([heading("Words"), *parts], sheets)


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


def _furnished(name: str, furniture: Callable[[int], list[tuple[float, float, str]]], chapters: int) -> None:
    def make() -> Printed:
        return printed(article(chapters), Sheet(furniture=furniture))

    make.__name__ = f"furniture_{name}"
    layout(make)


ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x")
CHAPTERS = (
    "Acute flares",
    "Acute flares",
    "Long-term treatment",
    "Long-term treatment",
    "Follow-up",
    "Follow-up",
    "Referral",
)
_furnished("number", lambda page: [(105, 10, str(page))], 5)
_furnished("dashes", lambda page: [(105, 10, f"\u2013 {page} \u2013")], 5)
_furnished("roman", lambda page: [(105, 10, ROMAN[page - 1])], 5)
_furnished("of", lambda page: [(180, 10, f"{page}/12")], 5)
_furnished("with_words", lambda page: [(20, 10, f"{page} | National guideline on gout, 2021")], 5)
_furnished(
    "odd_and_even",
    lambda page: [(20, 285, f"{page}   Guideline on gout") if page % 2 else (150, 285, f"Acute flares   {page}")],
    12,
)
_furnished("chapters", lambda page: [(20, 285, CHAPTERS[(page - 1) % 7]), (105, 10, f"page {page}")], 13)
_furnished(
    "two_lines",
    lambda page: [(20, 287, "Ministry of Health"), (20, 283, "Clinical guideline 17"), (180, 10, f"A-{page}")],
    8,
)
_furnished("two_pages", lambda page: [(20, 285, "National guideline on gout"), (105, 10, f"{page}")], 4)
_furnished("one_page", lambda page: [(20, 287, "National guideline on gout"), (105, 10, "Page 1 of 1")], 1)


@layout
def minimal_page() -> Printed:
    return printed([heading("Gout"), paragraph("Give colchicine 500 micrograms twice daily for an acute flare.")])


@layout
def minimal_pages() -> Printed:
    parts = [heading("Gout"), paragraph("Give colchicine."), heading("Follow-up", 2), paragraph("Measure the urate.")]
    return printed([Section(tuple(parts[:2])), Section(tuple(parts[2:]), new_page=True)])


def layouts() -> Iterator[str]:
    yield from LAYOUTS
