"""Lists of all kinds, numbered paragraphs, raised numbers, bold and divided words."""

from __future__ import annotations

from dataclasses import replace

from reportlab.lib.units import mm

from printed.gout import SENTENCES, prose
from printed.pages import Layouts, Printed, collected_in, printed
from printed.painting import PAINTERS
from printed.parts import Paint, Part, Sheet, heading, item, numbered, paragraph, table
from printed.typesetting import plain

LAYOUTS: Layouts = {}
layout = collected_in(LAYOUTS)


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


SIGNS = (
    "If the body surface is above 1.9 m^{2} or the platelets are below 50 \u00d7 10^{9}/l, call a specialist;^[12] "
    "CO_{2} is measured.^[1,2] HbA_{1c} above 53 mmol/mol, or 30 kg/m^{2}, is high.^[3\u20135]",
    "With an eGFR below 30 ml/min/1.73 m^{2} give 375 mg/m^{2} weekly^[7] (a mass of 3 cm^{3}, 4 cells/mm^{3}), not "
    "above 10^{-3} mol, at 5 ml min^{-1}; CHA_{2}DS_{2}-VASc tells the risk, I^{2} = 40% in the 25^{th} centile.^[2]",
    "In adults with a BMI of 35 kg/m^{2}^[2,4] refer to surgery;^[2] two^[2] or more^[3] drugs are given.",
)


def signs(paint: Paint | None = None, family: str = "Times") -> Printed:
    """Text and a table with raised and lowered numbers."""
    rows = (("BMI", "Platelets"), ("30 kg/m^{2} or more^[2]", "50 \u00d7 10^{9}/l"), ("35 kg/m^{2}", "low^[3]"))
    texts = [paragraph(words) for words in SIGNS]
    parts = [heading("Signs"), *texts, prose(4), table(*rows, widths=(0.5, 0.5)), prose(3)]
    return printed(parts, Sheet(paint=paint, family=family))


@layout
def exponents_references_and_indices() -> Printed:
    return signs()


@layout
def exponents_in_helvetica() -> Printed:
    return signs(family="Helvetica")


@layout
def exponents_word_by_word() -> Printed:
    return signs(PAINTERS["word_by_word"])


@layout
def exponents_in_any_order() -> Printed:
    return signs(PAINTERS["shuffled_words"])


@layout
def exponents_by_character() -> Printed:
    return signs(PAINTERS["character_by_character"])


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
        "It is recom\u00admended to give low-dose aspirin, a non-steroidal drug, 10\u201320 mg of it, or 5-10 mg, "
        "to people with long-standing and short- or long-term disease, by evidence-based medi\u00adcine, with "
        "follow-up of COX-2 in IL-6 disease and 3-month treat\u00adment at 2 mg/kg or anti\u00adbody therapy."
    )
    parts = [paragraph(" ".join([words] * 2)) for _ in range(8)]
    sheets = Sheet(margins=(60, 60, 300, 60), justified=False)
    return printed([heading("Words"), *parts], sheets)
