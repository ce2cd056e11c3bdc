"""A guideline on gout in parts, as long as is wanted."""

from __future__ import annotations

from itertools import cycle, islice

from printed.parts import Part, heading, item, paragraph, table

SENTENCES = (
    "Gout is an arthritis that is caused by crystals of mono\u00adsodium urate in and around joints.",
    "In adults with an acute flare, offer an NSAID at full dose, colchi\u00adcine 500 micro\u00adgrams twice "
    "daily, or oral pred\u00adniso\u00adlone for five days.",
    "If the estimated glo\u00admerular fil\u00adtra\u00adtion rate is below 30 ml/min, avoid NSAIDs and "
    "halve the dose.",
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
