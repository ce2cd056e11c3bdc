"""Code lists: CSV files of codes with the names that they go by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from text2mdt.bounded_file import read_bounded
from text2mdt.errors import Text2MDTError
from text2mdt.terminology.csv_rows import RowError, named_rows

LARGEST = 64 * 1024 * 1024
"""Bytes of the longest file read."""
MOST_CONCEPTS = 500_000
_BETWEEN_SYNONYMS = "|"
_SYSTEM = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\"'<>\\]+")
_CODE = re.compile(r"\S+(?: \S+)*")


class Concept(BaseModel):
    """A code of a terminology, and what it is called.

    Attributes:
        system: address of the terminology ("http://snomed.info/sct").
        display: its name.
        synonyms: other names.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: str
    system: str
    display: str
    synonyms: tuple[str, ...] = ()


def read_code_list(path: str | Path) -> list[Concept]:
    """The concepts of a CSV file with the columns code, system, display and, where it has any, synonyms.

    Synonyms are separated by "|". Other columns are passed over.

    Raises:
        Text2MDTError: T2M010, T2M011, T2M013, T2M016 or T2M053 for a file that cannot be read, T2M126 naming the line
            for one that is no code list.
    """
    path = Path(path)
    concepts: list[Concept] = []
    try:
        for line, row in named_rows(read_bounded(path, LARGEST), ("code", "system", "display")):
            if len(concepts) >= MOST_CONCEPTS:
                raise Text2MDTError("T2M053", path, detail=f"the limit is {MOST_CONCEPTS:,} codes")
            system, code, display = checked_code(row, line)
            others = [name.strip() for name in row.get("synonyms", "").split(_BETWEEN_SYNONYMS)]
            known = tuple(name for name in others if name)
            concepts.append(Concept(code=code, system=system, display=display, synonyms=known))
        if not concepts:
            raise RowError(1, "no row below the names of the columns")
    except RowError as error:
        raise Text2MDTError("T2M126", f"{path}, line {error.line}", detail=str(error)) from None
    return concepts


def checked_code(row: Mapping[str, str], line: int) -> tuple[str, str, str]:
    """System, code and display of a row; raises RowError for what FHIR would not take."""
    system, code, display = (row[name].strip() for name in ("system", "code", "display"))
    if not _SYSTEM.fullmatch(system):
        raise RowError(line, f"the system '{system[:60]}' is no address such as http://snomed.info/sct")
    if not _CODE.fullmatch(code) or not code.isprintable():
        raise RowError(line, f"'{code[:60]}' is no code")
    if not display or not display.isprintable():
        raise RowError(line, f"the code '{code[:60]}' has no name")
    return system, code, display
