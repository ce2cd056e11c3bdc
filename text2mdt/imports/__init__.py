"""Trees that were edited in other programs, brought back: our own JSON, FHIR, DMN, Mermaid, CSV."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from text2mdt.bounded_file import read_bounded
from text2mdt.errors import Text2MDTError
from text2mdt.imports.csv import read_csv
from text2mdt.imports.differences import Difference, differences
from text2mdt.imports.dmn import read_dmn
from text2mdt.imports.fhir import read_plan_definitions
from text2mdt.imports.imported import MOST_CHARACTERS, NO_POPULATION, ImportedTree
from text2mdt.imports.in_words import heading, sentences
from text2mdt.imports.json_file import read_json
from text2mdt.imports.mermaid import read_mermaid
from text2mdt.imports.own_json import read_own_json
from text2mdt.imports.taking import taken

READERS: dict[str, Callable[[str, object], list[ImportedTree]]] = {
    ".json": read_json,
    ".dmn": read_dmn,
    ".xml": read_dmn,
    ".mmd": read_mermaid,
    ".mermaid": read_mermaid,
    ".md": read_mermaid,
    ".csv": read_csv,
}
"""For each ending of a file the function that reads its text."""

__all__ = [
    "NO_POPULATION",
    "READERS",
    "Difference",
    "ImportedTree",
    "differences",
    "heading",
    "read_csv",
    "read_dmn",
    "read_json",
    "read_mermaid",
    "read_own_json",
    "read_plan_definitions",
    "read_text",
    "read_trees",
    "sentences",
    "taken",
]


def read_trees(path: str | Path) -> list[ImportedTree]:
    """The trees of a file; its ending tells the format, of JSON its content.

    Raises:
        Text2MDTError: T2M010, T2M011, T2M013, T2M015, T2M016, T2M053 for a file that cannot be read, T2M075 to T2M077,
            T2M120 to T2M122 for one that holds no trees.
    """
    path = Path(path)
    _reader(path.name)
    return read_text(read_bounded(path, 4 * MOST_CHARACTERS), path)


def read_text(content: str, where: str | Path) -> list[ImportedTree]:
    """As `read_trees`, of the text of a file; the ending of its name `where` tells the format."""
    return _reader(where)(content, where)


def _reader(where: str | Path) -> Callable[[str, object], list[ImportedTree]]:
    suffix = Path(where).suffix.lower()
    read = READERS.get(suffix)
    if read is None:
        raise Text2MDTError("T2M015", where, suffix=suffix, known=", ".join(READERS))
    return read
