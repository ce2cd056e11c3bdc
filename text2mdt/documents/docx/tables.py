"""Tables of a Word file → drafts of tables."""

from __future__ import annotations

from collections.abc import Callable

from lxml import etree

from text2mdt.documents.docx.names import W, children, number, switch, value
from text2mdt.documents.draft_tables import MOST_COLUMNS
from text2mdt.documents.drafts import CellDraft, Draft, TableDraft


def table_draft(table: etree._Element, contents: Callable[[etree._Element], list[Draft]]) -> TableDraft:
    """A table as a draft; `contents` reads a cell. Deleted rows and cells are left out."""
    draft = TableDraft()
    above: dict[int, CellDraft] = {}  # by column: cells that may go on in the next row
    in_header = True
    for row in children(table):
        if row.tag != f"{W}tr":
            continue
        properties = row.find(f"{W}trPr")
        if properties is not None and properties.find(f"{W}del") is not None:
            continue
        marked = bool(switch(properties, "tblHeader"))
        cells, above = _cells(row, contents, above)
        draft.rows.append(cells)
        in_header = in_header and (marked or len(cells) == 1)  # a title over the table may not be marked
        if in_header and marked:
            draft.header_rows = len(draft.rows)
    return draft


def _cells(
    row: etree._Element, contents: Callable[[etree._Element], list[Draft]], above: dict[int, CellDraft]
) -> tuple[list[CellDraft], dict[int, CellDraft]]:
    """The cells that begin in a row, and by column those that may go on below it."""
    properties = row.find(f"{W}trPr")
    column = _span(value(properties, "gridBefore"), least=0)
    cells = [CellDraft(columns=column)] if column else []
    below: dict[int, CellDraft] = {}
    for cell in children(row):
        if cell.tag != f"{W}tc":
            continue
        about = cell.find(f"{W}tcPr")
        if about is not None and about.find(f"{W}cellDel") is not None:
            continue
        columns = _span(value(about, "gridSpan"), least=1)
        merge = None if about is None else about.find(f"{W}vMerge")
        merged_left = value(about, "hMerge") == "continue" and cells
        if merged_left:
            cells[-1].columns += columns
        elif merge is not None and merge.get(f"{W}val", "continue") == "continue" and column in above:
            above[column].rows += 1
            below[column] = above[column]
        else:
            draft = CellDraft(contents(cell), columns)
            cells.append(draft)
            if merge is not None:
                below[column] = draft
        column += columns
    return cells, below


def _span(text: str | None, least: int) -> int:
    return max(least, min(number(text) or least, MOST_COLUMNS))
