"""Trees that were edited in other programs, brought back: our own JSON, DMN, Mermaid, CSV."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from text2mdt.bounded_file import read_bounded
from text2mdt.errors import Text2MDTError
from text2mdt.imports.csv import read_csv
from text2mdt.imports.differences import Difference, differences
from text2mdt.imports.dmn import read_dmn
from text2mdt.imports.imported import MOST_CHARACTERS, ImportedTree
from text2mdt.imports.mermaid import read_mermaid
from text2mdt.imports.own_json import read_own_json
from text2mdt.imports.taking import taken

READERS: dict[str, Callable[[str, object], list[ImportedTree]]] = {
    ".json": read_own_json,
    ".dmn": read_dmn,
    ".xml": read_dmn,
    ".mmd": read_mermaid,
    ".mermaid": read_mermaid,
    ".md": read_mermaid,
    ".csv": read_csv,
}
"""For each ending of a file the function that reads its text."""

__all__ = [
    "READERS",
    "Difference",
    "ImportedTree",
    "differences",
    "read_csv",
    "read_dmn",
    "read_mermaid",
    "read_own_json",
    "read_trees",
    "taken",
]


def read_trees(path: str | Path) -> list[ImportedTree]:
    """The trees of a file; its ending tells the format.

    Raises:
        Text2MDTError: T2M010, T2M011, T2M013, T2M015, T2M016, T2M053 for a file that cannot be read, T2M120, T2M121,
            T2M122 for one that holds no trees.
    """
    path = Path(path)
    read = READERS.get(path.suffix.lower())
    if read is None:
        raise Text2MDTError("T2M015", path, suffix=path.suffix, known=", ".join(READERS))
    return read(read_bounded(path, 4 * MOST_CHARACTERS), path)
