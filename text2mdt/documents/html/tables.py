"""A table of a web page while it is read."""

from __future__ import annotations

from lxml import etree

from text2mdt.documents.drafts import CellDraft, TableDraft

_MOST_ROWS = 65534


class OpenTable:
    """Collects rows and cells.

    Args:
        element: the `table`.
        around: the table in whose cell it stands, which is open again when it ends.

    Attributes:
        section: thead, tbody or tfoot, where the rows come from.
    """

    def __init__(self, element: etree._Element, around: OpenTable | None) -> None:
        self.element = element
        self.around = around
        self.section = ""
        self._rows: list[tuple[str, list[CellDraft]]] = []

    def start_row(self) -> None:
        self._rows.append((self.section, []))

    def start_cell(self, element: etree._Element, name: str) -> CellDraft:
        """The cell that is filled next; a row begins where the page has none."""
        if not self._rows:
            self.start_row()
        rows = _span(element.get("rowspan"), _MOST_ROWS) if element.get("rowspan", "").strip() != "0" else _MOST_ROWS
        cell = CellDraft([], _span(element.get("colspan"), 1000), rows, name == "th")
        self._rows[-1][1].append(cell)
        return cell

    def draft(self) -> TableDraft:
        """The table: rows of its foot come last; rows of its head, or of header cells only, are headers."""
        rows = [row for row in self._rows if row[1]]
        rows = [
            *(row for row in rows if row[0] == "thead"),
            *(row for row in rows if row[0] not in ("thead", "tfoot")),
            *(row for row in rows if row[0] == "tfoot"),
        ]
        headers = 0
        for section, cells in rows:
            if section != "thead" and not (len(cells) > 1 and all(cell.header or not cell.drafts for cell in cells)):
                break
            headers += 1
        layout = (self.element.get("role") or "").lower() in ("presentation", "none")
        marked = headers > 0 or any(cell.header for _, cells in rows for cell in cells)
        nested = any(isinstance(draft, TableDraft) for _, cells in rows for cell in cells for draft in cell.drafts)
        return TableDraft([cells for _, cells in rows], headers, layout or (nested and not marked))


def _span(text: str | None, most: int) -> int:
    text = (text or "").strip()
    return min(max(int(text), 1), most) if text.isascii() and text.isdecimal() and len(text) < 10 else 1
