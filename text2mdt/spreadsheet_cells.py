"""Cells of a CSV file that no spreadsheet takes for a formula, and back."""

from __future__ import annotations

FORMULA_SIGNS = "=+-@\t\r\n|%＝＋－＠'"
"""What a cell that a spreadsheet might run begins with; such a cell gets an apostrophe in front."""
BYTE_ORDER_MARK = "\ufeff"
"""Tells spreadsheets that the file is UTF-8."""


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if _runs(cell) else cell


def bare(cell: str) -> str:
    """A cell without the apostrophe that `guarded` puts in front."""
    return cell[1:] if cell.startswith("'") and _runs(cell[1:]) else cell


def _runs(cell: str) -> bool:
    return cell.lstrip(" \u00a0").startswith(tuple(FORMULA_SIGNS))
