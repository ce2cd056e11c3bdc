"""Tables of which only the header is coloured or stands between two ruled lines."""

from __future__ import annotations

from collections.abc import Sequence

from text2mdt.documents.pdf.cells import cells_of, column_edges, in_columns, rows_of
from text2mdt.documents.pdf.lines import Word, around, lines_of
from text2mdt.documents.pdf.regions import Table, holds
from text2mdt.documents.pdf.view import Rectangle

_HIGHEST = 40.0  # points
_CELL_GAP = 0.5
"""Narrowest white between two columns, in sizes of the type."""
_WHITE = 1.5
"""Widest white between the header and the first row, in sizes of the type."""


def headed_table(header: Rectangle, words: Sequence[Word], margin: float) -> Table | None:
    """The table below a header that fills a rectangle: the lines that begin where the words of the header do.

    Args:
        header: between its lines, or its coloured area.
        words: of the page.
        margin: by how much words may stand over the edges of a rectangle, in points.
    """
    names = lines_of(word for word in words if holds(header, word))
    if not names or header[3] - header[1] > _HIGHEST:
        return None
    gap = _CELL_GAP * names[0].size
    lefts = sorted({round(piece.box[0], 1) for line in names for piece in line.pieces(gap)})
    beside = [word for word in words if header[0] - margin <= word.middle[0] <= header[2] + margin]
    below = lines_of(word for word in beside if word.base > header[3])
    above = lines_of(word for word in beside if word.base < header[1])[::-1]
    if not below or below[0].box[1] - header[3] > _WHITE * names[0].size or len(names[0].pieces(gap)) < 2:
        return None
    below = below[: in_columns(below, lefts, gap)]
    near = above and header[1] - above[0].box[3] < _WHITE * names[0].size
    above = above[: in_columns(above, lefts, gap)][::-1] if near else []  # it is a coloured row among others
    edges = column_edges([*above, *names, *below], gap)
    if not below or not edges:
        return None
    parts = [*(rows_of(above, edges, gap) if above else []), names, *rows_of(below, edges, gap)]
    rows = [cells_of(part, edges, gap) for part in parts]
    box = around([header, *(line.box for line in [*above, *below])])
    return Table(tuple(rows), tuple(edges), box)
