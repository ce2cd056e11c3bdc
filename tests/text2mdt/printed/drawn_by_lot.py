"""Documents whose parts, type, columns, tables and margins are drawn by lot."""

from __future__ import annotations

import random

from reportlab.lib.pagesizes import A4, LETTER
from reportlab.lib.units import mm

from printed.gout import SENTENCES, header_and_footer, prose
from printed.lists_and_words import SIGNS
from printed.pages import Printed, printed
from printed.parts import Part, Section, Sheet, footnote, heading, item, numbered, paragraph, picture, table

RULES = ("grid", "horizontal", "rows", "shaded", "header", "none")
DRUGS = ("allopurinol", "febuxostat", "colchicine", "naproxen", "prednisolone", "benzbromarone", "probenecid")
DOSES = (
    "100 mg once daily",
    "80 mg",
    "500 micrograms twice daily",
    "30 mg for five days",
    "avoid",
    "half the usual dose",
)
REMARKS = (
    "",
    "with food",
    "not with azathio\u00adprine",
    "less with an eGFR below 60",
    "only in hospital, under supervision",
)
TITLES = (
    "Acute flares",
    "Long-term treatment",
    "Follow-up",
    "Older people",
    "Referral",
    "Diet and exercise",
    "Monitoring",
)


def drawn(seed: int, columns: int) -> Printed:
    """A document of one to five pages in so many columns, the same one for a seed."""
    source = random.Random(seed)
    sections = [Section((heading(source.choice(("Management of gout in adults", "Gout"))),))]
    if source.random() < 0.5:
        sections.append(Section((prose(source.randint(2, 5), seed),)))
    footnotes = source.random() < 0.3
    parts: list[Part] = []
    for number in range(1, source.randint(3, 6)):
        parts += _chapter(number, source, columns)
        if footnotes and number == 2:
            parts.insert(-2, footnote("a These doses are for adults of less than 75 years with a normal liver."))
        if source.random() < 0.35:
            sections += [Section(tuple(parts), columns), _between(source)]
            parts = []
    return printed([*sections, Section(tuple(parts), columns)], _sheet(source, columns))


def _sheet(source: random.Random, columns: int) -> Sheet:
    points = source.choice((9.0, 10.0, 11.0) if columns == 1 else (8.5, 9.0, 10.0))
    side, top = source.choice((15, 20, 25)) * mm, source.choice((20, 25, 30)) * mm
    return Sheet(
        size=source.choice((A4, LETTER)),
        margins=(side, top, side, top),
        gutter=source.choice((5, 6, 8, 10)) * mm,
        family=source.choice(("Times", "Helvetica")),
        points=points,
        leading=points * source.choice((1.15, 1.2, 1.3)),
        justified=source.random() < 0.6,
        furniture=source.choice((header_and_footer, lambda page: [(100, 8, str(page))])),
        compressed=True,
    )


def _chapter(number: int, source: random.Random, columns: int) -> list[Part]:
    parts = [heading(f"{number} {source.choice(TITLES)}", 2)]
    for step in range(source.randint(2, 5)):
        parts.append(prose(source.randint(2, 5), source.randrange(10)))
        choice = source.random()
        if choice < 0.2:
            parts += [paragraph("One of these is chosen:"), *_list(source)]
        elif choice < 0.35:
            parts += [paragraph(f"Table {number}.{step}. Doses of drugs"), _table(source, columns)]
        elif choice < 0.45:
            parts.append(paragraph(source.choice(SIGNS)))
        elif choice < 0.55:
            parts += [heading(f"{number}.{step + 1} {source.choice(TITLES)}", 3), prose(3, source.randrange(10))]
    return [*parts, prose(2, source.randrange(10))]


def _list(source: random.Random) -> list[Part]:
    texts = [source.choice(SENTENCES).replace("^[3]", "") for _ in range(source.randint(2, 5))]
    if source.random() < 0.4:
        return numbered(texts)
    bullet = source.choice(("\u2022", "\u2013", "-"))
    return [item(text, 1, bullet) for text in texts]


def _table(source: random.Random, columns: int) -> Part:
    names = ("Drug", "Dose", "Remark") if source.random() < 0.6 else ("Drug", "Dose")
    drugs = source.sample(DRUGS, source.randint(3, 6))
    rows = [(drug, source.choice(DOSES), source.choice(REMARKS))[: len(names)] for drug in drugs]
    widths = (0.3, 0.35, 0.35) if len(names) == 3 else (0.35, 0.55)
    if columns == 3:  # no column of a table is narrower than its longest word
        names, rows, widths = ("Drug", "Dose"), [row[:2] for row in rows], (0.5, 0.5)
    return table(names, *rows, widths=widths, rules=source.choice(RULES if columns == 1 else RULES[:-1]))


def _between(source: random.Random) -> Section:
    """Something over the full width."""
    choice = source.random()
    if choice < 0.35:
        advice = (heading("Recommendation", 3), prose(2, source.randrange(10)), item("Prefer colchicine otherwise."))
        return Section(advice, box=source.choice(("framed", "shaded")))
    if choice < 0.7:
        return Section((paragraph("Table A. Doses of drugs"), _table(source, 2)))
    return Section((picture(70), paragraph("Figure 1. Crystals under the microscope")))
