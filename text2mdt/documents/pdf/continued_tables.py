"""Tables that go on in another column or on another page: which rows there are more rows of them."""

from __future__ import annotations

from dataclasses import dataclass

from text2mdt.documents.pdf.cells import cells_of, in_columns, rows_of
from text2mdt.documents.pdf.lines import around
from text2mdt.documents.pdf.regions import Column, Table

_SAME_EDGES = 12.0  # points
_SAME_LEFT = 3.0  # points
_FEWEST_COLUMNS = 2
_CELL_GAP = 0.5
"""Narrowest white between two columns, in sizes of the type."""


@dataclass(frozen=True)
class TableShape:
    """The columns of a table, in points from the left edge of the words in its first column.

    Attributes:
        edges: where the columns part.
        lefts: where the words of each begin; a column without words has None.
    """

    edges: tuple[float, ...]
    lefts: tuple[float | None, ...]

    @classmethod
    def of(cls, table: Table) -> TableShape:
        found: list[list[float]] = [[] for _ in range(len(table.edges) + 1)]
        for line in (line for row in table.rows for cell in row if cell.columns == 1 for line in cell.lines):
            left = line.box[0]
            found[sum(left > edge for edge in table.edges)].append(left)
        start = min(found[0], default=table.box[0])
        lefts = tuple(min(own) - start if own else None for own in found)
        return cls(tuple(edge - start for edge in table.edges), lefts)

    def places(self, other: TableShape) -> list[int] | None:
        """Which of these columns each column of another table is; None for a table of other columns."""
        edges = zip(self.edges, other.edges, strict=False)
        if len(self.edges) == len(other.edges) and all(abs(a - b) < _SAME_EDGES for a, b in edges):
            return list(range(len(self.lefts)))
        places = [self._place(left) for left in other.lefts]
        known = [place for place in places if place is not None]
        grows = known == sorted(set(known))
        return known if len(known) == len(places) >= _FEWEST_COLUMNS and grows else None

    def _place(self, left: float | None) -> int | None:
        for place, own in enumerate(self.lefts):
            if own is not None and left is not None and abs(own - left) < _SAME_LEFT:
                return place
        return None

    def rows_above(self, column: Column) -> tuple[Table | None, int]:
        """The lines at the top of a column that stand in the columns of this table, as one, and how many these are."""
        start = column.lines[0].box[0]
        gap = _CELL_GAP * column.lines[0].size
        lines = column.lines[: in_columns(column.lines, [start + left for left in self.lefts if left is not None], gap)]
        if not lines:
            return None, 0
        edges = tuple(edge + start for edge in self.edges)
        rows = tuple(cells_of(row, edges, gap) for row in rows_of(lines, edges, gap))
        return Table(rows, edges, around(line.box for line in lines)), len(lines)
