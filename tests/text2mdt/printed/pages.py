"""PDFs of which the right reading is known."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from reportlab.pdfgen.canvas import Canvas

from printed.parts import Expected, Part, Section, Sheet, expected_blocks
from printed.press import Press


@dataclass(frozen=True)
class Printed:
    """A PDF and the blocks that should be read in it.

    Attributes:
        aside: words that may stand anywhere among them.
        columns: so many stand side by side at most.
    """

    data: bytes
    expected: list[Expected]
    aside: tuple[str, ...] = ()
    columns: int = 1

    def with_aside(self, words: str) -> Printed:
        return replace(self, aside=(*self.aside, words))


Layouts = dict[str, Callable[[], Printed]]


def collected_in(layouts: Layouts) -> Callable[[Callable[[], Printed]], Callable[[], Printed]]:
    """A decorator that puts a function among the layouts by its name."""

    def collect(make: Callable[[], Printed]) -> Callable[[], Printed]:
        return layouts.setdefault(make.__name__, make)

    return collect


def printed(sections: Sequence[Section] | Sequence[Part], sheet: Sheet | None = None, columns: int = 1) -> Printed:
    """The document as PDF, and what should be read in it (header and footer are not)."""
    sheet = sheet or Sheet()
    if sections and isinstance(sections[0], Part):
        sections = [Section(tuple(sections), columns)]  # type: ignore[arg-type]
    target = io.BytesIO()
    size = sheet.size[::-1] if sheet.sideways and sheet.rotate % 180 else sheet.size
    press = Press(Canvas(target, pagesize=size, pageCompression=int(sheet.compressed)), sheet)
    for section in sections:
        press.section(section)  # type: ignore[arg-type]
    press.close()
    parts = [part for section in sections for part in section.parts]  # type: ignore[union-attr]
    notes = tuple(part.text for part in parts if part.kind == "footnote")
    most = max(section.columns for section in sections)  # type: ignore[union-attr]
    return Printed(target.getvalue(), expected_blocks(sections), notes, most)  # type: ignore[arg-type]
