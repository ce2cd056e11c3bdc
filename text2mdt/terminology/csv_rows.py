"""The rows of a CSV file by the names of its columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from text2mdt.spreadsheet_cells import BYTE_ORDER_MARK, bare

_SEPARATORS = ",;\t"


class RowError(ValueError):
    """What is wrong, and in which line, from 1."""

    def __init__(self, line: int, detail: str) -> None:
        super().__init__(detail)
        self.line = line


def named_rows(content: str, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row with its line, as a mapping from the small names of the columns to its cells.

    Commas, semicolons or tabs separate the cells; empty rows are passed over.

    Raises:
        RowError: for a file without one of the `needed` columns, or one that is no CSV.
    """
    content = content.removeprefix(BYTE_ORDER_MARK)
    head = content.partition("\n")[0]
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=max(_SEPARATORS, key=head.count), strict=True)
    names: list[str] = []
    start = 1
    try:
        for cells in reader:
            line, start = start, reader.line_num + 1
            if not names:
                names = [name.strip().casefold() for name in cells]
                missing = [name for name in needed if name not in names]
                if missing:
                    raise RowError(line, f"there is no column '{missing[0]}'")
            elif any(cell.strip() for cell in cells):
                row = dict.fromkeys(names, "")
                yield line, row | {name: bare(cell) for name, cell in zip(names, cells, strict=False)}
    except csv.Error as error:
        raise RowError(start, str(error)) from None
    if not names:
        raise RowError(1, "it is empty")
