"""Words of a page → regions in the order of a layout model."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from text2mdt.documents.pdf.layout_model import LayoutPart, PageLayout
from text2mdt.documents.pdf.lines import Word, lines_of
from text2mdt.documents.pdf.open_tables import open_table
from text2mdt.documents.pdf.regions import Column, Panel, Region, Solid, holds
from text2mdt.documents.pdf.view import View

_MARGIN = 2.0  # points
_SAME_SIZE = 1.0  # points


def fits(layout: PageLayout, view: View) -> bool:
    """Whether a layout can be used: the page is neither turned nor read sideways, and as large as the model saw it."""
    if not layout.parts or view.turns or view.sideways:
        return False
    return all(abs(a - b) < _SAME_SIZE for a, b in zip(layout.size, view.size, strict=True))


def model_regions(
    layout: PageLayout, words: Sequence[Word], solids: Sequence[Solid]
) -> tuple[list[Region], list[Word], list[Solid]]:
    """The regions that the parts of a layout make, and the words and solids that are in none.

    Args:
        words: of the page, those of the solids apart.
        solids: tables with ruled lines, pictures, panels; the model tells only where they come.
    """
    regions: list[Region] = []
    size = median(word.size for word in words) if words else 0.0
    words, solids = list(words), list(solids)
    for part in layout.parts:
        inside = [solid for solid in solids if _is_in(solid, part)]
        solids = [solid for solid in solids if solid not in inside]
        own = [word for word in words if holds(part.box, word, _MARGIN)]
        taken = {id(word) for word in own}
        words = [word for word in words if id(word) not in taken]
        for solid in inside:
            regions.append(Column(tuple(lines_of(solid.words))) if isinstance(solid, Panel) else solid)
        if own:
            lines = lines_of(own)
            regions += open_table(lines, size) if part.kind == "table" else [Column(tuple(lines))]
    return regions, words, solids


def _is_in(solid: Solid, part: LayoutPart) -> bool:
    left, top, right, bottom = solid.box
    x, y = (left + right) / 2, (top + bottom) / 2
    return part.box[0] <= x <= part.box[2] and part.box[1] <= y <= part.box[3]
