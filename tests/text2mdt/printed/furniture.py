"""Headers and footers of all kinds, and pages without any."""

from __future__ import annotations

from collections.abc import Callable

from printed.gout import article
from printed.pages import Layouts, Printed, collected_in, printed
from printed.parts import Section, Sheet, heading, paragraph

LAYOUTS: Layouts = {}
layout = collected_in(LAYOUTS)


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
